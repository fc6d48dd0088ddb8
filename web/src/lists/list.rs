//! Lists of messages.

use std::borrow::Cow;

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use isds_core::Waiting;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::mailbox::{ListGroup, MailboxPage, Tag};
use isds_core::message::SideOf;
use isds_core::operation::Operation;
use isds_core::principal::Principal;
use isds_core::time::Timestamp;

use super::query::{ListQuery, Mistakes};
use super::rows::RowView;
use crate::page::{InBox, Page, PageError, SignedIn};

/// Messages of a page.
const COMFORTABLE: usize = 25;
const COMPACT: usize = 50;
/// Boxes that one page tells of. Each costs a dozen questions, and a search up to a thousand messages.
pub(crate) const BOXES: usize = 20;

/// Which list a page shows.
pub(crate) struct ListPage {
    box_id: Option<BoxId>,
    side: SideOf,
    path: String,
    /// Names the texts of the page: `received`, `sent`, `vault`, `erased`.
    name: &'static str,
    group: Option<ListGroup>,
}

impl ListPage {
    pub(crate) fn of_box(own: &DataBox, side: SideOf, name: &'static str, group: Option<ListGroup>) -> Self {
        Self {
            box_id: Some(own.id),
            side,
            path: format!("/b/{}/{name}", own.id),
            name,
            group,
        }
    }
}

/// A box with something waiting, in the list of all boxes.
struct WaitingBox {
    id: BoxId,
    name: String,
    count: u64,
}

#[derive(Template)]
#[template(path = "lists/list.html")]
struct List<'a> {
    page: &'a Page,
    list: ListPage,
    query: ListQuery,
    mistakes: Mistakes,
    rows: Vec<RowView>,
    tags: Vec<Tag>,
    newer: Option<String>,
    older: Option<String>,
    cut_off_at: Option<Timestamp>,
    names_incomplete: bool,
    text_incomplete: bool,
    narrows: bool,
    waiting: Option<Waiting>,
    waiting_boxes: Vec<WaitingBox>,
    /// Of how many boxes messages are shown, where that is not all.
    first_boxes: Option<usize>,
    unread: u64,
}

impl List<'_> {
    fn several(&self) -> bool {
        self.list.box_id.is_none()
    }

    fn received(&self) -> bool {
        self.list.side == SideOf::Recipient
    }

    fn live(&self) -> bool {
        self.list.group.is_none()
    }

    fn text(&self, part: &str) -> Cow<'static, str> {
        self.page.t(&format!("lists-{}-{part}", self.list.name))
    }

    fn box_id(&self) -> String {
        self.list.box_id.map(|id| id.to_string()).unwrap_or_default()
    }

    fn is_shown(&self, tag: &Tag) -> bool {
        self.query.tag == tag.id.0.to_string()
    }

    /// The address of the same list for the other side, on pages that have both.
    fn other_side(&self, side: &str) -> String {
        let query = ListQuery {
            side: side.to_owned(),
            ..ListQuery::default()
        };
        query.first(&self.list.path)
    }

    fn everything(&self) -> String {
        let query = ListQuery {
            side: self.query.side.clone(),
            delivered: self.query.delivered,
            ..ListQuery::default()
        };
        query.first(&self.list.path)
    }
}

pub(crate) async fn sent(at: InBox, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    let list = ListPage::of_box(&at.data_box, SideOf::Sender, "sent", None);
    show(&at, list, ListQuery::parse(query.as_deref()), None).await
}

pub(crate) async fn vault(at: InBox, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    put_away(&at, query.as_deref(), "vault", ListGroup::Vault).await
}

pub(crate) async fn erased(at: InBox, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    put_away(&at, query.as_deref(), "erased", ListGroup::Erased).await
}

async fn put_away(
    at: &InBox,
    query: Option<&str>,
    name: &'static str,
    group: ListGroup,
) -> Result<Response, PageError> {
    let query = ListQuery::parse(query);
    let side = if query.side == "sent" {
        SideOf::Sender
    } else {
        SideOf::Recipient
    };
    show(at, ListPage::of_box(&at.data_box, side, name, Some(group)), query, None).await
}

/// Shows a list of one box. Delivers nothing.
pub(crate) async fn show(
    at: &InBox,
    list: ListPage,
    query: ListQuery,
    waiting: Option<Waiting>,
) -> Result<Response, PageError> {
    let tags = at.site.isds.mailbox_tags(&at.principal).await?;
    let unread = at.site.isds.unread_messages(&at.principal).await?;
    let (found, mistakes, narrows) = find(at, &[&at.principal], &list, &query).await?;
    render(
        at,
        &List {
            page: at.page(),
            tags,
            unread,
            waiting,
            waiting_boxes: Vec::new(),
            narrows,
            ..listed(at.page(), list, query, mistakes, &found)
        },
    )
}

pub(crate) async fn all_received(person: SignedIn, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    all(&person, SideOf::Recipient, "received", query.as_deref()).await
}

pub(crate) async fn all_sent(person: SignedIn, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    all(&person, SideOf::Sender, "sent", query.as_deref()).await
}

/// The person in each of their boxes whose lists they may see.
pub(crate) fn listing(person: &SignedIn) -> Vec<Principal> {
    person
        .person
        .boxes()
        .filter_map(|(_, data_box)| person.person.in_box(data_box.id))
        .filter(|principal| principal.authorize(Operation::GetListOfReceivedMessages).is_ok())
        .collect()
}

async fn all(person: &SignedIn, side: SideOf, name: &'static str, query: Option<&str>) -> Result<Response, PageError> {
    let mut principals = listing(person);
    if principals.is_empty() {
        return Err(PageError::NoRight);
    }
    let first_boxes = (principals.len() > BOXES).then_some(BOXES);
    principals.truncate(BOXES);
    let mut waiting_boxes = Vec::new();
    let mut unread = 0;
    for principal in &principals {
        let count = person.site.isds.waiting(principal).await?.count;
        unread += person.site.isds.unread_messages(principal).await?;
        if let Some(own) = principal.data_box.as_ref().filter(|_| count > 0) {
            waiting_boxes.push(WaitingBox {
                id: own.id,
                name: own.holder_name(),
                count,
            });
        }
    }
    // Tags belong to one box.
    let query = ListQuery {
        tag: String::new(),
        ..ListQuery::parse(query)
    };
    let list = ListPage {
        box_id: None,
        side,
        path: format!("/all/{name}"),
        name,
        group: None,
    };
    let callers: Vec<&Principal> = principals.iter().collect();
    let (found, mistakes, narrows) = find(person, &callers, &list, &query).await?;
    render(
        person,
        &List {
            waiting_boxes: if side == SideOf::Recipient {
                waiting_boxes
            } else {
                Vec::new()
            },
            first_boxes,
            unread,
            narrows,
            ..listed(&person.page, list, query, mistakes, &found)
        },
    )
}

async fn find(
    person: &SignedIn,
    callers: &[&Principal],
    list: &ListPage,
    query: &ListQuery,
) -> Result<(MailboxPage, Mistakes, bool), PageError> {
    let (filter, mistakes) = query.filter(list.side, list.group);
    let size = match person.page.density.code() {
        "compact" => COMPACT,
        _ => COMFORTABLE,
    };
    let found = person
        .site
        .isds
        .mailbox_page_of(callers, list.side, &filter, query.start(), size)
        .await?;
    let narrows = filter.narrows() || (list.group.is_none() && filter.group != ListGroup::All);
    Ok((found, mistakes, narrows))
}

fn listed<'a>(page: &'a Page, list: ListPage, query: ListQuery, mistakes: Mistakes, found: &MailboxPage) -> List<'a> {
    List {
        page,
        rows: found.rows.iter().map(|row| RowView::of(page, row)).collect(),
        newer: found.newer.map(|place| query.newer(&list.path, place)),
        older: found.older.map(|place| query.older(&list.path, place)),
        cut_off_at: found.cut_off_at,
        names_incomplete: found.names_incomplete,
        text_incomplete: found.text_incomplete,
        mistakes,
        list,
        query,
        tags: Vec::new(),
        narrows: false,
        waiting: None,
        waiting_boxes: Vec::new(),
        first_boxes: None,
        unread: 0,
    }
}

fn render(person: &SignedIn, list: &List<'_>) -> Result<Response, PageError> {
    person.page.render(list)
}
