//! ASN.1 as the seal needs it: DER out ([`write`]), BER in from memory ([`slice`]) and from a stream ([`stream`]), times ([`time`]).
//!
//! The `der` crate reads DER only and limits a length to 256 MiB; the sealed messages of twenty years are BER with indefinite
//! lengths, and their signatures cover bytes as they came, so nothing read here is ever re-encoded.

pub(crate) mod oids;
pub(crate) mod slice;
pub(crate) mod stream;
pub(crate) mod time;
pub(crate) mod write;

/// Identifier octets (X.690 clause 8.1.2) of the types met in CMS, RFC 3161 and X.509.
pub(crate) mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OBJECT_IDENTIFIER: u8 = 0x06;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const CONSTRUCTED_OCTET_STRING: u8 = 0x24;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    /// `[0]` holding a primitive type under IMPLICIT tagging.
    pub const CONTEXT_0_PRIMITIVE: u8 = 0x80;
    pub const CONTEXT_0: u8 = 0xa0;
    pub const CONTEXT_1: u8 = 0xa1;
    pub const CONTEXT_2: u8 = 0xa2;
    pub const CONTEXT_3: u8 = 0xa3;
    /// `directoryName [4]` of a GeneralName.
    pub const CONTEXT_4: u8 = 0xa4;
}

/// Levels of nesting that are followed; CMS with a certificate inside needs about fifteen.
pub(crate) const MAX_DEPTH: usize = 48;
