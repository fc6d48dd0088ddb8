//! Streaming reader of CMS SignedData (RFC 5652 section 5) in BER or DER: the content goes by in slices, the rest is bounded.
//!
//! Reading and judging are apart: what comes out of here is well-formed, and nothing more is known of it. [`crate::verify`] judges.

use std::error::Error;
use std::io::{self, Read};
use std::ops::Range;

use openssl::error::ErrorStack;
use openssl::hash::Hasher;

use crate::asn1::oids::{self, Oid};
use crate::asn1::slice::{AlgorithmIdentifier, Malformed, Reader, Tlv};
use crate::asn1::stream::BerStream;
use crate::asn1::tag;
use crate::asn1::write;
use crate::digest::DigestAlgorithm;

/// Octets of certificates, revocation lists and signer infos that are read into memory.
///
/// A sealed message has about 8 kB of them; archive timestamps of some decades stay well below.
pub const MAX_SIGNATURE_OCTETS: usize = 1024 * 1024;

/// Members of any one set: certificates, signers, attributes, values of an attribute.
///
/// A handful is usual. Without a bound a mebibyte of tiny ones would cost a hundred times that in memory, and each of them a check.
pub(crate) const MOST_MEMBERS: usize = 64;

/// Members of digestAlgorithms: one per signer, and there is one signer. The digests are all computed, so their number is bounded.
pub(crate) const MOST_DIGESTS: usize = 4;

/// Why bytes are not a readable SignedData with its content inside.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The source could not be read.
    #[error("the source cannot be read")]
    Io(#[source] io::Error),
    /// The data end before the structure does.
    #[error("the data end too early")]
    Truncated,
    /// The structure ends before the data do.
    #[error("data follow after the end")]
    TrailingData,
    /// Not the BER structure that RFC 5652 describes; names the part.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// The outermost content type is not id-signedData.
    #[error("not CMS signed data")]
    NotSignedData,
    /// The signature is there, what it covers is elsewhere.
    #[error("the content is not inside (detached signature)")]
    Detached,
    /// More nesting than is followed.
    #[error("nested too deeply")]
    TooDeep,
    /// A part that has to be held in memory is larger than is held; names the part.
    #[error("too much data in {0}")]
    TooLarge(&'static str),
    /// The digest of the content could not be computed.
    #[error("digest cannot be computed")]
    Digest(#[source] ErrorStack),
    /// The receiver of the content refused it.
    #[error("the content was refused")]
    Sink(#[source] Box<dyn Error + Send + Sync>),
}

impl ParseError {
    pub(crate) fn from_read(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Truncated
        } else {
            Self::Io(error)
        }
    }
}

impl From<Malformed> for ParseError {
    fn from(Malformed(what): Malformed) -> Self {
        Self::Malformed(what)
    }
}

/// A SignedData whose content has gone by.
#[derive(Debug)]
pub struct SignedData {
    /// CMSVersion.
    pub version: u32,
    /// digestAlgorithms as announced before the content.
    pub(crate) digest_algorithms: Vec<AnnouncedDigest>,
    /// eContentType.
    pub content_type: Oid,
    /// The element of eContentType as received.
    pub(crate) content_type_element: Vec<u8>,
    /// Where the content's first octet stands in the source, where the content lies there in one piece.
    pub(crate) content_start: Option<u64>,
    /// Octets of content that went by.
    pub content_length: u64,
    /// The digest of the content under each announced algorithm that is known, and under SHA-256, with which archive timestamps
    /// are made whatever the seal was made with.
    pub content_digests: Vec<(DigestAlgorithm, Vec<u8>)>,
    /// The members of certificates, of any of the choices of RFC 5652 section 10.2.2, each as received.
    pub(crate) certificate_choices: Vec<Vec<u8>>,
    /// The members of crls, each as received.
    pub(crate) revocations: Vec<Vec<u8>>,
    /// The signer infos.
    pub(crate) signer_infos: Vec<SignerInfo>,
}

impl SignedData {
    /// The embedded certificates, each as received. The other choices (attribute certificates and the like) verify nothing here.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.certificate_choices
            .iter()
            .map(Vec::as_slice)
            .filter(|choice| choice.first() == Some(&tag::SEQUENCE))
    }

    /// Whether the algorithm stands among digestAlgorithms.
    pub(crate) fn announces(&self, algorithm: &AlgorithmIdentifier) -> bool {
        self.digest_algorithms.iter().any(|known| known.algorithm == *algorithm)
    }

    /// The content's digest under this algorithm, where it was computed.
    pub(crate) fn content_digest(&self, algorithm: DigestAlgorithm) -> Option<&[u8]> {
        let mut digests = self.content_digests.iter();
        digests
            .find(|(known, _)| *known == algorithm)
            .map(|(_, digest)| digest.as_slice())
    }
}

/// A member of digestAlgorithms.
#[derive(Debug)]
pub(crate) struct AnnouncedDigest {
    pub algorithm: AlgorithmIdentifier,
    /// As received.
    pub element: Vec<u8>,
}

/// SignerInfo (RFC 5652 section 5.3).
#[derive(Debug)]
pub(crate) struct SignerInfo {
    pub version: u32,
    pub signer: SignerIdentifier,
    pub digest_algorithm: AlgorithmIdentifier,
    pub signed_attributes: Option<SignedAttributes>,
    pub signature_algorithm: AlgorithmIdentifier,
    pub signature: Vec<u8>,
    /// The elements version to signature as received, without what holds them: all but the unsigned attributes.
    pub covered: Vec<u8>,
    pub unsigned_attributes: Vec<Attribute>,
}

/// SignerIdentifier ::= CHOICE { issuerAndSerialNumber, subjectKeyIdentifier [0] }
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SignerIdentifier {
    IssuerAndSerial {
        /// The Name element as received.
        issuer: Vec<u8>,
        /// Content octets of the INTEGER.
        serial: Vec<u8>,
    },
    SubjectKeyIdentifier(Vec<u8>),
}

/// The signed attributes, and the bytes that the signature covers.
#[derive(Debug)]
pub(crate) struct SignedAttributes {
    /// The received content octets under the tag SET OF instead of `[0]` (RFC 5652 section 5.4), in the order they came in:
    /// some signers did not sort them, and their signatures cover them unsorted.
    pub signed_octets: Vec<u8>,
    pub attributes: Vec<Attribute>,
}

/// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
#[derive(Debug)]
pub(crate) struct Attribute {
    pub oid: Oid,
    /// Each value element as received.
    pub values: Vec<Vec<u8>>,
    /// The whole as received.
    pub element: Vec<u8>,
    /// Where attrType stands in it.
    kind: Range<usize>,
}

impl Attribute {
    /// attrType as received, with its tag and length.
    pub fn kind(&self) -> &[u8] {
        &self.element[self.kind.clone()]
    }
}

/// Reads a ContentInfo with SignedData to its end and hands the content octets to `sink` slice by slice (at most 64 KiB each).
///
/// # Errors
/// Anything that is not exactly one well-formed SignedData with its content inside, or what the sink answered.
pub fn signed_data(
    source: impl Read,
    mut sink: impl FnMut(&[u8]) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> Result<SignedData, ParseError> {
    let mut stream = BerStream::new(source, MAX_SIGNATURE_OCTETS);
    let content_info = stream.expect(tag::SEQUENCE, "content info")?;
    stream.enter(&content_info)?;
    if oid(&mut stream, "content type")?.0 != oids::SIGNED_DATA {
        return Err(ParseError::NotSignedData);
    }
    let explicit = stream.expect(tag::CONTEXT_0, "content info")?;
    stream.enter(&explicit)?;
    let signed_data = stream.expect(tag::SEQUENCE, "signed data")?;
    stream.enter(&signed_data)?;

    let header = stream.expect(tag::INTEGER, "signed data version")?;
    let version = Reader::new(&stream.capture(&header, "signed data version")?).small("signed data version")?;
    let digest_algorithms = digest_algorithms(&mut stream)?;

    let encapsulated = stream.expect(tag::SEQUENCE, "encapsulated content")?;
    stream.enter(&encapsulated)?;
    let (content_type, content_type_element) = oid(&mut stream, "encapsulated content type")?;
    let Some(explicit) = stream.next()? else {
        return Err(ParseError::Detached);
    };
    if explicit.tag != tag::CONTEXT_0 {
        return Err(ParseError::Malformed("encapsulated content"));
    }
    stream.enter(&explicit)?;
    let Some(content) = stream.next()? else {
        return Err(ParseError::Malformed("encapsulated content"));
    };
    let mut digests = Digests::new(&digest_algorithms)?;
    let content_length = stream.octet_string(&content, &mut |slice| {
        digests.update(slice)?;
        sink(slice).map_err(ParseError::Sink)
    })?;
    stream.leave("encapsulated content")?;
    stream.leave("encapsulated content")?;

    let Sets {
        certificate_choices,
        revocations,
        signer_infos,
    } = Sets::read(&mut stream)?;
    stream.leave("signed data")?;
    stream.leave("content info")?;
    stream.leave("content info")?;
    stream.finish()?;
    Ok(SignedData {
        version,
        digest_algorithms,
        content_type,
        content_type_element,
        content_start: (content.tag == tag::OCTET_STRING).then(|| content.start()),
        content_length,
        content_digests: digests.finish()?,
        certificate_choices,
        revocations,
        signer_infos,
    })
}

/// The identifier, and its element as received.
fn oid<R: Read>(stream: &mut BerStream<R>, what: &'static str) -> Result<(Oid, Vec<u8>), ParseError> {
    let header = stream.expect(tag::OBJECT_IDENTIFIER, what)?;
    let element = stream.capture(&header, what)?;
    Ok((Reader::new(&element).oid(what)?, element))
}

fn digest_algorithms<R: Read>(stream: &mut BerStream<R>) -> Result<Vec<AnnouncedDigest>, ParseError> {
    const WHAT: &str = "digest algorithms";
    let header = stream.expect(tag::SET, WHAT)?;
    let set = stream.capture(&header, WHAT)?;
    let mut inside = Reader::new(&set).expect(tag::SET, WHAT)?.inside();
    let mut algorithms = Vec::new();
    while let Some(element) = inside.next(WHAT)? {
        if element.tag != tag::SEQUENCE {
            return Err(ParseError::Malformed(WHAT));
        }
        if algorithms.len() == MOST_DIGESTS {
            return Err(ParseError::TooLarge(WHAT));
        }
        algorithms.push(AnnouncedDigest {
            algorithm: AlgorithmIdentifier::parse(element, WHAT)?,
            element: element.raw.to_vec(),
        });
    }
    Ok(algorithms)
}

/// certificates [0] OPTIONAL, crls [1] OPTIONAL, signerInfos SET OF SignerInfo
struct Sets {
    certificate_choices: Vec<Vec<u8>>,
    revocations: Vec<Vec<u8>>,
    signer_infos: Vec<SignerInfo>,
}

impl Sets {
    fn read<R: Read>(stream: &mut BerStream<R>) -> Result<Self, ParseError> {
        let mut part = stream.next()?;
        let mut optional = |stream: &mut BerStream<R>, tag: u8, what: &'static str| {
            let Some(header) = part.filter(|header| header.tag == tag) else {
                return Ok(Vec::new());
            };
            let set = stream.capture(&header, what)?;
            let members = members(&set, what, |element| Ok(element.raw.to_vec()))?;
            part = stream.next()?;
            Ok::<_, ParseError>(members)
        };
        let certificate_choices = optional(stream, tag::CONTEXT_0, "certificates")?;
        let revocations = optional(stream, tag::CONTEXT_1, "revocation lists")?;
        let header = part
            .filter(|header| header.tag == tag::SET)
            .ok_or(ParseError::Malformed("signer infos"))?;
        let set = stream.capture(&header, "signer infos")?;
        let signer_infos = members(&set, "signer infos", signer_info)?;
        Ok(Self {
            certificate_choices,
            revocations,
            signer_infos,
        })
    }
}

/// The members of a set, whose number is bounded.
fn members<T>(
    set: &[u8],
    what: &'static str,
    read: impl Fn(Tlv<'_>) -> Result<T, ParseError>,
) -> Result<Vec<T>, ParseError> {
    let mut inside = Reader::new(set).required(what)?.inside();
    let mut found = Vec::new();
    while let Some(element) = inside.next(what)? {
        add(&mut found, read(element)?, what)?;
    }
    Ok(found)
}

/// Adds a member to a set whose number of members is bounded.
fn add<T>(members: &mut Vec<T>, member: T, what: &'static str) -> Result<(), ParseError> {
    if members.len() == MOST_MEMBERS {
        return Err(ParseError::TooLarge(what));
    }
    members.push(member);
    Ok(())
}

fn signer_info(element: Tlv<'_>) -> Result<SignerInfo, ParseError> {
    const WHAT: &str = "signer info";
    if element.tag != tag::SEQUENCE {
        return Err(ParseError::Malformed(WHAT));
    }
    let mut fields = element.inside();
    let version = fields.small("signer info version")?;
    let signer = signer_identifier(fields.required("signer identifier")?)?;
    let digest_algorithm = algorithm(&mut fields, "digest algorithm")?;
    let signed_attributes = match fields.optional(tag::CONTEXT_0, "signed attributes")? {
        None => None,
        Some(element) => Some(SignedAttributes {
            signed_octets: write::tlv(tag::SET, &[element.content]),
            attributes: attributes(element, "signed attributes")?,
        }),
    };
    let signature_algorithm = algorithm(&mut fields, "signature algorithm")?;
    let signature = fields.required("signature")?.octets("signature")?.into_owned();
    let covered = element.content[..element.content.len() - fields.left()].to_vec();
    let unsigned_attributes = match fields.optional(tag::CONTEXT_1, "unsigned attributes")? {
        None => Vec::new(),
        Some(element) => attributes(element, "unsigned attributes")?,
    };
    fields.end(WHAT)?;
    Ok(SignerInfo {
        version,
        signer,
        digest_algorithm,
        signed_attributes,
        signature_algorithm,
        signature,
        covered,
        unsigned_attributes,
    })
}

fn signer_identifier(element: Tlv<'_>) -> Result<SignerIdentifier, Malformed> {
    const WHAT: &str = "signer identifier";
    match element.tag {
        tag::SEQUENCE => {
            let mut fields = element.inside();
            let issuer = fields.expect(tag::SEQUENCE, WHAT)?.raw.to_vec();
            let serial = fields.expect(tag::INTEGER, WHAT)?.content.to_vec();
            fields.end(WHAT)?;
            Ok(SignerIdentifier::IssuerAndSerial { issuer, serial })
        }
        tag::CONTEXT_0_PRIMITIVE => Ok(SignerIdentifier::SubjectKeyIdentifier(element.content.to_vec())),
        _ => Err(Malformed(WHAT)),
    }
}

fn algorithm(fields: &mut Reader<'_>, what: &'static str) -> Result<AlgorithmIdentifier, Malformed> {
    AlgorithmIdentifier::parse(fields.expect(tag::SEQUENCE, what)?, what)
}

fn attributes(element: Tlv<'_>, what: &'static str) -> Result<Vec<Attribute>, ParseError> {
    let mut inside = element.inside();
    let mut attributes = Vec::new();
    while let Some(attribute) = inside.next(what)? {
        if attribute.tag != tag::SEQUENCE {
            return Err(ParseError::Malformed(what));
        }
        let mut fields = attribute.inside();
        let oid = fields.oid(what)?;
        // The header of the whole comes before it, and end-of-contents octets may follow behind the values.
        let header = attribute.content_offset();
        let kind = header..header + attribute.content.len() - fields.left();
        let mut set = fields.expect(tag::SET, what)?.inside();
        fields.end(what)?;
        let mut values = Vec::new();
        while let Some(value) = set.next(what)? {
            add(&mut values, value.raw.to_vec(), what)?;
        }
        let element = attribute.raw.to_vec();
        add(
            &mut attributes,
            Attribute {
                oid,
                values,
                element,
                kind,
            },
            what,
        )?;
    }
    Ok(attributes)
}

/// The digests of the content, all in one pass.
struct Digests(Vec<(DigestAlgorithm, Hasher)>);

impl Digests {
    fn new(announced: &[AnnouncedDigest]) -> Result<Self, ParseError> {
        let mut hashers: Vec<(DigestAlgorithm, Hasher)> = Vec::new();
        let announced = announced
            .iter()
            .filter_map(|known| DigestAlgorithm::from_identifier(&known.algorithm));
        for algorithm in announced.chain([DigestAlgorithm::Sha256]) {
            if hashers.iter().all(|(known, _)| *known != algorithm) {
                hashers.push((algorithm, algorithm.hasher().map_err(ParseError::Digest)?));
            }
        }
        Ok(Self(hashers))
    }

    fn update(&mut self, slice: &[u8]) -> Result<(), ParseError> {
        self.0
            .iter_mut()
            .try_for_each(|(_, hasher)| hasher.update(slice))
            .map_err(ParseError::Digest)
    }

    fn finish(self) -> Result<Vec<(DigestAlgorithm, Vec<u8>)>, ParseError> {
        self.0
            .into_iter()
            .map(|(algorithm, mut hasher)| Ok((algorithm, hasher.finish().map_err(ParseError::Digest)?.to_vec())))
            .collect()
    }
}
