//! Who did what: the search, and its result as a table.

use askama::Template;
use axum::body::Body;
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use isds_core::audit::{
    AuditAction, AuditGroup, AuditOrigin, AuditOutcome, AuditPosition, AuditRecord, AuditSeal, AuditSubject, cell,
    csv_head, csv_row,
};
use isds_core::ids::IsdsId;
use isds_core::time::{Timestamp, parse_date, start_of_day};
use isds_core::{AuditExamination, AuditPage as Found, AuditSearch};
use jiff::ToSpan;
use serde::Deserialize;

use crate::page::{Administrator, Page, PageError, Posted, error::form_encoded};

/// Records on a page.
const RECORDS: usize = 50;
/// Most records of an export: who wants more asks for less at a time.
const EXPORTED: usize = 20_000;
/// Records that an export reads at once.
const PIECE: usize = 500;
/// How often an export searches; each time looks at a bounded number of records, whether they fit or not.
const SEARCHES: usize = 60;

/// What was asked for, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    from: String,
    until: String,
    #[serde(rename = "box")]
    data_box: String,
    actor: String,
    subject: String,
    other: String,
    origin: String,
    message: String,
    action: String,
    group: String,
    outcome: String,
    after: String,
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The days, in Czech time: from the beginning of the first to the end of the last.
fn day(text: &str, days: i32) -> Result<Option<Timestamp>, &'static str> {
    let Some(text) = given(text) else { return Ok(None) };
    let day = parse_date(text).map_err(|_| "admin-audit-wrong-day")?;
    Ok(Some(start_of_day(day.saturating_add(days.days()))))
}

impl Asked {
    fn search(&self) -> Result<AuditSearch, &'static str> {
        let read = |text: &str| given(text).map(str::to_owned);
        let box_id = read(&self.data_box).map(|text| text.parse().map_err(|_| "admin-audit-wrong-box"));
        let message = read(&self.message).map(|text| text.parse().map_err(|_| "admin-audit-wrong-message"));
        let other = read(&self.other).map(|text| text.parse().map_err(|_| "admin-audit-wrong-box"));
        Ok(AuditSearch {
            from: day(&self.from, 0)?,
            until: day(&self.until, 1)?,
            box_id: box_id.transpose()?,
            actor: read(&self.actor).map(IsdsId),
            subject: read(&self.subject).map(IsdsId),
            other_box: other.transpose()?,
            origin: AuditOrigin::ALL
                .into_iter()
                .find(|origin| origin_name(*origin) == self.origin),
            message: message.transpose()?,
            action: given(&self.action).and_then(AuditAction::from_name),
            group: given(&self.group).and_then(AuditGroup::from_name),
            done: match self.outcome.as_str() {
                "done" => Some(true),
                "refused" => Some(false),
                _ => None,
            },
            after: given(&self.after).and_then(|text| text.parse::<AuditPosition>().ok()),
        })
    }

    /// The conditions as a query.
    fn query(&self) -> String {
        let parts = [
            ("from", &self.from),
            ("until", &self.until),
            ("box", &self.data_box),
            ("actor", &self.actor),
            ("subject", &self.subject),
            ("other", &self.other),
            ("origin", &self.origin),
            ("message", &self.message),
            ("action", &self.action),
            ("group", &self.group),
            ("outcome", &self.outcome),
        ];
        let parts = parts.iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{name}={}", form_encoded(value)))
            .collect();
        parts.join("&")
    }
}

/// Name in a query and in the keys of texts.
fn origin_name(origin: AuditOrigin) -> &'static str {
    match origin {
        AuditOrigin::Web => "web",
        AuditOrigin::Soap => "soap",
        AuditOrigin::System => "system",
    }
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage<'a> {
    page: &'a Page,
    section: &'static str,
    asked: &'a Asked,
    found: &'a Found,
    error: String,
}

impl AuditPage<'_> {
    /// The words for an action, or its name where there are none yet.
    fn action(&self, action: &AuditAction) -> String {
        let key = format!("audit-action-{}", action.name());
        if self.page.words.has(&key) {
            self.page.t(&key).into_owned()
        } else {
            action.name().to_owned()
        }
    }

    fn group(&self, group: &AuditGroup) -> String {
        self.page.t(&format!("admin-audit-group-{}", group.name())).into_owned()
    }

    fn origins(&self) -> [&'static str; 3] {
        AuditOrigin::ALL.map(origin_name)
    }

    fn origin(&self, name: &str) -> String {
        self.page.t(&format!("settings-way-{name}")).into_owned()
    }

    fn way(&self, record: &AuditRecord) -> String {
        let origin = self.origin(origin_name(record.entry.origin));
        match record.entry.address {
            Some(address) => format!("{origin}, {address}"),
            None => origin,
        }
    }

    fn actions(&self) -> &'static [AuditAction] {
        AuditAction::ALL
    }

    fn groups(&self) -> [AuditGroup; 8] {
        AuditGroup::ALL
    }

    fn actor(&self, record: &AuditRecord) -> String {
        let actor = &record.entry.actor;
        if actor.name.is_empty() {
            self.page
                .t(&format!("admin-audit-actor-{}", actor.kind.code()))
                .into_owned()
        } else {
            actor.name.clone()
        }
    }

    fn outcome(&self, record: &AuditRecord) -> String {
        match record.entry.outcome {
            AuditOutcome::Done => self.page.t("admin-audit-done").into_owned(),
            AuditOutcome::Refused(code) => self
                .page
                .tv("admin-audit-refused", "code", format!("{code:04}"))
                .into_owned(),
        }
    }

    fn is_done(&self, record: &AuditRecord) -> bool {
        record.entry.outcome == AuditOutcome::Done
    }

    fn query(&self) -> String {
        self.asked.query()
    }

    fn next(&self) -> Option<String> {
        self.found.next.as_ref().map(|next| form_encoded(&next.to_string()))
    }
}

pub(super) async fn page(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let page = &admin.page;
    let (found, error) = match asked.search() {
        Ok(search) => {
            let found = admin.site.isds.search_audit(&admin.principal, &search, RECORDS).await?;
            (found, String::new())
        }
        Err(key) => (Found::default(), page.t(key).into_owned()),
    };
    page.render(&AuditPage {
        page,
        section: "audit",
        asked: &asked,
        found: &found,
        error,
    })
}

/// The last line of a table that was cut: how to go on.
pub(crate) fn cut_line(words: &str, address: &str) -> String {
    format!("{};{}\r\n", cell(words), cell(address))
}

/// The records as a table, in pieces as they are read.
pub(super) async fn export(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let mut search = asked.search().map_err(|_| PageError::WrongForm)?;
    let isds = std::sync::Arc::clone(&admin.site.isds);
    let principal = admin.principal.clone();
    isds.record(&principal, AuditAction::AuditExported, AuditSubject::none());
    // The first piece before the answer begins: who may not is refused as on the page.
    let first = isds.search_audit(&principal, &search, PIECE).await?;
    let (cut, query) = (admin.page.t("admin-audit-cut"), asked.query());
    let (send, receive) = tokio::sync::mpsc::channel::<Result<String, std::io::Error>>(4);
    tokio::spawn(async move {
        let mut found = first;
        let mut sent = 0;
        let mut text = csv_head();
        for turn in 1.. {
            text.extend(found.records.iter().map(csv_row));
            sent += found.records.len();
            let is_cut = sent >= EXPORTED || turn == SEARCHES;
            if let Some(next) = found.next.filter(|_| is_cut) {
                // A table that ended without a word would look complete.
                text.push_str(&cut_line(&cut, &format!("/admin/audit.csv?{query}&after={next}")));
            }
            if send.send(Ok(std::mem::take(&mut text))).await.is_err() || is_cut {
                return;
            }
            let Some(next) = found.next else { return };
            search.after = Some(next);
            found = match isds.search_audit(&principal, &search, PIECE).await {
                Ok(found) => found,
                Err(failure) => {
                    tracing::error!(error = %isds_core::error::Chain(&failure), "an export of records broke off");
                    let broken = std::io::Error::other("the export broke off");
                    // Nobody who reads it is nobody to tell.
                    let _ = send.send(Err(broken)).await;
                    return;
                }
            };
        }
    });
    let body = Body::from_stream(futures::stream::unfold(receive, |mut receive| async {
        receive.recv().await.map(|piece| (piece, receive))
    }));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, body).into_response())
}

/// What a trail is asked for: real times, as days of the calendar; everything without them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrailBounds {
    from: String,
    to: String,
}

/// The trail as a file that is checked without this system, in pieces as they are taken.
pub(super) async fn trail(admin: Administrator, Query(bounds): Query<TrailBounds>) -> Result<Response, PageError> {
    let day = |text: &str| parse_date(text.trim()).ok().map(start_of_day);
    let isds = &admin.site.isds;
    let export = isds
        .export_audit_trail(&admin.principal, day(&bounds.from), day(&bounds.to))
        .await?;
    let body = Body::from_stream(futures::stream::try_unfold(export, |mut export| async {
        match export.next().await {
            Ok(lines) => Ok(lines.map(|lines| (lines, export))),
            Err(failure) => {
                tracing::error!(error = %isds_core::error::Chain(&failure), "an export of the trail broke off");
                Err(std::io::Error::other("the export broke off"))
            }
        }
    }));
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
    ];
    Ok((headers, body).into_response())
}

#[derive(Template)]
#[template(path = "admin/examination.html")]
struct ExaminationPage<'a> {
    page: &'a Page,
    section: &'static str,
    /// None before the first piece.
    found: Option<&'a AuditExamination>,
}

impl ExaminationPage<'_> {
    fn digest(&self, seal: &AuditSeal) -> String {
        seal.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

pub(super) async fn ask_examination(admin: Administrator) -> Result<Response, PageError> {
    admin.page.render(&ExaminationPage {
        page: &admin.page,
        section: "audit",
        found: None,
    })
}

/// How far an examination is, as its page sends it on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SoFar {
    seal: i64,
    seals: u64,
    records: u64,
}

/// Examines the next piece of the chain. A long chain takes several: each is asked for by the page of the one before.
pub(super) async fn examine(admin: Administrator, Posted(so_far): Posted<SoFar>) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let begin = match so_far.seal {
        0 => AuditExamination::default(),
        number => AuditExamination {
            seals: so_far.seals,
            records: so_far.records,
            ..AuditExamination::behind(isds.audit_seal(&admin.principal, number).await?)
        },
    };
    let found = isds.examine_audit(&admin.principal, begin).await?;
    admin.page.render(&ExaminationPage {
        page: &admin.page,
        section: "audit",
        found: Some(&found),
    })
}
