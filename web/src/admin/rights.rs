//! Privileges in words, to be ticked.

use isds_core::privileges::Privileges;
use isds_core::user::UserType;

use super::form::{Field, Kind, Typed};
use crate::page::Page;

/// The privileges that somebody who is entrusted can have; administering is the kind of user.
const CHOICES: [Privileges; 7] = [
    Privileges::READ_NON_PERSONAL,
    Privileges::READ_ALL,
    Privileges::CREATE_DM,
    Privileges::VIEW_INFO,
    Privileges::SEARCH_DB,
    Privileges::READ_VAULT,
    Privileges::ERASE_VAULT,
];

fn name(privilege: Privileges) -> String {
    format!("privilege-{}", privilege.0)
}

/// A tick for each, with those ticked that were.
pub(super) fn ticks(page: &Page, typed: &Typed) -> Vec<Field> {
    let tick = |privilege: Privileges| Field {
        label: page.t(&format!("settings-right-{}", privilege.0)).into_owned(),
        help: page.t(&format!("settings-right-{}-help", privilege.0)).into_owned(),
        value: typed.raw(&name(privilege)).to_owned(),
        name: name(privilege),
        required: false,
        kind: Kind::Tick,
    };
    CHOICES.into_iter().map(tick).collect()
}

/// What is ticked, as pairs of a form.
pub(super) fn ticked(held: Privileges) -> impl Iterator<Item = (String, String)> {
    let held = CHOICES.into_iter().filter(move |privilege| held.allows(*privilege));
    held.map(|privilege| (name(privilege), "1".to_owned()))
}

/// The sum of what was ticked, for those whose privileges are not fixed by law.
pub(super) fn sum(user_type: &str, typed: &Typed) -> Option<String> {
    let chosen = CHOICES
        .into_iter()
        .filter(|privilege| typed.is_ticked(&name(*privilege)));
    let sum = chosen.fold(0, |sum, privilege| sum | privilege.0);
    let choosable = [UserType::EntrustedUser, UserType::Administrator];
    choosable
        .iter()
        .any(|kind| kind.name() == user_type)
        .then(|| sum.to_string())
}

/// What somebody may do, in few words.
pub(super) fn in_words(page: &Page, held: Privileges) -> String {
    if held.allows(Privileges::ALL) {
        return page.t("settings-may-all").into_owned();
    }
    let mut words: Vec<String> = CHOICES
        .into_iter()
        .filter(|privilege| held.allows(*privilege))
        .map(|privilege| page.t(&format!("settings-right-{}", privilege.0)).into_owned())
        .collect();
    if held.allows(Privileges::OWNER_ADM) {
        words.push(page.t("settings-may-administer").into_owned());
    }
    if words.is_empty() {
        return page.t("admin-no-rights").into_owned();
    }
    words.join(", ")
}
