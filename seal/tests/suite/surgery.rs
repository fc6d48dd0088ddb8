//! Taking sealed documents and tokens apart and putting them together otherwise, with readers and writers that know DER only.

use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfo, SignerInfos, UnsignedAttributes};
use der::asn1::ObjectIdentifier;
use der::{Any, Decode, Encode};
use openssl::hash::{MessageDigest, hash};
use openssl::sha::sha256;

/// One element.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=0x7f => out.push(u8::try_from(short).unwrap()),
        long => {
            let octets = long.to_be_bytes();
            let from = octets.iter().position(|octet| *octet != 0).unwrap();
            out.push(0x80 | u8::try_from(octets.len() - from).unwrap());
            out.extend_from_slice(&octets[from..]);
        }
    }
    out.extend_from_slice(content);
    out
}

pub fn attribute(oid: &str, value: &[u8]) -> Vec<u8> {
    let oid = ObjectIdentifier::new(oid).unwrap().to_der().unwrap();
    tlv(0x30, &[oid, tlv(0x31, value)].concat())
}

pub fn open(document: &[u8]) -> SignedData {
    let info = ContentInfo::from_der(document).unwrap();
    assert_eq!(info.to_der().unwrap(), document, "not DER");
    info.content.decode_as().unwrap()
}

pub fn close(data: &SignedData) -> Vec<u8> {
    let info = ContentInfo {
        content_type: ObjectIdentifier::new("1.2.840.113549.1.7.2").unwrap(),
        content: Any::encode_from(data).unwrap(),
    };
    info.to_der().unwrap()
}

pub fn signer(data: &SignedData) -> &SignerInfo {
    &data.signer_infos.0.as_ref()[0]
}

/// The unsigned attributes, each encoded.
pub fn attributes(document: &[u8]) -> Vec<Vec<u8>> {
    let data = open(document);
    let attributes = signer(&data).unsigned_attrs.clone();
    attributes
        .iter()
        .flat_map(|set| set.iter())
        .map(|attribute| attribute.to_der().unwrap())
        .collect()
}

/// The same document with other unsigned attributes.
pub fn with_attributes(document: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut data = open(document);
    let mut signer = signer(&data).clone();
    let attributes: Vec<_> = attributes.iter().map(|der| Decode::from_der(der).unwrap()).collect();
    signer.unsigned_attrs = (!attributes.is_empty()).then(|| UnsignedAttributes::try_from(attributes).unwrap());
    data.signer_infos = SignerInfos::try_from(vec![signer]).unwrap();
    close(&data)
}

/// Whether the attribute has this type.
pub fn is(attribute: &[u8], oid: &str) -> bool {
    let oid = ObjectIdentifier::new(oid).unwrap().to_der().unwrap();
    attribute.windows(oid.len()).take(8).any(|window| window == oid)
}

/// The one value of an attribute.
pub fn value(attribute: &[u8]) -> Vec<u8> {
    let fields: Vec<Any> = Decode::from_der(attribute).unwrap();
    let values: Vec<Any> = {
        let set = fields[1].value();
        let sequence = tlv(0x30, set);
        Decode::from_der(&sequence).unwrap()
    };
    assert_eq!(values.len(), 1);
    values[0].to_der().unwrap()
}

/// A list of digests as a hash index has it.
fn list(members: &[Vec<u8>]) -> Vec<u8> {
    let digests: Vec<u8> = members.iter().flat_map(|member| tlv(0x04, &sha256(member))).collect();
    tlv(0x30, &digests)
}

/// What a hash index lists, member by member.
#[derive(Clone)]
pub struct Members {
    pub certificates: Vec<Vec<u8>>,
    pub revocations: Vec<Vec<u8>>,
    /// For each value the attribute's type and that value.
    pub values: Vec<Vec<u8>>,
    /// Each attribute whole.
    pub attributes: Vec<Vec<u8>>,
}

impl Members {
    pub fn of(document: &[u8]) -> Self {
        let data = open(document);
        let certificates = data.certificates.iter().flat_map(|set| set.0.iter());
        let unsigned = signer(&data).unsigned_attrs.clone();
        let unsigned: Vec<_> = unsigned.iter().flat_map(|set| set.iter().cloned()).collect();
        Self {
            certificates: certificates.map(|choice| choice.to_der().unwrap()).collect(),
            revocations: Vec::new(),
            values: unsigned
                .iter()
                .flat_map(|attribute| {
                    let values = attribute.values.iter();
                    values.map(|value| [attribute.oid.to_der().unwrap(), value.to_der().unwrap()].concat())
                })
                .collect(),
            attributes: unsigned.iter().map(|attribute| attribute.to_der().unwrap()).collect(),
        }
    }

    /// ATSHashIndexV3 (EN 319 122-1 clause 5.5.2), SHA-256.
    pub fn v3(&self) -> Vec<u8> {
        let algorithm = tlv(0x30, &ObjectIdentifier::new(SHA_256).unwrap().to_der().unwrap());
        let lists = [&self.certificates, &self.revocations, &self.values].map(|members| list(members));
        tlv(0x30, &[algorithm, lists.concat()].concat())
    }

    /// ATSHashIndex (TS 101 733 V2.2.1 clause 6.4.2): SHA-256 is the default and left out.
    pub fn v1(&self) -> Vec<u8> {
        let lists = [&self.certificates, &self.revocations, &self.attributes].map(|members| list(members));
        tlv(0x30, &lists.concat())
    }
}

pub const SHA_256: &str = "2.16.840.1.101.3.4.2.1";

/// What an archive timestamp is made over, from the decoded fields (EN 319 122-1 clause 5.5.3).
pub fn archive_input(document: &[u8], digest: MessageDigest, index: &[u8]) -> Vec<u8> {
    let data = open(document);
    let signer = signer(&data);
    let content = data.encap_content_info.econtent.as_ref().unwrap().value();
    let mut signed = signer.signed_attrs.to_der().unwrap();
    signed[0] = 0xa0;
    [
        data.encap_content_info.econtent_type.to_der().unwrap(),
        hash(digest, content).unwrap().to_vec(),
        signer.version.to_der().unwrap(),
        signer.sid.to_der().unwrap(),
        signer.digest_alg.to_der().unwrap(),
        signed,
        signer.signature_algorithm.to_der().unwrap(),
        signer.signature.to_der().unwrap(),
        index.to_vec(),
    ]
    .concat()
}
