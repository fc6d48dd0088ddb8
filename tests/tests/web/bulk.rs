//! The bulk console: nothing is sent twice, nothing is lost, nothing is sent that was not asked for.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::harness::{Demo, pause};
use e2e::persona::{Letter, Persona};
use e2e::visitor::{File, Page, Visitor};

/// Boxes that a town may send to.
const RECIPIENTS: [&str; 7] = [
    "nvak22s", "maria2f", "firma2x", "banka2q", "advka2c", "zivna27", "kraj227",
];
const LIMIT: Duration = Duration::from_secs(120);

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in(login).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    visitor
}

fn csv(content: impl Into<Vec<u8>>) -> File {
    File {
        name: "adresáti.csv".into(),
        mime: "text/csv".into(),
        content: content.into(),
    }
}

/// A table of so many rows, each with a number of its own.
fn table(rows: usize) -> String {
    let mut text = "Schránka;Číslo;Jméno\r\n".to_owned();
    for row in 1..=rows {
        let recipient = RECIPIENTS[row % RECIPIENTS.len()];
        text.push_str(&format!("{recipient};{row};Adresát {row}\r\n"));
    }
    text
}

fn upload(visitor: &mut Visitor, sender: &str, file: File) -> Page {
    let page = visitor.get(&format!("/b/{sender}/bulk")).unwrap();
    let form = page.form("input[type=file]").unwrap().fill("name", "Výzvy");
    visitor.submit(&form.file("table", file)).unwrap()
}

/// A job with columns and message as they should be; its address.
fn prepared(visitor: &mut Visitor, sender: &str, file: File, body: &str) -> String {
    let page = upload(visitor, sender, file);
    assert_eq!(page.status, 200, "{page:?}");
    let base = page.path.strip_suffix("/columns").unwrap().to_owned();
    let page = visitor.submit(&page.form("select[name=box_id]").unwrap()).unwrap();
    assert_eq!((page.status, page.path.as_str()), (200, base.as_str()), "{page:?}");
    let page = visitor.get(&format!("{base}/message")).unwrap();
    let form = page
        .form("textarea")
        .unwrap()
        .fill("subject", "Poplatek {{Číslo}}")
        .fill("sender_ref_number", "VZ/{{ číslo }}/2026")
        .fill("body", body);
    let page = visitor.submit(&form).unwrap();
    assert_eq!((page.status, page.path.as_str()), (200, base.as_str()), "{page:?}");
    base
}

fn act(visitor: &mut Visitor, base: &str, action: &str) -> Page {
    let page = visitor.get(base).unwrap();
    let button = format!("form[action$=\"/action\"] input[value=\"{action}\"]");
    let page = visitor.submit(&page.form(&button).unwrap()).unwrap();
    assert_eq!(page.status, 200, "{action}: {page:?}");
    page
}

/// Waits until the job is in the state.
fn until(visitor: &mut Visitor, base: &str, state: &str) -> Page {
    let end = Instant::now() + LIMIT;
    loop {
        let page = visitor.get(base).unwrap();
        if page.texts(".gov-tag").first().is_some_and(|tag| tag == state) {
            return page;
        }
        assert!(Instant::now() < end, "never {state}: {page:?}");
        pause();
    }
}

fn checked_and_tried(visitor: &mut Visitor, base: &str) -> Page {
    act(visitor, base, "check");
    until(visitor, base, "Adresy ověřeny");
    act(visitor, base, "try");
    until(visitor, base, "Připraveno k odeslání")
}

fn number(page: &Page, what: &str) -> usize {
    page.text(&format!("[data-bulk=\"{what}\"]")).unwrap().parse().unwrap()
}

/// How often each subject was sent from the box.
fn sent(demo: &Demo, login: &str) -> BTreeMap<String, usize> {
    let mut subjects = BTreeMap::new();
    for record in Persona::new(demo.address(), login).list_sent(10_000).unwrap() {
        *subjects.entry(record.subject).or_default() += 1;
    }
    subjects.retain(|subject: &String, _| subject.starts_with("Poplatek "));
    subjects
}

/// A sent message as it lies in its sealed form, once it is in the recipient's box.
fn message(sender: &mut Persona, id: &str) -> String {
    let end = Instant::now() + LIMIT;
    loop {
        match sender.download_signed_sent(id) {
            Ok(sealed) => return String::from_utf8_lossy(&sealed).into_owned(),
            Err(error) if error.code() == Some("1229") => assert!(Instant::now() < end, "{id} is never delivered"),
            Err(error) => panic!("{error}"),
        }
        pause();
    }
}

fn each_once(rows: usize) -> BTreeMap<String, usize> {
    (1..=rows).map(|row| (format!("Poplatek {row}"), 1)).collect()
}

/// Five hundred rows, killed twice in the middle: each goes out once.
#[test]
fn a_job_survives_a_kill_and_sends_every_row_once() {
    const ROWS: usize = 500;
    let mut demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let base = prepared(
        &mut visitor,
        "mesta2j",
        csv(table(ROWS)),
        "Vážený {{Jméno}},\n\nplaťte.",
    );
    let page = checked_and_tried(&mut visitor, &base);
    assert!(page.says("Odešle se 500 zpráv."), "{page:?}");
    assert_eq!(sent(&demo, "mesto01"), BTreeMap::new(), "a dry run sends nothing");
    act(&mut visitor, &base, "start");
    for enough in [40, 200] {
        let end = Instant::now() + LIMIT;
        let mut seen = 0;
        while seen < enough {
            assert!(Instant::now() < end, "only {seen} were sent");
            let page = visitor.get(&base).unwrap();
            seen = number(&page, "sent");
            assert!(seen < ROWS, "it was over before it could be killed");
        }
        demo.kill_hard().unwrap();
        demo.restart().unwrap();
        // The page is where it was, and the work goes on by itself.
        visitor = signed_in(&demo, "mesto01");
        assert!(number(&visitor.get(&base).unwrap(), "sent") >= seen);
    }
    let page = until(&mut visitor, &base, "Dokončeno");
    assert_eq!((number(&page, "sent"), number(&page, "refused")), (ROWS, 0), "{page:?}");
    assert_eq!(sent(&demo, "mesto01"), each_once(ROWS));
    // Progress of what is done is told at once, and the stream ends.
    let events = visitor.get(&format!("{base}/events")).unwrap();
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    assert!(
        events.source().contains("\"state\":7") && events.source().contains("\"sent\":500"),
        "{events:?}"
    );
    evidence(&demo, &mut visitor, &base, ROWS);
}

/// The archive holds a delivery info of each message that `isds verify` finds good, and results of each row.
fn evidence(demo: &Demo, visitor: &mut Visitor, base: &str, rows: usize) {
    let answer = visitor.get(&format!("{base}/evidence.zip")).unwrap();
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let mut archive = zip::ZipArchive::new(Cursor::new(answer.body)).unwrap();
    assert_eq!(archive.len(), rows + 2);
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let summary = String::from_utf8(read("souhrn.txt")).unwrap();
    assert!(summary.contains(&format!("Odesláno: {rows}")), "{summary}");
    let results = String::from_utf8(read("vysledky.csv")).unwrap();
    assert_eq!(results.lines().count(), rows + 1);
    let first = results.lines().nth(1).unwrap();
    let id = first.split(';').nth(5).unwrap().trim_matches('"').to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dorucenka.zfo");
    fs::write(&file, read(&format!("dorucenky/00001_{id}.zfo"))).unwrap();
    let verified = Command::new(demo.binary())
        .arg("verify")
        .arg(&file)
        .arg("--trust")
        .arg(demo.ca())
        .output()
        .unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}

/// What is paused stays so while everything else goes on; then the rest goes out.
#[test]
fn a_pause_is_a_pause() {
    const ROWS: usize = 300;
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let base = prepared(&mut visitor, "mesta2j", csv(table(ROWS)), "Text");
    checked_and_tried(&mut visitor, &base);
    act(&mut visitor, &base, "start");
    let page = act(&mut visitor, &base, "pause");
    let seen = number(&page, "sent");
    assert!(seen < ROWS, "it was over before it could be paused");
    // The system turns meanwhile: somebody else's message gets through.
    let mut other = Persona::new(demo.address(), "kraj01");
    let id = other.send(&Letter::new("nvak22s", "Mezitím")).unwrap();
    let end = Instant::now() + LIMIT;
    while !other.delivery_info(&id).unwrap().contains("EV5") {
        assert!(Instant::now() < end, "nothing is delivered");
        pause();
    }
    assert_eq!(number(&visitor.get(&base).unwrap(), "sent"), seen);
    assert_eq!(sent(&demo, "mesto01").len(), seen);
    act(&mut visitor, &base, "resume");
    until(&mut visitor, &base, "Dokončeno");
    assert_eq!(sent(&demo, "mesto01"), each_once(ROWS));
    // What is over is neither started nor edited, whatever somebody posts.
    let page = visitor.get(&base).unwrap();
    let form = page.form("input[value=\"remove\"]").unwrap();
    for action in ["start", "check", "resume", "try"] {
        let page = visitor.submit(&form.clone().force("action", action)).unwrap();
        assert!(page.has(".notice-failed"), "{action}: {page:?}");
    }
    assert_eq!(sent(&demo, "mesto01"), each_once(ROWS));
}

/// Stopped is stopped; what was refused is tried again by a button.
#[test]
fn refused_rows_are_told_and_tried_again() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "firma01");
    // A firm pays for messages to others than authorities.
    let table = "Schránka;Číslo;Jméno\nbanka2q;1;A\nmesta2j;2;B\nzrus22r;3;C\nfirma2x;4;D\nbanka2q;5;E\nnvak22x;6;F\n";
    let base = prepared(&mut visitor, "firma2x", csv(table), "Text {{Jméno}}");
    let page = checked_and_tried(&mut visitor, &base);
    for code in ["1203", "1216", "1007"] {
        assert!(
            page.texts(".bulk-rows code").contains(&code.to_owned()),
            "{code}: {page:?}"
        );
    }
    assert!(page.says("Poštovní datové zprávy budou stát 20,00 Kč."), "{page:?}");
    assert!(page.says("Opakovaní adresáti 1"), "{page:?}");
    act(&mut visitor, &base, "start");
    let page = until(&mut visitor, &base, "Dokončeno");
    assert_eq!((number(&page, "sent"), number(&page, "refused")), (3, 0), "{page:?}");
    let rows = visitor.get(&format!("{base}/rows?show=problems")).unwrap();
    assert_eq!(rows.texts("tbody th"), ["3", "4", "6"]);
    let rows = visitor.get(&format!("{base}/rows?show=sent")).unwrap();
    assert_eq!(rows.texts("tbody th"), ["1", "2", "5"]);
    let link = rows.attribute("tbody td a[href*=\"/messages/\"]", "href").unwrap();
    assert!(link.starts_with("/b/firma2x/messages/"), "{link}");
}

/// Another box's job is no page, whatever is done with it, and nobody without the privilege has any.
#[test]
fn a_job_is_its_box_s_alone() {
    let demo = Demo::start().unwrap();
    let mut owner = signed_in(&demo, "mesto01");
    let base = prepared(&mut owner, "mesta2j", csv(table(3)), "Text");
    let foreign = base.replace("mesta2j", "kraj227");
    let mut other = signed_in(&demo, "kraj01");
    let below = [
        "",
        "/columns",
        "/message",
        "/files",
        "/rows",
        "/rows/1",
        "/events",
        "/results.csv",
        "/evidence.zip",
    ];
    for below in below {
        for base in [&base, &foreign] {
            let page = other.get(&format!("{base}{below}")).unwrap();
            assert_eq!(page.status, 404, "{base}{below}: {page:?}");
        }
    }
    let token = other.get("/b/kraj227/bulk").unwrap().field("csrf").unwrap();
    for action in ["check", "start", "remove"] {
        for base in [&base, &foreign] {
            let page = other.post(&format!("{base}/action"), &[("csrf", &token), ("action", action)]);
            assert_eq!(page.unwrap().status, 404, "{base} {action}");
        }
    }
    assert!(owner.get(&base).unwrap().says("Rozepsáno"));
    // firma02 sees lists, and may not send.
    let mut reader = signed_in(&demo, "firma02");
    let page = reader.get("/b/firma2x/bulk").unwrap();
    assert_eq!(page.status, 403, "{page:?}");
    let token = reader.get("/home").unwrap().field("csrf").unwrap();
    let mut form = owner.get("/b/mesta2j/bulk").unwrap().form("input[type=file]").unwrap();
    form = form.force("csrf", &token).file("table", csv(table(1)));
    let page = reader.submit(&form.to("/b/firma2x/bulk")).unwrap();
    assert_eq!(page.status, 403, "{page:?}");
    // A form without the token of the page, and one of another visitor.
    let page = owner.post(&format!("{base}/action"), &[("action", "remove")]).unwrap();
    assert_ne!(page.status, 200, "{page:?}");
    let form = owner.get("/b/mesta2j/bulk").unwrap().form("input[type=file]").unwrap();
    let page = owner
        .submit(&form.force("csrf", &token).file("table", csv(table(1))))
        .unwrap();
    assert_eq!(page.status, 403, "{page:?}");
    assert_eq!(owner.get("/b/mesta2j/bulk").unwrap().texts("tbody tr").len(), 1);
}

/// A table that cannot be used is refused with the reason, and nothing of it is kept.
#[test]
fn wrong_tables_are_refused() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let long = format!("Schránka;Text\nnvak22s;{}\n", "x".repeat(4001));
    let utf16: Vec<u8> = "Schránka;Text\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>); 9] = [
        ("názvy sloupců", b"nvak22s;1\nmaria2f;2\n".to_vec()),
        ("prázdný", Vec::new()),
        ("žádný řádek", "Schránka;Text\n".into()),
        ("nejvýše 10", table(10_001).into_bytes()),
        ("nulový bajt", b"A;B\nnvak22s;\0\n".to_vec()),
        ("delší než 4000", long.into_bytes()),
        ("kódování", b"A;B\nnvak22s;\x81\xFF\n".to_vec()),
        ("nulový bajt", utf16),
        ("má 3 buněk", "A;B\nnvak22s;1;2\n".into()),
    ];
    for (words, content) in cases {
        let page = upload(&mut visitor, "mesta2j", csv(content));
        assert_eq!(page.status, 422, "{words}: {page:?}");
        assert!(page.text("[role=alert]").unwrap().contains(words), "{words}: {page:?}");
        assert_eq!(page.field("name").as_deref(), Some("Výzvy"), "what was typed stays");
    }
    assert!(!visitor.get("/b/mesta2j/bulk").unwrap().has("tbody tr"));
    // A field that is no column is found before anything is done.
    let base = prepared(&mut visitor, "mesta2j", csv(table(2)), "Text");
    let page = visitor.get(&format!("{base}/message")).unwrap();
    let form = page
        .form("textarea")
        .unwrap()
        .fill("body", "Dlužíte {{Dluh}} {{Číslo}}");
    let page = visitor.submit(&form).unwrap();
    assert_eq!(page.status, 422, "{page:?}");
    assert!(page.text("#error-body").unwrap().contains("Dluh"), "{page:?}");
    assert_eq!(page.field("body").as_deref(), Some("Dlužíte {{Dluh}} {{Číslo}}"));
}

/// Cells that programs for tables would run, and markup, come out as text.
#[test]
fn cells_are_text_wherever_they_come_out() {
    const FORMULA: &str = "=HYPERLINK(\"\"http://example.org\"\";\"\"x\"\")";
    const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let table = format!(
        "Schránka;Číslo;Jméno;=Vzorec\nnvak22s;1;\"{FORMULA}\";+1\nmaria2f;2;\"{MARKUP}\";@x\nfirma2x;3;{{{{Číslo}}}};-1\n"
    );
    let base = prepared(&mut visitor, "mesta2j", csv(table), "Vážený {{Jméno}}, {{=Vzorec}}");
    let page = visitor.get(&format!("{base}/message")).unwrap();
    let form = page.form("textarea").unwrap().choose("letter_form", "html");
    visitor.submit(&form).unwrap();
    checked_and_tried(&mut visitor, &base);
    for below in ["/columns", "/rows", "/rows/2"] {
        let page = visitor.get(&format!("{base}{below}")).unwrap();
        assert!(
            !page.source().contains("<script>alert") && !page.has("img[onerror]"),
            "{below}"
        );
    }
    let row = visitor.get(&format!("{base}/rows/3")).unwrap();
    assert_eq!(row.text(".bulk-letter").as_deref(), Some("Vážený {{Číslo}}, -1"));
    act(&mut visitor, &base, "start");
    until(&mut visitor, &base, "Dokončeno");
    let results = visitor.get(&format!("{base}/results.csv")).unwrap();
    assert!(results.header("content-disposition").unwrap().starts_with("attachment"));
    let text = results.source();
    assert_eq!(text.lines().count(), 4, "{text}");
    for cell in text
        .trim_start_matches('\u{FEFF}')
        .lines()
        .flat_map(|line| line.split("\";\""))
    {
        let cell = cell.trim_start_matches('"');
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    // The letter is a page, in which the cell is text.
    let sent = Persona::new(demo.address(), "mesto01").list_sent(10_000).unwrap();
    let id = &sent.iter().find(|record| record.subject == "Poplatek 2").unwrap().id;
    let message = message(&mut Persona::new(demo.address(), "mesto01"), id);
    let letter = message
        .split("dmEncodedContent>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let letter = String::from_utf8(BASE64_STANDARD.decode(letter).unwrap()).unwrap();
    assert!(
        letter.contains("Vážený &lt;script&gt;alert(1)&lt;/script&gt;"),
        "{letter}"
    );
    assert!(!letter.contains("<script") && !letter.contains("<img"), "{letter}");
}

/// Files for all are kept once and go with every message; files of rows go with theirs alone.
#[test]
fn files_go_where_they_belong() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let table = "Schránka;Číslo;Jméno;Příloha\nnvak22s;1;A;a.pdf\nmaria2f;2;B;\nfirma2x;3;C;chybí.pdf\n";
    let base = prepared(&mut visitor, "mesta2j", csv(table), "Text");
    let pdf = |name: &str, length: usize| File {
        name: name.into(),
        mime: "application/pdf".into(),
        content: [b"%PDF-1.7\n".to_vec(), vec![b'x'; length]].concat(),
    };
    let page = visitor.get(&format!("{base}/files")).unwrap();
    let wrong = page.form("#field-common").unwrap().file("files", pdf("virus.exe", 9));
    let page = visitor.submit(&wrong.file("files", pdf("výzva.pdf", 400_000))).unwrap();
    assert_eq!(page.status, 422, "{page:?}");
    assert!(page.text("[role=alert]").unwrap().contains("virus.exe"), "{page:?}");
    let page = visitor
        .submit(&page.form("#field-rows").unwrap().file("files", pdf("a.pdf", 100)))
        .unwrap();
    assert_eq!(page.texts(".bulk-files li > span").len(), 2, "{page:?}");
    let again = page.form("#field-common").unwrap().file("files", pdf("výzva.pdf", 4));
    assert_eq!(visitor.submit(&again).unwrap().status, 422, "one of a name");
    let page = checked_and_tried(&mut visitor, &base);
    assert_eq!(
        page.texts(".bulk-rows tbody th"),
        ["3"],
        "its file is not there: {page:?}"
    );
    let row = visitor.get(&format!("{base}/rows/1")).unwrap();
    assert!(
        row.says("výzva.pdf") && row.says("a.pdf") && row.says("dopis.txt"),
        "{row:?}"
    );
    act(&mut visitor, &base, "start");
    until(&mut visitor, &base, "Dokončeno");
    let mut town = Persona::new(demo.address(), "mesto01");
    let sent = town.list_sent(10_000).unwrap();
    let files = |subject: &str, town: &mut Persona| {
        let id = &sent.iter().find(|record| record.subject == subject).unwrap().id;
        let text = message(town, id);
        ["dopis.txt", "výzva.pdf", "a.pdf"].map(|name| text.contains(&format!("dmFileDescr=\"{name}\"")))
    };
    assert_eq!(files("Poplatek 1", &mut town), [true, true, true]);
    assert_eq!(files("Poplatek 2", &mut town), [true, true, false]);
    assert!(!sent.iter().any(|record| record.subject == "Poplatek 3"));
    // The job goes, its messages stay whole.
    act(&mut visitor, &base, "remove");
    assert_eq!(visitor.get(&base).unwrap().status, 404);
    assert_eq!(files("Poplatek 1", &mut town), [true, true, true]);
}

/// Boxes are looked up by number, or by name and address, where exactly one fits.
#[test]
fn recipients_are_looked_up() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let table = "Schránka;Jméno;Obec;Číslo\n;Strojírny Vzor;;1\n;Nikdo Takový;;2\nNVAK22S;;;3\n;;;4\n";
    let base = prepared(&mut visitor, "mesta2j", csv(table), "Text");
    act(&mut visitor, &base, "check");
    until(&mut visitor, &base, "Adresy ověřeny");
    let rows = visitor.get(&format!("{base}/rows")).unwrap();
    let found: Vec<String> = rows.texts("tbody tr");
    assert!(
        found[0].contains("firma2x") && found[0].contains("dohledáno"),
        "{found:?}"
    );
    assert!(found[1].contains("0002"), "{found:?}");
    assert!(
        found[2].contains("nvak22s") && !found[2].contains("dohledáno"),
        "{found:?}"
    );
    assert!(found[3].contains("1102"), "{found:?}");
}

/// What the page tells before sending is what is sent: to whom it goes once, what it costs, and what follows.
#[test]
fn what_is_left_out_is_told_and_costs_nothing() {
    let demo = Demo::start().unwrap();
    let mut firm = signed_in(&demo, "firma01");
    let table = "Schránka;Číslo;Jméno\nzivna27;1;A\nzivna27;2;B\nbanka2q;3;C\n";
    let base = prepared(&mut firm, "firma2x", csv(table), "Text");
    let page = firm.get(&format!("{base}/columns")).unwrap();
    firm.submit(&page.form("select[name=box_id]").unwrap().tick("leave_out"))
        .unwrap();
    let page = checked_and_tried(&mut firm, &base);
    assert!(
        page.says("Odešlou se 2 zprávy.") && page.says("1 řádek se vynechá"),
        "{page:?}"
    );
    assert!(page.says("Poštovní datové zprávy budou stát 20,00 Kč."), "{page:?}");
    assert!(
        page.says("nejbližším pracovním dnem") && !page.says("desátým dnem"),
        "{page:?}"
    );
    act(&mut firm, &base, "start");
    let page = until(&mut firm, &base, "Dokončeno");
    assert_eq!((number(&page, "sent"), number(&page, "refused")), (2, 0), "{page:?}");
}

/// Two clerks of one office: the button of a page that shows the old message sends nothing.
#[test]
fn a_page_that_is_out_of_date_sends_nothing() {
    let demo = Demo::start().unwrap();
    let mut first = signed_in(&demo, "mesto01");
    let mut second = signed_in(&demo, "mesto02");
    let base = prepared(&mut first, "mesta2j", csv(table(2)), "Text");
    let old = checked_and_tried(&mut first, &base)
        .form("input[value=\"start\"]")
        .unwrap();
    let page = second.get(&format!("{base}/message")).unwrap();
    let form = page.form("textarea").unwrap().fill("body", "Jiný text");
    second.submit(&form).unwrap();
    act(&mut second, &base, "try");
    until(&mut second, &base, "Připraveno k odeslání");
    for form in [old.clone(), old.without("version")] {
        let page = first.submit(&form).unwrap();
        assert!(page.has(".notice-failed") && page.says("Nic se neodeslalo"), "{page:?}");
    }
    assert_eq!(sent(&demo, "mesto01"), BTreeMap::new());
    act(&mut first, &base, "start");
    until(&mut first, &base, "Dokončeno");
    assert_eq!(sent(&demo, "mesto01"), each_once(2));
}

/// An archive of these members: name, content, whether packed.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Files of the rows come in one archive, and nothing comes out of it that was not meant to.
#[test]
fn files_of_rows_come_in_an_archive() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let table = "Schránka;Číslo;Jméno;Příloha\nnvak22s;1;A;a.txt\nmaria2f;2;B;b.txt|a.txt\n";
    let base = prepared(&mut visitor, "mesta2j", csv(table), "Text");
    let zip = |content: Vec<u8>| File {
        name: "přílohy.zip".into(),
        mime: "application/zip".into(),
        content,
    };
    let unpack = |visitor: &mut Visitor, content: Vec<u8>| {
        let page = visitor.get(&format!("{base}/files")).unwrap();
        let form = page.form("#field-archive").unwrap().file("files", zip(content));
        visitor.submit(&form).unwrap()
    };
    let files = |visitor: &mut Visitor| {
        let page = visitor.get(&format!("{base}/files")).unwrap();
        page.texts(".bulk-files li > span").len()
    };
    for (what, content) in [
        ("nothing", Vec::new()),
        ("no archive", b"%PDF-1.7\n%%EOF\n".to_vec()),
        ("cut", {
            let mut whole = archive(&[("a.txt", b"obsah")]);
            whole.truncate(whole.len() - 10);
            whole
        }),
    ] {
        let page = unpack(&mut visitor, content);
        assert!(page.status == 422 && page.says("není archivem ZIP"), "{what}: {page:?}");
    }
    let bomb = vec![b'0'; 50 << 20];
    let wicked = archive(&[
        ("../../etc/a.txt", b"ven"),
        ("/a.txt", b"ven"),
        ("C:\\a.txt", b"ven"),
        ("virus.exe", b"MZ\x90\0"),
        ("bomba.txt", &bomb),
    ]);
    assert!(wicked.len() < 1 << 20);
    let page = unpack(&mut visitor, wicked);
    assert_eq!(page.status, 422, "{page:?}");
    assert_eq!(page.texts("[role=alert] li").len(), 5, "{page:?}");
    assert!(
        page.says("nepřípustný název") && page.says("podezřele stlačený"),
        "{page:?}"
    );
    assert_eq!(files(&mut visitor), 0, "nothing of it was taken");
    let good = archive(&[
        ("složka/a.txt", b"obsah a"),
        ("__MACOSX/složka/._a.txt", b"x"),
        ("složka/b.txt", b"obsah b"),
    ]);
    let page = unpack(&mut visitor, good.clone());
    assert!(page.status == 200 && page.says("Soubory jsou přidány"), "{page:?}");
    assert_eq!(files(&mut visitor), 2);
    let page = unpack(&mut visitor, good);
    assert_eq!(page.texts("[role=alert] li").len(), 2, "they are there: {page:?}");
    checked_and_tried(&mut visitor, &base);
    act(&mut visitor, &base, "start");
    until(&mut visitor, &base, "Dokončeno");
    let mut town = Persona::new(demo.address(), "mesto01");
    let listed = town.list_sent(100).unwrap();
    let id = &listed.iter().find(|record| record.subject == "Poplatek 2").unwrap().id;
    let text = message(&mut town, id);
    for name in ["a.txt", "b.txt"] {
        assert!(text.contains(&format!("dmFileDescr=\"{name}\"")), "{name}");
    }
}

/// The law under which an office sends, of which a column may say a part.
#[test]
fn the_law_is_written_into_the_messages() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "mesto01");
    let base = prepared(&mut visitor, "mesta2j", csv(table(1)), "Text");
    let page = visitor.get(&format!("{base}/message")).unwrap();
    let form = page.form("textarea").unwrap().fill("legal_title_law", "zákon");
    let page = visitor.submit(&form).unwrap();
    assert_eq!(page.status, 422, "{page:?}");
    assert!(page.text("#error-legal_title_law").is_some(), "{page:?}");
    let form = page
        .form("textarea")
        .unwrap()
        .fill("legal_title_law", "500")
        .fill("legal_title_year", "2004")
        .fill("legal_title_sect", "{{Číslo}}");
    visitor.submit(&form).unwrap();
    checked_and_tried(&mut visitor, &base);
    let row = visitor.get(&format!("{base}/rows/1")).unwrap();
    assert!(row.says("Zákon č. 500") && row.says("Paragraf 1"), "{row:?}");
    act(&mut visitor, &base, "start");
    until(&mut visitor, &base, "Dokončeno");
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = town.list_sent(100).unwrap().remove(0).id;
    let text = message(&mut town, &id);
    for element in ["dmLegalTitleLaw>500<", "dmLegalTitleYear>2004<", "dmLegalTitleSect>1<"] {
        assert!(text.contains(element), "{element}");
    }
}
