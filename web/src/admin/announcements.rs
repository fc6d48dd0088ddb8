//! System messages to chosen boxes.

use axum::response::Response;
use isds_core::{Announcement, Failure};

use super::form::{Field, FormPage, Group, Kind, Typed};
use crate::page::{Administrator, Notice, Page, PageError, Posted};

fn form<'a>(page: &'a Page, typed: &Typed) -> FormPage<'a> {
    FormPage {
        page,
        section: "system-messages",
        title: page.t("admin-announce-title").into_owned(),
        follows: vec![page.t("admin-announce-follows").into_owned()],
        action: "/admin/system-messages".to_owned(),
        groups: vec![Group {
            legend: String::new(),
            fields: vec![
                Field::line(page, "boxes", "admin-announce-boxes", typed)
                    .kind(Kind::Area(4))
                    .help(page.t("admin-announce-boxes-help"))
                    .needed(),
                Field::line(page, "subject", "admin-announce-subject", typed).needed(),
                Field::line(page, "text", "admin-announce-text", typed)
                    .kind(Kind::Area(10))
                    .help(page.t("admin-announce-text-help"))
                    .needed(),
                Field::line(page, "sure", "admin-announce-sure", typed).kind(Kind::Tick),
            ],
        }],
        submit: page.t("admin-announce-do").into_owned(),
        danger: false,
        back: "/admin".to_owned(),
        error: String::new(),
    }
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    form(&admin.page, &Typed::default()).show()
}

pub(super) async fn send(
    admin: Administrator,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let announcement = Announcement {
        boxes: typed.raw("boxes").to_owned(),
        subject: typed.raw("subject").to_owned(),
        text: typed.raw("text").to_owned(),
    };
    let sent: Result<usize, Failure> = if typed.is_ticked("sure") {
        admin.site.isds.announce(&admin.principal, &announcement).await
    } else {
        Err(super::form::refusal(&admin.page.t("admin-announce-not-sure")))
    };
    match sent {
        Ok(_) => Ok(admin
            .page
            .redirect("/admin/system-messages", Notice::done("admin-announced"))),
        Err(failure) => form(&admin.page, &typed).refused(failure),
    }
}
