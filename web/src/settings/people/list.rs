//! Who has access to a box, and what they may do.

use std::borrow::Cow;

use askama::Template;
use axum::response::Response;
use futures::StreamExt;
use isds_core::user::BoxUser;

use super::is_entrusted;
use crate::page::{InBox, Page, PageError};
use crate::settings::{Parts, rights};

/// Most people that one page shows; boxes with more are administered by applications.
const MOST: usize = 500;

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
    more: bool,
    rests: bool,
}

pub(crate) async fn page(at: InBox) -> Result<Response, PageError> {
    let parts = Parts::of(&at, "people");
    let (mut people, mut more) = (Vec::new(), false);
    if parts.administers {
        let id = at.data_box.id.to_string();
        let mut users = at.site.isds.get_data_box_users(&at.principal, Some(&id)).await?;
        'pages: while let Some(page) = users.next().await {
            for user in page? {
                if people.len() == MOST {
                    more = true;
                    break 'pages;
                }
                people.push(shown(&at, &user));
            }
        }
    } else {
        people.push(shown(&at, &at.site.isds.user_info(&at.principal).await?));
    }
    at.page().render(&People {
        page: at.page(),
        rests: !at.data_box.state.is_accessible(),
        parts,
        people,
        more,
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
