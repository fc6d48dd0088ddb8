//! Packages of MTOM, as clients send large content and get it back.

use std::ops::Range;

const BOUNDARY: &str = "----isds-package-5c2f1d7a9e";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const XOP: &str = "http://www.w3.org/2004/08/xop/include";
/// Longest envelope of a package, and longest head of a part.
const MAX_ROOT: usize = 64 * 1024;

/// Lines of the head of a request that is a package of [`upload`].
pub const SENT: &str = "Content-Type: multipart/related; type=\"application/xop+xml\"; start=\"<root>\"; \
     start-info=\"application/soap+xml\"; boundary=\"----isds-package-5c2f1d7a9e\"\r\n";

/// Lines of the head of a request of [`operation`] whose answer is wanted as a package.
pub const WANTED: &str = "Content-Type: application/soap+xml; charset=utf-8\r\nAccept: multipart/related\r\n";

/// A document of SOAP 1.2 with the operation and its children.
pub fn operation(name: &str, children: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Envelope xmlns=\"{SOAP_12}\"><Body>\
         <{name} xmlns=\"http://isds.czechpoint.cz/v20\">{children}</{name}></Body></Envelope>"
    )
}

/// The package that uploads a text file with this content.
pub fn upload(content: &[u8]) -> Vec<u8> {
    let root = operation(
        "UploadAttachment",
        &format!(
            "<dmFile dmMimeType=\"text/plain\" dmFileDescr=\"velky.txt\"><dmEncodedContent>\
             <x:Include xmlns:x=\"{XOP}\" href=\"cid:content\"/></dmEncodedContent></dmFile>"
        ),
    );
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: application/xop+xml; charset=utf-8; type=\"application/soap+xml\"\r\n\
         Content-Transfer-Encoding: 8bit\r\nContent-ID: <root>\r\n\r\n{root}\r\n--{BOUNDARY}\r\n\
         Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <content>\r\n\r\n"
    );
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    [head.as_bytes(), content, end.as_bytes()].concat()
}

/// An answer of an envelope and one part beside it.
pub struct Package {
    body: Vec<u8>,
    root: String,
    content: Range<usize>,
}

impl Package {
    /// Cuts a body that begins with its first boundary. None where it is no such package.
    pub fn cut(body: Vec<u8>) -> Option<Self> {
        let first = find(&body, b"\r\n", 0)?;
        let delimiter = [b"\r\n", &body[..first]].concat();
        let start = find(&body, b"\r\n\r\n", 0)? + 4;
        let end = find(&body, &delimiter, start)?;
        let root = String::from_utf8(body[start..end].to_vec()).ok()?;
        let begin = find(&body, b"\r\n\r\n", end + delimiter.len())? + 4;
        let last = [&delimiter[..], b"--\r\n"].concat();
        let length = body.get(begin..)?.strip_suffix(&last[..])?.len();
        Some(Self {
            body,
            root,
            content: begin..begin + length,
        })
    }

    /// The envelope.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The part.
    pub fn content(&self) -> &[u8] {
        &self.body[self.content.clone()]
    }
}

/// Where something begins, not far behind `from`.
fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let near = body.get(from..body.len().min(from + MAX_ROOT))?;
    Some(from + near.windows(wanted.len()).position(|window| window == wanted)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_together_is_cut_apart() {
        let content = b"\r\n\r\n--\x00 obsah\r\n------isds".as_slice();
        let package = Package::cut(upload(content)).unwrap();
        assert!(package.root().starts_with("<?xml") && package.root().ends_with("Envelope>"));
        assert_eq!(package.content(), content);
        assert!(Package::cut(b"<Envelope/>".to_vec()).is_none());
        assert!(SENT.contains(BOUNDARY));
    }
}
