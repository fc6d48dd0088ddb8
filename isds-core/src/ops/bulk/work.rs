//! What the system does with a bulk job: a few rows in a turn, and then others have theirs.
//!
//! A turn may be broken off anywhere and begun anew. What was found about rows is written for several at once; that a
//! row was sent is written with its message, so it is sent once, whoever dies when.

use crate::audit::{AuditAction, AuditSubject};
use crate::bulk::{BulkFile, BulkJob, BulkJobId, BulkReason, BulkRow, BulkRowId, BulkRowState, BulkState, BulkVerdict};
use crate::data_box::DataBox;
use crate::envelope::EnvelopeDraft;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{BulkChange, JobId, StoreError};
use crate::principal::{Actor, Method, Principal};
use crate::status::Status;

use super::super::Isds;
use super::super::create_message::MessageSize;
use super::compose::{attach, compose};

/// Rows that are looked up in a turn.
const CHECKED_AT_ONCE: u64 = 50;
/// Rows that are tried in a turn.
const TRIED_AT_ONCE: u64 = 50;
/// Rows that are sent in a turn.
const SENT_AT_ONCE: u64 = 16;
/// How long a turn takes rows up, in real microseconds.
const TURN_MICROS: i64 = 300_000;
/// For how long a turn keeps other nodes away, in real seconds: as long as the work rests where a node dies in it. One
/// that takes longer does no harm, since each row is written once.
const TURN_LEASE_SECONDS: i64 = 10;
/// How often a row is tried that fails for reasons of our own.
const MAX_ATTEMPTS: i64 = 5;

/// What is left to do of a bulk job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum BulkProgress {
    /// Nothing, or nothing now.
    Ended,
    /// More rows.
    More,
}

impl Isds {
    /// Does a turn of a bulk job.
    pub(in crate::ops) async fn work_on_bulk_job(&self, id: BulkJobId, work: JobId) -> Result<BulkProgress, Failure> {
        let job = self.store.lookup_bulk_job(id).await?;
        // Another job works on it: it was paused and resumed meanwhile.
        let Some(job) = job.filter(|job| job.worker == Some(work) && job.state.is_working()) else {
            return Ok(BulkProgress::Ended);
        };
        let until = self.clock.real().plus_seconds(TURN_LEASE_SECONDS);
        self.store.extend_lease(work, until).await?;
        let Some(actor) = self.bulk_actor(&job).await? else {
            return self.halt_bulk_job(job, &Refusal::of(Status::NO_RIGHT)).await;
        };
        let sender = match self.sending_box(&actor, Operation::CreateMessage).await {
            Ok(sender) => sender,
            Err(Failure::Refused(refusal)) => return self.halt_bulk_job(job, &refusal).await,
            Err(failure) => return Err(failure),
        };
        match job.state {
            BulkState::Checking => self.check_bulk_rows(job, &actor, &sender).await,
            BulkState::Trying => self.try_bulk_rows(job, &actor, &sender).await,
            _ => self.send_bulk_rows(job, &actor).await,
        }
    }

    /// The person in whose name a job works, as they are now; none where they may not send from the box any more.
    pub(super) async fn bulk_actor(&self, job: &BulkJob) -> Result<Option<Principal>, Failure> {
        let user = self.store.lookup_user(job.box_id, &job.actor).await?;
        let (Some(user), Some(data_box)) = (user, self.store.lookup_box(job.box_id).await?) else {
            return Ok(None);
        };
        let actor = Principal {
            actor: Actor::Person(user.person),
            data_box: Some(data_box),
            privileges: user.membership.privileges,
            membership: Some(user.membership),
            method: Method::Password,
            login: None,
            password_initial: false,
            password_expires: None,
            session: None,
        };
        let may = actor.authorize(Operation::CreateMessage).is_ok();
        Ok(may.then_some(actor))
    }

    /// Lets a job wait for people, and says why.
    async fn halt_bulk_job(&self, mut job: BulkJob, refusal: &Refusal) -> Result<BulkProgress, Failure> {
        job.state = match job.state {
            BulkState::Checking => BulkState::Draft,
            BulkState::Trying => BulkState::Checked,
            _ => BulkState::Paused,
        };
        job.halted = Some(BulkReason::from(refusal));
        self.end_bulk_turn(job).await
    }

    /// Writes a job on which nothing is left to do by itself. Where people changed it meanwhile, theirs stands.
    async fn end_bulk_turn(&self, mut job: BulkJob) -> Result<BulkProgress, Failure> {
        job.worker = None;
        let change = BulkChange {
            job,
            moves: Vec::new(),
            leave_out_duplicates: false,
            work_due: None,
        };
        match self.store.change_bulk_job(&change).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(BulkProgress::Ended),
            Err(error) => Err(error.into()),
        }
    }

    async fn check_bulk_rows(
        &self,
        job: BulkJob,
        actor: &Principal,
        sender: &DataBox,
    ) -> Result<BulkProgress, Failure> {
        let rows = self
            .store
            .next_bulk_rows(job.id, BulkRowState::New, CHECKED_AT_ONCE)
            .await?;
        if rows.is_empty() {
            return self
                .end_bulk_looking(job, BulkRowState::Addressed, BulkState::Checked)
                .await;
        }
        let until = self.clock.real().plus_micros(TURN_MICROS);
        let mut verdicts = Vec::with_capacity(rows.len());
        for row in rows {
            verdicts.push(self.check_bulk_row(&job, actor, sender, &row).await?);
            if self.clock.real() > until {
                break;
            }
        }
        self.write_verdicts(&job, BulkRowState::New, &verdicts).await
    }

    async fn check_bulk_row(
        &self,
        job: &BulkJob,
        actor: &Principal,
        sender: &DataBox,
        row: &BulkRow,
    ) -> Result<BulkVerdict, Failure> {
        let mut verdict = BulkVerdict {
            number: row.number,
            state: BulkRowState::Addressed,
            recipient: None,
            looked_up: false,
            gap: false,
            bytes: 0,
            reason: None,
        };
        let judged = match self.find_bulk_recipient(actor, job, row).await {
            Ok(found) => {
                verdict.looked_up = found.looked_up;
                let draft = EnvelopeDraft {
                    recipient: Some(found.id),
                    ..EnvelopeDraft::default()
                };
                // How large it will be the dry run tells.
                self.judge_bulk_envelope(sender, draft, MessageSize::Ordinary).await
            }
            Err(failure) => Err(failure),
        };
        match judged {
            Ok(recipient) => verdict.recipient = Some(recipient),
            Err(Failure::Refused(refusal)) => {
                verdict.state = BulkRowState::Unaddressed;
                verdict.reason = Some(BulkReason::from(&refusal));
            }
            Err(failure) => return Err(failure),
        }
        Ok(verdict)
    }

    /// Ends looking at rows: those that came through are in the state, and of those the ones that repeat a recipient are
    /// marked.
    async fn end_bulk_looking(
        &self,
        mut job: BulkJob,
        good: BulkRowState,
        end: BulkState,
    ) -> Result<BulkProgress, Failure> {
        if !self.store.mark_bulk_duplicates(job.id, job.version, good).await? {
            return Ok(BulkProgress::Ended);
        }
        job.state = end;
        self.end_bulk_turn(job).await
    }

    async fn try_bulk_rows(&self, job: BulkJob, actor: &Principal, sender: &DataBox) -> Result<BulkProgress, Failure> {
        let rows = self
            .store
            .next_bulk_rows(job.id, BulkRowState::Addressed, TRIED_AT_ONCE)
            .await?;
        if rows.is_empty() {
            return self.end_bulk_looking(job, BulkRowState::Ready, BulkState::Tried).await;
        }
        let common = self.store.list_common_bulk_files(job.id).await?;
        let until = self.clock.real().plus_micros(TURN_MICROS);
        let mut verdicts = Vec::with_capacity(rows.len());
        for row in rows {
            verdicts.push(self.try_bulk_row(&job, actor, sender, &common, row).await?);
            if self.clock.real() > until {
                break;
            }
        }
        self.write_verdicts(&job, BulkRowState::Addressed, &verdicts).await
    }

    /// Makes the message of a row and judges it by every rule, and sends nothing.
    async fn try_bulk_row(
        &self,
        job: &BulkJob,
        actor: &Principal,
        sender: &DataBox,
        common: &[BulkFile],
        row: BulkRow,
    ) -> Result<BulkVerdict, Failure> {
        let mut verdict = BulkVerdict {
            number: row.number,
            state: BulkRowState::Ready,
            looked_up: row.looked_up,
            gap: false,
            bytes: 0,
            reason: None,
            recipient: row.recipient.clone(),
        };
        match self.tried(job, (actor, sender), common, &row, &mut verdict).await {
            Ok(()) => {}
            Err(Failure::Refused(refusal)) => {
                verdict.state = BulkRowState::Faulty;
                verdict.reason = Some(BulkReason::from(&refusal));
            }
            Err(failure) => return Err(failure),
        }
        Ok(verdict)
    }

    async fn tried(
        &self,
        job: &BulkJob,
        (actor, sender): (&Principal, &DataBox),
        common: &[BulkFile],
        row: &BulkRow,
        verdict: &mut BulkVerdict,
    ) -> Result<(), Failure> {
        let composed = compose(job, row)?;
        verdict.gap = composed.gap;
        let files = self.bulk_row_files(job, common, row).await?;
        let bytes = self.judge_bulk_files(composed.letter.as_ref(), &files).await?;
        verdict.bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let (size, operation) = self.road_of(bytes);
        actor.authorize(operation)?;
        let draft = addressed(composed.draft, row);
        verdict.recipient = Some(self.judge_bulk_envelope(sender, draft, size).await?);
        Ok(())
    }

    async fn write_verdicts(
        &self,
        job: &BulkJob,
        from: BulkRowState,
        verdicts: &[BulkVerdict],
    ) -> Result<BulkProgress, Failure> {
        let written = self.store.judge_bulk_rows(job.id, job.version, from, verdicts).await?;
        Ok(if written {
            BulkProgress::More
        } else {
            BulkProgress::Ended
        })
    }

    async fn send_bulk_rows(&self, mut job: BulkJob, actor: &Principal) -> Result<BulkProgress, Failure> {
        let rows = self
            .store
            .next_bulk_rows(job.id, BulkRowState::Ready, SENT_AT_ONCE)
            .await?;
        if rows.is_empty() {
            let subject = AuditSubject::in_box(job.box_id).detail(job.id.0.to_string());
            job.state = BulkState::Done;
            job.ended = Some(self.clock.legal());
            let progress = self.end_bulk_turn(job).await?;
            self.record_system(AuditAction::BulkFinished, subject);
            return Ok(progress);
        }
        let common = self.store.list_common_bulk_files(job.id).await?;
        let until = self.clock.real().plus_micros(TURN_MICROS);
        for row in rows {
            let id = BulkRowId {
                job: job.id,
                row: row.number,
            };
            match self.send_bulk_row(&job, actor, &common, &row, id).await {
                Ok(()) => {}
                // Somebody paused or stopped the job, or another node sent the row.
                Err(failure) if failure.is_withdrawn() => return Ok(BulkProgress::More),
                Err(Failure::Refused(refusal)) if concerns_all(&refusal) => {
                    return self.halt_bulk_job(job, &refusal).await;
                }
                Err(Failure::Refused(refusal)) => {
                    self.store.refuse_bulk_row(id, &BulkReason::from(&refusal)).await?;
                }
                Err(failure) => {
                    // Whether it was written nobody knows; the row does, and is looked at again.
                    if self.store.count_bulk_attempt(id).await? >= MAX_ATTEMPTS {
                        let reference = format!("bulk-{}-{}", job.id.0, row.number);
                        tracing::error!(reference, "a row of a bulk job is given up");
                        let refusal = Refusal::about(Status::INTERNAL, reference);
                        self.store.refuse_bulk_row(id, &BulkReason::from(&refusal)).await?;
                    }
                    return Err(failure);
                }
            }
            if self.clock.real() > until {
                break;
            }
        }
        Ok(BulkProgress::More)
    }

    async fn send_bulk_row(
        &self,
        job: &BulkJob,
        actor: &Principal,
        common: &[BulkFile],
        row: &BulkRow,
        id: BulkRowId,
    ) -> Result<(), Failure> {
        let composed = compose(job, row)?;
        let files = self.bulk_row_files(job, common, row).await?;
        let uploads = self.bulk_uploads(&files).await?;
        let bytes = self.judge_bulk_files(composed.letter.as_ref(), &files).await?;
        let (size, operation) = self.road_of(bytes);
        let draft = addressed(composed.draft, row);
        let submission = self.begin_message(actor, operation, draft, size);
        let mut submission = submission.await?.for_row(id);
        if let Err(failure) = attach(&mut submission, composed.letter.as_ref(), &uploads).await {
            submission.abandon().await;
            return Err(failure);
        }
        submission.accept().await?;
        Ok(())
    }
}

/// The envelope to the recipient that was found.
fn addressed(draft: EnvelopeDraft, row: &BulkRow) -> EnvelopeDraft {
    EnvelopeDraft {
        recipient: row.recipient.as_ref().map(|recipient| recipient.id.to_string()),
        ..draft
    }
}

/// What refuses one message of the job for this reason refuses them all.
fn concerns_all(refusal: &Refusal) -> bool {
    [Status::NO_RIGHT, Status::SENDER_BOX_INACCESSIBLE].contains(&refusal.status())
}
