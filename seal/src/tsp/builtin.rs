//! The timestamp authority inside the process: for the demo, and wherever no other one is to be had.

use std::sync::{Arc, OnceLock};

use der::asn1::ObjectIdentifier;
use openssl::sha::sha256;

use crate::asn1::{oids, tag, write};
use crate::digest::DigestAlgorithm;
use crate::keys::SigningKey;
use crate::signer_info::{SignError, SignedInfo, ToSign, frame_prefix};

use super::background::Background;
use super::request::{Request, sha256_imprint};
use super::response::{self, Failure};
use super::tst_info::NewTstInfo;
use super::{StampRequest, TimestampToken, TspError};

/// Policy of the demo's timestamps, below the enterprise number for examples (RFC 5612).
pub const DEMO_POLICY: &str = "1.3.6.1.4.1.32473.1.1";

/// The policy is not an object identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the timestamp policy is not an object identifier")]
pub struct WrongPolicy;

/// A key for timestamps and what every token of it says.
#[derive(Debug)]
pub struct BuiltInAuthority {
    key: SigningKey,
    policy: ObjectIdentifier,
    accuracy_millis: u32,
    background: OnceLock<Background>,
}

impl BuiltInAuthority {
    /// `policy`: dotted number of the policy; `accuracy_millis`: how far genTime may be off.
    ///
    /// # Errors
    /// When the policy is not an object identifier.
    pub fn new(key: SigningKey, policy: &str, accuracy_millis: u32) -> Result<Self, WrongPolicy> {
        let policy = ObjectIdentifier::new(policy).map_err(|_| WrongPolicy)?;
        Ok(Self {
            key,
            policy,
            accuracy_millis,
            background: OnceLock::new(),
        })
    }

    /// Makes a token; one private-key operation.
    ///
    /// # Errors
    /// When the key refuses or the time has no ASN.1 form.
    pub fn stamp(&self, request: &StampRequest) -> Result<TimestampToken, TspError> {
        let der = self.token(
            &sha256_imprint(&request.imprint),
            None,
            true,
            request.time,
            request.random,
        )?;
        // genTime is written in milliseconds.
        Ok(TimestampToken {
            der,
            gen_time: request.time - request.time.rem_euclid(1000),
        })
    }

    /// As [`Self::stamp`], for messages that were taken in, of which nobody waits for the answer: but for a few they are stamped
    /// on threads that give way to all others. Under load that is in the time that calls leave, or after it.
    ///
    /// # Errors
    /// As [`Self::stamp`], and where the process ends.
    pub async fn stamp_in_background(self: &Arc<Self>, request: StampRequest) -> Result<TimestampToken, TspError> {
        let background = match self.background.get() {
            Some(background) => background,
            None => {
                let started = Background::start().map_err(TspError::NoThreads)?;
                self.background.get_or_init(|| started)
            }
        };
        let authority = Arc::clone(self);
        let stamped = background.run(move || authority.stamp(&request)).await;
        stamped.unwrap_or(Err(TspError::Interrupted))
    }

    /// Answers a DER TimeStampReq with a DER TimeStampResp; a request that cannot be granted is answered with a rejection.
    ///
    /// `time`: legal time, microseconds of UTC; `random`: fresh octets for the serial number.
    ///
    /// # Errors
    /// As [`Self::stamp`].
    pub fn answer(&self, request: &[u8], time: i64, random: [u8; 16]) -> Result<Vec<u8>, SignError> {
        let Ok(request) = Request::parse(request) else {
            return Ok(response::rejected(Failure::BadDataFormat));
        };
        // No new evidence on SHA-1.
        let algorithm = DigestAlgorithm::from_identifier(&request.imprint_algorithm)
            .filter(|known| *known != DigestAlgorithm::Sha1);
        let Some(algorithm) = algorithm else {
            return Ok(response::rejected(Failure::BadAlg));
        };
        if request.imprint.len() != algorithm.message_digest().size() {
            return Ok(response::rejected(Failure::BadDataFormat));
        }
        if request.policy.is_some_and(|policy| policy != self.policy) {
            return Ok(response::rejected(Failure::UnacceptedPolicy));
        }
        if request.has_extensions {
            return Ok(response::rejected(Failure::UnacceptedExtension));
        }
        let token = self.token(
            &request.imprint_element,
            request.nonce.as_deref(),
            request.certificate_wanted,
            time,
            random,
        )?;
        Ok(response::granted(&token))
    }

    fn token(
        &self,
        imprint: &[u8],
        nonce: Option<&[u8]>,
        with_certificate: bool,
        time: i64,
        random: [u8; 16],
    ) -> Result<Vec<u8>, SignError> {
        let content = NewTstInfo {
            policy: &write::oid(&self.policy),
            imprint,
            serial: &random,
            gen_time: time,
            accuracy_millis: self.accuracy_millis,
            nonce,
        }
        .encode()?;
        let signed = SignedInfo::sign(
            &self.key,
            &ToSign {
                content_type: &oids::TST_INFO,
                digest: &sha256(&content),
                signing_time: time,
                // Real authorities do not write it, and the TSTInfo itself is covered by all algorithms involved.
                algorithm_protection: false,
            },
        )?;
        let encoded = self.key.encoded();
        let certificates = if with_certificate {
            encoded.certificates.as_slice()
        } else {
            &[]
        };
        let signer_infos = write::tlv(tag::SET, &[&signed.encode(None)]);
        let suffix = [certificates, &signer_infos].concat();
        // Version 3: the content is not id-data (RFC 5652 section 5.1).
        let prefix = frame_prefix(
            3,
            &oids::TST_INFO,
            content.len() as u64,
            &encoded.digest_algorithm,
            &suffix,
        )?;
        Ok([prefix, content, suffix].concat())
    }
}
