//! Money: where the credit and the contracts of a box are found, and what postal messages cost.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use isds_core::Failure;
use serde::Deserialize;

use super::form::refusal;
use crate::page::{Administrator, Page, PageError};

/// An amount as people write it, `150`, `150,50` or `150.50`, in hellers.
pub(super) fn hellers(text: &str) -> Result<i64, Failure> {
    let wrong = || refusal("částka je číslo s nejvýše dvěma desetinnými místy.");
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, rest) = text.split_once([',', '.']).unwrap_or((&text, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 12) || !digits(rest, 2) {
        return Err(wrong());
    }
    let (whole, rest) = (whole.parse::<i64>(), format!("{rest:0<2}").parse::<i64>());
    match (whole, rest) {
        (Ok(whole), Ok(rest)) => Ok(whole * 100 + rest),
        _ => Err(wrong()),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default, rename = "box")]
    data_box: String,
}

#[derive(Template)]
#[template(path = "admin/credit.html")]
struct CreditPage<'a> {
    page: &'a Page,
    section: &'static str,
    limits: &'a isds_core::Limits,
    asked: &'a str,
    wrong: bool,
}

impl CreditPage<'_> {
    fn crowns(&self, hellers: &i64) -> String {
        super::crowns(self.page, *hellers)
    }
}

/// Asks for a box and leads to its money.
pub(super) async fn page(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let asked = asked.data_box.trim();
    if let Ok(id) = asked.parse::<isds_core::ids::BoxId>() {
        return Ok(Redirect::to(&format!("/admin/boxes/{id}#credit")).into_response());
    }
    admin.page.render(&CreditPage {
        page: &admin.page,
        section: "credit",
        limits: &admin.site.isds.limits,
        asked,
        wrong: !asked.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them() {
        for (text, expected) in [("150", 15_000), ("150,5", 15_050), ("1 000.05", 100_005), ("0,01", 1)] {
            assert_eq!(hellers(text).ok(), Some(expected), "{text}");
        }
        for wrong in ["", "-1", "1,234", "1,", ",5", "1e3", "Kč", "9999999999999"] {
            assert!(hellers(wrong).is_err(), "{wrong}");
        }
    }
}
