use super::*;

fn request(text: &str) -> SearchRequest {
    SearchRequest {
        text: text.into(),
        ..SearchRequest::default()
    }
}

fn refused(request: &SearchRequest) -> Status {
    understood(request, true).err().unwrap().status()
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

#[test]
fn a_text_has_bounds() {
    assert_eq!(refused(&request("")), Status::NO_SEARCH_TEXT);
    assert_eq!(refused(&request(" \u{A0} ")), Status::NO_SEARCH_TEXT);
    assert_eq!(refused(&request("a")), Status::SEARCH_TEXT_TOO_SHORT);
    assert_eq!(refused(&request("..")), Status::NO_SEARCH_TEXT);
    assert_eq!(refused(&request(&"x".repeat(256))), Status::INVALID_SEARCH_INPUT);
    let many: Vec<String> = (10..43).map(|n| n.to_string()).collect();
    assert_eq!(refused(&request(&many.join(" "))), Status::INVALID_SEARCH_INPUT);
    assert!(understood(&request(&many[1..].join(" ")), true).is_ok());
}

#[test]
fn pages_have_bounds() {
    let page = |page: &str, size: &str| SearchRequest {
        page: some(page),
        page_size: some(size),
        ..request("vzor")
    };
    let fine = understood(&page("99", "100"), true).unwrap();
    assert_eq!((fine.page, fine.page_size), (99, 100));
    let default = understood(&page("", " "), true).unwrap();
    assert_eq!((default.page, default.page_size), (0, 50));
    assert_eq!(refused(&page("100", "1")), Status::PAGE_TOO_HIGH);
    assert_eq!(refused(&page(&"9".repeat(30), "1")), Status::PAGE_TOO_HIGH);
    assert_eq!(refused(&page("0", "101")), Status::PAGE_TOO_LARGE);
    for (number, size) in [("-1", "1"), ("0", "-5"), ("x", "1"), ("0", "1.5")] {
        assert_eq!(
            refused(&page(number, size)),
            Status::INVALID_SEARCH_INPUT,
            "{number} {size}"
        );
    }
}

#[test]
fn types_and_scopes() {
    let scope = |name: &str| {
        let request = SearchRequest {
            scope: some(name),
            ..request("vzor")
        };
        understood(&request, true).map(|understood| understood.types)
    };
    assert_eq!(scope("").unwrap(), []);
    assert_eq!(scope("ALL").unwrap(), []);
    assert_eq!(scope("PO").unwrap(), [BoxType::Po, BoxType::PoReq, BoxType::OvmPo]);
    assert_eq!(scope("OVM_MAIN").unwrap(), [BoxType::Ovm]);
    assert_eq!(scope("OVM_FO").unwrap(), [BoxType::OvmFo]);
    assert_eq!(scope("OVM_EXEKUT").unwrap(), [BoxType::OvmPfo]);
    assert_eq!(scope("PFO_INSSPR").unwrap(), [BoxType::PfoInsspr]);
    assert_eq!(scope("OVM_NOTÁŘ").err().unwrap().status(), Status::INVALID_SEARCH_INPUT);
    let by = |kind: &str, text: &str| SearchRequest {
        search_type: some(kind),
        ..request(text)
    };
    assert!(understood(&by("IDOVM", "00000019.001"), true).is_ok());
    assert_eq!(
        understood(&by("IDOVM", "00000019"), false).err().unwrap().status(),
        Status::INVALID_SEARCH_INPUT
    );
    assert_eq!(refused(&by("general", "vzor")), Status::INVALID_SEARCH_INPUT);
    for text in ["0000001", "000000199", "00000019.01", "0000001x"] {
        assert_eq!(refused(&by("IDOVM", text)), Status::INVALID_SEARCH_INPUT, "{text}");
    }
    for text in ["123456789", "12a", "1.2"] {
        assert_eq!(refused(&by("ICO", text)), Status::INVALID_IC, "{text}");
    }
    for text in ["nvak22x", "nvak", "NVAK22S"] {
        assert_eq!(refused(&by("DBID", text)), Status::INVALID_BOX_ID, "{text}");
    }
}

#[test]
fn numbers_are_recognised_by_their_check() {
    assert!(is_valid_ic("00007064"));
    assert!(is_valid_ic("00000019"));
    assert!(!is_valid_ic("00007065"));
    assert!(!is_valid_ic("7064"));
    assert_eq!(named_numbers("nvak22s").len(), 1);
    assert_eq!(named_numbers("nvak22x").len(), 0);
    assert_eq!(ic(" 00 00 70 64 ").unwrap(), "7064");
}

#[test]
fn the_name_counts_more_than_the_address() {
    let found = |id: &str, in_name, name_words, exact, name: &str| WordMatch {
        id: id.parse().unwrap(),
        name_words,
        in_name,
        exact,
        sort_name: name.into(),
    };
    let matches = vec![
        found("mesta2j", 0, 2, 2, "a"),
        found("kraj227", 1, 1, 2, "a"),
        found("firma2x", 2, 4, 2, "a"),
        found("banka2q", 2, 2, 1, "b"),
        found("zivna27", 2, 2, 1, "a"),
        found("advka2c", 2, 2, 2, "c"),
    ];
    let order: Vec<String> = ranked(matches, 2).map(|id| id.to_string()).collect();
    assert_eq!(
        order,
        ["advka2c", "zivna27", "banka2q", "firma2x", "kraj227", "mesta2j"]
    );
}
