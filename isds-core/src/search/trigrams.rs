//! Three letters at a time: what a text must hold to contain a part.

/// How many letters stand together.
const LETTERS: usize = 3;

/// All runs of three characters of a text, each once, in order. A text contains a part only if it has all runs of the
/// part; the reverse is not true, so what is found by runs is looked at once more.
#[must_use]
pub fn trigrams(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut runs: Vec<String> = letters.windows(LETTERS).map(|run| run.iter().collect()).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_once() {
        assert_eq!(trigrams("ananas"), ["ana", "nan", "nas"]);
        assert_eq!(trigrams("žlu"), ["žlu"]);
        assert_eq!(trigrams("žl"), [""; 0]);
    }
}
