//! `CreateDataBox2`: a box is founded, with its primary users and their access data.

use crate::access_data::AccessData;
use crate::administration::{
    AdministrationRequest, BoxDeadline, DeadlineKind, NewBox, RequestNumber, activation_due, primary_users,
};
use crate::audit::{AuditAction, AuditSubject};
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::data_box::{Address, DataBox};
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, MembershipId, PersonId};
use crate::operation::Operation;
use crate::ports::{Approval, NewUser, StoreError};
use crate::principal::Principal;
use crate::privileges::Privileges;
use crate::status::Status;
use crate::user::{BoxUser, Membership, Person, UserContact, UserType};

use super::Isds;
use super::box_administration::named_box;
use super::holder_data::{HolderData, birth_date, bounded, bounded_address, box_type};
use super::users::UserDraft;

/// How often other identifiers are tried where one is taken.
const TRIES: usize = 16;

/// What `CreateDataBox2` is asked with.
#[derive(Debug, Clone, Default)]
pub struct CreateDataBox {
    /// `dbOwnerInfo`.
    pub holder: HolderData,
    /// Attribute `PDZ` of it.
    pub postal: Option<String>,
    /// `dbPrimaryUsers`. What they are and which privileges they have is not theirs to say.
    pub users: Vec<UserDraft>,
    /// Group `gExtApproval`.
    pub approval: Approval,
}

/// A box that was founded.
#[derive(Debug)]
pub struct CreatedBox {
    /// Its ID.
    pub id: BoxId,
    /// Access data of its users, in their order.
    pub access: Vec<AccessData>,
    /// Number of the request.
    pub number: RequestNumber,
}

impl Isds {
    /// Founds a box in state 3 (manual S 2.1). It becomes accessible by the first sign-in at the portal of somebody who
    /// acts as its holder, at the latest with the fifteenth day after this one, on which access data are handed over.
    ///
    /// # Errors
    /// 1004; 1101, 1013, 2017 for the holder's data; 1017 without a good superior box; 1014 for the number of users;
    /// 1032 for one named twice; 1010 where the holder has such a box.
    pub async fn create_data_box(
        &self,
        caller: &Principal,
        operation: Operation,
        input: &CreateDataBox,
    ) -> Result<CreatedBox, Failure> {
        let created = self.found_box(caller, operation, input).await;
        let subject = AuditSubject::none().of_box(created.as_ref().ok().map(|created| created.id));
        let subject = subject.detail(input.holder.box_type.as_deref().unwrap_or_default());
        self.record_now(caller, AuditAction::BoxCreated, subject, &created)
            .await;
        created
    }

    async fn found_box(
        &self,
        caller: &Principal,
        operation: Operation,
        input: &CreateDataBox,
    ) -> Result<CreatedBox, Failure> {
        caller.authorize_administration(operation)?;
        for _ in 0..TRIES {
            let (data_box, users) = self.planned_box(input).await?;
            let request = AdministrationRequest::of(operation, caller, &input.approval, self.clock.legal().to_millis());
            let new = self.new_box(&data_box, &users, request).await?;
            match self.store.create_box(&new).await {
                Ok(number) => {
                    let access = new.users.into_iter().filter_map(|user| user.access).collect();
                    return Ok(CreatedBox {
                        id: new.data_box.id,
                        access,
                        number,
                    });
                }
                // An identifier was taken, or somebody founded the same box at the same moment.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The box and the users that the request asks for, checked and without identifiers.
    pub(super) async fn planned_box(&self, input: &CreateDataBox) -> Result<(DataBox, Vec<BoxUser>), Failure> {
        let mut data_box = empty_box(box_type(input.holder.box_type.as_deref())?);
        input.holder.fill(&mut data_box)?;
        data_box.upper_id = self
            .superior_box(data_box.box_type, input.holder.upper_id.as_deref())
            .await?;
        data_box.open_addressing = receives_postal(data_box.box_type, input.postal.as_deref());
        let users = users(&data_box, &input.users)?;
        if self.store.find_twin(&data_box).await?.is_some() {
            return Err(Failure::refused(Status::BOX_EXISTS));
        }
        Ok((data_box, users))
    }

    /// The box with an ID, its users with identifiers and access data.
    pub(super) async fn new_box(
        &self,
        data_box: &DataBox,
        users: &[BoxUser],
        request: AdministrationRequest,
    ) -> Result<NewBox, Failure> {
        let id = BoxId::random(&*self.random);
        let mut new_users = Vec::with_capacity(users.len());
        for user in users {
            let mut user = user.clone();
            user.membership.isds_id = self.new_isds_id();
            user.membership.box_id = Some(id);
            let access = Some(self.issue_access_data(None).await?);
            new_users.push(NewUser { user, access });
        }
        let activation = BoxDeadline {
            box_id: id,
            kind: DeadlineKind::Activate,
            due: activation_due(request.at),
        };
        Ok(NewBox {
            data_box: DataBox { id, ..data_box.clone() },
            users: new_users,
            deadlines: vec![activation],
            request,
        })
    }

    /// The superior box, which a subordinate authority has to have and nobody else has.
    pub(super) async fn superior_box(&self, box_type: BoxType, text: Option<&str>) -> Result<Option<BoxId>, Failure> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        if box_type != BoxType::OvmReq {
            return Ok(None);
        }
        let text = text.ok_or_else(|| Refusal::of(Status::SUPERIOR_BOX))?;
        let id = named_box(Some(text)).map_err(|_| Refusal::of(Status::SUPERIOR_BOX))?;
        let superior = self.store.lookup_box(id).await?;
        let fits = |b: &DataBox| b.box_type.is_ovm() && b.box_type != BoxType::OvmReq && b.state != BoxState::Deleted;
        if superior.as_ref().is_some_and(fits) {
            Ok(Some(id))
        } else {
            Err(Failure::refused(Status::SUPERIOR_BOX))
        }
    }
}

fn empty_box(box_type: BoxType) -> DataBox {
    DataBox {
        id: BoxId::ADMINISTRATOR,
        box_type,
        state: BoxState::NotActivated,
        ic: None,
        given_names: None,
        last_name: None,
        firm_name: None,
        birth_date: None,
        birth_city: None,
        birth_county: None,
        birth_state: None,
        address: Address::default(),
        nationality: None,
        ovm_id: None,
        open_addressing: false,
        postal_contract: false,
        upper_id: None,
        aifo_known: false,
    }
}

/// Receiving postal messages is on from the start for all but authorities; a person may be founded without it
/// (bulletin B2176, operating rules II.1).
fn receives_postal(box_type: BoxType, wish: Option<&str>) -> bool {
    let refused = box_type == BoxType::Fo && matches!(wish, Some("0" | "N" | "n" | "F" | "f"));
    !box_type.is_ovm() && !refused
}

/// The primary users of a new box: of a person's box the holder, of a self-employed person's box the holder with the
/// contact address of the one user given, of an organisation those who are given.
fn users(data_box: &DataBox, given: &[UserDraft]) -> Result<Vec<BoxUser>, Refusal> {
    let wanted = primary_users(data_box.box_type);
    if !wanted.contains(&given.len()) {
        let text = match (*wanted.start(), *wanted.end()) {
            (0, _) => "žádnou osobou (osoba je držitelem)".to_owned(),
            (least, most) if least == most => "jednou osobou".to_owned(),
            (least, most) => format!("{least} až {most} osobami"),
        };
        return Err(Refusal::about(Status::PRIMARY_USERS, text));
    }
    for user in given {
        if !matches!(
            user.user_type.as_deref().map(str::trim),
            None | Some("" | "PRIMARY_USER")
        ) {
            return Err(Refusal::about(
                Status::HOLDER_DATA,
                "s datovou schránkou se zakládají jen osoby typu PRIMARY_USER.",
            ));
        }
    }
    if data_box.box_type.is_natural_person() {
        let contact = match given.first() {
            Some(user) => contact_of(user)?,
            None => contact_at(&data_box.address),
        };
        return Ok(vec![holder(data_box, contact)]);
    }
    let mut users: Vec<BoxUser> = Vec::with_capacity(given.len());
    for user in given {
        let user = statutory(user)?;
        let same = |other: &BoxUser| {
            (other.person.name_key(), other.person.birth_date) == (user.person.name_key(), user.person.birth_date)
        };
        if users.iter().any(same) {
            return Err(Refusal::of(Status::USER_EXISTS));
        }
        users.push(user);
    }
    Ok(users)
}

fn holder(data_box: &DataBox, contact: UserContact) -> BoxUser {
    let person = Person {
        id: PersonId(0),
        given_names: data_box.given_names.clone().unwrap_or_default(),
        last_name: data_box.last_name.clone().unwrap_or_default(),
        birth_date: data_box.birth_date,
        address: if data_box.box_type.is_fo() {
            data_box.address.clone()
        } else {
            Address::default()
        },
        aifo_known: false,
    };
    primary(person, contact)
}

fn statutory(user: &UserDraft) -> Result<BoxUser, Refusal> {
    let name = |element, text: &Option<String>, limit| {
        bounded(element, text.as_deref(), limit)?
            .ok_or_else(|| Refusal::about(Status::HOLDER_DATA, format!("chybí {element} oprávněné osoby.")))
    };
    let person = Person {
        id: PersonId(0),
        given_names: name("pnGivenNames", &user.given_names, 100)?,
        last_name: name("pnLastName", &user.last_name, 150)?,
        birth_date: birth_date(user.birth_date.as_deref())?,
        address: bounded_address(&user.address)?,
        aifo_known: false,
    };
    Ok(primary(person, bounded_contact(&user.contact)?))
}

fn primary(person: Person, contact: UserContact) -> BoxUser {
    BoxUser {
        person,
        membership: Membership {
            id: MembershipId(0),
            isds_id: crate::ids::IsdsId(String::new()),
            box_id: None,
            person_id: PersonId(0),
            user_type: UserType::PrimaryUser,
            privileges: Privileges::ALL,
        },
        contact,
    }
}

fn bounded_contact(contact: &UserContact) -> Result<UserContact, Refusal> {
    Ok(UserContact {
        firm_ic: bounded("ic", contact.firm_ic.as_deref(), 8)?,
        firm_name: bounded("firmName", contact.firm_name.as_deref(), 255)?,
        street: bounded("caStreet", contact.street.as_deref(), 100)?,
        city: bounded("caCity", contact.city.as_deref(), 150)?,
        zip_code: bounded("caZipCode", contact.zip_code.as_deref(), 10)?,
        state: bounded("caState", contact.state.as_deref(), 40)?,
    })
}

/// Of the one user of a self-employed person's box only the contact address counts, and it stands in the main address
/// (manual S 2.1).
fn contact_of(user: &UserDraft) -> Result<UserContact, Refusal> {
    if user.contact.street.is_some() || user.contact.city.is_some() {
        return bounded_contact(&user.contact);
    }
    Ok(contact_at(&bounded_address(&user.address)?))
}

fn contact_at(address: &Address) -> UserContact {
    let number = [&address.number_in_municipality, &address.number_in_street]
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect::<Vec<_>>()
        .join("/");
    let street = format!("{} {number}", address.street.as_deref().unwrap_or_default());
    UserContact {
        street: Some(street.trim().to_owned()).filter(|street| !street.is_empty()),
        city: address.city.clone(),
        zip_code: address.zip_code.clone(),
        state: address.state.clone(),
        ..UserContact::default()
    }
}
