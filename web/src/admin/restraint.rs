//! Restraint of traffic: who calls most, and what is set for single boxes.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::restraint::{BoxBounds, BoxRestraint};
use isds_core::{BoxCalls, BusyAccount, Failure, RestraintView};

use super::box_page::box_id;
use super::form::{Field, FormPage, Group, Kind, Typed, refusal};
use crate::page::{Administrator, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "admin/restraint.html")]
struct RestraintPage<'a> {
    page: &'a Page,
    section: &'static str,
    view: &'a RestraintView,
}

/// A bound in words.
fn bound(page: &Page, bound: Option<u64>) -> String {
    bound.map_or_else(
        || page.t("admin-restraint-none").into_owned(),
        |bound| bound.to_string(),
    )
}

impl RestraintPage<'_> {
    fn parallel(&self) -> String {
        bound(self.page, self.view.bounds.parallel(None).map(u64::from))
    }

    fn daily(&self) -> String {
        bound(self.page, self.view.bounds.daily(None))
    }

    fn delay(&self) -> f64 {
        self.view.bounds.delay.as_secs_f64()
    }

    fn free(&self, busy: &BusyAccount) -> String {
        bound(self.page, busy.free)
    }

    fn parallel_of(&self, kept: &BoxRestraint) -> String {
        bound(self.page, self.view.bounds.parallel(Some(kept.bounds)).map(u64::from))
    }

    fn daily_of(&self, kept: &BoxRestraint) -> String {
        bound(self.page, self.view.bounds.daily(Some(kept.bounds)))
    }
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    let view = admin.site.isds.restraint_view(&admin.principal).await?;
    admin.page.render(&RestraintPage {
        page: &admin.page,
        section: "restraint",
        view: &view,
    })
}

fn form<'a>(page: &'a Page, calls: &BoxCalls, version: &str, typed: &Typed, again: bool) -> FormPage<'a> {
    let id = calls.restraint.box_id;
    let usual = bound(page, calls.bounds.parallel(None).map(u64::from));
    let usual_daily = bound(page, calls.bounds.daily(None));
    let mut parallel = Field::line(page, "parallel", "admin-restraint-parallel", typed)
        .kind(Kind::Line("number"))
        .help(page.tvs("admin-restraint-parallel-help", &[("usual", &usual)]));
    let mut daily = Field::line(page, "daily", "admin-restraint-daily", typed)
        .kind(Kind::Line("number"))
        .help(page.tvs("admin-restraint-daily-help", &[("usual", &usual_daily)]));
    // What was typed comes back, also where it was taken out.
    if !again {
        let text = |bound: Option<u64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        parallel = parallel.or(&text(calls.restraint.bounds.parallel.map(u64::from)));
        daily = daily.or(&text(calls.restraint.bounds.daily));
    }
    FormPage {
        page,
        section: "boxes",
        title: format!("{} {id}", page.t("admin-restraint-change")),
        follows: vec![page.t("admin-restraint-follows").into_owned()],
        action: format!("/admin/boxes/{id}/restraint"),
        groups: vec![
            Group::hidden("version", version),
            Group {
                legend: String::new(),
                fields: vec![parallel, daily],
            },
        ],
        submit: page.t("admin-restraint-change").into_owned(),
        danger: false,
        back: format!("/admin/boxes/{id}#calls"),
        error: String::new(),
        links: Vec::new(),
    }
}

pub(super) async fn ask(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let calls = isds.box_calls(&admin.principal, box_id(&id)?).await?;
    let version = calls.restraint.version.to_string();
    form(&admin.page, &calls, &version, &Typed::default(), false).show()
}

/// What stands in a field: nothing, or a number.
fn number<N: std::str::FromStr>(typed: &Typed, name: &str) -> Result<Option<N>, Failure> {
    let parsed = typed.given(name).map(|text| text.parse());
    parsed
        .transpose()
        .map_err(|_| refusal("hodnota je celé nezáporné číslo."))
}

pub(super) async fn change(
    admin: Administrator,
    Path(id): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let id = box_id(&id)?;
    let typed = Typed::of(pairs);
    let version: i64 = typed.text("version").parse().map_err(|_| PageError::WrongForm)?;
    let bounds = number(&typed, "parallel").and_then(|parallel| {
        let daily = number(&typed, "daily")?;
        Ok(BoxBounds { parallel, daily })
    });
    let changed = match bounds {
        Ok(bounds) => isds.restrain_box(&admin.principal, id, bounds, version).await,
        Err(failure) => Err(failure),
    };
    match changed {
        Ok(()) => {
            let notice = Notice::done("admin-restraint-changed");
            Ok(admin.page.redirect(&format!("/admin/boxes/{id}"), notice))
        }
        Err(failure) => {
            let calls = isds.box_calls(&admin.principal, id).await?;
            form(&admin.page, &calls, &version.to_string(), &typed, true).refused(failure)
        }
    }
}
