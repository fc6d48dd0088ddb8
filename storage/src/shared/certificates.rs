//! System certificates.

use async_trait::async_trait;
use isds_core::ports::{Certificates, Fingerprint, StoreError, StoreResult, SystemCertificate};
use isds_core::time::Timestamp;

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};

const ADD: &str = "INSERT INTO system_certificates (fingerprint, box_id, expires) VALUES ($1, $2, $3) \
     ON CONFLICT (fingerprint) DO UPDATE SET expires = excluded.expires \
     WHERE system_certificates.box_id = excluded.box_id";

pub(super) const LOOKUP_CERTIFICATE: &str = "SELECT box_id, expires FROM system_certificates WHERE fingerprint = $1";

const REMOVE: &str = "DELETE FROM system_certificates WHERE fingerprint = $1";

#[async_trait]
impl Certificates for SqlStore {
    async fn add_certificate(&self, certificate: &SystemCertificate) -> StoreResult<()> {
        let registered = sqlx::query::<Db>(ADD)
            .bind(certificate.fingerprint.as_slice())
            .bind(certificate.box_id.as_str())
            .bind(certificate.expires.0)
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        if registered.rows_affected() == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict)
        }
    }

    async fn lookup_certificate(&self, fingerprint: &Fingerprint) -> StoreResult<Option<SystemCertificate>> {
        let row = sqlx::query_as::<Db, (String, i64)>(LOOKUP_CERTIFICATE)
            .bind(fingerprint.as_slice())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(|(box_id, expires)| {
            Ok(SystemCertificate {
                fingerprint: *fingerprint,
                box_id: box_id
                    .parse()
                    .map_err(|_| inconsistent("system_certificates", "box_id"))?,
                expires: Timestamp(expires),
            })
        })
        .transpose()
    }

    async fn remove_certificate(&self, fingerprint: &Fingerprint) -> StoreResult<bool> {
        let removed = sqlx::query::<Db>(REMOVE)
            .bind(fingerprint.as_slice())
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(removed.rows_affected() > 0)
    }
}
