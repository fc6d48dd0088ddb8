//! The job that carries an accepted message on: stamp, then deliver, or hand it to the scanner.
//!
//! It looks at the phase first, so doing it twice does no harm. Neither a dead authority nor a dead scanner loses
//! anything: the steps done so far are kept and the job is tried again.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use crate::envelope::MessageKind;
use crate::error::{Chain, Failure};
use crate::ids::{BoxId, MessageId};
use crate::message::{Input, Message, MessageState, Phase, ScanVerdict, TransitionError, apply};
use crate::ports::{Job, JobId, JobKind, JobOutcome, MessageChange, Observation};
use crate::system_message::DueSystemMessage;
use crate::time::Timestamp;

use super::Isds;
use super::bulk::BulkProgress;
use super::close_box::{ClosingProgress, SETTLED_SECONDS};
use super::console::job_kind_name;
use super::deliver_in::{ClosedBoxes, Judged};
use super::life_cycle::LifeCycleTurn;
use super::notices::Before;

/// After so many real seconds another node takes over what one works on that died. One that lives keeps what it has.
pub(super) const LEASE_SECONDS: i64 = 10;
/// How often it does.
pub(super) const RENEWAL: Duration = Duration::from_secs(3);
/// How long a node that ends goes on with what it has begun, before it gives it back.
const LAST_WORDS: Duration = Duration::from_millis(400);
/// How many jobs are taken at once.
const BATCH: u64 = 64;
/// How long a finished job waits for others to be written with.
pub(super) const GATHER: Duration = Duration::from_millis(15);
/// Longest pause between attempts, in real seconds.
const MAX_PAUSE_SECONDS: i64 = 300;

/// What one turn over the due jobs did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobReport {
    /// Jobs taken.
    pub taken: u64,
    /// Jobs that have to be tried again.
    pub retried: u64,
    /// Something is due that another node is doing.
    pub elsewhere: bool,
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
            change: MessageChange::unchanged(message),
        }
    }

    pub fn then(mut self, input: Input) -> Result<Self, TransitionError> {
        let change = apply(&self.state, input)?;
        self.state = change.state;
        self.change.state = change.state;
        self.change.events.extend(change.events);
        if !change.removes.is_empty() {
            self.change.removes = change.removes;
        }
        self.change.state_changes.extend(change.state_change);
        Ok(self)
    }

    /// Adds a system message that goes with the transitions.
    pub fn telling(mut self, message: DueSystemMessage) -> Self {
        self.change.system_messages.push(message);
        self
    }

    /// Counts a copy that goes into a vault (1) or comes out of it (-1).
    pub fn counting(mut self, box_id: BoxId, change: i64) -> Self {
        self.change.vaults.push((box_id, change));
        self
    }

    /// Gives the content up at the real time `at`, where the transitions leave it to nobody.
    pub fn freeing(mut self, at: Timestamp) -> Self {
        self.change.frees = self.state.is_forgotten().then_some(at);
        self
    }

    /// Fiction that has struck by the legal time `at`, where the job that notes it was slower: an act of law is not
    /// undone by whoever comes first.
    /// `unattended` are those of the messages at hand whose box had no user, see [`Isds::unattended`].
    pub fn after_fiction(self, at: Timestamp, unattended: &HashSet<MessageId>) -> Result<Self, TransitionError> {
        match self.state.fiction_due {
            Some(due) if due <= at => {
                let without_user = unattended.contains(&self.change.id);
                self.then(Input::Fiction { at: due, without_user })
            }
            _ => Ok(self),
        }
    }

    /// The state that the transitions lead to.
    pub fn state(&self) -> &MessageState {
        &self.state
    }

    /// Keeps the scanner's verdict.
    pub fn judged(mut self, verdict: ScanVerdict) -> Self {
        self.change.scan = Some(verdict);
        self
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
pub(super) enum Outcome {
    /// Stamped and judged by the scanner; what is left is to deliver, or not to.
    Judged(Box<Judged>),
    /// Stamped, by this step where there is one; the scanner is to judge it.
    ToScan(Option<Box<Step>>),
    /// Nothing is left to do.
    Obsolete,
    /// Nothing could be done.
    Later,
    /// All went well, and the job is to be done once more after so many real seconds.
    Again(i64),
}

pub(super) type Worked = (Job, Result<Outcome, Failure>);

/// The span of working on a job, for traces.
pub(super) fn span_of(job: &Job) -> Span {
    let (JobKind::ProcessMessage(message) | JobKind::ScanMessage(message)) = job.kind else {
        return job_span(job, None);
    };
    job_span(job, Some(message.0))
}

fn job_span(job: &Job, message: Option<i64>) -> Span {
    tracing::trace_span!(
        target: "telemetry",
        "job",
        otel.name = job_kind_name(job.kind.number()),
        otel.status_code = tracing::field::Empty,
        isds.attempts = job.attempts,
        isds.dm_id = message,
    )
}

impl Isds {
    /// Does one batch of due jobs. What gets ready together is written together: a message does not wait for one
    /// of the same batch whose timestamp takes long.
    ///
    /// # Errors
    /// Failures of the database; single jobs that fail are given back.
    pub async fn run_due_jobs(self: &Arc<Self>) -> Result<JobReport, Failure> {
        // Messages do not wait where it fails.
        let purged = self.purge().await.unwrap_or_else(|failure| {
            tracing::error!(error = %Chain(&failure), "what nobody needs cannot be purged");
            0
        });
        let deadlines = self.run_box_deadlines().await.unwrap_or_else(|failure| {
            tracing::error!(error = %Chain(&failure), "deadlines of boxes cannot be looked at");
            0
        });
        let lived = self.run_life_cycle().await.unwrap_or_else(|failure| {
            tracing::error!(error = %Chain(&failure), "fiction and retention cannot be looked at");
            LifeCycleTurn::default()
        });
        let told = self.turn_due_notices().await.unwrap_or_else(|failure| {
            tracing::error!(error = %Chain(&failure), "what happened cannot be told by e-mail now");
            0
        });
        if let Err(failure) = self.keep_audit().await {
            tracing::error!(error = %Chain(&failure), "records of who did what wait to be written");
        }
        if self.ending.is_told() {
            return Ok(JobReport::default());
        }
        let now = self.clock.real();
        let jobs = self
            .store
            .claim_jobs(now, now.plus_seconds(LEASE_SECONDS), BATCH)
            .await?;
        let mut report = JobReport {
            taken: jobs.len() as u64 + purged + deadlines + lived.done + told,
            retried: 0,
            elsewhere: lived.elsewhere || (jobs.is_empty() && self.store.is_any_job_leased(now).await?),
        };
        // As tasks of their own: one that holds a connection goes on while a group is written, or both would wait for
        // each other.
        let mut working = JoinSet::new();
        let mut held: HashSet<JobId> = jobs.iter().map(|job| job.id).collect();
        for job in jobs {
            working.spawn(Arc::clone(self).work(job));
        }
        let mut renewal = tokio::time::interval_at(Instant::now() + RENEWAL, RENEWAL);
        let mut end = pin!(self.last_words());
        while !working.is_empty() {
            let mut group = Vec::new();
            tokio::select! {
                Some(first) = working.join_next() => keep(first, &mut group, &mut held),
                _ = renewal.tick() => {
                    self.keep_leases(&held).await;
                    continue;
                }
                () = &mut end => break,
            }
            // What is ready a moment later goes along: one commit for many is what keeps up with a burst.
            let until = Instant::now() + GATHER;
            while let Ok(Some(next)) = timeout_at(until, working.join_next()).await {
                keep(next, &mut group, &mut held);
            }
            let together = tracing::trace_span!(target: "telemetry", "jobs written", isds.jobs = group.len());
            self.write(group, &mut report).instrument(together).await?;
        }
        if self.ending.is_told() {
            working.shutdown().await;
            for job in held {
                self.store.retry_job(job, self.clock.real()).await?;
            }
        }
        Ok(report)
    }

    /// Returns when what is under way is to be broken off, since the node ends.
    async fn last_words(&self) {
        self.ending.told().await;
        tokio::time::sleep(LAST_WORDS).await;
    }

    /// Keeps others from what this node works on. Where it cannot, the work may be done twice, which does no harm.
    pub(super) async fn keep_leases(&self, held: &HashSet<JobId>) {
        let until = self.clock.real().plus_seconds(LEASE_SECONDS);
        for job in held {
            if let Err(error) = self.store.extend_lease(*job, until).await {
                tracing::warn!(job = job.0, error = %Chain(&error), "a lease cannot be kept");
            }
        }
    }

    /// Writes what a group of jobs came to. Delivery is dated here and not earlier, so that who polls by time finds no
    /// message behind the end of the last look.
    pub(super) async fn write(&self, group: Vec<Worked>, report: &mut JobReport) -> Result<(), Failure> {
        let closed = self.closed_recipients(judged(&group)).await?;
        let at = self.clock.legal().to_millis();
        let delivered: Vec<BoxId> = judged(&group)
            .filter(|judged| judged.is_to_deliver(&closed))
            .map(Judged::recipient)
            .collect();
        let (mut changes, mut to_scan) = (Vec::new(), Vec::new());
        for (job, outcome) in group {
            let before = match &outcome {
                Ok(Outcome::Judged(judged)) => Some(Before::from(&judged.message)),
                _ => None,
            };
            match outcome.and_then(|outcome| outcome.into_change(job.id, at, &closed)) {
                Ok(Written::Change { change, to_scan }) => changes.push((job, *change, to_scan, before)),
                Ok(Written::ToScan) => to_scan.push(job.id),
                Ok(Written::Nothing) => self.store.finish_job(job.id).await?,
                Ok(Written::Later) => self.give_back(&job, report).await?,
                Ok(Written::Again(seconds)) => {
                    let due = self.clock.real().plus_seconds(seconds);
                    self.store.retry_job(job.id, due).await?;
                }
                Err(failure) => {
                    tracing::error!(job = job.id.0, attempts = job.attempts, error = %Chain(&failure), "job failed");
                    self.give_back(&job, report).await?;
                }
            }
        }
        let told = changes
            .iter_mut()
            .filter_map(|(_, change, _, before)| Some((change, (*before)?)));
        self.tell_of_changes(told.collect()).await?;
        let all: Vec<MessageChange> = changes.iter().map(|(_, change, ..)| change.clone()).collect();
        let together = self.store.apply_changes(&all).await;
        if let Err(error) = &together {
            tracing::warn!(jobs = all.len(), error = %Chain(error), "a group was not written, each is tried by itself");
        }
        for (job, change, scan, _) in changes {
            // Where the whole group could not be written, each is tried by itself, and only the bad ones wait.
            let written = match &together {
                Ok(()) => Ok(()),
                Err(_) => self.store.apply_changes(std::slice::from_ref(&change)).await,
            };
            match written {
                Ok(()) if scan => to_scan.push(job.id),
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(job = job.id.0, attempts = job.attempts, error = %Chain(&error), "job not written");
                    self.give_back(&job, report).await?;
                }
            }
        }
        if !to_scan.is_empty() {
            self.store.hand_to_scanner(&to_scan, self.clock.real()).await?;
            self.scanning.wake();
        }
        self.look_again(delivered).await
    }

    async fn give_back(&self, job: &Job, report: &mut JobReport) -> Result<(), Failure> {
        report.retried += 1;
        let pause = 1_i64
            .checked_shl(u32::try_from(job.attempts.clamp(0, 16)).unwrap_or(16))
            .unwrap_or(MAX_PAUSE_SECONDS);
        let due = self.clock.real().plus_seconds(pause.min(MAX_PAUSE_SECONDS));
        Ok(self.store.retry_job(job.id, due).await?)
    }

    async fn work(self: Arc<Self>, job: Job) -> Worked {
        let begun = Instant::now();
        let span = span_of(&job);
        let worked = self.work_on(&job).instrument(span.clone()).await;
        self.note_job(&job, &worked, begun, &span);
        (job, worked)
    }

    /// Tells whoever counts what came of working on a job.
    pub(super) fn note_job(&self, job: &Job, worked: &Result<Outcome, Failure>, begun: Instant, span: &Span) {
        let outcome = match worked {
            Ok(Outcome::Later) => JobOutcome::Later,
            Ok(_) => JobOutcome::Done,
            Err(_) => JobOutcome::Failed,
        };
        if outcome == JobOutcome::Failed {
            span.record("otel.status_code", "ERROR");
        }
        self.observer.note(Observation::Job {
            kind: job_kind_name(job.kind.number()),
            outcome,
            took: begun.elapsed(),
        });
    }

    async fn work_on(&self, job: &Job) -> Result<Outcome, Failure> {
        match job.kind {
            JobKind::ProcessMessage(id) => self.process_message(id).await,
            // Scans are claimed by themselves.
            JobKind::ScanMessage(_) => Ok(Outcome::Later),
            JobKind::CloseBox(id) => self.close_box(id, job.id).await.map(|progress| match progress {
                ClosingProgress::Ended => Outcome::Obsolete,
                ClosingProgress::More => Outcome::Again(0),
                ClosingProgress::LookAgain => Outcome::Again(SETTLED_SECONDS),
            }),
            JobKind::SendSystemMessage(id) => self.send_system_message(id, job.id).await.map(|()| Outcome::Obsolete),
            JobKind::ImportBoxes(id) => self.work_on_import(id, job.id).await.map(|more| match more {
                true => Outcome::Again(0),
                false => Outcome::Obsolete,
            }),
            JobKind::Announce(id) => self.work_on_announcement(id, job.id).await.map(|more| match more {
                true => Outcome::Again(0),
                false => Outcome::Obsolete,
            }),
            JobKind::WorkOnBulkJob(id) => self.work_on_bulk_job(id, job.id).await.map(|more| match more {
                BulkProgress::Ended => Outcome::Obsolete,
                BulkProgress::More => Outcome::Again(0),
            }),
            JobKind::MakeErasedList(id) => self.make_erased_list(id, job.id).await.map(|()| Outcome::Obsolete),
        }
    }

    async fn process_message(&self, id: MessageId) -> Result<Outcome, Failure> {
        let Some(message) = self.store.lookup_message(id).await? else {
            return Ok(Outcome::Obsolete);
        };
        let mut step = Step::of(&message);
        if step.state.phase == Phase::Submitted {
            let token = match self.authority.stamp(message.content.sha256, self.clock.legal()).await {
                Ok(token) => token,
                Err(error) => {
                    tracing::warn!(dm_id = id.0, error = %Chain(&error), "no submission timestamp yet");
                    return Ok(Outcome::Later);
                }
            };
            step = step.then(Input::Stamp)?;
            step.change.timestamp_token = Some(token);
        }
        if step.state.phase != Phase::Stamped {
            return Ok(Outcome::Obsolete);
        }
        // What the system itself wrote is not scanned: it must arrive while the scanner is out of order, too.
        if self.scanner.is_installed() && message.kind != MessageKind::System {
            let stamped_now = step.change.timestamp_token.is_some();
            return Ok(Outcome::ToScan(stamped_now.then(|| Box::new(step))));
        }
        let verdict = ScanVerdict::NotScanned;
        Ok(Outcome::Judged(Box::new(Judged { message, step, verdict })))
    }
}

pub(super) fn keep(joined: Result<Worked, JoinError>, group: &mut Vec<Worked>, held: &mut HashSet<JobId>) {
    match joined {
        Ok(worked) => {
            held.remove(&worked.0.id);
            group.push(worked);
        }
        // Its lease runs out, and it is tried again.
        Err(error) => tracing::error!(%error, "a job ended without a result"),
    }
}

fn judged(group: &[Worked]) -> impl Iterator<Item = &Judged> {
    group.iter().filter_map(|(_, outcome)| match outcome {
        Ok(Outcome::Judged(judged)) => Some(&**judged),
        _ => None,
    })
}

/// What is to be written of an outcome.
enum Written {
    /// A change; with `to_scan`, the job becomes a scan.
    Change { change: Box<MessageChange>, to_scan: bool },
    /// Nothing; the job becomes a scan.
    ToScan,
    /// Nothing, ever.
    Nothing,
    /// Nothing yet.
    Later,
    /// Nothing; the job goes on after so many real seconds.
    Again(i64),
}

impl Outcome {
    fn into_change(self, job: JobId, at: Timestamp, closed: &ClosedBoxes) -> Result<Written, Failure> {
        match self {
            Self::Judged(judged) => {
                let mut change = judged.end(at, closed)?.into_change();
                change.finishes_job = Some(job);
                Ok(Written::Change {
                    change: Box::new(change),
                    to_scan: false,
                })
            }
            Self::ToScan(Some(step)) => Ok(Written::Change {
                change: Box::new(step.into_change()),
                to_scan: true,
            }),
            Self::ToScan(None) => Ok(Written::ToScan),
            Self::Obsolete => Ok(Written::Nothing),
            Self::Later => Ok(Written::Later),
            Self::Again(seconds) => Ok(Written::Again(seconds)),
        }
    }
}
