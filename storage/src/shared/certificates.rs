//! System certificates.

use async_trait::async_trait;
use isds_core::ids::BoxId;
use isds_core::ports::{Certificates, Fingerprint, StoreError, StoreResult, SystemCertificate};
use isds_core::system_message::DueSystemMessage;
use isds_core::time::Timestamp;

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};

const ADD: &str = "INSERT INTO system_certificates (fingerprint, box_id, expires) VALUES ($1, $2, $3) \
     ON CONFLICT (fingerprint) DO UPDATE SET expires = excluded.expires \
     WHERE system_certificates.box_id = excluded.box_id";

pub(super) const LOOKUP_CERTIFICATE: &str = "SELECT box_id, expires FROM system_certificates WHERE fingerprint = $1";

const LIST: &str = "SELECT fingerprint, expires FROM system_certificates WHERE box_id = $1 \
     ORDER BY expires, fingerprint LIMIT $2";

pub(super) const LIST_ENDING_CERTIFICATES: &str = "SELECT fingerprint, box_id, expires FROM system_certificates \
     WHERE warned = 0 AND expires <= $1 ORDER BY expires, fingerprint LIMIT $2";

const SETTLE_WARNING: &str = "UPDATE system_certificates SET warned = 1 WHERE fingerprint = $1 AND warned = 0";

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

    async fn list_certificates(&self, box_id: BoxId, limit: u64) -> StoreResult<Vec<SystemCertificate>> {
        let rows = sqlx::query_as::<Db, (Vec<u8>, i64)>(LIST)
            .bind(box_id.as_str())
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(fingerprint, expires)| {
                Ok(SystemCertificate {
                    fingerprint: fingerprint
                        .try_into()
                        .map_err(|_| inconsistent("system_certificates.fingerprint", box_id))?,
                    box_id,
                    expires: Timestamp(expires),
                })
            })
            .collect()
    }

    async fn list_ending_certificates(&self, until: Timestamp, limit: u64) -> StoreResult<Vec<SystemCertificate>> {
        let rows = sqlx::query_as::<Db, (Vec<u8>, String, i64)>(LIST_ENDING_CERTIFICATES)
            .bind(until.0)
            .bind(signed(limit))
            .fetch_all(self.writer())
            .await
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(fingerprint, box_id, expires)| {
                Ok(SystemCertificate {
                    fingerprint: fingerprint
                        .try_into()
                        .map_err(|_| inconsistent("system_certificates.fingerprint", &box_id))?,
                    box_id: box_id
                        .parse()
                        .map_err(|_| inconsistent("system_certificates.box_id", &box_id))?,
                    expires: Timestamp(expires),
                })
            })
            .collect()
    }

    async fn settle_certificate_warning(
        &self,
        fingerprint: &Fingerprint,
        told: Option<&DueSystemMessage>,
    ) -> StoreResult<bool> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let settled = sqlx::query::<Db>(SETTLE_WARNING)
            .bind(fingerprint.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        // Only one node tells it.
        let is_first = settled.rows_affected() == 1;
        if let Some(told) = told.filter(|_| is_first) {
            Self::promise_in(&mut tx, std::slice::from_ref(told)).await?;
        }
        tx.commit().await.map_err(store_error)?;
        Ok(is_first)
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
