//! TSTInfo (RFC 3161 section 2.4.2), written and read.
//!
//! x509-tsp's type of that name holds whole seconds only, while real tokens carry milliseconds.

use crate::asn1::oids::Oid;
use crate::asn1::slice::{AlgorithmIdentifier, Malformed, Reader};
use crate::asn1::time::{TimeOutOfRange, decode, encode_gen_time};
use crate::asn1::{tag, write};

const WHAT: &str = "TSTInfo";

/// What a token says.
#[derive(Debug)]
pub(crate) struct TstInfo {
    pub policy: Oid,
    pub imprint_algorithm: AlgorithmIdentifier,
    pub imprint: Vec<u8>,
    /// Content octets of the INTEGER.
    pub serial: Vec<u8>,
    /// Microseconds of UTC.
    pub gen_time: i64,
    /// Content octets of the INTEGER.
    pub nonce: Option<Vec<u8>>,
}

impl TstInfo {
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(der);
        let mut fields = outer.expect(tag::SEQUENCE, WHAT)?.inside();
        outer.end(WHAT)?;
        if fields.small(WHAT)? != 1 {
            return Err(Malformed("TSTInfo version"));
        }
        let policy = fields.oid(WHAT)?;
        let (imprint_algorithm, imprint) = parse_imprint(&mut fields)?;
        let serial = fields.expect(tag::INTEGER, WHAT)?.content.to_vec();
        let gen_time = decode(fields.expect(tag::GENERALIZED_TIME, WHAT)?)?;
        fields.optional(tag::SEQUENCE, "accuracy")?;
        fields.optional(tag::BOOLEAN, "ordering")?;
        let nonce = fields
            .optional(tag::INTEGER, "nonce")?
            .map(|nonce| nonce.content.to_vec());
        fields.optional(tag::CONTEXT_0, "tsa")?;
        fields.optional(tag::CONTEXT_1, "extensions")?;
        fields.end(WHAT)?;
        Ok(Self {
            policy,
            imprint_algorithm,
            imprint,
            serial,
            gen_time,
            nonce,
        })
    }
}

/// `MessageImprint ::= SEQUENCE { hashAlgorithm, hashedMessage }`
pub(crate) fn parse_imprint(fields: &mut Reader<'_>) -> Result<(AlgorithmIdentifier, Vec<u8>), Malformed> {
    const WHAT: &str = "message imprint";
    let mut imprint = fields.expect(tag::SEQUENCE, WHAT)?.inside();
    let algorithm = AlgorithmIdentifier::parse(imprint.expect(tag::SEQUENCE, WHAT)?, WHAT)?;
    let hashed = imprint.expect(tag::OCTET_STRING, WHAT)?.content.to_vec();
    imprint.end(WHAT)?;
    Ok((algorithm, hashed))
}

/// What the built-in authority writes into a TSTInfo.
pub(crate) struct NewTstInfo<'a> {
    /// The policy's OBJECT IDENTIFIER element.
    pub policy: &'a [u8],
    /// The MessageImprint element, as asked for.
    pub imprint: &'a [u8],
    /// Big-endian, not negative.
    pub serial: &'a [u8],
    /// Microseconds of UTC; written in milliseconds.
    pub gen_time: i64,
    pub accuracy_millis: u32,
    /// The nonce's INTEGER element, as asked for.
    pub nonce: Option<&'a [u8]>,
}

impl NewTstInfo<'_> {
    pub fn encode(&self) -> Result<Vec<u8>, TimeOutOfRange> {
        Ok(write::tlv(
            tag::SEQUENCE,
            &[
                &write::unsigned_integer(&[1]),
                self.policy,
                self.imprint,
                &write::unsigned_integer(self.serial),
                &encode_gen_time(self.gen_time)?,
                &accuracy(self.accuracy_millis),
                self.nonce.unwrap_or_default(),
            ],
        ))
    }
}

/// `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] … }`
fn accuracy(millis: u32) -> Vec<u8> {
    let seconds = match millis / 1000 {
        0 => Vec::new(),
        seconds => write::unsigned_integer(&seconds.to_be_bytes()),
    };
    let millis = match millis % 1000 {
        0 => Vec::new(),
        millis => {
            let mut element = write::unsigned_integer(&millis.to_be_bytes());
            element[0] = tag::CONTEXT_0_PRIMITIVE;
            element
        }
    };
    write::tlv(tag::SEQUENCE, &[&seconds, &millis])
}
