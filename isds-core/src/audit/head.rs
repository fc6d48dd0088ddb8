//! The head of the chain, signed by the system's seal with a timestamp: who has it need not trust whoever keeps the
//! database that nothing before it was altered since.

use super::AuditSeal;
use crate::time::Timestamp;

/// A seal of the chain, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the seal.
    pub number: i64,
    /// When the seal was made, in real time.
    pub sealed: Timestamp,
    /// Hash of the seal.
    pub hash: [u8; 32],
    /// When it was signed, in real time.
    pub signed: Timestamp,
    /// CMS signed data with [`AuditHead::statement`] inside and a timestamp over the signature.
    pub signature: Vec<u8>,
}

impl AuditHead {
    /// What is signed: one line that people can read as well.
    #[must_use]
    pub fn statement(number: i64, sealed: Timestamp, hash: &[u8; 32]) -> String {
        format!(
            "isds-audit-head-1 seal {number} of {} is {}\n",
            super::trail::rfc3339(sealed),
            hex::encode(hash)
        )
    }

    /// The statement about a seal.
    #[must_use]
    pub fn statement_of(seal: &AuditSeal) -> String {
        Self::statement(seal.number, seal.sealed, &seal.hash)
    }

    /// What its signature must be over.
    #[must_use]
    pub fn own_statement(&self) -> String {
        Self::statement(self.number, self.sealed, &self.hash)
    }
}
