//! Queues and jobs that did not succeed at once.

use crate::audit::{AuditAction, AuditSubject};
use crate::error::Failure;
use crate::ports::{JOBS_LOOKED_AT, JobId, Queue, TroubledJob, WaitingWork};
use crate::principal::Principal;

use super::super::Isds;
use super::operator_only;

/// Most troubled jobs that are shown.
const TROUBLED: u64 = 100;

/// Kinds of jobs by the numbers that the database has for them, and the names under which texts are found.
pub const JOB_KINDS: [(i16, &str); 8] = [
    (1, "process-message"),
    (2, "send-system-message"),
    (6, "close-box"),
    (8, "make-erased-list"),
    (15, "work-on-bulk-job"),
    (17, "import-boxes"),
    (21, "announce"),
    (22, "scan-message"),
];

/// Name of a kind of jobs; one that this version does not know is just another.
#[must_use]
pub fn job_kind_name(kind: i16) -> &'static str {
    JOB_KINDS
        .iter()
        .find(|(number, _)| *number == kind)
        .map_or("other", |(_, name)| name)
}

impl Isds {
    /// The queues, by kind.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn queues(&self, caller: &Principal) -> Result<Vec<Queue>, Failure> {
        operator_only(caller)?;
        Ok(self.store.list_queues(self.clock.real()).await?)
    }

    /// What waits beside the jobs: e-mails, what is to become some, and indexes.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn waiting_work(&self, caller: &Principal) -> Result<Vec<WaitingWork>, Failure> {
        operator_only(caller)?;
        let (real, legal) = (self.clock.real(), self.clock.legal());
        Ok(self.store.list_waiting_work(real, legal).await?)
    }

    /// Jobs that were begun more than once, most often begun first.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn troubled_jobs(&self, caller: &Principal) -> Result<Vec<TroubledJob>, Failure> {
        operator_only(caller)?;
        Ok(self.store.list_troubled_jobs(TROUBLED).await?)
    }

    /// Has a job tried again at once that waits. False where there is nothing to do: it is due anyway, has ended, or a
    /// node works on it, from which it is not taken.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn try_job_now(&self, caller: &Principal, id: JobId) -> Result<bool, Failure> {
        operator_only(caller)?;
        let subject = AuditSubject::none().detail(format!("job {}", id.0));
        let made = self
            .recorded(caller, AuditAction::JobHandled, subject, async {
                Ok(self.store.make_job_due(id, self.clock.real()).await?)
            })
            .await?;
        self.job_added.notify_one();
        Ok(made)
    }

    /// Has all jobs of a kind that did not succeed tried again at once; answers how many.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn try_jobs_now(&self, caller: &Principal, kind: i16) -> Result<u64, Failure> {
        operator_only(caller)?;
        let subject = AuditSubject::none().detail(job_kind_name(kind));
        let made = self
            .recorded(caller, AuditAction::JobHandled, subject, async {
                Ok(self
                    .store
                    .make_jobs_due(kind, self.clock.real(), JOBS_LOOKED_AT)
                    .await?)
            })
            .await?;
        self.job_added.notify_one();
        Ok(made)
    }
}
