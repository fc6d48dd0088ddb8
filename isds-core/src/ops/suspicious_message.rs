//! `SuspMessageReport`: a recipient says that a message looks like spam or worse.

use crate::audit::{AuditAction, AuditSubject};
use crate::box_type::BoxType;
use crate::envelope::MessageKind;
use crate::error::{Failure, Refusal};
use crate::ids::MessageId;
use crate::message::{Message, SideOf};
use crate::operation::Operation;
use crate::ports::SuspicionReport;
use crate::principal::Principal;
use crate::status::Status;
use crate::text::clean;

use super::Isds;

/// What a caller reports.
#[derive(Debug, Clone, Default)]
pub struct SuspicionDraft {
    /// `repName`.
    pub name: Option<String>,
    /// `repMail`.
    pub mail: Option<String>,
    /// `repTel`.
    pub telephone: Option<String>,
    /// `allowComplete`.
    pub allow_complete: bool,
    /// `note`.
    pub note: Option<String>,
}

/// Days after delivery for which a message may be reported: as long as its content is kept at least.
const REPORTABLE_DAYS: i64 = 90;
const DAY_SECONDS: i64 = 86_400;
/// Longest name, e-mail address and telephone number, in characters.
const MAX_CONTACT: usize = 255;
/// Longest note, in characters.
const MAX_NOTE: usize = 4000;

impl Isds {
    /// Keeps a recipient's report. It sets no mark on the message by itself.
    ///
    /// # Errors
    /// 1004, 1600, 1609–1616, 1222.
    pub async fn report_suspicious_message(
        &self,
        caller: &Principal,
        id: MessageId,
        draft: SuspicionDraft,
    ) -> Result<(), Failure> {
        let own = caller.authorize(Operation::SuspMessageReport)?.id;
        let message = self.store.lookup_message(id).await?;
        let message = message.ok_or_else(|| Refusal::of(Status::NOT_AMONG_LIVE_MESSAGES))?;
        match message.side_of(own) {
            None => return Err(Failure::refused(Status::NOT_FROM_OWN_BOX)),
            Some(SideOf::Sender) => return Err(Failure::refused(Status::REPORTER_IS_NOT_RECIPIENT)),
            Some(SideOf::Recipient) => {}
        }
        refuse_what_cannot_be_reported(caller, &message)?;
        let delivered = message.state.delivered_in.unwrap_or(message.state.submitted);
        let now = self.clock.legal();
        if delivered.plus_seconds(REPORTABLE_DAYS * DAY_SECONDS) <= now {
            return Err(Failure::refused(Status::REPORTED_TOO_LATE));
        }
        let draft = draft.normalize()?;
        let report = SuspicionReport {
            message: id,
            reporter: own,
            time: now.to_millis(),
            name: draft.name,
            mail: draft.mail,
            telephone: draft.telephone,
            allow_complete: draft.allow_complete,
            note: draft.note,
        };
        self.store.add_suspicion_report(&report).await?;
        self.record(caller, AuditAction::MessageReported, AuditSubject::message(id));
        Ok(())
    }
}

fn refuse_what_cannot_be_reported(caller: &Principal, message: &Message) -> Result<(), Refusal> {
    let copy = message.state.side(SideOf::Recipient);
    if message.state.delivered_in.is_none() || copy.erased {
        return Err(Refusal::of(Status::NOT_AMONG_LIVE_MESSAGES));
    }
    if !caller.privileges.may_read(message.envelope.personal_delivery()) {
        return Err(Refusal::of(Status::NO_RIGHT));
    }
    if message.kind == MessageKind::System {
        return Err(Refusal::of(Status::SYSTEM_MESSAGE_NOT_REPORTABLE));
    }
    if BoxType::from_code(message.envelope.sender_type).is_some_and(BoxType::is_ovm) {
        return Err(Refusal::of(Status::AUTHORITY_NOT_REPORTABLE));
    }
    if copy.in_vault {
        return Err(Refusal::of(Status::VAULT_NOT_REPORTABLE));
    }
    super::download::refuse_before_login(message)
}

impl SuspicionDraft {
    fn normalize(self) -> Result<Self, Refusal> {
        let text = |field: Option<String>, name: &str, limit: usize| -> Result<Option<String>, Refusal> {
            let cleaned = field
                .map(|text| clean(&text).trim().to_owned())
                .filter(|text| !text.is_empty());
            match cleaned {
                Some(text) if text.chars().count() > limit => Err(Refusal::about(
                    Status::INVALID_STRUCTURE,
                    format!("{name} má nejvýše {limit} znaků."),
                )),
                cleaned => Ok(cleaned),
            }
        };
        let draft = Self {
            name: text(self.name, "repName", MAX_CONTACT)?,
            mail: text(self.mail, "repMail", MAX_CONTACT)?,
            telephone: text(self.telephone, "repTel", MAX_CONTACT)?,
            note: text(self.note, "note", MAX_NOTE)?,
            allow_complete: self.allow_complete,
        };
        if draft.telephone.as_deref().is_some_and(|number| !is_telephone(number)) {
            return Err(Refusal::of(Status::MALFORMED_TELEPHONE));
        }
        if draft.mail.as_deref().is_some_and(|address| !is_mail_address(address)) {
            return Err(Refusal::of(Status::MALFORMED_MAIL_ADDRESS));
        }
        Ok(draft)
    }
}

/// Nine to fifteen digits (E.164), with a plus before them and blanks between them.
fn is_telephone(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (9..=15).contains(&digits) && number.chars().all(|c| c.is_ascii_digit() || c == ' ')
}

/// Something before one at sign, and a host name with a dot behind it: whether mail arrives there, only mail tells.
fn is_mail_address(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let local_is_fine = !local.is_empty()
        && local.len() <= 64
        && !local
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "@<>()[]\\,;:\"".contains(c));
    local_is_fine && host.contains('.') && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephones() {
        for good in ["+420 777 123 456", "777123456", "+421905123456"] {
            assert!(is_telephone(good), "{good}");
        }
        for bad in [
            "",
            "12345678",
            "777-123-456",
            "77712345a",
            "++420777123456",
            "1234567890123456",
        ] {
            assert!(!is_telephone(bad), "{bad}");
        }
    }

    #[test]
    fn mail_addresses() {
        for good in ["jan.novak@vzor.cz", "a@b.c", "jan+ds@háčky.cz"] {
            assert!(is_mail_address(good), "{good}");
        }
        for bad in [
            "",
            "jan",
            "@vzor.cz",
            "jan@vzor",
            "jan@@vzor.cz",
            "jan novak@vzor.cz",
            "jan@-vzor.cz",
            "jan@vzor..cz",
        ] {
            assert!(!is_mail_address(bad), "{bad}");
        }
    }
}
