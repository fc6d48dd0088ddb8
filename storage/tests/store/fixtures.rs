//! Boxes, people and messages to work with.

use std::sync::Arc;

use isds_core::author::Author;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::envelope::{Envelope, EnvelopeDraft, MessageKind};
use isds_core::event::{Event, EventKind};
use isds_core::ids::{BoxId, MessageId, ObjectId};
use isds_core::message::{Content, Input, Message, MessageState, ScanVerdict, Segment, SideOf, apply};
use isds_core::ports::{MessageChange, MessageListQuery, NewMessage, StateChangeQuery, Store};
use isds_core::time::Timestamp;

/// Some day in 2026.
pub const T0: Timestamp = Timestamp(1_790_000_000_000_000);
/// Every state on the wire.
pub const ANY_STATE: u32 = u32::MAX;

pub fn at(seconds: i64) -> Timestamp {
    T0.plus_seconds(seconds)
}

pub fn town() -> BoxId {
    "mesta2j".parse().unwrap()
}

pub fn novak() -> BoxId {
    "nvak22s".parse().unwrap()
}

pub fn maria() -> BoxId {
    "maria2f".parse().unwrap()
}

/// A box with its ID made of six characters.
pub fn data_box(data: &str, box_type: BoxType) -> DataBox {
    DataBox {
        id: BoxId::from_data(data).unwrap(),
        box_type,
        state: BoxState::Accessible,
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

/// A message just submitted, from the town to Novák.
pub fn message(id: MessageId, submitted: Timestamp) -> NewMessage {
    let envelope = Envelope {
        sender: town(),
        sender_name: "Město Vzorov".into(),
        sender_address: "Náměstí 1, 11000 Vzorov, CZ".into(),
        sender_type: 10,
        recipient: novak(),
        recipient_name: "Jan Novák".into(),
        recipient_address: "Dlouhá 5, 11000 Vzorov, CZ".into(),
        ambiguous_recipient: false,
        draft: EnvelopeDraft {
            annotation: Some("Rozhodnutí č. 7".into()),
            legal_title_law: Some(500),
            publish_own_id: Some(true),
            ..EnvelopeDraft::default()
        },
    };
    let content = Content {
        segments: vec![
            Segment::Literal {
                object: ObjectId("a".repeat(32)),
                offset: 0,
                length: 700,
            },
            Segment::Base64 {
                object: ObjectId("b".repeat(32)),
                offset: 3,
                length: 300_000,
            },
        ],
        sha256: [7; 32],
        sha3_256: [9; 32],
        attachment_count: 2,
        attachment_size_kb: 391,
        large: None,
    };
    NewMessage {
        payment: None,
        uploads: Vec::new(),
        bulk_row: None,
        sending: None,
        job_due: Timestamp(0),
        message: Message {
            id,
            envelope,
            kind: MessageKind::Public,
            content,
            timestamp_token: None,
            scan: None,
            withheld: false,
            state: MessageState::submitted(submitted),
            version: 0,
        },
        author: Author {
            user_type: "PRIMARY_USER".into(),
            name: Some("Karel Podatelna".into()),
            isds_id: Some("DS_abcdefghi".into()),
            publish: true,
            id_level: Some(3),
            published: isds_core::author::Published::default(),
        },
        event: Event {
            kind: EventKind::Submitted,
            time: submitted,
        },
    }
}

/// Accepts a message at `T0 + seconds` and answers it.
pub async fn accept(store: &Arc<dyn Store>, seconds: i64) -> Message {
    accept_as(store, seconds, |_| {}).await
}

/// Accepts a message that `adapt` has changed.
pub async fn accept_as(store: &Arc<dyn Store>, seconds: i64, adapt: impl FnOnce(&mut Message)) -> Message {
    let mut new = message(store.next_message_id().await.unwrap(), at(seconds));
    adapt(&mut new.message);
    store.accept_message(&new).await.unwrap();
    new.message
}

/// The change that the domain computes for `inputs`, one after the other.
pub fn change(message: &Message, inputs: &[Input]) -> MessageChange {
    let mut result = MessageChange::unchanged(message);
    for input in inputs {
        let step = apply(&result.state, *input).unwrap();
        result.state = step.state;
        result.events.extend(step.events);
        if !step.removes.is_empty() {
            result.removes = step.removes;
        }
        result.state_changes.extend(step.state_change);
    }
    result
}

/// Stamped, scanned and delivered into the box at `T0 + seconds`.
pub async fn deliver(store: &Arc<dyn Store>, message: &Message, seconds: i64) -> Message {
    let mut delivery = change(
        message,
        &[
            Input::Stamp,
            Input::DeliverIn {
                at: at(seconds),
                fiction: None,
            },
        ],
    );
    delivery.timestamp_token = Some(vec![0x30, 0x82, 0, 1]);
    delivery.scan = Some(ScanVerdict::NotScanned);
    store.apply_changes(&[delivery]).await.unwrap();
    store.lookup_message(message.id).await.unwrap().unwrap()
}

/// The whole list of one side.
pub fn whole_list(box_id: BoxId, side: SideOf) -> MessageListQuery {
    MessageListQuery {
        box_id,
        side,
        from: None,
        to: None,
        status_bits: ANY_STATE,
        after: None,
        offset: 0,
        limit: 1000,
    }
}

/// Every change of the state of what the town sent, from `T0` to so many seconds later.
pub fn whole_history(seconds: i64) -> StateChangeQuery {
    StateChangeQuery {
        sender: town(),
        from: at(0),
        to: at(seconds),
        after: None,
        limit: 1000,
    }
}

/// Numbers in a list, in its order.
pub async fn listed(store: &Arc<dyn Store>, query: &MessageListQuery) -> Vec<MessageId> {
    store
        .list_messages(query)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.id)
        .collect()
}
