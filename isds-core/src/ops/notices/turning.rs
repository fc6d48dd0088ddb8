//! From what happened to the mails that tell of it.

use std::collections::{HashMap, HashSet};

use crate::deadline::Fiction;
use crate::error::Failure;
use crate::ids::{BoxId, MembershipId};
use crate::message::{Message, Phase};
use crate::notice::{
    DAYS_BEFORE_FICTION, DueNotice, NewMail, NoticeDetail, NoticeEvent, NoticeId, NoticeItem, NoticeScope,
    NoticeSettings, NoticeSubscription, WaitsFor, text,
};
use crate::privileges::Privileges;
use crate::time::{Timestamp, start_of_day};
use crate::user::BoxUser;

use super::Isds;

/// How many happenings are looked at in one turn.
const BATCH: u64 = 200;
/// How many of those who want to be told are read at once.
const PAGE: u64 = 200;

/// What happened in one place, of one kind: it goes into one mail.
struct Group {
    ids: Vec<NoticeId>,
    notices: Vec<DueNotice>,
}

/// Something to be told, with what those may know who get it.
struct Told {
    item: NoticeItem,
    /// A personal delivery.
    personal: bool,
    notice: DueNotice,
}

impl Isds {
    /// Turns what happened into mails; answers how many things were told.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn turn_due_notices(&self) -> Result<u64, Failure> {
        let Some(settings) = &self.notices else { return Ok(0) };
        let due = self.store.list_due_notices(self.clock.legal(), BATCH).await?;
        let mut done = 0;
        for group in grouped(due) {
            done += self.turn_group(settings, &group).await?;
        }
        if done > 0 {
            self.mail_added.notify_one();
        }
        Ok(done)
    }

    async fn turn_group(&self, settings: &NoticeSettings, group: &Group) -> Result<u64, Failure> {
        let Some(first) = group.notices.first() else {
            return Ok(0);
        };
        let (mut told, mut later) = (Vec::new(), Vec::new());
        for notice in &group.notices {
            let Some(entry) = self.told(notice).await? else {
                continue;
            };
            told.push(entry.0);
            later.extend(entry.1);
        }
        let mut mails: Vec<NewMail> = Vec::new();
        let mut written = HashSet::new();
        let mut after = MembershipId(0);
        while !told.is_empty() {
            let page = self.store.list_notice_subscriptions(&first.scope, after, PAGE).await?;
            let Some(last) = page.last().map(|(subscription, _)| subscription.membership) else {
                break;
            };
            after = last;
            for (subscription, rights) in page {
                let Some(address) = &subscription.address else { continue };
                // A person with several boxes is told once of what concerns the person.
                let told_already = matches!(first.scope, NoticeScope::Person(_)) && written.contains(address);
                if !subscription.events.contains(first.event) || told_already {
                    continue;
                }
                let mail = self
                    .mail_to(settings, &subscription, rights, first.event, &told)
                    .await?;
                // Two people may share an address, and may know of different things; what is the same comes once.
                let is_new = |mail: &NewMail| {
                    !mails
                        .iter()
                        .any(|other| other.address == mail.address && other.text == mail.text)
                };
                if let Some(mail) = mail.filter(is_new) {
                    written.insert(address.clone());
                    mails.push(mail);
                }
            }
        }
        let taken = self
            .store
            .turn_notices(&group.ids, &mails, &later, self.clock.real())
            .await?;
        Ok(if taken { group.ids.len() as u64 } else { 0 })
    }

    /// What is told of a happening, and what of it is to be told later; none where it is no longer so.
    async fn told(&self, notice: &DueNotice) -> Result<Option<(Told, Option<DueNotice>)>, Failure> {
        let message = match notice.message {
            Some(id) => self.store.lookup_message(id).await?,
            None => None,
        };
        let mut time = notice.due;
        let mut later = None;
        if let NoticeDetail::Password(until, _) = notice.detail {
            time = until;
        }
        if let Some(message) = &message {
            let fiction_at = fiction_of(message);
            match notice.event {
                NoticeEvent::MessageWaits => {
                    later = fiction_at.map(|at| DueNotice {
                        event: NoticeEvent::FictionNear,
                        due: days_before(at),
                        ..notice.clone()
                    });
                }
                NoticeEvent::FictionNear => match fiction_at.filter(|_| message.state.phase == Phase::DeliveredIn) {
                    Some(at) => time = at,
                    None => return Ok(None),
                },
                _ => {}
            }
        }
        let user = match (&notice.scope, &notice.isds_id) {
            (NoticeScope::Box(id), Some(isds_id)) => self.store.lookup_user(*id, isds_id).await?,
            _ => None,
        };
        let named = user.map(|user: BoxUser| user.person.full_name());
        let item = NoticeItem {
            time,
            message: message
                .as_ref()
                .map(|message| (message.id.0, other_side(notice, message))),
            waits_for: match (&message, notice.event) {
                (Some(message), NoticeEvent::MessageWaits) => self.waits_for(message).await?,
                _ => None,
            },
            user: named.or_else(|| notice.isds_id.as_ref().map(ToString::to_string)),
            detail: notice.detail.clone(),
        };
        let personal = message.is_some_and(|message| message.envelope.personal_delivery());
        let told = Told {
            item,
            personal,
            notice: notice.clone(),
        };
        Ok(Some((told, later)))
    }

    /// What a message in a box waits for; none where it waits no more.
    async fn waits_for(&self, message: &Message) -> Result<Option<WaitsFor>, Failure> {
        if message.state.phase != Phase::DeliveredIn {
            return Ok(None);
        }
        let own = self.store.lookup_box(message.envelope.recipient).await?;
        if own.is_some_and(|own| own.box_type.is_ovm()) && !message.kind.is_postal() {
            return Ok(Some(WaitsFor::Nothing));
        }
        Ok(Some(
            fiction_of(message).map_or(WaitsFor::Opening, WaitsFor::OpeningOrFiction),
        ))
    }

    /// The mail to one of those who want to be told, as far as they may know.
    async fn mail_to(
        &self,
        settings: &NoticeSettings,
        subscription: &NoticeSubscription,
        rights: Privileges,
        event: NoticeEvent,
        told: &[Told],
    ) -> Result<Option<NewMail>, Failure> {
        let Some(address) = &subscription.address else {
            return Ok(None);
        };
        let Some(data_box) = self.store.lookup_box(subscription.box_id).await? else {
            return Ok(None);
        };
        let items: Vec<NoticeItem> = told
            .iter()
            .filter(|told| may_know(rights, told))
            .map(|told| told.item.clone())
            .collect();
        if items.is_empty() {
            return Ok(None);
        }
        let place: (BoxId, &str) = (data_box.id, &data_box.holder_name());
        Ok(Some(NewMail {
            membership: subscription.membership,
            address: address.clone(),
            language: subscription.language,
            text: text(settings, subscription.language, event, place, &items),
        }))
    }
}

/// Whoever lost the right to see something is not told of it.
fn may_know(rights: Privileges, told: &Told) -> bool {
    match told.notice.event {
        NoticeEvent::UsersChanged => rights.allows(Privileges::OWNER_ADM),
        NoticeEvent::MessageWaits | NoticeEvent::FictionNear => {
            rights.allows(Privileges::VIEW_INFO) || rights.may_read(told.personal)
        }
        NoticeEvent::SentDelivered | NoticeEvent::Undeliverable => rights.allows(Privileges::VIEW_INFO),
        NoticeEvent::CreditLow => rights.allows(Privileges::OWNER_ADM) || rights.allows(Privileges::CREATE_DM),
        NoticeEvent::SystemMessage => rights.may_read(false),
        NoticeEvent::NewBrowser | NoticeEvent::PasswordEnds => true,
    }
}

/// Who is on the other side of a message; not of a personal delivery.
fn other_side(notice: &DueNotice, message: &Message) -> Option<String> {
    let envelope = &message.envelope;
    if envelope.personal_delivery() {
        return None;
    }
    Some(match notice.event {
        NoticeEvent::SentDelivered | NoticeEvent::Undeliverable => envelope.recipient_name.clone(),
        _ => envelope.sender_name.clone(),
    })
}

fn fiction_of(message: &Message) -> Option<Timestamp> {
    let fiction = Fiction::of(&message.envelope, message.kind, message.state.delivered_in?);
    fiction.date().map(|date| date.at)
}

/// The morning some days before.
fn days_before(at: Timestamp) -> Timestamp {
    let day = at.plus_seconds(-DAYS_BEFORE_FICTION * 86_400).local_date();
    start_of_day(day)
}

/// What happened in one place and of one kind comes in one mail.
fn grouped(due: Vec<(NoticeId, DueNotice)>) -> Vec<Group> {
    let mut places: HashMap<(String, NoticeEvent), usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (id, notice) in due {
        let place = match &notice.scope {
            NoticeScope::Box(id) => id.to_string(),
            NoticeScope::Person(person) => person.0.to_string(),
        };
        let index = *places.entry((place, notice.event)).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Group {
                ids: Vec::new(),
                notices: Vec::new(),
            });
        }
        groups[index].ids.push(id);
        groups[index].notices.push(notice);
    }
    groups
}
