//! Answers, streamed where they are large.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use http::{HeaderValue, StatusCode, header};
use isds_core::Pages;
use isds_core::error::Chain;
use isds_core::ports::{Objects, StoreError, StoreResult};
use isds_core::splice::{Splice, base64_len, base64_stream};
use isds_core::status::Status;
use wire::Writer;
use wire::mtom::AnswerPackage;
use wire::reader::SoapVersion;
use wire::soap::{FaultCode, Frame, Response as SoapResponse, fault_in};

/// Up to this length an answer is put together before it is begun, so that a failure can still be told; of one whose
/// length nobody knows, so much is.
const WHOLE: u64 = 256 * 1024;

/// A piece of an answer.
enum Piece {
    /// As it is.
    Plain(Splice),
    /// In base64.
    Base64(Splice),
    /// As it comes; how long it is nobody knows before its end.
    Coming(BoxStream<'static, StoreResult<Bytes>>),
}

impl Piece {
    fn len(&self) -> Option<u64> {
        match self {
            Self::Plain(splice) => Some(splice.len()),
            Self::Base64(splice) => Some(base64_len(splice.len())),
            Self::Coming(_) => None,
        }
    }

    fn stream(self, objects: Arc<dyn Objects>) -> BoxStream<'static, StoreResult<Bytes>> {
        match self {
            Self::Plain(splice) => splice.stream(objects),
            Self::Base64(splice) => base64_stream(splice.stream(objects)).boxed(),
            Self::Coming(stream) => stream,
        }
    }
}

/// The element in the body of an answer.
#[derive(Default)]
pub(crate) struct Answer {
    pieces: Vec<Piece>,
    /// What the content is that stands in base64, for the head of its part in a package.
    media_type: String,
}

impl Answer {
    /// An answer at hand.
    pub fn xml(bytes: Vec<u8>) -> Self {
        Self::default().then(Splice::default().then(bytes))
    }

    /// Adds a document as it is.
    pub fn then(mut self, splice: Splice) -> Self {
        self.pieces.push(Piece::Plain(splice));
        self
    }

    /// Adds a document in base64, which is all that the element around it holds. In an answer that goes out as a package
    /// it becomes a part of its own. (What is in base64 within a fixed document, as attachments are within `dmDm`, stays
    /// there in every form.)
    pub fn then_base64(mut self, splice: Splice) -> Self {
        self.pieces.push(Piece::Base64(splice));
        self
    }

    /// Says what the document in base64 is. Anything but a media type stands for bytes of an unknown kind.
    pub fn of_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = media_type.into();
        self
    }

    /// Records of any number inside `element`, written page by page as they come. The status stands behind them, so an
    /// answer whose pages fail never says that it is whole.
    pub fn of_pages<Record: Send + 'static>(
        mut response: SoapResponse,
        element: &'static str,
        pages: Pages<Record>,
        mut write: impl FnMut(&mut Writer, &Record) + Send + 'static,
    ) -> Self {
        response.payload().start(element);
        let head = response.split();
        let empty = response.part();
        let records = pages.map_ok(move |page| {
            let mut writer = empty.clone();
            for one in &page {
                write(&mut writer, one);
            }
            Bytes::from(writer.finish())
        });
        response.payload().end(element);
        Self::xml(head)
            .then_coming(records.boxed())
            .then(Splice::default().then(response.status(Status::OK)))
    }

    /// Adds bytes as they come. Where they end in an error, the answer is cut there.
    pub fn then_coming(mut self, stream: BoxStream<'static, StoreResult<Bytes>>) -> Self {
        self.pieces.push(Piece::Coming(stream));
        self
    }

    /// The HTTP response: 200, with the envelope around it, and where the caller asks for a package and there is
    /// something to put into it, that around both.
    ///
    /// # Errors
    /// Those of the stores, for an answer that is not yet begun.
    pub async fn into_response(
        mut self,
        version: SoapVersion,
        package: Option<AnswerPackage>,
        objects: Arc<dyn Objects>,
    ) -> StoreResult<Response> {
        let frame = Frame::new(version);
        self.pieces
            .insert(0, Piece::Plain(Splice::default().then(frame.head().into_bytes())));
        self.pieces.push(Piece::Plain(Splice::default().then(frame.tail())));
        let content = self.pieces.iter().filter(|piece| matches!(piece, Piece::Base64(_)));
        let (pieces, content_type) = match package.filter(|_| content.count() == 1) {
            Some(package) => (pack(self.pieces, &package, &self.media_type), package_type(&package)),
            None => (self.pieces, document_type(version)),
        };
        let length: Option<u64> = pieces.iter().map(Piece::len).sum();
        let mut stream = futures::stream::iter(pieces).flat_map(move |piece| piece.stream(Arc::clone(&objects)));
        // A stream that fails leaves the client with an answer that is visibly cut: shorter than announced, or without
        // the last chunk, for which the connection is closed.
        if let Some(length) = length.filter(|length| *length > WHOLE) {
            let body = Body::from_stream(stream.inspect_err(log_cut));
            return Ok(respond(StatusCode::OK, content_type, Some(length), body));
        }
        let (mut begun, mut size) = (Vec::new(), 0);
        while let Some(bytes) = stream.try_next().await? {
            size += bytes.len() as u64;
            begun.push(bytes);
            if size > WHOLE {
                let begun = futures::stream::iter(begun.into_iter().map(Ok));
                let body = Body::from_stream(begun.chain(stream.inspect_err(log_cut)));
                return Ok(respond(StatusCode::OK, content_type, None, body));
            }
        }
        Ok(respond(
            StatusCode::OK,
            content_type,
            Some(size),
            Body::from(begun.concat()),
        ))
    }
}

/// The envelope, in which an `xop:Include` stands for the document in base64, and that as it is in a part behind it.
fn pack(pieces: Vec<Piece>, package: &AnswerPackage, media_type: &str) -> Vec<Piece> {
    let text = |text: String| Piece::Plain(Splice::default().then(text.into_bytes()));
    let mut packed = vec![text(package.head())];
    let mut content = None;
    for piece in pieces {
        match piece {
            Piece::Base64(splice) => {
                content = Some(Piece::Plain(splice));
                packed.push(text(AnswerPackage::include()));
            }
            other => packed.push(other),
        }
    }
    packed.push(text(package.between(media_type)));
    packed.extend(content);
    packed.push(text(package.tail()));
    packed
}

fn document_type(version: SoapVersion) -> HeaderValue {
    HeaderValue::from_static(match version {
        SoapVersion::V11 => "text/xml; charset=utf-8",
        SoapVersion::V12 => "application/soap+xml; charset=utf-8",
    })
}

fn package_type(package: &AnswerPackage) -> HeaderValue {
    // It is made of characters that a header may have.
    HeaderValue::try_from(package.content_type()).unwrap_or(HeaderValue::from_static("multipart/related"))
}

fn log_cut(error: &StoreError) {
    tracing::error!(error = %Chain(error), "an answer was cut in the middle");
}

/// A fault as an HTTP response.
pub(crate) fn fault_response(http: StatusCode, version: SoapVersion, code: FaultCode, text: &str) -> Response {
    fault_response_in("cs", http, version, code, text)
}

/// The same in another language.
pub(crate) fn fault_response_in(
    language: &str,
    http: StatusCode,
    version: SoapVersion,
    code: FaultCode,
    text: &str,
) -> Response {
    let bytes = fault_in(language, version, code, text);
    respond(
        http,
        document_type(version),
        Some(bytes.len() as u64),
        Body::from(bytes),
    )
}

/// Without a length the body goes out in chunks.
fn respond(http: StatusCode, content_type: HeaderValue, length: Option<u64>, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = http;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    if let Some(length) = length {
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
