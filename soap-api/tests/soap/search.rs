//! The search for boxes by words, the older searches, addresses, lists and histories of boxes.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::io::Read;

use common::World;
use common::golden::Golden;
use common::http::Reply;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::BoxId;

fn data_box(id: &str, box_type: BoxType, name: &str, city: &str) -> DataBox {
    DataBox {
        id: id.parse().unwrap(),
        box_type,
        state: BoxState::Accessible,
        ic: None,
        given_names: None,
        last_name: None,
        firm_name: Some(name.into()),
        birth_date: None,
        birth_city: None,
        birth_county: None,
        birth_state: None,
        address: Address {
            city: Some(city.into()),
            street: Some("Dlouhá".into()),
            number_in_municipality: Some("12".into()),
            number_in_street: Some("3".into()),
            zip_code: Some("66451".into()),
            state: Some("CZ".into()),
            ..Address::default()
        },
        nationality: None,
        ovm_id: None,
        open_addressing: false,
        postal_contract: false,
        upper_id: None,
        aifo_known: false,
    }
}

/// The boxes of all tests and some more.
async fn world() -> World {
    let world = World::new().await;
    let firm = DataBox {
        ic: Some("00012351".into()),
        ..data_box("firma2x", BoxType::Po, "Strojírny Vzor, s.r.o.", "Šlapanice")
    };
    let bank = data_box("banka2q", BoxType::Po, "Vzorová banka, a.s.", "Vzorov");
    let lawyer = DataBox {
        given_names: Some("Marie".into()),
        last_name: Some("Vzorná".into()),
        birth_date: Some(jiff::civil::date(1975, 3, 2)),
        aifo_known: true,
        ..data_box("advka2c", BoxType::PfoAdvok, "JUDr. Marie Vzorná, advokátka", "Vzorov")
    };
    let citizen = DataBox {
        firm_name: None,
        given_names: Some("Marie Anna".into()),
        last_name: Some("Dvořáková".into()),
        birth_date: Some(jiff::civil::date(1975, 3, 2)),
        birth_city: Some("Vzorov".into()),
        nationality: Some("CZ".into()),
        open_addressing: true,
        ..data_box("maria2f", BoxType::Fo, "", "Vzorov")
    };
    for data_box in [&firm, &bank, &lawyer, &citizen] {
        world.isds.store.add_box(data_box).await.unwrap();
    }
    world
}

async fn search(world: &World, login: &str, text: &str, more: &str) -> Reply {
    let inside = format!("<searchText>{text}</searchText>{more}");
    world.call(login, "df", "ISDSSearch3", &inside).await
}

/// Box IDs of an answer, in order.
fn ids(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let ids = reply.body.split("<p:dbID>").skip(1);
    ids.map(|rest| rest[..7].to_owned()).collect()
}

async fn found(world: &World, login: &str, text: &str, more: &str) -> Vec<String> {
    ids(&search(world, login, text, more).await)
}

#[tokio::test]
async fn answers_are_as_recorded() {
    let world = world().await;
    let mut golden = Golden::of("search");
    let searched = "<searchType/><searchScope/><page>0</page><pageSize>10</pageSize><highlighting>1</highlighting>";
    for (name, operation, login, text, more) in [
        (
            "isds_search3",
            "ISDSSearch3",
            "mesto01",
            "marie",
            "<searchType/><searchScope/><page/><pageSize/>",
        ),
        (
            "isds_search3_marked",
            "ISDSSearch3",
            "novak01",
            "strojirny slapanice sro",
            searched,
        ),
        (
            "isds_search3_past_the_end",
            "ISDSSearch3",
            "mesto01",
            "marie",
            "<page>7</page><pageSize>3</pageSize>",
        ),
        ("isds_search3_nobody", "ISDSSearch3", "mesto01", "nikdo", ""),
        (
            "isds_search3_invalid",
            "ISDSSearch3",
            "mesto01",
            "marie",
            "<searchScope>OVM_NOTÁŘ</searchScope>",
        ),
        ("isds_search2", "ISDSSearch2", "mesto01", "marie", searched),
        (
            "isds_search2_invalid",
            "ISDSSearch2",
            "mesto01",
            "00000019",
            "<searchType>IDOVM</searchType>",
        ),
    ] {
        let inside = format!("<searchText>{text}</searchText>{more}");
        golden.answer(name, "df", &world.call(login, "df", operation, &inside).await);
    }
    let person = "<dbOwnerInfo><dbID/><dbType>FO</dbType><pnFirstName>Marie</pnFirstName><pnMiddleName>Anna</pnMiddleName>\
        <pnLastName>Dvořáková</pnLastName></dbOwnerInfo>";
    for (name, login) in [("find_data_box", "mesto01"), ("find_data_box_hidden", "zrus01")] {
        golden.answer(name, "df", &world.call(login, "df", "FindDataBox", person).await);
    }
    let nobody = "<dbOwnerInfo><dbType>PO</dbType><firmName>Nikdo</firmName></dbOwnerInfo>";
    let nobody = world.call("mesto01", "df", "FindDataBox", nobody).await;
    golden.answer("find_data_box_nobody", "df", &nobody);
    let no_postal = "<dbOwnerInfo><dbID>nvak22s</dbID></dbOwnerInfo>";
    let no_postal = world.call("zrus01", "df", "FindDataBox", no_postal).await;
    golden.answer("find_data_box_no_postal", "df", &no_postal);
    let person = "<dbOwnerInfo><dbID/><aifoIsds/><pnFirstName>Jan</pnFirstName><pnMiddleName/>\
        <pnLastName>Novák</pnLastName><biDate>1980-02-29</biDate></dbOwnerInfo>";
    for (name, login) in [
        ("find_personal_data_box", "mesto01"),
        ("find_personal_data_box_no_right", "novak01"),
    ] {
        golden.answer(
            name,
            "df",
            &world.call(login, "df", "FindPersonalDataBox", person).await,
        );
    }
    for (name, login, id) in [
        ("get_data_box_address", "mesto01", "firma2x"),
        ("get_data_box_address_hidden", "zrus01", "nvak22s"),
    ] {
        let inside = format!("<dbID>{id}</dbID>");
        golden.answer(name, "df", &world.call(login, "df", "GetDataBoxAddress", &inside).await);
    }
    let interval = "<dbID>firma2x</dbID><baFrom>2026-05-01T00:00:00</baFrom><baTo>2026-05-01T00:00:00</baTo>";
    let activity = world
        .call_as_application("df", "GetDataBoxActivityStatus", interval)
        .await;
    golden.answer("get_data_box_activity_status", "df", &activity);
    let activity = world.call("mesto01", "df", "GetDataBoxActivityStatus", interval).await;
    golden.answer("get_data_box_activity_status_no_right", "df", &activity);
    let list = world.call("mesto01", "df", "GetDataBoxList", "<dblType/>").await;
    golden.answer("get_data_box_list_no_right", "df", &list);
    let list = world
        .call("zrus01", "df", "GetDataBoxList", "<dblType>UPG</dblType>")
        .await;
    golden.answer("get_data_box_list", "df", &list);
    golden.finish();
}

#[tokio::test]
async fn every_code_of_the_search() {
    let world = world().await;
    for (code, login, text, more) in [
        ("1004", "mesto02", "vzor", ""),
        ("1004", "nikdo01", "", ""),
        ("1152", "mesto01", "", ""),
        ("1152", "mesto01", " -- ", ""),
        ("1180", "mesto01", " - ", ""),
        ("1180", "mesto01", "v", ""),
        ("1153", "mesto01", "mesta2x", "<searchType>DBID</searchType>"),
        ("1154", "mesto01", "123456789", "<searchType>ICO</searchType>"),
        ("1154", "mesto01", "0000a019", "<searchType>ICO</searchType>"),
        ("1155", "mesto01", "000000.19", "<searchType>IDOVM</searchType>"),
        ("1155", "mesto01", "vzor", "<searchType>NAME</searchType>"),
        ("1155", "mesto01", "vzor", "<searchScope>EVERY</searchScope>"),
        ("1155", "mesto01", "vzor", "<page>-1</page>"),
        ("1155", "mesto01", "vzor", "<pageSize>ten</pageSize>"),
        ("1155", "mesto01", "vzor", "<highlighting>2</highlighting>"),
        ("1156", "mesto01", "vzor", "<pageSize>101</pageSize>"),
        ("1189", "mesto01", "vzor", "<page>100</page>"),
    ] {
        let reply = search(&world, login, text, more).await;
        assert_eq!(reply.code(), code, "{text} {more}");
        assert!(!reply.body.contains("totalCount"), "{}", reply.body);
        let inside = format!("<searchText>{text}</searchText>{more}");
        let second = world.call(login, "df", "ISDSSearch2", &inside).await;
        assert_eq!(second.code(), code, "ISDSSearch2 {text} {more}");
    }
}

#[tokio::test]
async fn a_failing_search_has_its_own_code() {
    let world = world().await;
    assert_eq!(found(&world, "mesto01", "marie", "").await.len(), 2);
    world.execute("DROP TABLE box_words").await;
    assert_eq!(search(&world, "mesto01", "marie", "").await.code(), "9002");
    let reply = world
        .call("mesto01", "df", "CheckDataBox", "<dbID>nvak22s</dbID>")
        .await;
    assert_eq!(reply.code(), "0000", "the rest goes on");
}

#[tokio::test]
async fn words_are_found_as_the_manual_says() {
    let world = world().await;
    let as_office = |text: &'static str, more: &'static str| found(&world, "mesto01", text, more);
    assert_eq!(as_office("strojírna", "").await, ["firma2x"]);
    assert_eq!(as_office("strojiren vzor", "").await, ["firma2x"]);
    assert_eq!(as_office("ŠLAPANICÍCH strojírny", "").await, ["firma2x"]);
    assert_eq!(as_office("strójírny", "").await, [""; 0]);
    assert_eq!(as_office("stroj", "").await, [""; 0]);
    assert_eq!(as_office("banka strojírny", "").await, [""; 0]);
    assert_eq!(
        as_office("dlouhá 12/3", "<searchType>ADDRESS</searchType>").await.len(),
        4
    );
    assert_eq!(as_office("vzor", "<searchType>ADDRESS</searchType>").await, [""; 0]);
    // What stands in the name comes before what stands in the address.
    let vzorov = as_office("vzorov", "").await;
    assert_eq!(vzorov[..2], ["kraj227", "mesta2j"]);
    assert!(
        vzorov.contains(&"nvak22s".to_owned()) && vzorov.len() == 6,
        "{vzorov:?}"
    );
    for (scope, expected) in [
        ("FO", vec!["maria2f", "nvak22s"]),
        ("PO", vec!["banka2q"]),
        ("PFO", vec!["advka2c"]),
        ("PFO_ADVOK", vec!["advka2c"]),
        ("OVM", vec!["kraj227", "mesta2j"]),
        ("OVM_PFO", vec![]),
    ] {
        let mut found = found(
            &world,
            "mesto01",
            "vzorov",
            &format!("<searchScope>{scope}</searchScope>"),
        )
        .await;
        found.sort();
        assert_eq!(found, expected, "{scope}");
    }
}

#[tokio::test]
async fn numbers_are_found_in_every_scope() {
    let world = world().await;
    let fo = "<searchScope>FO</searchScope>";
    for (text, kind, expected) in [
        ("firma2x", "DBID", vec!["firma2x"]),
        ("00012351", "ICO", vec!["firma2x"]),
        (" 12 351", "ICO", vec!["firma2x"]),
        ("00000019", "IDOVM", vec!["kraj227", "mesta2j"]),
        ("00000019.007", "IDOVM", vec![]),
    ] {
        let more = format!("<searchType>{kind}</searchType>{fo}");
        assert_eq!(found(&world, "mesto01", text, &more).await, expected, "{kind} {text}");
    }
    // In a general search a number is one way to find a box among others, within the scope.
    assert_eq!(found(&world, "mesto01", "firma2x", "").await, ["firma2x"]);
    assert_eq!(found(&world, "mesto01", "00012351", "").await, ["firma2x"]);
    assert_eq!(found(&world, "mesto01", "00012351", fo).await, [""; 0]);
    // The main box comes first: the office has one above it.
    assert_eq!(found(&world, "mesto01", "00000019", "").await, ["kraj227", "mesta2j"]);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let world = world().await;
    let all = found(&world, "mesto01", "vzorov", "").await;
    let mut paged = Vec::new();
    for page in 0..3 {
        let more = format!("<page>{page}</page><pageSize>2</pageSize>");
        let reply = search(&world, "mesto01", "vzorov", &more).await;
        assert_eq!(reply.value("totalCount"), "6");
        assert_eq!(reply.value("position"), (2 * page).to_string());
        assert_eq!(reply.value("currentCount"), "2");
        assert_eq!(reply.value("lastPage"), (page == 2).to_string());
        paged.extend(ids(&reply));
    }
    assert_eq!(paged, all);
    let behind = search(&world, "mesto01", "vzorov", "<page>99</page><pageSize>100</pageSize>").await;
    assert_eq!(
        (
            behind.value("position"),
            behind.value("currentCount"),
            behind.value("lastPage")
        ),
        ("9900".into(), "0".into(), "true".into())
    );
}

#[tokio::test]
async fn people_are_told_of_to_authorities() {
    let world = world().await;
    // Novák receives no postal messages and stands in no list.
    assert_eq!(found(&world, "mesto01", "novák", "").await, ["nvak22s"]);
    assert_eq!(found(&world, "zrus01", "novák", "").await, [""; 0]);
    assert_eq!(
        found(&world, "zrus01", "nvak22s", "<searchType>DBID</searchType>").await,
        [""; 0]
    );
    assert_eq!(found(&world, "zrus01", "dvořáková", "").await, ["maria2f"]);
    let id: BoxId = "nvak22s".parse().unwrap();
    world.isds.store.set_listed(id, true).await.unwrap();
    assert_eq!(found(&world, "zrus01", "novák", "").await, ["nvak22s"]);
    let born = search(&world, "mesto01", "novák", "").await;
    assert_eq!(born.value("dbBiDate"), "1980-02-29");
    assert!(
        search(&world, "zrus01", "novák", "")
            .await
            .body
            .contains("<p:dbBiDate xsi:nil=\"true\">")
    );
}

#[tokio::test]
async fn what_can_be_sent_there() {
    let world = world().await;
    let options = async |login: &str, id: &str| {
        let reply = search(&world, login, id, "<searchType>DBID</searchType>").await;
        assert_eq!(reply.value("totalCount"), "1", "{id}");
        reply.value("dbSendOptions")
    };
    assert_eq!(options("mesto01", "nvak22s").await, "DZ");
    assert_eq!(options("novak01", "mesta2j").await, "DZ");
    assert_eq!(options("novak01", "firma2x").await, "PDZ");
    assert_eq!(options("novak01", "maria2f").await, "PDZ");
    assert_eq!(options("mesto01", "mesta2j").await, "NONE", "its own box");
    assert_eq!(options("zrus01", "mesta2j").await, "NONE", "its own box is closed");
    // Closed while clients may still have it in their lists; forgotten after three hours.
    world.clock.advance(60);
    let closed = world
        .call("spravce01", "DsManage", "DisableOwnDataBox2", "<dbID>nvak22s</dbID>")
        .await;
    assert!(closed.code().starts_with("00"), "{}", closed.body);
    world.settle().await;
    assert_eq!(options("mesto01", "nvak22s").await, "DISABLED");
    world.clock.advance(3 * 3600 + 1);
    assert_eq!(found(&world, "mesto01", "novák", "").await, [""; 0]);
    let activity = world
        .call_as_application("df", "GetDataBoxActivityStatus", "<dbID>nvak22s</dbID>")
        .await;
    assert_eq!(activity.body.matches("<p:Period>").count(), 2, "{}", activity.body);
    assert_eq!(activity.body.matches("<p:DbState>1</p:DbState>").count(), 1);
    assert_eq!(activity.body.matches("<p:DbState>0</p:DbState>").count(), 1);
}

#[tokio::test]
async fn codes_of_the_other_searches() {
    let world = world().await;
    for (code, login, operation, inside) in [
        (
            "1004",
            "nikdo01",
            "FindDataBox",
            "<dbOwnerInfo><dbID>nvak22s</dbID></dbOwnerInfo>",
        ),
        (
            "2011",
            "mesto01",
            "FindDataBox",
            "<dbOwnerInfo><dbID>x</dbID></dbOwnerInfo>",
        ),
        (
            "1101",
            "mesto01",
            "FindDataBox",
            "<dbOwnerInfo><firmName>Vzor</firmName></dbOwnerInfo>",
        ),
        (
            "1109",
            "zrus01",
            "FindDataBox",
            "<dbOwnerInfo><dbType>PO</dbType><firmName>vzor</firmName></dbOwnerInfo>",
        ),
        ("2007", "mesto01", "FindDataBox", "<dbOwnerInfo/><dbOwnerInfo/>"),
        (
            "2017",
            "mesto01",
            "FindPersonalDataBox",
            "<dbOwnerInfo><pnLastName>Novák</pnLastName><biDate>x</biDate></dbOwnerInfo>",
        ),
        (
            "1102",
            "mesto01",
            "FindPersonalDataBox",
            "<dbOwnerInfo><adCity>Vzorov</adCity></dbOwnerInfo>",
        ),
        (
            "1180",
            "mesto01",
            "FindPersonalDataBox",
            "<dbOwnerInfo><pnLastName>No</pnLastName></dbOwnerInfo>",
        ),
        (
            "0002",
            "mesto01",
            "FindPersonalDataBox",
            "<dbOwnerInfo><dbID>mesta2j</dbID></dbOwnerInfo>",
        ),
        // States are no condition: they are not written the same way everywhere.
        (
            "0000",
            "mesto01",
            "FindDataBox2",
            "<dbOwnerInfo><dbType>FO</dbType><pnLastName>Novák</pnLastName><adState>XX</adState></dbOwnerInfo>",
        ),
        ("1007", "mesto01", "GetDataBoxAddress", "<dbID>x</dbID>"),
        ("5001", "mesto01", "GetDataBoxAddress", "<dbID>aydaadk</dbID>"),
        ("1004", "zrus01", "GetDataBoxAddress", "<dbID>nvak22s</dbID>"),
        ("0000", "novak01", "GetDataBoxAddress", "<dbID>nvak22s</dbID>"),
        ("0000", "zrus01", "GetDataBoxAddress", "<dbID>maria2f</dbID>"),
        ("1004", "nikdo01", "GetDataBoxList", "<dblType>POA</dblType>"),
        ("1004", "mesto01", "GetDataBoxList", "<dblType>ALL</dblType>"),
        ("2007", "mesto01", "GetDataBoxList", "<dblType>XYZ</dblType>"),
    ] {
        let reply = world.call(login, "df", operation, inside).await;
        assert_eq!(reply.code(), code, "{operation} {inside}");
    }
    for (code, inside) in [
        ("1007", "<dbID>x</dbID>"),
        ("5001", "<dbID>aydaadk</dbID>"),
        (
            "2017",
            "<dbID>nvak22s</dbID><baFrom>2026-05-02T00:00:00</baFrom><baTo>2026-05-01T00:00:00</baTo>",
        ),
        ("2017", "<dbID>nvak22s</dbID><baFrom>yesterday</baFrom>"),
    ] {
        let reply = world
            .call_as_application("df", "GetDataBoxActivityStatus", inside)
            .await;
        assert_eq!(reply.code(), code, "{inside}");
    }
}

/// Where too many names have what is asked for, the search gives up and says so; others than authorities are not told
/// that the only one found is the only one that there is.
#[tokio::test]
async fn too_common_a_name() {
    let world = world().await;
    let ask = async |login: &str, box_type: &str| {
        let inside = format!("<dbOwnerInfo><dbType>{box_type}</dbType><firmName>zor</firmName></dbOwnerInfo>");
        world.call(login, "df", "FindDataBox2", &inside).await.code().to_owned()
    };
    for login in ["mesto01", "zrus01"] {
        assert_eq!(ask(login, "PO_REQ").await, "0002", "{login}");
    }
    world
        .execute(
            "INSERT INTO box_words (term, place, box_id, forms) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50001) \
             SELECT 'zor', 2, 'aaaa' || i, 0 FROM n",
        )
        .await;
    assert_eq!(ask("mesto01", "PO_REQ").await, "0003");
    assert_eq!(ask("zrus01", "PO_REQ").await, "1109");
    assert_eq!(ask("zrus01", "OVM").await, "0003");
}

#[tokio::test]
async fn the_administrator_sees_states_themselves() {
    let world = world().await;
    let inside = "<dbID>zrus22r</dbID>";
    let full = world.call("spravce01", "df", "GetDataBoxActivityStatus", inside).await;
    assert_eq!(
        (full.code(), full.value("DbState")),
        ("0000".into(), "6".into()),
        "{}",
        full.body
    );
    assert_eq!(full.value("PeriodFrom"), "2009-07-01T00:00:00.000+02:00");
    assert_eq!(full.value("PeriodTo"), "2026-06-01T10:00:00.123+02:00");
    let public = world
        .call_as_application("df", "GetDataBoxActivityStatus", inside)
        .await;
    assert_eq!(public.value("DbState"), "0");
}

/// Name and text of the one file of a list.
fn unzipped(reply: &Reply) -> (String, String) {
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    let bytes = base64_simd::STANDARD.decode_to_vec(reply.value("dblData")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(zip.len(), 1);
    let mut file = zip.by_index(0).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    (file.name().unwrap().into_owned(), text)
}

#[tokio::test]
async fn lists_of_all_boxes() {
    let world = world().await;
    let list = async |kind: &str| {
        let inside = format!("<dblType>{kind}</dblType>");
        unzipped(&world.call_as_application("df", "GetDataBoxList", &inside).await)
    };
    let (name, all) = list("").await;
    assert_eq!(name, "actds20260601.csv");
    let lines: Vec<&str> = all.split_terminator("\r\n").collect();
    assert_eq!(
        lines[0],
        "dbID,aifoIsds,dbType,pnGivenNames,pnLastName,biDate,firmName,ic,adAddressPoint,adCity,adDistrict,adStreet,\
         adNumberInStreet,adNumberInMunicipality,adZipCode,adState,nationality,lastChangeDate"
    );
    let lawyer = "advka2c,true,PFO_ADVOK,Marie,Vzorná,1975-03-02,\"JUDr. Marie Vzorná, advokátka\",,,Vzorov,,Dlouhá,3,12,\
        66451,CZ,,2009-07-01";
    assert_eq!(lines[1], lawyer);
    let listed: Vec<&str> = lines[1..].iter().map(|line| &line[..7]).collect();
    assert_eq!(
        listed,
        [
            "advka2c", "banka2q", "firma2x", "kraj227", "maria2f", "mesta2j", "nvak22s"
        ],
        "accessible ones alone"
    );
    let (name, old) = list("ALL").await;
    assert_eq!(name, "actds20260601.csv");
    assert!(old.starts_with("dbID,dbType,pnFirstName,pnMiddleName,pnLastName,"));
    assert!(
        old.contains("\r\nmaria2f,FO,Marie,Anna,Dvořáková,1975-03-02,,,"),
        "{old}"
    );
    let postal = world
        .call("novak01", "df", "GetDataBoxList", "<dblType>POA</dblType>")
        .await;
    assert_eq!(
        unzipped(&postal),
        ("puboa20260601.csv".into(), "dbID,ic\r\nmaria2f,\r\n".into())
    );
    let raised = world
        .call("novak01", "df", "GetDataBoxList", "<dblType>UPG</dblType>")
        .await;
    assert_eq!(unzipped(&raised), ("effovm20260601.csv".into(), "dbID,ic\r\n".into()));

    // Made once a day: what changes meanwhile is in the next one. Of each kind two are kept at most.
    let objects = world.objects().len();
    assert_eq!(objects, 4);
    let new = data_box("zivna27", BoxType::Po, "Nová Vzorová", "Vzorov");
    world.isds.store.add_box(&new).await.unwrap();
    assert_eq!(list("").await.1, all);
    assert_eq!(world.objects().len(), objects);
    for day in 2..5 {
        world.clock.advance(24 * 3600);
        let (name, next) = list("").await;
        assert_eq!(name, format!("actds2026060{day}.csv"));
        assert!(next.contains("zivna27"));
    }
    assert_eq!(world.objects().len(), objects + 1);
}

#[tokio::test]
async fn a_list_asked_for_by_many_is_made_once() {
    let world = world().await;
    let calls = (0..8).map(|_| world.call_as_application("df", "GetDataBoxList", "<dblType>ALL2</dblType>"));
    let replies = futures::future::join_all(calls).await;
    for reply in &replies {
        assert_eq!(reply.body, replies[0].body);
    }
    assert_eq!(world.objects().len(), 1);
}
