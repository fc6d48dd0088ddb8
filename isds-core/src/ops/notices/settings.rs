//! What somebody wants to be told, and where.

use sha2::{Digest, Sha256};

use crate::access_data::random_code;
use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::notice::{
    ConfirmationLimit, MailAddress, MailLanguage, NewMail, NoticeEvents, NoticeSettings, NoticeSubscription,
    PendingAddress, confirmation,
};
use crate::principal::Principal;
use crate::status::Status;
use crate::user::Membership;

use super::Isds;

/// How long a code is good, in real seconds.
const CODE_SECONDS: i64 = 24 * 3600;
/// How many wrong codes may be given before another has to be asked for.
const WRONG_CODES: i64 = 10;
/// How many confirmations one person may ask for within the time: mails to strangers are a nuisance.
const CONFIRMATIONS: i64 = 5;
const CONFIRMATION_SECONDS: i64 = 24 * 3600;

/// What somebody wants to be told in a box of theirs.
#[derive(Debug, Clone)]
pub struct NoticeChoice {
    /// Whether this installation sends mails at all.
    pub available: bool,
    /// What was chosen; none where nothing ever was.
    pub subscription: Option<NoticeSubscription>,
}

impl Isds {
    /// What the caller wants to be told in the box.
    ///
    /// # Errors
    /// 1004 for whoever is no user of a box.
    pub async fn notice_choice(&self, caller: &Principal) -> Result<NoticeChoice, Failure> {
        let (membership, _) = member(caller)?;
        Ok(NoticeChoice {
            available: self.notices.is_some(),
            subscription: self.store.lookup_notice_subscription(membership.id).await?,
        })
    }

    /// Takes an address for the caller's notifications, and sends a code there. Until it is confirmed, the address that
    /// was in use before stays in use.
    ///
    /// # Errors
    /// 1004; 2007 for what is no address; 2007 where mails are not sent here, or where too many confirmations were asked
    /// for lately.
    pub async fn give_notice_address(
        &self,
        caller: &Principal,
        address: &str,
        language: MailLanguage,
    ) -> Result<(), Failure> {
        let (membership, box_id) = member(caller)?;
        let settings = self.notice_settings()?;
        let address = parsed(address)?;
        let now = self.clock.real();
        let mut subscription = self.subscription_of(membership, box_id).await?;
        let code = random_code(&*self.random);
        subscription.language = language;
        subscription.pending = Some(PendingAddress {
            address: address.clone(),
            code: digest(&code),
            expires: now.plus_seconds(CODE_SECONDS),
            wrong: 0,
            failed: None,
        });
        let mail = NewMail {
            membership: membership.id,
            address,
            language,
            text: confirmation(settings, language, box_id, &code),
        };
        let limit = ConfirmationLimit {
            most: CONFIRMATIONS,
            since: now.plus_seconds(-CONFIRMATION_SECONDS),
        };
        if !self
            .store
            .ask_for_confirmation(&subscription, &mail, limit, now)
            .await?
        {
            return Err(too_many_confirmations().into());
        }
        self.mail_added.notify_one();
        self.record(
            caller,
            AuditAction::NoticeAddressChanged,
            AuditSubject::none().detail("given"),
        );
        Ok(())
    }

    /// Confirms the address with the code that was sent there.
    ///
    /// # Errors
    /// 1004; 2007 for a wrong code, one that is too old, and where none is awaited.
    pub async fn confirm_notice_address(&self, caller: &Principal, code: &str) -> Result<(), Failure> {
        let (membership, box_id) = member(caller)?;
        let wrong = || Refusal::about(Status::INVALID_STRUCTURE, "kód není správný, nebo už neplatí.");
        let now = self.clock.real();
        let mut subscription = self.subscription_of(membership, box_id).await?;
        let mut pending = subscription.pending.take().ok_or_else(wrong)?;
        if now >= pending.expires || pending.wrong >= WRONG_CODES {
            return Err(wrong().into());
        }
        if digest(code.trim()) != pending.code {
            pending.wrong += 1;
            subscription.pending = Some(pending);
            self.store.save_notice_subscription(&subscription).await?;
            return Err(wrong().into());
        }
        subscription.address = Some(pending.address);
        subscription.failed = None;
        self.store.save_notice_subscription(&subscription).await?;
        self.record(
            caller,
            AuditAction::NoticeAddressChanged,
            AuditSubject::none().detail("confirmed"),
        );
        Ok(())
    }

    /// Ends the caller's notifications in the box, and forgets the address.
    ///
    /// # Errors
    /// 1004.
    pub async fn remove_notice_address(&self, caller: &Principal) -> Result<(), Failure> {
        let (membership, _) = member(caller)?;
        self.store.remove_notice_subscription(membership.id).await?;
        self.record(
            caller,
            AuditAction::NoticeAddressChanged,
            AuditSubject::none().detail("removed"),
        );
        Ok(())
    }

    /// Chooses what the caller is told, and in which language.
    ///
    /// # Errors
    /// 1004.
    pub async fn choose_notices(
        &self,
        caller: &Principal,
        events: NoticeEvents,
        language: MailLanguage,
    ) -> Result<(), Failure> {
        let (membership, box_id) = member(caller)?;
        let mut subscription = self.subscription_of(membership, box_id).await?;
        subscription.events = events;
        subscription.language = language;
        self.store.save_notice_subscription(&subscription).await?;
        self.record(caller, AuditAction::NoticesChosen, AuditSubject::none());
        Ok(())
    }

    fn notice_settings(&self) -> Result<&NoticeSettings, Refusal> {
        self.notices
            .as_ref()
            .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "tento systém e-maily neposílá."))
    }

    async fn subscription_of(&self, membership: &Membership, box_id: BoxId) -> Result<NoticeSubscription, Failure> {
        let kept = self.store.lookup_notice_subscription(membership.id).await?;
        Ok(kept.unwrap_or(NoticeSubscription {
            membership: membership.id,
            box_id,
            person: membership.person_id,
            address: None,
            language: MailLanguage::default(),
            events: NoticeEvents::default(),
            pending: None,
            failed: None,
        }))
    }
}

fn member(caller: &Principal) -> Result<(&Membership, BoxId), Refusal> {
    let membership = caller.membership.as_ref();
    let own = membership.and_then(|membership| membership.box_id.map(|id| (membership, id)));
    own.ok_or_else(|| Refusal::of(Status::NO_RIGHT))
}

fn parsed(address: &str) -> Result<MailAddress, Refusal> {
    address
        .trim()
        .parse()
        .map_err(|_| Refusal::about(Status::INVALID_STRUCTURE, "toto není e-mailová adresa."))
}

fn too_many_confirmations() -> Refusal {
    let rule = format!("o potvrzení adresy lze žádat nejvýše {CONFIRMATIONS}krát denně.");
    Refusal::about(Status::INVALID_STRUCTURE, rule)
}

fn digest(code: &str) -> [u8; 32] {
    Sha256::digest(code.as_bytes()).into()
}
