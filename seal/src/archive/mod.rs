//! Keeping a seal provable (CAdES-B → T → A) without touching what it covers.
//!
//! A signature timestamp proves that a seal existed before its certificate ended; an archive timestamp (ETSI EN 319 122-1
//! clause 5.5.3, there `archive-time-stamp-v3`, the same attribute as in ETSI TS 101 733 V2.2.1 clause 6.4.3) proves the same of
//! the content, the signature, the certificates and all earlier timestamps, and is itself followed by the next one.
//!
//! - [`hash_index`]: what an archive timestamp covers beside content and signature, as a list of digests;
//! - [`imprint`]: what it is made over;
//! - [`raise`]: a sealed document that gets a timestamp more. Its octets that any digest covers stay as they came; only what
//!   holds them is written anew, with definite lengths.

pub(crate) mod hash_index;
pub(crate) mod imprint;
pub mod raise;

pub use raise::{ArchiveStampWish, RaiseError, SealedDocument};
