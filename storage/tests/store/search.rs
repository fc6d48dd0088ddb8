//! The search for boxes by words and numbers, their history, and files about all of them.

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{BoxId, ObjectId};
use isds_core::ports::{
    Audience, BEGINNING_OF_RECORDS, BoxQuery, BoxStateChange, DataFile, ListedBoxes, NumberQuery, Reach, WordMatch,
    WordQuery,
};
use isds_core::search::{Within, searched_words};
use isds_core::time::Timestamp;

use crate::engines::{Backend, count, execute};
use crate::fixtures::*;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn firm(id: &str, name: &str, city: &str) -> DataBox {
    DataBox {
        firm_name: some(name),
        address: Address {
            city: some(city),
            street: some("Dlouhá"),
            number_in_municipality: some("5"),
            zip_code: some("66451"),
            state: some("CZ"),
            ..Address::default()
        },
        ..data_box(id, BoxType::Po)
    }
}

fn person(id: &str, given: &str, last: &str) -> DataBox {
    DataBox {
        given_names: some(given),
        last_name: some(last),
        ..data_box(id, BoxType::Fo)
    }
}

async fn add(db: &Backend, boxes: &[DataBox]) {
    for data_box in boxes {
        db.store.add_box(data_box).await.unwrap();
    }
}

fn reach(audience: Audience) -> Reach {
    Reach {
        audience,
        types: Vec::new(),
        accessible_since: Timestamp(i64::MAX),
    }
}

async fn matches(db: &Backend, text: &str, within: Within, reach: Reach) -> Vec<WordMatch> {
    let query = WordQuery {
        words: searched_words(text),
        within,
        reach,
        limit: 100,
    };
    let mut found = db.store.match_words(&query).await.unwrap();
    found.sort_by_key(|found| found.id);
    found
}

async fn find(db: &Backend, text: &str) -> Vec<BoxId> {
    let found = matches(db, text, Within::Anywhere, reach(Audience::Authority)).await;
    found.into_iter().map(|found| found.id).collect()
}

fn ids(boxes: &[&DataBox]) -> Vec<BoxId> {
    let mut ids: Vec<BoxId> = boxes.iter().map(|data_box| data_box.id).collect();
    ids.sort_unstable();
    ids
}

pub async fn all_words_must_be_there(db: Backend) {
    let saws = firm("aaaaab", "Strojírny Vzor, s.r.o.", "Šlapanice");
    let bank = firm("aaaaac", "Vzorová banka, a.s.", "Vzorov");
    let plain = firm("aaaaad", "Banka Ceska", "Brno");
    add(&db, &[saws.clone(), bank.clone(), plain.clone()]).await;
    assert_eq!(find(&db, "strojírna").await, ids(&[&saws]));
    assert_eq!(find(&db, "strojirny").await, ids(&[&saws]));
    assert_eq!(find(&db, "BANKY").await, ids(&[&bank, &plain]));
    assert_eq!(find(&db, "banka vzorov").await, ids(&[&bank]));
    assert_eq!(find(&db, "vzor s. r. o. šlapanicích").await, ids(&[&saws]));
    assert_eq!(find(&db, "dlouhá 5").await, ids(&[&saws, &bank, &plain]));
    assert_eq!(find(&db, "664 51 banka").await, ids(&[&bank, &plain]));
    assert_eq!(find(&db, "banka pojišťovna").await, []);
    assert_eq!(find(&db, "stroj").await, [], "no part of a word");
    assert_eq!(find(&db, "česká").await, []);
    assert_eq!(find(&db, "ceska").await, ids(&[&plain]));
    for odd in ["x\0y", "'; DROP TABLE boxes; --", "%", "_"] {
        assert_eq!(find(&db, odd).await, [], "{odd:?}");
    }
    assert_eq!(find(&db, "vzorov").await, ids(&[&bank]));
    // As many words as a search may have, each looked for in two ways.
    let many: Vec<String> = (0..31)
        .map(|n| format!("{}mesta", char::from(b'a' + n % 26).to_string().repeat(4)))
        .collect();
    assert_eq!(find(&db, &many.join(" ")).await, []);
    assert_eq!(find(&db, &["vzorova"; 31].join(" ")).await, ids(&[&bank]));
    let all = "vzorova banka as dlouha 5 66451 vzorov cz";
    assert_eq!(find(&db, all).await, ids(&[&bank]));
}

pub async fn a_match_tells_where_the_words_stand(db: Backend) {
    let both = firm("aaaaab", "Dlouhá Brněnská Firma", "Brno");
    let mut name = firm("aaaaac", "Firma", "Ostrava");
    name.address.street = some("Brněnská");
    add(&db, &[both, name]).await;
    let all = |within| matches(&db, "firma brnenska", within, reach(Audience::Authority));
    let anywhere = all(Within::Anywhere).await;
    let told: Vec<_> = anywhere.iter().map(|m| (m.in_name, m.name_words, m.exact)).collect();
    assert_eq!(told, [(2, 3, 1), (1, 1, 1)]);
    assert_eq!(anywhere[0].sort_name, "dlouhá brněnská firma");
    assert_eq!(all(Within::Name).await.len(), 1);
    assert_eq!(all(Within::Address).await.len(), 0);
    let street = matches(&db, "brno", Within::Address, reach(Audience::Authority)).await;
    assert_eq!(street.iter().map(|m| m.in_name).collect::<Vec<_>>(), [0]);
}

/// Where the name has a word only without diacritics, the address still tells that it stands there as it was written.
pub async fn a_word_of_both_counts_by_its_best_place(db: Backend) {
    let street = |data_box: DataBox, street: &str| DataBox {
        address: Address {
            street: some(street),
            ..data_box.address.clone()
        },
        ..data_box
    };
    let address_exact = street(firm("aaaaab", "Vzácná Fírma", "Brno"), "Firma");
    let nowhere_exact = street(firm("aaaaac", "Vzácná Fírma", "Brno"), "Fírma");
    let name_exact = street(firm("aaaaad", "Vzácná Firma", "Brno"), "Fírma");
    let address_only = street(firm("aaaaae", "Vzácná", "Brno"), "Fírma");
    add(&db, &[address_exact, nowhere_exact, name_exact, address_only]).await;
    let told = async |text| {
        let found = matches(&db, text, Within::Anywhere, reach(Audience::Authority)).await;
        found.iter().map(|m| (m.in_name, m.exact)).collect::<Vec<_>>()
    };
    let expected = [(2, 2), (2, 1), (2, 2), (1, 1)];
    assert_eq!(told("vzácná firma").await, expected);
    // Now the other word is the rarer one, and leads the search.
    for letter in 'c'..='k' {
        let more = street(firm(&format!("aaac{letter}c"), "Firma", "Brno"), "Firma");
        add(&db, &[more]).await;
    }
    assert_eq!(told("vzácná firma").await, expected);
}

pub async fn who_may_find_whom(db: Backend) {
    let hidden = person("aaaaab", "Jan", "Vzorný");
    let postal = DataBox {
        open_addressing: true,
        ..person("aaaaac", "Josef", "Vzorný")
    };
    let listed = person("aaaaad", "Petr", "Vzorný");
    let trader = DataBox {
        box_type: BoxType::Pfo,
        ..person("aaaaae", "Karel", "Vzorný")
    };
    let office = firm("aaaaaf", "Úřad Vzorný", "Vzorov");
    let system = DataBox {
        box_type: BoxType::System,
        ..firm("aaaaag", "Systém Vzorný", "Vzorov")
    };
    let closed = DataBox {
        state: BoxState::TemporarilyDisabled,
        ..firm("aaaaah", "Zavřený Vzorný", "Vzorov")
    };
    add(
        &db,
        &[
            hidden.clone(),
            postal.clone(),
            listed.clone(),
            trader.clone(),
            office.clone(),
            system,
            closed,
        ],
    )
    .await;
    assert!(!db.store.is_listed(listed.id).await.unwrap());
    assert!(db.store.set_listed(listed.id, true).await.unwrap());
    assert!(db.store.is_listed(listed.id).await.unwrap());
    assert!(!db.store.set_listed(novak(), true).await.unwrap(), "no such box");
    let found = async |audience| {
        let found = matches(&db, "vzorný", Within::Anywhere, reach(audience)).await;
        found.into_iter().map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(
        found(Audience::Authority).await,
        ids(&[&hidden, &postal, &listed, &trader, &office])
    );
    assert_eq!(
        found(Audience::Holder).await,
        ids(&[&postal, &listed, &trader, &office])
    );
    assert_eq!(found(Audience::Public).await, ids(&[&listed, &office]));
    let traders = Reach {
        types: vec![BoxType::Pfo, BoxType::PfoAdvok],
        ..reach(Audience::Authority)
    };
    let found = matches(&db, "vzorný", Within::Anywhere, traders).await;
    assert_eq!(
        found.into_iter().map(|found| found.id).collect::<Vec<_>>(),
        ids(&[&trader])
    );
}

pub async fn numbers_find_the_main_box_first(db: Backend) {
    let main = DataBox {
        ic: some("00000019"),
        ovm_id: some("00000019"),
        box_type: BoxType::Ovm,
        ..firm("zzzaab", "Úřad", "Vzorov")
    };
    let part = |id: &str, name: &str| DataBox {
        ic: some("00000019"),
        ovm_id: some("00000019.001"),
        upper_id: Some(main.id),
        box_type: BoxType::OvmReq,
        ..firm(id, name, "Vzorov")
    };
    let (b, a) = (part("aaaaab", "Podatelna B"), part("aaaaac", "Podatelna A"));
    add(&db, &[main.clone(), b.clone(), a.clone()]).await;
    let by = async |query: NumberQuery, limit| {
        let reach = reach(Audience::Holder);
        db.store.match_number(&query, &reach, limit).await.unwrap()
    };
    assert_eq!(by(NumberQuery::Ic("19".into()), 10).await, [main.id, a.id, b.id]);
    assert_eq!(by(NumberQuery::Ic("19".into()), 1).await, [main.id]);
    assert_eq!(by(NumberQuery::OvmId("00000019".into()), 10).await, [main.id]);
    assert_eq!(by(NumberQuery::Id(b.id), 10).await, [b.id]);
    assert_eq!(by(NumberQuery::Ic("\0".into()), 10).await, []);
    let loaded = db.store.load_boxes(&[b.id, novak(), main.id]).await.unwrap();
    assert_eq!(loaded, [b, main]);
    assert_eq!(db.store.load_boxes(&[]).await.unwrap(), []);
}

/// The rarest word leads the search even where another stands in thousands of boxes.
pub async fn common_words_and_rare_ones(db: Backend) {
    let mut rare = Vec::new();
    for n in 0..2_100 {
        let letters: Vec<char> = "abcdefghijkmnpqrstuvwxyz".chars().collect();
        let id = format!(
            "bb{}{}{}b",
            letters[n % 24],
            letters[n / 24 % 24],
            letters[n / 576 % 24]
        );
        let name = if n % 700 == 0 {
            "Společná vzácná"
        } else {
            "Společná"
        };
        let data_box = firm(&id, name, "Vzorov");
        db.store.add_box(&data_box).await.unwrap();
        if n % 700 == 0 {
            rare.push(data_box.id);
        }
    }
    rare.sort_unstable();
    assert_eq!(find(&db, "společná vzácná").await, rare);
    assert_eq!(find(&db, "dlouhá vzácná společná").await, rare);
    // Both words are common; as many as asked for come back.
    assert_eq!(find(&db, "společná dlouhá").await.len(), 100);
    assert_eq!(find(&db, "společná").await.len(), 100);
}

pub async fn boxes_of_before_are_indexed(db: Backend) {
    let boxes: Vec<DataBox> = ["aaaaab", "aaaaac", "aaaaad", "aaaaae", "aaaaaf"]
        .map(|id| firm(id, "Strojírny", "Vzorov"))
        .to_vec();
    add(&db, &boxes).await;
    assert_eq!(find(&db, "strojírny").await.len(), 5);
    for sql in [
        "DELETE FROM box_words",
        "DELETE FROM box_terms",
        "UPDATE boxes SET index_version = 0, name_words = 0",
    ] {
        execute(&db.url, sql).await;
    }
    assert_eq!(find(&db, "strojírny").await, []);
    let mut after = None;
    let mut turns = 0;
    while let Some(last) = db.store.index_boxes(after, 2).await.unwrap() {
        after = Some(last);
        turns += 1;
    }
    assert_eq!(turns, 3);
    assert_eq!(find(&db, "strojírny").await.len(), 5);
    let rows = count(&db.url, "SELECT COUNT(*) FROM box_words").await;
    // What is indexed is left as it is; what is of an old analysis is written anew, not twice.
    execute(&db.url, "UPDATE boxes SET index_version = 0 WHERE box_id < 'aaaaae'").await;
    assert!(db.store.index_boxes(None, 100).await.unwrap().is_some());
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM box_words").await, rows);
    assert_eq!(
        count(&db.url, "SELECT COUNT(*) FROM boxes WHERE index_version = 0").await,
        0
    );
}

/// FindDataBox2 finds parts of names by their trigrams, and boxes without any as well.
pub async fn parts_of_a_name(db: Backend) {
    let saws = firm("aaaaab", "Strojírny Vzor\n\"A\"", "Vzorov");
    let tools = firm("aaaaac", "Nástroje\r\nVzor", "Brno");
    add(&db, &[saws.clone(), tools.clone()]).await;
    let find = async |part: &str, city: Option<&str>| {
        let query = BoxQuery {
            firm_name_part: some(part),
            city_part: city.map(str::to_owned),
            limit: 10,
            ..BoxQuery::default()
        };
        let found = db.store.find_boxes(&query).await.unwrap();
        assert!(found.complete);
        found.boxes.into_iter().map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(find("stroj", None).await, ids(&[&saws, &tools]));
    assert_eq!(find("STROJÍRNY", None).await, ids(&[&saws]));
    assert_eq!(find("stroje", None).await, ids(&[&tools]));
    assert_eq!(find("stroj", some("brn").as_deref()).await, ids(&[&tools]));
    assert_eq!(find("rojstr", None).await, [], "all trigrams, but not the part");
    assert_eq!(find("zo", None).await, ids(&[&saws, &tools]), "too short for a trigram");
    assert_eq!(find("%%%", None).await, []);
    for sql in [
        "DELETE FROM box_words",
        "DELETE FROM box_terms",
        "UPDATE boxes SET index_version = 0",
    ] {
        execute(&db.url, sql).await;
    }
    assert_eq!(find("stroj", None).await, ids(&[&saws, &tools]), "not indexed yet");
    assert!(db.store.index_boxes(None, 100).await.unwrap().is_some());
    assert_eq!(find("stroje", None).await, ids(&[&tools]));
    // A trigram is no word.
    let words = matches(&db, "str", Within::Anywhere, reach(Audience::Authority)).await;
    assert_eq!(words, []);
}

/// A part that too many names have is not looked for to the end, and the answer says so.
pub async fn parts_of_too_many_names(db: Backend) {
    let saws = firm("aaaaab", "Strojírny", "Vzorov");
    add(&db, std::slice::from_ref(&saws)).await;
    // Rows of boxes that are not there cost as much as others. In the order of the key they stand before the one that is.
    execute(
        &db.url,
        "INSERT INTO box_words (term, place, box_id, forms) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) \
         SELECT 'str', 2, 'aaaa' || i, 0 FROM n",
    )
    .await;
    let find = async |part: &str, limit: u64| {
        let query = BoxQuery {
            firm_name_part: some(part),
            limit,
            ..BoxQuery::default()
        };
        let found = db.store.find_boxes(&query).await.unwrap();
        (found.boxes.len(), found.complete)
    };
    assert_eq!(find("str", 10).await, (0, false));
    assert_eq!(find("stroj", 10).await, (1, true), "by what is rare in it");
    execute(&db.url, "DELETE FROM box_words WHERE box_id = 'aaaa1'").await;
    assert_eq!(find("str", 10).await, (1, true));
}

pub async fn two_that_index_at_once(db: Backend) {
    let boxes: Vec<DataBox> = (0..20)
        .map(|n| {
            firm(
                &format!("aaaa{}{}", if n < 10 { 'c' } else { 'd' }, char::from(b'p' + n % 10)),
                "Vzor",
                "Vzorov",
            )
        })
        .collect();
    add(&db, &boxes).await;
    execute(&db.url, "UPDATE boxes SET index_version = 0").await;
    let other = db.again().await;
    let (one, two) = tokio::join!(db.store.index_boxes(None, 100), other.index_boxes(None, 100));
    assert!(one.unwrap().is_some() && two.unwrap().is_some());
    assert_eq!(find(&db, "vzor").await.len(), 20);
    assert_eq!(count(&db.url, "SELECT COUNT(*) FROM box_terms").await, 20);
}

pub async fn a_box_has_a_state_from_its_beginning(db: Backend) {
    let closed = DataBox {
        state: BoxState::DisabledByLaw,
        ..firm("aaaaab", "Vzor", "Vzorov")
    };
    add(&db, std::slice::from_ref(&closed)).await;
    let expected = [BoxStateChange {
        state: BoxState::DisabledByLaw,
        since: BEGINNING_OF_RECORDS,
    }];
    assert_eq!(db.store.list_box_states(closed.id).await.unwrap(), expected);
    assert_eq!(db.store.list_box_states(novak()).await.unwrap(), []);
}

pub async fn files_about_boxes_replace_each_other(db: Backend) {
    let file = |object: &str, length| DataFile {
        object: ObjectId(object.repeat(32)),
        length,
        made: at(7),
    };
    let (one, two, three) = (file("a", 1), file("b", 2), file("c", 3));
    assert_eq!(db.store.lookup_data_file("x").await.unwrap(), None);
    assert_eq!(db.store.replace_data_file("x", &one).await.unwrap(), None);
    assert_eq!(db.store.replace_data_file("y", &one).await.unwrap(), None);
    assert_eq!(
        db.store.replace_data_file("x", &two).await.unwrap(),
        None,
        "one stays for its readers"
    );
    assert_eq!(
        db.store.replace_data_file("x", &three).await.unwrap(),
        Some(one.object.clone())
    );
    assert_eq!(db.store.lookup_data_file("x").await.unwrap(), Some(three));
    assert_eq!(db.store.lookup_data_file("y").await.unwrap(), Some(one));
}

pub async fn walks_over_all_boxes(db: Backend) {
    let firm = firm("aaaaab", "Vzor", "Vzorov");
    let citizen = person("aaaaac", "Jan", "Vzorný");
    let listed = person("aaaaad", "Petr", "Vzorný");
    let closed = DataBox {
        state: BoxState::NotActivated,
        ..firm.clone()
    };
    let closed = DataBox {
        id: data_box("aaaaae", BoxType::Po).id,
        ..closed
    };
    let system = data_box("aaaaaf", BoxType::System);
    add(&db, &[firm.clone(), citizen.clone(), listed.clone(), closed, system]).await;
    db.store.set_listed(listed.id, true).await.unwrap();
    let walk = async |which| {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = db.store.list_boxes(which, after, 2).await.unwrap();
            if page.last.is_none() {
                return found;
            }
            after = page.last;
            for listed in page.boxes {
                assert_eq!(listed.changed, BEGINNING_OF_RECORDS);
                found.push(listed.data_box);
            }
        }
    };
    assert_eq!(
        walk(ListedBoxes::Accessible).await,
        [firm.clone(), citizen, listed.clone()]
    );
    assert_eq!(walk(ListedBoxes::Public).await, [firm, listed]);
}

pub async fn clearing_takes_index_and_files_away(db: Backend) {
    add(&db, &[firm("aaaaab", "Vzor", "Vzorov")]).await;
    let file = DataFile {
        object: ObjectId("a".repeat(32)),
        length: 1,
        made: at(0),
    };
    db.store.replace_data_file("x", &file).await.unwrap();
    db.store.clear().await.unwrap();
    for sql in [
        "SELECT COUNT(*) FROM box_words",
        "SELECT COUNT(*) FROM box_terms",
        "SELECT COUNT(*) FROM box_states",
        "SELECT COUNT(*) FROM data_files",
    ] {
        assert_eq!(count(&db.url, sql).await, 0, "{sql}");
    }
}
