//! Signing in by a system certificate: records software calls in the name of its box, without a person.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::box_state::BoxState;
use crate::error::Failure;
use crate::ports::{Fingerprint, SignInWay};
use crate::principal::{Actor, Method, Principal};
use crate::privileges::Privileges;

use super::{Isds, SignInError};

/// SHA-256 over the DER form of a certificate.
#[must_use]
pub fn fingerprint(certificate_der: &[u8]) -> Fingerprint {
    Sha256::digest(certificate_der).into()
}

impl Isds {
    /// Finds out whose application calls. The connection has shown that the caller holds the key of the certificate;
    /// who issued it does not matter, since the very certificate was registered.
    ///
    /// # Errors
    /// [`SignInError::Wrong`] for a certificate that is not registered, expired, or whose box is deleted.
    pub async fn authenticate_application(&self, certificate_der: &[u8]) -> Result<Arc<Principal>, SignInError> {
        let result = self.examine_certificate(certificate_der).await;
        self.note_sign_in(SignInWay::Certificate, &result);
        result
    }

    async fn examine_certificate(&self, certificate_der: &[u8]) -> Result<Arc<Principal>, SignInError> {
        let broken = |error: crate::ports::StoreError| SignInError::Broken(Failure::from(error));
        let found = self.store.lookup_certificate(&fingerprint(certificate_der)).await;
        let registered = found
            .map_err(broken)?
            .filter(|certificate| self.clock.real() < certificate.expires)
            .ok_or(SignInError::Wrong)?;
        let data_box = self.store.lookup_box(registered.box_id).await.map_err(broken)?;
        let data_box = data_box
            .filter(|data_box| data_box.state != BoxState::Deleted)
            .ok_or(SignInError::Wrong)?;
        Ok(Arc::new(Principal {
            actor: Actor::Application,
            data_box: Some(data_box),
            membership: None,
            privileges: Privileges::CERTIFICATE,
            method: Method::SystemCertificate,
            login: None,
            password_initial: false,
            password_expires: None,
            session: None,
        }))
    }
}
