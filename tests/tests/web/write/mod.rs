//! Writing and sending.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod drafts;
mod files;
mod prefilled;
mod rights;
mod sending;

use e2e::harness::Demo;
use e2e::persona::Persona;
use e2e::visitor::{File, Page, Visitor};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
const SEND: &str = "Odeslat datovou zprávu";

fn file(name: &str, content: &[u8]) -> File {
    File {
        name: name.to_owned(),
        mime: "application/octet-stream".to_owned(),
        content: content.to_vec(),
    }
}

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in(login).unwrap();
    visitor
}

/// A draft with these recipients and files; the page of the form.
fn draft(visitor: &mut Visitor, own: &str, to: &[&str], subject: &str, files: &[File]) -> Page {
    let mut page = visitor.get(&format!("/b/{own}/write")).unwrap();
    for id in to {
        let form = page.form("#write").unwrap().fill("to", id).press("save");
        page = visitor.submit(&form).unwrap();
        assert_eq!(page.status, 200, "{page:?}");
    }
    let mut form = page.form("#write").unwrap().fill("subject", subject).press("upload");
    for file in files {
        form = form.file("file", file.clone());
    }
    visitor.submit(&form).unwrap()
}

fn review(visitor: &mut Visitor, page: &Page) -> Page {
    let form = page.form("#write").unwrap().press("review");
    visitor.submit(&form).unwrap()
}

/// Numbers and box IDs of what a page lists as sent.
fn sent(demo: &Demo, login: &str, subject: &str) -> Vec<String> {
    let mut persona = Persona::new(demo.address(), login);
    let listed = persona.list_sent(100).unwrap();
    listed
        .into_iter()
        .filter(|record| record.subject == subject)
        .map(|record| record.id)
        .collect()
}

fn drafts(visitor: &mut Visitor, own: &str) -> Vec<String> {
    let page = visitor.get(&format!("/b/{own}/drafts")).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    page.attributes(".write-list a[href*='draft=']", "href")
}

fn draft_of(page: &Page) -> String {
    page.field("draft").unwrap()
}

fn multipart(boundary: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}
