//! SIGKILL in the middle of founding boxes from a table: the import goes on, and every row is founded exactly once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use e2e::harness::{Demo, DemoOptions, PrivateCluster, pause};
use e2e::visitor::{File, Page, Visitor};

const ROWS: usize = 80;
const KILLS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn sqlite_founds_each_row_once() {
    goes_on(DemoOptions::default().start().unwrap());
}

#[test]
fn postgresql_founds_each_row_once() {
    let cluster = PrivateCluster::start().unwrap();
    let url = cluster.create_database("kill_import").unwrap();
    goes_on(DemoOptions::default().database(&url).start().unwrap());
}

fn administrator(demo: &Demo) -> Visitor {
    let mut administrator = Visitor::new(demo.address());
    administrator.sign_in("spravce01").unwrap();
    administrator
}

/// Rows that had their turn, and whether all had.
fn founded(report: &Page) -> (usize, bool) {
    let counts = report.texts("dl.pairs dd");
    let count = |at: usize| {
        counts
            .get(at)
            .and_then(|text| text.trim().parse::<usize>().ok())
            .unwrap()
    };
    // All, wrong, ready, founded, refused.
    assert_eq!((count(0), count(1), count(4)), (ROWS, 0, 0), "{report:?}");
    (count(3), report.says("Hotovo."))
}

fn goes_on(mut demo: Demo) {
    let mut table = String::from("dbType;ic;firmName;adCity;userGivenNames;userLastName\n");
    for row in 0..ROWS {
        writeln!(table, "OVM;998{row:05};Obec Vzorná {row};Vzorov;Jana;Vzorová").unwrap();
    }
    let mut visitor = administrator(&demo);
    let page = visitor.get("/admin/import").unwrap();
    let file = File {
        name: "vzor.csv".to_owned(),
        mime: "text/csv".to_owned(),
        content: table.into_bytes(),
    };
    let form = page.form("input[name=file]").unwrap().file("file", file);
    let report = visitor.submit(&form).unwrap();
    let begun = visitor.submit(&report.form("form[action$='/begin']").unwrap()).unwrap();
    let path = begun.path;

    let end = Instant::now() + PATIENCE;
    let (mut kills, mut last) = (0, 0);
    let report = loop {
        assert!(Instant::now() < end, "only {last} rows are founded");
        let report = visitor.get(&path).unwrap();
        let (now, done) = founded(&report);
        assert!(now >= last, "what was founded stays founded");
        if done {
            break report;
        }
        // Another number of rows each time, so that the kill falls into other places of the work.
        if kills < KILLS && now >= last + 3 + kills {
            last = now;
            kills += 1;
            demo.kill_hard().unwrap();
            demo.restart().unwrap();
            visitor = administrator(&demo);
        }
        pause();
    };
    assert!(kills >= 3, "the import was over after {kills} kills");
    assert_eq!(founded(&report).0, ROWS);

    let access = visitor
        .submit(&report.form("form[action$='/access']").unwrap())
        .unwrap();
    let source = access.source();
    let lines: Vec<Vec<&str>> = source
        .lines()
        .skip(1)
        .map(|line| line.split(';').map(|cell| cell.trim_matches('"')).collect())
        .collect();
    assert_eq!(lines.len(), ROWS, "everybody has access data");
    let boxes: HashSet<&str> = lines.iter().map(|cells| cells[1]).collect();
    assert_eq!(boxes.len(), ROWS);
    // Nothing was founded beside what the report says: the boxes of the demo are nine.
    let mut all = HashSet::new();
    let mut next = Some("/admin/boxes/list?type=OVM".to_owned());
    while let Some(path) = next {
        let page = visitor.get(&path).unwrap();
        all.extend(page.texts("tbody th code"));
        next = page.link("Další").ok().map(|query| {
            if query.starts_with('?') {
                format!("/admin/boxes/list{query}")
            } else {
                query
            }
        });
    }
    let founded = all.iter().filter(|id| boxes.contains(id.as_str())).count();
    assert_eq!(founded, ROWS, "every box is there");
    let search = visitor.get("/admin/search?q=Obec%20Vzorn%C3%A1").unwrap();
    assert!(search.has("table"), "{search:?}");
    let others = all.len() - founded;
    assert!(others < 9, "{others} boxes were founded that no row knows");
    for cells in lines.iter().step_by(20) {
        let mut owner = Visitor::new(demo.address());
        let choose = owner.sign_in_with(cells[3], cells[4]).unwrap();
        assert!(choose.has("input[name=again]"), "{choose:?}");
    }
}
