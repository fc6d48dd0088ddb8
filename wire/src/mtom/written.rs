//! The package of an answer, framed as clients need it.
//!
//! libdatovka cuts its parameters out of the `Content-Type` by hand: the media type has to be in lower case, `start` has
//! to be there (it crashes without), and neither `boundary` nor `start` may come last, since the last parameter takes the
//! line break along. The body has to begin with the boundary itself, without the line break that some toolkits put
//! before it. Names of parts are compared as they stand, so they hold nothing that a URL would have to escape.

use crate::names::XOP;

use super::content_type::is_media_type;

/// Name of the root part.
const ROOT: &str = "root@isds";
/// Name of the part with the binary content.
const CONTENT: &str = "1@isds";
/// Longest media type that a part is given.
const MAX_MEDIA_TYPE: usize = 255;

/// The frame of an answer: the envelope first, then one part with what an `xop:Include` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerPackage {
    boundary: String,
}

impl AnswerPackage {
    /// A package whose boundary is made of random bytes. Nobody can foresee it, so nobody can have it stand in content.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self {
            boundary: format!("isds-{:032x}", u128::from_be_bytes(random)),
        }
    }

    /// The `Content-Type` of the answer.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!(
            "multipart/related; type=\"application/xop+xml\"; boundary=\"{}\"; start=\"<{ROOT}>\"; \
             start-info=\"application/soap+xml\"",
            self.boundary
        )
    }

    /// What stands before the envelope.
    #[must_use]
    pub fn head(&self) -> String {
        format!(
            "--{}\r\nContent-Type: application/xop+xml; charset=utf-8; type=\"application/soap+xml\"\r\n\
             Content-Transfer-Encoding: 8bit\r\nContent-ID: <{ROOT}>\r\n\r\n",
            self.boundary
        )
    }

    /// The element that stands in the place of the base64, and must be all that its parent holds.
    #[must_use]
    pub fn include() -> String {
        format!("<xop:Include xmlns:xop=\"{XOP}\" href=\"cid:{CONTENT}\"></xop:Include>")
    }

    /// What stands between the envelope and the content. A media type that is none (senders may leave it out, or write a
    /// suffix) becomes the general one.
    #[must_use]
    pub fn between(&self, media_type: &str) -> String {
        let fits = is_media_type(media_type) && media_type.len() <= MAX_MEDIA_TYPE;
        let media_type = if fits { media_type } else { "application/octet-stream" };
        format!(
            "\r\n--{}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: <{CONTENT}>\r\n\r\n",
            self.boundary
        )
    }

    /// What stands after the content.
    #[must_use]
    pub fn tail(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }
}
