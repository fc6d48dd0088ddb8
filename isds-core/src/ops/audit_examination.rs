//! Showing that nothing of the records of who did what was altered: the chain of seals, examined piece by piece.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::audit::{AuditAction, AuditId, AuditRecord, AuditSeal, AuditSubject, CallBatchId};
use crate::error::{Failure, Refusal};
use crate::ports::Store;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;
use super::audit_trail::BATCHES;

/// Seals that are read at once.
const SEALS: u64 = 500;
/// Records that are read at once, of as many seals as have no more; of one at least.
const RECORDS: i64 = 5_000;
/// Most seals of one piece of an examination.
const SEALS_OF_A_PIECE: u64 = 100_000;
/// Most records of one piece.
const RECORDS_OF_A_PIECE: u64 = 500_000;
/// How long one piece may take: who waits for a page waits no longer.
const TIME_OF_A_PIECE: Duration = Duration::from_secs(5);

/// How far an examination of the chain is, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditExamination {
    /// Seals that hold, one after the other.
    pub seals: u64,
    /// Records that they cover.
    pub records: u64,
    /// Batches of calls that they cover.
    pub batches: u64,
    /// Records without a seal: those of the last seconds. Known at the end.
    pub unsealed: u64,
    /// Number of the first seal that does not hold, or is missing, or cannot be and is named by a record.
    pub broken: Option<i64>,
    /// The last seal that holds: whoever notes it elsewhere notices when the end of the chain is cut off.
    pub last: Option<AuditSeal>,
    /// Nothing is left to be examined.
    pub ended: bool,
}

impl AuditExamination {
    /// An examination that goes on behind a seal of which somebody noted that it holds.
    #[must_use]
    pub fn behind(seal: AuditSeal) -> Self {
        Self {
            last: Some(seal),
            ..Self::default()
        }
    }

    /// Whether there is nothing left to examine.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ended || self.broken.is_some()
    }

    /// Examines a piece of the chain of seals: each against the records that it covers and the seal before. It begins
    /// where `self` ended and is bounded; it is called again until the examination is over.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn go_on(self, store: &dyn Store) -> Result<Self, Failure> {
        let mut found = self;
        let end = Instant::now() + TIME_OF_A_PIECE;
        let (seals_before, records_before) = (found.seals, found.records);
        while !found.is_over() {
            let number = found.last.as_ref().map_or(0, |seal| seal.number);
            let seals = store.list_audit_seals(number, SEALS).await?;
            let mut rest = seals.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(read_together(rest));
                found.examine_seals(store, now).await?;
                let too_many = found.seals - seals_before >= SEALS_OF_A_PIECE
                    || found.records - records_before >= RECORDS_OF_A_PIECE;
                if found.is_over() || too_many || Instant::now() >= end {
                    return Ok(found);
                }
                rest = later;
            }
            if (seals.len() as u64) < SEALS {
                found.broken = store.find_orphaned_audit().await?;
                found.unsealed = store.count_unsealed_audit().await?;
                found.ended = true;
            }
        }
        Ok(found)
    }

    /// Examines seals whose records are read at once.
    async fn examine_seals(&mut self, store: &dyn Store, seals: &[AuditSeal]) -> Result<(), Failure> {
        let Some(through) = seals.last().map(|seal| seal.number) else {
            return Ok(());
        };
        let after = self.last.as_ref().map_or(0, |seal| seal.number);
        let expected: u64 = seals.iter().map(|seal| seal.count.max(0).unsigned_abs()).sum();
        // One more shows that there are more than were sealed. No seal of ours has more than are read at once.
        let limit = expected.min(RECORDS.unsigned_abs()) + 1;
        let records = store.list_sealed_audit(after, through, limit).await?;
        let mut batches = Batches::examine(store, after, through).await?;
        let mut rest = records.as_slice();
        for seal in seals {
            let own = rest
                .iter()
                .take_while(|record| record.seal == Some(seal.number))
                .count();
            let (covered, later) = rest.split_at(own);
            rest = later;
            let calls = batches.of(seal.number);
            if !holds(seal, self.last.as_ref(), covered, &calls) {
                self.broken = Some(seal.number);
                return Ok(());
            }
            self.seals += 1;
            self.records += own as u64;
            self.batches += calls.len() as u64;
            self.last = Some(seal.clone());
        }
        if let Some(stray) = rest.first() {
            self.broken = stray.seal;
        }
        Ok(())
    }
}

/// Batches of calls of some seals: what they are in the chain, and whether they are as they were written.
#[derive(Default)]
struct Batches(VecDeque<(i64, Batch)>);

struct Batch {
    id: AuditId,
    digest: [u8; 32],
    intact: bool,
}

impl Batches {
    /// Reads those of the seals behind `after` up to `through`, a few at once.
    async fn examine(store: &dyn Store, after: i64, through: i64) -> Result<Self, Failure> {
        let mut found = Self::default();
        let mut place = (after, CallBatchId(i64::MAX));
        loop {
            let batches = store.list_sealed_calls(place, through, BATCHES).await?;
            for batch in &batches {
                let Some(seal) = batch.seal else { continue };
                place = (seal, batch.id);
                found.0.push_back((
                    seal,
                    Batch {
                        id: batch.id.in_seal(),
                        digest: batch.digest,
                        intact: batch.batch.digest() == batch.digest,
                    },
                ));
            }
            if (batches.len() as u64) < BATCHES {
                return Ok(found);
            }
        }
    }

    /// Those of the next seal.
    fn of(&mut self, seal: i64) -> Vec<Batch> {
        let count = self.0.iter().take_while(|(number, _)| *number <= seal).count();
        self.0.drain(..count).map(|(_, batch)| batch).collect()
    }
}

impl Isds {
    /// Examines a piece of the chain of seals, see [`AuditExamination::go_on`].
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn examine_audit(
        &self,
        caller: &Principal,
        so_far: AuditExamination,
    ) -> Result<AuditExamination, Failure> {
        if !caller.is_operator() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let found = so_far.go_on(&*self.store).await?;
        if found.is_over() {
            let result = match found.broken {
                None => format!("{} seals hold", found.seals),
                Some(number) => format!("seal {number} does not hold"),
            };
            self.record(caller, AuditAction::AuditExamined, AuditSubject::none().detail(result));
        }
        Ok(found)
    }

    /// The seal with a number, as it is kept: where an examination goes on.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 where there is none.
    pub async fn audit_seal(&self, caller: &Principal, number: i64) -> Result<AuditSeal, Failure> {
        if !caller.is_operator() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let seal = self.store.lookup_audit_seal(number).await?;
        Ok(seal.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "taková pečeť záznamů není."))?)
    }
}

/// How many of the seals have their records read at once.
pub(super) fn read_together(seals: &[AuditSeal]) -> usize {
    let mut sum = 0_i64;
    let few = seals
        .iter()
        .take_while(|seal| {
            sum = sum.saturating_add(seal.count.max(0));
            sum <= RECORDS
        })
        .count();
    few.max(1)
}

fn holds(seal: &AuditSeal, before: Option<&AuditSeal>, covered: &[AuditRecord], calls: &[Batch]) -> bool {
    let intact =
        covered.iter().all(|record| record.entry.digest() == record.digest) && calls.iter().all(|batch| batch.intact);
    let records = covered.iter().map(|record| (record.id, &record.digest));
    // For the chain they follow each other by their numbers, the batches downwards.
    let batches = calls.iter().map(|batch| (batch.id, &batch.digest));
    intact && AuditSeal::over(before, seal.sealed, records.chain(batches)) == *seal
}
