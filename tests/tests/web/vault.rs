//! The vault: bought by people, granted by the administrator, filled by time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use e2e::harness::{Demo, http};
use e2e::persona::{Letter, Persona};
use e2e::visitor::Visitor;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn visitor(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in(login).unwrap();
    visitor
}

fn wind(demo: &Demo, days: u64) {
    let body = format!("{{\"advance_seconds\":{}}}", days * 86_400);
    let answer = http::post(
        demo.address(),
        "/test/clock",
        &[JSON],
        body.as_bytes(),
        Duration::from_secs(120),
    )
    .unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn a_firm_buys_a_vault_and_its_messages_stay() {
    let demo = Demo::start().unwrap();
    let id = Persona::new(demo.address(), "mesto01")
        .send(&Letter::new("firma2x", "Smlouva"))
        .unwrap();
    let mut firm = visitor(&demo, "firma01");
    let inbox = firm.get("/b/firma2x/received").unwrap();
    firm.submit(&inbox.form("Otevřít a doručit").unwrap()).unwrap();
    let page = firm.get("/b/firma2x/settings/vault").unwrap();
    assert!(page.says("Schránka nemá datový trezor"), "{page:?}");
    let form = page.form("Koupit z kreditu").unwrap();
    let bought = firm.submit(&form).unwrap();
    assert!(
        bought.says("Datový trezor je koupen") && bought.says("20 zpráv"),
        "{bought:?}"
    );
    // The same click once more.
    let again = firm.submit(&form).unwrap();
    assert_eq!(again.status, 422, "{again:?}");
    assert!(!again.says("Navazující období"), "{again:?}");
    let ledger = firm.get("/b/firma2x/settings/credit").unwrap();
    assert!(ledger.says("datový trezor"), "{ledger:?}");
    wind(&demo, 91);
    let mut firm = visitor(&demo, "firma01");
    let kept = firm.get("/b/firma2x/vault").unwrap();
    assert!(kept.link("Smlouva").unwrap().contains(&id), "{kept:?}");
    let page = firm.get("/b/firma2x/settings/vault").unwrap();
    // What else the demo's firm has got, and sent, lies there as well.
    assert!(page.says("zbývá místo pro 17 zpráv"), "{page:?}");
    // What was kept is read as before; erased by hand it leaves the vault.
    let message = firm.get(&format!("/b/firma2x/messages/{id}")).unwrap();
    assert!(message.says("v datovém trezoru"), "{message:?}");
    wind(&demo, 300);
    let mut firm = visitor(&demo, "firma01");
    let gone = firm.get("/b/firma2x/vault").unwrap();
    assert!(gone.link("Smlouva").is_err(), "the vault has ended: {gone:?}");
    assert!(firm.get("/b/firma2x/erased").unwrap().says("Smlouva"));
}

#[test]
fn a_vault_is_bought_by_who_may_and_granted_by_the_administrator() {
    let demo = Demo::start().unwrap();
    let mut clerk = visitor(&demo, "firma02");
    let page = clerk.get("/b/firma2x/settings/vault").unwrap();
    assert!(page.form("Koupit z kreditu").is_err(), "{page:?}");
    let today = &page.attribute("time", "datetime").map(|day| day[..10].to_owned());
    let from = today.as_deref().unwrap_or("2026-11-22");
    let csrf = page.field("csrf").unwrap();
    let forced = clerk
        .post(
            "/b/firma2x/settings/vault",
            &[("csrf", csrf.as_str()), ("capacity", "20"), ("from", from)],
        )
        .unwrap();
    assert_eq!(forced.status, 403, "{forced:?}");
    // Nothing to pay with.
    let mut novak = visitor(&demo, "novak01");
    let page = novak.get("/b/nvak22s/settings/vault").unwrap();
    let poor = novak.submit(&page.form("Koupit z kreditu").unwrap()).unwrap();
    assert_eq!(poor.status, 422);
    assert!(poor.says("kredit"), "{poor:?}");
    for (field, value) in [
        ("capacity", "-5"),
        ("capacity", "vše"),
        ("from", "zítra"),
        ("capacity", "9999999999"),
    ] {
        let form = page.form("Koupit z kreditu").unwrap().force(field, value);
        assert_eq!(novak.submit(&form).unwrap().status, 422, "{field}={value}");
    }
    let mut administrator = visitor(&demo, "spravce01");
    let form = administrator.get("/admin/boxes/nvak22s/act/grant-vault").unwrap();
    let form = form.form("Přidělit datový trezor").unwrap();
    let backwards = form
        .clone()
        .fill("capacity", "50")
        .fill("from", "2030-02-01")
        .fill("to", "2030-01-01");
    assert_eq!(administrator.submit(&backwards).unwrap().status, 422);
    let granted = form
        .fill("capacity", "50")
        .fill("from", "2030-01-01")
        .fill("to", "2030-12-31");
    let view = administrator.submit(&granted).unwrap();
    assert!(
        view.says("Datový trezor je přidělen") && view.says("50 zpráv"),
        "{view:?}"
    );
    let page = novak.get("/b/nvak22s/settings/vault").unwrap();
    assert!(page.says("Navazující období") && page.says("na zkoušku"), "{page:?}");
    assert!(page.form("Koupit z kreditu").is_err(), "one ahead is enough: {page:?}");
}
