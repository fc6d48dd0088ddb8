//! Privileges in words.

use std::borrow::Cow;

use isds_core::privileges::Privileges;
use isds_core::user::UserType;

use crate::page::Page;

/// A privilege that can be ticked.
pub(super) struct Choice {
    pub(super) bit: u32,
    pub(super) checked: bool,
}

/// The privileges that an entrusted user can have; administering is the kind of user.
const CHOICES: [Privileges; 7] = [
    Privileges::READ_NON_PERSONAL,
    Privileges::READ_ALL,
    Privileges::VIEW_INFO,
    Privileges::CREATE_DM,
    Privileges::SEARCH_DB,
    Privileges::READ_VAULT,
    Privileges::ERASE_VAULT,
];

/// All of them, with those ticked that are held.
pub(super) fn choices(held: Privileges) -> Vec<Choice> {
    let choice = |privilege: Privileges| Choice {
        bit: privilege.0,
        checked: held.allows(privilege),
    };
    CHOICES.into_iter().map(choice).collect()
}

/// The sum of what was ticked.
pub(super) fn sum(bits: &[u32]) -> u32 {
    bits.iter().fold(0, |sum, bit| sum | bit)
}

/// What somebody may do, as sentences.
pub(super) fn in_words(page: &Page, held: Privileges) -> Vec<Cow<'static, str>> {
    if held.allows(Privileges::ALL) {
        return vec![page.t("settings-may-all")];
    }
    let mut keys = vec![match (
        held.allows(Privileges::READ_NON_PERSONAL),
        held.allows(Privileges::READ_ALL),
    ) {
        (_, true) => "settings-may-read-all",
        (true, false) => "settings-may-read-but-personal",
        (false, false) => "settings-may-read-nothing",
    }];
    for (privilege, key) in [
        (Privileges::CREATE_DM, "settings-may-send"),
        (Privileges::VIEW_INFO, "settings-may-list"),
        (Privileges::SEARCH_DB, "settings-may-search"),
        (Privileges::READ_VAULT, "settings-may-read-vault"),
        (Privileges::ERASE_VAULT, "settings-may-erase-vault"),
        (Privileges::OWNER_ADM, "settings-may-administer"),
    ] {
        if held.allows(privilege) {
            keys.push(key);
        }
    }
    keys.into_iter().map(|key| page.t(key)).collect()
}

/// Key of the name of a kind of user.
pub(super) fn kind_key(kind: UserType) -> &'static str {
    match kind {
        UserType::PrimaryUser => "settings-kind-primary",
        UserType::EntrustedUser => "settings-kind-entrusted",
        UserType::Administrator => "settings-kind-administrator",
        UserType::Official | UserType::OfficialCert => "settings-kind-official",
        UserType::Liquidator => "settings-kind-liquidator",
        UserType::Receiver => "settings-kind-receiver",
        UserType::Guardian => "settings-kind-guardian",
    }
}
