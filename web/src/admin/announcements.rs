//! System messages to chosen boxes, and what was announced before.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::box_type::BoxType;
use isds_core::ports::{AnnouncementId, KeptAnnouncement};
use isds_core::{Announced, Announcement, AnnouncementPage as Found, Failure};
use serde::Deserialize;

use super::form::{Field, FormPage, Group, Kind, Typed};
use crate::page::{Administrator, Notice, Page, PageError, Posted};

fn types() -> impl Iterator<Item = BoxType> {
    BoxType::ALL.iter().copied().filter(|t| *t != BoxType::System)
}

/// A key that no other form has.
fn fresh_key(admin: &Administrator) -> String {
    let mut bytes = [0; 16];
    admin.site.isds.random.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Name of the tick of a type.
fn tick(box_type: BoxType) -> String {
    format!("type-{}", box_type.name())
}

fn form<'a>(page: &'a Page, key: String, typed: &Typed) -> FormPage<'a> {
    let type_ticks = types().map(|box_type| Field {
        name: tick(box_type),
        label: super::type_text(page, box_type),
        help: String::new(),
        value: typed.raw(&tick(box_type)).to_owned(),
        required: false,
        kind: Kind::Tick,
    });
    let group = |legend: String, fields: Vec<Field>| Group { legend, fields };
    FormPage {
        page,
        section: "system-messages",
        title: page.t("admin-announce-title").into_owned(),
        follows: vec![page.t("admin-announce-follows").into_owned()],
        action: "/admin/system-messages".to_owned(),
        groups: vec![
            Group::hidden("key", key),
            group(
                page.t("admin-announce-to").into_owned(),
                vec![
                    Field::line(page, "boxes", "admin-announce-boxes", typed)
                        .kind(Kind::Area(4))
                        .help(page.t("admin-announce-boxes-help")),
                ],
            ),
            group(page.t("admin-announce-types").into_owned(), type_ticks.collect()),
            group(
                page.t("admin-announce-what").into_owned(),
                vec![
                    Field::line(page, "subject", "admin-announce-subject", typed).needed(),
                    Field::line(page, "text", "admin-announce-text", typed)
                        .kind(Kind::Area(10))
                        .help(page.t("admin-announce-text-help"))
                        .needed(),
                    Field::line(page, "sure", "admin-announce-sure", typed).kind(Kind::Tick),
                ],
            ),
        ],
        submit: page.t("admin-announce-do").into_owned(),
        danger: false,
        back: "/admin".to_owned(),
        error: String::new(),
        links: vec![(
            "/admin/system-messages/sent".to_owned(),
            page.t("admin-announce-sent").into_owned(),
        )],
    }
}

pub(super) async fn page(admin: Administrator) -> Result<Response, PageError> {
    form(&admin.page, fresh_key(&admin), &Typed::default()).show()
}

pub(super) async fn send(
    admin: Administrator,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let announcement = Announcement {
        form_key: typed.text("key").to_owned(),
        boxes: typed.raw("boxes").to_owned(),
        types: types().filter(|t| typed.is_ticked(&tick(*t))).collect(),
        subject: typed.raw("subject").to_owned(),
        text: typed.raw("text").to_owned(),
    };
    let sent: Result<Announced, Failure> = if typed.is_ticked("sure") {
        admin.site.isds.announce(&admin.principal, &announcement).await
    } else {
        Err(super::form::refusal(&admin.page.t("admin-announce-not-sure")))
    };
    let notice = match sent {
        Ok(Announced::Promised(_) | Announced::Begun) => "admin-announced",
        Ok(Announced::Before) => "admin-announced-before",
        Err(failure) => return form(&admin.page, announcement.form_key, &typed).refused(failure),
    };
    Ok(admin.page.redirect("/admin/system-messages/sent", Notice::done(notice)))
}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// Announcements before this one.
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "admin/announcements.html")]
struct SentPage<'a> {
    page: &'a Page,
    section: &'static str,
    found: &'a Found,
}

impl SentPage<'_> {
    /// To whom it went, in words.
    fn to(&self, announcement: &KeptAnnouncement) -> String {
        match &announcement.types {
            Some(types) => {
                let names = types.iter().map(|t| super::type_text(self.page, *t));
                names.collect::<Vec<_>>().join(", ")
            }
            None => self.page.t("admin-announce-named").into_owned(),
        }
    }
}

pub(super) async fn sent(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let before = asked.before.map(AnnouncementId);
    let found = admin.site.isds.announcements(&admin.principal, before).await?;
    admin.page.render(&SentPage {
        page: &admin.page,
        section: "system-messages",
        found: &found,
    })
}
