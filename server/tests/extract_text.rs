//! The process that takes text out of strangers' files: what it reads, and what a file can do to it.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};

/// Reads a file as the server has it read.
fn extract(form: &str, file: Vec<u8>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_isds"))
        .args(["extract-text", form])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // One that refuses a file no longer reads.
    let writer = thread::spawn(move || stdin.write_all(&file).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(form: &str, file: Vec<u8>) -> String {
    let output = extract(form, file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A PDF with one page with this content.
fn pdf(content: Stream) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let content = document.add_object(content);
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    document.objects.insert(
        pages,
        Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    let mut file = Vec::new();
    document.save_to(&mut file).unwrap();
    file
}

fn saying(words: &str) -> Stream {
    let operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 12.into()]),
        Operation::new("Td", vec![50.into(), 700.into()]),
        Operation::new("Tj", vec![Object::string_literal(words)]),
        Operation::new("ET", vec![]),
    ];
    Stream::new(dictionary! {}, Content { operations }.encode().unwrap())
}

#[test]
fn text_comes_out_of_what_is_whole() {
    let found = text("pdf", pdf(saying("Rozhodnuti o stavbe")));
    assert!(found.contains("Rozhodnuti o stavbe"), "{found:?}");
    assert_eq!(text("text", "žluťoučký kůň".as_bytes().to_vec()), "žluťoučký kůň");
    assert_eq!(text("text", Vec::new()), "");
}

#[test]
fn what_is_broken_is_refused() {
    let whole = pdf(saying("Rozhodnuti"));
    for broken in [
        Vec::new(),
        b"%PDF-1.7\nnothing of the kind".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        vec![0xFF; 100_000],
    ] {
        let output = extract("pdf", broken);
        assert!(!output.status.success() && output.stdout.is_empty());
    }
    let output = extract("pdf", vec![b' '; 21 * 1024 * 1024]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("too large"));
    assert!(!extract("zfo", Vec::new()).status.success(), "no such form");
}

/// A megabyte that unfolds to one gigabyte has no text, whoever refuses it: the reader by its own bound, or the limit of
/// the process.
#[test]
fn a_bomb_is_refused() {
    let mut bomb = Stream::new(dictionary! {}, vec![b' '; 1024 * 1024 * 1024]);
    bomb.compress().unwrap();
    assert!(
        bomb.content.len() < 4 * 1024 * 1024,
        "it would not be taken as an attachment of this size"
    );
    let output = extract("pdf", pdf(bomb));
    assert!(!output.status.success(), "nobody unfolds a gigabyte");
    assert!(output.stdout.is_empty());
}

/// Brackets within brackets, which a reader that calls itself has to stop at.
#[test]
fn deep_nesting_is_no_way_out() {
    let deep = [b"[".repeat(2_000_000), b"]".repeat(2_000_000)].concat();
    let content = Stream::new(dictionary! {}, [b"BT ".to_vec(), deep, b" TJ ET".to_vec()].concat());
    let output = extract("pdf", pdf(content));
    assert!(output.stdout.len() < 1024 * 1024);
}
