//! What stands in the sources was said: a statement that no case of the suite needs is looked at by nobody.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::PoisonError;

use super::HEARD;

/// Folders whose statements PostgreSQL is told.
const FOLDERS: [&str; 3] = ["shared", "postgres", "rows"];
/// Pieces of statements that the cases of the suite do not need.
const UNSAID: &[(&str, &str)] = &[];
/// So short a piece tells nothing.
const SHORTEST: usize = 15;

/// Every piece of a statement in the sources is part of one that was heard.
pub fn assert_all_heard() {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let heard = heard.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut unsaid, mut found) = (BTreeSet::new(), 0);
    for folder in FOLDERS {
        for entry in fs::read_dir(sources.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // Tests that look at plans name statements and say none.
            if path
                .file_stem()
                .is_some_and(|name| name.to_string_lossy().ends_with("plans"))
            {
                continue;
            }
            for piece in pieces(&fs::read_to_string(&path).unwrap()) {
                found += 1;
                if !heard.contains(&piece) {
                    unsaid.insert(piece);
                }
            }
        }
    }
    assert!(found > 500, "the sources were not read: {found}");
    let expected = |piece: &&String| UNSAID.iter().any(|(begin, _)| piece.starts_with(begin));
    let missing: Vec<_> = unsaid.iter().filter(|piece| !expected(piece)).collect();
    assert!(missing.is_empty(), "no case of the suite has these said: {missing:#?}");
    let said: Vec<_> = UNSAID
        .iter()
        .filter(|(begin, _)| !unsaid.iter().any(|piece| piece.starts_with(begin)))
        .collect();
    assert!(said.is_empty(), "said by now: {said:#?}");
}

/// Texts of a source that belong to statements, with their whitespace as in what is heard.
fn pieces(source: &str) -> Vec<String> {
    // Tests of a file stand at its end.
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let (mut texts, mut letters) = (Vec::new(), code.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.peek() == Some(&'"') => drop(letters.next()),
            '"' => texts.push(text(&mut letters)),
            _ => {}
        }
    }
    let words = [
        "SELECT", "UPDATE", "DELETE", "INSERT", "FROM", "WHERE", "ORDER", "JOIN", "AND",
    ];
    texts
        .iter()
        // What is put in is not known.
        .flat_map(|text| text.split(['{', '}']))
        .map(|piece| piece.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|piece| piece.len() >= SHORTEST)
        .filter(|piece| words.iter().any(|word| piece.split(' ').any(|other| other == *word)))
        .collect()
}

/// The rest of a text, up to its end.
fn text(letters: &mut impl Iterator<Item = char>) -> String {
    let (mut text, mut continued) = (String::new(), false);
    while let Some(letter) = letters.next() {
        if continued && letter.is_whitespace() {
            continue;
        }
        continued = false;
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                // The next line goes on where its first word stands.
                Some('\n') => continued = true,
                Some(escaped) => text.push(escaped),
                None => break,
            },
            _ => text.push(letter),
        }
    }
    text
}
