//! Text of a PDF.

use lopdf::Document;

use super::MAX_TEXT;

/// Pages that are read.
const MAX_PAGES: usize = 500;

/// The text of the pages, in their order. What cannot be read, such as text in
/// a font that does not say what its signs mean, is left out; a file without any has no text.
pub(super) fn text(file: &[u8]) -> Option<String> {
    let document = Document::load_mem(file).ok()?;
    let mut text = String::new();
    for number in document.get_pages().into_keys().take(MAX_PAGES) {
        for piece in document.extract_text_chunks(&[number]).into_iter().flatten() {
            text.push_str(&piece);
        }
        text.push('\n');
        if text.len() >= MAX_TEXT {
            break;
        }
    }
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use lopdf::content::{Content, Operation};
    use lopdf::{Object, Stream, dictionary};

    use super::*;

    /// A PDF with one page that says this.
    fn pdf_saying(words: &str) -> Vec<u8> {
        let mut document = Document::with_version("1.5");
        let pages = document.new_object_id();
        let font = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        });
        let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
        let content = Content {
            operations: vec![
                Operation::new("BT", vec![]),
                Operation::new("Tf", vec!["F1".into(), 12.into()]),
                Operation::new("Td", vec![50.into(), 700.into()]),
                Operation::new("Tj", vec![Object::string_literal(words)]),
                Operation::new("ET", vec![]),
            ],
        };
        let content = document.add_object(Stream::new(dictionary! {}, content.encode().unwrap()));
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

    #[test]
    fn words_of_a_page_are_found() {
        let text = text(&pdf_saying("Rozhodnuti o stavbe garaze")).unwrap();
        assert!(text.contains("Rozhodnuti o stavbe garaze"), "{text:?}");
    }

    #[test]
    fn what_is_broken_has_no_text() {
        let whole = pdf_saying("Rozhodnuti");
        assert_eq!(text(b""), None);
        assert_eq!(text(b"%PDF-1.7\nnothing of the kind"), None);
        assert_eq!(text(&whole[..whole.len() / 3]), None);
    }
}
