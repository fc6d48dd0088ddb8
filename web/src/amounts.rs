//! Sums and sizes as people say them.

use crate::words::Language;

/// An amount of hellers.
pub(crate) fn money(hellers: i64, language: Language) -> String {
    let (crowns, rest) = (hellers / 100, (hellers % 100).abs());
    let mut digits = crowns.abs().to_string();
    let separator = match language {
        Language::Cs => '\u{A0}',
        Language::En => ',',
    };
    let mut at = digits.len();
    while at > 3 {
        at -= 3;
        digits.insert(at, separator);
    }
    if hellers < 0 {
        digits.insert(0, '\u{2212}');
    }
    match language {
        Language::Cs => format!("{digits},{rest:02}\u{A0}Kč"),
        Language::En => format!("CZK\u{A0}{digits}.{rest:02}"),
    }
}

/// A number of bytes, in the units in which the limits of messages are.
pub(crate) fn size(bytes: u64, language: Language) -> String {
    let (tenths, unit) = match bytes {
        0..1024 => return format!("{bytes}\u{A0}B"),
        1024..1_048_576 => (bytes * 10 / 1024, "kB"),
        _ => (bytes / 1024 * 10 / 1024, "MB"),
    };
    let point = match language {
        Language::Cs => ',',
        Language::En => '.',
    };
    let (whole, rest) = (tenths / 10, tenths % 10);
    if whole >= 100 || rest == 0 {
        format!("{whole}\u{A0}{unit}")
    } else {
        format!("{whole}{point}{rest}\u{A0}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_said_in_both_languages() {
        assert_eq!(money(1000, Language::Cs), "10,00\u{A0}Kč");
        assert_eq!(money(1_234_567_890, Language::Cs), "12\u{A0}345\u{A0}678,90\u{A0}Kč");
        assert_eq!(money(-1205, Language::Cs), "\u{2212}12,05\u{A0}Kč");
        assert_eq!(money(1_205, Language::En), "CZK\u{A0}12.05");
        assert_eq!(money(99_999, Language::En), "CZK\u{A0}999.99");
    }

    #[test]
    fn sizes_are_said_in_both_languages() {
        for (bytes, said) in [
            (0, "0\u{A0}B"),
            (1023, "1023\u{A0}B"),
            (1024, "1\u{A0}kB"),
            (1536, "1,5\u{A0}kB"),
            (1_048_575, "1023\u{A0}kB"),
            (1_572_864, "1,5\u{A0}MB"),
            (20 * 1024 * 1024, "20\u{A0}MB"),
            (104_857_600, "100\u{A0}MB"),
        ] {
            assert_eq!(size(bytes, Language::Cs), said);
        }
        assert_eq!(size(1536, Language::En), "1.5\u{A0}kB");
        assert!(size(u64::MAX, Language::En).ends_with("MB"));
    }
}
