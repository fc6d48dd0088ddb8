//! Measuring and setting text in an embedded typeface.

use std::ops::Range;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use ttf_parser::Face;
use unicode_normalization::UnicodeNormalization;

/// What stands for a letter that the typeface does not have.
const SUBSTITUTE: char = '?';

/// A typeface of one weight.
pub(super) struct TypeFace {
    face: Face<'static>,
    pub(super) font: Font,
    units: f32,
}

/// A piece of text that fits into one line, with its glyphs.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub text: String,
    /// One for each letter; one that the typeface does not have is shown by another, and found as what it is.
    pub glyphs: Vec<KrillaGlyph>,
    /// Width at size 1.
    pub width: f32,
}

impl TypeFace {
    /// Reads a TrueType file.
    pub fn new(bytes: &'static [u8]) -> Option<Self> {
        let face = Face::parse(bytes, 0).ok()?;
        let units = f32::from(face.units_per_em());
        Some(Self {
            face,
            font: Font::new(bytes.into(), 0)?,
            units,
        })
    }

    /// The lines of a text that may be `width` wide at size 1. Between words it is broken, and inside of one only
    /// where it alone is wider than a line.
    pub fn lines(&self, text: &str, width: f32) -> Vec<Run> {
        let mut lines = Vec::new();
        let mut line = Run::default();
        for word in readable(text).split(' ').filter(|word| !word.is_empty()) {
            for piece in self.pieces(word, width) {
                let space = if line.text.is_empty() { 0.0 } else { self.advance(' ') };
                if !line.text.is_empty() && line.width + space + piece.width > width {
                    // A space at the end tells those who take the text out where the word ended.
                    self.append(&mut line, " ");
                    lines.push(std::mem::take(&mut line));
                } else if !line.text.is_empty() {
                    self.append(&mut line, " ");
                }
                self.append(&mut line, &piece.text);
            }
        }
        if !line.text.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// The word, or the parts of one that is wider than a line.
    fn pieces(&self, word: &str, width: f32) -> Vec<Run> {
        let mut pieces = Vec::new();
        let mut piece = Run::default();
        let mut letters = [0; 4];
        for letter in word.chars() {
            if piece.width + self.advance(letter) > width && !piece.text.is_empty() {
                pieces.push(std::mem::take(&mut piece));
            }
            self.append(&mut piece, letter.encode_utf8(&mut letters));
        }
        pieces.push(piece);
        pieces
    }

    fn append(&self, run: &mut Run, text: &str) {
        for letter in text.chars() {
            let glyph = self.glyph(letter);
            let from = run.text.len();
            run.text.push(if is_private(letter) { SUBSTITUTE } else { letter });
            let advance = self.width_of(glyph);
            run.glyphs.push(placed(glyph, advance, from..run.text.len()));
            run.width += advance;
        }
    }

    fn advance(&self, letter: char) -> f32 {
        self.width_of(self.glyph(letter))
    }

    fn width_of(&self, glyph: u16) -> f32 {
        let advance = self.face.glyph_hor_advance(ttf_parser::GlyphId(glyph));
        f32::from(advance.unwrap_or(0)) / self.units
    }

    fn glyph(&self, letter: char) -> u16 {
        let find = |letter: char| {
            self.face
                .glyph_index(letter)
                .map(|glyph| glyph.0)
                .filter(|glyph| *glyph != 0)
        };
        find(letter).or_else(|| find(SUBSTITUTE)).unwrap_or(0)
    }
}

fn placed(glyph: u16, advance: f32, range: Range<usize>) -> KrillaGlyph {
    KrillaGlyph::new(GlyphId::new(u32::from(glyph)), advance, 0.0, 0.0, 0.0, range, None)
}

/// The text with its letters in one piece, one blank between words, and nothing that cannot be seen.
pub(super) fn readable(text: &str) -> String {
    let composed: String = text.nfc().filter(|letter| !is_unseen(*letter)).collect();
    let words: Vec<&str> = composed.split_whitespace().collect();
    words.join(" ")
}

/// Letters without a picture of their own: controls, marks of direction, joiners. They would only mislead on paper.
fn is_unseen(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

fn is_private(letter: char) -> bool {
    matches!(u32::from(letter), 0xe000..=0xf8ff | 0xf_0000..=0x10_ffff | 0xfffe | 0xffff)
}
