//! The trail of records as a file that is checked without this system ([`crate::audit::TrailCheck`]).

use std::sync::Arc;

use crate::audit::{AuditAction, AuditHead, AuditSeal, AuditSubject, CallBatchId, TrailBeginning, TrailEnd, TrailLine};
use crate::error::Failure;
use crate::ports::Store;
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;
use super::audit_examination::read_together;

/// Seals that are read at once.
const SEALS: u64 = 50;
/// Batches of calls that are read at once; each is up to a quarter of a megabyte.
pub(super) const BATCHES: u64 = 8;

/// An export in pieces: whoever takes them decides how fast it goes, and it holds one.
pub struct AuditTrailExport {
    store: Arc<dyn Store>,
    /// Lines before the first seal, until they are taken.
    beginning: Option<(TrailBeginning, Option<AuditHead>)>,
    /// Number of the last seal that was written, and of the last that is to be.
    last: i64,
    through: i64,
    counted: TrailEnd,
    ended: bool,
}

impl AuditTrailExport {
    /// What was recorded from one real time to another, and a little more: it begins behind the last signed head before, and
    /// ends with the first signed head behind; at the first and the last seal where there is none.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn begin(
        store: Arc<dyn Store>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let behind = match from {
            Some(from) => store.find_audit_head_before(from).await?,
            None => None,
        };
        let until = match to {
            Some(to) => store.find_audit_head_from(to).await?,
            None => None,
        };
        let through = match until {
            Some(head) => head.number,
            None => store.last_audit_seal().await?.map_or(0, |seal| seal.number),
        };
        let last = behind.as_ref().map_or(0, |head| head.number);
        let beginning = TrailBeginning::new(now, behind.as_ref().map(|head| head.number));
        Ok(Self {
            store,
            beginning: Some((beginning, behind)),
            last,
            through: through.max(last),
            counted: TrailEnd::default(),
            ended: false,
        })
    }

    /// How much was written so far.
    #[must_use]
    pub fn counted(&self) -> TrailEnd {
        self.counted
    }

    /// Some more lines; nothing where there are no more.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn next(&mut self) -> Result<Option<String>, Failure> {
        let mut lines = String::new();
        if let Some((beginning, head)) = self.beginning.take() {
            add(&mut lines, &TrailLine::Trail(beginning))?;
            if let Some(head) = head {
                self.counted.heads += 1;
                add(&mut lines, &TrailLine::Head(head.into()))?;
            }
            return Ok(Some(lines));
        }
        if self.ended {
            return Ok(None);
        }
        let mut seals = self.store.list_audit_seals(self.last, SEALS).await?;
        seals.retain(|seal| seal.number <= self.through);
        seals.truncate(read_together(&seals));
        match seals.last() {
            Some(last) => {
                let through = last.number;
                self.write(&seals, through, &mut lines).await?;
                self.last = through;
            }
            None => {
                add(&mut lines, &TrailLine::End(self.counted))?;
                self.ended = true;
            }
        }
        Ok(Some(lines))
    }

    async fn write(&mut self, seals: &[AuditSeal], through: i64, lines: &mut String) -> Result<(), Failure> {
        let expected: u64 = seals.iter().map(|seal| seal.count.max(0).unsigned_abs()).sum();
        let records = self.store.list_sealed_audit(self.last, through, expected + 1).await?;
        let heads = self.store.list_audit_heads(self.last, through).await?;
        let (mut records, mut heads) = (records.iter().peekable(), heads.into_iter().peekable());
        for seal in seals {
            while let Some(record) = records.next_if(|record| record.seal <= Some(seal.number)) {
                self.counted.records += 1;
                add(lines, &TrailLine::Record(Box::new(record.into())))?;
            }
            self.write_calls(seal.number, lines).await?;
            self.counted.seals += 1;
            add(lines, &TrailLine::Seal(seal.into()))?;
            if let Some(head) = heads.next_if(|head| head.number == seal.number) {
                self.counted.heads += 1;
                add(lines, &TrailLine::Head(head.into()))?;
            }
        }
        Ok(())
    }

    async fn write_calls(&mut self, seal: i64, lines: &mut String) -> Result<(), Failure> {
        let mut after = CallBatchId(i64::MIN);
        loop {
            let batches = self.store.list_sealed_calls((seal, after), seal, BATCHES).await?;
            let Some(last) = batches.last() else { return Ok(()) };
            after = last.id;
            for batch in &batches {
                self.counted.batches += 1;
                add(lines, &TrailLine::Calls(batch.into()))?;
            }
        }
    }
}

fn add(lines: &mut String, line: &TrailLine) -> Result<(), Failure> {
    let line =
        serde_json::to_string(line).map_err(|error| Failure::Broken("a line cannot be written", Box::new(error)))?;
    lines.push_str(&line);
    lines.push('\n');
    Ok(())
}

impl Isds {
    /// The trail of records for an administrator of the system, see [`AuditTrailExport::begin`]; that it was taken is a
    /// record itself. What is sealed by then is signed first, where the timestamp authority answers.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn export_audit_trail(
        &self,
        caller: &Principal,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<AuditTrailExport, Failure> {
        if !caller.is_operator() {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let trail = AuditSubject::none().detail("trail");
        self.record_now(caller, AuditAction::AuditExported, trail, &Ok::<_, Failure>(()))
            .await;
        self.seal_audit().await?;
        if !super::sign_newest_head(&*self.store, &*self.sealer, &*self.clock).await? {
            tracing::warn!("a trail of records is exported whose end has no timestamp");
        }
        AuditTrailExport::begin(Arc::clone(&self.store), from, to, self.clock.real()).await
    }
}
