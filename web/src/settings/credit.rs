//! Credit of a box and its ledger.

use std::borrow::Cow;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::postal::{CreditEntry, CreditEvent};
use isds_core::time::Timestamp;
use jiff::ToSpan;

use super::{Parts, refused};
use crate::money::number;
use crate::page::{InBox, Page, PageError};

/// Months that are shown where nothing was asked for.
const MONTHS: i32 = 3;

struct Line {
    time: Timestamp,
    what: &'static str,
    about: String,
    message: Option<i64>,
    change: String,
    balance: String,
}

#[derive(Template)]
#[template(path = "settings/credit.html")]
struct Credit<'a> {
    page: &'a Page,
    parts: Parts,
    balance: String,
    lines: Vec<Line>,
    from: String,
    to: String,
    error: Cow<'static, str>,
}

/// Days that were asked for.
#[derive(serde::Deserialize)]
pub(super) struct Interval {
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn page(at: InBox, Query(interval): Query<Interval>) -> Result<Response, PageError> {
    let today = at.site.isds.clock.legal().local_date();
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let from = given(interval.from).unwrap_or_else(|| today.saturating_sub(MONTHS.months()).to_string());
    let to = given(interval.to).unwrap_or_else(|| today.to_string());
    let id = at.data_box.id.to_string();
    let isds = &at.site.isds;
    let asked = isds
        .data_box_credit_info(&at.principal, &id, Some(&from), Some(&to))
        .await;
    let (info, error) = match asked {
        Ok(info) => (info, Cow::Borrowed("")),
        Err(failure) => {
            let error = refused(failure)?;
            (isds.data_box_credit_info(&at.principal, &id, None, None).await?, error)
        }
    };
    at.page().render(&Credit {
        page: at.page(),
        parts: Parts::of(&at, "credit"),
        balance: number(info.balance, at.page().language()),
        lines: info.entries.iter().map(|entry| line(at.page(), entry)).collect(),
        from,
        to,
        error,
    })
}

fn line(page: &Page, entry: &CreditEntry) -> Line {
    let (what, about, message) = match &entry.event {
        CreditEvent::TopUp { transaction } => ("settings-credit-topped-up", transaction.clone(), None),
        CreditEvent::Withdrawal { transaction } => ("settings-credit-withdrawn", transaction.clone(), None),
        CreditEvent::PostalMessage { recipient, id } => ("settings-credit-message", recipient.to_string(), Some(id.0)),
        CreditEvent::VaultPurchase { done_by, .. } => {
            ("settings-credit-vault", done_by.clone().unwrap_or_default(), None)
        }
        CreditEvent::Expiry => ("settings-credit-expired", String::new(), None),
        CreditEvent::VaultRestore { done_by } => ("settings-credit-restored", done_by.clone(), None),
    };
    Line {
        time: entry.time,
        what,
        about,
        message,
        change: number(entry.change, page.language()),
        balance: number(entry.after, page.language()),
    }
}
