//! The job that carries an accepted message on: stamp, scan, deliver.
//!
//! It looks at the phase first, so doing it twice does no harm. Neither a dead authority nor a dead scanner loses
//! anything: the steps done so far are kept and the job is tried again.

use std::sync::Arc;

use futures::stream::{FuturesUnordered, StreamExt};

use crate::error::{Chain, Failure};
use crate::ids::MessageId;
use crate::message::{Input, Message, MessageState, Phase, ScanVerdict, TransitionError, apply};
use crate::ports::{Job, JobId, JobKind, MessageChange, StoreError};

use super::Isds;

/// How long a node may work on a job before another takes it over, in real seconds.
const LEASE_SECONDS: i64 = 60;
/// How many jobs are taken at once; their changes are written in one transaction.
const BATCH: u64 = 64;
/// Longest pause between attempts, in real seconds.
const MAX_PAUSE_SECONDS: i64 = 300;

/// What one turn over the due jobs did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobReport {
    /// Jobs taken.
    pub taken: u64,
    /// Jobs that have to be tried again.
    pub retried: u64,
}

/// Transitions of one message, gathered to be written at once.
pub(super) struct Step {
    state: MessageState,
    change: MessageChange,
}

impl Step {
    pub fn of(message: &Message) -> Self {
        Self {
            state: message.state,
            change: MessageChange {
                id: message.id,
                from_version: message.version,
                state: message.state,
                timestamp_token: None,
                scan: None,
                events: Vec::new(),
                removes: None,
                state_changes: Vec::new(),
                finishes_job: None,
            },
        }
    }

    pub fn then(mut self, input: Input) -> Result<Self, TransitionError> {
        let change = apply(&self.state, input)?;
        self.state = change.state;
        self.change.state = change.state;
        self.change.events.extend(change.events);
        self.change.removes = change.removes.or(self.change.removes);
        self.change.state_changes.extend(change.state_change);
        Ok(self)
    }

    pub fn into_change(self) -> MessageChange {
        self.change
    }
}

impl From<TransitionError> for Failure {
    fn from(error: TransitionError) -> Self {
        Self::Broken("a transition that the state machine does not know", Box::new(error))
    }
}

/// What came of working on one job.
enum Outcome {
    /// The job is finished by this change.
    Done(MessageChange),
    /// Some steps were done; the rest has to wait.
    Partly(MessageChange),
    /// Nothing is left to do.
    Obsolete,
    /// Nothing could be done.
    Later,
}

impl Isds {
    /// Does one batch of due jobs.
    ///
    /// # Errors
    /// Failures of the database; single jobs that fail are given back.
    pub async fn run_due_jobs(self: &Arc<Self>) -> Result<JobReport, Failure> {
        let now = self.clock.real();
        let jobs = self
            .store
            .claim_jobs(now, now.plus_seconds(LEASE_SECONDS), BATCH)
            .await?;
        let mut report = JobReport {
            taken: jobs.len() as u64,
            retried: 0,
        };
        let mut working: FuturesUnordered<_> = jobs.into_iter().map(|job| self.clone().work(job)).collect();
        let mut done = Vec::new();
        while let Some((job, outcome)) = working.next().await {
            match outcome {
                Ok(Outcome::Done(change)) => done.push((job, change)),
                Ok(Outcome::Obsolete) => self.store.finish_job(job.id).await?,
                Ok(Outcome::Partly(change)) => {
                    self.keep(&[change]).await?;
                    self.give_back(&job, &mut report).await?;
                }
                Ok(Outcome::Later) => self.give_back(&job, &mut report).await?,
                Err(failure) => {
                    tracing::error!(job = job.id.0, attempts = job.attempts, error = %Chain(&failure), "job failed");
                    self.give_back(&job, &mut report).await?;
                }
            }
        }
        let changes: Vec<MessageChange> = done.iter().map(|(_, change)| change.clone()).collect();
        match self.store.apply_changes(&changes).await {
            Ok(()) => {}
            // One of them was changed by somebody else: write the others one by one.
            Err(StoreError::Conflict) => {
                for (job, change) in done {
                    if !self.keep(std::slice::from_ref(&change)).await? {
                        self.give_back(&job, &mut report).await?;
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(report)
    }

    async fn keep(&self, changes: &[MessageChange]) -> Result<bool, Failure> {
        match self.store.apply_changes(changes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn give_back(&self, job: &Job, report: &mut JobReport) -> Result<(), Failure> {
        report.retried += 1;
        let pause = 1_i64
            .checked_shl(u32::try_from(job.attempts.clamp(0, 16)).unwrap_or(16))
            .unwrap_or(MAX_PAUSE_SECONDS);
        let due = self.clock.real().plus_seconds(pause.min(MAX_PAUSE_SECONDS));
        Ok(self.store.retry_job(job.id, due).await?)
    }

    async fn work(self: Arc<Self>, job: Job) -> (Job, Result<Outcome, Failure>) {
        let outcome = match job.kind {
            JobKind::ProcessMessage(id) => self.process_message(job.id, id).await,
        };
        (job, outcome)
    }

    async fn process_message(&self, job: JobId, id: MessageId) -> Result<Outcome, Failure> {
        let Some(message) = self.store.lookup_message(id).await? else {
            return Ok(Outcome::Obsolete);
        };
        let mut step = Step::of(&message);
        if step.state.phase == Phase::Submitted {
            let token = match self.authority.stamp(message.content.sha256, self.clock.legal()).await {
                Ok(token) => token,
                Err(error) => {
                    tracing::warn!(message = id.0, error = %Chain(&error), "no submission timestamp yet");
                    return Ok(Outcome::Later);
                }
            };
            step = step.then(Input::Stamp)?;
            step.change.timestamp_token = Some(token);
        }
        if step.state.phase != Phase::Stamped {
            return Ok(Outcome::Obsolete);
        }
        let verdict = match self.scanner.scan(&message).await {
            Ok(verdict) => verdict,
            Err(error) => {
                tracing::warn!(message = id.0, error = %Chain(&error), "no verdict of the scanner yet");
                let stamped_now = step.change.timestamp_token.is_some();
                return Ok(if stamped_now {
                    Outcome::Partly(step.change)
                } else {
                    Outcome::Later
                });
            }
        };
        let input = match verdict {
            ScanVerdict::Infected => Input::Infection,
            ScanVerdict::Clean | ScanVerdict::NotScanned => Input::DeliverIn {
                at: self.clock.legal().to_millis(),
            },
        };
        step = step.then(input)?;
        step.change.scan = Some(verdict);
        step.change.finishes_job = Some(job);
        Ok(Outcome::Done(step.change))
    }
}
