//! Author of a message: who acted for the sender, and what of it may be shown.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::data_box::DataBox;
use crate::principal::{Actor, Principal};
use crate::user::{Person, UserType};

/// Author of a message, kept with it for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// `userType`, or `VIRTUAL` for an application.
    pub user_type: String,
    /// Name, given names and last name; kept even where it is not published.
    pub name: Option<String>,
    /// Membership through which the person acted.
    pub isds_id: Option<String>,
    /// Whether anything beyond the kind of user may be shown (`dmPublishOwnID`).
    pub publish: bool,
    /// Which data may be shown (`IdLevel`).
    pub id_level: Option<i64>,
    /// What `IdLevel` asked to publish.
    #[serde(default)]
    pub published: Published,
}

/// What of the author's person was published. Nothing that was not asked for is kept here: a later request cannot show
/// more than the author agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// `pnGivenNames`.
    pub given_names: Option<String>,
    /// `pnLastName`.
    pub last_name: Option<String>,
    /// `biDate`.
    pub birth_date: Option<Date>,
    /// `biCity`.
    pub birth_city: Option<String>,
    /// `biCounty`.
    pub birth_county: Option<String>,
    /// `adCode`.
    pub address_code: Option<String>,
    /// `fullAddress`.
    pub full_address: Option<String>,
    /// `robIdent`.
    pub identified: Option<bool>,
}

/// The bits of `IdLevel` (WSDL 3.01 and 3.03). Bit 0 stands for the kind of user, which is shown always.
mod level {
    pub const NAME: i64 = 1;
    pub const BIRTH_DATE: i64 = 2;
    pub const BIRTH_CITY: i64 = 4;
    pub const BIRTH_COUNTY: i64 = 8;
    pub const ADDRESS_CODE: i64 = 16;
    pub const FULL_ADDRESS: i64 = 32;
    pub const IDENTIFIED: i64 = 64;
}

impl Author {
    /// The caller as the author of a message from `sender`, who publishes what `publish` and `id_level` say.
    #[must_use]
    pub fn of(caller: &Principal, sender: &DataBox, publish: bool, id_level: Option<i64>) -> Self {
        let person = match &caller.actor {
            Actor::Application => None,
            Actor::Person(person) | Actor::Operator(person) => Some(person),
        };
        let user_type = match (&caller.membership, person) {
            (_, None) => "VIRTUAL",
            (Some(membership), Some(_)) => membership.user_type.name(),
            (None, Some(_)) => UserType::Official.name(),
        };
        let published = match person {
            Some(person) if publish => Published::of(person, holder(caller, sender), id_level),
            _ => Published::default(),
        };
        Self {
            user_type: user_type.to_owned(),
            name: person.map(Person::full_name),
            isds_id: caller.membership.as_ref().map(|m| m.isds_id.0.clone()),
            publish,
            id_level,
            published,
        }
    }

    /// The system itself, author of its messages.
    #[must_use]
    pub fn official() -> Self {
        Self {
            user_type: UserType::Official.name().to_owned(),
            name: None,
            isds_id: None,
            publish: false,
            id_level: None,
            published: Published::default(),
        }
    }

    /// `authorName`: given only where the name was published.
    #[must_use]
    pub fn shown_name(&self) -> Option<&str> {
        let named = self.id_level.is_none_or(|bits| bits & level::NAME != 0);
        self.name.as_deref().filter(|_| self.publish && named)
    }
}

/// Where a natural person was born is known of holders alone, with their boxes.
fn holder<'a>(caller: &Principal, sender: &'a DataBox) -> Option<&'a DataBox> {
    let is_holder = caller
        .membership
        .as_ref()
        .is_some_and(|membership| membership.user_type == UserType::PrimaryUser);
    let natural = sender.box_type.is_fo() || sender.box_type.is_pfo();
    Some(sender).filter(|_| is_holder && natural)
}

impl Published {
    fn of(person: &Person, holder: Option<&DataBox>, id_level: Option<i64>) -> Self {
        // `dmPublishOwnID` without `IdLevel` is older than the levels, and meant the name.
        let bits = id_level.unwrap_or(level::NAME);
        let asked = |bit: i64| bits & bit != 0;
        Self {
            given_names: asked(level::NAME).then(|| person.given_names.clone()),
            last_name: asked(level::NAME).then(|| person.last_name.clone()),
            birth_date: person.birth_date.filter(|_| asked(level::BIRTH_DATE)),
            birth_city: holder
                .filter(|_| asked(level::BIRTH_CITY))
                .and_then(|b| b.birth_city.clone()),
            birth_county: holder
                .filter(|_| asked(level::BIRTH_COUNTY))
                .and_then(|b| b.birth_county.clone()),
            address_code: person.address.code.clone().filter(|_| asked(level::ADDRESS_CODE)),
            full_address: asked(level::FULL_ADDRESS)
                .then(|| person.address.one_line())
                .filter(|line| !line.is_empty()),
            identified: asked(level::IDENTIFIED).then_some(person.aifo_known),
        }
    }

    /// Keys and values as `GetMessageAuthor2` shows them.
    #[must_use]
    pub fn items(&self) -> Vec<(&'static str, String)> {
        let items = [
            ("pnGivenNames", self.given_names.clone()),
            ("pnLastName", self.last_name.clone()),
            ("biDate", self.birth_date.map(|date| date.to_string())),
            ("biCity", self.birth_city.clone()),
            ("biCounty", self.birth_county.clone()),
            ("adCode", self.address_code.clone()),
            ("fullAddress", self.full_address.clone()),
            ("robIdent", self.identified.map(|known| known.to_string())),
        ];
        items
            .into_iter()
            .filter_map(|(key, value)| value.filter(|text| !text.is_empty()).map(|text| (key, text)))
            .collect()
    }
}
