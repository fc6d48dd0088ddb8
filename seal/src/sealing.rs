//! Sealing as the server does it: sign, stamp the signature, and go on without the stamp when no authority answers.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::cades::{self, Content, Frame, SignError};
use crate::keys::SigningKey;
use crate::tsp::{BuiltInAuthority, StampRequest, TimestampAuthority, TspError};

/// A frame, and why it has no timestamp where it was to have one.
#[derive(Debug)]
pub struct Sealed {
    /// What to write around the content.
    pub frame: Frame,
    /// The timestamp inside, where there is one.
    pub stamp: Option<Stamp>,
    /// Set when an authority was asked in vain; the answer then says 0005.
    pub not_stamped: Option<TspError>,
}

/// A timestamp and what it is over.
#[derive(Debug)]
pub struct Stamp {
    /// The TimeStampToken, DER.
    pub token: Vec<u8>,
    /// SHA-256 of the signature value.
    pub imprint: [u8; 32],
}

/// Why there is no seal at all.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The signature could not be made.
    #[error("the seal cannot be made")]
    Sign(#[from] SignError),
    /// The work was given up because the process ends.
    #[error("sealing was interrupted")]
    Interrupted,
}

/// Seals content of this digest and length at `time` (legal time, microseconds of UTC); without an authority, without a stamp
/// (delivery infos have none). `random`: fresh octets for the stamp.
///
/// # Errors
/// Only when the signature cannot be made: an authority out of order does not hold up a download.
pub async fn seal(
    key: Arc<SigningKey>,
    content: Content,
    time: i64,
    authority: Option<&TimestampAuthority>,
    random: [u8; 16],
) -> Result<Sealed, SealingError> {
    match authority {
        // Both signatures in one hop to the blocking threads.
        Some(TimestampAuthority::BuiltIn(authority)) => {
            let authority = Arc::clone(authority);
            blocking(move || seal_built_in(&key, content, time, &authority, random)).await
        }
        Some(TimestampAuthority::Http(authority)) => {
            let signature = blocking(move || cades::sign(&key, content, time)).await?;
            let imprint = signature.imprint();
            let request = StampRequest { imprint, time, random };
            let (stamp, not_stamped) = match authority.stamp(&request).await {
                Ok(token) => (Some(token.der), None),
                Err(error) => (None, Some(error)),
            };
            let stamp = stamp.map(|token| Stamp { token, imprint });
            Ok(Sealed {
                frame: signature.into_frame(stamp.as_ref().map(|stamp| stamp.token.as_slice()))?,
                stamp,
                not_stamped,
            })
        }
        None => {
            let frame = blocking(move || cades::seal(&key, content, time, |_| None)).await?;
            Ok(Sealed {
                frame,
                stamp: None,
                not_stamped: None,
            })
        }
    }
}

/// [`seal`] with the built-in authority, on the calling thread: two private-key operations.
///
/// # Errors
/// As [`seal`].
pub fn seal_built_in(
    key: &SigningKey,
    content: Content,
    time: i64,
    authority: &BuiltInAuthority,
    random: [u8; 16],
) -> Result<Sealed, SignError> {
    let (mut stamp, mut not_stamped) = (None, None);
    let frame = cades::seal(key, content, time, |&imprint| {
        match authority.stamp(&StampRequest { imprint, time, random }) {
            Ok(token) => {
                let token = token.der;
                stamp = Some(Stamp {
                    token: token.clone(),
                    imprint,
                });
                Some(token)
            }
            Err(error) => {
                not_stamped = Some(error);
                None
            }
        }
    })?;
    Ok(Sealed {
        frame,
        stamp,
        not_stamped,
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SignError> + Send + 'static,
) -> Result<T, SealingError> {
    Ok(spawn_blocking(work).await.map_err(|_| SealingError::Interrupted)??)
}
