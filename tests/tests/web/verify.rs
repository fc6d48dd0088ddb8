//! The reader of sealed documents, by people without an account and by those who mean harm.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use e2e::harness::{Demo, pause};
use e2e::persona::{Letter, Persona, first_text};
use e2e::visitor::{File, Page, VisitError, Visitor};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509NameBuilder};

const GENUINE: &str = "Zpráva je pravá a nezměněná.";
const STRANGER: &str = "někdo, koho tento systém nezná";
const BAD: &str = "Zpráva neplatí: některá kontrola selhala.";
const UNREADABLE: &str = "Tohle není zapečetěná datová zpráva.";

fn zfo(content: &[u8]) -> File {
    File {
        name: "DZ_1.zfo".to_owned(),
        mime: "application/octet-stream".to_owned(),
        content: content.to_vec(),
    }
}

fn verify_file(visitor: &mut Visitor, file: File) -> Result<Page, VisitError> {
    let page = visitor.get("/verify")?;
    let form = page.form("Ověřit").or_else(|_| page.form("Verify"))?;
    visitor.submit(&form.file("document", file))
}

fn verify(visitor: &mut Visitor, content: &[u8]) -> Page {
    verify_file(visitor, zfo(content)).unwrap()
}

/// A message of `mesto01` as it was sent, sealed and stamped.
fn sealed(demo: &Demo, letter: &Letter) -> Vec<u8> {
    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(letter).unwrap();
    delivered(&mut sender, &id);
    sender.download_signed_sent(&id).unwrap()
}

fn delivered(sender: &mut Persona, id: &str) {
    let until = Instant::now() + Duration::from_secs(15);
    let is_delivered = |sender: &mut Persona| {
        let sent = sender.list_sent(100).unwrap();
        sent.iter().any(|record| record.id == id && record.status >= 4)
    };
    while !is_delivered(sender) {
        assert!(Instant::now() < until, "message {id} is not delivered");
    }
}

/// A CMS around `content`, correctly signed by somebody nobody knows.
fn foreign_cms(content: &[u8]) -> Vec<u8> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "Vzorový podvrh").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
    certificate.set_serial_number(&serial).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    certificate
        .set_not_after(&Asn1Time::days_from_now(30).unwrap())
        .unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = certificate.build();
    let options = CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
    let cms = CmsContentInfo::sign(Some(&certificate), Some(&key), None, Some(content), options).unwrap();
    cms.to_der().unwrap()
}

#[test]
fn anybody_reads_a_message_without_an_account() {
    let demo = Demo::start().unwrap();
    let mut letter = Letter::new("nvak22s", "Výzva <b>k doplnění</b> & podání");
    letter.files = vec![
        ("dopis.txt".to_owned(), vec![b'a'; 1536]),
        ("<script>alert(1)</script>.txt".to_owned(), b"x".to_vec()),
    ];
    let document = sealed(&demo, &letter);
    let before = files(&demo);

    let mut visitor = Visitor::new(demo.address());
    let page = verify(&mut visitor, &document);
    assert_eq!((page.status, page.path.as_str()), (200, "/verify"));
    for said in [
        GENUINE,
        "Datová zpráva (podoba pro odesílatele)",
        "Výzva <b>k doplnění</b> & podání",
        "Město Vzorov (mesta2j)",
        "Jan Novák (nvak22s)",
        "dodaná do schránky",
        "dopis.txt",
        "1,5 kB",
        "<script>alert(1)</script>.txt",
        "Otisk zprávy odpovídá jejímu obsahu v pořádku",
        "Pečeť:",
    ] {
        assert!(page.says(said), "{said}: {page:?}");
    }
    assert!(!page.source().contains("<script>alert"), "{}", page.source());
    assert!(!page.source().contains("<b>k dopln"), "{}", page.source());
    assert!(visitor.jar().get("isds_session").is_none());

    let page = verify(&mut visitor.clone().english(), &document);
    for said in [
        "Data message (as its sender has it)",
        "1.5 kB",
        "Sender Město Vzorov (mesta2j)",
    ] {
        assert!(page.says(said), "{said}: {page:?}");
    }
    assert_eq!(files(&demo), before, "something was kept");
}

/// All files of the demo but the database's own and the logs.
fn files(demo: &Demo) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![demo.data()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().contains("isds.db") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_delivery_info_is_told_with_its_events() {
    let demo = Demo::start().unwrap();
    let mut sender = Persona::new(demo.address(), "mesto01");
    let id = sender.send(&Letter::new("nvak22s", "doručenka")).unwrap();
    delivered(&mut sender, &id);
    let answer = sender.of_message("/DS/dx", "GetSignedDeliveryInfo", &id).unwrap();
    let document = BASE64_STANDARD
        .decode(first_text(&answer, "dmSignature>").unwrap())
        .unwrap();
    let page = verify(&mut Visitor::new(demo.address()), &document);
    for said in [
        "Doručenka",
        &id,
        "EV5",
        "v době zapečetění ještě ne",
        "V doručence přílohy nejsou.",
    ] {
        assert!(page.says(said), "{said}: {page:?}");
    }
    assert!(!page.says(BAD), "{page:?}");
}

#[test]
fn one_changed_byte_is_found_wherever_it_is() {
    let demo = Demo::start().unwrap();
    let document = sealed(&demo, &Letter::new("nvak22s", "Podvržená zpráva").of_size(3000));
    let mut visitor = Visitor::new(demo.address());
    let place = |needle: &[u8]| {
        document
            .windows(needle.len())
            .position(|window| window == needle)
            .unwrap()
    };
    let encoded = BASE64_STANDARD.encode("Vazeni, v priloze");
    let changes = [
        ("an attachment", place(&encoded.as_bytes()[..16]) + 3),
        ("the subject", place("Podvržená".as_bytes())),
        ("the name of the sender", place("Město".as_bytes())),
        ("a time", place(b"dmDeliveryTime>2") + 16),
        ("the seal", document.len() - 5),
    ];
    for (what, at) in changes {
        let mut forged = document.clone();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let page = verify(&mut visitor, &forged);
        assert_eq!(page.status, 200, "{what}");
        assert!(page.says(BAD) || page.says(UNREADABLE), "{what}: {page:?}");
        assert!(!page.says(GENUINE) && page.says("selhala"), "{what}: {page:?}");
    }
    assert!(verify(&mut visitor, &document).says(GENUINE));
}

#[test]
fn a_message_of_another_system_is_intact_but_a_strangers() {
    let (ours, theirs) = (Demo::start().unwrap(), Demo::start().unwrap());
    let document = sealed(&theirs, &Letter::new("nvak22s", "odjinud"));
    let page = verify(&mut Visitor::new(ours.address()), &document);
    assert!(
        page.says(STRANGER) && page.says("vydavatele tento systém nezná"),
        "{page:?}"
    );
    assert!(!page.says(GENUINE), "{page:?}");
}

#[test]
fn wrong_files_of_all_kinds_get_a_clear_sentence() {
    let demo = Demo::start().unwrap();
    let document = sealed(&demo, &Letter::new("nvak22s", "celá zpráva"));
    let huge_length = [&[0x30, 0x88][..], &[0xff; 8], &document[4..200]].concat();
    let indefinite: Vec<u8> = [0x30, 0x80].repeat(100_000);
    let mut nested_der = Vec::new();
    for _ in 0..20_000 {
        nested_der.extend_from_slice(&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]);
    }
    let deep_xml = format!("{}{}", "<a>".repeat(300_000), "</a>".repeat(300_000));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><a>&c;</a>";
    let looks_like = "<q:MessageDownloadResponse xmlns:q=\"http://isds.czechpoint.cz/v20/message\">";
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("cut in the middle", document[..document.len() / 2].to_vec()),
        ("cut at the end", document[..document.len() - 1].to_vec()),
        ("only its beginning", document[..10].to_vec()),
        ("with something after it", [&document[..], b"more"].concat()),
        (
            "a page with a script",
            b"<html><script>alert('x')</script></html>".to_vec(),
        ),
        (
            "a picture with a script",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
        ),
        ("a PDF", b"%PDF-1.7\n1 0 obj<<>>endobj".to_vec()),
        ("a ZIP", b"PK\x03\x04\x14\0\0\0\x08\0".repeat(1000)),
        ("zeros", vec![0; 1 << 20]),
        ("a length of 2^64", huge_length),
        ("indefinite lengths in each other", indefinite),
        ("sequences in each other", nested_der),
        ("a foreign signature over text", foreign_cms(b"nothing")),
        (
            "a foreign signature over itself",
            foreign_cms(&foreign_cms(&foreign_cms(b"nothing"))),
        ),
        ("a foreign signature over a sealed document", foreign_cms(&document)),
        ("deep XML", foreign_cms(deep_xml.as_bytes())),
        ("XML with entities", foreign_cms(bomb.as_bytes())),
        ("the beginning of a message", foreign_cms(looks_like.as_bytes())),
    ];
    for (what, content) in files {
        // A visitor each: what is looked at here is not how often one address may come.
        let begun = Instant::now();
        let page = verify(&mut Visitor::new(demo.address()), &content);
        assert_eq!(page.status, 200, "{what}: {page:?}");
        assert!(page.says(UNREADABLE) || page.says(BAD), "{what}: {page:?}");
        assert!(!page.source().contains("alert("), "{what}: {}", page.source());
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{what}: {:?}",
            begun.elapsed()
        );
    }
    let mut visitor = Visitor::new(demo.address());
    let page = verify(&mut visitor, b"");
    assert!(page.status == 400 && page.says("Vyberte soubor"), "{page:?}");
    let named = File {
        name: "\"><img src=x onerror=alert(2)>.zfo".to_owned(),
        ..zfo(b"x")
    };
    let page = verify_file(&mut visitor, named).unwrap();
    assert!(
        page.says("<img src=x onerror=alert(2)>.zfo") || page.says("img src=x"),
        "{page:?}"
    );
    assert!(!page.has("img[src=x]"), "{}", page.source());
    assert!(
        verify(&mut visitor, &document).says(GENUINE),
        "afterwards all is as before"
    );
}

#[test]
fn forms_of_others_are_not_answered() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.get("/verify").unwrap();
    let form = page.form("Ověřit").unwrap().file("document", zfo(b"x"));
    let answer = visitor.submit(&form.clone().without("csrf")).unwrap();
    assert!(
        answer.status == 403 && answer.says("Vyberte prosím soubor znovu"),
        "{answer:?}"
    );
    let answer = visitor.submit(&form.clone().force("csrf", "0000")).unwrap();
    assert_eq!(answer.status, 403);
    let mut elsewhere = visitor.clone().with_header("Sec-Fetch-Site", "cross-site");
    assert_eq!(elsewhere.submit(&form).unwrap().status, 403);
    let mut other = Visitor::new(demo.address());
    other.get("/verify").unwrap();
    assert_eq!(other.submit(&form).unwrap().status, 403, "the token of another visitor");
    let answer = visitor.post("/verify", &[("document", "x")]).unwrap();
    assert_eq!(answer.status, 400, "{answer:?}");
    let kind = "multipart/form-data; boundary=x";
    let answer = visitor
        .request("POST", "/verify", Some(kind), b"--x\r\nContent-Disposition")
        .unwrap();
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[test]
fn what_is_too_large_is_said_to_be() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.get("/verify").unwrap();
    let largest: usize = page
        .attribute("form[data-largest]", "data-largest")
        .unwrap()
        .parse()
        .unwrap();
    demo.reset_peak().unwrap();
    let before = demo.memory().unwrap().resident;
    let page = verify(&mut visitor, &vec![0x30; largest + 1]);
    assert_eq!(page.status, 413);
    assert!(
        page.says("Nic z něj se neuložilo") && page.has("form[data-verify]"),
        "{page:?}"
    );
    let growth = demo.memory().unwrap().peak.saturating_sub(before) >> 20;
    println!("{} MB read away within {growth} MB", largest >> 20);
    assert!(growth < 32, "{growth} MB");
}

#[test]
fn one_address_has_its_share_and_no_more() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let form = visitor.get("/verify").unwrap().form("Ověřit").unwrap();
    let token = form.value("csrf").unwrap().to_owned();

    // Two that have begun and do not go on: a third is not taken.
    let cookies = visitor.jar().header("/verify", false).unwrap();
    let begin = || {
        let mut stream = TcpStream::connect(demo.address()).unwrap();
        write!(
            stream,
            "POST /verify HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {cookies}\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n\
             --x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.zfo\"\r\n\r\n0",
            demo.address()
        )
        .unwrap();
        stream
    };
    let mut held = vec![begin(), begin()];
    let form = form.file("document", zfo(b"not a document"));
    // Few tries with pauses: until the two have begun, each that is taken counts.
    let mut tries = 0;
    let refused = loop {
        let page = visitor.submit(&form).unwrap();
        if page.status != 200 {
            break page;
        }
        tries += 1;
        assert!(tries < 20, "a third document was taken all the time");
        // It may have come before one of the two, which was refused then.
        held.push(begin());
        (0..10).for_each(|_| pause());
    };
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("10"));
    assert!(refused.says("Zkuste to znovu za 10 sekund."), "{refused:?}");
    drop(held);
    // Places come back when the connections are gone; then the count within a minute is reached.
    let until = Instant::now() + Duration::from_secs(20);
    let mut taken = 0;
    let refused = loop {
        let page = visitor.submit(&form).unwrap();
        match page.status {
            200 => taken += 1,
            503 => assert!(Instant::now() < until, "places do not come back"),
            _ => break page,
        }
    };
    assert!((1..30).contains(&taken), "{taken}");
    assert_eq!(refused.status, 429);
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(
        refused.says("příliš mnoho souborů") && refused.has("form[data-verify]"),
        "{refused:?}"
    );
}

#[test]
fn who_sends_no_file_takes_nobodys_place() {
    let demo = Demo::start().unwrap();
    let begin = |head: &str| {
        let mut stream = TcpStream::connect(demo.address()).unwrap();
        write!(
            stream,
            "POST /verify HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n{head}",
            demo.address()
        )
        .unwrap();
        stream
    };
    // Nothing at all; the token's field; a file behind a token that is nobody's.
    let csrf = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n";
    let file = "--x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.zfo\"\r\n\r\n0";
    let mut held = Vec::new();
    for head in [
        String::new(),
        csrf.to_owned(),
        format!("{csrf}0\r\n{file}"),
        file.to_owned(),
    ] {
        held.extend((0..3).map(|_| begin(&head)));
    }
    let mut visitor = Visitor::new(demo.address());
    for _ in 0..3 {
        (0..5).for_each(|_| pause());
        let page = verify(&mut visitor, b"not a document");
        assert_eq!(page.status, 200, "{page:?}");
    }
    drop(held);
}
