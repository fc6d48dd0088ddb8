//! Sending: what was looked at, once, and to each what came of it.

use std::time::{Duration, Instant};

use e2e::harness::Demo;

use super::{PDF, SEND, draft, draft_of, drafts, file, review, sent, signed_in};

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
