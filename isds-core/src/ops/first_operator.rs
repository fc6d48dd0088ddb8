//! The first administrator of an installation, whom nobody could add from within.

use crate::access_data::AccessData;
use crate::data_box::Address;
use crate::error::{Failure, Refusal};
use crate::ids::{MembershipId, PersonId};
use crate::ports::NewUser;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::text::clean;
use crate::user::{BoxUser, Membership, Person, UserContact, UserType};

use super::Isds;

impl Isds {
    /// Adds the first administrator of the system. Whoever may read the configuration holds all keys already, so no
    /// caller is asked for; but only an installation that never had one takes one this way.
    ///
    /// # Errors
    /// 2007 without a name, 1004 where there is or was an administrator.
    pub async fn add_first_operator(&self, given_names: &str, last_name: &str) -> Result<AccessData, Failure> {
        let (given_names, last_name) = (clean(given_names).trim().to_owned(), clean(last_name).trim().to_owned());
        if given_names.is_empty() || last_name.is_empty() {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, "chybí jméno.").into());
        }
        let access = self.issue_access_data(None).await?;
        let person = Person {
            id: PersonId(0),
            given_names,
            last_name,
            birth_date: None,
            address: Address::default(),
            aifo_known: false,
        };
        let membership = Membership {
            id: MembershipId(0),
            isds_id: self.new_isds_id(),
            box_id: None,
            person_id: PersonId(0),
            user_type: UserType::Official,
            privileges: Privileges::NONE,
        };
        let operator = NewUser {
            user: BoxUser {
                person,
                membership,
                contact: UserContact::default(),
            },
            access: Some(access.clone()),
        };
        if self.store.add_first_operator(&operator).await? {
            Ok(access)
        } else {
            Err(Failure::refused(Status::NO_RIGHT))
        }
    }
}
