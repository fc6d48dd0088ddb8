//! Answers to calls that ask for more than is done at once.

use crate::common;

use common::World;
use common::golden::{Golden, Validity};
use isds_core::Limits;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use jiff::ToSpan;
use soap_api::SoapConfig;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_more_than_a_hundred_boxes_a_hundred_are_shown() {
    let world = World::new().await;
    let store = &world.isds.store;
    let citizen = store.lookup_box("nvak22s".parse().unwrap()).await.unwrap().unwrap();
    let mut validity = Validity::default();
    let by_generation = [("FindDataBox", "pnFirstName"), ("FindDataBox2", "pnGivenNames")];
    for n in 0..=100_u8 {
        if n == 100 {
            for (operation, given_names) in by_generation {
                let reply = world.call("mesto01", "df", operation, &search(given_names)).await;
                assert_eq!(
                    (reply.code().as_str(), found(&reply.body)),
                    ("0000", 100),
                    "{operation}"
                );
            }
        }
        let letters = [n / 26, n % 26].map(|letter| {
            char::from(b'a' + letter)
                .to_string()
                .replace('l', "2")
                .replace('o', "3")
        });
        let data_box = DataBox {
            id: BoxId::from_data(&format!("vzor{}", letters.concat()).replace('o', "3")).unwrap(),
            last_name: Some("Vzorný".into()),
            birth_date: citizen.birth_date.map(|date| date.saturating_add(i64::from(n).days())),
            ..citizen.clone()
        };
        store.add_box(&data_box).await.unwrap();
    }
    for (operation, given_names) in by_generation {
        let reply = world.call("mesto01", "df", operation, &search(given_names)).await;
        assert_eq!(
            (reply.code().as_str(), found(&reply.body)),
            ("0003", 100),
            "{operation}"
        );
        validity.add(operation, "df", &reply);
    }
    validity.assert();
}

fn search(given_names: &str) -> String {
    format!(
        "<dbOwnerInfo><dbType>FO</dbType><{given_names}>Jan</{given_names}><pnLastName>Vzorný</pnLastName></dbOwnerInfo>"
    )
}

fn found(body: &str) -> usize {
    body.matches("<p:dbOwnerInfo>").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_delivers_for_too_long_is_to_be_called_again() {
    // The time is over when the first messages have been delivered.
    let limits = Limits {
        delivery_seconds: -1,
        ..Limits::default()
    };
    let world = World::with(SoapConfig::default(), limits).await;
    let number = world.send_message("mesto01", "nvak22s", "Výzva").await;
    let mut golden = Golden::of("too_much");
    let late = world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    golden.answer("list_received_delivers_too_long", "dx", &late);
    assert_eq!(late.code(), "3006");
    // What was delivered is delivered, and the next call has the rest to do.
    let again = world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    assert_eq!((again.code(), again.value("dmID")), ("0000".into(), number));
    assert_eq!(again.value("dmMessageStatus"), "6");
    golden.finish();
}
