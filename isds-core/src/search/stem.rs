//! Forms of a Czech word: what is left of it without its ending.
//!
//! After the idea of the light stemmer of Dolamic and Savoy (*Indexing and stemming approaches for the Czech
//! language*, 2009): endings of declension are taken away, longest first, and nothing of derivation. It differs in what
//! happens to the consonant before the ending. There it is turned back after some endings only (`praze` to `prah`),
//! which takes `burze` for a form of `burh`; here the last consonant of every stem is brought to one of its softened
//! kind, whatever the ending was (`prah`, `praz` to `praz`; `burz`, `burz` to `burz`). The same holds for the `e` that
//! comes and goes (`služeb`, `služba`). Stems are no words: all that matters is that forms of one word share theirs.

/// Whether the word still has its diacritics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// As it is written.
    Czech,
    /// Without diacritics: endings are recognised by their bare letters.
    Folded,
}

/// Endings of declension, longest first.
const ENDINGS: &[&str] = &[
    "atech", "ětem", "atům", "ého", "ému", "ího", "ímu", "ými", "ími", "ých", "ích", "ách", "ech", "ata", "aty", "ami",
    "emi", "ěmi", "ovi", "ám", "ím", "ým", "ům", "em", "ém", "ěm", "um", "ou", "ův", "a", "á", "e", "é", "ě", "i", "í",
    "o", "u", "ú", "ů", "y", "ý",
];

/// The same without diacritics, each once, longest first.
const FOLDED_ENDINGS: &[&str] = &[
    "atech", "etem", "atum", "eho", "emu", "iho", "imu", "ymi", "imi", "ych", "ich", "ach", "ech", "ata", "aty", "ami",
    "emi", "ovi", "am", "im", "ym", "um", "em", "ou", "uv", "a", "e", "i", "o", "u", "y",
];

/// Least number of letters that an ending leaves over.
const SHORTEST: usize = 3;
/// Least number of letters that `em` and `um` leave over, since in `firem` and `album` they are no endings.
const SHORTEST_BEFORE_M: usize = 4;

/// The stem of a word in lower case. Words with digits or of three letters and less have no endings.
pub(super) fn stem(word: &str, alphabet: Alphabet) -> String {
    if word.chars().any(|c| c.is_ascii_digit()) || word.chars().count() < SHORTEST {
        return word.to_owned();
    }
    let mut stem: Vec<char> = without_ending(word, alphabet).chars().collect();
    soften(&mut stem, alphabet);
    drop_fleeting_e(&mut stem);
    if alphabet == Alphabet::Czech {
        shorten(&mut stem);
    }
    stem.into_iter().collect()
}

fn without_ending(word: &str, alphabet: Alphabet) -> &str {
    let endings = match alphabet {
        Alphabet::Czech => ENDINGS,
        Alphabet::Folded => FOLDED_ENDINGS,
    };
    let fitting = endings.iter().filter_map(|ending| {
        let rest = word.strip_suffix(ending)?;
        let has_vowel = rest.chars().any(is_vowel);
        let doubtful = matches!(*ending, "em" | "um") && has_vowel;
        let least = if doubtful { SHORTEST_BEFORE_M } else { SHORTEST };
        // Brno: r and l make a syllable as well.
        let is_word = has_vowel || rest.contains(['r', 'l']);
        (is_word && rest.chars().count() >= least).then_some(rest)
    });
    // The shortest rest belongs to the longest ending.
    fitting.min_by_key(|rest| rest.len()).unwrap_or(word)
}

fn is_vowel(letter: char) -> bool {
    matches!(
        letter,
        'a' | 'á' | 'e' | 'é' | 'ě' | 'i' | 'í' | 'o' | 'ó' | 'u' | 'ú' | 'ů' | 'y' | 'ý' | 'ä' | 'ö' | 'ü'
    )
}

/// Brings the consonants at the end to one of those that they alternate with in declension.
fn soften(stem: &mut Vec<char>, alphabet: Alphabet) {
    let Some(last) = stem.last().copied() else { return };
    let before = stem.len().checked_sub(2).map(|at| stem[at]);
    let softened: &[char] = match (before, last, alphabet) {
        // český – čeští, německý – němečtí. Without diacritics `st` would be taken for it as well.
        (Some('š'), 't' | 'ť', Alphabet::Czech) => &['s', 'c'],
        (Some('č'), 't' | 'ť', Alphabet::Czech) => &['c', 'c'],
        // ch is one letter and does not alternate with z.
        (Some('c'), 'h', _) => return,
        (_, 'k' | 'č' | 'c', _) => &['c'],
        (_, 'h' | 'ž' | 'g' | 'z', _) => &['z'],
        (_, 'ř', _) => &['r'],
        (_, 'ť', _) => &['t'],
        (_, 'ď', _) => &['d'],
        (_, 'ň', _) => &['n'],
        _ => return,
    };
    stem.truncate(stem.len() - softened.len());
    stem.extend_from_slice(softened);
}

/// Takes out the `e` between the last two consonants, which forms without an ending have and others do not.
fn drop_fleeting_e(stem: &mut Vec<char>) {
    let Some(at) = stem.len().checked_sub(2) else { return };
    if at < 2 || stem[at] != 'e' {
        return;
    }
    if !is_vowel(stem[at - 1]) && !is_vowel(stem[at + 1]) {
        stem.remove(at);
    }
}

/// dům – domu, kůň – koně, stůl – stolu: the vowel of a form without an ending is the long one.
fn shorten(stem: &mut [char]) {
    if let Some(at) = stem.len().checked_sub(2)
        && stem[at] == 'ů'
    {
        stem[at] = 'o';
    }
}
