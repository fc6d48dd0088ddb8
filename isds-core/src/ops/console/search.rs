//! One search for everything: boxes, people, messages.

use crate::audit::{AuditAction, AuditSubject};
use crate::data_box::DataBox;
use crate::error::Failure;
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::ports::{Audience, NumberQuery, Reach, WordQuery};
use crate::principal::Principal;
use crate::search::{Within, searched_words};
use crate::text::{clean, fold_case, truncate};
use crate::time::Timestamp;
use crate::user::BoxUser;

use super::super::Isds;
use super::super::search_boxes::ranked;
use super::messages::MessageFacts;
use super::operator_only;

/// Longest text that is searched for, in characters.
const MAX_TEXT: usize = 255;
/// Most boxes and most people that are shown: who wants one of more asks more precisely.
const MAX_FOUND: u64 = 50;
/// Most words.
const MAX_WORDS: usize = 16;

/// Somebody who was found.
#[derive(Debug, Clone)]
pub struct FoundMember {
    /// Person and membership.
    pub user: BoxUser,
    /// Name of the box's holder; none for an administrator of the system.
    pub holder: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct ConsoleFindings {
    /// Boxes in whatever state, best first.
    pub boxes: Vec<DataBox>,
    /// Memberships of people.
    pub people: Vec<FoundMember>,
    /// The message with the number.
    pub message: Option<MessageFacts>,
    /// There are more boxes or people than are shown.
    pub more: bool,
}

impl Isds {
    /// Finds boxes by ID, identification number and words of name and address, people by name, login name and `isdsID`,
    /// and a message by its number. Nothing of a message's content or subject is shown. Who saw people or a message is
    /// recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn console_search(&self, caller: &Principal, text: &str) -> Result<ConsoleFindings, Failure> {
        operator_only(caller)?;
        let text = clean(truncate(text, MAX_TEXT)).trim().to_owned();
        if text.is_empty() {
            return Ok(ConsoleFindings::default());
        }
        let ids = self.boxes_called(&text).await?;
        let boxes = self.store.load_boxes(&ids).await?;
        let people = self.people_called(&text).await?;
        let more = ids.len() as u64 > MAX_FOUND || people.len() as u64 > MAX_FOUND;
        let mut findings = ConsoleFindings {
            boxes,
            people: Vec::new(),
            message: self.message_called(&text).await?,
            more,
        };
        let most = usize::try_from(MAX_FOUND).unwrap_or(usize::MAX);
        findings.boxes.truncate(most);
        for user in people.into_iter().take(most) {
            let holder = match user.membership.box_id {
                Some(id) => self.store.lookup_box(id).await?.map(|data_box| data_box.holder_name()),
                None => None,
            };
            let membership = &user.membership;
            let subject = AuditSubject::none().of_box(membership.box_id).user(&membership.isds_id);
            self.record_reading(caller, AuditAction::DataViewed, subject.detail("search"));
            findings.people.push(FoundMember { user, holder });
        }
        if let Some(message) = &findings.message {
            self.record_reading(caller, AuditAction::DataViewed, AuditSubject::message(message.id));
        }
        Ok(findings)
    }

    async fn boxes_called(&self, text: &str) -> Result<Vec<BoxId>, Failure> {
        let reach = Reach {
            audience: Audience::Administrator,
            types: Vec::new(),
            accessible_since: Timestamp(i64::MAX),
        };
        let mut ids: Vec<BoxId> = Vec::new();
        if let Ok(id) = fold_case(text).parse::<BoxId>() {
            ids.extend(self.store.match_number(&NumberQuery::Id(id), &reach, 1).await?);
        }
        let number: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            let ic = NumberQuery::Ic(number.trim_start_matches('0').to_owned());
            ids.extend(self.store.match_number(&ic, &reach, MAX_FOUND + 1).await?);
        }
        let mut words = searched_words(text);
        words.truncate(MAX_WORDS);
        if !words.is_empty() {
            let count = words.len();
            let query = WordQuery {
                words,
                within: Within::Anywhere,
                reach,
                limit: MAX_FOUND + 1,
            };
            ids.extend(ranked(self.store.match_words(&query).await?, count));
        }
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids.truncate(usize::try_from(MAX_FOUND + 1).unwrap_or(usize::MAX));
        Ok(ids)
    }

    async fn people_called(&self, text: &str) -> Result<Vec<BoxUser>, Failure> {
        let mut people = Vec::new();
        if let Some(login) = self.store.lookup_login(text).await? {
            people.extend(self.store.lookup_member(&login.membership.isds_id).await?);
        }
        people.extend(self.store.lookup_member(&IsdsId(text.to_owned())).await?);
        people.extend(self.store.find_people(&name_prefixes(text), MAX_FOUND + 1).await?);
        let mut seen = std::collections::HashSet::new();
        people.retain(|user| seen.insert(user.membership.id));
        Ok(people)
    }

    async fn message_called(&self, text: &str) -> Result<Option<MessageFacts>, Failure> {
        match text.parse::<MessageId>() {
            Ok(id) => self.facts_of_message(id).await,
            Err(_) => Ok(None),
        }
    }
}

/// How the name in question may begin in [`Person::name_key`](crate::user::Person::name_key): with the last name alone,
/// or with both, whichever of the words was written first.
fn name_prefixes(text: &str) -> Vec<String> {
    let text = fold_case(text);
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('|')).collect();
    match words.as_slice() {
        [] => Vec::new(),
        [one] => vec![(*one).to_owned()],
        [first, .., last] => {
            let (behind, before) = (words[1..].join(" "), words[..words.len() - 1].join(" "));
            vec![format!("{first}|{behind}"), format!("{last}|{before}"), words.join(" ")]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_either_way() {
        assert_eq!(name_prefixes(" "), Vec::<String>::new());
        assert_eq!(name_prefixes("Vzor"), ["vzor"]);
        assert_eq!(name_prefixes("Jan Vzor"), ["jan|vzor", "vzor|jan", "jan vzor"]);
        assert_eq!(
            name_prefixes("Vzorová Anna Marie"),
            ["vzorová|anna marie", "marie|vzorová anna", "vzorová anna marie"]
        );
    }
}
