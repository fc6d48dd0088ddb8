//! What somebody is told before it ends: boxes of their vaults and certificates (contract, section 7: notices of the
//! operator), people of their passwords.

use jiff::civil::Date;

use crate::error::Failure;
use crate::notice::{DAYS_BEFORE_PASSWORD_ENDS, DueNotice, NoticeDetail, NoticeEvent, NoticeScope};
use crate::ports::{EndingPassword, SystemCertificate, WarnedOf};
use crate::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};
use crate::time::Timestamp;
use crate::vault::{Vault, VaultFill};

use super::super::Isds;
use super::BATCH;

/// How long before its end a box is told of a certificate.
const CERTIFICATE_DAYS: i64 = 30;
/// How long after its end nobody is told of a password any more, in days: whoever used it has found out.
const FORGOTTEN_DAYS: i64 = 30;

impl Isds {
    /// Tells boxes, once for each, whose system certificates end soon; answers how many were looked at.
    pub(super) async fn warn_of_certificates(&self, real: Timestamp) -> Result<u64, Failure> {
        let until = real.plus_seconds(CERTIFICATE_DAYS * 86_400);
        let ending = self.store.list_ending_certificates(until, BATCH).await?;
        for certificate in &ending {
            // Of one that has ended already its applications have told.
            let told = (certificate.expires > real).then(|| DueSystemMessage {
                recipient: certificate.box_id,
                message: certificate_ends(certificate),
            });
            let is_first = self
                .store
                .settle_certificate_warning(&certificate.fingerprint, told.as_ref())
                .await?;
            if is_first && told.is_some() {
                self.job_added.notify_one();
            }
        }
        Ok(ending.len() as u64)
    }

    /// Tells people, once for each password, which of their passwords end soon, or did while nobody could tell them;
    /// answers how many were looked at.
    pub(super) async fn warn_of_passwords(&self, now: Timestamp) -> Result<u64, Failure> {
        let until = now.plus_seconds(DAYS_BEFORE_PASSWORD_ENDS * 86_400);
        let ending = self.store.list_ending_passwords(until, BATCH).await?;
        let forgotten = now.plus_seconds(-FORGOTTEN_DAYS * 86_400);
        for password in &ending {
            let is_told = self.notices.is_some() && password.expires > forgotten;
            let told = is_told.then(|| password_ends(password));
            self.store.settle_password_warning(password, told.as_ref()).await?;
        }
        Ok(ending.len() as u64)
    }

    /// Tells boxes whose vault ends soon and is followed by no other; answers how many terms were looked at.
    pub(super) async fn warn_of_vaults(&self, now: Timestamp) -> Result<u64, Failure> {
        let ending = self.store.list_vault_warnings(now, BATCH).await?;
        for (box_id, vault) in &ending {
            let account = self.store.lookup_vaults(*box_id, now).await?;
            let goes_on = account.terms.iter().any(|other| other.begins() >= vault.ends());
            let told = (!goes_on && vault.ends() > now).then(|| DueSystemMessage {
                recipient: *box_id,
                message: ends_soon(vault),
            });
            self.store.settle_vault_warning(*box_id, vault, told.as_ref()).await?;
            if told.is_some() {
                self.job_added.notify_one();
            }
        }
        Ok(ending.len() as u64)
    }
}

/// Up to which ends somebody is told of them at these times.
pub(super) fn warned_of(legal: Timestamp, real: Timestamp) -> WarnedOf {
    WarnedOf {
        certificates: real.plus_seconds(CERTIFICATE_DAYS * 86_400),
        passwords: legal.plus_seconds(DAYS_BEFORE_PASSWORD_ENDS * 86_400),
    }
}

/// What a person is told of a password, due when it came that near to its end.
fn password_ends(ending: &EndingPassword) -> DueNotice {
    DueNotice {
        event: NoticeEvent::PasswordEnds,
        scope: NoticeScope::Person(ending.person),
        message: None,
        isds_id: None,
        detail: NoticeDetail::Password(ending.expires, ending.box_id),
        due: ending.expires.plus_seconds(-DAYS_BEFORE_PASSWORD_ENDS * 86_400),
    }
}

fn announcement(subject: &str, text: String) -> SystemMessage {
    SystemMessage::Announcement(AnnouncementText {
        subject: subject.to_owned(),
        paragraphs: vec![text],
    })
}

fn ends_soon(vault: &Vault) -> SystemMessage {
    let day = |date: Date| format!("{}. {}. {}", date.day(), date.month(), date.year());
    announcement(
        "Platnost datového trezoru končí",
        format!(
            "Platnost Vašeho datového trezoru skončí dnem {}. Zprávy, které v něm budou ležet, budou poté vymazány, nebude-li na něj navazovat další. Potřebné zprávy si prosím včas stáhněte, nebo trezor prodlužte v nastavení schránky.",
            day(vault.term.to)
        ),
    )
}

fn certificate_ends(certificate: &SystemCertificate) -> SystemMessage {
    let day = certificate.expires.local_date();
    let fingerprint: String = certificate
        .fingerprint
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    announcement(
        "Platnost systémového certifikátu končí",
        format!(
            "Platnost systémového certifikátu, kterým se k Vaší datové schránce hlásí elektronická aplikace, skončí dne {}. {}. {}. Otisk certifikátu (SHA-256): {fingerprint}. Aplikace se poté nepřihlásí; nový certifikát si prosím zaregistrujte včas.",
            day.day(),
            day.month(),
            day.year()
        ),
    )
}

/// The message that tells how full a vault became.
pub(super) fn filled(fill: VaultFill, capacity: i64) -> SystemMessage {
    match fill {
        VaultFill::Nearly => announcement(
            "Datový trezor je téměř zaplněn",
            format!(
                "Ve Vašem datovém trezoru je zaplněno devět desetin z kapacity {capacity} zpráv. Až se zaplní celý, budou další zprávy po uplynutí doby uložení vymazány. Zprávy, které v trezoru nepotřebujete, můžete smazat."
            ),
        ),
        VaultFill::Full => announcement(
            "Datový trezor je zaplněn",
            format!(
                "Váš datový trezor je zaplněn do své kapacity {capacity} zpráv. Další zprávy budou po uplynutí doby uložení vymazány, dokud v trezoru nevznikne místo. Potřebné zprávy si prosím včas stáhněte."
            ),
        ),
    }
}
