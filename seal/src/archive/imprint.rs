//! What an archive timestamp is made over (ETSI EN 319 122-1 clause 5.5.3).

use crate::digest::DigestAlgorithm;
use crate::parse::{SignedData, SignerInfo};

/// The concatenation of the four steps of the clause, each element as received with its tag and length:
///
/// 1. encapContentInfo.eContentType,
/// 2. the digest of the content, by the algorithm of the timestamp, without tag and length,
/// 3. version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm and signature of the signer,
/// 4. the hash index.
///
/// `None` where the content's digest by this algorithm was not computed: it was not announced before the content.
pub(crate) fn input(algorithm: DigestAlgorithm, data: &SignedData, info: &SignerInfo, index: &[u8]) -> Option<Vec<u8>> {
    let content = data.content_digest(algorithm)?;
    Some([&data.content_type_element, content, &info.covered, index].concat())
}
