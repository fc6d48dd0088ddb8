//! A sealed document that gets a timestamp more.

use std::error::Error;
use std::io::Read;

use openssl::error::ErrorStack;
use openssl::sha::sha256;

use crate::asn1::slice::{Malformed, Reader};
use crate::asn1::{oids, tag, write};
use crate::cades::{Content, Frame};
use crate::digest::DigestAlgorithm;
use crate::parse::{self, MAX_SIGNATURE_OCTETS, MOST_DIGESTS, MOST_MEMBERS, ParseError, SignedData, SignerInfo};
use crate::signer_info::{SignError, attribute, frame_prefix};

use super::hash_index::{self, IndexForm};
use super::imprint;

/// Why a seal cannot be raised.
#[derive(Debug, thiserror::Error)]
pub enum RaiseError {
    /// Not a readable SignedData with its content inside.
    #[error("not readable as signed data")]
    Unreadable(#[from] ParseError),
    /// Two signers would need timestamps each.
    #[error("there are {0} signers instead of one")]
    SignerCount(usize),
    /// The content's type, or how it is written, is not that of a sealed document.
    #[error("the content is not that of a sealed document")]
    Content,
    /// With timestamps of an older form, new evidence would have to go inside them (EN 319 122-1 clause 5.5.3).
    #[error("the seal has evidence of an older form")]
    OlderForm,
    /// The token of the authority is not readable.
    #[error("the timestamp token is unreadable")]
    Token(#[from] Malformed),
    /// What was made would be larger than is read back.
    #[error("the seal has grown too large")]
    TooLarge,
    /// The frame cannot be written.
    #[error("the frame cannot be written")]
    Frame(#[from] SignError),
    /// A digest cannot be computed.
    #[error("a digest cannot be computed")]
    OpenSsl(#[from] ErrorStack),
}

/// An archive timestamp that is wished for.
#[derive(Debug, Clone)]
pub struct ArchiveStampWish {
    /// What the timestamp is made over.
    pub input: Vec<u8>,
    index: Vec<u8>,
}

impl ArchiveStampWish {
    /// The message imprint: SHA-256 of the input.
    pub fn imprint(&self) -> [u8; 32] {
        sha256(&self.input)
    }
}

/// A sealed document that was read, all of it but the content, of which the digest is known.
#[derive(Debug)]
pub struct SealedDocument {
    data: SignedData,
    digest: [u8; 32],
}

impl SealedDocument {
    /// Reads a document to its end; its content goes to `sink`. Nothing is verified.
    ///
    /// # Errors
    /// What cannot be raised, whatever is asked for.
    pub fn read(
        source: impl Read,
        sink: impl FnMut(&[u8]) -> Result<(), Box<dyn Error + Send + Sync>>,
    ) -> Result<Self, RaiseError> {
        let data = parse::signed_data(source, sink)?;
        if data.signer_infos.len() != 1 {
            return Err(RaiseError::SignerCount(data.signer_infos.len()));
        }
        // One way of writing it: another would be another input of the archive timestamps that are there.
        if data.content_type_element != write::oid(&oids::DATA) {
            return Err(RaiseError::Content);
        }
        let digest = data.content_digest(DigestAlgorithm::Sha256);
        let digest = digest.and_then(|digest| digest.try_into().ok());
        let digest = digest.ok_or(RaiseError::Content)?;
        Ok(Self { data, digest })
    }

    /// Digest and length of the content.
    pub fn content(&self) -> Content {
        Content {
            sha256: self.digest,
            length: self.data.content_length,
        }
    }

    /// Where the content begins in what was read, where it lies there in one piece; BER may cut it into many.
    pub fn content_start(&self) -> Option<u64> {
        self.data.content_start
    }

    fn signer(&self) -> Result<&SignerInfo, RaiseError> {
        self.data.signer_infos.first().ok_or(RaiseError::SignerCount(0))
    }

    /// The message imprint of a signature timestamp: SHA-256 of the signature value (RFC 3161 appendix A).
    ///
    /// # Errors
    /// None of a document that was read.
    pub fn signature_imprint(&self) -> Result<[u8; 32], RaiseError> {
        Ok(sha256(&self.signer()?.signature))
    }

    /// The frame with a signature timestamp more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn with_signature_timestamp(&self, token: &[u8]) -> Result<Frame, RaiseError> {
        self.refuse_older_forms()?;
        self.frame_with(attribute(&oids::SIGNATURE_TIME_STAMP, token), false)
    }

    /// What the next archive timestamp has to be made over: everything that is there now.
    ///
    /// # Errors
    /// [`RaiseError::OlderForm`], or when a digest cannot be computed.
    pub fn archive_stamp_wish(&self) -> Result<ArchiveStampWish, RaiseError> {
        self.refuse_older_forms()?;
        let info = self.signer()?;
        let index = hash_index::write_index(&self.data, info)?;
        let input = imprint::input(DigestAlgorithm::Sha256, &self.data, info, &index).ok_or(RaiseError::Content)?;
        Ok(ArchiveStampWish { input, index })
    }

    /// The frame with an archive timestamp more: `token` is over the wish's imprint. The hash index goes among the token's own
    /// unsigned attributes; digestAlgorithms gets SHA-256 where it is not there (clause 5.5.3 step 2).
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn with_archive_timestamp(&self, wish: &ArchiveStampWish, token: &[u8]) -> Result<Frame, RaiseError> {
        let token = with_unsigned_attribute(token, &attribute(&oids::ATS_HASH_INDEX_V3, &wish.index))?;
        self.frame_with(attribute(&oids::ARCHIVE_TIME_STAMP_V3, &token), true)
    }

    fn refuse_older_forms(&self) -> Result<(), RaiseError> {
        const OLDER: [&der::asn1::ObjectIdentifier; 3] = [
            &oids::ARCHIVE_TIME_STAMP,
            &oids::ARCHIVE_TIME_STAMP_V2,
            &oids::LONG_TERM_VALIDATION,
        ];
        let mut attributes = self.signer()?.unsigned_attributes.iter();
        if attributes.any(|attribute| OLDER.into_iter().any(|oid| attribute.oid == *oid)) {
            Err(RaiseError::OlderForm)
        } else {
            Ok(())
        }
    }

    fn frame_with(&self, added: Vec<u8>, announce_sha256: bool) -> Result<Frame, RaiseError> {
        let info = self.signer()?;
        let mut attributes: Vec<Vec<u8>> = info
            .unsigned_attributes
            .iter()
            .map(|attribute| attribute.element.clone())
            .collect();
        attributes.push(added);
        let digest_algorithms = self.digest_algorithms(announce_sha256);
        if attributes.len() > MOST_MEMBERS || digest_algorithms.len() > MOST_DIGESTS {
            return Err(RaiseError::TooLarge);
        }
        let unsigned = write::set_of(tag::CONTEXT_1, attributes);
        let signer_info = write::tlv(tag::SEQUENCE, &[&info.covered, &unsigned]);
        let suffix = [
            optional_set(tag::CONTEXT_0, &self.data.certificate_choices),
            optional_set(tag::CONTEXT_1, &self.data.revocations),
            write::tlv(tag::SET, &[&signer_info]),
        ]
        .concat();
        let version = u8::try_from(self.data.version).map_err(|_| RaiseError::Content)?;
        let prefix = frame_prefix(
            version,
            &oids::DATA,
            self.data.content_length,
            &digest_algorithms.concat(),
            &suffix,
        )?;
        if prefix.len() + suffix.len() > MAX_SIGNATURE_OCTETS {
            return Err(RaiseError::TooLarge);
        }
        Ok(Frame {
            prefix,
            suffix,
            stamped: true,
        })
    }

    /// The members of digestAlgorithms.
    fn digest_algorithms(&self, announce_sha256: bool) -> Vec<Vec<u8>> {
        let known = &self.data.digest_algorithms;
        let mut members: Vec<Vec<u8>> = known.iter().map(|known| known.element.clone()).collect();
        let is_sha256 = |member: &parse::AnnouncedDigest| {
            DigestAlgorithm::from_identifier(&member.algorithm) == Some(DigestAlgorithm::Sha256)
        };
        if announce_sha256 && !known.iter().any(is_sha256) {
            members.push(write::algorithm(&oids::SHA_256, None));
        }
        members.sort_unstable();
        members
    }
}

fn optional_set(tag: u8, members: &[Vec<u8>]) -> Vec<u8> {
    if members.is_empty() {
        Vec::new()
    } else {
        write::set_of(tag, members.to_vec())
    }
}

/// The token with one unsigned attribute more. What its signature covers stays as it came; what holds it is written anew.
fn with_unsigned_attribute(token: &[u8], added: &[u8]) -> Result<Vec<u8>, Malformed> {
    const WHAT: &str = "timestamp token";
    let mut outer = Reader::new(token);
    let mut content_info = outer.expect(tag::SEQUENCE, WHAT)?.inside();
    outer.end(WHAT)?;
    let content_type = content_info.expect(tag::OBJECT_IDENTIFIER, WHAT)?.raw;
    let mut explicit = content_info.expect(tag::CONTEXT_0, WHAT)?.inside();
    content_info.end(WHAT)?;
    let signed_data = explicit.expect(tag::SEQUENCE, WHAT)?.content;
    explicit.end(WHAT)?;

    // The signers stand last, and there is one.
    let mut parts = Reader::new(signed_data);
    let signers = loop {
        let part = parts.required(WHAT)?;
        if parts.left() == 0 {
            break part;
        }
    };
    let before = &signed_data[..signed_data.len() - signers.raw.len()];
    if signers.tag != tag::SET {
        return Err(Malformed(WHAT));
    }
    let mut inside = signers.inside();
    let signer = inside.expect(tag::SEQUENCE, WHAT)?.content;
    inside.end(WHAT)?;
    let mut fields = Reader::new(signer);
    let (mut covered, mut attributes) = (0, Vec::new());
    while let Some(field) = fields.next(WHAT)? {
        // The signed attributes are [0]; a context tag 1 comes last and is theirs.
        if field.tag == tag::CONTEXT_1 && fields.left() == 0 {
            let mut unsigned = field.inside();
            while let Some(attribute) = unsigned.next(WHAT)? {
                // A second one would make both worthless (clause 5.5.2: a single instance).
                if IndexForm::of(&attribute.inside().oid(WHAT)?).is_some() {
                    return Err(Malformed("timestamp token: it has a hash index"));
                }
                attributes.push(attribute.raw.to_vec());
            }
        } else {
            covered += field.raw.len();
        }
    }
    attributes.push(added.to_vec());
    let unsigned = write::set_of(tag::CONTEXT_1, attributes);
    let signer = write::tlv(tag::SEQUENCE, &[&signer[..covered], &unsigned]);
    let signed_data = write::tlv(tag::SEQUENCE, &[before, &write::tlv(tag::SET, &[&signer])]);
    Ok(write::tlv(
        tag::SEQUENCE,
        &[content_type, &write::tlv(tag::CONTEXT_0, &[&signed_data])],
    ))
}
