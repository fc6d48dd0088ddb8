//! Archive timestamps: each by itself, then the newest back to the seal's own (ETSI EN 319 122-1 clauses 5.5.2 and 5.5.3).

use crate::archive::hash_index::{HashIndex, IndexError, IndexForm, Missing};
use crate::archive::imprint;
use crate::asn1::oids;
use crate::parse::{Attribute, MOST_MEMBERS, SignedData, SignerInfo};

use super::refusal::{ArchiveRefusal, SignatureRefusal, TimestampRefusal};
use super::signer;
use super::timestamp::{Imprint, TimestampFacts, Token};

/// A timestamp over the seal that is valid for itself: an older one, for those after it.
#[derive(Debug)]
pub(crate) struct EarlierStamp<'a> {
    attribute: &'a Attribute,
    /// The token: an attribute may have several (RFC 5652 section 5.3), of which a later one covers those that were there.
    value: &'a [u8],
    /// Microseconds of UTC.
    gen_time: i64,
    /// Microseconds of UTC.
    expires: i64,
}

impl<'a> EarlierStamp<'a> {
    pub fn of(attribute: &'a Attribute, value: &'a [u8], facts: &TimestampFacts) -> Self {
        Self {
            attribute,
            value,
            gen_time: facts.gen_time,
            expires: facts.expires,
        }
    }
}

struct ArchiveStamp<'a> {
    stamp: EarlierStamp<'a>,
    facts: TimestampFacts,
    index: HashIndex,
}

/// Judges all archive timestamps of the signer, the newest first; `signature_stamps` are those over the signature that hold.
/// Those that do not hold for themselves come last: nobody knows of what time they are.
pub(crate) fn examine(
    data: &SignedData,
    info: &SignerInfo,
    signature_stamps: &[EarlierStamp<'_>],
) -> Vec<Result<TimestampFacts, ArchiveRefusal>> {
    let (mut sound, mut refused) = (Vec::new(), Vec::new());
    let attributes = || {
        let all = info.unsigned_attributes.iter();
        all.filter(|attribute| attribute.oid == oids::ARCHIVE_TIME_STAMP_V3)
    };
    if attributes().map(|attribute| attribute.values.len()).sum::<usize>() > MOST_MEMBERS {
        return vec![Err(ArchiveRefusal::TooMany)];
    }
    for attribute in attributes() {
        for value in &attribute.values {
            match examine_one(data, info, value) {
                Ok((facts, index)) => sound.push(ArchiveStamp {
                    stamp: EarlierStamp::of(attribute, value, &facts),
                    facts,
                    index,
                }),
                Err(refusal) => refused.push(Err(refusal)),
            }
        }
    }
    sound.sort_by_key(|stamp| (stamp.facts.gen_time, stamp.index.attribute_count()));
    let mut judged = Vec::new();
    while let Some(newest) = sound.pop() {
        let earlier = sound.iter().map(|stamp| &stamp.stamp).chain(signature_stamps);
        judged.push(check_continuity(&newest, earlier, sound.last()).map(|()| newest.facts));
    }
    judged.append(&mut refused);
    judged
}

/// Whether the newest takes over from all before it: it covers them, is later, and came while the last of them still counted.
/// (Of several signature timestamps one that still counts is enough.)
fn check_continuity<'a>(
    newest: &ArchiveStamp<'_>,
    earlier: impl Iterator<Item = &'a EarlierStamp<'a>>,
    last: Option<&ArchiveStamp<'_>>,
) -> Result<(), ArchiveRefusal> {
    let mut signatures_end = None;
    for stamp in earlier {
        if !newest.index.covers(stamp.attribute, stamp.value)? {
            return Err(ArchiveRefusal::NotCovered);
        }
        if stamp.gen_time > newest.facts.gen_time {
            return Err(ArchiveRefusal::Order);
        }
        signatures_end = signatures_end.max(Some(stamp.expires));
    }
    let end = last.map(|last| last.facts.expires).or(signatures_end);
    if end.is_some_and(|end| end < newest.facts.gen_time) {
        return Err(ArchiveRefusal::RenewedTooLate);
    }
    Ok(())
}

fn examine_one(
    data: &SignedData,
    info: &SignerInfo,
    value: &[u8],
) -> Result<(TimestampFacts, HashIndex), ArchiveRefusal> {
    let token = Token::read(value)?;
    let signer = signer::single(&token.data).map_err(TimestampRefusal::from)?;
    let (form, element) = hash_index(signer)?;
    let index = HashIndex::parse(form, element).map_err(|error| match error {
        IndexError::Malformed(malformed) => ArchiveRefusal::HashIndex(malformed),
        IndexError::Algorithm => ArchiveRefusal::HashIndexAlgorithm,
    })?;
    if token.imprint_algorithm()? != Some(index.algorithm) {
        return Err(ArchiveRefusal::HashIndexAlgorithm);
    }
    match index.missing(data, info)? {
        None => {}
        Some(Missing::Certificate) => return Err(ArchiveRefusal::CertificateMissing),
        Some(Missing::Revocation) => return Err(ArchiveRefusal::RevocationMissing),
        Some(Missing::Attribute) => return Err(ArchiveRefusal::AttributeMissing),
    }
    let input = imprint::input(index.algorithm, data, info, element).ok_or(ArchiveRefusal::NotAnnounced)?;
    let digest = index.algorithm.digest(&input)?;
    let facts = token.verify(Imprint::Digest(index.algorithm, &digest))?;
    Ok((facts, index))
}

/// The one value of the one hash index among the unsigned attributes of the token's signer.
fn hash_index(signer: &SignerInfo) -> Result<(IndexForm, &[u8]), ArchiveRefusal> {
    let mut found = None;
    for attribute in &signer.unsigned_attributes {
        if let Some(form) = IndexForm::of(&attribute.oid) {
            match (attribute.values.as_slice(), found) {
                ([value], None) => found = Some((form, value.as_slice())),
                ([], _) => return Err(ArchiveRefusal::NoHashIndex),
                _ => return Err(ArchiveRefusal::SeveralHashIndexes),
            }
        }
    }
    found.ok_or(ArchiveRefusal::NoHashIndex)
}

impl From<SignatureRefusal> for ArchiveRefusal {
    fn from(refusal: SignatureRefusal) -> Self {
        Self::Token(refusal.into())
    }
}
