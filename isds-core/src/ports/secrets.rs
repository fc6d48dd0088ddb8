//! Secrets that have to be read again, kept under a key that is not in the database.

use std::error::Error as StdError;

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SecretError(pub &'static str, #[source] pub Option<Box<dyn StdError + Send + Sync>>);

/// Seals small secrets under a key of the installation. The purpose is part of what is sealed: what was sealed for one
/// opens for no other.
pub trait Secrets: Send + Sync {
    /// Seals.
    ///
    /// # Errors
    /// Where cryptography fails.
    fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SecretError>;

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    /// Where it was made under another key, for another purpose, or is damaged.
    fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError>;

    /// Seals anew what is sealed under a key that another takes the place of; none where it is under the current one.
    ///
    /// # Errors
    /// As those of [`Self::open`].
    fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, SecretError>;

    /// A digest that only this installation can compute.
    ///
    /// # Errors
    /// Where cryptography fails.
    fn digest(&self, purpose: &str, plain: &[u8]) -> Result<[u8; 32], SecretError>;
}
