//! Traces: a collector is told of calls, jobs and what they ask of others, and of nobody; where it is away, nobody minds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use e2e::harness::{Collector, Demo, DemoOptions, free_port, http, pause};
use e2e::persona::{Letter, Persona, soap};
use e2e::visitor::Visitor;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const SUBJECT: &str = "PredmetKteryNikomuNerikej";
const PASSWORD: &str = "HesloKtereNikomuNerikej1";

/// A span as it was told.
struct Span {
    name: String,
    trace: String,
    id: String,
    parent: Option<String>,
    kind: u64,
    attributes: BTreeMap<String, String>,
}

impl Span {
    fn of(json: &Value) -> Self {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let nanos = |key: &str| text(key).unwrap().parse::<u64>().unwrap();
        assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"), "{json}");
        let attributes = json["attributes"].as_array().unwrap().iter().map(|attribute| {
            let value = &attribute["value"];
            let value = value["stringValue"].as_str().or(value["intValue"].as_str());
            (attribute["key"].as_str().unwrap().to_owned(), value.unwrap().to_owned())
        });
        Self {
            name: text("name").unwrap(),
            trace: text("traceId").unwrap(),
            id: text("spanId").unwrap(),
            parent: text("parentSpanId"),
            kind: json["kind"].as_u64().unwrap(),
            attributes: attributes.collect(),
        }
    }

    fn says(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

fn spans(collector: &Collector) -> Vec<Span> {
    let mut spans = Vec::new();
    for export in collector.exports() {
        assert_eq!(
            (export.path.as_str(), export.media_type.as_str()),
            ("/v1/traces", "application/json")
        );
        let request: Value = serde_json::from_str(&export.body).unwrap();
        let resource = &request["resourceSpans"][0];
        assert_eq!(resource["resource"]["attributes"][0]["value"]["stringValue"], "isds");
        spans.extend(
            resource["scopeSpans"][0]["spans"]
                .as_array()
                .unwrap()
                .iter()
                .map(Span::of),
        );
    }
    spans
}

/// Waits until it is told of all that is wanted: a name of a span, and what it says in one attribute, if that matters.
fn told(collector: &Collector, wanted: &[(&str, &str, &str)]) -> Vec<Span> {
    let end = Instant::now() + PATIENCE;
    loop {
        let spans = spans(collector);
        let is_there = |(name, attribute, value): &(&str, &str, &str)| {
            spans
                .iter()
                .any(|span| span.name == *name && span.says(attribute) == *value)
        };
        let missing: Vec<_> = wanted.iter().filter(|wanted| !is_there(wanted)).collect();
        if missing.is_empty() {
            return spans;
        }
        assert!(Instant::now() < end, "not told of {missing:?}");
        pause();
    }
}

/// `isds_spans_total` by what became of the spans.
fn counted(demo: &Demo, fate: &str) -> u64 {
    let page = http::get(demo.address(), "/metrics", PATIENCE).unwrap().text();
    let sample = format!("isds_spans_total{{fate=\"{fate}\"}} ");
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(&sample))
        .map(str::to_owned);
    line.unwrap().parse().unwrap()
}

#[test]
fn a_collector_is_told_of_what_happened_and_of_nobody() {
    let collector = Collector::start().unwrap();
    let mut demo = DemoOptions::default()
        .argument("--otlp")
        .argument(collector.url())
        .start()
        .unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let mut letter = Letter::new("nvak22s", SUBJECT);
    letter.files = vec![("rozhodnuti.txt".into(), b"obsah".to_vec())];
    let id = town.send(&letter).unwrap();
    // Somebody else's trace goes on.
    let list = soap(
        "<GetListOfSentMessages xmlns=\"http://isds.czechpoint.cz/v20\"><dmLimit>10</dmLimit></GetListOfSentMessages>",
    );
    let caller = format!("00-{TRACE}-{CALLER}-01");
    let headers = [
        ("Content-Type", "text/xml"),
        ("Authorization", "Basic bWVzdG8wMTpEZW1vSGVzbG8yMDI2"),
        ("traceparent", caller.as_str()),
    ];
    assert_eq!(
        http::post(demo.address(), "/DS/dx", &headers, &list, PATIENCE)
            .unwrap()
            .status,
        200
    );
    let wrong = Persona::with_password(demo.address(), "novak01", PASSWORD).list_sent(1);
    assert!(wrong.is_err());
    let mut citizen = Visitor::new(demo.address());
    citizen.sign_in("novak01").unwrap();
    let wanted = [
        ("CreateMessage", "", ""),
        ("GetListOfSentMessages", "", ""),
        ("objects put", "", ""),
        ("process-message", "isds.dm_id", &id),
    ];
    let spans = told(&collector, &wanted);

    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let sent = find("CreateMessage");
    assert_eq!((sent.kind, sent.parent.as_deref()), (2, None));
    for (attribute, value) in [
        ("isds.operation", "CreateMessage"),
        ("isds.code", "0000"),
        ("isds.box_type", "OVM"),
        ("isds.area", "services"),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(sent.says(attribute), value, "{attribute}");
    }
    let below = |span: &Span| {
        spans
            .iter()
            .filter(|other| other.parent.as_deref() == Some(&span.id))
            .count()
    };
    let (stored, listed) = (find("objects put"), find("GetListOfSentMessages"));
    assert_eq!((&stored.trace, stored.kind), (&sent.trace, 3));
    assert!(
        spans
            .iter()
            .any(|span| span.trace == sent.trace && span.says("isds.part") == "database")
    );
    assert_eq!((listed.trace.as_str(), listed.parent.as_deref()), (TRACE, Some(CALLER)));
    assert!(below(listed) > 0, "a list reads the database");
    let job = spans.iter().find(|span| span.says("isds.dm_id") == id).unwrap();
    let of_job = |span: &&Span| span.parent.as_ref() == Some(&job.id);
    assert!(spans.iter().filter(of_job).any(|span| span.name == "authority stamp"));

    // What is left is sent when the node ends.
    town.list_received(1).unwrap();
    demo.terminate().unwrap();
    told(&collector, &[("GetListOfReceivedMessages", "isds.code", "0000")]);
    let everything: String = collector.exports().into_iter().map(|export| export.body).collect();
    for secret in [
        SUBJECT,
        PASSWORD,
        "DemoHeslo2026",
        "Novák",
        "Vzorov",
        "novak01",
        "mesto01",
        "nvak22s",
        "mesta2j",
        "rozhodnuti",
    ] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn nobody_minds_a_collector_that_is_away() {
    let nobody = format!("http://127.0.0.1:{}", free_port().unwrap());
    let mut demo = DemoOptions::default()
        .argument("--otlp")
        .argument(nobody)
        .start()
        .unwrap();
    let mut town = Persona::new(demo.address(), "mesto01");
    let end = Instant::now() + PATIENCE;
    while counted(&demo, "dropped") == 0 {
        town.send(&Letter::new("nvak22s", "přesto")).unwrap();
        assert!(Instant::now() < end, "nothing is dropped");
    }
    assert_eq!(counted(&demo, "exported"), 0);
    let log = std::fs::read_to_string(demo.log()).unwrap();
    assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
    demo.terminate().unwrap();
}
