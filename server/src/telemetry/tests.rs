use std::borrow::Cow;

use isds_core::time::Timestamp;
use tracing::{Instrument, debug};
use tracing_subscriber::layer::{Layer, SubscriberExt};

use super::collect::{Caller, Ended, Kind, Value, caller};
use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[test]
fn the_span_of_a_caller_is_read_strictly() {
    let span = caller(&format!("00-{TRACE}-b7ad6b7169203331-01")).unwrap();
    assert_eq!((span.trace[0], span.span[0], span.wanted), (0x0a, 0xb7, true));
    let unwanted = caller(&format!("00-{TRACE}-b7ad6b7169203331-00")).unwrap();
    assert!(!unwanted.wanted);
    // A later version may say more.
    assert_eq!(
        caller(&format!("01-{TRACE}-b7ad6b7169203331-01-more")),
        Some(Caller { wanted: true, ..span })
    );
    for wrong in [
        "".to_owned(),
        "00".to_owned(),
        format!("00-{TRACE}-b7ad6b7169203331"),
        format!("00-{TRACE}-b7ad6b7169203331-01-more"),
        format!("ff-{TRACE}-b7ad6b7169203331-01"),
        format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("00-{}-b7ad6b7169203331-01", "0".repeat(32)),
        format!("00-{TRACE}-b7ad6b71692033é-01"),
    ] {
        assert_eq!(caller(&wrong), None, "{wrong}");
    }
}

#[test]
fn a_request_is_as_otlp_has_it() {
    let span = Ended {
        trace: [0xab; 16],
        id: [1; 8],
        parent: Some([2; 8]),
        name: Cow::Borrowed("CreateMessage"),
        kind: Kind::Server,
        begun: Timestamp(1_700_000_000_000_000),
        took: 1_500,
        failed: true,
        attributes: vec![("isds.code", Value::Text("0000".into())), ("n", Value::Number(7))],
    };
    let request: serde_json::Value = serde_json::from_slice(&otlp::request(&[span])).unwrap();
    let told = &request["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(
        *told,
        serde_json::json!({
            "traceId": "ab".repeat(16), "spanId": "01".repeat(8), "parentSpanId": "02".repeat(8),
            "name": "CreateMessage", "kind": 2,
            "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000001500000",
            "attributes": [
                {"key": "isds.code", "value": {"stringValue": "0000"}}, {"key": "n", "value": {"intValue": "7"}},
            ],
            "status": {"code": 2},
        })
    );
}

#[tokio::test]
async fn spans_below_a_callers_are_told_and_others_are_not() {
    let (sender, mut spans) = mpsc::channel(3);
    let listener = tracing_subscriber::registry().with(Collect::sending_to(sender).with_filter(Collect::filter()));
    let _guard = tracing::subscriber::set_default(listener);
    let mut headers = HeaderMap::new();
    let of_caller = |flags: &str| format!("00-{TRACE}-b7ad6b7169203331-{flags}").parse().unwrap();
    headers.insert("traceparent", of_caller("01"));
    async {
        Span::current().record("otel.name", "CreateMessage");
        debug!(
            target: "sqlx::query", summary = "SELECT a, b, …",
            db.statement = "\n\nSELECT a, b FROM messages WHERE c = $1\n", elapsed_secs = 0.25
        );
        tracing::info_span!("somebody else's").in_scope(|| ());
    }
    .instrument(request_span(Area::Services, &headers))
    .await;
    let (statement, request) = (spans.try_recv().unwrap(), spans.try_recv().unwrap());
    assert_eq!((&*statement.name, statement.took), ("SELECT messages", 250_000));
    assert_eq!(
        (&*request.name, request.kind, request.parent),
        (
            "CreateMessage",
            Kind::Server,
            Some([0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31])
        )
    );
    assert_eq!((statement.trace, statement.parent), (request.trace, Some(request.id)));

    // Who does not want it told, monitoring, statements and parts of nobody.
    headers.insert("traceparent", of_caller("00"));
    request_span(Area::Services, &headers).in_scope(|| ());
    request_span(Area::Operation, &headers).in_scope(|| ());
    debug!(target: "sqlx::query", summary = "SELECT 1", elapsed_secs = 0.1);
    tracing::trace_span!(target: TARGET, "part", otel.kind = "client").in_scope(|| ());
    assert!(spans.try_recv().is_err());

    // More than there is room for is dropped and counted, and holds nobody up.
    let dropped = || SPANS.get_or_create(&FateLabel { fate: DROPPED }).get();
    let before = dropped();
    for _ in 0..5 {
        request_span(Area::Pages, &HeaderMap::new()).in_scope(|| ());
    }
    assert_eq!(dropped() - before, 2);
}

#[test]
fn addresses_of_collectors() {
    assert!(is_collector("http://collector.example:4318") && is_collector("https://collector.example/otlp/"));
    for wrong in [
        "",
        "collector:4318",
        "ftp://collector",
        "http://",
        "http://me@collector",
        "http://collector/?a=b",
    ] {
        assert!(!is_collector(wrong), "{wrong}");
    }
}
