//! Taking text out of files that strangers sent, so that it can be searched.
//!
//! It happens in a process of its own that has little memory and time, opens nothing and ends with the file: whatever is
//! wrong with a file costs its text and nothing else.

mod bounds;
mod pdf;
mod plain;
mod process;

use std::io::{self, Read, Write};

pub use process::SeparateProcess;

/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 20 * 1024 * 1024;
/// Longest text that is answered, in bytes.
const MAX_TEXT: usize = 2 * 1024 * 1024;

/// Forms of files that are understood, by the names under which they are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// PDF.
    Pdf,
    /// Text of an unknown encoding.
    Text,
}

/// What the process does: limits itself, reads the file from its input and writes the text to its output.
///
/// # Errors
/// Where the limits cannot be set, the file cannot be read or has no text.
pub fn extract(form: Form) -> io::Result<()> {
    bounds::set()?;
    let mut file = Vec::new();
    io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut file)?;
    if file.len() as u64 > MAX_FILE {
        return Err(io::Error::other("the file is too large"));
    }
    let text = text_of(form, &file).ok_or_else(|| io::Error::other("the file has no text"))?;
    io::stdout().lock().write_all(cut(&text).as_bytes())
}

fn text_of(form: Form, file: &[u8]) -> Option<String> {
    match form {
        Form::Pdf => pdf::text(file),
        Form::Text => Some(plain::text(file)),
    }
}

/// As much of a text as is answered.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("kůň"), "kůň");
        let long = "ž".repeat(MAX_TEXT);
        assert_eq!(cut(&long).len(), MAX_TEXT);
        let odd = format!("a{long}");
        assert_eq!(cut(&odd).len(), MAX_TEXT - 1);
    }
}
