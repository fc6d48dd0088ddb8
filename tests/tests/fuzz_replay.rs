//! The fuzzers' corpus once through, on the ordinary compiler.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

#[expect(clippy::panic, reason = "what must hold and does not ends the run")]
#[path = "../../fuzz/checks.rs"]
mod checks;

/// Far above what any of these small inputs takes, far below what quadratic reading would.
const LIMIT: Duration = Duration::from_secs(2);

#[test]
fn box_id() {
    replay("box_id", checks::box_id);
}

#[test]
fn soap_reader() {
    replay("soap_reader", checks::soap_reader);
}

#[test]
fn cms_reader() {
    replay("cms_reader", checks::cms_reader);
}

#[test]
fn mtom_reader() {
    replay("mtom_reader", checks::mtom_reader);
}

#[test]
fn container() {
    replay("container", checks::container);
}

fn replay(target: &str, check: impl Fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        let (input, begun) = (fs::read(&path).unwrap(), Instant::now());
        check(&input);
        assert!(begun.elapsed() < LIMIT, "{} took {:?}", path.display(), begun.elapsed());
        inputs += 1;
    }
    assert!(inputs > 0, "the corpus of {target} is empty");
}
