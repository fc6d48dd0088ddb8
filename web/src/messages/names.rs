//! Names that a sender chose, made fit for somebody else's disk, an archive and a header.

use std::collections::HashSet;

/// Longest name, in characters, its suffix included.
const MOST: usize = 150;
/// Longest suffix that is kept whole.
const MOST_SUFFIX: usize = 10;

/// A name without parts that a system reads as something else: paths, controls, marks that turn the direction of text,
/// names of devices, dots in front. Where nothing is left, `number` tells the files apart.
pub(super) fn safe_name(given: &str, number: usize) -> String {
    let replaced: String = given
        .chars()
        .filter(|letter| !is_unseen(*letter))
        .map(without_meaning)
        .collect();
    let trimmed = replaced.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    let (stem, suffix) = split(trimmed);
    let room = MOST - suffix.chars().count();
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_end();
    if stem.is_empty() || is_device(stem) {
        return format!("priloha-{number}{suffix}");
    }
    format!("{stem}{suffix}")
}

/// Stem and suffix with its dot, if it has a sensible one.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name[dot..].chars().count() <= MOST_SUFFIX + 1 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Signs of direction and joining, which make a name look like another.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{61c}' | '\u{feff}')
}

fn without_meaning(letter: char) -> char {
    match letter {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2044}' | '\u{2215}' | '\u{ff0f}' => '_',
        letter if letter.is_control() => '_',
        letter if letter.is_whitespace() => ' ',
        letter => letter,
    }
}

/// Names that Windows keeps for devices, whatever their suffix.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim().to_ascii_uppercase();
    let numbered = |name: &str| {
        first
            .strip_prefix(name)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|digit| digit.is_ascii_digit()))
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// Safe names for all of several files, no two of them alike to a system that does not tell letters' case apart.
pub(super) fn unique_names<'a>(given: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for (index, given) in given.into_iter().enumerate() {
        let safe = safe_name(given, index + 1);
        let (stem, suffix) = split(&safe);
        let mut name = safe.clone();
        let mut count = 1;
        while !taken.insert(name.to_lowercase()) {
            count += 1;
            name = format!("{stem} ({count}){suffix}");
        }
        names.push(name);
    }
    names
}

/// `Content-Disposition` (RFC 6266): the name in ASCII for old readers, and as it is (RFC 8187).
pub(super) fn disposition(kind: Disposition, safe: &str) -> String {
    let ascii: String = safe.chars().map(ascii_letter).collect();
    let mut encoded = String::new();
    for byte in safe.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}", kind.word())
}

/// What the browser is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposition {
    /// Show it.
    Inline,
    /// Keep it.
    Attachment,
}

impl Disposition {
    fn word(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Attachment => "attachment",
        }
    }
}

/// Czech and Slovak letters lose their marks, all else that is not ASCII becomes a line.
fn ascii_letter(letter: char) -> char {
    const MARKED: &str = "áčďéěíňóřšťúůýžäĺľôŕöüÁČĎÉĚÍŇÓŘŠŤÚŮÝŽÄĹĽÔŔÖÜ";
    const PLAIN: &str = "acdeeinorstuuyzallorouACDEEINORSTUUYZALLOROU";
    match letter {
        '"' | '\\' | '%' => '_',
        ' '..='~' => letter,
        letter => MARKED
            .chars()
            .position(|marked| marked == letter)
            .and_then(|at| PLAIN.chars().nth(at))
            .unwrap_or('_'),
    }
}

/// Number of bytes as people say it, in powers of ten.
pub(super) fn size(bytes: u64, decimal_comma: bool) -> String {
    let (divisor, unit) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = bytes.saturating_mul(10).saturating_add(divisor / 2) / divisor;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if whole >= 100 {
        return format!("{} {unit}", bytes.saturating_add(divisor / 2) / divisor);
    }
    if tenth == 0 {
        return format!("{whole} {unit}");
    }
    let point = if decimal_comma { ',' } else { '.' };
    format!("{whole}{point}{tenth} {unit}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn nothing_of_a_name_reaches_out_of_the_folder_or_the_header() {
        for (given, safe) in [
            ("smlouva.pdf", "smlouva.pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("a\r\nSet-Cookie: x=1.txt", "a__Set-Cookie_ x=1.txt"),
            ("a\"; filename=\"b.exe", "a_; filename=_b.exe"),
            ("\u{202e}fdp.exe", "fdp.exe"),
            ("a\u{200b}b\u{feff}.pdf", "ab.pdf"),
            (".htaccess", "htaccess"),
            ("...", "priloha-7"),
            ("", "priloha-7"),
            ("CON.txt", "priloha-7.txt"),
            ("com1.pdf", "priloha-7.pdf"),
            ("comfort.pdf", "comfort.pdf"),
            ("a/b∕c⁄d／e", "a_b_c_d_e"),
            ("žluťoučký kůň.pdf", "žluťoučký kůň.pdf"),
            ("a\0b.txt", "a_b.txt"),
            ("konec .pdf. ", "konec.pdf"),
        ] {
            assert_eq!(safe_name(given, 7), safe, "{given:?}");
        }
        let long = safe_name(&format!("{}.pdf", "ž".repeat(300)), 1);
        assert_eq!((long.chars().count(), long.ends_with(".pdf")), (150, true));
        assert_eq!(safe_name(&"a.".repeat(200), 1).chars().count(), 150);
    }

    #[test]
    fn names_are_unique_whatever_their_case() {
        let names = unique_names(["a.pdf", "A.PDF", "a.pdf", "", "..", "a (2).pdf"]);
        assert_eq!(
            names,
            [
                "a.pdf",
                "A (2).PDF",
                "a (3).pdf",
                "priloha-4",
                "priloha-5",
                "a (2) (2).pdf"
            ]
        );
    }

    #[test]
    fn the_header_is_ascii_and_closed() {
        assert_eq!(
            disposition(Disposition::Attachment, "kůň 100%.pdf"),
            "attachment; filename=\"kun 100_.pdf\"; filename*=UTF-8''k%C5%AF%C5%88%20100%25.pdf"
        );
        for given in ["a\"b", "a\r\nb", "a\\b", "漢字.pdf", "a;b='c", "a\u{7f}b"] {
            let header = disposition(Disposition::Inline, &safe_name(given, 1));
            assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{header}");
            assert_eq!(header.matches('"').count(), 2, "{header}");
            assert!(HeaderValue::from_str(&header).is_ok());
        }
    }

    #[test]
    fn sizes_are_said_shortly() {
        for (bytes, czech) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (1_540, "1,5 kB"),
            (120_400, "120 kB"),
            (2_000_000, "2 MB"),
            (104_857_600, "105 MB"),
            (5_000_000_000, "5 GB"),
        ] {
            assert_eq!(size(bytes, true), czech);
        }
        assert_eq!(size(1_540, false), "1.5 kB");
    }
}
