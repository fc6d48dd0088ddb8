//! System certificates: what applications of a box prove themselves with.

use async_trait::async_trait;

use super::StoreResult;
use crate::ids::BoxId;
use crate::system_message::DueSystemMessage;
use crate::time::Timestamp;

/// SHA-256 over the DER form of a certificate.
pub type Fingerprint = [u8; 32];

/// A certificate with which an application calls in the name of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemCertificate {
    /// Which certificate.
    pub fingerprint: Fingerprint,
    /// The box.
    pub box_id: BoxId,
    /// Real time after which it is no longer taken.
    pub expires: Timestamp,
}

/// A certificate as somebody handed it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCertificate {
    /// Its DER form.
    pub der: Vec<u8>,
    /// Real time after which it is no longer good.
    pub expires: Timestamp,
}

/// Reads certificates.
pub trait CertificateReader: Send + Sync {
    /// The first certificate of a PEM text; none where there is none.
    fn read(&self, pem: &str) -> Option<ReadCertificate>;
}

/// Reads none: where nobody registers certificates.
#[derive(Debug, Clone, Copy)]
pub struct NoCertificateReader;

impl CertificateReader for NoCertificateReader {
    fn read(&self, _: &str) -> Option<ReadCertificate> {
        None
    }
}

/// Registered certificates. A certificate belongs to one box; a box may have several.
#[async_trait]
pub trait Certificates: Send + Sync {
    /// Registers a certificate. One that belongs to another box stays there: certificates are no secret, and whoever
    /// registered somebody else's would have their application act for a box of theirs.
    ///
    /// # Errors
    /// [`StoreError::Conflict`](super::StoreError::Conflict) where it belongs to another box.
    async fn add_certificate(&self, certificate: &SystemCertificate) -> StoreResult<()>;

    /// The certificate, where it is registered.
    async fn lookup_certificate(&self, fingerprint: &Fingerprint) -> StoreResult<Option<SystemCertificate>>;

    /// Certificates of a box, those that expire first before the others.
    async fn list_certificates(&self, box_id: BoxId, limit: u64) -> StoreResult<Vec<SystemCertificate>>;

    /// Certificates that end by the real time `until` and whose box was not told yet, the first to end first.
    async fn list_ending_certificates(&self, until: Timestamp, limit: u64) -> StoreResult<Vec<SystemCertificate>>;

    /// Notes that the box was told, and sends it what it is told; false where it was told already.
    async fn settle_certificate_warning(
        &self,
        fingerprint: &Fingerprint,
        told: Option<&DueSystemMessage>,
    ) -> StoreResult<bool>;

    /// Takes a registration away; false where there was none.
    async fn remove_certificate(&self, fingerprint: &Fingerprint) -> StoreResult<bool>;
}
