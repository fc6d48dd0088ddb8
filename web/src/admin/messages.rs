//! Facts about a message, and keeping its recipient from it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::MessageFacts;
use isds_core::event::Event;
use isds_core::ids::MessageId;

use super::form::{FormPage, Group, Typed};
use crate::page::{Administrator, Notice, Page, PageError, Posted};

/// What the form of a message asks for.
const WITHHOLD: &str = "1";
const RELEASE: &str = "0";

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

/// Asks for the other state than the message is in. The form says which: one that is sent twice, or by two people, does
/// what it says and not the contrary.
fn confirmation<'a>(page: &'a Page, facts: &MessageFacts) -> FormPage<'a> {
    let (key, wanted) = match facts.withheld {
        true => ("release", RELEASE),
        false => ("withhold", WITHHOLD),
    };
    FormPage {
        page,
        section: "search",
        title: page.tv(&format!("admin-{key}-title"), "id", facts.id).into_owned(),
        follows: vec![page.t(&format!("admin-{key}-follows")).into_owned()],
        action: format!("/admin/messages/{}/withhold", facts.id),
        groups: vec![Group::hidden("withhold", wanted)],
        submit: page.t(&format!("admin-{key}-do")).into_owned(),
        danger: !facts.withheld,
        back: format!("/admin/messages/{}", facts.id),
        error: String::new(),
        links: Vec::new(),
    }
}

pub(super) async fn ask(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let facts = admin.site.isds.message_facts(&admin.principal, number(&id)?).await?;
    confirmation(&admin.page, &facts).show()
}

pub(super) async fn withhold(
    admin: Administrator,
    Path(id): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let id = number(&id)?;
    let notice = match Typed::of(pairs).text("withhold") {
        WITHHOLD => {
            isds.withhold_message(&admin.principal, id).await?;
            "admin-withheld"
        }
        RELEASE => {
            isds.release_message(&admin.principal, id).await?;
            "admin-released"
        }
        _ => return Err(PageError::WrongForm),
    };
    Ok(admin
        .page
        .redirect(&format!("/admin/messages/{id}"), Notice::done(notice)))
}
