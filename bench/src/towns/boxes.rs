//! The boxes of a town: firms whose names and addresses are told apart by searches.

use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::search::{IndexedBox, Place};
use isds_core::text::fold_case;

use crate::Outcome;
use crate::world::{box_id, data_box};

/// First character of the numbers of a town's boxes.
pub const LETTER: char = 't';
/// Boxes that share a word of their names, which no others have.
const NAMESAKES: usize = 50;
/// Words of which each stands in every twentieth name.
const TRADES: [&str; 20] = [
    "stavby",
    "obchod",
    "doprava",
    "strojírny",
    "služby",
    "pekárna",
    "tiskárna",
    "sklárna",
    "mlékárna",
    "lesy",
    "zahrady",
    "vinařství",
    "nábytek",
    "elektro",
    "autodílna",
    "papírna",
    "textil",
    "keramika",
    "chemie",
    "reality",
];
/// Towns of which each stands in every fortieth address.
const CITIES: [&str; 40] = [
    "Praha",
    "Brno",
    "Ostrava",
    "Plzeň",
    "Liberec",
    "Olomouc",
    "Pardubice",
    "Zlín",
    "Havířov",
    "Kladno",
    "Most",
    "Opava",
    "Jihlava",
    "Karviná",
    "Teplice",
    "Děčín",
    "Chomutov",
    "Přerov",
    "Prostějov",
    "Jablonec",
    "Mladá",
    "Třebíč",
    "Tábor",
    "Znojmo",
    "Kolín",
    "Příbram",
    "Cheb",
    "Písek",
    "Trutnov",
    "Orlová",
    "Kroměříž",
    "Vsetín",
    "Břeclav",
    "Litoměřice",
    "Havlíčkův",
    "Strakonice",
    "Klatovy",
    "Vyškov",
    "Náchod",
    "Beroun",
];
const CONSONANTS: &[u8; 14] = b"bdfgjkmnprstvz";
const VOWELS: &[u8; 5] = b"aeiou";
const SYLLABLES: usize = CONSONANTS.len() * VOWELS.len();

/// The `index`-th box.
pub fn town_box(id: BoxId, index: usize) -> DataBox {
    let mut firm = data_box(id, BoxType::Po, index);
    firm.ic = Some(format!("{:08}", 40_000_000 + index));
    firm.firm_name = Some(format!("Vzorová {} {}", word(index / NAMESAKES), trade(index)));
    firm.address.city = Some(city(index).to_owned());
    firm
}

fn trade(index: usize) -> &'static str {
    TRADES[index % TRADES.len()]
}

fn city(index: usize) -> &'static str {
    CITIES[index % CITIES.len()]
}

/// A word that no other group of namesakes has; neighbours are not alike.
fn word(group: usize) -> String {
    let count = SYLLABLES.pow(3);
    let mut rest = group * 7919 % count;
    let mut word = String::new();
    for _ in 0..3 {
        let syllable = rest % SYLLABLES;
        word.push(char::from(CONSONANTS[syllable / VOWELS.len()]));
        word.push(char::from(VOWELS[syllable % VOWELS.len()]));
        rest /= SYLLABLES;
    }
    word.push('r');
    word
}

/// A row of `box_words` and what they make together in `box_terms`, as the store writes them.
pub struct Index {
    /// Stem, place, forms.
    pub words: Vec<(String, i16, i16)>,
    /// JSON of place and stem of each.
    pub terms: String,
}

impl Index {
    /// The index of a box. That the store writes the same is compared when a town is filled.
    pub fn of(data_box: &DataBox) -> Outcome<Self> {
        let indexed = IndexedBox::of(data_box);
        let mut words: Vec<(String, i16, i16)> = indexed
            .terms
            .into_iter()
            .map(|found| {
                let place = match found.place {
                    Place::Name => 0,
                    Place::Address => 1,
                };
                (found.term.stem, place, if found.term.folded { 1 } else { 2 })
            })
            .collect();
        words.sort_unstable();
        words.dedup_by(|next, word| {
            let same = (&next.0, next.1) == (&word.0, word.1);
            if same {
                word.2 |= next.2;
            }
            same
        });
        words.extend(indexed.firm_parts.into_iter().map(|part| (part, 2, 0)));
        let terms: Vec<(i16, &str)> = words.iter().map(|(word, place, _)| (*place, word.as_str())).collect();
        let terms = serde_json::to_string(&terms)?;
        Ok(Self { words, terms })
    }
}

/// The line of a box in the table that a town is filled from: place, number, IČO, name, name and town in lower case.
pub fn line(index: usize) -> Outcome<(BoxId, String)> {
    let id = box_id(LETTER, index)?;
    let firm = town_box(id, index);
    let (name, ic) = (firm.firm_name.unwrap_or_default(), firm.ic.unwrap_or_default());
    let folded = fold_case(&name);
    let city = city(index);
    Ok((
        id,
        format!("{index}\t{id}\t{ic}\t{name}\t{folded}\t{city}\t{}\n", fold_case(city)),
    ))
}

/// A search, with how many boxes it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What is searched for.
    pub text: String,
    /// Boxes that are found: a hundred at most.
    pub matches: usize,
}

impl Query {
    /// The `turn`-th search in a town of so many boxes: a word alone, with one that everybody has, with a trade, with a
    /// town.
    pub fn of(size: usize, turn: usize) -> Self {
        let group = turn * 6151 % (size / NAMESAKES).max(1);
        let members = (group * NAMESAKES..(group + 1) * NAMESAKES).take_while(|index| *index < size);
        let (word, example) = (word(group), group * NAMESAKES + 7);
        let count = |condition: &dyn Fn(usize) -> bool| members.filter(|index| condition(*index)).count();
        let (text, matches) = match turn % 4 {
            0 => (word, count(&|_| true)),
            1 => (format!("vzorova {word}"), count(&|_| true)),
            2 => (
                format!("{word} {}", trade(example)),
                count(&|index| trade(index) == trade(example)),
            ),
            _ => (
                format!("{word} {}", city(example)),
                count(&|index| city(index) == city(example)),
            ),
        };
        Self { text, matches }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use isds_core::search::searched_words;

    use super::*;

    #[test]
    fn every_group_of_namesakes_has_a_stem_of_its_own() {
        let stems: HashSet<String> = (0..20_000)
            .map(|group| searched_words(&word(group))[0].terms[0].stem.clone())
            .collect();
        assert_eq!(stems.len(), 20_000);
    }

    #[test]
    fn searches_find_what_lies_in_the_groups() {
        for turn in 0..400 {
            let query = Query::of(10_000, turn);
            assert!((1..=NAMESAKES).contains(&query.matches), "{query:?}");
        }
    }
}
