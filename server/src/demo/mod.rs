//! The demo: a whole system in one folder, with its directory and a few messages.

mod directory;
mod keys;
mod mark;
mod messages;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::ports::{Random, Store, SystemCertificate};
use isds_core::postal::{Booking, CreditAccount, CreditEvent};
use isds_core::privileges::Privileges;
use isds_core::user::{Membership, Person};
use isds_core::{Failure, Isds, hash_password};
use openssl::x509::X509;

pub use directory::PASSWORD;
use directory::{BOXES, CREDITS, DemoBox, DemoLogin, LOGINS, PEOPLE};
pub use keys::{Keys, Tsa};
pub use mark::Mark;

use crate::clock::SystemClock;
use crate::commands::certificate::system_certificate;
use crate::jobs;

/// Box whose application the demo has a certificate for.
pub const APPLICATION_BOX: &str = "mesta2j";

/// The demo's first state, kept ready so that a reset need not hash passwords anew.
pub struct Demo {
    password_hash: String,
    mark: Mark,
    application: SystemCertificate,
}

/// An account of the demo for people to read.
#[derive(Debug, Clone)]
pub struct Account {
    /// Login name.
    pub login: &'static str,
    /// Box and its holder; none for the administrator of the system.
    pub data_box: Option<(&'static str, String)>,
    /// Person.
    pub person: String,
    /// Kind of user in the box.
    pub user_type: &'static str,
}

impl Demo {
    /// Prepares the demo.
    ///
    /// # Errors
    /// Where hashing fails.
    pub fn new(mark: Mark, application: &X509, random: &dyn Random) -> Result<Self, Failure> {
        // One hash for everybody's one password: it is published anyway, and a start would otherwise hash 13 times.
        Ok(Self {
            password_hash: hash_password(random, PASSWORD)?,
            mark,
            application: system_certificate(application, box_id(APPLICATION_BOX)?)
                .map_err(|error| Failure::Broken("the demo's certificate cannot be read", Box::new(error)))?,
        })
    }

    /// Fills claimed stores that are not yet filled; filled ones stay as they are.
    ///
    /// # Errors
    /// Failures of the stores.
    pub async fn fill(&self, isds: &Arc<Isds>, clock: &SystemClock) -> Result<(), Failure> {
        if isds.store.mark().await?.as_deref() == Some(&*self.mark.filled()) {
            // A folder of an earlier version has no such certificate and no credit; what is there stays.
            isds.store.add_certificate(&self.application).await?;
            return add_credit(isds).await;
        }
        self.begin_anew(isds, clock).await
    }

    /// Back to the first state.
    ///
    /// # Errors
    /// Failures of the stores; stores that are not the demo's own are not touched.
    pub async fn reset(&self, isds: &Arc<Isds>, clock: &SystemClock) -> Result<(), Failure> {
        let mark = isds.store.mark().await?.unwrap_or_default();
        if mark != self.mark.filled() && mark != self.mark.filling() {
            return Err(Failure::Broken(
                "only a demo's own store is reset",
                "not marked as this demo's".into(),
            ));
        }
        self.begin_anew(isds, clock).await
    }

    async fn begin_anew(&self, isds: &Arc<Isds>, clock: &SystemClock) -> Result<(), Failure> {
        isds.store.set_mark(&self.mark.filling()).await?;
        isds.store.clear().await?;
        isds.objects.clear().await?;
        isds.passwords.forget_all();
        isds.sealed_forms.forget_all();
        clock.set_offset(0);
        let people = add_people(&*isds.store).await?;
        for demo_box in BOXES {
            isds.store.add_box(&data_box(demo_box)?).await?;
        }
        for login in LOGINS {
            let membership = membership(login, &people)?;
            let id = isds.store.add_membership(&membership).await?;
            isds.store
                .add_password(login.login, id, &self.password_hash, None)
                .await?;
        }
        isds.store.add_certificate(&self.application).await?;
        add_credit(isds).await?;
        messages::send(isds).await?;
        jobs::run_until_idle(isds).await?;
        Ok(isds.store.set_mark(&self.mark.filled()).await?)
    }
}

/// Accounts of the demo.
pub fn accounts() -> Vec<Account> {
    LOGINS
        .iter()
        .map(|login| Account {
            login: login.login,
            data_box: login.box_id.and_then(|id| {
                let demo_box = BOXES.iter().find(|b| b.id == id)?;
                Some((demo_box.id, data_box(demo_box).ok()?.holder_name()))
            }),
            person: format!("{} {}", PEOPLE[login.person].0, PEOPLE[login.person].1),
            user_type: login.user_type.name(),
        })
        .collect()
}

async fn add_people(store: &dyn Store) -> Result<HashMap<usize, PersonId>, Failure> {
    let mut ids = HashMap::new();
    for (index, (given_names, last_name, birth_date)) in PEOPLE.iter().enumerate() {
        let person = Person {
            id: PersonId(0),
            given_names: (*given_names).to_owned(),
            last_name: (*last_name).to_owned(),
            birth_date: Some(*birth_date),
            address: address(("Obecní", "7", "99901", "Vzorov")),
            aifo_known: true,
        };
        ids.insert(index, store.add_person(&person).await?);
    }
    Ok(ids)
}

/// Tops up the credits of the demo, each once: the payment's number is the box.
async fn add_credit(isds: &Isds) -> Result<(), Failure> {
    let now = isds.clock.legal().to_millis();
    for (box_id_text, amount) in CREDITS {
        let booking = Booking {
            box_id: box_id(box_id_text)?,
            change: *amount,
            event: CreditEvent::TopUp {
                transaction: format!("demo-{box_id_text}"),
            },
            time: now,
        };
        isds.store
            .book_credit(&booking, Some(CreditAccount::expiry(now)))
            .await?;
    }
    Ok(())
}

fn box_id(text: &str) -> Result<BoxId, Failure> {
    BoxId::from_str(text).map_err(|error| Failure::Broken("the demo directory has a wrong box ID", Box::new(error)))
}

fn data_box(demo: &DemoBox) -> Result<DataBox, Failure> {
    Ok(DataBox {
        id: box_id(demo.id)?,
        box_type: demo.box_type,
        state: demo.state,
        ic: demo.ic.map(str::to_owned),
        given_names: demo.person.map(|(given, _, _)| given.to_owned()),
        last_name: demo.person.map(|(_, last, _)| last.to_owned()),
        firm_name: demo.firm_name.map(str::to_owned),
        birth_date: demo.person.map(|(_, _, date)| date),
        birth_city: demo.person.map(|_| "Vzorov".to_owned()),
        birth_county: None,
        birth_state: demo.person.map(|_| "CZ".to_owned()),
        address: address(demo.address),
        nationality: demo.person.map(|_| "CZ".to_owned()),
        ovm_id: demo.ovm_id.map(str::to_owned),
        open_addressing: demo.open_addressing,
        postal_contract: demo.postal_contract,
        upper_id: None,
        aifo_known: demo.person.is_some(),
    })
}

fn address((street, number, zip_code, city): (&str, &str, &str, &str)) -> Address {
    Address {
        street: Some(street.to_owned()),
        number_in_municipality: Some(number.to_owned()),
        zip_code: Some(zip_code.to_owned()),
        city: Some(city.to_owned()),
        state: Some("CZ".to_owned()),
        ..Address::default()
    }
}

fn membership(login: &DemoLogin, people: &HashMap<usize, PersonId>) -> Result<Membership, Failure> {
    let person_id = people.get(&login.person).copied();
    Ok(Membership {
        id: MembershipId(0),
        isds_id: IsdsId(format!("DS_{}", login.login)),
        box_id: login.box_id.map(box_id).transpose()?,
        person_id: person_id
            .ok_or_else(|| Failure::Broken("the demo directory names an unknown person", login.login.into()))?,
        user_type: login.user_type,
        privileges: Privileges(login.privileges),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_holds_together() {
        for demo_box in BOXES {
            let data_box = data_box(demo_box).unwrap();
            assert!(!data_box.holder_name().is_empty());
        }
        let names: Vec<_> = BOXES.iter().map(|b| data_box(b).unwrap().holder_name()).collect();
        assert_eq!(
            names,
            [
                "Město Vzorov",
                "Krajský úřad Vzorového kraje",
                "Strojírny Vzor, s.r.o.",
                "Vzorová banka, a.s.",
                "JUDr. Marie Vzorná, advokátka",
                "Petr Vzorek – truhlářství",
                "Jan Novák",
                "Marie Dvořáková",
                "Zrušená, s.r.o. v likvidaci",
            ]
        );
        assert_eq!(accounts().len(), 13);
    }
}
