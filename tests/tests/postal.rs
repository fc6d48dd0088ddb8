//! What the demo directory promises about postal messages: who has credit, who has the contract, who receives them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use e2e::harness::Demo;
use e2e::persona::{Persona, operation_body};

fn ask(demo: &Demo, login: &str, operation: &str, inside: &str) -> String {
    Persona::new(demo.address(), login)
        .call("/DS/df", &operation_body(operation, inside))
        .unwrap()
}

fn credit(demo: &Demo) -> String {
    ask(
        demo,
        "firma01",
        "DataBoxCreditInfo",
        "<dbID>firma2x</dbID><ciFromDate/><ciTodate/>",
    )
}

#[test]
fn the_directory_has_credit_and_a_contract() {
    let mut demo = Demo::start().unwrap();
    assert!(credit(&demo).contains("currentCredit>50000<"), "{}", credit(&demo));
    for (login, recipient, kind, expected) in [
        ("firma01", "banka2q", "Normal", true),
        ("firma01", "advka2c", "Normal", true),
        ("firma01", "zivna27", "Normal", true),
        ("firma01", "nvak22s", "Normal", false),
        ("firma01", "zrus22r", "Normal", false),
        ("firma01", "banka2q", "Init", false),
        ("banka01", "firma2x", "Init", true),
        ("advok01", "firma2x", "Normal", false),
    ] {
        let inside = format!("<dbId>{recipient}</dbId><PDZType>{kind}</PDZType>");
        let answer = ask(&demo, login, "PDZSendInfo", &inside);
        let says = answer.contains("PDZsiResult>true<");
        assert_eq!(says, expected, "{login} {recipient} {kind}: {answer}");
    }
    // What was paid in once is not paid in again by a new start.
    demo.restart().unwrap();
    assert!(credit(&demo).contains("currentCredit>50000<"), "{}", credit(&demo));
}
