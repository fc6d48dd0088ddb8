//! Amounts of money, the same everywhere.

use crate::words::Language;

/// Hellers as crowns, with groups of digits and the sign by itself: what is between minus one and nought has it as well.
pub(crate) fn number(hellers: i64, language: Language) -> String {
    let (group, point) = match language {
        Language::Cs => ('\u{A0}', ','),
        Language::En => (',', '.'),
    };
    let sign = if hellers < 0 { "\u{2212}" } else { "" };
    let whole = (hellers.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{point}{:02}", hellers.unsigned_abs() % 100)
}

/// The same with the currency.
pub(crate) fn crowns(hellers: i64, language: Language) -> String {
    match language {
        Language::Cs => format!("{}\u{A0}Kč", number(hellers, language)),
        Language::En => format!("CZK\u{A0}{}", number(hellers, language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_groups_and_hellers() {
        for (hellers, czech, english) in [
            (0, "0,00", "0.00"),
            (5, "0,05", "0.05"),
            (-50, "\u{2212}0,50", "\u{2212}0.50"),
            (-99, "\u{2212}0,99", "\u{2212}0.99"),
            (-1000, "\u{2212}10,00", "\u{2212}10.00"),
            (123_456_789, "1\u{A0}234\u{A0}567,89", "1,234,567.89"),
        ] {
            assert_eq!(number(hellers, Language::Cs), czech);
            assert_eq!(number(hellers, Language::En), english);
        }
        assert_eq!(crowns(-50, Language::Cs), "\u{2212}0,50\u{A0}Kč");
        assert_eq!(crowns(i64::MIN, Language::En).chars().next(), Some('C'));
    }
}
