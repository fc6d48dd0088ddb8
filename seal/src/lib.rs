//! Seals, timestamps and their verification.
//!
//! - [`keys`]: signing keys with their certificates; [`authority`]: the demo's own certificate authority.
//! - [`cades`]: the seal around streamed content (CAdES-BES and -T); [`archive`] raises a seal that was made long ago (-T, -A).
//! - [`tsp`]: timestamps (RFC 3161) from the built-in authority or from a real one over HTTP; [`sealing`] puts the two together.
//! - [`parse`] reads signed data as a stream, [`verify`] judges it, [`report`] says so in text and JSON.
//!
//! Times are legal time in microseconds of UTC and, like randomness, passed in: nothing here reads a clock, except for the
//! time-outs of the HTTP client.

pub mod archive;
mod asn1;
pub mod authority;
pub mod cades;
mod certificate;
pub mod digest;
pub mod keys;
pub mod parse;
pub mod ports;
pub mod report;
pub mod sealing;
mod signer_info;
pub mod tsp;
pub mod verify;

pub use asn1::oids::Oid;
