//! Events of a message (`dmEvents`), with the texts that delivery infos show.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Who delivered a message by logging in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReaderKind {
    /// The holder, a statutory body, liquidator, receiver or guardian (EV11).
    Holder,
    /// A person with a read right given by the holder (EV12).
    Entrusted,
    /// An application with a system certificate (EV13).
    Application,
}

/// Kind of an event. The prefix is the contract's, the wording may change (manual M 2.6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// EV0: submitted.
    Submitted,
    /// EV2: delivered by fiction.
    Fiction,
    /// EV3: undeliverable, the box was disabled retroactively.
    Undeliverable,
    /// EV5: delivered into the box.
    DeliveredIn,
    /// EV6: nobody had access to the box between delivery into it and fiction.
    FictionWithoutUser,
    /// EV8: malware found.
    Infected,
    /// EV11: the holder logged in.
    HolderLogin,
    /// EV12: an entrusted person logged in.
    EntrustedLogin,
    /// EV13: an application logged in.
    ApplicationLogin,
}

impl EventKind {
    const NUMBERS: [(Self, i16); 9] = [
        (Self::Submitted, 0),
        (Self::Fiction, 2),
        (Self::Undeliverable, 3),
        (Self::DeliveredIn, 5),
        (Self::FictionWithoutUser, 6),
        (Self::Infected, 8),
        (Self::HolderLogin, 11),
        (Self::EntrustedLogin, 12),
        (Self::ApplicationLogin, 13),
    ];

    /// The number behind `EV`.
    #[must_use]
    pub fn number(self) -> i16 {
        Self::NUMBERS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or(0, |(_, n)| *n)
    }

    /// The kind with the number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::NUMBERS.iter().find(|(_, n)| *n == number).map(|(kind, _)| *kind)
    }

    /// The event that a login of this kind of reader records.
    #[must_use]
    pub fn login(reader: ReaderKind) -> Self {
        match reader {
            ReaderKind::Holder => Self::HolderLogin,
            ReaderKind::Entrusted => Self::EntrustedLogin,
            ReaderKind::Application => Self::ApplicationLogin,
        }
    }

    /// `dmEventDescr`: prefix and text. EV0, EV3, EV5 and EV6 are worded as the contract has them; EV2 is worded for
    /// the rule in force since 2023; of EV8 and EV11–EV13 the contract tells only the meaning.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Submitted => "EV0: Datová zpráva byla podána.",
            Self::Fiction => {
                "EV2: Uplynulo 10 dnů od dodání datové zprávy do datové schránky příjemce, aniž by se do schránky přihlásila osoba, která má s ohledem na rozsah svého oprávnění přístup k dodanému dokumentu (dle § 17, odst. 4, zákona č. 300/2008 Sb., v platném znění). Zpráva byla označena jako doručená fikcí. Připadl-li 10. den na sobotu, neděli nebo svátek, nastalo doručení až uplynutím nejbližšího následujícího pracovního dne."
            }
            Self::Undeliverable => {
                "EV3: Datová schránka adresáta byla zpětně (tj. po dodání zprávy), znepřístupněna, datová zpráva není doručitelná (§ 11, odst. 1-4, zákona č. 300/2008 Sb.)"
            }
            Self::DeliveredIn => {
                "EV5: Datová zpráva byla dodána do datové schránky příjemce. Je-li příjemcem datové zprávy orgán veřejné moci vystupující v postavení orgánu veřejné moci, byla datová zpráva tímto okamžikem doručena."
            }
            Self::FictionWithoutUser => {
                "EV6: V datové schránce adresáta nebyla v době od okamžiku dodání zprávy do okamžiku doručení zprávy fikcí zavedena žádná osoba s oprávněním přistupovat do datové schránky."
            }
            Self::Infected => {
                "EV8: V příloze datové zprávy byl nalezen škodlivý kód, datová zpráva nebyla dodána (§ 20, odst. 2, zákona č. 300/2008 Sb.)."
            }
            Self::HolderLogin => {
                "EV11: Do datové schránky se přihlásila oprávněná osoba (dle § 8, odst. 1-4, zákona č. 300/2008 Sb.). Datová zpráva byla tímto okamžikem doručena."
            }
            Self::EntrustedLogin => {
                "EV12: Do datové schránky se přihlásila pověřená osoba s oprávněním číst tuto zprávu (dle § 8, odst. 6, zákona č. 300/2008 Sb.). Datová zpráva byla tímto okamžikem doručena."
            }
            Self::ApplicationLogin => {
                "EV13: Přihlásila se elektronická aplikace za pomoci systémového certifikátu datové schránky. Datová zpráva byla tímto okamžikem doručena."
            }
        }
    }
}

/// An event of a message, at the legal time at which it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When, by law; not when a job got round to it.
    pub time: Timestamp,
}
