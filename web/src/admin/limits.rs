//! Changing a limit while the system runs.

use axum::extract::Path;
use axum::response::Response;
use isds_core::{LimitName, LimitView};

use super::form::{Field, FormPage, Group, Kind, Typed, refusal};
use crate::page::{Administrator, Notice, Page, PageError, Posted};

/// Key of the name of a limit.
pub(super) fn key(name: LimitName) -> String {
    format!("admin-limit-{}", name.name())
}

async fn view(admin: &Administrator, name: &str) -> Result<LimitView, PageError> {
    let views = admin.site.isds.changeable_limits(&admin.principal).await?;
    let mut views = views.into_iter();
    views.find(|view| view.name.name() == name).ok_or(PageError::NoSuchPage)
}

fn form<'a>(page: &'a Page, view: &LimitView, version: &str, typed: &Typed) -> FormPage<'a> {
    let (least, most) = view.bounds;
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("least", &least), ("most", &most), ("configured", &view.configured)];
    let mut value = Field::line(page, "value", &key(view.name), typed)
        .kind(Kind::Line("number"))
        .help(page.tvs("admin-limit-bounds", &values));
    if typed.raw("value").is_empty() {
        value = value.or(&view.value.to_string());
    }
    FormPage {
        page,
        section: "health",
        title: format!("{} – {}", page.t("admin-limit-change"), page.t(&key(view.name))),
        follows: vec![page.t("admin-limit-follows").into_owned()],
        action: format!("/admin/limits/{}", view.name.name()),
        groups: vec![
            Group::hidden("version", version),
            Group {
                legend: String::new(),
                fields: vec![
                    value,
                    Field::line(page, "configured", "admin-limit-configured", typed).kind(Kind::Tick),
                ],
            },
        ],
        submit: page.t("admin-limit-change").into_owned(),
        danger: false,
        back: "/admin".to_owned(),
        error: String::new(),
        links: Vec::new(),
    }
}

pub(super) async fn ask(admin: Administrator, Path(name): Path<String>) -> Result<Response, PageError> {
    let view = view(&admin, &name).await?;
    form(&admin.page, &view, &view.version.to_string(), &Typed::default()).show()
}

pub(super) async fn change(
    admin: Administrator,
    Path(name): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let view = view(&admin, &name).await?;
    let typed = Typed::of(pairs);
    let version: i64 = typed.text("version").parse().map_err(|_| PageError::WrongForm)?;
    let value = match typed.is_ticked("configured") {
        true => Ok(None),
        false => typed
            .text("value")
            .parse::<u64>()
            .map(Some)
            .map_err(|_| refusal("hodnota je celé číslo.")),
    };
    let changed = match value {
        Ok(value) => {
            let isds = &admin.site.isds;
            isds.change_limit(&admin.principal, view.name, value, version).await
        }
        Err(failure) => Err(failure),
    };
    match changed {
        Ok(()) => Ok(admin.page.redirect("/admin", Notice::done("admin-limit-changed"))),
        // The version that was seen stays: whoever was overtaken looks again first.
        Err(failure) => form(&admin.page, &view, &version.to_string(), &typed).refused(failure),
    }
}
