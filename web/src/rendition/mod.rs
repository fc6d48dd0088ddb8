//! Documents for people who want paper, or a file that any reader opens: PDF.
//!
//! [`Paper`] sets text in pages; what stands on them is the caller's.

mod paper;
mod type_face;

use std::sync::LazyLock;

use self::type_face::TypeFace;
use crate::assets;

pub(crate) use paper::{About, Paper, PaperError};

/// The typeface of documents, embedded in each as far as it is used.
pub(crate) struct Fonts {
    regular: TypeFace,
    bold: TypeFace,
}

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| {
    let read = |name: &str| assets::embedded(name).and_then(TypeFace::new);
    Some(Fonts {
        regular: read("fonts/Roboto_400Regular.ttf")?,
        bold: read("fonts/Roboto_700Bold.ttf")?,
    })
});

impl Fonts {
    /// The embedded typeface.
    ///
    /// # Errors
    /// Where the binary was built without it.
    pub(crate) fn embedded() -> Result<&'static Self, PaperError> {
        FONTS.as_ref().ok_or(PaperError::NoTypeFace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about<'a>(foot: &'a dyn Fn(usize, usize) -> String) -> About<'a> {
        About {
            title: "Zpráva",
            language: "cs",
            author: "Město Vzorov",
            made: "2026-11-22T05:00:00+01:00[Europe/Prague]".parse().unwrap(),
            foot,
        }
    }

    #[test]
    fn text_of_any_kind_becomes_a_document_that_holds_what_it_promises() {
        let mut paper = Paper::new(Fonts::embedded().unwrap());
        paper.title("Příliš žluťoučký kůň");
        paper.paragraph("úpěl ďábelské ódy \u{1f600} \u{202e}漢字\u{e000}\u{0}\u{7f} \r\n a tab\tkonec");
        paper.heading("Údaje");
        let long = "W".repeat(3000);
        let rows: Vec<(String, String)> = (0..120)
            .map(|row| (format!("Údaj {row}"), format!("{row} €")))
            .collect();
        paper.facts(rows.iter().map(|(label, value)| (label.as_str(), value.as_str())));
        paper.facts([("dlouhé", long.as_str()), ("", ""), (long.as_str(), "x")]);
        paper.heading("");
        let foot = |page: usize, pages: usize| format!("strana {page} z {pages}");
        let pdf = paper.finish(&about(&foot)).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
        // Strict writing refuses what is not PDF/A-2a and PDF/UA-1.
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("<pdfaid:part>2</pdfaid:part>") && text.contains("<pdfuaid:part>1</pdfuaid:part>"));
        let read = lopdf::Document::load_mem(&pdf).unwrap();
        assert!(read.get_pages().len() > 2);
        let said = read.extract_text(&[1]).unwrap();
        for words in ["Příliš žluťoučký kůň", "úpěl ďábelské ódy", "strana 1 z", "Údaj 1"] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }

    #[test]
    fn a_document_without_anything_is_one_page() {
        let foot = |_: usize, _: usize| String::new();
        let mut paper = Paper::new(Fonts::embedded().unwrap());
        paper.title("Nic");
        assert!(paper.finish(&about(&foot)).is_ok());
    }
}
