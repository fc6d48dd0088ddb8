//! Forms of Czech words, as pairs that have to be taken for one word, and pairs that must not.

use super::*;

/// Whether a search for `query` finds `word`.
fn finds(query: &str, word: &str) -> bool {
    let [searched] = &searched_words(query)[..] else {
        panic!("{query} is not one word")
    };
    terms_of_word(&words(word).next().unwrap().text).any(|term| searched.terms.contains(&term))
}

/// Each form must find each other form of its line.
const FORMS: [&str; 44] = [
    "burza burzy burze burzu burzou burzám",
    "komoditní komoditního komoditnímu komoditním komoditních",
    "finanční finančního finančnímu finančním finančních finančními",
    "úřad úřadu úřadem úřady úřadů úřadům úřadech",
    "katastrální katastrálního",
    "pracoviště pracovišti pracovištěm pracovišť pracovištích",
    "Ostrava Ostravy Ostravě Ostravu Ostravou",
    "Praha Prahy Praze Prahu Prahou",
    "Brno Brna Brnu Brně Brnem",
    "Plzeň Plzně Plzni",
    "Liberec Liberce Liberci",
    "Olomouc Olomouce Olomouci",
    "Pardubice Pardubic Pardubicím Pardubicích Pardubicemi",
    "Hradec Hradce Hradci",
    "Písek Písku",
    "město města městu městem městě měst městům městech",
    "městský městského městská městské městskou městští",
    "obec obce obci obcí obcím obcích obcemi",
    "soud soudu soudem soudy soudů soudům soudech",
    "kraj kraje kraji krajem krajů",
    "krajský krajského krajská krajském",
    "škola školy škole školu školou škol školám školách",
    "služba služby službě službu službou služeb službám službách",
    "strojírna strojírny strojírně strojíren strojírnami",
    "pojišťovna pojišťovny pojišťovně pojišťoven",
    "banka banky bance banku bankou bankám",
    "společnost společnosti společností společnostem",
    "nemocnice nemocnici nemocnicí nemocnic nemocnicích",
    "ministerstvo ministerstva ministerstvu ministerstvem ministerstev",
    "republika republiky republice republiku republikou",
    "český česká české českého českému čeští českých",
    "německý německého němečtí německá",
    "advokát advokáta advokátovi advokátem advokáti advokátů",
    "exekutor exekutora exekutoři exekutorů exekutorem",
    "truhlářství truhlářstvím",
    "dům domu domě domy domů domech",
    "mládež mládeže mládeži mládeží",
    "ulice ulici ulicí ulic",
    "náměstí náměstím náměstích",
    "Novák Nováka Novákovi Novákem Nováků",
    "Dvořáková Dvořákové Dvořákovou",
    "Karel Karla Karlovi Karlem",
    "Marie Marii Marií",
    "nový nového novému novým nová nové novou nových",
];

#[test]
fn forms_of_one_word_find_each_other() {
    let mut wrong = Vec::new();
    for line in FORMS {
        let forms: Vec<&str> = line.split(' ').collect();
        for query in &forms {
            for word in forms.iter().filter(|word| !finds(query, word)) {
                wrong.push(format!("{query} does not find {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn forms_are_found_without_diacritics_as_well() {
    for (query, word) in [
        ("financni", "Finanční"),
        ("financniho", "finanční"),
        ("uradu", "úřad"),
        ("ceska", "česká"),
        ("ceskeho", "český"),
        ("Rehacek", "Řeháček"),
        ("mesto", "městě"),
        ("prahy", "Praze"),
        ("strojiren", "strojírny"),
        ("burze", "burza"),
        ("program", "programu"),
    ] {
        assert!(finds(query, word), "{query} does not find {word}");
    }
}

#[test]
fn diacritics_are_forgiven_in_one_direction_only() {
    for (query, word) in [
        ("češká", "česká"),
        ("česká", "ceska"),
        ("Řeháček", "Rehacek"),
        ("Reháček", "Řeháček"),
        ("úrad", "úřad"),
        ("Vzórov", "Vzorov"),
    ] {
        assert!(!finds(query, word), "{query} finds {word}");
    }
}

#[test]
fn other_words_are_not_found() {
    for (query, word) in [
        ("alza", "balzano"),
        ("alza", "alzana"),
        ("obec", "obecní"),
        ("úřad", "úřední"),
        ("Praha", "pražský"),
        ("Novák", "Nováková"),
        ("kraj", "krajina"),
        ("most", "mast"),
        ("1117", "11171"),
        ("Písek", "píseň"),
        ("město", "místo"),
        ("Brno", "brnění"),
    ] {
        assert!(!finds(query, word), "{query} finds {word}");
    }
}

#[test]
fn a_query_names_each_word_once() {
    assert_eq!(searched_words("Praha Praze praha").len(), 1);
    assert_eq!(searched_words("česká ceska").len(), 2);
    assert!(searched_words(" -- ").is_empty());
}

#[test]
fn what_was_found_is_marked_word_by_word() {
    let searched = searched_words("hlavní podešice sro");
    assert_eq!(
        highlight("Hlavní nám. 1, 65432 Podešicích, CZ", &searched),
        "|$*HL_START*$|Hlavní|$*HL_END*$| nám. 1, 65432 |$*HL_START*$|Podešicích|$*HL_END*$|, CZ"
    );
    assert_eq!(
        highlight("Vzor, s.r.o.", &searched),
        "Vzor, |$*HL_START*$|s.r.o|$*HL_END*$|."
    );
    assert_eq!(highlight("Podhlavní", &searched), "Podhlavní");
    assert_eq!(highlight("", &searched), "");
    let searched = searched_words("ceske");
    assert_eq!(
        highlight("České dráhy", &searched),
        "|$*HL_START*$|České|$*HL_END*$| dráhy"
    );
}
