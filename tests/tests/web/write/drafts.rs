//! Drafts and templates: nothing typed is lost, and nothing is written over unseen.

use e2e::harness::Demo;

use super::{PDF, SEND, draft, draft_of, drafts, file, review, sent, signed_in};

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
    // The same under another name is another template.
    let page = clerk.submit(&form.fill("template_name", "Druhý název")).unwrap();
    let mut names = page.texts(".write-list strong");
    names.sort();
    assert_eq!(names, ["Druhý název", "Měsíční hlášení"], "{page:?}");
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
    assert_eq!(page.texts(".write-list strong").len(), 2, "a template stays");
}
