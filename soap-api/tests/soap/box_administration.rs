//! Founding, changing, disabling, enabling and ending boxes (manual S), over the wire.

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use std::net::{IpAddr, Ipv4Addr};

use common::golden::Golden;
use common::http::Reply;
use common::{World, decoded, file, message};
use isds_core::Credentials;
use isds_core::event::EventKind;
use isds_core::ids::MessageId;
use isds_core::message::{Input, Phase, SideOf, apply};
use isds_core::ports::MessageChange;

/// A day, in seconds.
const DAY: i64 = 86_400;

async fn manage(world: &World, operation: &str, inside: &str) -> Reply {
    world.call("spravce01", "DsManage", operation, inside).await
}

/// Children of an element.
fn elements(values: &[(&str, &str)]) -> String {
    values
        .iter()
        .map(|(name, value)| format!("<{name}>{value}</{name}>"))
        .collect()
}

/// `dbOwnerInfo` of a citizen.
fn citizen(last_name: &str) -> String {
    elements(&[
        ("dbType", "FO"),
        ("pnGivenNames", "Karel Jan"),
        ("pnLastName", last_name),
        ("biDate", "1990-04-30"),
        ("biCity", "Vzorov"),
        ("adCity", "Vzorov"),
        ("adStreet", "Dlouhá"),
        ("adNumberInMunicipality", "7"),
        ("adNumberInStreet", "2a"),
        ("adZipCode", "10000"),
        ("adState", "CZ"),
    ])
}

/// `dbOwnerInfo` of a firm.
fn firm(box_type: &str, ic: &str) -> String {
    elements(&[
        ("dbType", box_type),
        ("ic", ic),
        ("firmName", "Vzorová &amp; syn, s.r.o."),
        ("adCity", "Vzorov"),
        ("adZipCode", "10000"),
    ])
}

fn user(given: &str, last: &str) -> String {
    let values = [
        ("pnGivenNames", given),
        ("pnLastName", last),
        ("biDate", "1975-05-17"),
        ("userType", "PRIMARY_USER"),
        ("adCity", "Vzorov"),
    ];
    format!("<dbUserInfo>{}</dbUserInfo>", elements(&values))
}

fn founding(owner: &str, users: &str) -> String {
    format!("<dbOwnerInfo>{owner}</dbOwnerInfo><dbPrimaryUsers>{users}</dbPrimaryUsers>")
}

async fn found(world: &World, owner: &str, users: &str) -> Reply {
    let reply = manage(world, "CreateDataBox2", &founding(owner, users)).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    reply
}

fn named(id: &str) -> String {
    format!("<dbID>{id}</dbID>")
}

fn inside(id: &str) -> String {
    format!("<dbOwnerInfo>{}</dbOwnerInfo>", named(id))
}

async fn state(world: &World, id: &str) -> String {
    world
        .call("mesto01", "df", "CheckDataBox", &named(id))
        .await
        .value("dbState")
}

async fn expect(world: &World, operation: &str, content: &str, code: &str) {
    let reply = manage(world, operation, content).await;
    assert_eq!(reply.code(), code, "{operation} {content}: {}", reply.body);
}

/// A message on its way, accepted and not yet delivered in.
async fn submit(world: &World, to: &str, subject: &str) -> MessageId {
    let content = message(to, subject, &file("a.txt", "main", "YWhvag=="));
    let reply = world.call("mesto01", "dz", "CreateMessage", &content).await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    MessageId(reply.value("dmID").parse().unwrap())
}

/// Moves a message as a job that waits for time would.
async fn happen(world: &World, id: MessageId, input: Input) {
    let message = world.isds.store.lookup_message(id).await.unwrap().unwrap();
    let moved = apply(&message.state, input).unwrap();
    let mut change = MessageChange::unchanged(&message);
    change.state = moved.state;
    change.events = moved.events;
    change.state_changes.extend(moved.state_change);
    world.isds.store.apply_changes(&[change]).await.unwrap();
}

async fn phase(world: &World, id: MessageId) -> Phase {
    world.isds.store.lookup_message(id).await.unwrap().unwrap().state.phase
}

async fn events(world: &World, id: MessageId) -> Vec<EventKind> {
    let events = world.isds.store.list_events(id).await.unwrap();
    events.into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn every_answer_is_as_recorded() {
    let world = World::new().await;
    let mut golden = Golden::of("box_administration");
    let person = found(&world, &citizen("Vzorný"), "").await;
    golden.answer("create_data_box2_person", "DsManage", &person);
    let users = user("Jana", "Vzorová") + &user("Petr", "Vzor");
    let company = found(&world, &firm("PO", "27"), &users).await;
    golden.answer("create_data_box2_two_users", "DsManage", &company);
    let first = elements(&[
        ("dbType", "PFO_ADVOK"),
        ("ic", "35"),
        ("pnFirstName", "Marie"),
        ("pnMiddleName", "Anna"),
        ("pnLastName", "Vzorová"),
        ("firmName", "Marie Vzorová, advokátka"),
        ("adCity", "Vzorov"),
        ("adAMCode", "21726100"),
    ]);
    let reply = manage(&world, "CreateDataBox", &founding(&first, &user("", ""))).await;
    golden.answer("create_data_box", "DsManage", &reply);
    let lawyer = reply.value("dbID");
    let again = founding(&citizen("Vzorný"), "");
    golden.answer(
        "create_data_box2_refused",
        "DsManage",
        &manage(&world, "CreateDataBox2", &again).await,
    );
    world.clock.advance(20 * DAY);
    world.settle().await;

    let (person, company) = (person.value("dbID"), company.value("dbID"));
    let renamed = format!("<dbNewOwnerInfo>{}</dbNewOwnerInfo>", firm("PO", "27"));
    let day = |name: &str, day: &str| format!("<{name}>{day}</{name}>");
    let external = "<dbApproved>true</dbApproved><dbExternRefNumber>Č.j. 7/2026</dbExternRefNumber>";
    let calls = [
        ("UpdateDataBoxDescr2", named(&company) + &renamed),
        (
            "UpdateDataBoxDescr",
            format!("<dbOldOwnerInfo>{}</dbOldOwnerInfo>{renamed}", named(&company)),
        ),
        ("SetOpenAddressing", named(&person)),
        ("ClearOpenAddressing", named(&person)),
        ("DisableOwnDataBox2", named(&person) + external),
        ("EnableOwnDataBox2", named(&person)),
        ("DisableOwnDataBox", inside(&person)),
        ("EnableOwnDataBox", inside(&person) + external),
        (
            "DisableDataBoxExternally2",
            named(&lawyer) + &day("dbOwnerDisableDate", "2026-06-02"),
        ),
        (
            "DisableDataBoxExternally",
            inside(&person) + &day("dbOwnerDisableDate", "2026-06-20"),
        ),
        (
            "DeleteDataBox2",
            named(&company) + &day("dbOwnerTerminationDate", "2026-12-31"),
        ),
        (
            "DeleteDataBox",
            inside(&company) + &day("dbOwnerTerminationDate", "2026-05-31"),
        ),
        ("DeleteDataBoxPromptly", named(&company)),
        (
            "ChangeBoxesType",
            change_of_type("PFO_DANPOR", &format!("{lawyer}\nnvak22s\n\nx;y\n")),
        ),
    ];
    for (operation, content) in calls {
        let reply = manage(&world, operation, &content).await;
        golden.answer(&operation.to_lowercase(), "DsManage", &reply);
    }
    golden.finish();
}

#[tokio::test]
async fn a_box_is_founded_only_with_what_its_type_needs() {
    let world = World::new().await;
    let long = "x".repeat(256);
    let subordinate = |upper: &str| firm("OVM_REQ", "27") + &format!("<dbUpperID>{upper}</dbUpperID>");
    let with = |owner: String, old: &str, new: &str| {
        assert!(owner.contains(old));
        owner.replace(old, new)
    };
    let jana = user("Jana", "Vzorová");
    let cases = [
        ("1101", founding(&with(citizen("Vzor"), "<dbType>FO</dbType>", ""), "")),
        ("1013", founding(&with(citizen("Vzor"), ">FO<", ">OVM_NOTAR<"), "")),
        ("1013", founding(&with(citizen("Vzor"), ">FO<", ">SYSTEM<"), "")),
        (
            "1013",
            founding(&with(citizen("Vzor"), "<biDate>1990-04-30</biDate>", ""), ""),
        ),
        ("1013", founding(&citizen(&long), "")),
        ("2017", founding(&with(citizen("Vzor"), "1990-04-30", "30.4.1990"), "")),
        ("1013", founding(&firm("PO", ""), &jana)),
        (
            "1013",
            founding(&with(firm("PO", "27"), "<adCity>Vzorov</adCity>", ""), &jana),
        ),
        ("1014", founding(&citizen("Vzor"), &jana)),
        ("1014", founding(&firm("PO", "27"), "")),
        ("1014", founding(&firm("PO", "27"), &jana.repeat(51))),
        ("1032", founding(&firm("PO", "27"), &jana.repeat(2))),
        ("1013", founding(&firm("PO", "27"), &user("Jana", ""))),
        (
            "1013",
            founding(&firm("PO", "27"), &jana.replace("PRIMARY_USER", "LIQUIDATOR")),
        ),
        (
            "2017",
            founding(&firm("PO", "27"), &jana.replace("1975-05-17", "květen")),
        ),
        ("1017", founding(&firm("OVM_REQ", "27"), &jana)),
        ("1017", founding(&subordinate("mesta2x"), &jana)),
        ("1017", founding(&subordinate("nvak22s"), &jana)),
        // There is one office with this number already, and one citizen of this name and birth.
        ("1010", founding(&firm("OVM", "00000019"), &jana)),
        ("1010", founding(&firm("OVM", "19"), &jana)),
        (
            "1010",
            founding(
                &with(with(citizen("novák"), "Karel Jan", "Jan"), "1990-04-30", "1980-02-29"),
                "",
            ),
        ),
        ("2007", founding(&citizen("Vzor"), "") + "<dbOwnerInfo></dbOwnerInfo>"),
    ];
    for (code, content) in cases {
        expect(&world, "CreateDataBox2", &content, code).await;
    }
    assert_eq!(found(&world, &subordinate("mesta2j"), &jana).await.code(), "0000");
    // A subordinate authority is no superior one, and several of one number are no duplicates.
    let second = found(&world, &subordinate("mesta2j"), &jana).await.value("dbID");
    expect(
        &world,
        "CreateDataBox2",
        &founding(&subordinate(&second), &jana),
        "1017",
    )
    .await;
}

#[tokio::test]
async fn a_new_box_opens_with_the_fifteenth_day() {
    let world = World::new().await;
    let created = found(&world, &citizen("Vzorný"), "").await;
    let id = created.value("dbID");
    assert_eq!(state(&world, &id).await, "3");
    let content = message(&id, "Brzy", &file("a.txt", "main", "YWhvag=="));
    assert_eq!(
        world.call("mesto01", "dz", "CreateMessage", &content).await.code(),
        "1203"
    );
    // Founded on 1 June; the fifteenth day after it begins on 16 June at midnight of Czech time.
    world.clock.advance(14 * DAY + 13 * 3600);
    world.settle().await;
    assert_eq!(state(&world, &id).await, "3");
    world.clock.advance(2 * 3600);
    world.settle().await;
    assert_eq!(state(&world, &id).await, "1");
    submit(&world, &id, "Teď").await;
    let history = world.isds.store.list_box_states(id.parse().unwrap()).await.unwrap();
    let since: Vec<String> = history.iter().map(|change| change.since.to_string()).collect();
    assert_eq!(
        since,
        ["2026-06-01T10:00:00.123+02:00", "2026-06-16T00:00:00.000+02:00"]
    );
}

#[tokio::test]
async fn a_new_box_opens_with_the_first_sign_in_of_its_holder() {
    let world = World::new().await;
    let created = found(&world, &citizen("Vzorný"), "").await;
    let (id, login) = (created.value("dbID"), created.value("dbUserID"));
    let code = created.value("dbAccessDataId");
    assert!(code.starts_with(&login), "{code}");
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let credentials = Credentials { login, password: code };
    let holder = world.isds.authenticate_user(&credentials, address).await.unwrap();
    world.clock.advance(60);
    assert!(world.isds.activate_by_sign_in(&holder).await.unwrap());
    assert_eq!(state(&world, &id).await, "1");
    assert!(!world.isds.activate_by_sign_in(&holder).await.unwrap(), "once");
    // The deadline has nothing left to do.
    world.clock.advance(20 * DAY);
    world.settle().await;
    assert_eq!(
        world
            .isds
            .store
            .list_box_states(id.parse().unwrap())
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn only_the_holder_opens_a_new_box() {
    let world = World::new().await;
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for login in ["mesto02", "spravce01"] {
        let credentials = Credentials {
            login: login.into(),
            password: common::people::PASSWORD.into(),
        };
        let caller = world.isds.authenticate_user(&credentials, address).await.unwrap();
        assert!(!world.isds.activate_by_sign_in(&caller).await.unwrap(), "{login}");
    }
}

#[tokio::test]
async fn what_lay_in_a_box_that_ended_is_undeliverable() {
    let world = World::new().await;
    let read = submit(&world, "nvak22s", "Přečtená").await;
    world.settle().await;
    world
        .call(
            "novak01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    // Begun on the 1st; fiction strikes at the end of the tenth day after.
    let early = submit(&world, "nvak22s", "Fikce před zánikem").await;
    world.settle().await;
    world.clock.advance(7 * DAY);
    let late = submit(&world, "nvak22s", "Fikce po zániku").await;
    world.settle().await;
    world.clock.advance(7 * DAY);
    let waiting = submit(&world, "nvak22s", "Čeká &amp; čeká").await;
    world.settle().await;
    world.clock.advance(6 * DAY);
    world.settle().await;
    assert_eq!(phase(&world, late).await, Phase::Fiction);
    // Today is 21 June; the holder died on the 17th.
    let ended = named("nvak22s") + "<dbOwnerTerminationDate>2026-06-17</dbOwnerTerminationDate>";
    expect(&world, "DeleteDataBox2", &ended, "0000").await;
    world.settle().await;

    assert_eq!(state(&world, "nvak22s").await, "4");
    assert_eq!(phase(&world, read).await, Phase::Accepted);
    assert_eq!(phase(&world, early).await, Phase::Fiction);
    assert_eq!(phase(&world, late).await, Phase::Undeliverable);
    assert_eq!(phase(&world, waiting).await, Phase::Undeliverable);
    use EventKind::{DeliveredIn, Submitted, Undeliverable};
    assert_eq!(
        events(&world, late).await,
        [Submitted, DeliveredIn, Undeliverable],
        "EV2 is gone"
    );
    let info = world
        .call(
            "mesto01",
            "dx",
            "GetDeliveryInfo",
            &format!("<dmID>{}</dmID>", waiting.0),
        )
        .await;
    assert!(info.body.contains("2026-06-17T00:00:00.000+02:00"), "{}", info.body);
    let changes = world
        .call("mesto01", "dx", "GetMessageStateChanges", "<dmFromTime/><dmToTime/>")
        .await;
    let row = format!("<q:dmID>{}</q:dmID><q:dmEventTime>2026-06-21", waiting.0);
    assert!(changes.body.contains(&row), "{}", changes.body);

    // Again is no harm and no second message.
    expect(&world, "DeleteDataBox2", &ended, "1011").await;
    let told = world
        .call(
            "mesto01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    assert_eq!(told.body.matches("nedoručitelná").count(), 2, "{}", told.body);
    // Three years after the day of the end.
    world.clock.advance(3 * 365 * DAY - 5 * DAY);
    world.settle().await;
    assert_eq!(state(&world, "nvak22s").await, "4");
    world.clock.advance(3 * DAY);
    world.settle().await;
    assert_eq!(state(&world, "nvak22s").await, "5");
    expect(&world, "EnableOwnDataBox2", &named("nvak22s"), "1011").await;
    expect(&world, "DeleteDataBoxPromptly", &named("nvak22s"), "1011").await;
}

#[tokio::test]
async fn an_end_to_come_is_recorded() {
    let world = World::new().await;
    let later = named("nvak22s") + "<dbOwnerTerminationDate>2026-06-05</dbOwnerTerminationDate>";
    expect(&world, "DeleteDataBox2", &later, "0001").await;
    // A pause does not call it off.
    expect(&world, "DisableOwnDataBox2", &named("nvak22s"), "0000").await;
    expect(&world, "EnableOwnDataBox2", &named("nvak22s"), "0000").await;
    assert_eq!(state(&world, "nvak22s").await, "1");
    let waiting = submit(&world, "nvak22s", "Ještě").await;
    world.settle().await;
    assert_eq!(phase(&world, waiting).await, Phase::DeliveredIn);
    world.clock.advance(4 * DAY);
    world.settle().await;
    assert_eq!(state(&world, "nvak22s").await, "4");
    assert_eq!(phase(&world, waiting).await, Phase::Undeliverable);
    // By mistake: the administrator may open it again, and nothing deletes it then.
    expect(&world, "EnableOwnDataBox2", &named("nvak22s"), "0000").await;
    world.clock.advance(4 * 366 * DAY);
    world.settle().await;
    assert_eq!(state(&world, "nvak22s").await, "1");
}

#[tokio::test]
async fn disabling_by_law_reaches_back_and_on_request_does_not() {
    let world = World::new().await;
    let delivered = submit(&world, "nvak22s", "Fikcí").await;
    world.settle().await;
    world.clock.advance(5 * DAY);
    let waiting = submit(&world, "nvak22s", "Čeká").await;
    world.settle().await;
    // The 12th, with whose beginning fiction struck.
    world.clock.advance(6 * DAY);
    world.settle().await;
    expect(&world, "DisableOwnDataBox2", &named("nvak22s"), "0000").await;
    world.settle().await;
    assert_eq!(phase(&world, delivered).await, Phase::Fiction);
    assert_eq!(phase(&world, waiting).await, Phase::Undeliverable);
    assert_eq!(state(&world, "nvak22s").await, "2");
    expect(&world, "EnableOwnDataBox2", &named("nvak22s"), "0000").await;

    let day = |day: &str| named("nvak22s") + &format!("<dbOwnerDisableDate>{day}</dbOwnerDisableDate>");
    expect(&world, "DisableDataBoxExternally2", &day("2026-06-13"), "1015").await;
    expect(&world, "DisableDataBoxExternally2", &day("dnes"), "2017").await;
    expect(&world, "DisableDataBoxExternally2", &day("2026-06-11"), "0000").await;
    world.settle().await;
    assert_eq!(state(&world, "nvak22s").await, "2", "6 is shown as 2");
    assert_eq!(
        phase(&world, delivered).await,
        Phase::Undeliverable,
        "its fiction came after that day"
    );
    expect(&world, "DisableDataBoxExternally2", &day("2026-06-11"), "1011").await;
    expect(&world, "DisableOwnDataBox2", &named("nvak22s"), "1011").await;
    // What the law disabled does not count towards the limit of requests.
    expect(&world, "EnableOwnDataBox2", &named("nvak22s"), "0000").await;
}

#[tokio::test]
async fn a_box_is_named_by_an_id_that_exists() {
    let world = World::new().await;
    let date = "<dbOwnerTerminationDate>2026-06-01</dbOwnerTerminationDate>";
    for operation in [
        "DeleteDataBox2",
        "DeleteDataBoxPromptly",
        "UpdateDataBoxDescr2",
        "DisableDataBoxExternally2",
        "DisableOwnDataBox2",
        "EnableOwnDataBox2",
        "SetOpenAddressing",
        "ClearOpenAddressing",
    ] {
        expect(&world, operation, &(named("nvak22x") + date), "1007").await;
        expect(&world, operation, date, "1007").await;
        expect(&world, operation, &(named("zivna27") + date), "5001").await;
        expect(&world, operation, &(named("nvak22s").repeat(2) + date), "2007").await;
    }
    for operation in [
        "DeleteDataBox",
        "DisableDataBoxExternally",
        "DisableOwnDataBox",
        "EnableOwnDataBox",
    ] {
        expect(&world, operation, &(inside("zivna27") + date), "5001").await;
        expect(&world, operation, &(inside("nvak22s").repeat(2) + date), "2007").await;
        expect(&world, operation, date, "1007").await;
    }
    expect(&world, "DeleteDataBox2", &named("nvak22s"), "2007").await;
    expect(
        &world,
        "DeleteDataBox2",
        &(named("nvak22s") + "<dbOwnerTerminationDate>1.6.2026</dbOwnerTerminationDate>"),
        "2017",
    )
    .await;
    // A firm is disabled neither for a time by law nor on request, and what is accessible needs no enabling.
    expect(&world, "DisableDataBoxExternally2", &named("mesta2j"), "1012").await;
    expect(&world, "DisableOwnDataBox2", &named("mesta2j"), "1012").await;
    expect(&world, "EnableOwnDataBox2", &named("mesta2j"), "1011").await;
}

#[tokio::test]
async fn who_pauses_twice_a_year_waits_for_a_year() {
    let world = World::new().await;
    let id = named("nvak22s");
    for _ in 0..2 {
        expect(&world, "DisableOwnDataBox2", &id, "0000").await;
        world.clock.advance(30 * DAY);
        if state(&world, "nvak22s").await == "2" {
            let reply = manage(&world, "EnableOwnDataBox2", &id).await;
            if reply.code() == "1019" {
                assert!(reply.body.contains("1. 7. 2027"), "{}", reply.body);
                break;
            }
            assert_eq!(reply.code(), "0000");
        }
    }
    assert_eq!(state(&world, "nvak22s").await, "2");
    world.clock.advance(330 * DAY);
    expect(&world, "EnableOwnDataBox2", &id, "1019").await;
    world.clock.advance(8 * DAY);
    expect(&world, "EnableOwnDataBox2", &id, "0000").await;
    // An approved exception is made at once.
    expect(&world, "DisableOwnDataBox2", &id, "0000").await;
    expect(&world, "EnableOwnDataBox2", &id, "0000").await;
    expect(&world, "DisableOwnDataBox2", &id, "0000").await;
    expect(&world, "EnableOwnDataBox2", &id, "1019").await;
    expect(
        &world,
        "EnableOwnDataBox2",
        &(id + "<dbApproved>true</dbApproved>"),
        "0000",
    )
    .await;
}

#[tokio::test]
async fn only_the_administrator_of_the_system_administers_boxes() {
    let world = World::new().await;
    let day = "<dbOwnerTerminationDate>2026-06-01</dbOwnerTerminationDate>";
    let own = named("mesta2j") + &inside("mesta2j") + day;
    let founded = founding(&citizen("Vzorný"), "");
    for (operation, content) in [
        ("CreateDataBox", &founded),
        ("CreateDataBox2", &founded),
        ("DeleteDataBox", &own),
        ("DeleteDataBox2", &own),
        ("DeleteDataBoxPromptly", &own),
        ("UpdateDataBoxDescr", &own),
        ("UpdateDataBoxDescr2", &own),
        ("DisableDataBoxExternally", &own),
        ("DisableDataBoxExternally2", &own),
        ("DisableOwnDataBox", &own),
        ("DisableOwnDataBox2", &own),
        ("EnableOwnDataBox", &own),
        ("EnableOwnDataBox2", &own),
        ("ChangeBoxesType", &change_of_type("OVM_PO", "mesta2j")),
    ] {
        for login in ["mesto01", "mesto02", "novak01", "zrus01"] {
            let reply = world.call(login, "DsManage", operation, content).await;
            assert_eq!(reply.code(), "1004", "{operation} by {login}");
        }
        let application = world.call_as_application("DsManage", operation, content).await;
        assert_eq!(application.code(), "1004", "{operation}");
    }
    for operation in ["SetOpenAddressing", "ClearOpenAddressing"] {
        // Without the right to administer the own box, and for another's.
        for (login, id) in [("mesto02", "mesta2j"), ("mesto01", "zrus22r")] {
            let reply = world.call(login, "DsManage", operation, &named(id)).await;
            assert_eq!(reply.code(), "1004", "{operation} by {login}");
        }
        let application = world
            .call_as_application("DsManage", operation, &named("mesta2j"))
            .await;
        assert_eq!(application.code(), "1004", "{operation}");
    }
    let office = world.isds.store.lookup_box_record("mesta2j".parse().unwrap()).await;
    assert_eq!(office.unwrap().unwrap().version, 0, "nothing was changed");
}

#[tokio::test]
async fn a_login_right_after_the_closing_delivers_nothing_that_it_took() {
    let world = World::new().await;
    let late = submit(&world, "nvak22s", "Fikce po znepřístupnění").await;
    let early = submit(&world, "nvak22s", "Fikce před znepřístupněním").await;
    world.settle().await;
    world.clock.advance(12 * DAY);
    let now = isds_core::time::Clock::legal(&*world.clock);
    for (id, days) in [(late, 0), (early, 2)] {
        let at = now.plus_seconds(-days * DAY);
        happen(
            &world,
            id,
            Input::Fiction {
                at,
                without_user: false,
            },
        )
        .await;
    }
    let today = named("nvak22s") + "<dbOwnerDisableDate>2026-06-13</dbOwnerDisableDate>";
    expect(&world, "DisableDataBoxExternally2", &today, "0000").await;
    // No job had its turn yet.
    let list = "<dmStatusFilter>-1</dmStatusFilter>";
    world.call("novak01", "dx", "GetListOfReceivedMessages", list).await;
    assert_eq!(phase(&world, late).await, Phase::Undeliverable);
    assert_eq!(
        phase(&world, early).await,
        Phase::Accepted,
        "a login still follows fiction"
    );
}

#[tokio::test]
async fn nothing_is_delivered_into_a_box_that_closed_on_the_way() {
    let world = World::new().await;
    let on_its_way = submit(&world, "nvak22s", "Na cestě").await;
    expect(&world, "DisableDataBoxExternally2", &named("nvak22s"), "0000").await;
    world.settle().await;
    let message = world.isds.store.lookup_message(on_its_way).await.unwrap().unwrap();
    assert_eq!(message.state.phase, Phase::Undeliverable);
    assert_eq!(message.state.delivered_in, None);
    assert_eq!(message.state.wire(SideOf::Sender), 8);
    assert_eq!(
        events(&world, on_its_way).await,
        [EventKind::Submitted, EventKind::Undeliverable]
    );
    let list = world
        .call(
            "novak01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    assert!(!list.body.contains("Na cestě"), "{}", list.body);
    // Its sender is told all the same.
    let told = world
        .call(
            "mesto01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    assert!(told.body.contains("nedoručitelná"), "{}", told.body);
}

/// Many messages, so that what is done in batches has more than one, and jobs that work while the box is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_meets_a_closing_nothing_waits_in_a_closed_box() {
    let world = World::new().await;
    let mut sent = Vec::new();
    for round in 0..3 {
        for n in 0..45 {
            sent.push(submit(&world, "nvak22s", &format!("{round}/{n}")).await);
        }
        if round == 0 {
            world.settle().await;
        }
    }
    let novak = named("nvak22s");
    let closed = manage(&world, "DisableDataBoxExternally2", &novak);
    let worked = async {
        for _ in 0..3 {
            world.isds.run_due_jobs().await.unwrap();
        }
    };
    let (closed, (), other) = tokio::join!(closed, worked, world.isds.run_due_jobs());
    assert_eq!((closed.code().as_str(), other.is_ok()), ("0000", true));
    world.settle().await;
    for id in &sent {
        assert_eq!(phase(&world, *id).await, Phase::Undeliverable, "{id}");
    }
    let told = world
        .call(
            "mesto01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    let told = told
        .body
        .matches("<q:dmAnnotation>Datová zpráva je nedoručitelná<")
        .count();
    assert_eq!(told, sent.len(), "each sender is told once of each");
    // The closing looks a second time, once nobody can have been on the way into the box.
    world.clock.advance(60);
    world.settle().await;
    assert_eq!(world.isds.store.count_jobs().await.unwrap(), 0);
}

#[tokio::test]
async fn enabling_at_once_makes_nothing_deliverable_again() {
    let world = World::new().await;
    let waiting = submit(&world, "nvak22s", "Čeká").await;
    world.settle().await;
    expect(&world, "DisableOwnDataBox2", &named("nvak22s"), "0000").await;
    // No job had its turn yet.
    expect(&world, "EnableOwnDataBox2", &named("nvak22s"), "0000").await;
    assert_eq!(phase(&world, waiting).await, Phase::Undeliverable);
    world.clock.advance(1);
    let after = submit(&world, "nvak22s", "Potom").await;
    world.settle().await;
    assert_eq!(phase(&world, after).await, Phase::DeliveredIn);
    assert_eq!(phase(&world, waiting).await, Phase::Undeliverable);
}

#[tokio::test]
async fn receiving_postal_messages() {
    let world = World::new().await;
    let both = ["SetOpenAddressing", "ClearOpenAddressing"];
    for operation in both {
        // An authority receives nothing but public messages.
        expect(&world, operation, &named("mesta2j"), "1012").await;
        // A person's box is switched by the administrator only, by this service.
        let own = world.call("novak01", "DsManage", operation, &named("nvak22s")).await;
        assert_eq!(own.code(), "1004", "{operation}");
        let foreign = world.call("mesto01", "DsManage", operation, &named("nvak22s")).await;
        assert_eq!(foreign.code(), "1004", "{operation}");
        expect(&world, operation, &named("nvak22s"), "0000").await;
        let person = world
            .isds
            .store
            .lookup_box("nvak22s".parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(person.open_addressing, operation == both[0]);
        // In a box that is not accessible its holder administers nothing.
        let closed = world.call("zrus01", "DsManage", operation, &named("zrus22r")).await;
        assert_eq!(closed.code(), if operation == both[0] { "1011" } else { "1012" });
    }
    expect(&world, "EnableOwnDataBox2", &named("zrus22r"), "0000").await;
    let firm = world
        .call("zrus01", "DsManage", "SetOpenAddressing", &named("zrus22r"))
        .await;
    assert_eq!(firm.code(), "0000");
    // For firms it is the law.
    expect(&world, "ClearOpenAddressing", &named("zrus22r"), "1012").await;
}

#[tokio::test]
async fn holders_data_are_written_anew() {
    let world = World::new().await;
    let jana = user("Jana", "Vzorová");
    let company = found(&world, &firm("PO", "27"), &jana).await.value("dbID");
    let other = found(&world, &firm("PO", "35"), &jana).await.value("dbID");
    let new = |id: &str, owner: &str| named(id) + &format!("<dbNewOwnerInfo>{owner}</dbNewOwnerInfo>");
    let update = "UpdateDataBoxDescr2";
    let renamed = firm("", "43").replace("Vzorová &amp; syn", "Vzor a dcera");
    expect(&world, update, &new(&company, &renamed), "0000").await;
    let written = world
        .isds
        .store
        .lookup_box(company.parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(written.firm_name.as_deref(), Some("Vzor a dcera, s.r.o."));
    assert_eq!(written.ic.as_deref(), Some("00000043"));
    assert_eq!(written.address.street, None, "what is left out is gone");
    let by_name = "<dbOwnerInfo><dbType>PO</dbType><firmName>vzor a dcera</firmName></dbOwnerInfo>";
    let by_name = world.call("mesto01", "df", "FindDataBox2", by_name).await;
    assert!(by_name.body.contains(&company), "{}", by_name.body);

    expect(&world, update, &new(&company, &firm("PO", "35")), "1010").await;
    expect(&world, update, &new(&company, &firm("OVM", "43")), "1018").await;
    expect(&world, update, &new(&company, &firm("PO", "")), "1013").await;
    expect(&world, update, &new("nvak22s", &citizen("Novák")), "1012").await;
    let self_employed = elements(&[
        ("dbType", "PFO"),
        ("ic", "51"),
        ("pnGivenNames", "Petr"),
        ("pnLastName", "Vzor"),
        ("firmName", "Petr Vzor"),
        ("adCity", "Vzorov"),
    ]);
    let joiner = found(&world, &self_employed, &jana).await.value("dbID");
    expect(
        &world,
        update,
        &new(&joiner, &self_employed.replace(">Vzor<", ">Vzorek<")),
        "1018",
    )
    .await;
    let moved = self_employed
        .replace("Vzorov", "Nový Vzorov")
        .replace(">Petr Vzor<", ">Truhlářství Vzor<");
    expect(&world, update, &new(&joiner, &moved), "0000").await;
    // The number that was given up is free, and that of a deleted box as well.
    found(&world, &firm("PO", "27"), &jana).await;
    expect(&world, "DeleteDataBoxPromptly", &named(&other), "0000").await;
    expect(&world, update, &new(&other, &firm("PO", "35")), "1011").await;
    found(&world, &firm("PO", "35"), &jana).await;
    let below = firm("OVM_REQ", "60") + "<dbUpperID>mesta2j</dbUpperID>";
    let below = found(&world, &below, &jana).await.value("dbID");
    expect(&world, update, &new(&below, &firm("OVM_REQ", "60")), "1017").await;
}

fn change_of_type(new_type: &str, file: &str) -> String {
    let file = base64_simd::STANDARD.encode_to_string(file);
    format!("<refNumber>7/2026</refNumber><newDBType>{new_type}</newDBType><IDsFile>{file}</IDsFile>")
}

#[tokio::test]
async fn types_are_changed_within_one_class_of_holders() {
    let world = World::new().await;
    let company = found(&world, &firm("PO", "27"), &user("Jana", "Vzorová"))
        .await
        .value("dbID");
    let file = format!("\u{FEFF}{company}\r\nnvak22s\nzivna27\n*\nkraj227\n");
    let reply = manage(&world, "ChangeBoxesType", &change_of_type("PO_REQ", &file)).await;
    let log = decoded(&reply.value("changeLogFile"));
    let codes: Vec<&str> = log.lines().map(|line| line.split(';').nth(1).unwrap()).collect();
    assert_eq!(codes, ["0000", "1012", "5001", "1007", "0000"], "{log}");
    // The second of the same number and type is one too many.
    let second = manage(&world, "ChangeBoxesType", &change_of_type("PO_REQ", "mesta2j")).await;
    assert!(decoded(&second.value("changeLogFile")).starts_with("mesta2j;1010;"));
    let alone = manage(&world, "ChangeBoxesType", &change_of_type("OVM_REQ", &company)).await;
    assert!(decoded(&alone.value("changeLogFile")).contains(";1012;"));
    expect(&world, "DeleteDataBoxPromptly", &named(&company), "0000").await;
    let deleted = manage(&world, "ChangeBoxesType", &change_of_type("PO", &company)).await;
    assert!(decoded(&deleted.value("changeLogFile")).contains(";1011;"));
    for (code, content) in [
        ("1101", change_of_type("", "mesta2j")),
        ("1013", change_of_type("PO_ZAK", "mesta2j")),
        ("2007", change_of_type("PO", "\n\n")),
        ("2007", change_of_type("PO", &"mesta2j\n".repeat(1001))),
        ("2007", change_of_type("PO", &"x".repeat(65))),
        ("2007", change_of_type("PO", &"x".repeat(129 * 1024))),
    ] {
        expect(&world, "ChangeBoxesType", &content, code).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_founded_and_one_disabled() {
    let world = World::new().await;
    let content = founding(&firm("PO", "27"), &user("Jana", "Vzorová"));
    let codes = |replies: Vec<Reply>| {
        let mut codes: Vec<String> = replies.iter().map(Reply::code).collect();
        codes.sort();
        codes
    };
    let founded = futures::future::join_all((0..8).map(|_| manage(&world, "CreateDataBox2", &content))).await;
    assert_eq!(
        codes(founded),
        ["0000", "1010", "1010", "1010", "1010", "1010", "1010", "1010"]
    );
    let id = named("nvak22s");
    let disabled = futures::future::join_all((0..8).map(|_| manage(&world, "DisableOwnDataBox2", &id))).await;
    assert_eq!(
        codes(disabled),
        ["0000", "1011", "1011", "1011", "1011", "1011", "1011", "1011"]
    );
    // Two changes of different things: neither takes the other back.
    let enabled = manage(&world, "EnableOwnDataBox2", &id);
    let addressed = manage(&world, "SetOpenAddressing", &id);
    let (enabled, addressed) = tokio::join!(enabled, addressed);
    assert_eq!(
        (enabled.code(), addressed.code()),
        ("0000".to_owned(), "0000".to_owned())
    );
    let person = world
        .isds
        .store
        .lookup_box("nvak22s".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(person.open_addressing && person.state.is_accessible());
}
