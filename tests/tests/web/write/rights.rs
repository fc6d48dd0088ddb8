//! Who sees and sends what.

use e2e::harness::Demo;

use super::{PDF, draft, draft_of, drafts, file, multipart, sent, signed_in};

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
