//! The vault of a box: what it is, how full it is, and buying one.

use std::borrow::Cow;

use askama::Template;
use axum::response::Response;
use isds_core::status::Status;
use isds_core::vault::{Vault, VaultAccount, VaultKind, a_year_from};
use isds_core::{Isds, Refusal};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Parts, again, refused};
use crate::admin::crowns;
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// Capacities that are offered, in messages.
const OFFERED: [i64; 5] = [20, 100, 500, 2000, 10_000];

struct Term {
    heading: &'static str,
    kind: &'static str,
    vault: Vault,
}

/// A year that can be bought.
struct Sale {
    from: Date,
    to: Date,
    /// Capacity and what it costs.
    offers: Vec<(i64, String)>,
}

#[derive(Template)]
#[template(path = "settings/vault.html")]
struct VaultPage<'a> {
    page: &'a Page,
    parts: Parts,
    terms: Vec<Term>,
    used: i64,
    room: Option<i64>,
    sale: Option<Sale>,
    /// May buy, and nothing follows yet.
    may_buy: bool,
    credit: String,
    chosen: i64,
    error: Cow<'static, str>,
}

impl VaultPage<'_> {
    fn messages(&self, count: &i64) -> Cow<'static, str> {
        self.page.tn("settings-vault-messages", count)
    }

    fn left(&self, count: &i64) -> Cow<'static, str> {
        self.page.tn("settings-vault-room", count)
    }

    fn is_chosen(&self, capacity: &i64) -> bool {
        self.chosen == *capacity
    }
}

fn kind_key(kind: VaultKind) -> &'static str {
    match kind {
        VaultKind::Credit => "settings-vault-bought",
        VaultKind::Flat => "settings-vault-flat",
        VaultKind::Trial => "settings-vault-trial",
        VaultKind::Promotion => "settings-vault-promotion",
    }
}

fn terms(account: &VaultAccount, isds: &Isds) -> Vec<Term> {
    let now = isds.clock.legal();
    let term = |heading, vault: &Vault| Term {
        heading,
        kind: kind_key(vault.kind),
        vault: *vault,
    };
    let present = account
        .running_at(now)
        .map(|vault| term("settings-vault-present", vault));
    let following = account
        .following(now)
        .map(|vault| term("settings-vault-following", vault));
    present.into_iter().chain(following).collect()
}

async fn show(at: &InBox, chosen: i64, error: Cow<'static, str>) -> Result<Response, PageError> {
    let isds = &at.site.isds;
    let account = isds.own_vault(&at.principal).await?;
    let credit = isds
        .data_box_credit_info(&at.principal, &at.data_box.id.to_string(), None, None)
        .await?;
    let today = isds.clock.legal().local_date();
    let sale = account.next_first_day(today).map(|first| {
        let (from, to) = a_year_from(first);
        let offer = |capacity| (capacity, crowns(at.page(), isds.vault_price(capacity)));
        Sale {
            from,
            to,
            offers: OFFERED.map(offer).to_vec(),
        }
    });
    let present = account.running_at(isds.clock.legal());
    at.page().render(&VaultPage {
        page: at.page(),
        parts: Parts::of(at, "vault"),
        terms: terms(&account, isds),
        used: account.used,
        room: present.map(|vault| (vault.term.capacity - account.used).max(0)),
        sale,
        may_buy: Isds::may_buy_vault(&at.principal),
        credit: crowns(at.page(), credit.balance),
        chosen,
        error,
    })
}

pub(super) async fn page(at: InBox) -> Result<Response, PageError> {
    show(&at, OFFERED[0], Cow::Borrowed("")).await
}

/// What is bought: how much room, from the day that was shown on.
#[derive(Deserialize)]
pub(super) struct Purchase {
    capacity: String,
    from: String,
}

pub(super) async fn buy(at: InBox, Posted(form): Posted<Purchase>) -> Result<Response, PageError> {
    let asked = form
        .capacity
        .trim()
        .parse::<i64>()
        .ok()
        .zip(form.from.parse::<Date>().ok());
    let Some((capacity, from)) = asked else {
        let wrong = Refusal::about(Status::INVALID_STRUCTURE, "kapacita je číslo a začátek den.");
        return Ok(again(show(&at, OFFERED[0], Cow::Owned(wrong.text())).await?));
    };
    match at.site.isds.buy_vault(&at.principal, capacity, from).await {
        Ok(_) => {
            let path = format!("/b/{}/settings/vault", at.data_box.id);
            Ok(at.page().redirect(&path, Notice::done("settings-vault-done")))
        }
        Err(failure) => {
            let error = refused(failure)?;
            Ok(again(show(&at, capacity, error).await?))
        }
    }
}
