//! The table of test suites. Adding one is adding one line.

use crate::tools::Tool::{
    self, Browser, CargoDeny, Chromium, Clamd, Faketime, Gsoap, Moto, Nextest, Nginx, NodeSoap, Openssl, Php, Postgres,
    S3sFs, Smtp, Sqlite, Valgrind, Xmllint, Zeep,
};

/// One part of a suite.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// A cargo command: its arguments, separated by blanks.
    Cargo(&'static str),
    /// The tests that a nextest filter selects. All suites build the same whole workspace, so that features and
    /// profiles are the same for each and nothing is built twice.
    Tests(&'static str),
    /// The tests of SOAP over HTTP: those that a nextest filter selects on SQLite, those of them that a second filter
    /// selects on PostgreSQL as well, and at last the table of operations against what was answered.
    Soap(&'static str, &'static str),
    /// The end-to-end tests that no other suite names, so that none is forgotten.
    OtherEndToEnd,
    /// The end-to-end tests that a nextest filter selects, with the demos' data on PostgreSQL and their objects in a
    /// folder or in a bucket.
    Elsewhere(&'static str, Objects),
    /// The walks through the pages in a real browser.
    Walks,
    /// Instructions of what only computes, by the committed table.
    Instructions,
    /// Something the reader of the output has to know.
    Note(&'static str),
}

/// Where the demos of [`Step::Elsewhere`] keep their objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objects {
    Folder,
    Bucket,
}

/// When a suite runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Without a name as well.
    Always,
    /// Only by name or with `--long` or `--all`.
    Long,
    /// Only by name: it measures, and wants the machine for itself.
    ByName,
}

/// A named suite.
#[derive(Debug)]
pub struct Suite {
    pub name: &'static str,
    pub when: When,
    pub about: &'static str,
    pub needs: &'static [Tool],
    pub steps: &'static [Step],
}

const fn suite(
    name: &'static str,
    when: When,
    about: &'static str,
    needs: &'static [Tool],
    steps: &'static [Step],
) -> Suite {
    Suite {
        name,
        when,
        about,
        needs,
        steps,
    }
}

use Step::{Cargo, Elsewhere, Instructions, Note, OtherEndToEnd, Soap, Tests, Walks};
use When::{Always, ByName, Long};

const NO_ADVISORIES: &str = "advisories were SKIPPED: their database cannot be reached from a closed network; \
                             where it can, run: cargo deny check advisories";

const SOAP: &str = "package(soap-api) & kind(test)";
/// Without the tests that look into the file of a SQLite database, and those that know no database.
const SOAP_ON_BOTH: &str =
    "package(soap-api) & kind(test) & not test(/^(power_cut|long_lists|yaserde_fit|operations_table)::/)";

/// The main road by foreign clients, and the demo's own promises but for the one about the stores that a test names itself.
const MAIN_ROAD: &str = "binary_id(e2e::toolkits) | (binary_id(e2e::demo) & not test(touches_no_stores))";
/// Everything that people do, without the tests that look into the file of a SQLite database.
const PEOPLE: &str = "(binary_id(e2e::web) | binary_id(e2e::accounts) | binary_id(e2e::archive) | binary_id(e2e::authenticity)) \
     & not test(/without_an_authority_nothing|the_chain_of_records_is_examined|a_page_tells_of_so_many_boxes|after_an_old_proof|^audit_trail::/)";

/// What a suite of some end-to-end test binaries begins with.
const END_TO_END: &str = "binary_id(e2e::";

/// The filter of [`Step::OtherEndToEnd`].
pub fn other_end_to_end() -> String {
    let named = SUITES
        .iter()
        .flat_map(|suite| suite.steps)
        .filter_map(|step| match step {
            Tests(filter) if filter.starts_with(END_TO_END) => Some(format!(" & not ({filter})")),
            _ => None,
        });
    std::iter::once("package(e2e) & kind(test)".to_owned())
        .chain(named)
        .collect()
}

/// All suites, in the order in which they run: what fails fastest first.
#[rustfmt::skip]
pub const SUITES: &[Suite] = &[
    suite("lint", Always, "rustfmt and clippy, without a warning", &[], &[Cargo("fmt --all --check"), Cargo("clippy --locked --workspace --all-targets -- -D warnings")]),
    suite("deny", Always, "licences, sources and versions of dependencies", &[CargoDeny], &[Cargo("deny --locked check bans licenses sources"), Note(NO_ADVISORIES)]),
    suite("unit", Always, "each crate on its own", &[Nextest, Postgres, Openssl], &[Tests("not package(storage) & not (package(soap-api) & kind(test)) & not (package(e2e) & kind(test))")]),
    suite("golden", Always, "every answer and fault byte by byte and against the XSD, on both engines; bad input over HTTP", &[Nextest, Postgres, Xmllint], &[Soap(SOAP, SOAP_ON_BOTH)]),
    suite("conformance", Always, "storage on PostgreSQL and SQLite, in a folder and a bucket alike", &[Nextest, Postgres, S3sFs, Moto], &[Tests("package(storage)")]),
    suite("contract", Always, "the published WSDL and XSD against the reference", &[Nextest], &[Tests("binary_id(e2e::contract*)")]),
    suite("toolkits", Always, "zeep, node-soap, PHP and gSOAP send, list, download, verify; openssl agrees", &[Nextest, Zeep, NodeSoap, Php, Gsoap, Openssl], &[Tests("binary_id(e2e::toolkits)")]),
    suite("kill", Always, "SIGKILL in a stream of sends and in an import, on both engines", &[Nextest, Postgres], &[Tests("binary_id(e2e::kill*)")]),
    suite("memory", Always, "20 MB within 96 MB, four large messages at once within 64 MB", &[Nextest], &[Tests("binary_id(e2e::memory)")]),
    suite("browser", Always, "people's ways through the pages in a real browser; axe on each page", &[Chromium, Browser, Smtp], &[Walks]),
    suite("fuzz-replay", Always, "the fuzzers' corpus once through", &[Nextest], &[Tests("binary_id(e2e::fuzz_replay)")]),
    suite("e2e", Always, "the running demo, in everything that has no suite of its own", &[Nextest, Postgres, Openssl, Xmllint, Smtp, S3sFs, Moto], &[OtherEndToEnd]),
    suite("settings", Long, "end to end on PostgreSQL, with objects in a folder and in a bucket", &[Nextest, Postgres, S3sFs, Zeep, NodeSoap, Php, Gsoap, Openssl, Smtp], &[Elsewhere(MAIN_ROAD, Objects::Folder), Elsewhere(PEOPLE, Objects::Bucket)]),
    suite("backup", Long, "backup under load as the document says, restored onto an empty place, every seal verified", &[Nextest, Postgres, Openssl, Faketime, Sqlite], &[Tests("binary_id(e2e::backup)")]),
    suite("faults", Long, "two nodes under load while one thing after the other breaks; ISDS_FAULTS_MINUTES=60 goes on", &[Nextest, Postgres, Openssl, Clamd, Smtp, S3sFs], &[Tests("binary_id(e2e::faults)")]),
    suite("nodes", Long, "two nodes: clocks, stopping, leases, the test clock; nginx before them with docs/operations/nginx.conf", &[Nextest, Postgres, Openssl, Nginx, Faketime], &[Tests("binary_id(e2e::nodes)")]),
    suite("standby", Long, "the database is killed, or lost and its synchronous standby promoted, under load", &[Nextest, Postgres, Openssl], &[Tests("binary_id(e2e::standby)")]),
    suite("scanner", Long, "ClamAV finds, is killed, hangs and comes back", &[Nextest, Clamd], &[Tests("binary_id(e2e::scanner)")]),
    suite("instructions", Long, "what parsing, splicing and DER cost, in instructions, by bench/instructions.txt", &[Valgrind], &[Instructions]),
    suite("time", Long, "years wound by the test clock: in order after an outage, within seconds, no mail lost or sent twice", &[Nextest, Smtp], &[Tests("binary_id(e2e::time)")]),
    suite("midnight", ByName, "very many messages fall due at one midnight, while people work", &[Nextest, Postgres], &[Tests("binary_id(e2e::midnight)")]),
];
