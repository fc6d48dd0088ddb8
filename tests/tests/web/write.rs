//! Writing and sending.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::persona::Persona;
use e2e::visitor::{File, Page, Visitor};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
const SEND: &str = "Odeslat datovou zprávu";

fn file(name: &str, content: &[u8]) -> File {
    File {
        name: name.to_owned(),
        mime: "application/octet-stream".to_owned(),
        content: content.to_vec(),
    }
}

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in(login).unwrap();
    visitor
}

/// A draft with these recipients and files; the page of the form.
fn draft(visitor: &mut Visitor, own: &str, to: &[&str], subject: &str, files: &[File]) -> Page {
    let mut page = visitor.get(&format!("/b/{own}/write")).unwrap();
    for id in to {
        let form = page.form("#write").unwrap().fill("to", id).press("save");
        page = visitor.submit(&form).unwrap();
        assert_eq!(page.status, 200, "{page:?}");
    }
    let mut form = page.form("#write").unwrap().fill("subject", subject).press("upload");
    for file in files {
        form = form.file("file", file.clone());
    }
    visitor.submit(&form).unwrap()
}

fn review(visitor: &mut Visitor, page: &Page) -> Page {
    let form = page.form("#write").unwrap().press("review");
    visitor.submit(&form).unwrap()
}

/// Numbers and box IDs of what a page lists as sent.
fn sent(demo: &Demo, login: &str, subject: &str) -> Vec<String> {
    let mut persona = Persona::new(demo.address(), login);
    let listed = persona.list_sent(100).unwrap();
    listed
        .into_iter()
        .filter(|record| record.subject == subject)
        .map(|record| record.id)
        .collect()
}

fn drafts(visitor: &mut Visitor, own: &str) -> Vec<String> {
    let page = visitor.get(&format!("/b/{own}/drafts")).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    page.attributes(".write-list a[href*='draft=']", "href")
}

fn draft_of(page: &Page) -> String {
    page.field("draft").unwrap()
}

#[test]
fn a_message_is_written_checked_and_sent_without_scripts() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write").unwrap();
    let form = page
        .form("#write")
        .unwrap()
        .fill("to", "Jan Novák")
        .fill("subject", "Výzva 1")
        .press("search");
    let page = clerk.submit(&form).unwrap();
    assert!(page.says("nvak22s"), "{page:?}");
    let page = clerk
        .submit(&page.form("#write").unwrap().press("add:nvak22s"))
        .unwrap();
    assert_eq!(page.attributes("input[name=recipient]", "value"), ["nvak22s"]);
    assert!(page.says("Datová zpráva, zdarma"), "{page:?}");
    assert_eq!(
        page.field("subject").as_deref(),
        Some("Výzva 1"),
        "what was typed stays"
    );
    let form = page
        .form("#write")
        .unwrap()
        .file("file", file("výzva.pdf", PDF))
        .press("upload");
    let page = clerk.submit(&form).unwrap();
    assert!(page.says("výzva.pdf") && page.says("hlavní dokument"), "{page:?}");
    let page = review(&mut clerk, &page);
    assert!(
        page.says("Co se stane odesláním") && page.says("do deseti dnů"),
        "{page:?}"
    );
    let page = clerk.submit(&page.form(SEND).unwrap()).unwrap();
    assert!(
        page.path.contains("/sendings/") && page.says("Odeslána 1 zpráva"),
        "{page:?}"
    );
    let numbers = sent(&demo, "mesto01", "Výzva 1");
    assert_eq!(numbers.len(), 1);
    assert!(
        page.links()
            .iter()
            .any(|(_, to)| *to == format!("/b/mesta2j/messages/{}", numbers[0]))
    );
    assert_eq!(drafts(&mut clerk, "mesta2j"), [""; 0], "what was sent is no draft");
    // The way goes on, and the page tells it.
    let until = Instant::now() + Duration::from_secs(20);
    while !clerk.get(&page.path).unwrap().says("Dodána do schránky adresáta") {
        assert!(Instant::now() < until, "not delivered");
        std::thread::park_timeout(Duration::from_millis(100));
    }
    let events = clerk.get(&format!("{}/events", page.path)).unwrap();
    assert!(events.source().contains("event: end") && events.source().contains(&numbers[0]));
}

#[test]
fn a_draft_is_sent_once_however_often_it_is_clicked() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = draft(
        &mut clerk,
        "mesta2j",
        &["nvak22s", "maria2f"],
        "Jednou",
        &[file("a.pdf", PDF)],
    );
    let form = review(&mut clerk, &page).form(SEND).unwrap();
    let clicks: Vec<_> = (0..5)
        .map(|_| {
            let (mut clerk, form) = (clerk.clone(), form.clone());
            std::thread::spawn(move || {
                let page = clerk.submit(&form).unwrap();
                (page.status, page.path)
            })
        })
        .collect();
    let answers: Vec<(u16, String)> = clicks.into_iter().map(|click| click.join().unwrap()).collect();
    for answer in &answers {
        assert_eq!(answer, &(200, answers[0].1.clone()));
    }
    // And once more, long after.
    let again = clerk.submit(&form).unwrap();
    assert_eq!(again.path, answers[0].1);
    assert!(again.says("Odeslány 2 zprávy"), "{again:?}");
    assert_eq!(sent(&demo, "mesto01", "Jednou").len(), 2);
}

#[test]
fn what_was_changed_after_the_look_is_not_sent_unseen() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = draft(&mut clerk, "mesta2j", &["nvak22s"], "Nevidět", &[file("a.pdf", PDF)]);
    let seen = review(&mut clerk, &page).form(SEND).unwrap();
    let id = draft_of(&page);
    let page = clerk.get(&format!("/b/mesta2j/write?draft={id}")).unwrap();
    let form = page
        .form("#write")
        .unwrap()
        .file("file", file("b.pdf", PDF))
        .press("upload");
    clerk.submit(&form).unwrap();
    let page = clerk.submit(&seen).unwrap();
    assert!(page.says("Koncept se mezitím změnil") && page.says("b.pdf"), "{page:?}");
    assert_eq!(sent(&demo, "mesto01", "Nevidět"), [""; 0]);
    clerk.submit(&page.form(SEND).unwrap()).unwrap();
    assert_eq!(sent(&demo, "mesto01", "Nevidět").len(), 1);
}

#[test]
fn who_may_not_send_neither_sees_drafts_nor_sends() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = draft(&mut clerk, "mesta2j", &["nvak22s"], "Tajné", &[file("a.pdf", PDF)]);
    let id = draft_of(&page);
    for (login, own) in [("firma02", "firma2x"), ("mesto03", "mesta2j")] {
        let mut visitor = signed_in(&demo, login);
        for path in [
            "write".to_owned(),
            format!("write?draft={id}"),
            "drafts".to_owned(),
            "templates".to_owned(),
            "recipients?q=novak".to_owned(),
            format!("drafts/{id}/review"),
            "sendings/1".to_owned(),
            "sendings/1/events".to_owned(),
        ] {
            let page = visitor.get(&format!("/b/{own}/{path}")).unwrap();
            assert_eq!(page.status, 403, "{login} {path}: {page:?}");
            assert!(!page.says("Tajné"));
        }
        let token = visitor
            .get("/home")
            .unwrap()
            .attribute("meta[name=csrf]", "content")
            .unwrap();
        for (path, fields) in [
            (
                "write".to_owned(),
                vec![("key", "abc"), ("subject", "Podstrčeno"), ("recipient", "nvak22s")],
            ),
            (format!("drafts/{id}/send"), vec![("version", "1"), ("files", "1")]),
            (format!("drafts/{id}/discard"), vec![]),
            ("sendings/1/resume".to_owned(), vec![]),
        ] {
            let fields: Vec<_> = fields.into_iter().chain([("csrf", token.as_str())]).collect();
            let page = visitor.post(&format!("/b/{own}/{path}"), &fields).unwrap();
            assert_eq!(page.status, 403, "{login} {path}: {page:?}");
        }
    }
    assert_eq!(drafts(&mut clerk, "mesta2j").len(), 1);
    assert_eq!(sent(&demo, "mesto01", "Tajné"), [""; 0]);
    // The entrusted user who may send sees it.
    let mut entrusted = signed_in(&demo, "mesto02");
    assert_eq!(drafts(&mut entrusted, "mesta2j").len(), 1);
}

#[test]
fn another_boxs_draft_cannot_be_reached_by_its_number() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = draft(&mut clerk, "mesta2j", &["nvak22s"], "Cizí", &[file("tajné.pdf", PDF)]);
    let id = draft_of(&page);
    let upload = page.attribute("[data-file]", "data-file").unwrap();
    let mut thief = signed_in(&demo, "novak01");
    for path in [
        format!("/b/nvak22s/write?draft={id}"),
        format!("/b/nvak22s/write?template={id}"),
        format!("/b/nvak22s/drafts/{id}/review"),
        format!("/b/mesta2j/write?draft={id}"),
        format!("/b/mesta2j/drafts/{id}/review"),
    ] {
        let page = thief.get(&path).unwrap();
        assert_eq!(page.status, 404, "{path}: {page:?}");
        assert!(!page.says("Cizí"));
    }
    let token = thief
        .get("/home")
        .unwrap()
        .attribute("meta[name=csrf]", "content")
        .unwrap();
    let csrf = ("csrf", token.as_str());
    let take_over = [
        csrf,
        ("draft", &id),
        ("version", "2"),
        ("subject", "Moje"),
        ("action", "save"),
    ];
    let page = thief.post("/b/nvak22s/write", &take_over).unwrap();
    assert_eq!(page.status, 409, "{page:?}");
    let detach = format!("detach:{upload}");
    thief
        .post("/b/nvak22s/write", &[csrf, ("draft", &id), ("action", &detach)])
        .unwrap();
    let page = thief
        .post(
            "/b/nvak22s/write",
            &[csrf, ("key", "k1"), ("draft", &id), ("action", "copy")],
        )
        .unwrap();
    assert!(!page.says("tajné.pdf"), "{page:?}");
    thief.post(&format!("/b/nvak22s/drafts/{id}/discard"), &[csrf]).unwrap();
    let page = thief
        .post(
            &format!("/b/nvak22s/drafts/{id}/send"),
            &[csrf, ("version", "2"), ("files", "1")],
        )
        .unwrap();
    assert_eq!(page.status, 404, "{page:?}");
    let template = format!("template:{id}");
    let stolen = [csrf, ("key", "k2"), ("source", &template), ("subject", "Moje")];
    let page = thief.post("/b/nvak22s/write", &stolen).unwrap();
    assert!(!page.says("tajné.pdf"), "{page:?}");
    let body = multipart("x", &[("f", Some("a.pdf"), PDF)]);
    let page = thief
        .clone()
        .with_header("X-CSRF-Token", &token)
        .request(
            "POST",
            &format!("/b/nvak22s/drafts/{id}/attachments"),
            Some("multipart/form-data; boundary=x"),
            &body,
        )
        .unwrap();
    assert_eq!(page.status, 404, "{page:?}");
    let page = clerk.get(&format!("/b/mesta2j/write?draft={id}")).unwrap();
    assert_eq!(page.field("subject").as_deref(), Some("Cizí"));
    assert_eq!(page.attributes("[data-file]", "data-file"), [upload]);
}

fn multipart(boundary: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

#[test]
fn forms_of_other_sites_and_stale_ones_change_nothing() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write").unwrap();
    let form = page.form("#write").unwrap().fill("subject", "Podstrčeno").press("save");
    let foreign = clerk
        .clone()
        .with_header("Sec-Fetch-Site", "cross-site")
        .submit(&form)
        .unwrap();
    assert_eq!(foreign.status, 403, "{foreign:?}");
    let foreign = clerk
        .clone()
        .without_header("Sec-Fetch-Site")
        .with_header("Origin", "https://zly.example")
        .submit(&form)
        .unwrap();
    assert_eq!(foreign.status, 403, "{foreign:?}");
    for wrong in [
        form.clone().without("csrf"),
        form.clone().force("csrf", &"0".repeat(64)),
    ] {
        let wrong = wrong.file("file", file("a.pdf", PDF));
        let page = clerk.submit(&wrong).unwrap();
        assert_eq!(page.status, 409, "{page:?}");
        assert_eq!(drafts(&mut clerk, "mesta2j"), [""; 0]);
        // Nothing typed is lost: the page sends it again.
        let again = page
            .forms()
            .into_iter()
            .find(|form| form.value("subject").is_some())
            .unwrap();
        assert_eq!(again.value("subject"), Some("Podstrčeno"));
    }
    let page = draft(&mut clerk, "mesta2j", &["nvak22s"], "Moje", &[file("a.pdf", PDF)]);
    let id = draft_of(&page);
    let body = multipart("x", &[("file", Some("b.pdf"), PDF)]);
    let uploads = format!("/b/mesta2j/drafts/{id}/attachments");
    let page = clerk
        .request("POST", &uploads, Some("multipart/form-data; boundary=x"), &body)
        .unwrap();
    assert_eq!(page.status, 403, "{page:?}");
    for (path, fields) in [("send", &[("version", "1"), ("files", "1")][..]), ("discard", &[][..])] {
        let page = clerk.post(&format!("/b/mesta2j/drafts/{id}/{path}"), fields).unwrap();
        assert_eq!(page.status, 409, "{page:?}");
    }
    assert_eq!(sent(&demo, "mesto01", "Moje"), [""; 0]);
    let page = clerk.get(&format!("/b/mesta2j/write?draft={id}")).unwrap();
    assert_eq!(page.attributes("[data-file]", "data-file").len(), 1);
}

#[test]
fn two_tabs_do_not_overwrite_each_other() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = draft(&mut clerk, "mesta2j", &["nvak22s"], "Dvě okna", &[file("a.pdf", PDF)]);
    let path = format!("/b/mesta2j/write?draft={}", draft_of(&page));
    let (one, other) = (clerk.get(&path).unwrap(), clerk.get(&path).unwrap());
    let saved = clerk
        .submit(&one.form("#write").unwrap().fill("subject", "Okno první").press("save"))
        .unwrap();
    assert_eq!(saved.status, 200);
    let form = other
        .form("#write")
        .unwrap()
        .fill("subject", "Okno druhé")
        .press("save");
    let conflict = clerk.submit(&form).unwrap();
    assert_eq!(conflict.status, 409, "{conflict:?}");
    assert!(conflict.says("Tento koncept mezitím změnilo jiné okno"), "{conflict:?}");
    assert_eq!(
        conflict.field("subject").as_deref(),
        Some("Okno druhé"),
        "nothing typed is lost"
    );
    assert_eq!(
        clerk.get(&path).unwrap().field("subject").as_deref(),
        Some("Okno první")
    );
    let copy = conflict.form("#write").unwrap().press("copy");
    for _ in 0..2 {
        let copied = clerk.submit(&copy).unwrap();
        assert_eq!(copied.field("subject").as_deref(), Some("Okno druhé"));
        assert!(copied.says("a.pdf"), "{copied:?}");
    }
    assert_eq!(drafts(&mut clerk, "mesta2j").len(), 2, "the copy was made once");
    // The key that has made the draft makes no copy of it.
    let fresh = clerk
        .get("/b/mesta2j/write")
        .unwrap()
        .form("#write")
        .unwrap()
        .fill("subject", "Klíč")
        .press("save");
    let made = clerk.submit(&fresh).unwrap();
    let key = fresh.value("key").unwrap();
    let copy = made
        .form("#write")
        .unwrap()
        .force("key", key)
        .fill("subject", "Moje")
        .press("copy");
    let page = clerk.submit(&copy).unwrap();
    assert_eq!(
        (page.status, page.field("subject").as_deref()),
        (409, Some("Moje")),
        "{page:?}"
    );
    // The very same form twice is no conflict.
    let page = clerk.get(&path).unwrap();
    let form = page.form("#write").unwrap().fill("subject", "Dvojklik").press("save");
    for _ in 0..2 {
        assert_eq!(clerk.submit(&form).unwrap().status, 200);
    }
}

#[test]
fn files_are_judged_as_they_come() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write").unwrap();
    let long = format!("{}.pdf", "x".repeat(300));
    let form = page
        .form("#write")
        .unwrap()
        .fill("subject", "Soubory")
        .file("file", file("program.exe", b"MZ\x90\0"))
        .file("file", file("převlečený.pdf", b"MZ\x90\0\x03\0\0\0"))
        .file("file", file(&long, PDF))
        .file("file", file("../../etc/cesta.pdf", PDF))
        .file("file", file("C:\\Users\\já\\okna.pdf", PDF))
        .press("upload");
    let page = clerk.submit(&form).unwrap();
    assert_eq!(page.status, 422, "{page:?}");
    assert!(page.says("Soubory tohoto typu nelze posílat: program.exe"), "{page:?}");
    assert!(
        page.says("Obsah souboru nebyl identifikován.: převlečený.pdf"),
        "{page:?}"
    );
    assert!(page.says("dmFileDescr má nejvýše 255 znaků"), "{page:?}");
    assert_eq!(page.texts("[data-file] strong"), ["cesta.pdf", "okna.pdf"]);
    assert_eq!(page.field("subject").as_deref(), Some("Soubory"));
    // Order and removal.
    let ids = page.attributes("[data-file]", "data-file");
    let page = clerk
        .submit(&page.form("#write").unwrap().press(&format!("up:{}", ids[1])))
        .unwrap();
    assert_eq!(page.texts("[data-file] strong"), ["okna.pdf", "cesta.pdf"]);
    let page = clerk
        .submit(&page.form("#write").unwrap().press(&format!("detach:{}", ids[1])))
        .unwrap();
    assert_eq!(page.texts("[data-file] strong"), ["cesta.pdf"]);
}

#[test]
fn too_large_is_refused_and_the_rest_of_the_draft_stays() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write").unwrap();
    let huge = file("obrovský.txt", &vec![b'x'; 101 * 1024 * 1024]);
    let form = page
        .form("#write")
        .unwrap()
        .fill("subject", "Velké")
        .file("file", file("malý.txt", b"x"))
        .file("file", huge)
        .press("upload");
    let page = clerk.submit(&form).unwrap();
    assert_eq!(page.status, 422, "{page:?}");
    assert!(page.says("Přílohy datové zprávy přesahují povolenu délku"), "{page:?}");
    assert_eq!(page.texts("[data-file] strong"), ["malý.txt"]);
}

#[test]
fn over_twenty_megabytes_it_goes_over_the_large_road() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let large = file("velký.txt", &vec![b'x'; 21 * 1024 * 1024]);
    let page = draft(
        &mut clerk,
        "mesta2j",
        &["nvak22s", "maria2f"],
        "Velkoobjemová",
        &[large],
    );
    assert!(page.says("velkoobjemová (VoDZ)"), "{page:?}");
    let page = review(&mut clerk, &page);
    let page = clerk.submit(&page.form(SEND).unwrap()).unwrap();
    assert!(page.says("Odeslány 2 zprávy"), "{page:?}");
    assert_eq!(sent(&demo, "mesto01", "Velkoobjemová").len(), 2);
}

#[test]
fn what_breaks_off_leaves_nothing() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let token = clerk
        .get("/home")
        .unwrap()
        .attribute("meta[name=csrf]", "content")
        .unwrap();
    let whole = multipart(
        "x",
        &[
            ("csrf", None, token.as_bytes()),
            ("key", None, b"abcdef"),
            ("subject", None, "Useknuto".as_bytes()),
            ("file", Some("a.txt"), &vec![b'x'; 300_000]),
        ],
    );
    let cut = &whole[..whole.len() - 100_000];
    let page = clerk
        .request("POST", "/b/mesta2j/write", Some("multipart/form-data; boundary=x"), cut)
        .unwrap();
    assert_eq!(page.status, 400, "{page:?}");
    assert_eq!(drafts(&mut clerk, "mesta2j"), [""; 0]);
    // The connection itself is cut.
    let cookies = clerk.jar().header("/", false).unwrap();
    let head = format!(
        "POST /b/mesta2j/write HTTP/1.1\r\nHost: {}\r\nCookie: {cookies}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
        demo.address(),
        whole.len()
    );
    let mut connection = TcpStream::connect(demo.address()).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(cut).unwrap();
    drop(connection);
    let until = Instant::now() + Duration::from_secs(10);
    while !drafts(&mut clerk, "mesta2j").is_empty() {
        assert!(Instant::now() < until, "the draft of a broken form stays");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    for (kind, body) in [
        ("multipart/form-data", &b"x"[..]),
        ("multipart/form-data; boundary=y", &whole[..]),
        ("application/json", b"{}"),
        ("text/plain", b"csrf=1"),
    ] {
        let page = clerk.request("POST", "/b/mesta2j/write", Some(kind), body).unwrap();
        assert!(matches!(page.status, 400 | 409), "{kind}: {page:?}");
    }
    assert_eq!(drafts(&mut clerk, "mesta2j"), [""; 0]);
}

#[test]
fn nothing_typed_is_lost_when_the_session_has_ended() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write?to=nvak22s").unwrap();
    let form = page
        .form("#write")
        .unwrap()
        .fill("subject", "Dlouho psáno <b>")
        .file("file", file("a.pdf", PDF))
        .press("review");
    clerk.jar_mut().clear();
    let page = clerk.submit(&form).unwrap();
    assert_eq!(page.status, 401, "{page:?}");
    assert!(page.says("Vaše přihlášení skončilo"), "{page:?}");
    let kept = page
        .forms()
        .into_iter()
        .find(|form| form.value("subject").is_some())
        .unwrap();
    clerk.sign_in("mesto01").unwrap();
    let page = clerk.submit(&kept).unwrap();
    // The form's token is of the time before; the page asks once more.
    let again = page
        .forms()
        .into_iter()
        .find(|form| form.value("subject").is_some())
        .unwrap();
    let page = clerk.submit(&again).unwrap();
    assert_eq!(page.field("subject").as_deref(), Some("Dlouho psáno <b>"), "{page:?}");
    assert_eq!(page.attributes("input[name=recipient]", "value"), ["nvak22s"]);
    assert_eq!(drafts(&mut clerk, "mesta2j").len(), 1);
}

#[test]
fn wrong_fields_are_told_and_come_back() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write?to=nvak22s").unwrap();
    let long = "ž".repeat(256);
    let form = page
        .form("#write")
        .unwrap()
        .fill("subject", &long)
        .fill("law", "třista")
        .fill("to", "nikdo takový")
        .fill("sender_ref", "MV-1/<script>alert(1)</script>")
        .press("save");
    let page = clerk.submit(&form).unwrap();
    assert_eq!(page.status, 422, "{page:?}");
    assert_eq!(page.text("#error-subject").as_deref(), Some("Nejvýše 255 znaků."));
    assert_eq!(page.text("#error-law").as_deref(), Some("Zadejte celé číslo."));
    assert!(
        page.text("#error-to")
            .is_some_and(|text| text.contains("Takovou schránku neznáme"))
    );
    assert_eq!(page.field("subject"), Some(long));
    assert_eq!(
        page.field("sender_ref").as_deref(),
        Some("MV-1/<script>alert(1)</script>")
    );
    assert!(!page.source().contains("<script>alert"), "escaped");
    assert_eq!(drafts(&mut clerk, "mesta2j"), [""; 0]);
}

#[test]
fn each_recipients_result_is_told_and_the_rest_stays_a_draft() {
    let demo = Demo::start().unwrap();
    let mut firm = signed_in(&demo, "firma01");
    let to = ["mesta2j", "banka2q", "zrus22r"];
    let page = draft(&mut firm, "firma2x", &to, "Třem", &[file("a.pdf", PDF)]);
    assert!(
        page.says("z kreditu schránky") && page.says("Datová zpráva, zdarma"),
        "{page:?}"
    );
    assert!(page.says("Nelze odeslat"), "{page:?}");
    let page = review(&mut firm, &page);
    assert!(page.says("Některým adresátům zprávu odeslat nelze"), "{page:?}");
    let page = firm.submit(&page.form(SEND).unwrap()).unwrap();
    assert!(
        page.says("Odeslány 2 zprávy") && page.says("1 odeslat nešla"),
        "{page:?}"
    );
    assert_eq!(sent(&demo, "firma01", "Třem").len(), 2);
    let left = drafts(&mut firm, "firma2x");
    let page = firm.get(&left[0]).unwrap();
    assert_eq!(page.attributes("input[name=recipient]", "value"), ["zrus22r"]);
    assert!(page.says("a.pdf"), "{page:?}");
}

#[test]
fn recipients_are_found_as_one_types() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "firma01");
    let found = clerk.get("/b/firma2x/recipients?q=vzorova%20banka").unwrap();
    assert_eq!(found.header("content-type"), Some("application/json"));
    let text = found.source();
    assert!(
        text.contains("banka2q") && text.contains("Poštovní datová zpráva"),
        "{text}"
    );
    for q in ["", "x", &"x".repeat(5000), "%00%ff", "%27%3B--"] {
        let found = clerk.get(&format!("/b/firma2x/recipients?q={q}")).unwrap();
        assert!(matches!(found.status, 200 | 400), "{q}: {found:?}");
    }
}

#[test]
fn a_template_makes_messages_again_and_again() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = draft(
        &mut clerk,
        "mesta2j",
        &["nvak22s"],
        "Pravidelně",
        &[file("vzor.pdf", PDF)],
    );
    let nameless = clerk.submit(&page.form("#write").unwrap().press("template")).unwrap();
    assert_eq!(nameless.status, 422, "{nameless:?}");
    let form = page
        .form("#write")
        .unwrap()
        .fill("template_name", "Měsíční hlášení")
        .press("template");
    for _ in 0..2 {
        let page = clerk.submit(&form).unwrap();
        assert_eq!(
            page.texts(".write-list strong"),
            ["Měsíční hlášení"],
            "kept once: {page:?}"
        );
    }
    for _ in 0..2 {
        let page = clerk.get("/b/mesta2j/templates").unwrap();
        let page = clerk.click(&page, "Měsíční hlášení").unwrap();
        assert_eq!(page.field("subject").as_deref(), Some("Pravidelně"));
        assert!(page.says("vzor.pdf"), "{page:?}");
        let page = review(&mut clerk, &page);
        assert!(page.says("vzor.pdf"), "{page:?}");
        clerk.submit(&page.form(SEND).unwrap()).unwrap();
    }
    assert_eq!(sent(&demo, "mesto01", "Pravidelně").len(), 2);
    let page = clerk.get("/b/mesta2j/templates").unwrap();
    assert_eq!(page.texts(".write-list strong").len(), 1, "a template stays");
}

#[test]
fn replies_and_forwards_begin_with_what_they_belong_to() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let page = clerk.get("/b/mesta2j/write?to=nvak22s").unwrap();
    let form = page
        .form("#write")
        .unwrap()
        .fill("subject", "Otázka")
        .fill("sender_ref", "MV-7/2026")
        .fill("sender_ident", "SP-7")
        .file("file", file("a.pdf", PDF))
        .press("review");
    let page = clerk.submit(&form).unwrap();
    clerk.submit(&page.form(SEND).unwrap()).unwrap();
    let id = sent(&demo, "mesto01", "Otázka").remove(0);
    let mut citizen = signed_in(&demo, "novak01");
    let early = citizen.get(&format!("/b/nvak22s/write?reply={id}")).unwrap();
    assert_eq!(early.status, 400, "before it is delivered: {early:?}");
    // Listing delivers.
    let until = Instant::now() + Duration::from_secs(20);
    let mut persona = Persona::new(demo.address(), "novak01");
    while !persona
        .list_received(10)
        .unwrap()
        .iter()
        .any(|record| record.id == id && record.status >= 6)
    {
        assert!(Instant::now() < until, "not delivered");
        std::thread::park_timeout(Duration::from_millis(100));
    }
    let page = citizen.get(&format!("/b/nvak22s/write?reply={id}")).unwrap();
    assert_eq!(page.attributes("input[name=recipient]", "value"), ["mesta2j"]);
    assert_eq!(page.field("subject").as_deref(), Some("Odpověď: Otázka"));
    assert_eq!(page.field("recipient_ref").as_deref(), Some("MV-7/2026"));
    assert_eq!(page.field("recipient_ident").as_deref(), Some("SP-7"));
    // Somebody else's message can be neither answered nor forwarded.
    let mut stranger = signed_in(&demo, "dvora01");
    for what in ["reply", "forward"] {
        let page = stranger.get(&format!("/b/maria2f/write?{what}={id}")).unwrap();
        assert_eq!(page.status, 400, "{page:?}");
        assert!(!page.says("Otázka"));
    }
    let page = citizen.get(&format!("/b/nvak22s/write?forward={id}")).unwrap();
    let form = page.form("#write").unwrap().fill("to", "kraj227").press("save");
    let page = citizen.submit(&form).unwrap();
    assert_eq!(page.texts("[data-file] strong"), [format!("DDZ_{id}.zfo")], "{page:?}");
    let page = review(&mut citizen, &page);
    let page = citizen.submit(&page.form(SEND).unwrap()).unwrap();
    assert!(page.says("Odeslána 1 zpráva"), "{page:?}");
}
