//! The crate from outside: against the system's `openssl`, against changed and hostile files, against real documents.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod archive;
mod archive_port;
mod archive_refusals;
mod demo_authority;
mod examine_port;
mod http_authority;
mod openssl_accepts;
mod real_samples;
mod refusals;
mod reports;
mod support;
mod surgery;
mod tampering;
