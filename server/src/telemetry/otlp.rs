//! Spans in the words of OTLP 1, in its JSON form: names in camel case, numbers of 64 bits as texts, IDs in hexadecimal.

use serde_json::{Value as Json, json};

use super::collect::{Ended, Kind, Value};

/// A request of the collector.
pub(super) fn request(spans: &[Ended]) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "resourceSpans": [{
            "resource": {"attributes": [
                attribute("service.name", &Value::Text("isds".to_owned())),
                attribute("service.version", &Value::Text(version.to_owned())),
            ]},
            "scopeSpans": [{
                "scope": {"name": "isds", "version": version},
                "spans": spans.iter().map(span).collect::<Vec<_>>(),
            }],
        }],
    })
    .to_string()
    .into_bytes()
}

fn span(span: &Ended) -> Json {
    let nanos = |micros: i64| (i128::from(micros) * 1000).to_string();
    let mut json = json!({
        "traceId": hex(&span.trace),
        "spanId": hex(&span.id),
        "name": span.name,
        "kind": match span.kind {
            Kind::Internal => 1,
            Kind::Server => 2,
            Kind::Client => 3,
        },
        "startTimeUnixNano": nanos(span.begun.0),
        "endTimeUnixNano": nanos(span.begun.0.saturating_add(span.took)),
        "attributes": span.attributes.iter().map(|(name, value)| attribute(name, value)).collect::<Vec<_>>(),
        // 2 is an error; what was not one says nothing.
        "status": if span.failed { json!({"code": 2}) } else { json!({}) },
    });
    if let Some(parent) = &span.parent {
        json["parentSpanId"] = hex(parent).into();
    }
    json
}

fn attribute(name: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({"stringValue": text}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
    };
    json!({"key": name, "value": value})
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
