//! Facts about a message, and keeping its recipient from it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::MessageFacts;
use isds_core::event::Event;
use isds_core::ids::MessageId;

use super::form::{FormPage, Group};
use crate::page::{Administrator, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "admin/message.html")]
struct MessagePage<'a> {
    page: &'a Page,
    section: &'static str,
    facts: &'a MessageFacts,
}

impl MessagePage<'_> {
    fn phase(&self) -> String {
        self.page
            .t(&format!("admin-phase-{}", self.facts.state.phase.code()))
            .into_owned()
    }

    fn event(&self, event: &Event) -> String {
        self.page
            .t(&format!("admin-event-{}", event.kind.number()))
            .into_owned()
    }
}

fn number(text: &str) -> Result<MessageId, PageError> {
    text.parse().map_err(|_| PageError::NoSuchPage)
}

pub(super) async fn page(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let facts = admin.site.isds.message_facts(&admin.principal, number(&id)?).await?;
    admin.page.render(&MessagePage {
        page: &admin.page,
        section: "search",
        facts: &facts,
    })
}

fn confirmation<'a>(page: &'a Page, facts: &MessageFacts) -> FormPage<'a> {
    let key = if facts.withheld { "release" } else { "withhold" };
    FormPage {
        page,
        section: "search",
        title: page.tv(&format!("admin-{key}-title"), "id", facts.id).into_owned(),
        follows: vec![page.t(&format!("admin-{key}-follows")).into_owned()],
        action: format!("/admin/messages/{}/withhold", facts.id),
        groups: Vec::<Group>::new(),
        submit: page.t(&format!("admin-{key}-do")).into_owned(),
        danger: !facts.withheld,
        back: format!("/admin/messages/{}", facts.id),
        error: String::new(),
    }
}

pub(super) async fn ask(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let facts = admin.site.isds.message_facts(&admin.principal, number(&id)?).await?;
    confirmation(&admin.page, &facts).show()
}

pub(super) async fn withhold(
    admin: Administrator,
    Path(id): Path<String>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let id = number(&id)?;
    let facts = isds.message_facts(&admin.principal, id).await?;
    let notice = if facts.withheld {
        isds.release_message(&admin.principal, id).await?;
        "admin-released"
    } else {
        isds.withhold_message(&admin.principal, id).await?;
        "admin-withheld"
    };
    Ok(admin
        .page
        .redirect(&format!("/admin/messages/{id}"), Notice::done(notice)))
}
