//! Boxes and people of the tests.

use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{IsdsId, MembershipId, PersonId};
use isds_core::ports::SystemCertificate;
use isds_core::privileges::Privileges;
use isds_core::time::Timestamp;
use isds_core::user::{Membership, Person, UserType};
use isds_core::{Isds, fingerprint, hash_password};
use jiff::civil::date;

/// What stands for the DER form of the office's system certificate.
pub const APPLICATION: &str = "certificate-of-mesta2j";
/// Everybody's password.
pub const PASSWORD: &str = "DemoHeslo2026";

/// Adds three boxes: an office, a citizen, and a firm that was closed for a time.
pub async fn add(isds: &Isds) {
    let address = |street: &str, number: &str| Address {
        code: Some("21726100".into()),
        city: Some("Vzorov".into()),
        district: Some("Vzorov-město".into()),
        street: Some(street.into()),
        number_in_street: None,
        number_in_municipality: Some(number.into()),
        zip_code: Some("10000".into()),
        state: Some("CZ".into()),
    };
    let office = DataBox {
        id: "mesta2j".parse().unwrap(),
        box_type: BoxType::Ovm,
        state: BoxState::Accessible,
        ic: Some("00000019".into()),
        given_names: None,
        last_name: None,
        firm_name: Some("Město Vzorov & okolí".into()),
        birth_date: None,
        birth_city: None,
        birth_county: None,
        birth_state: None,
        address: address("Náměstí", "1"),
        nationality: None,
        ovm_id: Some("00000019".into()),
        open_addressing: true,
        postal_contract: false,
        upper_id: Some("kraj227".parse().unwrap()),
        aifo_known: false,
    };
    let citizen = DataBox {
        id: "nvak22s".parse().unwrap(),
        box_type: BoxType::Fo,
        ic: None,
        given_names: Some("Jan".into()),
        last_name: Some("Novák".into()),
        firm_name: None,
        birth_date: Some(date(1980, 2, 29)),
        birth_city: Some("Vzorov".into()),
        birth_county: Some("Vzorov".into()),
        birth_state: Some("CZ".into()),
        address: address("Dlouhá", "2"),
        nationality: Some("CZ".into()),
        ovm_id: None,
        open_addressing: false,
        upper_id: None,
        aifo_known: true,
        ..office.clone()
    };
    let closed = DataBox {
        id: "zrus22r".parse().unwrap(),
        box_type: BoxType::Po,
        state: BoxState::DisabledByLaw,
        firm_name: Some("Zrušená, s.r.o. v likvidaci".into()),
        ovm_id: None,
        upper_id: None,
        ..office.clone()
    };
    let upper = DataBox {
        id: "kraj227".parse().unwrap(),
        upper_id: None,
        ..office.clone()
    };
    for data_box in [&upper, &office, &citizen, &closed] {
        isds.store.add_box(data_box).await.unwrap();
    }
    let all = Privileges::ALL;
    let users = [
        (
            "mesto01",
            Some(&office),
            "Jana",
            "Vzorová",
            UserType::PrimaryUser,
            all,
            None,
        ),
        (
            "mesto02",
            Some(&office),
            "Karel",
            "Podatelna",
            UserType::EntrustedUser,
            Privileges(8),
            Some("2027-01-01T00:00:00"),
        ),
        (
            "novak01",
            Some(&citizen),
            "Jan",
            "Novák",
            UserType::PrimaryUser,
            all,
            None,
        ),
        (
            "zrus01",
            Some(&closed),
            "Ladislav",
            "Zaniklý",
            UserType::Liquidator,
            all,
            None,
        ),
        (
            "nikdo01",
            Some(&office),
            "Irena",
            "Správná",
            UserType::EntrustedUser,
            Privileges::NONE,
            None,
        ),
        (
            "spravce01",
            None,
            "Hana",
            "Provozní",
            UserType::Official,
            Privileges::NONE,
            None,
        ),
    ];
    for (login, data_box, given, last, user_type, privileges, expires) in users {
        let person = Person {
            id: PersonId(0),
            given_names: given.into(),
            last_name: last.into(),
            birth_date: Some(date(1975, 5, 17)),
            address: data_box.map(|data_box| data_box.address.clone()).unwrap_or_default(),
            aifo_known: true,
        };
        let person_id = isds.store.add_person(&person).await.unwrap();
        let membership = Membership {
            id: MembershipId(0),
            isds_id: IsdsId(format!("DS_{login:x>9}")),
            box_id: data_box.map(|data_box| data_box.id),
            person_id,
            user_type,
            privileges,
        };
        let membership = isds.store.add_membership(&membership).await.unwrap();
        let hash = hash_password(&*isds.random, PASSWORD).unwrap();
        let expires = expires.map(|text| Timestamp::parse(text).unwrap());
        isds.store
            .add_password(login, membership, &hash, expires)
            .await
            .unwrap();
    }
    let certificate = SystemCertificate {
        fingerprint: fingerprint(APPLICATION.as_bytes()),
        box_id: office.id,
        expires: Timestamp::parse("2040-01-01T00:00:00").unwrap(),
    };
    isds.store.add_certificate(&certificate).await.unwrap();
}
