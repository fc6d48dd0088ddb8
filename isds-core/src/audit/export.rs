//! Records as lines of a table (CSV, as spreadsheets read it).

use super::{AuditActorKind, AuditOrigin, AuditOutcome, AuditRecord};

/// Byte order mark, names of the columns, end of line: spreadsheets take the text for UTF-8.
#[must_use]
pub fn csv_head() -> String {
    "\u{FEFF}id;legal;real;actor;isdsID;name;origin;group;action;outcome;dbID;dmID;subject_isdsID;other_dbID;detail;\
     digest;seal;address\r\n"
        .to_owned()
}

/// One record as a line with its end.
#[must_use]
pub fn csv_row(record: &AuditRecord) -> String {
    let entry = &record.entry;
    let subject = &entry.subject;
    let text = |value: Option<String>| value.unwrap_or_default();
    let cells = [
        record.id.0.to_string(),
        entry.legal.to_string(),
        entry.real.to_string(),
        actor(entry.actor.kind).to_owned(),
        text(entry.actor.isds_id.as_ref().map(ToString::to_string)),
        entry.actor.name.clone(),
        origin(entry.origin).to_owned(),
        entry.action.group().name().to_owned(),
        entry.action.name().to_owned(),
        match entry.outcome {
            AuditOutcome::Done => "done".to_owned(),
            AuditOutcome::Refused(code) => format!("refused {code:04}"),
        },
        text(subject.box_id.map(|id| id.to_string())),
        text(subject.message.map(|id| id.to_string())),
        text(subject.isds_id.as_ref().map(ToString::to_string)),
        text(subject.other_box.map(|id| id.to_string())),
        text(subject.detail.clone()),
        record.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        text(record.seal.map(|seal| seal.to_string())),
        text(entry.address.map(|address| address.to_string())),
    ];
    let line: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", line.join(";"))
}

/// A cell in quotation marks. A spreadsheet takes what begins with one of these characters for a formula, and carries it
/// out: an apostrophe before it makes it text.
#[must_use]
pub fn cell(text: &str) -> String {
    let formula = text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'])
        || text.starts_with(['\t', '\r', '\n']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\"").replace(['\r', '\n'], " "))
}

pub(super) fn actor(kind: AuditActorKind) -> &'static str {
    match kind {
        AuditActorKind::Person => "person",
        AuditActorKind::Operator => "operator",
        AuditActorKind::Application => "application",
        AuditActorKind::System => "system",
        AuditActorKind::Nobody => "nobody",
    }
}

pub(super) fn origin(origin: AuditOrigin) -> &'static str {
    match origin {
        AuditOrigin::Web => "web",
        AuditOrigin::Soap => "soap",
        AuditOrigin::System => "system",
    }
}
