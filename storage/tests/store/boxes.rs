//! Boxes and the search for them.

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::BoxId;
use isds_core::ports::{BoxQuery, StoreError};

use crate::engines::Backend;
use crate::fixtures::*;

const LIMIT: u64 = 50;

async fn add(db: &Backend, data_box: DataBox) -> BoxId {
    db.store.add_box(&data_box).await.unwrap();
    data_box.id
}

async fn find(db: &Backend, query: BoxQuery) -> Vec<BoxId> {
    let query = BoxQuery {
        limit: if query.limit == 0 { LIMIT } else { query.limit },
        ..query
    };
    db.store
        .find_boxes(&query)
        .await
        .unwrap()
        .boxes
        .into_iter()
        .map(|data_box| data_box.id)
        .collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub async fn every_field_is_kept(db: Backend) {
    let full = DataBox {
        state: BoxState::DisabledByLaw,
        ic: some("00012345"),
        given_names: some("Petr Pavel"),
        last_name: some("Vzorek"),
        firm_name: some("Petr Vzorek – truhlářství"),
        birth_date: Some("1961-12-31".parse().unwrap()),
        birth_city: some("Brno"),
        birth_county: some("Brno-město"),
        birth_state: some("CZ"),
        address: Address {
            code: some("12345678"),
            city: some("Šlapanice"),
            district: some("Bedřichovice"),
            street: some("Vycházková"),
            number_in_street: some("26"),
            number_in_municipality: some("1396"),
            zip_code: some("66451"),
            state: some("CZ"),
        },
        nationality: some("CZ"),
        ovm_id: some("OVM7"),
        open_addressing: true,
        postal_contract: true,
        upper_id: Some(town()),
        aifo_known: true,
        ..data_box("zzzaaa", BoxType::PfoAdvok)
    };
    db.store.add_box(&full).await.unwrap();
    assert_eq!(db.store.lookup_box(full.id).await.unwrap(), Some(full));
    let empty = data_box("zzzaab", BoxType::System);
    db.store.add_box(&empty).await.unwrap();
    assert_eq!(db.store.lookup_box(empty.id).await.unwrap(), Some(empty));
    assert_eq!(db.store.lookup_box(novak()).await.unwrap(), None);
    for (n, box_type) in BoxType::ALL.iter().enumerate() {
        let id = format!("aaaaa{}", char::from(b"abcdefghijkmnpqrstuvwxyz"[n]));
        let data_box = data_box(&id, *box_type);
        db.store.add_box(&data_box).await.unwrap();
        assert_eq!(db.store.lookup_box(data_box.id).await.unwrap(), Some(data_box));
    }
}

pub async fn a_box_is_added_once(db: Backend) {
    let first = DataBox {
        firm_name: some("první"),
        ..data_box("aaaaab", BoxType::Po)
    };
    db.store.add_box(&first).await.unwrap();
    let second = DataBox {
        firm_name: some("druhá"),
        ..first.clone()
    };
    assert!(matches!(db.store.add_box(&second).await, Err(StoreError::Conflict)));
    assert_eq!(db.store.lookup_box(first.id).await.unwrap(), Some(first));
}

pub async fn conditions_narrow_the_search(db: Backend) {
    let address = Address {
        city: some("Vzorov"),
        street: some("Dlouhá"),
        number_in_street: some("5"),
        number_in_municipality: some("1396"),
        zip_code: some("11000"),
        state: some("CZ"),
        ..Address::default()
    };
    let novak = add(
        &db,
        DataBox {
            given_names: some("Jan Josef"),
            last_name: some("Novák"),
            birth_date: Some("1970-01-02".parse().unwrap()),
            birth_city: some("Hradec Králové"),
            address: address.clone(),
            ..data_box("aaaaab", BoxType::Fo)
        },
    )
    .await;
    let firm = add(
        &db,
        DataBox {
            ic: some("00012345"),
            firm_name: some("Strojírny Vzor, s.r.o."),
            address: Address {
                number_in_street: None,
                zip_code: some("60200"),
                ..address
            },
            ..data_box("aaaaac", BoxType::Po)
        },
    )
    .await;
    let office = add(
        &db,
        DataBox {
            firm_name: some("Město Vzorov"),
            ovm_id: some("73929"),
            ..data_box("aaaaad", BoxType::Ovm)
        },
    )
    .await;

    let all = BoxQuery::default();
    assert_eq!(find(&db, all.clone()).await, [novak, firm, office]);
    let expect = [
        (
            BoxQuery {
                id: Some(firm),
                ..all.clone()
            },
            vec![firm],
        ),
        (
            BoxQuery {
                types: vec![BoxType::Po, BoxType::Ovm],
                ..all.clone()
            },
            vec![firm, office],
        ),
        (
            BoxQuery {
                types: vec![BoxType::PoReq],
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                ic: some("12345"),
                ..all.clone()
            },
            vec![firm],
        ),
        (
            BoxQuery {
                ic: some("00012345"),
                ..all.clone()
            },
            vec![firm],
        ),
        (
            BoxQuery {
                ic: some("1234"),
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                given_names_prefix: some("jan"),
                ..all.clone()
            },
            vec![novak],
        ),
        (
            BoxQuery {
                given_names_prefix: some("josef"),
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                last_name_prefix: some("nov"),
                ..all.clone()
            },
            vec![novak],
        ),
        (
            BoxQuery {
                last_name_prefix: some("novák"),
                ..all.clone()
            },
            vec![novak],
        ),
        (
            BoxQuery {
                last_name_prefix: some("nováková"),
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                last_name_prefix: some("ovák"),
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                firm_name_part: some("vzor"),
                ..all.clone()
            },
            vec![firm, office],
        ),
        (
            BoxQuery {
                birth_date: Some("1970-01-02".parse().unwrap()),
                ..all.clone()
            },
            vec![novak],
        ),
        (
            BoxQuery {
                birth_date: Some("1970-01-03".parse().unwrap()),
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                birth_city_part: some("králové"),
                ..all.clone()
            },
            vec![novak],
        ),
        (
            BoxQuery {
                city_part: some("zoro"),
                ..all.clone()
            },
            vec![novak, firm],
        ),
        (
            BoxQuery {
                street_part: some("há"),
                ..all.clone()
            },
            vec![novak, firm],
        ),
        (
            BoxQuery {
                numbers: vec!["1396".into()],
                ..all.clone()
            },
            vec![novak, firm],
        ),
        (
            BoxQuery {
                numbers: vec!["5".into(), "1396".into()],
                ..all.clone()
            },
            vec![novak],
        ),
        (
            BoxQuery {
                numbers: vec!["5".into(), "6".into()],
                ..all.clone()
            },
            vec![],
        ),
        (
            BoxQuery {
                zip_code: some("60200"),
                ..all.clone()
            },
            vec![firm],
        ),
        (
            BoxQuery {
                ovm_id: some("73929"),
                ..all.clone()
            },
            vec![office],
        ),
        (
            BoxQuery {
                last_name_prefix: some("nov"),
                types: vec![BoxType::Po],
                ..all.clone()
            },
            vec![],
        ),
    ];
    for (query, expected) in expect {
        assert_eq!(find(&db, query.clone()).await, expected, "{query:?}");
    }
}

pub async fn text_is_folded_and_wildcards_are_letters(db: Backend) {
    let firm = |data: &str, name: &str| DataBox {
        firm_name: some(name),
        ..data_box(data, BoxType::Po)
    };
    let horse = add(&db, firm("aaaaab", "ŽLUŤOUČKÝ KŮŇ a.s.")).await;
    let percent = add(&db, firm("aaaaac", "100% Bio")).await;
    let under = add(&db, firm("aaaaad", "foo_bar!\\baz'")).await;
    let plain = add(&db, firm("aaaaae", "1000 Bio fooXbar zlutoucky")).await;
    let part = |text: &str| BoxQuery {
        firm_name_part: some(text),
        ..BoxQuery::default()
    };
    for (text, expected) in [
        ("žluťoučký kůň", vec![horse]),
        ("ŤOUČ", vec![horse]),
        ("zlutoucky", vec![plain]),
        ("100%", vec![percent]),
        ("100", vec![percent, plain]),
        ("%", vec![percent]),
        ("_", vec![under]),
        ("foo_bar", vec![under]),
        ("foo", vec![under, plain]),
        ("!", vec![under]),
        ("\\", vec![under]),
        ("\\baz'", vec![under]),
        ("%bio", vec![]),
        ("100_ bio", vec![]),
    ] {
        assert_eq!(find(&db, part(text)).await, expected, "{text}");
    }
    let person = |data: &str, name: &str| DataBox {
        last_name: some(name),
        ..data_box(data, BoxType::Fo)
    };
    let cech = add(&db, person("aaaaaf", "Čech")).await;
    let cechova = add(&db, person("aaaaag", "ČECHOVÁ")).await;
    add(&db, person("aaaaah", "Cech")).await;
    add(&db, person("aaaaai", "Čedík")).await;
    let percent = add(&db, person("aaaaaj", "%ech")).await;
    let highest = add(&db, person("aaaaak", "Če\u{10FFFD}")).await;
    let prefix = |text: &str| BoxQuery {
        last_name_prefix: some(text),
        ..BoxQuery::default()
    };
    assert_eq!(find(&db, prefix("čech")).await, [cech, cechova]);
    assert_eq!(find(&db, prefix("ČECHO")).await, [cechova]);
    assert_eq!(find(&db, prefix("%")).await, [percent]);
    assert_eq!(find(&db, prefix("če\u{10FFFD}")).await, [highest]);
    assert_eq!(find(&db, prefix("če")).await.len(), 4);
}

pub async fn deleted_boxes_never_fit_and_six_counts_as_two(db: Backend) {
    let mut ids = Vec::new();
    for (data, state) in [
        ("aaaaab", BoxState::Accessible),
        ("aaaaac", BoxState::TemporarilyDisabled),
        ("aaaaad", BoxState::NotActivated),
        ("aaaaae", BoxState::PermanentlyDisabled),
        ("aaaaaf", BoxState::Deleted),
        ("aaaaag", BoxState::DisabledByLaw),
    ] {
        ids.push(
            add(
                &db,
                DataBox {
                    state,
                    ..data_box(data, BoxType::Po)
                },
            )
            .await,
        );
    }
    let of = |state| BoxQuery {
        state,
        ..BoxQuery::default()
    };
    assert_eq!(find(&db, of(None)).await, [ids[0], ids[1], ids[2], ids[3], ids[5]]);
    assert_eq!(find(&db, of(Some(BoxState::Accessible))).await, [ids[0]]);
    assert_eq!(
        find(&db, of(Some(BoxState::TemporarilyDisabled))).await,
        [ids[1], ids[5]]
    );
    assert_eq!(find(&db, of(Some(BoxState::Deleted))).await, []);
    assert_eq!(
        find(
            &db,
            BoxQuery {
                id: Some(ids[4]),
                ..BoxQuery::default()
            }
        )
        .await,
        []
    );
    // Looked up by its number it is there, whatever its state.
    assert_eq!(
        db.store.lookup_box(ids[4]).await.unwrap().unwrap().state,
        BoxState::Deleted
    );
}

pub async fn found_in_the_order_of_their_numbers_up_to_the_limit(db: Backend) {
    // Letters and digits in an order that a locale would not give them.
    let mut ids = Vec::new();
    for data in [
        "z22222", "a9aaaa", "aaaaaa", "2aaaaa", "9zzzzz", "chchch", "czczcz", "h22222",
    ] {
        ids.push(add(&db, data_box(data, BoxType::Fo)).await);
    }
    ids.sort();
    assert_eq!(find(&db, BoxQuery::default()).await, ids);
    assert_eq!(
        find(
            &db,
            BoxQuery {
                limit: 3,
                ..BoxQuery::default()
            }
        )
        .await,
        ids[..3]
    );
}

pub async fn injection_finds_nothing_and_breaks_nothing(db: Backend) {
    let kept = add(
        &db,
        DataBox {
            firm_name: some("Vzor"),
            ..data_box("aaaaab", BoxType::Po)
        },
    )
    .await;
    for text in [
        "' OR 1=1 --",
        "x'; DELETE FROM boxes; --",
        "\0",
        "vz\0or",
        "$1",
        "?1",
        &"%".repeat(60_000),
    ] {
        let query = BoxQuery {
            firm_name_part: some(text),
            last_name_prefix: some(text),
            ic: some(text),
            numbers: vec![text.to_owned()],
            ..BoxQuery::default()
        };
        assert_eq!(find(&db, query).await, []);
        for query in [
            BoxQuery {
                firm_name_part: some(text),
                ..BoxQuery::default()
            },
            BoxQuery {
                last_name_prefix: some(text),
                ..BoxQuery::default()
            },
            BoxQuery {
                ovm_id: some(text),
                ..BoxQuery::default()
            },
        ] {
            assert_eq!(find(&db, query).await, []);
        }
    }
    assert_eq!(
        find(
            &db,
            BoxQuery {
                firm_name_part: some("vz"),
                ..BoxQuery::default()
            }
        )
        .await,
        [kept]
    );
}
