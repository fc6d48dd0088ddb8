//! From spans of `tracing` to what a collector is told.

use std::borrow::Cow;
use std::fmt;

use isds_core::ports::Random;
use isds_core::time::{Clock, Timestamp};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::SystemClock;
use crate::random::SystemRandom;

use super::{DROPPED, TARGET, count};

/// Target under which sqlx tells of statements that were carried out.
const STATEMENTS: &str = "sqlx::query";

/// Whose work a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Our own.
    Internal,
    /// That of a request which we answer.
    Server,
    /// That of somebody whom we ask.
    Client,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
}

/// A span that has ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub trace: [u8; 16],
    pub id: [u8; 8],
    pub parent: Option<[u8; 8]>,
    pub name: Cow<'static, str>,
    pub kind: Kind,
    pub begun: Timestamp,
    /// In microseconds.
    pub took: i64,
    pub failed: bool,
    pub attributes: Vec<(&'static str, Value)>,
}

/// One that is open.
struct Open {
    ended: Ended,
    started: Instant,
    /// Whoever called does not want it told.
    wanted: bool,
}

/// Listens to spans and hands them on when they end.
#[derive(Debug)]
pub struct Collect {
    queue: mpsc::Sender<Ended>,
}

impl Collect {
    pub(super) fn sending_to(queue: mpsc::Sender<Ended>) -> Self {
        Self { queue }
    }

    /// What it listens to.
    pub fn filter() -> Targets {
        Targets::new()
            .with_target(TARGET, tracing::Level::TRACE)
            .with_target(STATEMENTS, tracing::Level::DEBUG)
    }

    fn hand_on(&self, span: Ended) {
        if self.queue.try_send(span).is_err() {
            count(DROPPED, 1);
        }
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom.fill(&mut bytes);
    bytes
}

fn now() -> Timestamp {
    SystemClock::default().real()
}

impl<S> Layer<S> for Collect
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut told = Told::default();
        attributes.record(&mut told);
        let (trace, parent, wanted) = match span.parent() {
            Some(parent) => match parent.extensions().get::<Open>() {
                Some(open) => (open.ended.trace, Some(open.ended.id), open.wanted),
                None => (random(), None, true),
            },
            None => match told.caller.as_deref().and_then(caller) {
                Some(Caller { trace, span, wanted }) => (trace, Some(span), wanted),
                None => (random(), None, true),
            },
        };
        let mut open = Open {
            ended: Ended {
                trace,
                id: random(),
                parent,
                name: Cow::Borrowed(attributes.metadata().name()),
                kind: Kind::Internal,
                begun: now(),
                took: 0,
                failed: false,
                attributes: Vec::new(),
            },
            started: Instant::now(),
            wanted,
        };
        told.onto(&mut open.ended);
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut told = Told::default();
        values.record(&mut told);
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            told.onto(&mut open.ended);
        }
    }

    /// A statement that was carried out is a span of its own, below the one that it belongs to.
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != STATEMENTS {
            return;
        }
        let Some(span) = context.event_span(event) else { return };
        let (trace, parent) = match span.extensions().get::<Open>() {
            Some(open) if open.wanted => (open.ended.trace, open.ended.id),
            _ => return,
        };
        let mut statement = Statement::default();
        event.record(&mut statement);
        let took = (statement.seconds * 1e6) as i64;
        self.hand_on(Ended {
            trace,
            id: random(),
            parent: Some(parent),
            name: Cow::Owned(statement.name()),
            kind: Kind::Client,
            begun: Timestamp(now().0 - took),
            took,
            failed: false,
            attributes: vec![("isds.part", Value::Text("database".into()))],
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Open {
            mut ended,
            started,
            wanted,
        }) = span.extensions_mut().remove::<Open>()
        else {
            return;
        };
        // What is asked by nobody's order, like a look whether a part lives, is no trace.
        if !wanted || (ended.kind == Kind::Client && ended.parent.is_none()) {
            return;
        }
        ended.took = i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.hand_on(ended);
    }
}

/// What a span was told of itself.
#[derive(Default)]
struct Told {
    name: Option<String>,
    kind: Option<Kind>,
    failed: bool,
    caller: Option<String>,
    attributes: Vec<(&'static str, Value)>,
}

impl Told {
    fn onto(self, span: &mut Ended) {
        if let Some(name) = self.name {
            span.name = Cow::Owned(name);
        }
        span.kind = self.kind.unwrap_or(span.kind);
        span.failed |= self.failed;
        span.attributes.extend(self.attributes);
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "otel.name" => self.name = Some(value.to_owned()),
            "otel.kind" => {
                self.kind = match value {
                    "server" => Some(Kind::Server),
                    "client" => Some(Kind::Client),
                    _ => None,
                }
            }
            "otel.status_code" => self.failed = value == "ERROR",
            "traceparent" => self.caller = Some(value.to_owned()),
            name => self.attributes.push((name, Value::Text(value.to_owned()))),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.attributes.push((field.name(), Value::Number(value)));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// Of attributes only plain texts and numbers are told; a name may be put together.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "otel.name" {
            self.name = Some(format!("{value:?}"));
        }
    }
}

/// A statement as sqlx tells of it; its values are not told.
#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
    seconds: f64,
}

impl Statement {
    /// Its verb and the table that it begins with.
    fn name(&self) -> String {
        let text = if self.whole.is_empty() {
            &self.summary
        } else {
            &self.whole
        };
        let mut words = text.split_ascii_whitespace();
        let verb = words.next().unwrap_or("statement");
        let table = match verb {
            "UPDATE" => words.next(),
            _ => words.skip_while(|word| !matches!(*word, "FROM" | "INTO")).nth(1),
        };
        let plain = |table: &&str| table.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        match table.filter(plain) {
            Some(table) => format!("{verb} {table}"),
            None => verb.to_owned(),
        }
    }
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.whole),
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.seconds = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// The span of whoever called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub trace: [u8; 16],
    pub span: [u8; 8],
    pub wanted: bool,
}

/// Reads a header `traceparent` (W3C Trace Context): `00-TRACE-SPAN-FLAGS`.
pub(super) fn caller(header: &str) -> Option<Caller> {
    let mut parts = header.trim().split('-');
    let [version, trace, span, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let known = version == "00" && parts.next().is_none();
    // A later version may say more behind what this one knows.
    if version.len() != 2 || version == "ff" || !(known || version != "00") {
        return None;
    }
    let (trace, span, [flags]) = (octets::<16>(trace)?, octets::<8>(span)?, octets::<1>(flags)?);
    (trace != [0; 16] && span != [0; 8]).then_some(Caller {
        trace,
        span,
        wanted: flags & 1 == 1,
    })
}

fn octets<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(|d| matches!(d, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
