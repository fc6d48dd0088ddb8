//! The head of a part (RFC 2045; header syntax of RFC 5322, section 2.2).

use super::content_type::bare_id;
use super::{MAX_HEAD, MediaType, MtomError, Transfer, XOP_MEDIA_TYPE};

/// What the head of a part says, as far as it matters here. Names of files, which clients write in any encoding and
/// quoting, are not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    content_type: Option<String>,
    transfer: Option<String>,
    id: Option<String>,
}

impl Head {
    /// Reads the lines of a head. A line that begins with a blank continues the one before.
    ///
    /// # Errors
    /// [`MtomError::Head`].
    pub fn parse(block: &[u8]) -> Result<Self, MtomError> {
        debug_assert!(block.len() <= MAX_HEAD);
        let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
        for line in block.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r\n").ok_or(MtomError::Head)?;
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                headers.last_mut().ok_or(MtomError::Head)?.1.extend_from_slice(line);
                continue;
            }
            let colon = line.iter().position(|byte| *byte == b':').ok_or(MtomError::Head)?;
            let name = line[..colon].trim_ascii_end();
            if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
                return Err(MtomError::Head);
            }
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            headers.push((name, line[colon + 1..].to_owned()));
        }
        let mut head = Self::default();
        for (name, value) in headers {
            let place = match name.as_str() {
                "content-type" => &mut head.content_type,
                "content-transfer-encoding" => &mut head.transfer,
                "content-id" => &mut head.id,
                _ => continue,
            };
            let value = String::from_utf8_lossy(&value).trim().to_owned();
            if place.replace(value).is_some() {
                return Err(MtomError::Head);
            }
        }
        Ok(head)
    }

    /// The part's name, without angle brackets.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref().map(bare_id).filter(|id| !id.is_empty())
    }

    /// Judges the head of the root part: a XOP document of SOAP 1.2 in UTF-8, as it is.
    ///
    /// # Errors
    /// [`MtomError::Nested`], [`MtomError::RootType`], [`MtomError::TransferEncoding`].
    pub fn is_root(&self) -> Result<(), MtomError> {
        let media_type = self.content_type.as_deref().and_then(MediaType::parse);
        let media_type = media_type.ok_or(MtomError::RootType)?;
        if media_type.is_multipart() {
            return Err(MtomError::Nested);
        }
        // Clients put the action behind it.
        let soap = media_type.parameter("type").and_then(|value| value.split(';').next());
        let soap_12 = soap.is_none_or(|value| value.trim().eq_ignore_ascii_case("application/soap+xml"));
        if !media_type.is(XOP_MEDIA_TYPE) || !soap_12 || !media_type.is_utf8() {
            return Err(MtomError::RootType);
        }
        match self.transfer()? {
            Transfer::AsItIs => Ok(()),
            Transfer::Base64 => Err(MtomError::TransferEncoding),
        }
    }

    /// Judges the head of a part with content, and how its bytes are written.
    ///
    /// # Errors
    /// [`MtomError::Nested`], [`MtomError::TransferEncoding`].
    pub fn is_content(&self) -> Result<Transfer, MtomError> {
        let essence = self.content_type.as_deref().unwrap_or_default();
        let is_multipart = essence
            .get(..10)
            .is_some_and(|main| main.eq_ignore_ascii_case("multipart/"));
        if is_multipart {
            return Err(MtomError::Nested);
        }
        self.transfer()
    }

    fn transfer(&self) -> Result<Transfer, MtomError> {
        let name = self.transfer.as_deref().unwrap_or_default();
        let is = |other: &&str| name.eq_ignore_ascii_case(other);
        match () {
            () if ["", "7bit", "8bit", "binary"].iter().any(is) => Ok(Transfer::AsItIs),
            () if is(&"base64") => Ok(Transfer::Base64),
            () => Err(MtomError::TransferEncoding),
        }
    }
}
