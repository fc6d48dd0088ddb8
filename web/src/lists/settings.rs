//! How the lists of a box are kept: its tags, and whether the text of attachments is searched.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use isds_core::MarkError;
use isds_core::mailbox::{MAX_TAG_NAME, TAG_COLOURS, Tag, TagId};
use isds_core::operation::Operation;
use isds_core::privileges::Privileges;

use crate::page::{InBox, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "lists/settings.html")]
struct Settings<'a> {
    page: &'a Page,
    box_id: String,
    /// Tags; none for whoever may not see the lists.
    tags: Option<Vec<Tag>>,
    colours: Vec<i16>,
    content: bool,
    may_switch: bool,
    typed: String,
    colour: i16,
    error: Cow<'static, str>,
}

impl Settings<'_> {
    fn is_chosen(&self, colour: &i16) -> bool {
        self.colour == *colour
    }

    fn colour_name(&self, colour: &i16) -> Cow<'static, str> {
        self.page.t(&format!("lists-colour-{colour}"))
    }
}

pub(crate) async fn page(at: InBox) -> Result<Response, PageError> {
    show(&at, String::new(), 0, Cow::Borrowed("")).await
}

async fn show(at: &InBox, typed: String, colour: i16, error: Cow<'static, str>) -> Result<Response, PageError> {
    let page = at.page();
    let may_switch = at.principal.privileges.allows(Privileges::OWNER_ADM);
    // Who administers the box switches the search in attachments, even without seeing the lists.
    let tags = match at.principal.authorize(Operation::GetListOfReceivedMessages) {
        Ok(_) => Some(at.site.isds.mailbox_tags(&at.principal).await?),
        Err(_) if may_switch => None,
        Err(_) => return Err(PageError::NoRight),
    };
    page.render(&Settings {
        page,
        box_id: at.data_box.id.to_string(),
        tags,
        colours: (0..TAG_COLOURS).collect(),
        content: at.site.isds.searches_content(&at.principal).await?,
        may_switch,
        typed,
        colour,
        error,
    })
}

#[derive(serde::Deserialize)]
pub(crate) struct NewTag {
    name: String,
    #[serde(default)]
    colour: i16,
}

pub(crate) async fn add_tag(at: InBox, Posted(tag): Posted<NewTag>) -> Result<Response, PageError> {
    let added = at.site.isds.add_tag(&at.principal, &tag.name, tag.colour).await?;
    let to = format!("/b/{}/lists", at.data_box.id);
    let key = match added {
        Ok(_) => return Ok(at.page().redirect(&to, Notice::done("lists-tag-added"))),
        Err(MarkError::NoName) => "lists-tag-no-name",
        Err(MarkError::NameTooLong) => {
            let error = at.page().tn("lists-tag-too-long", &MAX_TAG_NAME);
            let answer = show(&at, tag.name, tag.colour, error).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response());
        }
        Err(MarkError::NoColour) => "lists-tag-no-colour",
        Err(MarkError::Taken) => "lists-tag-taken",
        Err(MarkError::TooMany) => "lists-tag-too-many",
    };
    let error = at.page().t(key);
    let answer = show(&at, tag.name, tag.colour, error).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
}

#[derive(serde::Deserialize)]
pub(crate) struct OldTag {
    tag: i64,
}

pub(crate) async fn remove_tag(at: InBox, Posted(tag): Posted<OldTag>) -> Result<Response, PageError> {
    at.site.isds.remove_tag(&at.principal, TagId(tag.tag)).await?;
    let to = format!("/b/{}/lists", at.data_box.id);
    Ok(at.page().redirect(&to, Notice::done("lists-tag-removed")))
}

#[derive(serde::Deserialize)]
pub(crate) struct Content {
    on: String,
}

pub(crate) async fn switch_content(at: InBox, Posted(content): Posted<Content>) -> Result<Response, PageError> {
    let on = content.on == "1";
    at.site.isds.set_searches_content(&at.principal, on).await?;
    let notice = Notice::done(if on { "lists-content-on" } else { "lists-content-off" });
    Ok(at.page().redirect(&format!("/b/{}/lists", at.data_box.id), notice))
}
