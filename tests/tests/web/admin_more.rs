//! The administration console: who looked, the chain of records, people, lists, limits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use e2e::harness::{Demo, pause};
use e2e::persona::{Letter, Persona};
use e2e::visitor::{Page, Visitor};

const ADMINISTRATOR: &str = "spravce01";
const PATIENCE: Duration = Duration::from_secs(60);

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in(login).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    visitor
}

/// The page of a person, by their login name.
fn person(administrator: &mut Visitor, login: &str, name: &str) -> Page {
    let found = administrator.get(&format!("/admin/search?q={login}")).unwrap();
    administrator.click(&found, name).unwrap()
}

/// Rows of the records that fit.
fn records(administrator: &mut Visitor, query: &str) -> Vec<String> {
    let page = administrator.get(&format!("/admin/audit?{query}")).unwrap();
    page.texts("tbody tr")
}

#[test]
fn who_looked_and_who_was_refused_is_recorded() {
    let demo = Demo::start().unwrap();
    let id = Persona::new(demo.address(), "mesto01")
        .send(&Letter::new("nvak22s", "Výzva"))
        .unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    administrator.get(&format!("/admin/search?q={id}")).unwrap();
    let rows = records(&mut administrator, &format!("action=data-viewed&message={id}"));
    assert_eq!(rows.len(), 1, "{rows:?}");
    administrator.get("/admin/search?q=novak01").unwrap();
    let rows = records(&mut administrator, "action=data-viewed&box=nvak22s");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(
        rows[0].contains("DS_") && rows[0].contains("mailbox"),
        "whose, and which way: {rows:?}"
    );
    administrator.get("/admin/boxes/nvak22s/requests").unwrap();
    let rows = records(&mut administrator, "action=data-viewed&box=nvak22s");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(!records(&mut administrator, "action=audit-viewed").is_empty());

    let mut novak = signed_in(&demo, "novak01").without_redirects();
    for _ in 0..3 {
        assert_eq!(novak.get("/admin/jobs").unwrap().status, 403);
    }
    let rows = records(&mut administrator, "action=console-refused&outcome=refused");
    assert_eq!(rows.len(), 1, "once a minute: {rows:?}");
    assert!(rows[0].contains("Jan Novák") && rows[0].contains("1004"), "{rows:?}");
}

#[test]
fn records_tell_whom_and_which_other_box_they_are_about() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let asked = administrator.get("/admin/boxes/firma2x/act/grant").unwrap();
    let form = asked
        .form("form.admin-form")
        .unwrap()
        .choose("kind", "2")
        .fill("donor", "banka2q");
    let done = administrator.submit(&form).unwrap();
    assert_eq!(done.status, 200, "{done:?}");
    let rows = records(&mut administrator, "other=firma2x");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].contains("banka2q") && rows[0].contains("firma2x"), "{rows:?}");
    assert!(records(&mut administrator, "other=firma2x&origin=soap").is_empty());
    let listed = administrator.get("/admin/credit/subsidies").unwrap();
    assert!(listed.says("firma2x") && listed.says("banka2q"), "{listed:?}");

    // What was done about a person is found by the person, and leads to them.
    let page = person(&mut administrator, "novak01", "Jan Novák");
    let issue = administrator.click(&page, "Vydat nové přístupové údaje").unwrap();
    administrator.submit(&issue.form("form.admin-form").unwrap()).unwrap();
    let concerned = administrator.click(&page, "Co se osoby týkalo").unwrap();
    assert!(
        concerned.says("vydání přístupových údajů") || concerned.texts("tbody tr").len() > 1,
        "{concerned:?}"
    );
}

#[test]
fn the_chain_of_records_is_examined_by_the_administrator_and_at_the_machine() {
    let mut demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let page = administrator.get("/admin/audit/examine").unwrap();
    let end = Instant::now() + PATIENCE;
    // Sealed within a second or two.
    let found = loop {
        let found = administrator.submit(&page.form("Ověřit").unwrap()).unwrap();
        assert!(!found.says("nesouhlasí"), "{found:?}");
        if found.says("Řetěz drží") && found.has("code.admin-long") {
            break found;
        }
        assert!(Instant::now() < end, "nothing is sealed: {found:?}");
        std::thread::park_timeout(Duration::from_millis(200));
    };
    let noted = found.text("code.admin-long").unwrap();
    demo.terminate().unwrap();
    let database = format!("sqlite:{}", demo.data().join("isds.db").display());
    let binary = demo.binary().to_owned();
    let verify = |noted: Option<&str>| {
        let mut command = std::process::Command::new(&binary);
        command.args(["audit", "verify", "--database", &database]);
        if let Some(noted) = noted {
            command.args(["--noted", noted]);
        }
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (holds, text) = verify(None);
    assert!(holds && text.contains("hold"), "{text}");
    let (holds, text) = verify(Some(&noted));
    assert!(holds, "{text}");
    let (holds, text) = verify(Some("1:00"));
    assert!(!holds && text.contains("noted"), "{text}");
}

#[test]
fn an_export_that_is_cut_says_so() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let whole = administrator.get("/admin/audit.csv").unwrap().source();
    assert!(!whole.contains("zkráceno"), "{whole}");
    let page = administrator.get("/admin/audit").unwrap();
    assert!(page.says("poslední řádek řekne, kde pokračovat"), "{page:?}");
}

#[test]
fn a_user_is_changed_in_words() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let asked = administrator.get("/admin/boxes/firma2x/act/add-user").unwrap();
    let form = asked.form("form.admin-form").unwrap();
    let form = form
        .choose("userType", "ENTRUSTED_USER")
        .fill("givenNames", "Jana")
        .fill("lastName", "Vzorová");
    let issued = administrator
        .submit(&form.tick("privilege-1").tick("privilege-8"))
        .unwrap();
    let login = issued.text(".issued-login").unwrap();
    let page = person(&mut administrator, &login, "Jana Vzorová");
    assert!(
        page.says("Vidět seznamy zpráv a doručenky") && !page.says("Psát a odesílat"),
        "{page:?}"
    );
    let asked = administrator.click(&page, "Změnit údaje a oprávnění").unwrap();
    let form = asked.form("form.admin-form").unwrap();
    let empty = administrator
        .submit(&form.clone().fill("lastName", "").fill("city", "Vzorov"))
        .unwrap();
    assert_eq!(
        (empty.status, empty.field("city").as_deref()),
        (422, Some("Vzorov")),
        "{empty:?}"
    );
    let form = form
        .fill("lastName", "Vzorná")
        .fill("birthDate", "1980-02-01")
        .tick("privilege-4")
        .fill("city", "Vzorov");
    let changed = administrator.submit(&form).unwrap();
    assert!(changed.says("Údaje osoby jsou změněny."), "{changed:?}");
    assert!(
        changed.says("Jana Vzorná") && changed.says("Psát a odesílat zprávy"),
        "{changed:?}"
    );
    let again = administrator.click(&changed, "Změnit údaje a oprávnění").unwrap();
    assert_eq!(again.field("city").as_deref(), Some("Vzorov"));
    let same = administrator.submit(&again.form("form.admin-form").unwrap()).unwrap();
    assert!(same.says("Nic se nezměnilo."), "{same:?}");
    // As an administrator of the box.
    let form = again
        .form("form.admin-form")
        .unwrap()
        .choose("userType", "ADMINISTRATOR");
    let changed = administrator.submit(&form).unwrap();
    assert!(changed.says("spravovat osoby"), "{changed:?}");
}

#[test]
fn an_account_is_locked_and_unlocked_and_its_sessions_end() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let mut novak = signed_in(&demo, "novak01");
    assert!(novak.get("/home").unwrap().path.starts_with("/home"));
    let act = |administrator: &mut Visitor, action: &str| {
        let page = person(administrator, "novak01", "Jan Novák");
        let asked = administrator.click(&page, action).unwrap();
        administrator.submit(&asked.form("form.admin-form").unwrap()).unwrap()
    };
    let done = act(&mut administrator, "Ukončit přihlášení");
    assert!(done.says("Přihlášení osoby skončila."), "{done:?}");
    assert!(novak.get("/home").unwrap().path.starts_with("/sign-in"));
    let mut novak = signed_in(&demo, "novak01");
    let mut services = Persona::new(demo.address(), "novak01");
    services.list_received(10).unwrap();

    let done = act(&mut administrator, "Zamknout účet");
    assert!(done.says("Účet je zamčený."), "{done:?}");
    assert!(
        novak.get("/home").unwrap().path.starts_with("/sign-in"),
        "the session ended"
    );
    assert!(
        services.list_received(10).is_err(),
        "what was proven before counts no longer"
    );
    let mut again = Visitor::new(demo.address());
    let refused = again.sign_in("novak01").unwrap();
    assert!(refused.says("zamčený správcem systému"), "{refused:?}");
    assert!(again.get("/home").unwrap().path.starts_with("/sign-in"));
    // Others are not concerned.
    signed_in(&demo, "dvora01");

    let done = act(&mut administrator, "Odemknout účet");
    assert!(done.says("Účet je odemčený."), "{done:?}");
    let mut novak = signed_in(&demo, "novak01");
    assert!(novak.get("/home").unwrap().path.starts_with("/home"));
    services.list_received(10).unwrap();

    // Nobody locks themselves out.
    let page = person(&mut administrator, ADMINISTRATOR, "Hana Provozní");
    let asked = administrator.click(&page, "Zamknout účet").unwrap();
    let refused = administrator.submit(&asked.form("form.admin-form").unwrap()).unwrap();
    assert!(refused.status == 422 && refused.says("vlastní účet"), "{refused:?}");
}

#[test]
fn boxes_are_listed_by_type_and_state() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let all = administrator.get("/admin/boxes/list").unwrap();
    assert_eq!(all.texts("tbody tr").len(), 9, "{all:?}");
    let form = all.form("form[action='/admin/boxes/list']").unwrap();
    let some = administrator
        .submit(&form.choose("type", "FO").choose("state", "1"))
        .unwrap();
    assert!(some.says("Jan Novák") && !some.says("Město Vzorov"), "{some:?}");
    let none = administrator
        .get("/admin/boxes/list?type=PFO_AZI&state=5&after=x")
        .unwrap();
    assert!(none.says("Nic se nenašlo."), "{none:?}");
    let contracts = administrator.get("/admin/credit/contracts").unwrap();
    assert!(contracts.says("banka2q") && !contracts.says("nvak22s"), "{contracts:?}");
    let low = administrator.get("/admin/credit/low").unwrap();
    assert_eq!(low.status, 200, "{low:?}");
}

#[test]
fn a_limit_is_changed_while_the_system_runs() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let asked = administrator.get("/admin/limits/users-added-in-a-day").unwrap();
    let form = asked.form("form.admin-form").unwrap();
    for wrong in ["0", "-1", "x", "99999999999999999999", "10001"] {
        let refused = administrator.submit(&form.clone().fill("value", wrong)).unwrap();
        assert_eq!(refused.status, 422, "{wrong}: {refused:?}");
    }
    let done = administrator.submit(&form.clone().fill("value", "1")).unwrap();
    assert!(done.says("Mez je změněna."), "{done:?}");
    // Somebody else saw the limit before it was changed.
    let late = administrator.submit(&form.fill("value", "2")).unwrap();
    assert!(late.status == 422 && late.says("mezitím"), "{late:?}");
    let mut add = |name: &str| {
        let asked = administrator.get("/admin/boxes/firma2x/act/add-user").unwrap();
        let form = asked.form("form.admin-form").unwrap();
        let form = form
            .choose("userType", "ENTRUSTED_USER")
            .fill("givenNames", "Jana")
            .fill("lastName", name);
        administrator.submit(&form.tick("privilege-1")).unwrap()
    };
    assert_eq!(add("Vzorová").status, 200);
    let refused = add("Vzorná");
    assert!(
        refused.status == 422 && refused.says("příliš mnoho osob"),
        "{refused:?}"
    );
    // The configuration's again.
    let asked = administrator.get("/admin/limits/users-added-in-a-day").unwrap();
    administrator
        .submit(&asked.form("form.admin-form").unwrap().tick("configured"))
        .unwrap();
    let rows = records(&mut administrator, "action=limits-changed&outcome=done");
    assert_eq!(rows.len(), 2, "{rows:?}");
}

#[test]
fn an_announcement_reaches_all_boxes_of_a_type() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let page = administrator.get("/admin/system-messages").unwrap();
    let form = page.form("form.admin-form").unwrap();
    let form = form
        .fill("subject", "Odstávka")
        .fill("text", "Zítra.")
        .tick("sure")
        .tick("type-FO");
    let both = administrator.submit(&form.clone().fill("boxes", "mesta2j")).unwrap();
    assert!(both.status == 422 && both.says("buď vyjmenovat"), "{both:?}");
    administrator.submit(&form).unwrap();
    let end = Instant::now() + PATIENCE;
    for login in ["novak01", "dvora01"] {
        let mut reader = Persona::new(demo.address(), login);
        while !reader
            .list_received(10)
            .unwrap()
            .iter()
            .any(|record| record.subject.contains("Odstávka"))
        {
            assert!(Instant::now() < end, "{login} received nothing");
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }
    let mut town = Persona::new(demo.address(), "mesto01");
    assert!(
        !town
            .list_received(100)
            .unwrap()
            .iter()
            .any(|record| record.subject.contains("Odstávka"))
    );
    let sent = administrator.get("/admin/system-messages/sent").unwrap();
    assert!(sent.says("fyzická osoba") && !sent.says("rozesílá se"), "{sent:?}");
}

#[test]
fn queues_beside_the_jobs_are_shown() {
    let demo = Demo::start().unwrap();
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let jobs = administrator.get("/admin/jobs").unwrap();
    for said in [
        "e-maily k odeslání",
        "seznamy zpráv k indexování",
        "čtením textu příloh",
    ] {
        assert!(jobs.says(said), "{said}: {jobs:?}");
    }
}

#[test]
fn a_box_that_calls_too_often_is_shown_and_restrained() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    for _ in 0..3 {
        town.list_sent(10).unwrap();
    }
    let mut administrator = signed_in(&demo, ADMINISTRATOR);
    let begin = Instant::now();
    loop {
        let page = administrator.get("/admin/restraint").unwrap();
        if page.text("tbody td.number").as_deref() == Some("3") {
            break assert!(page.says("mesta2j"), "{page:?}");
        }
        assert!(begin.elapsed() < PATIENCE, "the calls are not counted: {page:?}");
        pause();
    }
    let page = administrator.get("/admin/boxes/mesta2j/restraint").unwrap();
    let form = page.form("form.admin-form").unwrap().fill("daily", "tři");
    let page = administrator.submit(&form).unwrap();
    assert!(page.says("celé nezáporné číslo"), "{page:?}");
    assert_eq!(page.field("daily").as_deref(), Some("tři"), "what was typed stays");
    let form = page.form("form.admin-form").unwrap().fill("daily", "2");
    let page = administrator.submit(&form).unwrap();
    assert!(page.says("Omezení je nastaveno"), "{page:?}");
    let rows = page.texts("tbody tr");
    assert!(
        rows.iter().any(|row| row.contains("3 / 2") && row.contains("nad mezí")),
        "{rows:?}"
    );
    // The version that was seen is gone.
    assert!(administrator.submit(&form).unwrap().says("mezitím změnil někdo jiný"));
    let begin = Instant::now();
    town.list_sent(10).unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(3), "{:?}", begin.elapsed());
    assert!(
        administrator
            .get("/admin/restraint")
            .unwrap()
            .says("Schránky s vlastním omezením")
    );
}
