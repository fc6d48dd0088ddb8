//! Looking into sealed documents with nothing but a search for tags: what a client that trusts nobody would do.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// The bytes of `dmDm` within a document, from the `<` of its start tag to the `>` of its end tag.
pub fn dm_dm(document: &[u8]) -> Option<&[u8]> {
    let start = find(document, b"<p:dmDm")?;
    let end_tag = b"</p:dmDm>";
    // From behind: there is one, and before it lie the attachments.
    let end = document[start..]
        .windows(end_tag.len())
        .rposition(|window| window == end_tag)?;
    Some(&document[start..start + end + end_tag.len()])
}

/// Base64 of the SHA-256 of `dmDm`; empty where there is none.
pub fn dm_dm_hash(document: &[u8]) -> String {
    dm_dm(document)
        .map(|bytes| BASE64_STANDARD.encode(Sha256::digest(bytes)))
        .unwrap_or_default()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
