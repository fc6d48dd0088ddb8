//! What happened in a box, and who did it.

use std::borrow::Cow;

use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use isds_core::audit::{AuditActorKind, AuditGroup, AuditOrigin, AuditOutcome, AuditRecord, cell};
use isds_core::author::Author;
use isds_core::ids::IsdsId;
use isds_core::ports::MessageRecord;
use isds_core::time::{Timestamp, parse_date, start_of_day};
use isds_core::{Happening, HappeningSearch};
use jiff::ToSpan;

use super::Parts;
use crate::admin::cut_line;
use crate::page::error::form_encoded;
use crate::page::{InBox, Page, PageError};

/// Happenings of one page.
const PAGE: usize = 50;
/// Most lines of one export; who needs more asks for a shorter time.
const EXPORTED: usize = 5000;
/// How often an export searches; each time looks at a bounded number of records, whether they fit or not.
const SEARCHES: usize = 20;

/// One happening as the page shows it.
struct Line {
    time: Timestamp,
    who: String,
    isds_id: Option<String>,
    what: Cow<'static, str>,
    about: String,
    message: Option<i64>,
    way: Cow<'static, str>,
    refused: Option<i16>,
}

#[derive(Template)]
#[template(path = "settings/activity.html")]
struct Activity<'a> {
    page: &'a Page,
    parts: Parts,
    lines: Vec<Line>,
    asked: Asked,
    groups: Vec<Group>,
    next: Option<String>,
    export: String,
    wrong_day: bool,
}

struct Group {
    name: &'static str,
    label: Cow<'static, str>,
    chosen: bool,
}

/// What is asked for.
#[derive(serde::Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    /// The search, and whether a day was none.
    fn search(&self) -> (HappeningSearch, bool) {
        let day = |text: &str| (!text.trim().is_empty()).then(|| parse_date(text.trim()).ok());
        let (from, to) = (day(&self.from), day(&self.to));
        let wrong = from == Some(None) || to == Some(None);
        let search = HappeningSearch {
            from: from.flatten().map(start_of_day),
            until: to.flatten().map(|day| start_of_day(day.saturating_add(1.day()))),
            actor: Some(self.who.trim().to_owned())
                .filter(|who| !who.is_empty())
                .map(IsdsId),
            group: AuditGroup::from_name(&self.group),
            after: self.after.parse().ok(),
        };
        (search, wrong)
    }

    fn query(&self) -> String {
        let pairs = [
            ("from", &self.from),
            ("to", &self.to),
            ("group", &self.group),
            ("who", &self.who),
        ];
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<String> = given
            .map(|(name, value)| format!("{name}={}", form_encoded(value)))
            .collect();
        parts.join("&")
    }
}

pub(super) async fn page(at: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let (search, wrong_day) = asked.search();
    let found = at.site.isds.box_happenings(&at.principal, &search, PAGE).await?;
    let page = at.page();
    let here = format!("/b/{}/settings/activity", at.data_box.id);
    let query = asked.query();
    let groups = AuditGroup::ALL.into_iter().map(|group| Group {
        name: group.name(),
        label: page.t(&format!("settings-group-{}", group.name())),
        chosen: asked.group == group.name(),
    });
    page.render(&Activity {
        page,
        parts: Parts::of(&at, "activity"),
        lines: found.happenings.iter().map(|happening| line(page, happening)).collect(),
        groups: groups.collect(),
        next: found.next.map(|next| format!("{here}?{query}&after={next}")),
        export: format!("{here}.csv?{query}"),
        asked,
        wrong_day,
    })
}

/// The same as a table for spreadsheets.
pub(super) async fn export(at: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let (mut search, _) = asked.search();
    let page = at.page();
    let heads = ["time", "who", "isds-id", "what", "about", "message", "way", "code"];
    let head: Vec<String> = heads
        .iter()
        .map(|head| cell(&page.t(&format!("settings-activity-{head}"))))
        .collect();
    let mut text = format!("\u{FEFF}{}\r\n", head.join(";"));
    let mut written = 0;
    for turn in 1.. {
        let found = at.site.isds.box_happenings(&at.principal, &search, 500).await?;
        for happening in &found.happenings {
            text.push_str(&row(&line(page, happening)));
        }
        written += found.happenings.len();
        let Some(next) = found.next else { break };
        if written >= EXPORTED || turn == SEARCHES {
            // A table that ended without a word would look complete.
            let address = format!(
                "/b/{}/settings/activity.csv?{}&after={next}",
                at.data_box.id,
                asked.query()
            );
            text.push_str(&cut_line(&page.t("settings-activity-cut"), &address));
            break;
        }
        search.after = Some(next);
    }
    let name = format!("attachment; filename=\"activity-{}.csv\"", at.data_box.id);
    let mut answer = text.into_response();
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(answer)
}

fn row(line: &Line) -> String {
    let number = |number: Option<String>| number.unwrap_or_default();
    let cells = [
        line.time.to_string(),
        line.who.clone(),
        number(line.isds_id.clone()),
        line.what.to_string(),
        line.about.clone(),
        number(line.message.map(|id| id.to_string())),
        line.way.to_string(),
        number(line.refused.map(|code| format!("{code:04}"))),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    format!("{}\r\n", cells.join(";"))
}

fn line(page: &Page, happening: &Happening) -> Line {
    match happening {
        Happening::Done(record) => recorded(page, record),
        Happening::Sent(record, author) => sent(page, record, author.as_deref()),
        Happening::Received(record) => Line {
            time: happening.time(),
            who: page.t("settings-who-system").into_owned(),
            isds_id: None,
            what: page.t("settings-activity-received"),
            about: record.envelope.sender_name.clone(),
            message: Some(record.id.0),
            way: Cow::Borrowed(""),
            refused: None,
        },
    }
}

fn sent(page: &Page, record: &MessageRecord, author: Option<&Author>) -> Line {
    let name = author.and_then(|author| author.name.clone());
    Line {
        time: record.state.list_time(),
        who: name.unwrap_or_else(|| page.t("settings-who-application").into_owned()),
        isds_id: author.and_then(|author| author.isds_id.clone()),
        what: page.t("audit-action-message-sent"),
        about: record.envelope.recipient_name.clone(),
        message: Some(record.id.0),
        way: Cow::Borrowed(""),
        refused: None,
    }
}

fn recorded(page: &Page, record: &AuditRecord) -> Line {
    let entry = &record.entry;
    let subject = &entry.subject;
    let who = match entry.actor.kind {
        AuditActorKind::Person | AuditActorKind::Operator => entry.actor.name.clone(),
        AuditActorKind::Application => page.t("settings-who-application").into_owned(),
        AuditActorKind::System => page.t("settings-who-system").into_owned(),
        AuditActorKind::Nobody => page.t("settings-who-nobody").into_owned(),
    };
    let way = match entry.origin {
        AuditOrigin::Web => "settings-way-web",
        AuditOrigin::Soap => "settings-way-soap",
        AuditOrigin::System => "settings-way-system",
    };
    let about = [
        subject.isds_id.as_ref().map(ToString::to_string),
        subject.other_box.map(|id| id.to_string()),
        subject.detail.clone(),
    ];
    Line {
        time: entry.legal,
        who,
        isds_id: entry.actor.isds_id.as_ref().map(ToString::to_string),
        what: page.t(&format!("audit-action-{}", entry.action.name())),
        about: about.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        message: subject.message.map(|id| id.0),
        way: page.t(way),
        refused: match entry.outcome {
            AuditOutcome::Done => None,
            AuditOutcome::Refused(code) => Some(code),
        },
    }
}
