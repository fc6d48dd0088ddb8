//! Limits that may be changed while the system runs.
//!
//! Only those that are asked at one moment of an operation: sizes that a call is measured by from its first byte to its
//! last stay the configuration's. Each node reads them again after a few seconds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Chain, Failure, Refusal};
use crate::ids::IsdsId;
use crate::ports::ChangedLimit;
use crate::principal::Principal;
use crate::status::Status;
use crate::time::Timestamp;

use super::super::{Isds, Limits};
use super::operator_only;

/// For how long a node takes what it read to be so.
const READ_AGAIN: Duration = Duration::from_secs(5);
/// A megabyte, in which large limits are told.
const MEGABYTE: u64 = 1024 * 1024;

/// A limit that may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitName {
    /// Most bytes of a box's uploads that no message used yet.
    UploadQuota,
    /// Most drafts and templates of a box.
    Drafts,
    /// Most bytes of the attachments of a box's drafts and templates.
    DraftBytes,
    /// Most users added to one box within a day.
    UsersAddedInADay,
}

/// All limits that may be changed.
pub const LIMIT_NAMES: [LimitName; 4] = [
    LimitName::UploadQuota,
    LimitName::Drafts,
    LimitName::DraftBytes,
    LimitName::UsersAddedInADay,
];

impl LimitName {
    /// Name in the database, in addresses and in the keys of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UploadQuota => "upload-quota",
            Self::Drafts => "drafts",
            Self::DraftBytes => "draft-bytes",
            Self::UsersAddedInADay => "users-added-in-a-day",
        }
    }

    /// The limit with the name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        LIMIT_NAMES.into_iter().find(|limit| limit.name() == name)
    }

    /// In what it is told: bytes of one, a megabyte or a single thing.
    #[must_use]
    pub fn unit(self) -> u64 {
        match self {
            Self::UploadQuota | Self::DraftBytes => MEGABYTE,
            Self::Drafts | Self::UsersAddedInADay => 1,
        }
    }

    /// The least and the greatest that it may be, in its unit. What a single message needs must fit.
    #[must_use]
    pub fn bounds(self, limits: &Limits) -> (u64, u64) {
        match self {
            Self::UploadQuota => (limits.large_message_bytes.div_ceil(MEGABYTE), 1024 * 1024),
            Self::Drafts => (1, 100_000),
            Self::DraftBytes => (limits.large_message_bytes.div_ceil(MEGABYTE), 1024 * 1024),
            Self::UsersAddedInADay => (1, 10_000),
        }
    }

    fn of(self, limits: &Limits) -> u64 {
        match self {
            Self::UploadQuota => limits.upload_quota_bytes,
            Self::Drafts => limits.drafts,
            Self::DraftBytes => limits.draft_bytes,
            Self::UsersAddedInADay => limits.users_added_in_a_day,
        }
    }

    fn set(self, limits: &mut Limits, value: u64) {
        match self {
            Self::UploadQuota => limits.upload_quota_bytes = value,
            Self::Drafts => limits.drafts = value,
            Self::DraftBytes => limits.draft_bytes = value,
            Self::UsersAddedInADay => limits.users_added_in_a_day = value,
        }
    }
}

/// A limit as the administrator sees it; values in its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitView {
    /// Which.
    pub name: LimitName,
    /// What holds now.
    pub value: u64,
    /// What the configuration says.
    pub configured: u64,
    /// The least and the greatest that it may be.
    pub bounds: (u64, u64),
    /// Its version, over which a change is written.
    pub version: i64,
    /// Who changed it last, and when in legal time; none where it never was changed.
    pub changed: Option<(Option<IsdsId>, Timestamp)>,
}

/// What a node last read of the limits that were changed.
#[derive(Debug, Clone, Default)]
pub struct LimitCache(Arc<Mutex<Option<Kept>>>);

#[derive(Debug)]
struct Kept {
    read: Instant,
    limits: Vec<ChangedLimit>,
}

impl LimitCache {
    fn fresh(&self) -> Option<Vec<ChangedLimit>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        (kept.read.elapsed() < READ_AGAIN).then(|| kept.limits.clone())
    }

    fn last(&self) -> Vec<ChangedLimit> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| kept.limits.clone()).unwrap_or_default()
    }

    fn keep(&self, limits: Vec<ChangedLimit>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
            read: Instant::now(),
            limits,
        });
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Isds {
    /// The limits that hold now: the configuration's, with those over them that were changed. Where the database does
    /// not answer, those that were read last.
    pub async fn limits_now(&self) -> Limits {
        let changed = match self.limits.changed.fresh() {
            Some(changed) => changed,
            None => match self.store.list_changed_limits().await {
                Ok(changed) => {
                    self.limits.changed.keep(changed.clone());
                    changed
                }
                Err(error) => {
                    tracing::error!(error = %Chain(&error), "limits that were changed cannot be read");
                    self.limits.changed.last()
                }
            },
        };
        let mut limits = self.limits.clone();
        for limit in changed {
            let name = LimitName::from_name(&limit.name);
            let value = limit.value.and_then(|value| u64::try_from(value).ok());
            if let (Some(name), Some(value)) = (name, value) {
                name.set(&mut limits, value);
            }
        }
        limits
    }

    /// The limits that may be changed.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn changeable_limits(&self, caller: &Principal) -> Result<Vec<LimitView>, Failure> {
        operator_only(caller)?;
        let changed = self.store.list_changed_limits().await?;
        let view = |name: LimitName| {
            let changed = changed.iter().find(|limit| limit.name == name.name());
            let configured = name.of(&self.limits) / name.unit();
            let value = changed.and_then(|limit| u64::try_from(limit.value?).ok());
            LimitView {
                name,
                value: value.map_or(configured, |value| value / name.unit()),
                configured,
                bounds: name.bounds(&self.limits),
                version: changed.map_or(0, |limit| limit.version),
                changed: changed.map(|limit| (limit.by.clone(), limit.at)),
            }
        };
        Ok(LIMIT_NAMES.into_iter().map(view).collect())
    }

    /// Changes a limit to `value`, in its unit, or has the configuration's hold again; `version` is the one that was
    /// seen. Other nodes follow within seconds.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 for a value out of bounds, and where somebody else
    /// changed the limit meanwhile.
    pub async fn change_limit(
        &self,
        caller: &Principal,
        name: LimitName,
        value: Option<u64>,
        version: i64,
    ) -> Result<(), Failure> {
        operator_only(caller)?;
        let detail = match value {
            Some(value) => format!("{} = {value}", name.name()),
            None => format!("{} as configured", name.name()),
        };
        let subject = AuditSubject::none().detail(detail);
        let work = self.write_limit(caller, name, value, version);
        self.recorded(caller, AuditAction::LimitsChanged, subject, work).await
    }

    async fn write_limit(
        &self,
        caller: &Principal,
        name: LimitName,
        value: Option<u64>,
        version: i64,
    ) -> Result<(), Failure> {
        let (least, most) = name.bounds(&self.limits);
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            let rule = format!("hodnota je od {least} do {most}.");
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule).into());
        }
        let bytes = value.map(|value| value.saturating_mul(name.unit()));
        let limit = ChangedLimit {
            name: name.name().to_owned(),
            value: bytes.and_then(|value| i64::try_from(value).ok()),
            version: version.saturating_add(1).max(1),
            by: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            at: self.clock.legal().to_millis(),
        };
        if !self.store.change_limit(&limit).await? {
            let rule = "mez mezitím změnil někdo jiný; podívejte se na ni znovu.";
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule).into());
        }
        self.limits.changed.forget();
        Ok(())
    }
}
