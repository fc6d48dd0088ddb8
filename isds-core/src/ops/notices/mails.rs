//! Sending mails: at least once, with longer and longer pauses where they are not taken.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;

use crate::error::{Chain, Failure};
use crate::notice::{DueMail, MailId};
use crate::ports::{MailError, Mailer};

use super::Isds;

/// How many mails a node takes on at once.
const BATCH: u64 = 64;
/// How many it sends at once: as many as the mailer has connections.
const AT_ONCE: usize = 8;
/// After so many real seconds another node takes over the mails of one that died. One that lives keeps what it has, and
/// has to stand still for so long before a mail is sent twice.
const LEASE_SECONDS: i64 = 30;
/// How often it does.
const RENEWAL: Duration = Duration::from_secs(5);
/// Shortest and longest pause between attempts, in real seconds.
const FIRST_PAUSE: i64 = 2;
const LONGEST_PAUSE: i64 = 1800;
/// How long a mail is tried, in real seconds: as long as mail servers do (RFC 5321).
const TRIED_SECONDS: i64 = 5 * 86_400;

impl Isds {
    /// Sends mails that are due; answers how many were taken on.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn send_due_mails(&self, mailer: &Arc<dyn Mailer>) -> Result<u64, Failure> {
        let now = self.clock.real();
        let mails = self
            .store
            .claim_mails(now, now.plus_seconds(LEASE_SECONDS), BATCH)
            .await?;
        let count = mails.len() as u64;
        let mut held: HashSet<MailId> = mails.iter().map(|mail| mail.id).collect();
        let mut sent = futures::stream::iter(mails)
            .map(|mail| async {
                let id = mail.id;
                (id, self.send_or_give_back(mailer, mail).await)
            })
            .buffer_unordered(AT_ONCE);
        let mut renewal = tokio::time::interval_at(tokio::time::Instant::now() + RENEWAL, RENEWAL);
        let mut failed = None;
        loop {
            tokio::select! {
                next = sent.next() => {
                    let Some((id, result)) = next else { break };
                    held.remove(&id);
                    // The others go on; one that could not be written is sent once more when its lease ends.
                    failed = result.err().or(failed);
                }
                _ = renewal.tick() => self.keep_mails(&held).await,
            }
        }
        failed.map_or(Ok(count), Err)
    }

    /// A node that ends begins no more of them: others send them at once.
    async fn send_or_give_back(&self, mailer: &Arc<dyn Mailer>, due: DueMail) -> Result<(), Failure> {
        if self.ending.is_told() {
            return Ok(self.store.retry_mail(due.id, self.clock.real()).await?);
        }
        self.send_mail(mailer, due).await
    }

    async fn keep_mails(&self, held: &HashSet<MailId>) {
        let until = self.clock.real().plus_seconds(LEASE_SECONDS);
        for mail in held {
            if let Err(error) = self.store.retry_mail(*mail, until).await {
                tracing::warn!(mail = mail.0, error = %Chain(&error), "a lease cannot be kept");
            }
        }
    }

    async fn send_mail(&self, mailer: &Arc<dyn Mailer>, due: DueMail) -> Result<(), Failure> {
        let reference = format!("{}.{}", due.id.0, due.written.0);
        let result = mailer.send(&due.mail.address, &due.mail, &reference, due.written).await;
        let now = self.clock.real();
        match result {
            Ok(()) => self.store.finish_mail(due.id).await?,
            // What the mail server says names addresses of people, so the log has the numbers alone.
            Err(MailError::Later(_)) if now < due.written.plus_seconds(TRIED_SECONDS) => {
                tracing::warn!(mail = due.id.0, attempts = due.attempts, "a mail was not taken now");
                self.store
                    .retry_mail(due.id, now.plus_seconds(pause(due.attempts)))
                    .await?;
            }
            Err(_) => {
                tracing::warn!(mail = due.id.0, attempts = due.attempts, "a mail is given up");
                self.store.give_up_mail(&due, now).await?;
            }
        }
        Ok(())
    }
}

/// Pause after so many attempts before this one.
fn pause(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts.clamp(0, 16)).unwrap_or(16);
    (FIRST_PAUSE << doubled).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let pauses: Vec<i64> = (0..12).map(pause).collect();
        assert_eq!(pauses[..4], [2, 4, 8, 16]);
        assert!(pauses.is_sorted() && pauses[11] == LONGEST_PAUSE && pause(i64::MAX) == LONGEST_PAUSE);
    }
}
