//! The administration console and the public statistics.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::persona::{Letter, Persona};
use e2e::visitor::{File, Page, Visitor};

const ADMINISTRATOR: &str = "spravce01";
const PATIENCE: Duration = Duration::from_secs(60);
const NEW_PASSWORD: &str = "VlastniHeslo2026";

/// Every address of the console that takes a form, with fields that would do something.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    (
        "/admin/boxes?type=FO",
        &[
            ("pnGivenNames", "Jan"),
            ("pnLastName", "Vzor"),
            ("biDate", "1980-01-01"),
            ("adCity", "Vzorov"),
        ],
    ),
    ("/admin/boxes/nvak22s/act/disable-by-law", &[("date", "2020-01-01")]),
    ("/admin/boxes/nvak22s/act/disable-on-request", &[]),
    ("/admin/boxes/zrus22r/act/enable", &[]),
    ("/admin/boxes/nvak22s/act/terminate", &[("date", "2020-01-01")]),
    ("/admin/boxes/nvak22s/act/delete", &[]),
    ("/admin/boxes/nvak22s/act/type", &[("type", "OVM_FO")]),
    ("/admin/boxes/maria2f/act/merge", &[("survivor", "nvak22s")]),
    (
        "/admin/boxes/zivna27/act/change",
        &[("firmName", "Vzor"), ("adCity", "Vzorov")],
    ),
    (
        "/admin/boxes/nvak22s/act/add-user",
        &[
            ("userType", "ADMINISTRATOR"),
            ("lastName", "Vzor"),
            ("givenNames", "Jan"),
        ],
    ),
    ("/admin/boxes/nvak22s/act/receive-postal", &[]),
    ("/admin/boxes/nvak22s/act/list", &[]),
    ("/admin/boxes/nvak22s/act/begin-contract", &[]),
    ("/admin/boxes/banka2q/act/end-contract", &[]),
    (
        "/admin/boxes/nvak22s/act/top-up",
        &[("amount", "100"), ("transaction", "vzor-1")],
    ),
    (
        "/admin/boxes/firma2x/act/withdraw",
        &[("amount", "1"), ("transaction", "vzor-2")],
    ),
    ("/admin/boxes/nvak22s/act/grant", &[("kind", "2"), ("donor", "banka2q")]),
    ("/admin/boxes/nvak22s/act/end-subsidy", &[("subsidy", "1")]),
    ("/admin/people/DS_vzor/access", &[]),
    ("/admin/people/DS_vzor/remove", &[]),
    ("/admin/people/DS_vzor/change", &[("lastName", "Vzor")]),
    ("/admin/people/DS_vzor/account/lock", &[]),
    ("/admin/people/DS_vzor/account/end-sessions", &[]),
    ("/admin/people/DS_vzor/account/remove-factors", &[]),
    ("/admin/limits/drafts", &[("value", "7"), ("version", "0")]),
    ("/admin/audit/examine", &[]),
    ("/admin/locks", &[("login", "novak01")]),
    ("/admin/messages/1000001/withhold", &[("withhold", "1")]),
    ("/admin/import", &[("file", "dbType")]),
    ("/admin/import/1/begin", &[]),
    ("/admin/import/1/access", &[]),
    (
        "/admin/system-messages",
        &[
            ("key", "vzor"),
            ("boxes", "nvak22s"),
            ("subject", "Vzor"),
            ("text", "Vzor"),
            ("sure", "1"),
        ],
    ),
    ("/admin/jobs", &[("kind", "1")]),
];

/// Every address of the console that shows something.
const PAGES: &[&str] = &[
    "/admin",
    "/admin/search?q=vzor",
    "/admin/boxes",
    "/admin/boxes?type=OVM_REQ",
    "/admin/boxes/nvak22s",
    "/admin/boxes/nvak22s/requests",
    "/admin/boxes/nvak22s/act/delete",
    "/admin/import",
    "/admin/import/template.csv",
    "/admin/credit",
    "/admin/locks",
    "/admin/system-messages",
    "/admin/jobs",
    "/admin/restraint",
    "/admin/boxes/mesta2j/restraint",
    "/admin/nodes",
    "/admin/audit",
    "/admin/audit.csv",
    "/admin/audit/trail.jsonl",
    "/admin/audit/examine",
    "/admin/boxes/list?type=OVM",
    "/admin/credit/contracts",
    "/admin/credit/low",
    "/admin/credit/subsidies",
    "/admin/limits/drafts",
    "/admin/system-messages/sent",
];

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in(login).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    visitor
}

/// The form token of whoever is signed in.
fn token(visitor: &mut Visitor) -> String {
    let page = visitor.get("/").unwrap();
    page.attribute("meta[name=csrf]", "content").unwrap()
}

/// Whether the box is in the state that the administrator's page of it says.
fn box_says(administrator: &mut Visitor, id: &str, text: &str) -> bool {
    administrator.get(&format!("/admin/boxes/{id}")).unwrap().says(text)
}

/// Asks again until the page says it.
fn until(visitor: &mut Visitor, path: &str, said: impl Fn(&Page) -> bool) -> Page {
    let end = Instant::now() + PATIENCE;
    loop {
        let page = visitor.get(path).unwrap();
        if said(&page) {
            return page;
        }
        assert!(Instant::now() < end, "never said at {path}: {page:?}");
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

#[test]
fn only_the_administrator_sees_and_does_anything() {
    let demo = Demo::start().unwrap();
    let mut nobody = Visitor::new(demo.address()).without_redirects();
    for path in PAGES {
        let page = nobody.get(path).unwrap();
        assert_eq!(page.status, 303, "{path}: {page:?}");
    }
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    for login in ["novak01", "mesto03", "mesto01"] {
        let mut visitor = signed_in(&demo, login).without_redirects();
        let token = token(&mut visitor);
        for path in PAGES {
            let page = visitor.get(path).unwrap();
            assert_eq!(page.status, 403, "{login} {path}: {page:?}");
            assert!(page.has("h1"), "a page of its own");
        }
        for (path, fields) in FORMS {
            let mut fields = fields.to_vec();
            fields.push(("csrf", &token));
            let page = visitor.post(path, &fields).unwrap();
            assert_eq!(page.status, 403, "{login} {path}: {page:?}");
        }
    }
    for (id, text) in [
        ("nvak22s", "přístupná"),
        ("maria2f", "přístupná"),
        ("zrus22r", "znepřístupněná na žádost"),
    ] {
        assert!(box_says(&mut administrator, id, text), "{id}");
    }
    assert!(box_says(
        &mut administrator,
        "nvak22s",
        "Schránka kredit nemá a neměla."
    ));
    let requests = administrator.get("/admin/boxes/nvak22s/requests").unwrap();
    assert_eq!(requests.texts("tbody tr").len(), 0, "{requests:?}");
}

#[test]
fn a_form_of_somebody_else_does_nothing() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR).without_redirects();
    let token = token(&mut administrator);
    for (path, fields) in FORMS {
        // Without the token, and with it but sent by another site.
        let page = administrator.post(path, fields).unwrap();
        assert!(matches!(page.status, 400 | 403 | 404 | 409), "{path}: {page:?}");
        let mut foreign = administrator.clone().with_header("Sec-Fetch-Site", "cross-site");
        let mut fields = fields.to_vec();
        fields.push(("csrf", &token));
        let page = foreign.post(path, &fields).unwrap();
        assert_eq!(page.status, 403, "{path}: {page:?}");
    }
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    assert!(box_says(
        &mut administrator,
        "nvak22s",
        "Schránka kredit nemá a neměla."
    ));
    let requests = administrator.get("/admin/boxes/nvak22s/requests").unwrap();
    assert_eq!(requests.texts("tbody tr").len(), 0, "{requests:?}");
    let imports = administrator.get("/admin/import").unwrap();
    assert!(!imports.has("table"), "{imports:?}");
}

#[test]
fn whoever_gets_a_box_signs_in_with_what_was_issued() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let page = administrator.get("/admin/boxes?type=FO").unwrap();
    // What is missing is said, and nothing that was typed is lost.
    let form = page
        .form("form.admin-form")
        .unwrap()
        .fill("pnGivenNames", "Jan <b>")
        .fill("pnLastName", "Vzor")
        .fill("biDate", "1980-02-01");
    let again = administrator.submit(&form).unwrap();
    assert_eq!(again.status, 422);
    assert!(again.has("[role=alert]"), "{again:?}");
    assert_eq!(again.field("pnGivenNames").as_deref(), Some("Jan <b>"));
    let form = again
        .form("form.admin-form")
        .unwrap()
        .fill("pnGivenNames", "Jan")
        .fill("adCity", "Vzorov");
    let issued = administrator.submit(&form).unwrap();
    assert_eq!(issued.status, 200, "{issued:?}");
    let (login, code) = (
        issued.text(".issued-login").unwrap(),
        issued.text(".issued-code").unwrap(),
    );
    // The same form once more founds no second box and issues nothing.
    let twice = administrator.submit(&form).unwrap();
    assert_eq!(twice.status, 422, "{twice:?}");
    assert!(!twice.source().contains(&code));

    let mut owner = Visitor::new(demo.address());
    let choose = owner.sign_in_with(&login, &code).unwrap();
    let form = choose
        .form("input[name=again]")
        .unwrap()
        .fill("old", &code)
        .fill("new", NEW_PASSWORD)
        .fill("again", NEW_PASSWORD);
    owner.submit(&form).unwrap();
    let mut owner = Visitor::new(demo.address());
    let home = owner.sign_in_with(&login, NEW_PASSWORD).unwrap();
    assert!(home.says("Jan Vzor"), "{home:?}");

    // Found by every name it has, and what was done is written down with who did it.
    let search = administrator.get("/admin/search?q=vzor%20jan").unwrap();
    let row = search.link("Jan Vzor").unwrap();
    let person = administrator.get(&row).unwrap();
    assert!(person.says(&login), "{person:?}");
    let by_login = administrator.get(&format!("/admin/search?q={login}")).unwrap();
    assert!(by_login.says("Jan Vzor"), "{by_login:?}");
    let audit = administrator
        .get("/admin/audit?action=box-created&outcome=done")
        .unwrap();
    assert!(audit.says("Hana Provozní"), "{audit:?}");
    let refused = administrator
        .get("/admin/audit?action=box-created&outcome=refused")
        .unwrap();
    assert_eq!(refused.texts("tbody tr").len(), 2, "{refused:?}");
    let export = administrator.get("/admin/audit.csv?action=box-created").unwrap();
    assert_eq!(export.source().lines().count(), 4, "{}", export.source());
}

#[test]
fn a_box_is_disabled_enabled_and_credited_after_being_asked() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let page = administrator.get("/admin/boxes/nvak22s").unwrap();
    let asked = administrator.click(&page, "Znepřístupnit na žádost držitele").unwrap();
    assert!(asked.says("nebude možné dodávat"), "{asked:?}");
    assert!(
        box_says(&mut administrator, "nvak22s", "přístupná"),
        "asking changes nothing"
    );
    let done = administrator.submit(&asked.form("form.admin-form").unwrap()).unwrap();
    assert!(done.says("Schránka je znepřístupněna."), "{done:?}");
    let asked = administrator.get("/admin/boxes/nvak22s/act/enable").unwrap();
    let done = administrator.submit(&asked.form("form.admin-form").unwrap()).unwrap();
    assert!(done.says("Schránka je zpřístupněna."), "{done:?}");

    let asked = administrator.get("/admin/boxes/firma2x/act/top-up").unwrap();
    let form = |amount: &str| {
        let form = asked.form("form.admin-form").unwrap();
        form.fill("amount", amount).fill("transaction", "vzor-7")
    };
    let wrong = administrator.submit(&form("sto")).unwrap();
    assert_eq!(
        (wrong.status, wrong.field("transaction").as_deref()),
        (422, Some("vzor-7"))
    );
    // A payment is booked once, however often the form is sent.
    for _ in 0..2 {
        let done = administrator.submit(&form("150,50")).unwrap();
        assert!(done.says("650,50 Kč"), "{done:?}");
    }
}

#[test]
fn boxes_of_one_holder_are_merged() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let page = administrator.get("/admin/boxes?type=FO").unwrap();
    let form = page.form("form.admin-form").unwrap();
    let form = form.fill("pnGivenNames", "Jan Karel").fill("pnLastName", "Novák");
    let form = form.fill("biDate", "1988-05-19").fill("adCity", "Vzorov");
    let issued = administrator.submit(&form).unwrap();
    let (login, code) = (
        issued.text(".issued-login").unwrap(),
        issued.text(".issued-code").unwrap(),
    );
    let link = issued.link("Údaje jsou předány").unwrap();
    let duplicate = link.rsplit('/').next().unwrap().to_owned();

    let asked = administrator
        .get(&format!("/admin/boxes/{duplicate}/act/merge"))
        .unwrap();
    let merge = |survivor: &str| asked.form("form.admin-form").unwrap().fill("survivor", survivor);
    let stranger = administrator.submit(&merge("maria2f")).unwrap();
    assert!(stranger.status == 422 && stranger.says("data narození"), "{stranger:?}");
    let done = administrator.submit(&merge("nvak22s")).unwrap();
    assert!(done.says("Schránky jsou sloučeny."), "{done:?}");
    assert!(done.says("trvale znepřístupněná"), "{done:?}");
    assert!(
        box_says(&mut administrator, "nvak22s", "Jan Karel Novák"),
        "the user moved"
    );
    // With the access data that they had.
    let mut owner = Visitor::new(demo.address());
    let choose = owner.sign_in_with(&login, &code).unwrap();
    assert!(choose.has("input[name=again]"), "{choose:?}");
}

#[test]
fn a_table_is_checked_carried_out_and_its_access_data_are_fetched_once() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let bring = |administrator: &mut Visitor, table: &str| {
        let page = administrator.get("/admin/import").unwrap();
        let file = File {
            name: "vzor.csv".to_owned(),
            mime: "text/csv".to_owned(),
            content: table.as_bytes().to_vec(),
        };
        administrator
            .submit(&page.form("input[name=file]").unwrap().file("file", file))
            .unwrap()
    };
    for (table, said) in [
        ("neco;jineho\n1;2\n", "neznámý sloupec"),
        ("dbType\n", "žádný řádek"),
        ("", "dbType"),
    ] {
        let refused = bring(&mut administrator, table);
        assert!(refused.has("[role=alert]") && refused.says(said), "{refused:?}");
    }
    let table = "dbType;ic;firmName;adCity;pnGivenNames;pnLastName;biDate;userGivenNames;userLastName\n\
                 OVM;99800001;Obec Vzorná;Vzorov;;;;=cmd;Vzorová\n\
                 OVM;99800001;Obec Vzorná podruhé;Vzorov;;;;Jana;Vzorová\n\
                 PO;;Bez čísla;Vzorov;;;;Jana;Vzorová\n\
                 KRAJ;99800002;Neznámý typ;Vzorov;;;;Jana;Vzorová\n\
                 FO;;;Vzorov;Eva;Vzorová;1. 2. 1980;;\n";
    let report = bring(&mut administrator, table);
    assert!(report.says("Tabulka je zkontrolovaná"), "{report:?}");
    let rows = report.texts("tbody tr");
    assert_eq!(rows.len(), 5);
    for (row, said) in rows
        .iter()
        .zip(["připravený", "na řádku 2", "chybí ic", "1013", "připravený"])
    {
        assert!(row.contains(said), "{row}");
    }
    let search = administrator.get("/admin/search?q=99800001").unwrap();
    assert!(search.says("Nic se nenašlo."), "a check founds nothing: {search:?}");

    let begin = report.form("form[action$='/begin']").unwrap();
    let begun = administrator.submit(&begin).unwrap();
    let path = begun.path.clone();
    let done = until(&mut administrator, &path, |page| page.says("Hotovo."));
    assert_eq!(
        done.texts("tbody tr")
            .iter()
            .filter(|row| row.contains("založený"))
            .count(),
        2,
        "{done:?}"
    );
    // Beginning it again is refused.
    assert_eq!(administrator.submit(&begin).unwrap().status, 400);

    let fetch = done.form("form[action$='/access']").unwrap();
    let file = administrator.submit(&fetch).unwrap().source();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 3, "{file}");
    assert!(lines[1].contains("\"'=cmd Vzorová\""), "no formula: {file}");
    let cells: Vec<&str> = lines[2].split(';').map(|cell| cell.trim_matches('"')).collect();
    let mut owner = Visitor::new(demo.address());
    let choose = owner.sign_in_with(cells[3], cells[4]).unwrap();
    assert!(choose.has("input[name=again]"), "{choose:?}");
    let twice = administrator.submit(&fetch).unwrap().source();
    assert_eq!(twice.lines().count(), 1, "told once: {twice}");
    let page = administrator.get(&path).unwrap();
    assert!(!page.has("form[action$='/access']"), "{page:?}");
}

#[test]
fn an_announcement_reaches_the_boxes_that_were_chosen() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let page = administrator.get("/admin/system-messages").unwrap();
    let form = |boxes: &str| {
        let form = page.form("form.admin-form").unwrap();
        form.fill("boxes", boxes)
            .fill("subject", "Odstávka <systému>")
            .fill("text", "První.\n\nDruhý.")
    };
    for (form, said) in [
        (form("nvak22s"), "potvrďte"),
        (form("nvak22s, zrus22r").tick("sure"), "zrus22r"),
        (form("nvak22s neco").tick("sure"), "tvar"),
    ] {
        let refused = administrator.submit(&form).unwrap();
        assert!(refused.status == 422 && refused.says(said), "{refused:?}");
        assert_eq!(refused.field("subject").as_deref(), Some("Odstávka <systému>"));
    }
    let whole = form("nvak22s, maria2f nvak22s").tick("sure");
    let sent = administrator.submit(&whole).unwrap();
    assert!(sent.says("Systémové zprávy se odesílají."), "{sent:?}");
    // The same form once more, as by a double click.
    let twice = administrator.submit(&whole).unwrap();
    assert!(twice.says("podruhé se neodeslalo nic"), "{twice:?}");
    assert_eq!(twice.texts("tbody tr").len(), 1, "{twice:?}");
    for login in ["novak01", "dvora01"] {
        let mut reader = Persona::new(demo.address(), login);
        let end = Instant::now() + PATIENCE;
        let received = loop {
            let received = reader.list_received(10).unwrap();
            if received.iter().any(|record| record.subject.contains("Odstávka")) {
                break received;
            }
            assert!(Instant::now() < end, "{login} received {}", received.len());
            std::thread::park_timeout(Duration::from_millis(100));
        };
        assert_eq!(
            received
                .iter()
                .filter(|record| record.subject.contains("Odstávka"))
                .count(),
            1
        );
    }
}

#[test]
fn a_message_is_found_without_its_subject_and_withheld() {
    let demo = Demo::start().unwrap();
    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "Tajný předmět")).unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let found = administrator.get(&format!("/admin/search?q={id}")).unwrap();
    let page = administrator.click(&found, &id).unwrap();
    assert!(page.says("Město Vzorov") && page.says("Jan Novák"), "{page:?}");
    assert!(!page.source().contains("Tajný předmět") && !found.source().contains("Tajný předmět"));
    let asked = administrator.click(&page, "Zadržet zprávu").unwrap();
    let withhold = asked.form("form.admin-form").unwrap();
    // Sent twice, as by a double click, it does what it says and not the contrary.
    for _ in 0..2 {
        let done = administrator.submit(&withhold).unwrap();
        assert!(done.says("Zpráva je zadržena."), "{done:?}");
    }
    let wrong = administrator.submit(&withhold.clone().force("withhold", "")).unwrap();
    assert_eq!(wrong.status, 400, "{wrong:?}");
    let mut reader = Persona::new(demo.address(), "novak01");
    reader.list_received(10).unwrap();
    assert!(reader.download_signed(&id).is_err(), "it is withheld");
    let asked = administrator.get(&format!("/admin/messages/{id}/withhold")).unwrap();
    administrator.submit(&asked.form("form.admin-form").unwrap()).unwrap();
    assert!(reader.download_signed(&id).is_ok(), "it is released");
}

#[test]
fn a_locked_account_is_opened_again() {
    let demo = Demo::start().unwrap();
    for _ in 0..5 {
        Visitor::new(demo.address())
            .sign_in_with("novak01", "SpatneHeslo2026")
            .unwrap();
    }
    let mut novak = Visitor::new(demo.address());
    novak.sign_in("novak01").unwrap();
    let home = novak.get("/home").unwrap();
    assert!(
        home.path.starts_with("/sign-in"),
        "locked, even with the right password: {home:?}"
    );
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let found = administrator.get("/admin/search?q=novak01").unwrap();
    let person = administrator.click(&found, "Jan Novák").unwrap();
    assert!(person.says("Přihlášení je zamčené"), "{person:?}");
    let lifted = administrator.submit(&person.form("Odemknout").unwrap()).unwrap();
    assert!(lifted.says("Zámek byl zrušen."), "{lifted:?}");
    signed_in(&demo, "novak01");
}

#[test]
fn statistics_equal_what_was_sent_and_delivered() {
    let demo = Demo::start().unwrap();
    let csv = |visitor: &mut Visitor, name: &str| {
        let page = visitor.get(&format!("/statistics/{name}.csv")).unwrap();
        let lines: Vec<String> = page.source().lines().skip(1).map(str::to_owned).collect();
        lines
    };
    let sums = |lines: &[String]| {
        let mut sums = [0_u64; 3];
        for line in lines {
            for (sum, cell) in sums.iter_mut().zip(line.split(';').skip(1)) {
                *sum += cell.parse::<u64>().unwrap();
            }
        }
        sums
    };
    let mut visitor = Visitor::new(demo.address());
    // What the demo begins with is counted first.
    let counted = until(&mut visitor, "/statistics", |page| page.has("table"));
    assert!(counted.has("svg title") && counted.has("svg desc"), "{counted:?}");
    let before = sums(&csv(&mut visitor, "messages"));
    let mut sender = Persona::new(demo.address(), "mesto01");
    let sent: Vec<String> = (0..5)
        .map(|n| sender.send(&Letter::new("nvak22s", &format!("Vzor {n}"))).unwrap())
        .collect();
    let end = Instant::now() + PATIENCE;
    let mut reader = Persona::new(demo.address(), "novak01");
    // One that comes while the list is made stands in it undelivered.
    let mut delivered = |id: &String| {
        let list = reader.list_received(20).unwrap();
        list.iter().any(|record| record.id == *id && record.status == 6)
    };
    while !sent.iter().all(&mut delivered) {
        assert!(Instant::now() < end, "not delivered");
    }
    let expected = [before[0] + 5, before[1] + 5, before[2]];
    while sums(&csv(&mut visitor, "messages")) != expected {
        assert!(
            Instant::now() < end,
            "{:?} is not {expected:?}",
            csv(&mut visitor, "messages")
        );
        std::thread::park_timeout(Duration::from_millis(200));
    }
    let boxes: u64 = csv(&mut visitor, "boxes")
        .iter()
        .map(|line| line.rsplit(';').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(boxes, 9);
}

#[test]
fn the_state_of_the_house_is_told() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let health = administrator.get("/admin").unwrap();
    for said in ["zkušební zápis", "Databáze", "časových razítek"] {
        assert!(
            health.says(said) || health.source().to_lowercase().contains(said),
            "{said}: {health:?}"
        );
    }
    let nodes = until(&mut administrator, "/admin/nodes", |page| page.says("žije"));
    assert_eq!(nodes.texts("tbody tr").len(), 1, "{nodes:?}");
    let jobs = administrator.get("/admin/jobs").unwrap();
    assert_eq!(jobs.status, 200);
}
