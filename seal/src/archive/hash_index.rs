//! The ats-hash-index: digests of certificates, revocation information and unsigned attributes (ETSI EN 319 122-1 clause 5.5.2).
//!
//! ```text
//! ATSHashIndexV3 ::= SEQUENCE {
//!   hashIndAlgorithm             AlgorithmIdentifier,
//!   certificatesHashIndex        SEQUENCE OF OCTET STRING,
//!   crlsHashIndex                SEQUENCE OF OCTET STRING,
//!   unsignedAttrValuesHashIndex  SEQUENCE OF OCTET STRING }
//! ```
//! The form before it (ETSI TS 101 733 V2.2.1 clause 6.4.2) has SHA-256 as its default algorithm, left out where it is meant,
//! and a digest for each attribute instead of each value. It is read; what is written is the newer one.

use std::collections::HashSet;

use openssl::error::ErrorStack;

use crate::asn1::oids::{self, Oid};
use crate::asn1::slice::{AlgorithmIdentifier, Malformed, Reader};
use crate::asn1::{tag, write};
use crate::digest::DigestAlgorithm;
use crate::parse::{Attribute, MOST_MEMBERS, SignedData, SignerInfo};

const WHAT: &str = "hash index";

/// Digests that one list may have: as many as a document can have values of unsigned attributes. Who lists more lists what is not
/// there, and a mebibyte of digests of three octets each would cost many times that in memory.
const MOST_LISTED: usize = MOST_MEMBERS * MOST_MEMBERS;

/// Which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexForm {
    /// `ats-hash-index`: a digest for each attribute.
    Attributes,
    /// `ats-hash-index-v3`: a digest for each value of an attribute.
    Values,
}

impl IndexForm {
    /// The form that an unsigned attribute of a token has, where it is a hash index.
    pub fn of(oid: &Oid) -> Option<Self> {
        if *oid == oids::ATS_HASH_INDEX_V3 {
            Some(Self::Values)
        } else if *oid == oids::ATS_HASH_INDEX {
            Some(Self::Attributes)
        } else {
            None
        }
    }
}

/// The digests of what is in a document, or of what an index says there was.
#[derive(Debug, Default)]
struct Digests {
    certificates: HashSet<Vec<u8>>,
    revocations: HashSet<Vec<u8>>,
    attributes: HashSet<Vec<u8>>,
}

impl Digests {
    /// Of everything in the document.
    fn of(
        form: IndexForm,
        algorithm: DigestAlgorithm,
        data: &SignedData,
        info: &SignerInfo,
    ) -> Result<Self, ErrorStack> {
        let mut digests = Self {
            certificates: member_digests(algorithm, &data.certificate_choices)?,
            revocations: member_digests(algorithm, &data.revocations)?,
            attributes: HashSet::new(),
        };
        for attribute in &info.unsigned_attributes {
            digests
                .attributes
                .extend(attribute_digests(form, algorithm, attribute)?);
        }
        Ok(digests)
    }
}

/// A digest for each member of a set, over the whole of it as received.
fn member_digests<C: FromIterator<Vec<u8>>>(algorithm: DigestAlgorithm, members: &[Vec<u8>]) -> Result<C, ErrorStack> {
    members.iter().map(|member| algorithm.digest(member)).collect()
}

/// The digests by which an attribute stands in an index. Every value counts for itself in the newer form, with the attribute's
/// type before it, so that more values may be added.
fn attribute_digests(
    form: IndexForm,
    algorithm: DigestAlgorithm,
    attribute: &Attribute,
) -> Result<Vec<Vec<u8>>, ErrorStack> {
    match form {
        IndexForm::Attributes => Ok(vec![algorithm.digest(&attribute.element)?]),
        IndexForm::Values => {
            let values = attribute.values.iter();
            values.map(|value| value_digest(algorithm, attribute, value)).collect()
        }
    }
}

/// The digest of one value with the attribute's type before it.
fn value_digest(algorithm: DigestAlgorithm, attribute: &Attribute, value: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    algorithm.digest(&[attribute.kind(), value].concat())
}

/// An index as received.
#[derive(Debug)]
pub(crate) struct HashIndex {
    form: IndexForm,
    /// With which the digests were made.
    pub algorithm: DigestAlgorithm,
    listed: Digests,
}

/// What an index lists and the document does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Certificate,
    Revocation,
    Attribute,
}

/// Why an index cannot be read.
#[derive(Debug)]
pub(crate) enum IndexError {
    Malformed(Malformed),
    Algorithm,
}

impl From<Malformed> for IndexError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl HashIndex {
    /// Reads the one value of the attribute.
    pub fn parse(form: IndexForm, value: &[u8]) -> Result<Self, IndexError> {
        let mut outer = Reader::new(value);
        let whole = outer.expect(tag::SEQUENCE, WHAT)?;
        outer.end(WHAT)?;
        let mut fields = whole.inside();
        // An AlgorithmIdentifier begins with an identifier, a list of digests with a digest, or is empty.
        let named = fields.clone().required(WHAT)?;
        let begins_with_name = named.tag == tag::SEQUENCE && named.content.first() == Some(&tag::OBJECT_IDENTIFIER);
        let algorithm = if form == IndexForm::Values || begins_with_name {
            let identifier = AlgorithmIdentifier::parse(fields.expect(tag::SEQUENCE, WHAT)?, WHAT)?;
            DigestAlgorithm::from_identifier(&identifier).ok_or(IndexError::Algorithm)?
        } else {
            DigestAlgorithm::Sha256
        };
        let mut list = || -> Result<HashSet<Vec<u8>>, Malformed> {
            let mut inside = fields.expect(tag::SEQUENCE, WHAT)?.inside();
            let mut digests = HashSet::new();
            while let Some(element) = inside.next(WHAT)? {
                if digests.len() == MOST_LISTED {
                    return Err(Malformed(WHAT));
                }
                digests.insert(element.octets(WHAT)?.into_owned());
            }
            Ok(digests)
        };
        let listed = Digests {
            certificates: list()?,
            revocations: list()?,
            attributes: list()?,
        };
        fields.end(WHAT)?;
        Ok(Self {
            form,
            algorithm,
            listed,
        })
    }

    /// What it lists has to be there still; there may be more by now (clause 5.5.2, semantics and note 5).
    pub fn missing(&self, data: &SignedData, info: &SignerInfo) -> Result<Option<Missing>, ErrorStack> {
        let there = Digests::of(self.form, self.algorithm, data, info)?;
        let pairs = [
            (&self.listed.certificates, &there.certificates, Missing::Certificate),
            (&self.listed.revocations, &there.revocations, Missing::Revocation),
            (&self.listed.attributes, &there.attributes, Missing::Attribute),
        ];
        let lacking = pairs.into_iter().find(|(listed, there, _)| !listed.is_subset(there));
        Ok(lacking.map(|(_, _, missing)| missing))
    }

    /// Whether it covers this value of the attribute. In the older form only a whole attribute can be covered.
    pub fn covers(&self, attribute: &Attribute, value: &[u8]) -> Result<bool, ErrorStack> {
        let digest = match self.form {
            IndexForm::Attributes => self.algorithm.digest(&attribute.element)?,
            IndexForm::Values => value_digest(self.algorithm, attribute, value)?,
        };
        Ok(self.listed.attributes.contains(&digest))
    }

    /// How many attributes it lists: of two indexes the later one lists more.
    pub fn attribute_count(&self) -> usize {
        self.listed.attributes.len()
    }
}

/// Writes the index of everything that is in the document now, under SHA-256, in the newer form.
pub(crate) fn write_index(data: &SignedData, info: &SignerInfo) -> Result<Vec<u8>, ErrorStack> {
    let algorithm = DigestAlgorithm::Sha256;
    let list = |digests: Vec<Vec<u8>>| {
        let elements: Vec<u8> = digests
            .iter()
            .flat_map(|digest| write::tlv(tag::OCTET_STRING, &[digest]))
            .collect();
        write::tlv(tag::SEQUENCE, &[&elements])
    };
    let mut attributes = Vec::new();
    for attribute in &info.unsigned_attributes {
        attributes.extend(attribute_digests(IndexForm::Values, algorithm, attribute)?);
    }
    Ok(write::tlv(
        tag::SEQUENCE,
        &[
            &write::algorithm(&oids::SHA_256, None),
            &list(member_digests(algorithm, &data.certificate_choices)?),
            &list(member_digests(algorithm, &data.revocations)?),
            &list(attributes),
        ],
    ))
}
