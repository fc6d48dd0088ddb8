//! Answers, streamed where they are large.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use http::{HeaderValue, StatusCode, header};
use isds_core::error::Chain;
use isds_core::ports::{Objects, StoreError, StoreResult};
use isds_core::splice::{Splice, base64_len, base64_stream};
use wire::reader::SoapVersion;
use wire::soap::{FaultCode, Frame, fault};

/// Up to this length an answer is put together before it is begun, so that a failure can still be told.
const WHOLE: u64 = 256 * 1024;

/// A piece of an answer.
#[derive(Debug)]
enum Piece {
    /// As it is.
    Plain(Splice),
    /// In base64.
    Base64(Splice),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Plain(splice) => splice.len(),
            Self::Base64(splice) => base64_len(splice.len()),
        }
    }

    fn stream(self, objects: Arc<dyn Objects>) -> BoxStream<'static, StoreResult<Bytes>> {
        match self {
            Self::Plain(splice) => splice.stream(objects),
            Self::Base64(splice) => base64_stream(splice.stream(objects)).boxed(),
        }
    }
}

/// The element in the body of an answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pieces: Vec<Piece>,
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

    /// Adds a document in base64.
    pub fn then_base64(mut self, splice: Splice) -> Self {
        self.pieces.push(Piece::Base64(splice));
        self
    }

    /// The HTTP response: 200, with the envelope around it.
    ///
    /// # Errors
    /// Those of the object storage, for an answer that is not yet begun.
    pub async fn into_response(mut self, version: SoapVersion, objects: Arc<dyn Objects>) -> StoreResult<Response> {
        let frame = Frame::new(version);
        self.pieces
            .insert(0, Piece::Plain(Splice::default().then(frame.head().into_bytes())));
        self.pieces.push(Piece::Plain(Splice::default().then(frame.tail())));
        let length = self.pieces.iter().map(Piece::len).sum();
        let mut stream = futures::stream::iter(self.pieces).flat_map(move |piece| piece.stream(Arc::clone(&objects)));
        let body = if length <= WHOLE {
            let mut whole = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            while let Some(bytes) = stream.try_next().await? {
                whole.extend_from_slice(&bytes);
            }
            Body::from(whole)
        } else {
            // The length is announced, so a stream that fails leaves the client with a message that is visibly cut.
            Body::from_stream(stream.inspect_err(log_cut))
        };
        Ok(respond(StatusCode::OK, version, length, body))
    }
}

fn log_cut(error: &StoreError) {
    tracing::error!(error = %Chain(error), "an answer was cut in the middle");
}

/// A fault as an HTTP response.
pub(crate) fn fault_response(http: StatusCode, version: SoapVersion, code: FaultCode, text: &str) -> Response {
    let bytes = fault(version, code, text);
    respond(http, version, bytes.len() as u64, Body::from(bytes))
}

fn respond(http: StatusCode, version: SoapVersion, length: u64, body: Body) -> Response {
    let media_type = match version {
        SoapVersion::V11 => "text/xml; charset=utf-8",
        SoapVersion::V12 => "application/soap+xml; charset=utf-8",
    };
    let mut response = Response::new(body);
    *response.status_mut() = http;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}
