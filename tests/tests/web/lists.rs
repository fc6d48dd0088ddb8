//! Lists of messages and what surrounds them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::harness::http;
use e2e::persona::{Letter, Persona, first_text, operation_body};
use e2e::visitor::{Form, Page, Visitor};
use isds_core::ids::BoxId;
use sqlx::{Connection, SqliteConnection};

const NOVAK: &str = "nvak22s";

/// State of a message as its sender sees it.
fn state(sender: &mut Persona, id: &str) -> String {
    let info = sender.delivery_info(id).unwrap();
    first_text(&info, "dmMessageStatus>").unwrap().to_owned()
}

/// Sends a letter and waits until it is in the recipient's box.
fn send(sender: &mut Persona, letter: &Letter) -> String {
    let id = sender.send(letter).unwrap();
    in_box(sender, &id);
    id
}

fn in_box(sender: &mut Persona, id: &str) {
    let begun = Instant::now();
    while state(sender, id).parse::<u8>().unwrap() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{id} does not arrive");
    }
}

/// Sends a letter with a reference number of the sender's.
fn send_with_reference(sender: &mut Persona, to: &str, subject: &str, reference: &str) -> String {
    let body = operation_body(
        "CreateMessage",
        &format!(
            "<dmEnvelope><dbIDRecipient>{to}</dbIDRecipient><dmAnnotation>{subject}</dmAnnotation>\
             <dmSenderRefNumber>{reference}</dmSenderRefNumber></dmEnvelope>\
             <dmFiles><dmFile dmMimeType=\"\" dmFileMetaType=\"main\" dmFileDescr=\"a.txt\">\
             <dmEncodedContent>YWhvag==</dmEncodedContent></dmFile></dmFiles>"
        ),
    );
    let id = sender.send_body(&body).unwrap();
    in_box(sender, &id);
    id
}

/// A form that goes somewhere else than it was made for: what an attacker does.
fn turned(mut form: Form, path: &str) -> Form {
    path.clone_into(&mut form.action);
    form
}

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in(login).unwrap();
    visitor
}

/// Presses the button that delivers.
fn open(visitor: &mut Visitor, page: &Page) -> Page {
    let form = page.form("Otevřít a doručit").unwrap();
    visitor.submit(&form).unwrap()
}

/// Subjects in a list, in its order.
fn subjects(page: &Page) -> Vec<String> {
    page.texts(".lists-open, .lists-closed")
}

#[test]
fn nothing_is_delivered_before_the_button() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(&mut town, &Letter::new(NOVAK, "Výzva k doplnění žádosti"));
    let mut novak = signed_in(&demo, "novak01");
    // Everything that one can look at, twice.
    for _ in 0..2 {
        for path in [
            "/home",
            "/boxes",
            "/b/nvak22s/received",
            "/b/nvak22s/received?delivered=1",
            "/b/nvak22s/received?delivered=1&q=vyzva",
            "/b/nvak22s/received?show=unread&delivered=1",
            "/b/nvak22s/sent",
            "/b/nvak22s/vault",
            "/b/nvak22s/vault?side=sent",
            "/b/nvak22s/erased",
            "/b/nvak22s/case?mark=MV-1",
            "/b/nvak22s/lists",
            "/all/received",
            "/all/sent",
        ] {
            let page = novak.get(path).unwrap();
            assert_eq!(page.status, 200, "{path}: {page:?}");
            assert!(
                !page.says("Výzva k doplnění"),
                "{path} tells the subject before delivery"
            );
            assert_eq!(state(&mut town, &id), "4", "{path} delivered");
        }
    }
    let home = novak.get("/home").unwrap();
    assert!(
        home.says("Na otevření čeká 1 zpráva") && home.says("Město Vzorov"),
        "{home:?}"
    );
    assert!(home.says("zbývá") && home.says("fikce doručení"), "{home:?}");
    // What no form of ours sends does not deliver either.
    let mut stranger = novak.clone();
    // A method that an address lacks is a page that does not exist.
    assert_eq!(stranger.get("/b/nvak22s/received/open").unwrap().status, 404);
    let forged = novak
        .clone()
        .post("/b/nvak22s/received/open", &[("csrf", "0")])
        .unwrap();
    assert_ne!(forged.status, 303, "{forged:?}");
    let foreign = novak
        .clone()
        .with_header("Sec-Fetch-Site", "cross-site")
        .post("/b/nvak22s/received/open", &[])
        .unwrap();
    assert_eq!(foreign.status, 403);
    assert_eq!(state(&mut town, &id), "4");

    let ask = novak.get("/b/nvak22s/received").unwrap();
    for words in [
        "Na otevření čeká 1 zpráva",
        "Město Vzorov",
        "§ 17 odst. 3",
        "Desátý den",
        &id,
    ] {
        assert!(ask.says(words), "{words}: {ask:?}");
    }
    let list = open(&mut novak, &ask);
    assert_eq!(list.path, "/b/nvak22s/received");
    assert_eq!(state(&mut town, &id), "6");
    assert!(
        list.says("Výzva k doplnění žádosti") && list.says("1 nepřečtená zpráva"),
        "{list:?}"
    );
    assert_eq!(
        list.attribute("a.lists-open", "href").unwrap(),
        format!("/b/nvak22s/messages/{id}")
    );
    // Nothing waits: nobody is asked.
    let again = novak.get("/b/nvak22s/received").unwrap();
    assert!(again.form("Otevřít a doručit").is_err());
}

#[test]
fn not_now_shows_what_is_delivered_already() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    send(&mut town, &Letter::new(NOVAK, "První dopis"));
    let mut novak = signed_in(&demo, "novak01");
    let ask = novak.get("/b/nvak22s/received").unwrap();
    open(&mut novak, &ask);
    let second = send(&mut town, &Letter::new(NOVAK, "Druhý dopis"));
    let ask = novak.get("/b/nvak22s/received?q=dopis").unwrap();
    let list = novak.click(&ask, "Teď ne").unwrap();
    assert_eq!(subjects(&list), ["První dopis"]);
    assert!(list.says("Na otevření čeká 1 zpráva"), "{list:?}");
    assert_eq!(list.field("q").as_deref(), Some("dopis"), "the filter stays");
    assert_eq!(state(&mut town, &second), "4");
    let ask = novak.click(&list, "Podívat se, co čeká").unwrap();
    let list = open(&mut novak, &ask);
    assert_eq!(subjects(&list), ["Druhý dopis", "První dopis"]);
}

#[test]
fn another_box_is_nobodys_business() {
    let demo = Demo::start().unwrap();
    let mut novak_at_work = Persona::new(demo.address(), "novak01");
    let id = send(&mut novak_at_work, &Letter::new("mesta2j", "Žádost o povolení"));
    let mut novak = signed_in(&demo, "novak01");
    for path in [
        "received",
        "sent",
        "vault",
        "erased",
        "case?mark=x",
        "lists",
        "received?delivered=1",
    ] {
        let page = novak.get(&format!("/b/mesta2j/{path}")).unwrap();
        assert_eq!(page.status, 404, "{path}");
    }
    // His own form, turned at another box.
    let own = novak.get("/b/nvak22s/lists").unwrap();
    for (path, fields) in [
        ("/b/mesta2j/received/open", vec![]),
        (
            "/b/mesta2j/marks",
            vec![("do", "read"), ("side", "received"), ("message", id.as_str())],
        ),
        ("/b/mesta2j/lists/tags", vec![("name", "cizí"), ("colour", "1")]),
        ("/b/mesta2j/lists/content", vec![("on", "1")]),
    ] {
        let form = fields.iter().fold(
            turned(own.form("Přidat štítek").unwrap(), path),
            |form, (name, value)| form.force(name, value),
        );
        let answer = novak.submit(&form).unwrap();
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    assert_eq!(state(&mut novak_at_work, &id), "4");
    // And a message of another box cannot be marked from one's own.
    let form = turned(own.form("Přidat štítek").unwrap(), "/b/nvak22s/marks")
        .force("do", "todo")
        .force("side", "received")
        .force("message", &id);
    let answer = novak.submit(&form).unwrap();
    assert!(answer.says("nic nezměnilo"), "{answer:?}");
    let nobody = Visitor::new(demo.address())
        .without_redirects()
        .get("/b/nvak22s/received")
        .unwrap();
    assert_eq!(nobody.status, 303);
}

#[test]
fn who_may_only_see_lists_delivers_nothing_and_opens_nothing() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(&mut town, &Letter::new("firma2x", "Kontrola u firmy"));
    let mut clerk = signed_in(&demo, "firma02");
    let page = clerk.get("/b/firma2x/received").unwrap();
    assert!(
        page.form("Otevřít a doručit").is_err(),
        "opening would deliver nothing: {page:?}"
    );
    assert!(page.says("nesmíte číst") && page.says("Kontrola u firmy"), "{page:?}");
    assert!(!page.has("a.lists-open"), "{page:?}");
    assert_eq!(state(&mut town, &id), "4");
    // Nor by the button's address.
    let form = turned(page.form("Vyřízeno").unwrap(), "/b/firma2x/received/open");
    clerk.submit(&form).unwrap();
    assert_eq!(state(&mut town, &id), "4");
    // Names of attachments are what a reader finds by, and text of attachments even more.
    let found = clerk.get("/b/firma2x/received?q=dopis.txt").unwrap();
    assert!(!found.says("Kontrola u firmy"));
    assert!(
        clerk
            .get("/b/firma2x/received?q=kontrol")
            .unwrap()
            .says("Kontrola u firmy")
    );
}

#[test]
fn who_may_not_read_personal_messages_leaves_them_waiting() {
    let demo = Demo::start().unwrap();
    let mut novak = Persona::new(demo.address(), "novak01");
    // What the demo begins with is out of the way.
    Persona::new(demo.address(), "mesto01").list_received(10).unwrap();
    let plain = send(&mut novak, &Letter::new("mesta2j", "Běžná žádost"));
    let personal = Letter {
        personal: true,
        ..Letter::new("mesta2j", "Důvěrné podání")
    };
    let personal = send(&mut novak, &personal);
    let mut clerk = signed_in(&demo, "mesto02");
    let ask = clerk.get("/b/mesta2j/received").unwrap();
    assert!(
        ask.says("Na otevření čeká 1 zpráva") && ask.says("Čeká ještě 1 zpráva"),
        "{ask:?}"
    );
    assert!(!ask.says(&personal) && ask.says("doručena už dodáním"), "{ask:?}");
    let list = open(&mut clerk, &ask);
    assert_eq!(
        (state(&mut novak, &plain), state(&mut novak, &personal)),
        ("6".into(), "4".into())
    );
    assert!(
        list.says("Běžná žádost") && list.says("Důvěrné podání"),
        "as the contract lists it: {list:?}"
    );
    let opened = list.attributes("a.lists-open", "href");
    assert!(opened.contains(&format!("/b/mesta2j/messages/{plain}")));
    assert!(!opened.contains(&format!("/b/mesta2j/messages/{personal}")));
    assert!(list.says("do vlastních rukou"));
}

#[test]
fn filters_find_and_stay_in_the_address() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let mut region = Persona::new(demo.address(), "kraj01");
    send(&mut town, &Letter::new(NOVAK, "Rozhodnutí o stavbě garáže"));
    send_with_reference(&mut town, NOVAK, "Výzva k doplnění", "MV-77 /2026");
    let third = send(
        &mut region,
        &Letter::new(NOVAK, "Rozhodčí nález <b>tučně</b> & \"uvozovky\""),
    );
    let mut novak = signed_in(&demo, "novak01");
    let ask = novak.get("/b/nvak22s/received").unwrap();
    open(&mut novak, &ask);
    let mut find = |query: &str| {
        let page = novak.get(&format!("/b/nvak22s/received?{query}")).unwrap();
        assert_eq!(page.status, 200, "{query}");
        subjects(&page).len()
    };
    for (query, expected) in [
        ("q=", 3),
        ("q=rozhod", 2),
        ("q=ROZHODNUTI", 1),
        ("q=garáž+rozhod", 1),
        ("q=stavbe+vyzva", 0),
        ("q=mesto+vzorov", 2),
        ("q=vzorov", 3),
        ("q=MV-77%2F2026", 1),
        ("q=mv77", 0),
        (&format!("q={third}"), 1),
        ("q=kraj227", 1),
        ("q=%25", 3),
        ("q=_", 3),
        ("who=kraj227", 1),
        ("who=kraj227&q=vyzva", 0),
        ("show=unread", 3),
        ("show=todo", 0),
        ("kind=public", 3),
        ("kind=postal", 0),
        ("personal=1", 0),
        ("from=2200-01-01", 0),
        ("to=2020-01-01", 0),
        ("from=1.+1.+2020&to=2200-01-01", 3),
        ("show=undelivered", 3),
        ("tag=999999", 0),
        ("after=x&before=y", 3),
    ] {
        assert_eq!(find(query), expected, "{query}");
    }
    // What was asked for stands in the form again, and what cannot be understood is told.
    let page = novak
        .get("/b/nvak22s/received?q=rozhod&from=nesmysl&who=krátké&show=unread")
        .unwrap();
    assert_eq!(page.field("q").as_deref(), Some("rozhod"));
    assert!(page.says("Zadejte den") && page.says("sedm písmen"), "{page:?}");
    assert!(
        page.source().contains("&lt;b&gt;") || page.source().contains("&#60;b"),
        "what senders write is text"
    );
    assert!(!page.source().contains("<b>tučně"));
    // The case of a reference, however it is written.
    let page = novak.get("/b/nvak22s/received?q=vyzva").unwrap();
    let case = novak.click(&page, "MV-77 /2026").unwrap();
    assert!(case.says("Výzva k doplnění") && case.says("1 zpráva"), "{case:?}");
    assert!(
        novak
            .get("/b/nvak22s/case?mark=mv-77%2F2026")
            .unwrap()
            .says("Výzva k doplnění")
    );
    assert!(!novak.get("/b/nvak22s/case?mark=mv-7").unwrap().says("Výzva k doplnění"));
}

#[test]
fn marks_are_made_for_many_messages_at_once() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let ids: Vec<String> = (1..=3)
        .map(|n| send(&mut town, &Letter::new(NOVAK, &format!("Dopis {n}"))))
        .collect();
    let mut novak = signed_in(&demo, "novak01");
    let ask = novak.get("/b/nvak22s/received").unwrap();
    let list = open(&mut novak, &ask);
    // Read, as the contract means it: the recipient sees 7.
    let form = list
        .form("Označit za přečtené")
        .unwrap()
        .choose("message", &ids[0])
        .choose("message", &ids[2]);
    let list = novak.submit(&form).unwrap();
    assert!(
        list.says("označené za přečtené") && list.says("1 nepřečtená zpráva"),
        "{list:?}"
    );
    let mut states: Vec<(String, u8)> = Persona::new(demo.address(), "novak01")
        .list_received(10)
        .unwrap()
        .into_iter()
        .map(|record| (record.id, record.status))
        .collect();
    states.sort();
    assert_eq!(states, [(ids[0].clone(), 7), (ids[1].clone(), 6), (ids[2].clone(), 7)]);
    // A tag, whose name is somebody's text.
    let page = novak.get("/b/nvak22s/lists").unwrap();
    let form = page
        .form("Přidat štítek")
        .unwrap()
        .fill("name", "<i>Daně</i>")
        .choose("colour", "3");
    let page = novak.submit(&form).unwrap();
    assert!(page.says("<i>Daně</i>") && !page.has("i"), "{page:?}");
    let form = page.form("Přidat štítek").unwrap().fill("name", " <I>DANE</I> ");
    let page = novak.submit(&form).unwrap();
    assert_eq!(page.status, 422);
    assert!(
        page.says("už má") && page.field("name").unwrap().contains("DANE"),
        "nothing typed is lost: {page:?}"
    );
    for (name, words) in [("", "Napište název"), (&*"x".repeat(41), "nejvýše 40 znaků")] {
        let form = page.form("Přidat štítek").unwrap().fill("name", name);
        assert!(novak.submit(&form).unwrap().says(words));
    }
    let list = novak.get("/b/nvak22s/received").unwrap();
    let tag = list.attributes("#lists-tag option", "value").pop().unwrap();
    let form = list
        .form("Přidat štítek")
        .unwrap()
        .choose("message", &ids[1])
        .choose("message", &ids[2])
        .choose("tag", &tag);
    assert!(novak.submit(&form).unwrap().says("Štítek je přidaný"));
    let tagged = novak.get(&format!("/b/nvak22s/received?tag={tag}")).unwrap();
    assert_eq!(subjects(&tagged), ["Dopis 3", "Dopis 2"]);
    let form = tagged
        .form("Odebrat štítek")
        .unwrap()
        .choose("message", &ids[2])
        .choose("tag", &tag);
    let back = novak.submit(&form).unwrap();
    assert_eq!(subjects(&back), ["Dopis 2"], "back where the filter was");
    // The tag of another box leads nowhere.
    let mut stranger = signed_in(&demo, "firma01");
    let none = stranger
        .get(&format!("/b/firma2x/received?delivered=1&tag={tag}"))
        .unwrap();
    assert_eq!(subjects(&none), [""; 0]);
    // To be done by a day, and done.
    let form = back
        .form("Zařadit k vyřízení")
        .unwrap()
        .choose("message", &ids[1])
        .fill("due", "2020-01-31");
    novak.submit(&form).unwrap();
    let home = novak.get("/home").unwrap();
    assert!(
        home.says("po termínu") && home.says("Dopis 2") && home.says("31. 1. 2020"),
        "{home:?}"
    );
    let todo = novak.get("/b/nvak22s/received?show=todo").unwrap();
    assert_eq!(subjects(&todo), ["Dopis 2"]);
    let form = todo.form("Vyřízeno").unwrap().choose("message", &ids[1]);
    novak.submit(&form).unwrap();
    assert!(novak.get("/home").unwrap().says("Nic k vyřízení"));
    // Without a message, a tag or a day it is told, not guessed.
    let list = novak.get("/b/nvak22s/received").unwrap();
    for (form, words) in [
        (list.form("Označit za přečtené").unwrap(), "Nejdřív vyberte zprávy"),
        (
            list.form("Přidat štítek").unwrap().choose("message", &ids[0]),
            "Vyberte štítek",
        ),
        (
            list.form("Zařadit k vyřízení")
                .unwrap()
                .choose("message", &ids[0])
                .fill("due", "31. 2. 2026"),
            "Zadejte den",
        ),
    ] {
        assert!(novak.submit(&form).unwrap().says(words), "{words}");
    }
}

#[test]
fn pages_lead_to_each_other_without_scripts() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    for n in 1..=60 {
        town.send(&Letter::new(NOVAK, &format!("Dopis {n}"))).unwrap();
    }
    let last = town.send(&Letter::new(NOVAK, "Dopis 61")).unwrap();
    in_box(&mut town, &last);
    let mut novak = signed_in(&demo, "novak01");
    let ask = novak.get("/b/nvak22s/received").unwrap();
    assert!(ask.says("Na otevření čeká 61 zpráv"), "{ask:?}");
    let mut page = open(&mut novak, &ask);
    let mut down = vec![subjects(&page)];
    while page.has("a[rel='next']") {
        page = novak.click(&page, "Starší").unwrap();
        down.push(subjects(&page));
    }
    let sizes: Vec<usize> = down.iter().map(Vec::len).collect();
    assert_eq!(sizes, [25, 25, 11]);
    let mut all: Vec<&String> = down.iter().flatten().collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 61, "each once");
    let mut up = vec![subjects(&page)];
    while page.has("a[rel='prev']") {
        page = novak.click(&page, "Novější").unwrap();
        up.push(subjects(&page));
    }
    up.reverse();
    assert_eq!(up[up.len() - 3..], down[..]);
    // Closer together, more at once; the way to a page keeps its filter.
    let form = page.form("úsporná").unwrap();
    let page = novak.submit(&form).unwrap();
    assert_eq!(subjects(&page).len(), 50);
    let found = novak.get("/b/nvak22s/received?q=dopis&show=unread").unwrap();
    let next = found.attribute("a[rel='next']", "href").unwrap();
    assert!(next.contains("q=dopis") && next.contains("show=unread"), "{next}");
}

#[test]
fn one_person_sees_all_their_boxes() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let first = send(&mut town, &Letter::new("advka2c", "Advokátce"));
    let second = send(&mut town, &Letter::new("maria2f", "Marii"));
    let mut maria = signed_in(&demo, "advok01");
    let home = maria.get("/home").unwrap();
    assert!(home.says("advka2c") && home.says("maria2f"));
    let all = maria.get("/all/received").unwrap();
    assert!(all.says("JUDr. Marie Vzorná") && all.says("Marie Dvořáková"), "{all:?}");
    assert!(!all.says("Advokátce") && !all.says("Marii"));
    let ask = maria.get("/b/maria2f/received").unwrap();
    open(&mut maria, &ask);
    assert_eq!(
        (state(&mut town, &first), state(&mut town, &second)),
        ("4".into(), "6".into())
    );
    let all = maria.get("/all/received?q=marii").unwrap();
    assert_eq!(subjects(&all), ["Marii"]);
    assert_eq!(
        all.attribute("a.lists-open", "href").unwrap(),
        format!("/b/maria2f/messages/{second}")
    );
    assert!(all.form("Označit za přečtené").is_err(), "marks belong to one box");
    // Somebody else's boxes are not among all of theirs.
    assert!(!signed_in(&demo, "novak01").get("/all/received").unwrap().says("Marii"));
}

/// Winds legal time forward.
fn wind(demo: &Demo, seconds: u64) {
    let body = format!("{{\"advance_seconds\":{seconds}}}");
    let headers = [("Content-Type", "application/json")];
    let answer = http::post(
        demo.address(),
        "/test/clock",
        &headers,
        body.as_bytes(),
        Duration::from_secs(60),
    )
    .unwrap();
    assert_eq!(answer.status, 200);
}

/// The indexing runs by itself behind the pages: asked until it is there.
fn found_in_the_end(visitor: &mut Visitor, path: &str, subject: &str) {
    let begun = Instant::now();
    loop {
        let page = visitor.get(path).unwrap();
        if subjects(&page).iter().any(|found| found == subject) {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{path} never finds it: {page:?}"
        );
    }
}

#[test]
fn attachments_are_found_by_name_and_where_wanted_by_text() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let letter = Letter {
        files: vec![
            (
                "Stavební_povolení.txt".into(),
                "Parcela číslo 4711 v katastru Vzorov.".as_bytes().to_vec(),
            ),
            (
                "rozbity.pdf".into(),
                b"%PDF-1.7\n1 0 obj << /Type /Catalog /Pages 2 0 R >> nothing more".to_vec(),
            ),
        ],
        ..Letter::new(NOVAK, "Příloha k řízení")
    };
    send(&mut town, &letter);
    let mut novak = signed_in(&demo, "novak01");
    let ask = novak.get("/b/nvak22s/received").unwrap();
    open(&mut novak, &ask);
    // By its name at once: what the index does not hold yet is looked at in the messages.
    let by_name = "/b/nvak22s/received?q=povoleni";
    let page = novak.get(by_name).unwrap();
    assert_eq!(subjects(&page), ["Příloha k řízení"]);
    assert!(!page.says("teprve připravuje"), "everything was searched: {page:?}");
    let page = novak.get("/b/nvak22s/received?q=rizeni+povoleni").unwrap();
    assert_eq!(
        subjects(&page),
        ["Příloha k řízení"],
        "a word of the envelope and one of the name"
    );
    let mut sender = signed_in(&demo, "mesto01");
    let page = sender.get("/b/mesta2j/sent?q=stavebni").unwrap();
    assert_eq!(subjects(&page), ["Příloha k řízení"], "its sender finds it as well");
    wind(&demo, 120);
    found_in_the_end(&mut novak, by_name, "Příloha k řízení");
    let parcel = "/b/nvak22s/received?q=parcela+4711";
    assert!(
        subjects(&novak.get(parcel).unwrap()).is_empty(),
        "the text is searched only where it is wanted"
    );
    let page = novak.get("/b/nvak22s/lists").unwrap();
    let form = page.form("Zapnout hledání v textu příloh").unwrap();
    let page = novak.submit(&form).unwrap();
    assert!(page.says("Hledání v textu příloh je zapnuté"), "{page:?}");
    // What has just come is not indexed within the minute, and the page says that of its text.
    send(&mut town, &Letter::new(NOVAK, "Právě došlo"));
    let ask = novak.get("/b/nvak22s/received").unwrap();
    open(&mut novak, &ask);
    let page = novak.get(parcel).unwrap();
    assert!(
        page.says("Text příloh nejnovějších zpráv se pro hledání teprve připravuje"),
        "{page:?}"
    );
    found_in_the_end(&mut novak, parcel, "Příloha k řízení");
    // A word of the envelope and one of the text, which is in no other message.
    found_in_the_end(&mut novak, "/b/nvak22s/received?q=rizeni+katastr", "Příloha k řízení");
    assert!(subjects(&novak.get("/b/nvak22s/received?q=katastr+dopis").unwrap()).is_empty());
    // The sender's box did not want it.
    let mut office = signed_in(&demo, "mesto01");
    assert!(subjects(&office.get("/b/mesta2j/sent?q=parcela").unwrap()).is_empty());
    // Only those who administer a box may switch it.
    let mut clerk = signed_in(&demo, "mesto02");
    let page = clerk.get("/b/mesta2j/lists").unwrap();
    let form = turned(page.form("Přidat štítek").unwrap(), "/b/mesta2j/lists/content").force("on", "1");
    assert_eq!(clerk.submit(&form).unwrap().status, 403);
}

#[test]
fn the_days_that_are_left_follow_legal_time() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(&mut town, &Letter::new(NOVAK, "Dlouho čeká"));
    wind(&demo, 8 * 86_400);
    let mut novak = signed_in(&demo, "novak01");
    let ask = novak.get("/b/nvak22s/received").unwrap();
    assert!(
        ask.says("zbývá") || ask.says("zbývají") || ask.says("končí dnes"),
        "{ask:?}"
    );
    assert_eq!(state(&mut town, &id), "4");
}

#[test]
fn a_deadline_that_has_passed_is_no_longer_counted() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    send(&mut town, &Letter::new(NOVAK, "Dávno dodaná"));
    let mut novak = signed_in(&demo, "novak01");
    // Past the tenth day, wherever it was moved to.
    wind(&demo, 16 * 86_400);
    for path in ["/b/nvak22s/received", "/home"] {
        let page = novak.get(path).unwrap();
        assert!(
            page.says("Už se považuje za doručenou (fikcí), a to od"),
            "{path}: {page:?}"
        );
        assert!(!page.says("po termínu") && !page.says("zbývá"), "{path}: {page:?}");
    }
    let ask = novak.get("/b/nvak22s/received").unwrap();
    assert!(ask.says("Všechny tyto zprávy se už považují za doručené"), "{ask:?}");
    assert!(!ask.says("§ 17 odst. 3") && !ask.says("okamžikem"), "{ask:?}");
    // Another one that still waits: both is said.
    send(&mut town, &Letter::new(NOVAK, "Nová"));
    let ask = novak.get("/b/nvak22s/received").unwrap();
    assert!(ask.says("Některé z těchto zpráv se už považují za doručené"), "{ask:?}");
    assert!(
        ask.says("§ 17 odst. 3") && ask.says("fikce doručení") && ask.says("(fikcí), a to od"),
        "{ask:?}"
    );
    let list = open(&mut novak, &ask);
    assert_eq!(subjects(&list), ["Nová", "Dávno dodaná"]);
}

#[test]
fn an_authority_is_not_told_that_opening_delivers() {
    let demo = Demo::start().unwrap();
    send(
        &mut Persona::new(demo.address(), "novak01"),
        &Letter::new("mesta2j", "Podání"),
    );
    let mut town = signed_in(&demo, "mesto01");
    let ask = town.get("/b/mesta2j/received").unwrap();
    assert!(ask.says("doručena už dodáním do schránky"), "{ask:?}");
    assert!(ask.says("Všechny tyto zprávy se už považují za doručené"), "{ask:?}");
    assert!(!ask.says("§ 17 odst. 3") && !ask.says("okamžik otevření"), "{ask:?}");
    let english = town.get("/b/mesta2j/received").unwrap();
    assert!(english.form("Otevřít a doručit").is_ok());
}

#[test]
fn a_task_on_a_waiting_message_tells_nothing_of_it() {
    let demo = Demo::start().unwrap();
    let mut region = Persona::new(demo.address(), "kraj01");
    let id = send(&mut region, &Letter::new("firma2x", "Tajná kontrola"));
    // Who may see lists and read nothing is shown the message, as the contract lists it, and may note on it.
    let mut clerk = signed_in(&demo, "firma02");
    let page = clerk.get("/b/firma2x/received").unwrap();
    let form = page.form("Zařadit k vyřízení").unwrap().choose("message", &id);
    assert!(clerk.submit(&form).unwrap().says("zařazené k vyřízení"));
    assert!(clerk.get("/home").unwrap().says("Tajná kontrola"));
    let mut owner = signed_in(&demo, "firma01");
    for path in [
        "/home",
        "/b/firma2x/received?delivered=1&show=todo",
        "/all/received?show=todo",
    ] {
        let page = owner.get(path).unwrap();
        assert!(!page.says("Tajná kontrola"), "{path}: {page:?}");
    }
    assert_eq!(state(&mut region, &id), "4");
    let ask = owner.get("/b/firma2x/received").unwrap();
    open(&mut owner, &ask);
    assert!(
        owner.get("/home").unwrap().says("Tajná kontrola"),
        "now it is a task like any other"
    );
}

#[test]
fn who_administers_a_box_switches_the_search_and_sees_that_it_is_switched() {
    let demo = Demo::start().unwrap();
    // mesto03 administers the box and may neither read nor see lists.
    let mut admin = signed_in(&demo, "mesto03");
    let page = admin.get("/b/mesta2j/lists").unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    assert!(
        page.form("Přidat štítek").is_err(),
        "tags are of those who see the lists"
    );
    let form = page.form("Zapnout hledání v textu příloh").unwrap();
    let page = admin.submit(&form).unwrap();
    assert_eq!((page.status, page.path.as_str()), (200, "/b/mesta2j/lists"));
    assert!(page.says("Hledání v textu příloh je zapnuté"), "{page:?}");
    let forged = turned(
        page.form("Vypnout hledání v textu příloh").unwrap(),
        "/b/mesta2j/lists/tags",
    );
    assert_eq!(admin.submit(&forged.force("name", "x")).unwrap().status, 403);
    // Who may do neither has no such page.
    let mut clerk = signed_in(&demo, "mesto02");
    let page = clerk.get("/b/mesta2j/lists").unwrap();
    assert!(page.form("Přidat štítek").is_ok() && page.form("Vypnout hledání v textu příloh").is_err());
}

/// Gives novak01 another 24 boxes, behind the back of a node that does not run.
async fn add_boxes(demo: &Demo) {
    let address = format!("sqlite:{}", demo.data().join("isds.db").display());
    let mut db = SqliteConnection::connect(&address).await.unwrap();
    for n in 0..24_u8 {
        let data = format!("aaaa{}{}", char::from(b'a' + n / 10), char::from(b'a' + n % 10));
        let id = BoxId::from_data(&data).unwrap();
        sqlx::query(
            "INSERT INTO boxes (box_id, box_type, state, firm_name, open_addressing, postal_contract, aifo_known) \
             VALUES ($1, 20, 1, $2, 0, 0, 0)",
        )
        .bind(id.as_str())
        .bind(format!("Vzor {n}"))
        .execute(&mut db)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges) \
             SELECT $2, $1, person_id, user_type, privileges FROM memberships WHERE box_id = 'nvak22s'",
        )
        .bind(id.as_str())
        .bind(format!("DS_vzor{n}"))
        .execute(&mut db)
        .await
        .unwrap();
    }
    db.close().await.unwrap();
}

#[test]
fn a_page_tells_of_so_many_boxes_and_says_so() {
    let mut demo = Demo::start().unwrap();
    let page = signed_in(&demo, "novak01").get("/home").unwrap();
    assert!(!page.says("Další schránky"), "{page:?}");
    demo.terminate().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(add_boxes(&demo));
    demo.restart().unwrap();
    let mut novak = signed_in(&demo, "novak01");
    let home = novak.get("/home").unwrap();
    assert_eq!(
        home.texts("h3").iter().filter(|title| *title == "K vyřízení").count(),
        20
    );
    assert!(home.says("Přehled ukazuje prvních 20 schránek"), "{home:?}");
    let left_out: Vec<String> = home.attributes("#more-boxes ~ ul a", "href");
    assert_eq!(left_out.len(), 5, "{left_out:?}");
    let one = novak.get(&left_out[4]).unwrap();
    assert_eq!(one.status, 200, "they are opened by their links");
    assert!(!home.says("nemáte oprávnění vidět seznamy"), "{home:?}");
    for path in ["/all/received", "/all/sent", "/all/received?q=vzor"] {
        let page = novak.get(path).unwrap();
        assert!(
            page.says("Ukazují se zprávy jen z prvních 20 schránek"),
            "{path}: {page:?}"
        );
    }
}
