//! Who has access to a box, and what they may do.

use std::borrow::Cow;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::ids::IsdsId;
use isds_core::user::BoxUser;

use super::is_entrusted;
use crate::page::error::form_encoded;
use crate::page::{InBox, Page, PageError};
use crate::settings::{Parts, rights};

/// Most people that one page shows.
const MOST: usize = 100;

struct Shown {
    name: String,
    isds_id: String,
    kind: Cow<'static, str>,
    rights: Vec<Cow<'static, str>>,
    own: bool,
    changeable: bool,
}

#[derive(Template)]
#[template(path = "settings/people.html")]
struct People<'a> {
    page: &'a Page,
    parts: Parts,
    people: Vec<Shown>,
    /// This is not the first page.
    further: bool,
    next: Option<String>,
    rests: bool,
}

/// Behind whom the page begins.
#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    behind: Option<String>,
}

pub(crate) async fn page(at: InBox, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let parts = Parts::of(&at, "people");
    let isds = &at.site.isds;
    let behind = asked.behind.map(IsdsId);
    let (mut people, mut next) = (Vec::new(), None);
    if parts.administers {
        let users = isds.data_box_users_behind(&at.principal, at.data_box.id, behind.as_ref(), MOST);
        let (users, more) = users.await?;
        people.extend(users.iter().map(|user| shown(&at, user)));
        next = users.last().filter(|_| more).map(|last| {
            let behind = form_encoded(&last.membership.isds_id.0);
            format!("/b/{}/settings/people?behind={behind}", at.data_box.id)
        });
    } else {
        people.push(shown(&at, &isds.user_info(&at.principal).await?));
    }
    at.page().render(&People {
        page: at.page(),
        rests: !at.data_box.state.is_accessible(),
        parts,
        people,
        further: behind.is_some(),
        next,
    })
}

fn shown(at: &InBox, user: &BoxUser) -> Shown {
    let page = at.page();
    let own = at
        .principal
        .membership
        .as_ref()
        .is_some_and(|own| own.id == user.membership.id);
    Shown {
        name: user.person.full_name(),
        isds_id: user.membership.isds_id.to_string(),
        kind: page.t(rights::kind_key(user.membership.user_type)),
        rights: rights::in_words(page, user.membership.privileges),
        own,
        changeable: is_entrusted(user) && !own,
    }
}
