//! What a box is told of its vault (contract, section 7: notices of the operator).

use jiff::civil::Date;

use crate::error::Failure;
use crate::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};
use crate::time::Timestamp;
use crate::vault::{Vault, VaultFill};

use super::super::Isds;
use super::BATCH;

impl Isds {
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
