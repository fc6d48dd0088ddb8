//! Settings of a person and of a box: people and rights, notifications by e-mail, what happened.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, MailSink, http, pause};
use e2e::persona::{Letter, Persona};
use e2e::visitor::{Page, Visitor};

/// Privileges that the form offers.
const OFFERED: [&str; 7] = ["1", "2", "4", "8", "16", "64", "128"];
const PEOPLE: &str = "/b/mesta2j/settings/people";
/// How long a wound clock may take.
const WINDING: Duration = Duration::from_secs(60);

/// Waits until something is so.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "{what}: never");
        pause();
    }
}

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in(login).unwrap();
    assert!(page.status == 200, "{page:?}");
    visitor
}

/// Adds an entrusted user with these privileges; answers the page that follows.
fn add(visitor: &mut Visitor, last_name: &str, privileges: &[&str]) -> Page {
    let page = visitor.get("/b/mesta2j/settings/people/add").unwrap();
    let mut form = page
        .form("input[name=last_name]")
        .unwrap()
        .fill("given_names", "Karel")
        .fill("last_name", last_name)
        .choose("kind", "entrusted")
        .untick("privilege");
    for privilege in privileges {
        form = if OFFERED.contains(privilege) {
            form.choose("privilege", privilege)
        } else {
            form.force("privilege", privilege)
        };
    }
    visitor.submit(&form).unwrap()
}

fn user_called(visitor: &mut Visitor, name: &str) -> String {
    let page = visitor.get(PEOPLE).unwrap();
    let links = page.links();
    let own = links
        .iter()
        .find(|(text, to)| text.contains(name) && to.contains("/people/DS_") && !to.ends_with("/remove"));
    let address = own.map(|(_, to)| to.clone()).unwrap_or_default();
    address.rsplit('/').next().unwrap_or_default().to_owned()
}

#[test]
fn an_administrator_of_the_box_adds_changes_and_removes_people_and_reads_nothing() {
    let demo = Demo::start().unwrap();
    let mut admin = signed_in(&demo, "mesto03");
    let page = add(&mut admin, "Vzorný", &["1", "8"]);
    assert_eq!(page.status, 200, "{page:?}");
    let (login, code) = (page.text("#access-login").unwrap(), page.text("#access-code").unwrap());
    assert!(code.starts_with(&login), "{page:?}");
    assert!(!admin.get(PEOPLE).unwrap().says(&code), "the code is shown once");
    assert!(
        admin
            .get(PEOPLE)
            .unwrap()
            .says("smí číst všechno kromě zpráv do vlastních rukou")
    );
    // Forms come back filled in.
    let again = add(&mut admin, "Vzorný", &["1", "8"]);
    assert_eq!(
        (again.status, again.field("last_name").as_deref()),
        (422, Some("Vzorný")),
        "{again:?}"
    );
    // Rights are changed, and seen at once.
    let user = user_called(&mut admin, "Vzorný");
    let page = admin.get(&format!("{PEOPLE}/{user}")).unwrap();
    let form = page
        .form("input[name=privilege]")
        .unwrap()
        .without("privilege")
        .force("privilege", "8");
    let page = admin.submit(&form).unwrap();
    assert!(page.path == PEOPLE && page.says("smí vidět seznamy zpráv"), "{page:?}");
    let page = admin.get(&format!("{PEOPLE}/{user}/remove")).unwrap();
    let form = page.form("Odebrat přístup").unwrap();
    assert!(!admin.submit(&form).unwrap().says("Vzorný"));
    // What was done is on record; what may be read is not widened by it.
    let page = admin.get("/b/mesta2j/settings/activity").unwrap();
    for words in ["přidání osoby", "změna osoby", "odebrání osoby", "odmítnuto 1032"] {
        assert!(page.says(words), "{words}: {page:?}");
    }
    assert!(admin.get("/b/mesta2j/received").unwrap().status >= 400);
    let table = admin.get("/b/mesta2j/settings/activity.csv?group=users").unwrap();
    assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(table.source().contains("\"odebrání osoby\""), "{}", table.source());
}

#[test]
fn who_may_not_is_refused_whatever_they_send() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto02");
    for path in [
        "/b/mesta2j/settings/people/add",
        "/b/mesta2j/settings/activity",
        "/b/mesta2j/settings/activity.csv",
        "/b/mesta2j/settings/certificates",
    ] {
        assert_eq!(clerk.get(path).unwrap().status, 403, "{path}");
    }
    let own = clerk.get(PEOPLE).unwrap();
    assert_eq!(own.texts(".settings-people > li").len(), 1, "only themselves: {own:?}");
    // The forms of an administrator, sent with the clerk's own token.
    let mut admin = signed_in(&demo, "mesto03");
    let page = admin.get("/b/mesta2j/settings/people/add").unwrap();
    let token = |page: &Page| page.attribute("meta[name=csrf]", "content").unwrap();
    let field = page.attribute("form[method=post] input[type=hidden]", "name").unwrap();
    let clerk_token = token(&clerk.get(PEOPLE).unwrap());
    let users = admin.get(PEOPLE).unwrap();
    let someone = users.links().iter().find_map(|(_, to)| {
        let id = to.strip_prefix(&format!("{PEOPLE}/"))?;
        id.strip_suffix("/remove").map(str::to_owned)
    });
    let someone = someone.unwrap();
    let fields = |extra: &[(&'static str, &'static str)]| {
        let mut fields = vec![(field.clone(), clerk_token.clone())];
        fields.extend(extra.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        fields
    };
    for (path, fields) in [
        (
            "/b/mesta2j/settings/people/add".to_owned(),
            fields(&[("last_name", "Vzor"), ("privilege", "255")]),
        ),
        (
            format!("{PEOPLE}/{someone}"),
            fields(&[("kind", "administrator"), ("privilege", "127")]),
        ),
        (format!("{PEOPLE}/{someone}/remove"), fields(&[])),
        ("/b/mesta2j/settings/certificates".to_owned(), fields(&[("pem", "x")])),
        ("/b/mesta2j/settings/postal".to_owned(), fields(&[("on", "1")])),
        (
            "/b/nvak22s/settings/notices".to_owned(),
            fields(&[("event", "message-waits")]),
        ),
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = clerk.post(&path, &fields).unwrap();
        assert!([400, 403, 404, 422].contains(&answer.status), "{path}: {answer:?}");
    }
    assert_eq!(admin.get(PEOPLE).unwrap().words(), users.words(), "nothing changed");
    // An administrator's form without their token, and with somebody else's.
    for token in ["", &clerk_token] {
        let answer = admin
            .post(
                "/b/mesta2j/settings/people/add",
                &[(&field, token), ("last_name", "Vzor"), ("privilege", "1")],
            )
            .unwrap();
        assert!(answer.status >= 400, "{answer:?}");
    }
    // A privilege above all that there are, and one that makes an administrator by the back door.
    let page = add(&mut admin, "Vzor", &["4096"]);
    assert_eq!(page.status, 422, "{page:?}");
    let page = add(&mut admin, "Vzor", &["32"]);
    assert_eq!(page.status, 422, "{page:?}");
}

/// Sends a letter and waits until it is in the recipient's box; answers its number.
fn sent(sender: &mut Persona, to: &str, subject: &str) -> String {
    let id = sender.send(&Letter::new(to, subject)).unwrap();
    eventually("the letter is delivered into the box", || {
        let list = sender.list_sent(50).unwrap();
        list.iter().any(|record| record.id == id && record.status >= 4)
    });
    id
}

/// Gives an address in the town's box and confirms it by the code of the mail.
fn confirmed(visitor: &mut Visitor, sink: &MailSink, notices: &str, address: &str) {
    let before = sink.mails().unwrap().len();
    let page = visitor.get(notices).unwrap();
    let form = page.form("input[name=address]").unwrap().fill("address", address);
    let page = visitor.submit(&form).unwrap();
    assert!(page.says(address), "{page:?}");
    let mails = sink.wait_for(before + 1).unwrap();
    let mail = mails.last().unwrap();
    assert_eq!(mail.field("To"), Some(address), "{mail:?}");
    let link = mail.text.lines().find(|line| line.contains("?code=")).unwrap();
    let path = link.split_once("/b/").map(|(_, path)| format!("/b/{path}")).unwrap();
    let page = visitor.get(&path).unwrap();
    // A link alone confirms nothing: programs that look at mails open links.
    assert!(page.says("čeká na potvrzení"), "{page:?}");
    let page = visitor.submit(&page.form("input[name=code]").unwrap()).unwrap();
    assert!(page.says("Adresa je potvrzená"), "{page:?}");
}

#[test]
fn mails_come_for_what_was_chosen_and_for_nothing_before_an_address_is_confirmed() {
    let sink = MailSink::start().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let notices = "/b/nvak22s/settings/notices";
    let mut novak = signed_in(&demo, "novak01");
    // What is no address is refused, and so is one that carries more than an address.
    let page = novak.get(notices).unwrap();
    for bad in [
        "jan",
        "jan@vzor.example\r\nBcc: jiny@vzor.example",
        "Jan <jan@vzor.example>",
        "jan@vzor.example, b@vzor.example",
    ] {
        let form = page.form("input[name=address]").unwrap().force("address", bad);
        let form = form.without("address").force("address", bad);
        assert_eq!(novak.submit(&form).unwrap().status, 422, "{bad}");
    }
    // An address that waits for its code gets the code and nothing else.
    let form = page
        .form("input[name=address]")
        .unwrap()
        .fill("address", "nikdo@vzor.example");
    novak.submit(&form).unwrap();
    sink.wait_for(1).unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let wrong = novak.get(notices).unwrap();
    let form = wrong.form("input[name=code]").unwrap().fill("code", "aaaaa-bbbbb");
    assert_eq!(novak.submit(&form).unwrap().status, 422);
    sent(&mut town, "nvak22s", "Před potvrzením");
    confirmed(&mut novak, &sink, notices, "jan@vzor.example");
    let so_far = sink.mails().unwrap();
    assert!(
        !so_far.iter().any(|mail| mail.text.contains("byla do ní dodána")),
        "{so_far:?}"
    );
    // Now a message tells of itself: who and when, never what.
    let id = sent(&mut town, "nvak22s", "Tajná věc");
    let mails = sink.wait_for(so_far.len() + 1).unwrap();
    let mail = mails.last().unwrap();
    assert_eq!(mail.field("X-Rcpt"), Some("jan@vzor.example"));
    for words in [
        "nvak22s",
        "Jan Novák",
        "Město Vzorov",
        &id,
        "/b/nvak22s/received",
        " – jinak fikcí ",
    ] {
        assert!(mail.text.contains(words), "{words}: {mail:?}");
    }
    assert!(!mail.text.contains("Tajná") && !mail.head.contains("Tajná"), "{mail:?}");
    // What is switched off is not told: what happens later is, and is told in the order in which it happens.
    let page = novak.get(notices).unwrap();
    let form = page.form("input[name=event]").unwrap().untick("event");
    novak.submit(&form.choose("event", "sent-delivered")).unwrap();
    let count = sink.mails().unwrap().len();
    sent(&mut town, "nvak22s", "Neupozorní");
    sent(&mut Persona::new(demo.address(), "novak01"), "mesta2j", "Podání");
    town.list_received(10).unwrap();
    let mails = sink.wait_for(count + 1).unwrap();
    assert_eq!(mails.len(), count + 1, "{mails:?}");
    let text = &mails.last().unwrap().text;
    assert!(
        text.contains("bylo doručeno") && text.contains("(přihlášením)"),
        "{text}"
    );
}

fn wind(demo: &Demo, days: i64) {
    let body = format!("{{\"advance_seconds\":{}}}", days * 86_400);
    let headers = [("Content-Type", "application/json")];
    let answer = http::post(demo.address(), "/test/clock", &headers, body.as_bytes(), WINDING).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Two weeks before: on the page that comes after signing in, and by a mail, once.
#[test]
fn a_password_near_its_end_is_told_of_once() {
    let sink = MailSink::start().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let mut novak = signed_in(&demo, "novak01");
    confirmed(&mut novak, &sink, "/b/nvak22s/settings/notices", "jan@vzor.example");
    let page = novak.get("/settings/sign-in").unwrap();
    let form = page.form("button[name=expires]").unwrap();
    let page = novak.submit(&form.press("Ať heslo platí vždy jen 90 dní")).unwrap();
    assert!(page.says("heslo platí do") && !page.says("brzy skončí"), "{page:?}");
    wind(&demo, 75);
    assert!(!novak.get("/home").unwrap().says("Heslo k přihlašovacímu jménu"));
    let before = sink.mails().unwrap().len();
    wind(&demo, 2);
    let mails = sink.wait_for(before + 1).unwrap();
    let mail = mails.last().unwrap();
    assert!(mail.head.contains("jan@vzor.example"), "{mail:?}");
    for words in ["heslo ke schránce nvak22s platí do", "/settings/sign-in\n"] {
        assert!(mail.text.contains(words), "{words}: {mail:?}");
    }
    assert!(!mail.text.contains("novak01"), "{mail:?}");
    let page = novak.get("/home").unwrap();
    assert!(
        page.says("Heslo k přihlašovacímu jménu novak01 platí jen do"),
        "{page:?}"
    );
    assert!(novak.get("/settings/sign-in").unwrap().says("brzy skončí"));
    // However far the clock goes on, the next mail is about something else.
    wind(&demo, 5);
    sent(&mut Persona::new(demo.address(), "mesto01"), "nvak22s", "Po hesle");
    let mails = sink.wait_for(before + 2).unwrap();
    assert!(mails.last().unwrap().text.contains("byla do ní dodána"), "{mails:?}");
    assert_eq!(mails.len(), before + 2);
}

#[test]
fn a_mail_server_that_is_down_loses_nothing() {
    let mut sink = MailSink::stopped().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let mut novak = signed_in(&demo, "novak01");
    let page = novak.get("/b/nvak22s/settings/notices").unwrap();
    let form = page
        .form("input[name=address]")
        .unwrap()
        .fill("address", "jan@vzor.example");
    novak.submit(&form).unwrap();
    // Tried in vain, more than once.
    let tried = || {
        std::fs::read_to_string(demo.log())
            .unwrap()
            .matches("a mail was not taken now")
            .count()
    };
    eventually("the mail is tried twice", || tried() >= 2);
    sink.serve().unwrap();
    let mails = sink.wait_for(1).unwrap();
    assert_eq!(mails[0].field("To"), Some("jan@vzor.example"));
    // One that is refused for good is given up, and the page says so.
    confirmed(&mut novak, &sink, "/b/nvak22s/settings/notices", "jan@vzor.example");
    sink.refuse(Some(550)).unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    town.send(&Letter::new("nvak22s", "Odmítnutá")).unwrap();
    eventually("the page says that the address was refused", || {
        novak
            .get("/b/nvak22s/settings/notices")
            .unwrap()
            .says("tuto adresu odmítl")
    });
}

#[test]
fn fiction_that_is_near_and_personal_deliveries_and_people_are_told_of_as_far_as_they_may_be() {
    let sink = MailSink::start().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let notices = "/b/mesta2j/settings/notices";
    let mut town = signed_in(&demo, "mesto01");
    confirmed(&mut town, &sink, notices, "mesto@vzor.example");
    // The clerk may not read personal deliveries, sees lists, and does not administer the box.
    let mut clerk = signed_in(&demo, "mesto02");
    confirmed(&mut clerk, &sink, notices, "referent@vzor.example");
    for visitor in [&mut town, &mut clerk] {
        let page = visitor.get(notices).unwrap();
        let form = page.form("input[name=event]").unwrap().untick("event");
        let form = form.choose("event", "message-waits").choose("event", "fiction-near");
        visitor.submit(&form.choose("event", "users-changed")).unwrap();
    }
    let before = sink.mails().unwrap().len();
    let mut region = Persona::new(demo.address(), "kraj01");
    let letter = Letter {
        personal: true,
        ..Letter::new("mesta2j", "Do vlastních rukou")
    };
    let id = region.send(&letter).unwrap();
    let mails = sink.wait_for(before + 2).unwrap();
    for mail in &mails[before..] {
        assert!(mail.text.contains(&id), "{mail:?}");
        assert!(
            !mail.text.contains("Krajský") && !mail.text.contains("vlastních rukou"),
            "{mail:?}"
        );
    }
    // Three days before fiction strikes (the tenth day, or the next working one) it is near; afterwards nobody is told
    // of it again.
    for _ in 0..13 {
        advance_a_day(&demo);
    }
    let mails = sink.wait_for(before + 4).unwrap();
    assert!(
        mails[before + 2].text.contains("fikce nastane"),
        "{:?}",
        mails[before + 2]
    );
    // People of the box: only whoever administers it is told.
    add(&mut town, "Vzorný", &["8"]);
    let mails = sink.wait_for(before + 5).unwrap();
    let last = mails.last().unwrap();
    assert_eq!(last.field("To"), Some("mesto@vzor.example"));
    assert!(last.text.contains("přidán uživatel: Karel Vzorný"), "{last:?}");
    assert_eq!(mails.len(), before + 5, "{mails:?}");
}

/// Gives an address without confirming it.
fn given(visitor: &mut Visitor, notices: &str, address: &str) -> Page {
    let page = visitor.get(notices).unwrap();
    let form = page.form("input[name=address]").unwrap().fill("address", address);
    visitor.submit(&form).unwrap()
}

/// Chooses these events and no others.
fn chosen(visitor: &mut Visitor, notices: &str, events: &[&str]) {
    let page = visitor.get(notices).unwrap();
    let form = page.form("input[name=event]").unwrap().untick("event");
    let form = events.iter().fold(form, |form, event| form.choose("event", event));
    assert!(visitor.submit(&form).unwrap().says("Volby jsou uložené"));
}

#[test]
fn a_refused_address_that_waits_for_its_code_is_told_of_and_strangers_get_few_codes() {
    let sink = MailSink::start().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let notices = "/b/nvak22s/settings/notices";
    let mut novak = signed_in(&demo, "novak01");
    sink.refuse(Some(550)).unwrap();
    given(&mut novak, notices, "nikdo@vzor.example");
    eventually("the page says that the address was refused", || {
        let page = novak.get(notices).unwrap();
        page.says("tuto adresu odmítl") && page.says("nikdo@vzor.example")
    });
    // Another address is another one.
    sink.refuse(None).unwrap();
    let page = given(&mut novak, notices, "jan@vzor.example");
    assert!(!page.says("tuto adresu odmítl"), "{page:?}");
    // Five a day, and removing the address begins nothing anew.
    for n in 0..3 {
        let page = novak.get(notices).unwrap();
        novak.submit(&page.form("Zrušit upozornění").unwrap()).unwrap();
        let page = given(&mut novak, notices, "jan@vzor.example");
        assert_eq!(page.status, 200, "{n}: {page:?}");
    }
    let page = novak.get(notices).unwrap();
    novak.submit(&page.form("Zrušit upozornění").unwrap()).unwrap();
    let page = given(&mut novak, notices, "jan@vzor.example");
    assert!(page.status == 422 && page.says("nejvýše 5krát denně"), "{page:?}");
    assert_eq!(
        page.field("address").as_deref(),
        Some("jan@vzor.example"),
        "nothing typed is lost"
    );
    sink.wait_for(4).unwrap();
    let log = std::fs::read_to_string(demo.log()).unwrap();
    assert!(!log.contains("vzor.example"), "no address stands in the log");
}

#[test]
fn two_who_share_an_address_are_told_what_each_may_know() {
    let sink = MailSink::start().unwrap();
    let demo = DemoOptions::default()
        .argument("--smtp")
        .argument(sink.url())
        .start()
        .unwrap();
    let notices = "/b/mesta2j/settings/notices";
    // mesto02 may not know of users, mesto03 of nothing else: both write to the registry's address.
    for login in ["mesto02", "mesto03"] {
        let mut visitor = signed_in(&demo, login);
        confirmed(&mut visitor, &sink, notices, "podatelna@vzor.example");
        chosen(&mut visitor, notices, &["message-waits", "users-changed"]);
    }
    let before = sink.mails().unwrap().len();
    let mut admin = signed_in(&demo, "mesto03");
    add(&mut admin, "Vzorný", &["8"]);
    let mails = sink.wait_for(before + 1).unwrap();
    assert!(
        mails[before].text.contains("přidán uživatel: Karel Vzorný"),
        "{mails:?}"
    );
    let id = sent(&mut Persona::new(demo.address(), "novak01"), "mesta2j", "Podání");
    let mails = sink.wait_for(before + 2).unwrap();
    assert!(mails[before + 1].text.contains(&id), "{mails:?}");
    assert!(
        mails[before + 1].text.contains("orgánu veřejné moci doručena dodáním"),
        "{mails:?}"
    );
    assert!(!mails[before + 1].text.contains("až schránku otevřete"), "{mails:?}");
    // Who was removed is named, although nothing else names them any more.
    let user = user_called(&mut admin, "Vzorný");
    let page = admin.get(&format!("{PEOPLE}/{user}/remove")).unwrap();
    let form = page.form("form[action$='/remove']").unwrap();
    admin.submit(&form).unwrap();
    let mails = sink.wait_for(before + 3).unwrap();
    assert!(
        mails[before + 2].text.contains("odebrán uživatel: Karel Vzorný"),
        "{mails:?}"
    );
    assert_eq!(mails.len(), before + 3, "each thing once: {mails:?}");
}

/// Winds the legal clock forward; what falls due is done when this returns.
fn advance_a_day(demo: &Demo) {
    let body = b"{\"advance_seconds\":86400}";
    let mut visitor = Visitor::new(demo.address());
    let answer = visitor.request("POST", "/test/clock", Some("application/json"), body);
    assert_eq!(answer.unwrap().status, 200);
}

#[test]
fn everybody_changes_their_own_contact_address_and_nothing_else_of_themselves() {
    let demo = Demo::start().unwrap();
    let contact = "/b/mesta2j/settings/contact";
    let mut clerk = signed_in(&demo, "mesto02");
    let page = clerk.get(contact).unwrap();
    let fill = |page: &Page, street: &str| {
        page.form("input[name=street]")
            .unwrap()
            .fill("street", street)
            .fill("city", "Vzorov")
            .fill("zip_code", "100 00")
    };
    let page = clerk.submit(&fill(&page, "Dlouhá 12 <b>")).unwrap();
    assert!(
        page.path == contact && page.says("Kontaktní adresa byla změněna"),
        "{page:?}"
    );
    assert_eq!(page.field("street").as_deref(), Some("Dlouhá 12 <b>"));
    assert_eq!(page.field("city").as_deref(), Some("Vzorov"));
    // The same again changes nothing; too much comes back with what was typed.
    let page = clerk.submit(&fill(&page, "Dlouhá 12 <b>")).unwrap();
    assert!(page.says("Nic se nezměnilo"), "{page:?}");
    let long = "x".repeat(200);
    let page = clerk.submit(&fill(&page, &long)).unwrap();
    assert_eq!((page.status, page.field("street")), (422, Some(long)), "{page:?}");
    // What else a form of the contract could bring is no part of this one.
    let page = clerk.get(contact).unwrap();
    let form = fill(&page, "Krátká 1")
        .force("privilege", "255")
        .force("last_name", "Vzor")
        .force("user", "DS_1");
    let before = signed_in(&demo, "mesto01").get(PEOPLE).unwrap().words();
    clerk.submit(&form).unwrap();
    assert_eq!(signed_in(&demo, "mesto01").get(PEOPLE).unwrap().words(), before);
    // It is theirs alone, in this box alone.
    let mut other = signed_in(&demo, "mesto01");
    assert_eq!(other.get(contact).unwrap().field("street").as_deref(), Some(""));
    assert_eq!(other.get("/b/nvak22s/settings/contact").unwrap().status, 404);
    // Emptied fields take it away.
    let page = clerk.get(contact).unwrap();
    assert_eq!(page.field("street").as_deref(), Some("Krátká 1"));
    let form = page.form("input[name=street]").unwrap();
    let form = form.fill("street", "").fill("city", "").fill("zip_code", "");
    let page = clerk.submit(&form).unwrap();
    assert_eq!(page.field("street").as_deref(), Some(""), "{page:?}");
}
