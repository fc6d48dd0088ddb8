//! One message from the side of a box.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::persona::{Letter, Persona, first_text, upload_body};
use e2e::visitor::{Page, Visitor};

const NOVAK: &str = "nvak22s";
const TOWN: &str = "mesta2j";

/// A picture of one point.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0xda, 0x63, 0x64, 0xf8, 0x5f,
    0x0f, 0, 2, 0x87, 1, 0x80, 0xeb, 0x47, 0xba, 0x92, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in(login).unwrap();
    visitor
}

/// Sends a letter and waits until it is in the recipient's box.
fn send(sender: &mut Persona, letter: &Letter) -> String {
    let id = sender.send(letter).unwrap();
    arrives(sender, &id);
    id
}

fn arrives(sender: &mut Persona, id: &str) {
    let begun = Instant::now();
    while state(sender, id) < 4 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{id} does not arrive");
    }
}

/// State of a message as its sender sees it.
fn state(sender: &mut Persona, id: &str) -> u8 {
    let info = sender.delivery_info(id).unwrap();
    first_text(&info, "dmMessageStatus>").unwrap().parse().unwrap()
}

fn letter(to: &str, subject: &str, files: &[(&str, &[u8])]) -> Letter {
    Letter {
        files: files
            .iter()
            .map(|(name, content)| ((*name).to_owned(), content.to_vec()))
            .collect(),
        ..Letter::new(to, subject)
    }
}

fn path(own: &str, id: &str) -> String {
    format!("/b/{own}/messages/{id}")
}

/// A letter that the recipient has opened, with the recipient at its page.
fn opened(demo: &Demo, files: &[(&str, &[u8])]) -> (String, Visitor) {
    let id = send(
        &mut Persona::new(demo.address(), "mesto01"),
        &letter(NOVAK, "Rozhodnutí", files),
    );
    Persona::new(demo.address(), "novak01").list_received(10).unwrap();
    (path(NOVAK, &id), signed_in(demo, "novak01"))
}

fn some_bytes(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        b' ' + u8::try_from(state % 90).unwrap()
    };
    (0..length).map(byte).collect()
}

#[test]
fn a_reader_sees_what_it_is_and_the_sender_sees_that_it_was_read_by_nobody_else() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(&mut town, &Letter::new(NOVAK, "Výzva k doplnění žádosti"));
    let mut novak = signed_in(&demo, "novak01");
    // Addressed directly before the inbox was opened: nothing is told and nothing is delivered.
    let waits = novak.get(&path(NOVAK, &id)).unwrap();
    assert_eq!(waits.status, 200);
    assert!(
        waits.says("čeká ve schránce") && waits.says("teprve tím, že otevřete"),
        "{waits:?}"
    );
    assert!(
        !waits.source().contains("Výzva") && !waits.says("Město Vzorov"),
        "{waits:?}"
    );
    for part in [
        "seal",
        "message.zfo",
        "delivery.zfo",
        "message.pdf",
        "attachments.zip",
        "attachments/1",
        "attachments/1/view",
    ] {
        let answer = novak.get(&format!("{}/{part}", path(NOVAK, &id))).unwrap();
        assert!(answer.status >= 400, "{part}: {answer:?}");
    }
    assert_eq!(state(&mut town, &id), 4, "looking delivered it");

    let mut own = Persona::new(demo.address(), "novak01");
    own.list_received(10).unwrap();
    let page = novak.get(&path(NOVAK, &id)).unwrap();
    assert_eq!(page.text("h1").as_deref(), Some("Výzva k doplnění žádosti"), "{page:?}");
    for said in [
        "Město Vzorov",
        "mesta2j",
        "Za doručenou se považuje",
        "dopis.txt",
        "Podána",
        "Doručena",
        "Smazání obsahu",
    ] {
        assert!(page.says(said), "{said} is not on {page:?}");
    }
    assert_eq!(page.link("Odpovědět").unwrap(), format!("/b/{NOVAK}/write?reply={id}"));
    assert_eq!(
        page.link("Přeposlat").unwrap(),
        format!("/b/{NOVAK}/write?forward={id}")
    );
    // Opening it was reading it: the recipient knows, the sender does not.
    let list = own.list_received(10).unwrap();
    assert_eq!(list.iter().find(|record| record.id == id).unwrap().status, 7);
    let sent = town.list_sent(10).unwrap();
    assert_eq!(sent.iter().find(|record| record.id == id).unwrap().status, 6);

    // The sender's side of the same message, from the sender's box alone.
    let mut official = signed_in(&demo, "mesto01");
    let page = official.get(&path(TOWN, &id)).unwrap();
    assert!(
        page.says("Zprávu jste poslali příjemci") && page.says("Jan Novák"),
        "{page:?}"
    );
    assert!(!page.says("přečtená"), "{page:?}");
    assert!(page.link("Odpovědět").is_err());
    assert_eq!(official.get(&path(NOVAK, &id)).unwrap().status, 404, "not their box");
    assert_eq!(novak.get(&path(TOWN, &id)).unwrap().status, 404, "not their box");
}

#[test]
fn fetched_ahead_is_not_read() {
    let demo = Demo::start().unwrap();
    let (path, novak) = opened(&demo, &[("a.txt", b"ahoj")]);
    let mut ahead = novak.clone().with_header("Sec-Purpose", "prefetch;prerender");
    assert_eq!(ahead.get(&path).unwrap().status, 200);
    let id = path.rsplit('/').next().unwrap();
    let mut own = Persona::new(demo.address(), "novak01");
    let status = |own: &mut Persona| {
        own.list_received(10)
            .unwrap()
            .iter()
            .find(|record| record.id == id)
            .unwrap()
            .status
    };
    assert_eq!(status(&mut own), 6);
    // Nor do the parts of a message make it read, which programs fetch.
    let mut novak = novak;
    for part in ["seal", "attachments/1", "message.zfo"] {
        assert_eq!(novak.get(&format!("{path}/{part}")).unwrap().status, 200);
    }
    assert_eq!(status(&mut own), 6);
    novak.get(&path).unwrap();
    assert_eq!(status(&mut own), 7);
}

#[test]
fn nobody_reads_another_boxs_message_by_its_number() {
    let demo = Demo::start().unwrap();
    let (of_novak, mut novak) = opened(&demo, &[("a.txt", b"tajne")]);
    let id = of_novak.rsplit('/').next().unwrap().to_owned();
    for login in ["dvora01", "kraj01", "firma01", "spravce01"] {
        let mut other = signed_in(&demo, login);
        let own = match login {
            "dvora01" => "maria2f",
            "kraj01" => "kraj227",
            "firma01" => "firma2x",
            _ => NOVAK,
        };
        let nothing = other.get(&path(own, "999999999")).unwrap();
        for part in [
            "",
            "/seal",
            "/message.zfo",
            "/delivery.zfo",
            "/message.pdf",
            "/attachments.zip",
            "/attachments/1",
            "/attachments/1/view",
        ] {
            for owner in [own, NOVAK] {
                let answer = other.get(&format!("{}{part}", path(owner, &id))).unwrap();
                assert_eq!(answer.status, 404, "{login} {owner}{part}: {answer:?}");
                assert!(!answer.source().contains("tajne"));
                assert_eq!(
                    answer.words(),
                    nothing.words(),
                    "{login} {owner}{part}: told apart from a number that is none"
                );
            }
        }
    }
    // Nobody at all.
    let mut stranger = Visitor::new(demo.address()).without_redirects();
    let answer = stranger.get(&of_novak).unwrap();
    assert_eq!(
        (
            answer.status,
            answer.header("location").unwrap().starts_with("/sign-in?next=")
        ),
        (303, true)
    );
    for wrong in ["0", "-1", "x", "1%00", "99999999999999999999999", "..%2f..%2fhome"] {
        assert_eq!(
            novak.get(&format!("/b/{NOVAK}/messages/{wrong}")).unwrap().status,
            404,
            "{wrong}"
        );
        assert_eq!(
            novak.get(&format!("{of_novak}/attachments/{wrong}")).unwrap().status,
            404,
            "{wrong}"
        );
    }
}

#[test]
fn a_personal_delivery_is_closed_to_who_may_not_read_it() {
    let demo = Demo::start().unwrap();
    let mut novak = Persona::new(demo.address(), "novak01");
    let personal = Letter {
        personal: true,
        ..letter(
            TOWN,
            "Jen pro starostku",
            &[("duverne.txt", b"obsah do vlastnich rukou")],
        )
    };
    let id = send(&mut novak, &personal);
    Persona::new(demo.address(), "mesto01").list_received(10).unwrap();
    let mut clerk = signed_in(&demo, "mesto02");
    let page = clerk.get(&path(TOWN, &id)).unwrap();
    assert_eq!(page.status, 403, "{page:?}");
    assert!(
        page.says("Tuto zprávu nesmíte číst") && page.says("Zprávy do vlastních rukou"),
        "{page:?}"
    );
    assert!(!page.source().contains("starostku") && !page.source().contains("duverne"));
    for part in [
        "seal",
        "message.zfo",
        "message.pdf",
        "attachments.zip",
        "attachments/1",
        "attachments/1/view",
    ] {
        let answer = clerk.get(&format!("{}/{part}", path(TOWN, &id))).unwrap();
        assert_eq!(answer.status, 403, "{part}: {answer:?}");
        assert!(!answer.source().contains("vlastnich"));
    }
    // Who only sees lists reads nothing either.
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(&mut town, &Letter::new("firma2x", "Objednávka"));
    Persona::new(demo.address(), "firma01").list_received(10).unwrap();
    let mut seer = signed_in(&demo, "firma02");
    let answer = seer.get(&path("firma2x", &id)).unwrap();
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(!answer.source().contains("Objednávka"));
}

#[test]
fn what_a_sender_writes_is_text_and_nothing_else() {
    let demo = Demo::start().unwrap();
    let script = "<script>document.title='x'</script><img src=x onerror=alert(1)>";
    let name = "\"><svg onload=alert(2)>.txt";
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(
        &mut town,
        &letter(NOVAK, script, &[(name, b"a"), ("{{7*7}}'\".html", script.as_bytes())]),
    );
    Persona::new(demo.address(), "novak01").list_received(10).unwrap();
    let mut novak = signed_in(&demo, "novak01");
    let page = novak.get(&path(NOVAK, &id)).unwrap();
    assert_eq!(page.text("h1").as_deref(), Some(script), "{page:?}");
    assert!(
        !page.has("main script") && !page.has("img[onerror]") && !page.has("svg[onload]"),
        "{}",
        page.source()
    );
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("script-src 'self'")
    );
    for source in page.attributes("iframe, img", "src") {
        assert!(
            source.starts_with(&format!("{}/attachments/", path(NOVAK, &id))),
            "{source}"
        );
    }
    let seal = novak.get(&format!("{}/seal", path(NOVAK, &id))).unwrap();
    assert!(!seal.has("main script") && seal.says("<script>"));
}

/// Header fields of an answer with a file of a sender's.
fn assert_harmless(answer: &Page, media_type: &str) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some(media_type));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox;") && !policy.contains("allow-"), "{policy}");
    assert!(policy.contains("default-src 'none'"));
    let named = answer.header("content-disposition").unwrap();
    assert!(named.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{named}");
    assert!(answer.header("set-cookie").is_none(), "{:?}", answer.headers);
}

#[test]
fn nothing_that_could_run_is_answered_as_itself() {
    let demo = Demo::start().unwrap();
    let html = b"<!doctype html><script>parent.document.title='x'</script>";
    let svg = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let (path, mut novak) = opened(
        &demo,
        &[
            ("a.html", html),
            ("obrazek.xml", svg),
            ("a.png", PNG),
            ("a.pdf", b"%PDF-1.4\n%%EOF\n"),
            ("a.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ],
    );
    let mut view = |number: usize| novak.get(&format!("{path}/attachments/{number}/view")).unwrap();
    assert_harmless(&view(1), "text/plain; charset=utf-8");
    assert_eq!(view(1).body, html);
    assert_harmless(&view(2), "text/plain; charset=utf-8");
    assert_harmless(&view(3), "image/png");
    assert_harmless(&view(4), "application/pdf");
    assert!(
        view(4)
            .header("content-security-policy")
            .unwrap()
            .contains("frame-ancestors 'self'")
    );
    assert_eq!(view(5).status, 404, "an archive is not shown");
    for number in 1..=5 {
        let answer = novak.get(&format!("{path}/attachments/{number}")).unwrap();
        assert_harmless(&answer, "application/octet-stream");
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment;"));
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .contains("frame-ancestors 'none'")
        );
    }
    assert_eq!(novak.get(&format!("{path}/attachments/6")).unwrap().status, 404);
    assert_eq!(novak.get(&format!("{path}/attachments/0")).unwrap().status, 404);
}

#[test]
fn names_of_files_reach_no_header_and_no_folder() {
    let demo = Demo::start().unwrap();
    let names = [
        ("../../../etc/cron.d/x.txt", "_.._.._etc_cron.d_x.txt"),
        ("..\\..\\windows\\a.txt", "_.._windows_a.txt"),
        ("a\r\nSet-Cookie: evil=1\r\n\r\n.txt", ""),
        ("x\"; filename=\"y.exe.txt", "x_; filename=_y.exe.txt"),
        ("faktura\u{202e}txt.exe.txt", "fakturatxt.exe.txt"),
        ("CON.txt", "priloha-6.txt"),
        ("žluťoučký kůň.txt", "žluťoučký kůň.txt"),
        ("dopis.txt", "dopis.txt"),
        ("DOPIS.TXT", "DOPIS (2).TXT"),
        ("漢字.txt", "漢字.txt"),
    ];
    let contents: Vec<String> = (0..names.len()).map(|number| format!("soubor {number}")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&contents)
        .map(|((name, _), content)| (*name, content.as_bytes()))
        .collect();
    let (path, mut novak) = opened(&demo, &files);
    for (number, content) in contents.iter().enumerate() {
        let answer = novak.get(&format!("{path}/attachments/{}", number + 1)).unwrap();
        assert_harmless(&answer, "application/octet-stream");
        assert_eq!(answer.body, content.as_bytes());
        let named = answer.header("content-disposition").unwrap();
        assert_eq!(named.matches('"').count(), 2, "{named}");
        assert!(
            !named.contains("..\\") && !named.contains('/') && !named.contains("evil=1\r"),
            "{named}"
        );
    }
    let archive = novak.get(&format!("{path}/attachments.zip")).unwrap();
    assert_harmless(&archive, "application/zip");
    let found = unzipped(&archive.body);
    assert_eq!(found.len(), names.len());
    for ((name, bytes), ((_, expected), content)) in found.iter().zip(names.iter().zip(&contents)) {
        assert_eq!(bytes, content.as_bytes());
        assert!(
            !name.contains(['/', '\\', '\r', '\n', '"']) && !name.starts_with('.'),
            "{name:?}"
        );
        if !expected.is_empty() {
            assert_eq!(name, expected);
        }
    }
    let unique: std::collections::HashSet<String> = found.iter().map(|(name, _)| name.to_lowercase()).collect();
    assert_eq!(unique.len(), names.len());
}

fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        found.push((name, content));
    }
    found
}

/// Small ones stand in the message, larger ones in objects of their own.
#[test]
fn every_byte_of_an_attachment_comes_back() {
    let demo = Demo::start().unwrap();
    for sizes in [
        [1, 2, 3],
        [0, 1000, 65_536],
        [300_000, 10, 0],
        [70_000, 70_000, 70_000],
        [3_000_000, 5, 400_001],
    ] {
        let contents: Vec<Vec<u8>> = sizes.iter().map(|size| some_bytes(*size)).collect();
        let names = ["a.txt", "b.txt", "c.txt"];
        let files: Vec<(&str, &[u8])> = names
            .into_iter()
            .zip(contents.iter().map(Vec::as_slice))
            .filter(|(_, content)| !content.is_empty())
            .collect();
        let (path, mut novak) = opened(&demo, &files);
        let archive = unzipped(&novak.get(&format!("{path}/attachments.zip")).unwrap().body);
        for (number, (name, content)) in files.iter().enumerate() {
            let answer = novak.get(&format!("{path}/attachments/{}", number + 1)).unwrap();
            assert_eq!(answer.header("content-length").unwrap(), content.len().to_string());
            assert!(answer.body == *content, "{name} of {sizes:?}");
            assert!(archive[number].1 == *content, "{name} of {sizes:?} in the archive");
            // Only what is short enough is shown.
            let shown = novak.get(&format!("{path}/attachments/{}/view", number + 1)).unwrap();
            if content.len() <= 2 << 20 {
                assert!(shown.body == *content, "{name} of {sizes:?} as a preview");
            } else {
                assert_eq!(shown.status, 404);
            }
        }
    }
}

#[test]
fn a_large_message_comes_back_whole_and_its_seal_holds() {
    let demo = Demo::start().unwrap();
    let content = some_bytes(21 << 20);
    let mut town = Persona::new(demo.address(), "mesto01");
    let uploaded = town.upload(&upload_body(&content)).unwrap();
    let id = town.send_large(NOVAK, "Projektová dokumentace", &uploaded).unwrap();
    arrives(&mut town, &id);
    Persona::new(demo.address(), "novak01").list_received(10).unwrap();
    let mut novak = signed_in(&demo, "novak01");
    let begun = Instant::now();
    let page = novak.get(&path(NOVAK, &id)).unwrap();
    let took = begun.elapsed();
    assert!(page.says("velky.txt") && page.says("22 MB"), "{page:?}");
    assert!(
        took < Duration::from_secs(2),
        "the page waits for the content: {took:?}"
    );
    let answer = novak.get(&format!("{}/attachments/1", path(NOVAK, &id))).unwrap();
    assert!(answer.body == content);
    let seal = novak.get(&format!("{}/seal", path(NOVAK, &id))).unwrap();
    assert!(seal.says("Zpráva je pravá a nezměněná"), "{seal:?}");
    let sealed = novak.get(&format!("{}/message.zfo", path(NOVAK, &id))).unwrap();
    assert!(
        Persona::new(demo.address(), "novak01")
            .authenticates_large(&sealed.body)
            .unwrap()
    );
}

#[test]
fn the_seal_is_checked_and_its_authority_named() {
    let demo = Demo::start().unwrap();
    let (path, mut novak) = opened(&demo, &[("a.txt", b"ahoj")]);
    let page = novak.get(&path).unwrap();
    assert_eq!(page.link("Ověřit").unwrap(), format!("{path}/seal"), "{page:?}");
    let seal = novak.get(&format!("{path}/seal")).unwrap();
    for said in [
        "Zpráva je pravá a nezměněná",
        "ISDS demo seal",
        "ISDS demo timestamp authority",
        "Čas podání",
        "Otisk zprávy odpovídá jejímu obsahu",
    ] {
        assert!(seal.says(said), "{said} is not on {seal:?}");
    }
    assert!(!seal.says("selhala"), "{seal:?}");
    // What a script puts into the page is the same without the frame.
    let part = novak.get(&format!("{path}/seal?part=1")).unwrap();
    assert!(
        part.says("ISDS demo seal") && !part.source().contains("<html"),
        "{part:?}"
    );
    // Known now, it stands on the page at once.
    let page = novak.get(&path).unwrap();
    assert!(page.says("Zpráva je pravá a nezměněná"), "{page:?}");
    let english = novak.clone().english().get(&format!("{path}/seal")).unwrap();
    assert!(english.says("The message is genuine and unchanged"), "{english:?}");
}

#[test]
fn documents_to_keep_are_what_programs_download() {
    let demo = Demo::start().unwrap();
    let (path, mut novak) = opened(&demo, &[("příloha.txt", b"ahoj")]);
    let id = path.rsplit('/').next().unwrap();
    novak.get(&path).unwrap();
    let mut own = Persona::new(demo.address(), "novak01");
    let sealed = novak.get(&format!("{path}/message.zfo")).unwrap();
    assert_eq!(
        sealed.header("content-type"),
        Some("application/vnd.software602.filler.form-xml-zip")
    );
    assert!(
        sealed
            .header("content-disposition")
            .unwrap()
            .contains(&format!("zprava-{id}.zfo"))
    );
    assert_eq!(
        e2e::sealed::dm_dm(&sealed.body),
        e2e::sealed::dm_dm(&own.download_signed(id).unwrap())
    );
    let folder = tempfile::tempdir().unwrap();
    let delivery = novak.get(&format!("{path}/delivery.zfo")).unwrap();
    for (name, answer) in [("a.zfo", &sealed), ("b.zfo", &delivery)] {
        let file = folder.path().join(name);
        std::fs::write(&file, &answer.body).unwrap();
        let verified = std::process::Command::new(demo.binary())
            .args(["verify", "--trust"])
            .arg(demo.data().join("trust/ca.pem"))
            .arg(&file)
            .status()
            .unwrap();
        assert!(verified.success(), "{name}");
    }
    let pdf = novak.get(&format!("{path}/message.pdf")).unwrap();
    assert_harmless(&pdf, "application/pdf");
    assert!(pdf.body.starts_with(b"%PDF-1.7"));
    // A form posted without the right token, or for a message that lies in no vault, erases nothing.
    let refused = novak.post(&format!("{path}/erase"), &[("sure", "yes")]).unwrap();
    assert!(refused.status >= 400, "{refused:?}");
    assert_eq!(novak.get(&path).unwrap().status, 200);
}

#[test]
fn a_sent_message_on_its_way_says_where_it_is() {
    let demo = Demo::start().unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let id = send(&mut town, &Letter::new(NOVAK, "Oznámení"));
    let mut official = signed_in(&demo, "mesto01");
    let page = official.get(&path(TOWN, &id)).unwrap();
    for said in [
        "dodána do schránky",
        "Leží ve schránce příjemce",
        "Doručení fikcí",
        "Desátý den po dodání je",
        "Oznámení",
    ] {
        assert!(page.says(said), "{said} is not on {page:?}");
    }
    assert!(page.link("Zapečetěná doručenka (ZFO)").is_ok());
    assert_eq!(
        official
            .get(&format!("{}/message.zfo", path(TOWN, &id)))
            .unwrap()
            .status,
        200
    );
    let english = official.english().get(&path(TOWN, &id)).unwrap();
    assert!(english.says("Delivery by fiction"), "{english:?}");
}
