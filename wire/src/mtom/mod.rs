//! SOAP 1.2 with MTOM/XOP: an envelope whose binary content lies in parts of its own beside it (W3C XOP and MTOM,
//! RFC 2387, RFC 2046).
//!
//! A request is read as it streams in: the envelope first, and where an `xop:Include` stands in the place of base64, the
//! part that follows. Nothing of a part is ever held; what is left of the envelope after the first `Include` is, and is
//! bounded. So are the heads of parts, their number, and what stands before the first and after the last of them.
//!
//! An answer is written as an envelope and one part.

mod check;
mod content_type;
mod delimiter;
mod error;
mod framing;
mod head;
mod package;
mod written;

pub use check::read_package_for_check;
pub use content_type::{MediaType, Related};
pub use error::MtomError;
pub use package::{Package, Transfer};
pub use written::AnswerPackage;

/// Media type of a XOP document, the root part (XOP, section 5).
pub const XOP_MEDIA_TYPE: &str = "application/xop+xml";
/// Longest head of a part, in bytes; file names stand there up to twice.
pub const MAX_HEAD: usize = 8 * 1024;
/// Most bytes before the first boundary and after the last one. RFC 2046 lets text stand there; toolkits write a line
/// break at most.
pub const MAX_OUTSIDE: usize = 4 * 1024;
/// Most parts beside the envelope: as many as a message has attachments.
pub const MAX_PARTS: usize = 100;
/// Most bytes of the envelope after its first `xop:Include`. They come before the part and have to wait for it.
pub const MAX_REST: usize = 256 * 1024;

#[cfg(test)]
mod tests;
