//! System messages: what the system itself tells a box (manual M 1.11.1).
//!
//! A change and the promise of its system message are written in one transaction, as a row with a job; the job makes a
//! data message of it and takes the row away in the transaction that accepts the message. So a message arrives for
//! every change that was written, and one only.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{BoxId, IsdsId, MessageId};

/// Days after delivery into the box for which a system message is kept that nobody delivers by a login (manual M 1.6).
pub const RETENTION_DAYS: i64 = 100;

/// Name under which the system writes (`dmSender`).
pub const SENDER_NAME: &str = "Systémová schránka správce ISDS";

/// `dmSenderType` of the system.
pub const SENDER_TYPE: i32 = 0;

/// Whom a message of the types 2, 5 and 6 is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserNotice {
    /// The membership.
    pub isds_id: IsdsId,
    /// Given names and last name.
    pub name: String,
}

/// A message that became undeliverable, as its sender is told (type 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliverableNotice {
    /// The message.
    pub message: MessageId,
    /// Box of the recipient.
    pub recipient: BoxId,
    /// Its holder.
    pub recipient_name: String,
    /// Day with whose beginning the box was disabled (`undelivDate`).
    pub disabled: Date,
    /// Day on which that was done (`actionDate`).
    pub done: Date,
    /// Subject of the message.
    pub annotation: Option<String>,
    /// `dmSenderRefNumber` of the message.
    pub sender_ref_number: Option<String>,
    /// `dmSenderIdent` of the message.
    pub sender_ident: Option<String>,
}

/// What an administrator writes to chosen boxes (manual M 1.11.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnouncementText {
    /// Subject.
    pub subject: String,
    /// Paragraphs.
    pub paragraphs: Vec<String>,
}

/// What is told. The numbers are `SystemMessage/@type`.
///
/// The contract names the events of the types 1 and 3, says that 2, 5 and 6 are about users and that 7 to 10 tell of a
/// box being disabled; the rest is chosen here (`docs/decisions/0013`). Type 4 ended in 2015.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SystemMessage {
    /// 1: malware was found in a message that the box sent.
    MalwareFound {
        /// The message.
        message: MessageId,
        /// Box that it was for.
        recipient: BoxId,
    },
    /// 2: somebody was given access to the box.
    UserAdded(UserNotice),
    /// 3: a message that the box sent became undeliverable.
    Undeliverable(Box<UndeliverableNotice>),
    /// 5: the privileges of a user of the box were changed.
    PrivilegesChanged(UserNotice),
    /// 6: somebody's access to the box ended.
    UserRemoved(UserNotice),
    /// 7: the box was disabled on its holder's request.
    DisabledOnRequest,
    /// 8: the box was disabled by law.
    DisabledByLaw,
    /// 9: the box was disabled because its holder's activity was interrupted.
    DisabledByInterruption,
    /// 10: the box was disabled for good.
    DisabledForGood,
    /// 11: the box is accessible again.
    EnabledAgain,
    /// An announcement of the administrator. The contract gives it no number; it carries 0 (`docs/decisions/0025`).
    Announcement(AnnouncementText),
}

impl SystemMessage {
    /// `SystemMessage/@type`.
    #[must_use]
    pub fn number(&self) -> u8 {
        match self {
            Self::MalwareFound { .. } => 1,
            Self::UserAdded(_) => 2,
            Self::Undeliverable(_) => 3,
            Self::PrivilegesChanged(_) => 5,
            Self::UserRemoved(_) => 6,
            Self::DisabledOnRequest => 7,
            Self::DisabledByLaw => 8,
            Self::DisabledByInterruption => 9,
            Self::DisabledForGood => 10,
            Self::EnabledAgain => 11,
            Self::Announcement(_) => 0,
        }
    }

    /// Subject (`dmAnnotation`).
    #[must_use]
    pub fn annotation(&self) -> &str {
        match self {
            Self::MalwareFound { .. } => "Datová zpráva nebyla dodána – nález škodlivého kódu",
            Self::UserAdded(_) => "Do datové schránky byla přidána osoba",
            Self::Undeliverable(_) => "Datová zpráva je nedoručitelná",
            Self::PrivilegesChanged(_) => "Změna oprávnění osoby v datové schránce",
            Self::UserRemoved(_) => "Zrušení přístupu osoby do datové schránky",
            Self::DisabledOnRequest | Self::DisabledByLaw | Self::DisabledByInterruption | Self::DisabledForGood => {
                "Znepřístupnění datové schránky"
            }
            Self::EnabledAgain => "Opětovné zpřístupnění datové schránky",
            Self::Announcement(text) => &text.subject,
        }
    }

    /// What the attachment for people says, a paragraph each.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        match self {
            Self::MalwareFound { message, recipient } => vec![
                format!(
                    "V příloze datové zprávy č. {message} určené do datové schránky {recipient} nalezla antivirová kontrola škodlivý kód. Zpráva nebyla dodána a její obsah není možné stáhnout (§ 20 odst. 2 zákona č. 300/2008 Sb.)."
                ),
                "Zkontrolujte prosím přílohy, a to i po stránce platnosti jejich formátu, a zprávu odešlete znovu.".to_owned(),
            ],
            Self::UserAdded(user) => vec![format!(
                "Do Vaší datové schránky byla přidána osoba {} (identifikátor {}).",
                user.name, user.isds_id
            )],
            Self::Undeliverable(notice) => undeliverable(notice),
            Self::PrivilegesChanged(user) => vec![format!(
                "Osobě {} (identifikátor {}) byla ve Vaší datové schránce změněna oprávnění.",
                user.name, user.isds_id
            )],
            Self::UserRemoved(user) => vec![format!(
                "Osobě {} (identifikátor {}) byl zrušen přístup do Vaší datové schránky.",
                user.name, user.isds_id
            )],
            Self::DisabledOnRequest => vec![
                "Vaše datová schránka byla na žádost znepřístupněna (§ 11 zákona č. 300/2008 Sb.). Po dobu znepřístupnění do ní nelze dodávat datové zprávy ani je z ní odesílat.".to_owned(),
            ],
            Self::DisabledByLaw => vec![
                "Vaše datová schránka byla znepřístupněna ze zákona (§ 11 odst. 1 zákona č. 300/2008 Sb.). Po dobu znepřístupnění do ní nelze dodávat datové zprávy ani je z ní odesílat.".to_owned(),
            ],
            Self::DisabledByInterruption => vec![
                "Vaše datová schránka byla znepřístupněna z důvodu přerušení činnosti. Po dobu znepřístupnění do ní nelze dodávat datové zprávy ani je z ní odesílat.".to_owned(),
            ],
            Self::DisabledForGood => vec![
                "Vaše datová schránka byla trvale znepřístupněna (§ 11 zákona č. 300/2008 Sb.). Nelze do ní dodávat datové zprávy ani je z ní odesílat; po třech letech bude zrušena.".to_owned(),
            ],
            Self::EnabledAgain => vec!["Vaše datová schránka byla opět zpřístupněna.".to_owned()],
            Self::Announcement(text) => text.paragraphs.clone(),
        }
    }
}

fn undeliverable(notice: &UndeliverableNotice) -> Vec<String> {
    let day = |date: Date| format!("{}. {}. {}", date.day(), date.month(), date.year());
    let mut paragraphs = vec![format!(
        "Datová schránka {} ({}) byla dne {} znepřístupněna s účinností od {}. Datová zpráva č. {}, kterou jste do ní odeslali, je proto nedoručitelná (§ 20 odst. 1 písm. g) zákona č. 300/2008 Sb.), i kdyby k ní existovala dřívější doručenka o doručení fikcí.",
        notice.recipient,
        notice.recipient_name,
        day(notice.done),
        day(notice.disabled),
        notice.message,
    )];
    let details = [
        ("Věc", &notice.annotation),
        ("Naše číslo jednací", &notice.sender_ref_number),
        ("Naše spisová značka", &notice.sender_ident),
    ];
    paragraphs.extend(
        details
            .into_iter()
            .filter_map(|(label, text)| Some(format!("{label}: {}", text.as_deref()?))),
    );
    paragraphs
}

/// A system message that is still to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSystemMessage {
    /// Box that it goes to.
    pub recipient: BoxId,
    /// What it says.
    pub message: SystemMessage,
}

/// A system message as it is written: what people read and what programs read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemMessageForm {
    /// HTML document.
    pub html: Vec<u8>,
    /// XML document `SystemMessage`.
    pub xml: Vec<u8>,
}
