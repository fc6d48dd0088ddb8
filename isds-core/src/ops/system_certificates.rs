//! System certificates of a box, as its administrators manage them. No operation of the contract; the mailbox calls it.

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::ports::{Fingerprint, StoreError, SystemCertificate};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::time::Timestamp;

use super::{Isds, fingerprint};

/// Most certificates of a box.
const MOST: u64 = 20;
/// How many characters of a fingerprint are recorded.
const SHOWN: usize = 16;

impl Isds {
    /// Certificates with which applications call in the name of the caller's box.
    ///
    /// # Errors
    /// 1004 for whoever does not administer the box.
    pub async fn system_certificates(&self, caller: &Principal) -> Result<Vec<SystemCertificate>, Failure> {
        let own = administered(caller)?;
        Ok(self.store.list_certificates(own, MOST).await?)
    }

    /// Registers a certificate (DER) for the caller's box until it expires.
    ///
    /// # Errors
    /// 1004; 2007 for one that has expired, that belongs to another box, or one too many.
    pub async fn register_certificate(
        &self,
        caller: &Principal,
        certificate_der: &[u8],
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let fingerprint = fingerprint(certificate_der);
        let subject = AuditSubject::none().detail(short(&fingerprint));
        let work = self.add_own_certificate(caller, fingerprint, expires);
        self.recorded(caller, AuditAction::CertificateAdded, subject, work)
            .await
    }

    async fn add_own_certificate(
        &self,
        caller: &Principal,
        fingerprint: Fingerprint,
        expires: Timestamp,
    ) -> Result<(), Failure> {
        let own = administered(caller)?;
        let refused = |rule: &str| Failure::from(Refusal::about(Status::INVALID_STRUCTURE, rule));
        if expires <= self.clock.real() {
            return Err(refused("platnost certifikátu již skončila."));
        }
        if self.store.list_certificates(own, MOST).await?.len() as u64 >= MOST {
            return Err(refused("schránka má nejvýše 20 systémových certifikátů."));
        }
        let certificate = SystemCertificate {
            fingerprint,
            box_id: own,
            expires,
        };
        match self.store.add_certificate(&certificate).await {
            Err(StoreError::Conflict) => Err(refused("tento certifikát už má jiná schránka.")),
            added => Ok(added?),
        }
    }

    /// Takes a certificate of the caller's box away: applications with it are turned away at once.
    ///
    /// # Errors
    /// 1004, also for one that is not the box's own.
    pub async fn remove_certificate(&self, caller: &Principal, fingerprint: &Fingerprint) -> Result<(), Failure> {
        let subject = AuditSubject::none().detail(short(fingerprint));
        let work = async {
            let own = administered(caller)?;
            let kept = self.store.lookup_certificate(fingerprint).await?;
            if kept.is_none_or(|kept| kept.box_id != own) {
                return Err(Failure::refused(Status::NO_RIGHT));
            }
            self.store.remove_certificate(fingerprint).await?;
            Ok(())
        };
        self.recorded(caller, AuditAction::CertificateRemoved, subject, work)
            .await
    }
}

/// The caller's box, where they administer it and where that right does not rest.
fn administered(caller: &Principal) -> Result<BoxId, Refusal> {
    let own = caller.data_box.as_ref();
    own.filter(|own| own.state.is_accessible() && caller.privileges.allows(Privileges::OWNER_ADM))
        .map(|own| own.id)
        .ok_or_else(|| Refusal::of(Status::NO_RIGHT))
}

fn short(fingerprint: &Fingerprint) -> String {
    let text: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
    text[..SHOWN].to_owned()
}
