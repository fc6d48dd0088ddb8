//! What a form begins with, and recipients that are looked for.

use std::time::{Duration, Instant};

use e2e::harness::Demo;
use e2e::persona::Persona;

use super::{PDF, SEND, file, review, sent, signed_in};

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
