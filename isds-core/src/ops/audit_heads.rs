//! Signing the head of the chain of records each hour.
//!
//! Between two signatures the chain alone shows what was altered, to whoever noted a seal; behind a signature everybody
//! sees it. After an outage, of this system or of the timestamp authority, the newest head is signed: it covers all that
//! came before it.

use sha2::{Digest, Sha256};

use crate::audit::{AuditHead, AuditSeal};
use crate::error::Failure;
use crate::ports::{Sealer, Store};
use crate::time::Clock;

use super::Isds;

const LEASE: &str = "audit-head";
/// How often it is signed, in real seconds.
const EVERY_SECONDS: i64 = 3600;
/// How long one node tries, and how long all wait after a failure, in real seconds.
const LEASE_SECONDS: i64 = 60;

/// Signs a seal of the chain and keeps the signature; nothing where the authority gives no timestamp.
///
/// # Errors
/// Failures of the database and of the key.
pub async fn sign_head(
    store: &dyn Store,
    sealer: &dyn Sealer,
    clock: &dyn Clock,
    seal: &AuditSeal,
) -> Result<Option<AuditHead>, Failure> {
    let statement = AuditHead::statement_of(seal);
    let digest = Sha256::digest(statement.as_bytes()).into();
    let frame = sealer
        .seal(digest, statement.len() as u64, clock.legal(), true)
        .await
        .map_err(|error| Failure::Broken("the head of the records' chain cannot be signed", Box::new(error)))?;
    if !frame.stamped {
        return Ok(None);
    }
    let head = AuditHead {
        number: seal.number,
        sealed: seal.sealed,
        hash: seal.hash,
        signed: clock.real(),
        signature: [&frame.prefix[..], statement.as_bytes(), &frame.suffix[..]].concat(),
    };
    store.add_audit_head(&head).await?;
    Ok(Some(head))
}

/// Signs the last seal of the chain where that has no signature yet; false where the authority gives no timestamp.
///
/// # Errors
/// Failures of the database and of the key.
pub async fn sign_newest_head(store: &dyn Store, sealer: &dyn Sealer, clock: &dyn Clock) -> Result<bool, Failure> {
    let Some(seal) = store.last_audit_seal().await? else {
        return Ok(true);
    };
    let signed = store.last_audit_head().await?;
    if signed.is_some_and(|head| head.number >= seal.number) {
        return Ok(true);
    }
    Ok(sign_head(store, sealer, clock, &seal).await?.is_some())
}

impl Isds {
    /// Signs the head of the chain where an hour has gone by since the last time and something was recorded meanwhile.
    /// One node does it.
    ///
    /// # Errors
    /// Failures of the database and of the key.
    pub async fn keep_audit_signed(&self) -> Result<(), Failure> {
        let now = self.clock.real();
        let Some(seal) = self.store.last_audit_seal().await? else {
            return Ok(());
        };
        if let Some(head) = self.store.last_audit_head().await? {
            // A clock that was set back must not stop it.
            let fresh = head.signed <= now && now < head.signed.plus_seconds(EVERY_SECONDS);
            if fresh || head.number >= seal.number {
                return Ok(());
            }
        }
        if !self
            .store
            .take_lease(LEASE, now, now.plus_seconds(LEASE_SECONDS))
            .await?
        {
            return Ok(());
        }
        // Another node may have been first, between the look and the lease.
        let signed = sign_newest_head(&*self.store, &*self.sealer, &*self.clock).await?;
        if signed {
            self.store.move_lease(LEASE, self.clock.real()).await?;
        } else {
            tracing::warn!("the head of the records' chain waits for a timestamp");
        }
        Ok(())
    }
}
