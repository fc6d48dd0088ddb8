//! The decision table: sender and recipient, what is wished, what there is → kind and who pays, or the refusal.

use super::*;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::data_box::Address;
use crate::time::Timestamp;

fn id(text: &str) -> BoxId {
    text.parse().unwrap()
}

fn data_box(text: &str, box_type: BoxType) -> DataBox {
    DataBox {
        id: id(text),
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

/// What stands in the store for the sender: letters of `CREDIT` below.
struct Case {
    contract: bool,
    subsidy: Option<SubsidyKind>,
    credit: i64,
    reply: bool,
}

const NOTHING: Case = Case {
    contract: false,
    subsidy: None,
    credit: 0,
    reply: false,
};

/// The kind's letter and the payer, or the code of the refusal.
fn outcome(case: &Case, wish: Option<&str>) -> String {
    let mut sender = data_box("firma2x", BoxType::Po);
    sender.postal_contract = case.contract;
    let recipient = data_box("banka2q", BoxType::Po);
    let draft = EnvelopeDraft {
        message_type: wish.map(str::to_owned),
        sender_ref_number: Some("NASE/1".into()),
        recipient_ref_number: Some("VASE/1".into()),
        ..EnvelopeDraft::default()
    };
    let request = PostalRequest::new(&sender, &recipient, &draft, PostalSize::Ordinary);
    let facts = TitleFacts {
        reply: case.reply.then(|| OpenReply {
            initiating: MessageId(7),
            initiator: recipient.id,
            identifier: "VASE/1".into(),
            expires: Timestamp(1),
        }),
        subsidy: case.subsidy.map(|kind| Subsidy {
            id: SubsidyId(3),
            kind,
            donor: id("advka2c"),
            sender: sender.id,
            recipient: None,
            remaining: None,
            expires: None,
        }),
        credit: case.credit,
        reference_used: false,
    };
    match Title::choose(&request, &facts, &Prices::default()) {
        Ok(title) => {
            let payment = title.payment.unwrap();
            assert_eq!(payment.amount, 1000);
            assert_eq!(payment.initiates.is_some(), wish == Some("I"));
            format!("{} {}", title.kind.letter(), payment.payer)
        }
        Err(refusal) => refusal.status().code().to_owned(),
    }
}

#[test]
fn every_title_by_every_wish() {
    let global = Some(SubsidyKind::Global);
    let contract = Case {
        contract: true,
        ..NOTHING
    };
    let credit = Case {
        credit: 1000,
        ..NOTHING
    };
    let too_little = Case { credit: 999, ..NOTHING };
    let both = Case {
        contract: true,
        credit: 1000,
        ..NOTHING
    };
    let subsidised = Case {
        subsidy: global,
        ..NOTHING
    };
    let reply = Case { reply: true, ..NOTHING };
    let everything = Case {
        contract: true,
        subsidy: global,
        credit: 5000,
        reply: true,
    };
    let limited = Case {
        subsidy: Some(SubsidyKind::Limited),
        ..both
    };
    let external = Case {
        subsidy: Some(SubsidyKind::External),
        ..both
    };
    let wishes = [None, Some("K"), Some("E"), Some("O"), Some("I"), Some("V"), Some("Q")];
    let table: [(&str, &Case, [&str; 7]); 10] = [
        (
            "nothing",
            &NOTHING,
            ["1205", "1205", "1205", "1234", "1242", "1233", "1205"],
        ),
        (
            "too little credit",
            &too_little,
            ["1205", "1205", "1205", "1234", "1242", "1233", "1205"],
        ),
        (
            "contract",
            &contract,
            [
                "K firma2x",
                "K firma2x",
                "K firma2x",
                "1234",
                "I firma2x",
                "1233",
                "K firma2x",
            ],
        ),
        (
            "credit",
            &credit,
            [
                "E firma2x",
                "E firma2x",
                "E firma2x",
                "1234",
                "1242",
                "1233",
                "E firma2x",
            ],
        ),
        (
            "contract and credit",
            &both,
            [
                "K firma2x",
                "K firma2x",
                "E firma2x",
                "1234",
                "I firma2x",
                "1233",
                "K firma2x",
            ],
        ),
        (
            "subsidy",
            &subsidised,
            [
                "G advka2c",
                "G advka2c",
                "G advka2c",
                "1234",
                "1242",
                "1233",
                "G advka2c",
            ],
        ),
        (
            "reply",
            &reply,
            ["O banka2q", "1205", "1205", "O banka2q", "1242", "1233", "O banka2q"],
        ),
        (
            "everything",
            &everything,
            [
                "O banka2q",
                "G advka2c",
                "G advka2c",
                "O banka2q",
                "A advka2c",
                "1233",
                "O banka2q",
            ],
        ),
        (
            "limited subsidy",
            &limited,
            [
                "Z advka2c",
                "Z advka2c",
                "Z advka2c",
                "1234",
                "A advka2c",
                "1233",
                "Z advka2c",
            ],
        ),
        (
            "external subsidy",
            &external,
            [
                "D advka2c",
                "D advka2c",
                "D advka2c",
                "1234",
                "A advka2c",
                "1233",
                "D advka2c",
            ],
        ),
    ];
    for (name, case, expected) in table {
        for (wish, expected) in wishes.iter().zip(expected) {
            assert_eq!(outcome(case, *wish), expected, "{name}, dmType {wish:?}");
        }
    }
}

/// Who may send what to whom at all (the matrix of manual M 2.1).
#[test]
fn types_of_boxes() {
    let facts = TitleFacts {
        credit: 1000,
        ..TitleFacts::default()
    };
    let kind = |from: BoxType, to: BoxType, receives: bool| {
        let sender = data_box("firma2x", from);
        let mut recipient = data_box("banka2q", to);
        recipient.open_addressing = receives;
        let request = PostalRequest::new(&sender, &recipient, &EnvelopeDraft::default(), PostalSize::Ordinary);
        match Title::choose(&request, &facts, &Prices::default()) {
            Ok(title) => {
                assert_eq!(title.payment.is_none(), title.kind == MessageKind::Public);
                title.kind.letter().to_string()
            }
            Err(refusal) => refusal.status().code().to_owned(),
        }
    };
    use BoxType as T;
    for other in [T::Ovm, T::OvmReq, T::OvmFo, T::OvmPfo, T::OvmPo, T::Po, T::Pfo, T::Fo] {
        assert_eq!(kind(T::Ovm, other, false), "V", "{other:?}");
        if other.is_ovm() {
            for from in [T::Fo, T::Pfo, T::Po, T::OvmPo, T::Ovm] {
                assert_eq!(kind(from, other, false), "V", "{from:?} {other:?}");
            }
        }
    }
    for from in [T::Fo, T::PfoAdvok, T::Po, T::PoReq, T::OvmPo] {
        // Firms and the self-employed receive postal messages whatever their box says (bulletin B2176).
        for to in [T::Po, T::PoReq, T::OvmPo, T::Pfo, T::PfoReq, T::PfoAdvok] {
            assert_eq!(kind(from, to, false), "E", "{from:?} {to:?}");
        }
        assert_eq!(kind(from, T::Fo, true), "E", "{from:?}");
        assert_eq!(kind(from, T::Fo, false), "1232", "{from:?}");
    }
}

#[test]
fn an_initiating_message_needs_an_identifier_of_its_own() {
    let sender = DataBox {
        postal_contract: true,
        ..data_box("firma2x", BoxType::Po)
    };
    let recipient = data_box("banka2q", BoxType::Po);
    let choose = |reference: Option<&str>, used: bool| {
        let draft = EnvelopeDraft {
            message_type: Some("I".into()),
            sender_ref_number: reference.map(str::to_owned),
            ..EnvelopeDraft::default()
        };
        let request = PostalRequest::new(&sender, &recipient, &draft, PostalSize::Ordinary);
        let facts = TitleFacts {
            reference_used: used,
            ..TitleFacts::default()
        };
        Title::choose(&request, &facts, &Prices::default())
    };
    assert_eq!(choose(None, false).unwrap_err().status(), Status::REPLY_IDENTIFIER);
    assert_eq!(choose(Some("a"), true).unwrap_err().status(), Status::REPLY_IDENTIFIER);
    let payment = choose(Some("a"), false).unwrap().payment.unwrap();
    assert_eq!(
        (payment.means, payment.initiates.as_deref()),
        (Means::Contract, Some("a"))
    );
}

#[test]
fn large_messages_have_their_own_price() {
    let prices = Prices {
        vault_message_year: 100,
        postal_message: 1000,
        large_postal_message: 2500,
    };
    let (sender, recipient) = (data_box("firma2x", BoxType::Po), data_box("banka2q", BoxType::Po));
    let choose = |size, credit| {
        let request = PostalRequest::new(&sender, &recipient, &EnvelopeDraft::default(), size);
        let facts = TitleFacts {
            credit,
            ..TitleFacts::default()
        };
        Title::choose(&request, &facts, &prices).map(|title| title.payment.unwrap().amount)
    };
    assert_eq!(choose(PostalSize::Ordinary, 1000), Ok(1000));
    assert_eq!(choose(PostalSize::Large, 2500), Ok(2500));
    let refusal = choose(PostalSize::Large, 2499).unwrap_err();
    assert_eq!(refusal.status(), Status::INSUFFICIENT_CREDIT);
}

#[test]
fn an_invitation_ends_after_ninety_days_to_the_microsecond() {
    let submitted = Timestamp(1_790_000_000_000_000);
    let end = submitted.plus_seconds(90 * 86_400);
    for (subsidised, letters) in [(false, ['I', 'X', 'Y']), (true, ['A', 'C', 'B'])] {
        let open = MessageKind::initiating(subsidised);
        assert_eq!(open.at(submitted, end.plus_micros(-1)).letter(), letters[0]);
        assert_eq!(open.at(submitted, end).letter(), letters[1]);
        let used = MessageKind::Initiating {
            subsidised,
            state: crate::envelope::InitiatingState::Used,
        };
        assert_eq!(used.at(submitted, end).letter(), letters[2]);
    }
    assert_eq!(MessageKind::Contract.at(submitted, end), MessageKind::Contract);
}
