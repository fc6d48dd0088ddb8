//! Attachments.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::visitor::Visitor;

use super::{PDF, draft_of, drafts, file, multipart, signed_in};

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
    // The server is heard out, which closes when it has taken the form up and given it up.
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    connection.shutdown(Shutdown::Write).unwrap();
    std::io::copy(&mut connection, &mut std::io::sink()).unwrap();
    for (kind, body) in [
        ("multipart/form-data", &b"x"[..]),
        ("multipart/form-data; boundary=y", &whole[..]),
        ("application/json", b"{}"),
        ("text/plain", b"csrf=1"),
    ] {
        let page = clerk.request("POST", "/b/mesta2j/write", Some(kind), body).unwrap();
        assert!(matches!(page.status, 400 | 409), "{kind}: {page:?}");
    }
    // What is begun is removed behind the caller's back: it may be seen for a moment, never for long.
    let until = Instant::now() + Duration::from_secs(10);
    while !drafts(&mut clerk, "mesta2j").is_empty() {
        assert!(Instant::now() < until, "the draft of a broken form stays");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// A form that was left by going back and sent again knows nothing of what became of its draft: it takes nothing from it.
#[test]
fn a_form_sent_anew_neither_takes_away_nor_writes_over_its_draft() {
    let demo = Demo::start().unwrap();
    let mut clerk = signed_in(&demo, "mesto01");
    let form = clerk.get("/b/mesta2j/write").unwrap().form("#write").unwrap();
    let saved = form.clone().fill("subject", "Dlouho psáno").press("save");
    let id = draft_of(&clerk.submit(&saved).unwrap());
    let path = format!("/b/mesta2j/write?draft={id}");
    let untouched = |clerk: &mut Visitor| {
        let page = clerk.get(&path).unwrap();
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.field("subject").as_deref(), Some("Dlouho psáno"));
        assert_eq!(page.texts("[data-file] strong"), [""; 0]);
        assert_eq!(drafts(clerk, "mesta2j").len(), 1);
    };
    let (token, key) = (form.value("csrf").unwrap(), form.value("key").unwrap());
    let whole = |subject: &str| {
        multipart(
            "x",
            &[
                ("csrf", None, token.as_bytes()),
                ("key", None, key.as_bytes()),
                ("subject", None, subject.as_bytes()),
                ("file", Some("a.txt"), &[b'x'; 300_000]),
            ],
        )
    };
    let kind = Some("multipart/form-data; boundary=x");
    for subject in ["Dlouho psáno", "Znovu"] {
        let body = whole(subject);
        let cut = &body[..body.len() - 100_000];
        let page = clerk.request("POST", "/b/mesta2j/write", kind, cut).unwrap();
        assert_eq!(page.status, 400, "{page:?}");
        untouched(&mut clerk);
    }
    // What was typed anew stays on the page, and the file is told of.
    let page = clerk
        .request("POST", "/b/mesta2j/write", kind, &whole("Znovu"))
        .unwrap();
    assert_eq!(
        (page.status, page.field("subject").as_deref()),
        (409, Some("Znovu")),
        "{page:?}"
    );
    untouched(&mut clerk);
    let page = clerk
        .request("POST", "/b/mesta2j/write", kind, &whole("Dlouho psáno"))
        .unwrap();
    assert!(
        page.status == 422 && page.says("Koncept z tohoto formuláře už vznikl"),
        "{page:?}"
    );
    untouched(&mut clerk);
}
