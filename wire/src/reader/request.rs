//! The SOAP envelope of a request (SOAP 1.1, section 4; SOAP 1.2, part 1, section 5).

use std::sync::Arc;

use futures::FutureExt;
use tokio::io::AsyncBufRead;

use crate::mtom::{MtomError, Package, Related};
use crate::names::Namespace;

use super::{Element, ReadError, XmlReader};

/// Version of SOAP, by the namespace of the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapVersion {
    /// SOAP 1.1.
    V11,
    /// SOAP 1.2.
    V12,
}

impl SoapVersion {
    fn of(namespace: Namespace) -> Option<Self> {
        match namespace {
            Namespace::Soap11 => Some(Self::V11),
            Namespace::Soap12 => Some(Self::V12),
            _ => None,
        }
    }

    fn namespace(self) -> Namespace {
        match self {
            Self::V11 => Namespace::Soap11,
            Self::V12 => Namespace::Soap12,
        }
    }
}

/// A request whose envelope is open: the reader stands inside the element that names the operation.
pub struct Request<R> {
    reader: XmlReader<R>,
    version: SoapVersion,
    operation: Element,
}

impl<R: AsyncBufRead + Unpin> Request<R> {
    /// Reads up to the first element of the body. On failure, the version of SOAP is told where it was already known.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn open(source: R, total: u64) -> Result<Self, (Option<SoapVersion>, ReadError)> {
        Self::read(XmlReader::new(source, total)).await
    }

    /// The same of a package, which has its content in parts beside the envelope. Packages are of SOAP 1.2.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn open_package(source: R, total: u64, related: &Related) -> Result<Self, ReadError> {
        let package = Package::open(source, related).await;
        let package = package.map_err(|error| ReadError::from_io(Arc::new(error)))?;
        let request = Self::read(XmlReader::of_package(package, total)).await;
        match request {
            Ok(request) if request.version == SoapVersion::V12 => Ok(request),
            Ok(_) | Err((Some(SoapVersion::V11), _)) => Err(MtomError::Soap11.into()),
            Err((_, error)) => Err(error),
        }
    }

    async fn read(mut reader: XmlReader<R>) -> Result<Self, (Option<SoapVersion>, ReadError)> {
        let envelope = reader.root().await.map_err(|error| (None, error))?;
        let version = match SoapVersion::of(envelope.namespace) {
            Some(version) if envelope.name == "Envelope" => version,
            None if envelope.name == "Envelope" => return Err((None, ReadError::VersionMismatch)),
            _ => return Err((None, ReadError::NotSoap)),
        };
        match body(&mut reader, version).await {
            Ok(operation) => Ok(Self {
                reader,
                version,
                operation,
            }),
            Err(error) => Err((Some(version), error)),
        }
    }

    /// Version of SOAP in which to answer.
    #[must_use]
    pub fn version(&self) -> SoapVersion {
        self.version
    }

    /// The element that names the operation.
    #[must_use]
    pub fn operation(&self) -> &Element {
        &self.operation
    }

    /// The reader, inside that element.
    pub fn reader(&mut self) -> &mut XmlReader<R> {
        &mut self.reader
    }

    /// Reads from the end of the operation's element to the end of the document. Whoever is about to change anything
    /// calls this first: a request that turns out to be broken at its end must leave nothing behind.
    ///
    /// # Errors
    /// [`ReadError`] where there is a second element, a second body, or anything broken.
    pub async fn finish(&mut self) -> Result<(), ReadError> {
        if self.reader.next_child().await?.is_some() {
            return Err(ReadError::Body);
        }
        // SOAP 1.1 lets other elements follow the body; in the envelope's own namespace there is nothing they could be.
        while let Some(element) = self.reader.next_child().await? {
            if self.version == SoapVersion::V12 || SoapVersion::of(element.namespace).is_some() {
                return Err(ReadError::Body);
            }
            self.reader.skip().await?;
        }
        self.reader.end().await
    }
}

async fn body<R: AsyncBufRead + Unpin>(reader: &mut XmlReader<R>, version: SoapVersion) -> Result<Element, ReadError> {
    let soap = version.namespace();
    let mut element = reader.next_child().await?.ok_or(ReadError::Body)?;
    if element.namespace == soap && element.name == "Header" {
        while let Some(block) = reader.next_child().await? {
            if must_be_understood(&block, soap) {
                return Err(ReadError::MustUnderstand);
            }
            reader.skip().await?;
        }
        element = reader.next_child().await?.ok_or(ReadError::Body)?;
    }
    if element.namespace != soap || element.name != "Body" {
        return Err(ReadError::Body);
    }
    reader.next_child().await?.ok_or(ReadError::Body)
}

/// No header block is understood here; one that must be, and that is meant for this node, is refused.
fn must_be_understood(block: &Element, soap: Namespace) -> bool {
    let value = |name: &str| {
        block
            .attributes
            .iter()
            .find(|a| a.namespace == soap && a.name == name)
            .map(|a| a.value.trim())
    };
    let for_us = value("actor")
        .or_else(|| value("role"))
        .is_none_or(|role| role.is_empty() || role.ends_with("/next") || role.ends_with("/ultimateReceiver"));
    for_us && matches!(value("mustUnderstand"), Some("1" | "true"))
}

/// Reads a request to its end as the server would read an unknown one, taking every element's content as base64 where
/// it is named so. For fuzzing, and for replaying what fuzzing found: no input may make it panic or take long.
///
/// # Errors
/// Whatever is wrong with the request.
pub fn read_all_for_check(bytes: &[u8]) -> Result<(), ReadError> {
    // A slice is always ready, so the future never waits.
    read_all(bytes).now_or_never().unwrap_or(Err(ReadError::Truncated))
}

async fn read_all(bytes: &[u8]) -> Result<(), ReadError> {
    let mut request = Request::open(bytes, bytes.len() as u64)
        .await
        .map_err(|(_, error)| error)?;
    read_on(&mut request, |_| ()).await
}

/// From the operation's element to the end of the document; `content` sees what base64 and parts hold.
pub(crate) async fn read_on<R: AsyncBufRead + Unpin>(
    request: &mut Request<R>,
    mut content: impl FnMut(&[u8]),
) -> Result<(), ReadError> {
    let reader = request.reader();
    let mut depth = 1;
    while depth > 0 {
        match reader.next_child().await? {
            None => depth -= 1,
            Some(element) => match element.contract_name() {
                "dmEncodedContent" | "dmMessage" => {
                    while let Some(bytes) = reader.content().await? {
                        content(bytes);
                    }
                }
                "dmID" | "dmAnnotation" => drop(reader.text("dmID").await?),
                "dmXMLContent" => reader.skip().await?,
                _ => depth += 1,
            },
        }
    }
    request.finish().await
}
