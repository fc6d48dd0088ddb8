//! Figures of the whole system, for everybody: as pictures, as tables, and to take away.

mod chart;

use std::fmt::Write;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::{Growth, MonthRow, PublicFigures};

use crate::Site;
use crate::admin::{state_text, type_text};
use crate::page::{Page, PageError, Visitor};
use crate::words::Language;

use chart::{Bars, Columns};

pub(crate) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/statistics", get(page))
        .route("/statistics/messages.csv", get(messages))
        .route("/statistics/boxes.csv", get(boxes))
}

/// Months in the picture: more would not fit beside each other.
const MONTHS: usize = 13;

/// Boxes of a type, by state.
struct TypeRow {
    name: String,
    accessible: u64,
    all: u64,
}

#[derive(Template)]
#[template(path = "statistics/page.html")]
struct StatisticsPage<'a> {
    page: &'a Page,
    figures: &'a PublicFigures,
    types: Vec<TypeRow>,
    states: Vec<(String, u64)>,
    boxes: u64,
    sent: Columns,
    delivered: Columns,
    by_type: Bars,
}

impl StatisticsPage<'_> {
    fn growth(&self, growth: &Option<Growth>) -> String {
        growth
            .as_ref()
            .map_or_else(|| "–".to_owned(), |growth| percent(self.page, *growth))
    }

    fn month(&self, row: &MonthRow) -> String {
        month_name(row)
    }

    fn number(&self, n: &u64) -> String {
        grouped(*n, self.page.language())
    }
}

/// `3/2026`.
fn month_name(row: &MonthRow) -> String {
    let month = row.month.month;
    format!("{}/{}", month.month(), month.year())
}

/// A number in groups of three digits.
fn grouped(n: u64, language: Language) -> String {
    let digits = n.to_string();
    let mark = match language {
        Language::Cs => '\u{A0}',
        Language::En => ',',
    };
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// Growth with its sign, in per cent.
fn percent(page: &Page, growth: Growth) -> String {
    let sign = match growth.permille {
        0 => "",
        n if n < 0 => "−",
        _ => "+",
    };
    let permille = growth.permille.unsigned_abs();
    let whole = grouped(permille / 10, page.language());
    let (mark, space) = match page.language() {
        Language::Cs => (',', "\u{A0}"),
        Language::En => ('.', ""),
    };
    format!("{sign}{whole}{mark}{}{space}%", permille % 10)
}

fn sum(figures: &PublicFigures, wanted: impl Fn(BoxType, BoxState) -> bool) -> u64 {
    let wanted = figures
        .boxes
        .iter()
        .filter(|figure| wanted(figure.box_type, figure.state));
    wanted.map(|figure| figure.count).sum()
}

/// Boxes there are: deleted ones and the system's own are none.
fn counts(box_type: BoxType, state: BoxState) -> bool {
    state != BoxState::Deleted && box_type != BoxType::System
}

async fn page(visitor: Visitor) -> Result<Response, PageError> {
    let figures = visitor.site.isds.public_figures().await?;
    let page = &visitor.page;
    let types: Vec<TypeRow> = BoxType::ALL
        .iter()
        .map(|wanted| TypeRow {
            name: type_text(page, *wanted),
            accessible: sum(&figures, |t, s| t == *wanted && counts(t, s) && s.is_accessible()),
            all: sum(&figures, |t, s| t == *wanted && counts(t, s)),
        })
        .filter(|row| row.all > 0)
        .collect();
    let states = [
        BoxState::Accessible,
        BoxState::NotActivated,
        BoxState::TemporarilyDisabled,
        BoxState::DisabledByLaw,
        BoxState::PermanentlyDisabled,
    ];
    let states = states.map(|wanted| {
        (
            state_text(page, wanted),
            sum(&figures, |t, s| counts(t, s) && s == wanted),
        )
    });
    let last = &figures.months[figures.months.len().saturating_sub(MONTHS)..];
    let labels = || last.iter().map(month_name).collect::<Vec<_>>();
    let sent = Columns::of(labels(), last.iter().map(|row| vec![row.month.figures.sent]).collect());
    let both = |row: &MonthRow| vec![row.month.figures.by_login, row.month.figures.by_fiction];
    let delivered = Columns::of(labels(), last.iter().map(both).collect());
    let by_type = Bars::of(types.iter().map(|row| (row.name.clone(), row.all)).collect());
    page.render(&StatisticsPage {
        page,
        figures: &figures,
        boxes: types.iter().map(|row| row.all).sum(),
        types,
        states: states.into_iter().filter(|(_, count)| *count > 0).collect(),
        sent,
        delivered,
        by_type,
    })
}

fn csv(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, text).into_response()
}

async fn messages(visitor: Visitor) -> Result<Response, PageError> {
    let figures = visitor.site.isds.public_figures().await?;
    let mut text =
        String::from("\u{FEFF}month;sent;delivered_by_login;delivered_by_fiction;growth_month;growth_year\r\n");
    let growth = |growth: Option<Growth>| {
        growth.map_or_else(String::new, |growth| {
            let sign = if growth.permille < 0 { "-" } else { "" };
            let permille = growth.permille.unsigned_abs();
            format!("{sign}{}.{}", permille / 10, permille % 10)
        })
    };
    for row in &figures.months {
        let (month, counted) = (row.month.month, row.month.figures);
        // Writing into a string does not fail.
        let _ = write!(
            text,
            "{:04}-{:02};{};{};{};{};{}\r\n",
            month.year(),
            month.month(),
            counted.sent,
            counted.by_login,
            counted.by_fiction,
            growth(row.on_month),
            growth(row.on_year),
        );
    }
    Ok(csv("messages.csv", text))
}

async fn boxes(visitor: Visitor) -> Result<Response, PageError> {
    let figures = visitor.site.isds.public_figures().await?;
    let mut text = String::from("\u{FEFF}type;state;boxes\r\n");
    for figure in figures
        .boxes
        .iter()
        .filter(|figure| counts(figure.box_type, figure.state))
    {
        let _ = write!(
            text,
            "{};{};{}\r\n",
            figure.box_type.name(),
            figure.state.code(),
            figure.count
        );
    }
    Ok(csv("boxes.csv", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_groups() {
        assert_eq!(grouped(7, Language::Cs), "7");
        assert_eq!(grouped(1_234_567, Language::Cs), "1\u{A0}234\u{A0}567");
        assert_eq!(grouped(123_456, Language::En), "123,456");
    }
}
