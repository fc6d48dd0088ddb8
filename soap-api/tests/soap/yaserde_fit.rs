//! What yaserde makes of the contract's small requests. The decision not to use it
//! (`docs/decisions/0001-xml-reading-and-writing.md`) rests on these facts; where a new version fails one of these tests
//! for the better, the decision can be taken anew.

use std::time::{Duration, Instant};

use yaserde::{YaDeserialize, YaSerialize};

/// The input of the lists, as the crate would have us write it.
#[derive(Debug, Default, PartialEq, YaDeserialize, YaSerialize)]
#[yaserde(
    rename = "GetListOfSentMessages",
    prefix = "p",
    default_namespace = "p",
    namespaces = { "p" = "http://isds.czechpoint.cz/v20" }
)]
struct ListRequest {
    #[yaserde(rename = "dmFromTime", prefix = "p")]
    from: Option<String>,
    #[yaserde(rename = "dmOffset", prefix = "p")]
    offset: Option<i64>,
}

fn request(inside: &str) -> String {
    format!(
        "<GetListOfSentMessages xmlns=\"http://isds.czechpoint.cz/v20\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{inside}</GetListOfSentMessages>"
    )
}

fn read(inside: &str) -> Result<ListRequest, String> {
    yaserde::de::from_str(&request(inside)).map_err(|error| error.to_string())
}

#[test]
fn values_that_are_there_are_read_in_any_order() {
    let expected = ListRequest {
        from: Some("2026-06-01T00:00:00".into()),
        offset: Some(3),
    };
    assert_eq!(
        read("<dmOffset>3</dmOffset><dmFromTime>2026-06-01T00:00:00</dmFromTime>"),
        Ok(expected)
    );
}

/// libdatovka sends every number that is not given as an empty element, zeep and PHP as nil.
#[test]
fn a_number_that_is_empty_or_nil_is_an_error() {
    assert!(read("<dmOffset/>").is_err());
    assert!(read("<dmOffset xsi:nil=\"true\"/>").is_err());
}

#[test]
fn a_text_that_is_nil_is_a_text() {
    assert_eq!(
        read("<dmFromTime xsi:nil=\"true\"/>").unwrap().from,
        Some(String::new())
    );
}

/// gSOAP clients send children in no namespace.
#[test]
fn a_child_without_namespace_is_passed_over() {
    assert_eq!(read("<dmOffset xmlns=\"\">3</dmOffset>").unwrap().offset, None);
}

#[test]
fn a_value_given_twice_is_not_noticed() {
    assert_eq!(
        read("<dmOffset>3</dmOffset><dmOffset>4</dmOffset>").unwrap().offset,
        Some(4)
    );
}

/// Schemas of the contract are nillable nearly everywhere and rarely optional: what is left out is not valid.
#[test]
fn nil_is_not_written() {
    let written = yaserde::ser::to_string(&ListRequest::default()).unwrap();
    assert!(!written.contains("nil") && !written.contains("dmOffset"), "{written}");
}

#[test]
fn errors_echo_the_request() {
    let error = yaserde::de::from_str::<ListRequest>("<!DOCTYPE tajemstvi><a/>")
        .unwrap_err()
        .to_string();
    assert!(error.contains("tajemstvi"), "{error}");
}

/// Four times the depth takes far more than four times as long: a request of a few hundred kilobytes holds a core.
#[test]
fn nesting_costs_more_than_its_length() {
    let time = |levels: usize| {
        let nested = request(&format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels)));
        let measure = || {
            let begun = Instant::now();
            let _ = yaserde::de::from_str::<ListRequest>(&nested);
            begun.elapsed()
        };
        // The shortest of three: other work on the machine only adds.
        (0..3).map(|_| measure()).min().unwrap_or(Duration::ZERO)
    };
    let (shallow, deep) = (time(2_000), time(8_000));
    assert!(deep > shallow * 6, "{shallow:?} for 2,000 levels, {deep:?} for 8,000");
}
