//! The job that has a stamped message scanned, and the scanning of uploads.
//!
//! Scans run beside the other jobs: a file may take minutes. A message without a verdict waits in its phase, however
//! long; only a verdict moves it on (`docs/decisions/0031`).

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use crate::error::{Chain, Failure, Refusal};
use crate::ids::{MessageId, ObjectId};
use crate::message::{Message, Phase, ScanVerdict};
use crate::ports::{FileVerdict, Job, JobId, JobKind, ScanError};
use crate::status::Status;

use super::Isds;
use super::deliver_in::Judged;
use super::process_message::{GATHER, JobReport, LEASE_SECONDS, Outcome, RENEWAL, Step, Worked, keep, span_of};

/// Most messages that a node has scanned at once.
const AT_ONCE: usize = 8;
/// How often a free place is offered to what others added, while scans run.
const TICK: Duration = Duration::from_millis(500);
/// So often is a message tried whose file the scanner does not come to the end of. Then it is as if malware had been
/// found: nobody can tell one from the other (bulletin 2224).
const TRIES_OF_ENDLESS: i64 = 3;

/// Scans that run.
#[derive(Default)]
struct Running {
    tasks: JoinSet<Worked>,
    held: HashSet<JobId>,
}

impl Isds {
    /// Has due messages scanned and delivers those that are clean, until none is left that this node may take. Nothing is
    /// taken while the scanner is out of order or scanning is halted.
    ///
    /// # Errors
    /// Failures of the database; single jobs that fail are given back.
    pub async fn run_due_scans(self: &Arc<Self>) -> Result<JobReport, Failure> {
        let mut report = JobReport::default();
        let mut running = Running::default();
        let mut renewed = Instant::now();
        loop {
            let free = AT_ONCE.saturating_sub(running.tasks.len());
            if free > 0 && self.scanning.goes_on() {
                let now = self.clock.real();
                let until = now.plus_seconds(LEASE_SECONDS);
                for job in self.store.claim_scans(now, until, free as u64).await? {
                    report.taken += 1;
                    running.held.insert(job.id);
                    running.tasks.spawn(Arc::clone(self).scan(job));
                }
            }
            if running.tasks.is_empty() {
                return Ok(report);
            }
            tokio::select! {
                Some(first) = running.tasks.join_next() => {
                    let mut group = Vec::new();
                    keep(first, &mut group, &mut running.held);
                    let until = Instant::now() + GATHER;
                    while let Ok(Some(next)) = timeout_at(until, running.tasks.join_next()).await {
                        keep(next, &mut group, &mut running.held);
                    }
                    self.write(group, &mut report).await?;
                }
                () = self.scanning.added() => {}
                () = sleep(TICK) => {}
                () = self.scanning.halted() => {
                    running.tasks.shutdown().await;
                    let now = self.clock.real();
                    for job in running.held {
                        self.store.retry_job(job, now).await?;
                    }
                    return Ok(report);
                }
            }
            if renewed.elapsed() >= RENEWAL {
                renewed = Instant::now();
                self.keep_leases(&running.held).await;
            }
        }
    }

    async fn scan(self: Arc<Self>, job: Job) -> Worked {
        let begun = Instant::now();
        let span = span_of(&job);
        let outcome = match job.kind {
            JobKind::ScanMessage(id) => self.scan_message(id, job.attempts).instrument(span.clone()).await,
            // Such jobs are not claimed here.
            _ => Ok(Outcome::Later),
        };
        self.note_job(&job, &outcome, begun, &span);
        (job, outcome)
    }

    async fn scan_message(&self, id: MessageId, attempts: i64) -> Result<Outcome, Failure> {
        let Some(message) = self.store.lookup_message(id).await? else {
            return Ok(Outcome::Obsolete);
        };
        if message.state.phase != Phase::Stamped {
            return Ok(Outcome::Obsolete);
        }
        let verdict = if self.scanner.is_installed() {
            match self.scan_attachments(&message).await? {
                Ok(verdict) => verdict,
                Err(error) => match self.without_verdict(id, attempts, &error) {
                    Some(verdict) => verdict,
                    None => return Ok(Outcome::Later),
                },
            }
        } else {
            ScanVerdict::NotScanned
        };
        let step = Step::of(&message);
        Ok(Outcome::Judged(Box::new(Judged { message, step, verdict })))
    }

    /// Has the attachments scanned, each as the file that was sent, until one is found bad.
    async fn scan_attachments(&self, message: &Message) -> Result<Result<ScanVerdict, ScanError>, Failure> {
        for (index, place) in self.kept_attachments(message).await?.iter().enumerate() {
            if place.bytes == 0 {
                continue;
            }
            let content = self.attachment_bytes(message, place).await?;
            match self.scanner.scan(content).await {
                Ok(FileVerdict::Clean) => self.scanner_answered(),
                Ok(FileVerdict::Found(finding)) => {
                    self.scanner_answered();
                    let (dm_id, attachment) = (message.id.0, index + 1);
                    tracing::warn!(dm_id, attachment, %finding, "malware found: the message is not delivered");
                    return Ok(Ok(ScanVerdict::Infected));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(ScanVerdict::Clean))
    }

    /// What becomes of a message that the scanner gave no verdict on; mostly it waits.
    fn without_verdict(&self, id: MessageId, attempts: i64, error: &ScanError) -> Option<ScanVerdict> {
        match error {
            ScanError::OutOfOrder(_) => self.scanner_failed(error),
            ScanError::TooLong(_) if attempts + 1 >= TRIES_OF_ENDLESS => {
                tracing::warn!(dm_id = id.0, error = %Chain(error), "not to be scanned: the message is not delivered");
                return Some(ScanVerdict::Infected);
            }
            _ => tracing::warn!(dm_id = id.0, attempts, error = %Chain(error), "no verdict of the scanner yet"),
        }
        None
    }

    /// Has an uploaded file scanned. While the scanner is out of order it is taken as it is: the message that uses it
    /// will wait for a verdict.
    ///
    /// # Errors
    /// 1214 where malware is found, 2046 where the scanner does not come to an end with it; failures of the objects.
    pub(super) async fn scan_upload(&self, object: &ObjectId, length: u64, file_name: &str) -> Result<(), Failure> {
        if length == 0 || !self.scanner.is_installed() || self.scanning.is_out_of_order() {
            return Ok(());
        }
        let content = self.objects.read(object, 0, length).await?;
        match self.scanner.scan(content).await {
            Ok(FileVerdict::Clean) => {
                self.scanner_answered();
                Ok(())
            }
            Ok(FileVerdict::Found(finding)) => {
                self.scanner_answered();
                tracing::warn!(%finding, "malware found: an upload is refused");
                let text = format!("Antivirová kontrola odhalila v souboru hrozbu.: {file_name}");
                Err(Refusal::about(Status::ATTACHMENT_FORMAT, text).into())
            }
            Err(ScanError::Content(error)) => Err(error.into()),
            Err(error @ ScanError::OutOfOrder(_)) => {
                self.scanner_failed(&error);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "no verdict of the scanner: an upload is refused");
                Err(Refusal::about(Status::SCAN_TAKES_TOO_LONG, file_name).into())
            }
        }
    }
}
