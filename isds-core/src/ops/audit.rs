//! Recording who did what, and sealing the records.

use std::ops::RangeInclusive;
use std::sync::atomic::Ordering;

use crate::account::Login;
use crate::audit::{
    AuditAction, AuditActor, AuditActorKind, AuditCall, AuditEntry, AuditId, AuditOrigin, AuditOutcome, AuditSeal,
    AuditSubject, NewCallBatch, caller_address,
};
use crate::error::{Chain, Failure};
use crate::ports::StoreError;
use crate::principal::Principal;
use crate::session::{BoxMembership, SignedInPerson};
use crate::user::Membership;

use super::authenticate_user::Door;
use super::{Isds, Patience};

/// What a caller who did not sign in is answered.
const UNAUTHORIZED: i16 = 401;
/// What somebody is answered who has no right to it.
const NO_RIGHT: i16 = 1004;
/// How often a node writes what it recorded, in real microseconds.
const EVERY_MICROS: i64 = 1_000_000;
/// How many records are written in one transaction: few enough for calls to get their turn between two.
const BATCH: usize = 100;
/// How many different calls are one row.
const CALLS: usize = 1000;
/// How many rows of calls one seal covers at most.
const SEALED_CALLS: u64 = 20;
/// How many records one seal covers at most: each is a row to be written once more.
const SEALED: u64 = 100;

fn origin_of(door: Door) -> AuditOrigin {
    match door {
        Door::Services => AuditOrigin::Soap,
        Door::Mailbox => AuditOrigin::Web,
    }
}

/// The membership with which somebody signed in.
fn own_membership(who: &SignedInPerson) -> Option<&BoxMembership> {
    let own = |m: &&BoxMembership| m.membership.id == who.session.membership;
    who.memberships.iter().find(own).or_else(|| who.memberships.first())
}

/// The box that a caller named, where it has the form of one.
pub(super) fn about_box(text: Option<&str>) -> AuditSubject {
    AuditSubject::none().of_box(text.and_then(|text| text.trim().parse().ok()))
}

impl Isds {
    /// Records that a caller did something. It costs the caller nothing: the node writes it within the second.
    pub fn record(&self, caller: &Principal, action: AuditAction, subject: AuditSubject) {
        self.add_record(self.entry_of(caller, action, subject, AuditOutcome::Done));
    }

    /// As [`Isds::record`], but the same once a minute: for reading, which is repeated for every piece.
    pub fn record_reading(&self, caller: &Principal, action: AuditAction, subject: AuditSubject) {
        let entry = self.entry_of(caller, action, subject, AuditOutcome::Done);
        if !self.audit.is_repeated(&entry) {
            self.add_record(entry);
        }
    }

    /// Does something rare that weighs much, and records what came of it, see [`Isds::record_now`].
    pub(super) async fn recorded<T: Sync>(
        &self,
        caller: &Principal,
        action: AuditAction,
        subject: AuditSubject,
        work: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, Failure> {
        let result = work.await;
        self.record_now(caller, action, subject, &result).await;
        result
    }

    /// Records that a caller was refused something; what is done records itself, since it knows more.
    pub(super) async fn record_refusal<T: Sync>(
        &self,
        caller: &Principal,
        action: AuditAction,
        subject: AuditSubject,
        result: &Result<T, Failure>,
    ) {
        if result.is_err() {
            self.record_now(caller, action, subject, result).await;
        }
    }

    /// Records what a caller did or was refused, and has it written before it answers: for what is rare and weighs
    /// much. Where the database does not take it now, the node goes on trying.
    pub async fn record_now<T: Sync>(
        &self,
        caller: &Principal,
        action: AuditAction,
        subject: AuditSubject,
        result: &Result<T, Failure>,
    ) {
        self.add_record(self.entry_of(caller, action, subject, AuditOutcome::of(result)));
        if let Err(failure) = self.flush_audit().await {
            tracing::error!(error = %Chain(&failure), "records of who did what wait to be written");
        }
    }

    /// Records that an operation of the contract was called, whatever else is recorded of it, with where the call came from
    /// ([`crate::audit::called_from`]). It costs the caller nothing.
    pub fn record_call(&self, caller: &Principal, operation: &str, outcome: AuditOutcome) {
        let call = AuditCall::of(self.clock.real(), caller, operation, outcome);
        if !self.audit.add_call(call) {
            self.audit.lost.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Records what the system did by itself.
    pub fn record_system(&self, action: AuditAction, subject: AuditSubject) {
        self.record_other(
            AuditActor::system(),
            AuditOrigin::System,
            action,
            subject,
            AuditOutcome::Done,
        );
    }

    /// Records what somebody did who is no caller: a failed sign-in, what was done at the machine.
    pub fn record_other(
        &self,
        actor: AuditActor,
        origin: AuditOrigin,
        action: AuditAction,
        subject: AuditSubject,
        outcome: AuditOutcome,
    ) {
        self.add_record(AuditEntry {
            real: self.clock.real(),
            legal: self.clock.legal(),
            actor,
            origin,
            action,
            subject,
            outcome,
            address: caller_address(),
        });
    }

    /// Records that somebody who is no administrator of the system asked for its console, once a minute.
    pub fn record_console_refusal(&self, who: &SignedInPerson) {
        let Some(own) = own_membership(who) else { return };
        let entry = AuditEntry {
            real: self.clock.real(),
            legal: self.clock.legal(),
            actor: AuditActor {
                kind: AuditActorKind::Person,
                isds_id: Some(own.membership.isds_id.clone()),
                name: who.person.full_name(),
            },
            origin: AuditOrigin::Web,
            action: AuditAction::ConsoleRefused,
            subject: AuditSubject::none().of_box(own.membership.box_id),
            outcome: AuditOutcome::Refused(NO_RIGHT),
            address: caller_address(),
        };
        if !self.audit.is_repeated(&entry) {
            self.add_record(entry);
        }
    }

    /// Records what somebody did about their own signing in, in the box whose access data they used.
    pub(super) fn record_own(&self, who: &SignedInPerson, action: AuditAction, detail: &str) {
        let Some(own) = own_membership(who) else { return };
        let kind = if own.data_box.is_some() {
            AuditActorKind::Person
        } else {
            AuditActorKind::Operator
        };
        let actor = AuditActor {
            kind,
            isds_id: Some(own.membership.isds_id.clone()),
            name: who.person.full_name(),
        };
        let mut subject = AuditSubject::none().of_box(own.membership.box_id);
        if !detail.is_empty() {
            subject = subject.detail(detail);
        }
        self.record_other(actor, AuditOrigin::Web, action, subject, AuditOutcome::Done);
    }

    /// Records a sign-in that failed, where the name is known with whose name: who it was nobody knows.
    pub(super) fn record_failed_sign_in(&self, door: Door, membership: Option<&Membership>) {
        let subject = membership.map_or_else(AuditSubject::none, |membership| {
            AuditSubject::none().of_box(membership.box_id).user(&membership.isds_id)
        });
        let outcome = AuditOutcome::Refused(UNAUTHORIZED);
        self.record_other(
            AuditActor::nobody(),
            origin_of(door),
            AuditAction::SignInFailed,
            subject,
            outcome,
        );
    }

    /// Records that the password of a login name was changed by whoever knew it.
    pub(super) fn record_password_change(&self, door: Door, login: &Login) {
        let membership = &login.membership;
        let kind = match membership.box_id {
            Some(_) => AuditActorKind::Person,
            None => AuditActorKind::Operator,
        };
        let actor = AuditActor {
            kind,
            isds_id: Some(membership.isds_id.clone()),
            name: login.person.full_name(),
        };
        let subject = AuditSubject::none().of_box(membership.box_id).user(&membership.isds_id);
        self.record_other(
            actor,
            origin_of(door),
            AuditAction::PasswordChanged,
            subject,
            AuditOutcome::Done,
        );
    }

    fn entry_of(
        &self,
        caller: &Principal,
        action: AuditAction,
        mut subject: AuditSubject,
        outcome: AuditOutcome,
    ) -> AuditEntry {
        subject.box_id = subject.box_id.or(caller.data_box.as_ref().map(|own| own.id));
        AuditEntry {
            real: self.clock.real(),
            legal: self.clock.legal(),
            actor: AuditActor::of(caller),
            origin: AuditOrigin::of(caller),
            action,
            subject,
            outcome,
            address: caller_address(),
        }
    }

    fn add_record(&self, entry: AuditEntry) {
        if !self.audit.add(entry) {
            self.audit.lost.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Writes what this node recorded.
    ///
    /// # Errors
    /// Failures of the database; what was not written stays to be written.
    pub async fn flush_audit(&self) -> Result<(), Failure> {
        while self.write_audit().await? {}
        Ok(())
    }

    /// Writes a batch of what this node recorded; whether there is more.
    async fn write_audit(&self) -> Result<bool, Failure> {
        let _writing = self.audit.writing.lock().await;
        self.note_lost();
        self.flush_calls().await?;
        let entries = self.audit.take(BATCH);
        if entries.is_empty() {
            return Ok(false);
        }
        match self.store.add_audit_records(&entries).await {
            Ok(()) => Ok(true),
            Err(error) => {
                self.audit.put_back(entries);
                Err(error.into())
            }
        }
    }

    /// Writes the calls that were counted; those that the database does not take are counted on.
    async fn flush_calls(&self) -> Result<(), Failure> {
        let calls = self.audit.take_calls();
        for (done, some) in calls.chunks(CALLS).enumerate() {
            let batch = NewCallBatch::of(self.clock.real(), some);
            if let Err(error) = self.store.add_audit_calls(&batch).await {
                for call in calls.iter().skip(done * CALLS) {
                    let count = call.count;
                    if !self.audit.add_call(call.clone()) {
                        self.audit.lost.fetch_add(count, Ordering::SeqCst);
                    }
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// That records were lost is a record as well, once there is a place for it.
    fn note_lost(&self) {
        let lost = self.audit.lost.swap(0, Ordering::SeqCst);
        if lost == 0 {
            return;
        }
        tracing::error!(lost, "records of who did what found no place and were lost");
        let entry = AuditEntry {
            real: self.clock.real(),
            legal: self.clock.legal(),
            actor: AuditActor::system(),
            origin: AuditOrigin::System,
            action: AuditAction::RecordsLost,
            subject: AuditSubject::none().detail(lost.to_string()),
            outcome: AuditOutcome::Done,
            address: None,
        };
        if !self.audit.add(entry) {
            self.audit.lost.fetch_add(lost, Ordering::SeqCst);
        }
    }

    /// Writes and seals, once a second however often it is called.
    ///
    /// # Errors
    /// Failures of the database.
    pub(super) async fn keep_audit(&self) -> Result<(), Failure> {
        let now = self.clock.real().0;
        let last = self.audit.last.load(Ordering::SeqCst);
        // A clock that was set back must not stop it.
        let is_due = now.saturating_sub(last) >= EVERY_MICROS || now < last;
        if !is_due {
            return Ok(());
        }
        // Only a turn that is due moves the mark: the jobs look around more often than once a second.
        let claimed = self
            .audit
            .last
            .compare_exchange(last, now, Ordering::SeqCst, Ordering::SeqCst);
        if claimed.is_err() {
            return Ok(());
        }
        let mut patience = Patience::default();
        self.give_way(&mut patience).await;
        while self.write_audit().await? {
            self.give_way(&mut patience).await;
        }
        let mut sealed = AuditId(0);
        while self.seal_some(&mut sealed).await? {
            self.give_way(&mut patience).await;
        }
        Ok(())
    }

    /// Seals the records that have no seal. Another node that does the same is no harm: one of the two is first.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn seal_audit(&self) -> Result<(), Failure> {
        let mut sealed = AuditId(0);
        while self.seal_some(&mut sealed).await? {}
        Ok(())
    }

    /// Seals some of those behind `sealed`, which goes along: each question would pass again over what the one before it left
    /// dead in the index. Answers whether there may be more.
    async fn seal_some(&self, sealed: &mut AuditId) -> Result<bool, Failure> {
        let unsealed = self.store.list_unsealed_audit(*sealed, SEALED).await?;
        let calls = self.store.list_unsealed_calls(SEALED_CALLS).await?;
        if unsealed.is_empty() && calls.is_empty() {
            return Ok(false);
        }
        let before = self.store.last_audit_seal().await?;
        let records = unsealed.iter().map(|(id, digest)| (*id, digest));
        let batches = calls.iter().map(|(id, digest)| (id.in_seal(), digest));
        let seal = AuditSeal::over(before.as_ref(), self.clock.real(), records.chain(batches));
        let sealing = range(&unsealed);
        match self.store.add_audit_seal(&seal, sealing, range(&calls)).await {
            Ok(()) => {
                *sealed = unsealed.last().map_or(*sealed, |(id, _)| *id);
                Ok(unsealed.len() as u64 >= SEALED || calls.len() as u64 >= SEALED_CALLS)
            }
            // Somebody sealed at the same time, or a record with a number between these came late: the next turn looks anew.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// From the first to the last.
fn range<Id: Copy>(found: &[(Id, [u8; 32])]) -> Option<RangeInclusive<Id>> {
    let (first, last) = (found.first()?.0, found.last()?.0);
    Some(first..=last)
}
