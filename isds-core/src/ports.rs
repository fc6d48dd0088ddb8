//! What the domain needs from outside, as traits. `storage` and `seal` implement them; tests may bring their own.

use std::error::Error as StdError;

use crate::ids::ObjectId;
use crate::postal::PaymentGone;

mod accounts;
mod announcements;
mod archiver;
mod audit;
mod audit_trail;
mod box_history;
mod box_lists;
mod box_merges;
mod box_search;
mod boxes;
mod bulk;
mod bulk_files;
mod certificates;
mod changed_limits;
mod data_files;
mod directory;
mod draft_sendings;
mod drafts;
mod erased_lists;
mod imports;
mod installation;
mod jobs;
mod life_cycle;
mod lives;
mod mailbox;
mod mailbox_index;
mod mailbox_marks;
mod message_form;
mod message_info;
mod messages;
mod nodes;
mod notices;
mod object_references;
mod object_upkeep;
mod objects;
mod observer;
mod operators;
mod overview;
mod passwords;
mod people;
mod postal;
mod random;
mod restraints;
mod scanner;
mod sealed_secrets;
mod sealing;
mod secrets;
mod sessions;
mod sign_in_factors;
mod statistics;
mod store_state;
mod system_messages;
mod uploads;
mod users;
mod vaults;
mod withheld_messages;

pub use accounts::Accounts;
pub use announcements::{AnnouncementId, AnnouncementProgress, Announcements, KeptAnnouncement};
pub use archiver::{Archiver, ExaminedDocument, RaiseSealError, RaisedDocument, SealEvidence, SealStamp};
pub use audit::{Audit, AuditLead, AuditScan};
pub use audit_trail::AuditTrail;
pub use box_history::{BEGINNING_OF_RECORDS, BoxHistory, BoxStateChange};
pub use box_lists::BoxLists;
pub use box_merges::{BoxMerge, BoxMerges};
pub use box_search::{Audience, BoxSearch, NumberQuery, Reach, WordMatch, WordQuery};
pub use boxes::Boxes;
pub use bulk::{BulkChange, BulkJobs, BulkRowMove, BulkRowQuery, NewBulkJob};
pub use bulk_files::BulkFiles;
pub use certificates::{
    CertificateReader, Certificates, Fingerprint, NoCertificateReader, ReadCertificate, SystemCertificate,
};
pub use changed_limits::{ChangedLimit, ChangedLimits};
pub use data_files::{DataFile, DataFiles, ListedBox, ListedBoxes, ListedPage};
pub use directory::{BoxMatches, BoxQuery, Directory};
pub use draft_sendings::{BegunSending, DraftSendings, Sending, SendingId, SendingLease, SendingOutcome, SendingRow};
pub use drafts::{
    AddedDraft, Attached, Draft, DraftBounds, DraftContent, DraftId, DraftPosition, DraftRecord, DraftVersion, Drafts,
    NewDraft,
};
pub use erased_lists::{ErasedList, ErasedListId, ErasedListOrder, ErasedListWriter, ErasedLists, ListFormat};
pub use imports::{Import, ImportCounts, ImportId, ImportRow, ImportState, Imports, RowState};
pub use installation::Installation;
pub use jobs::{Job, JobId, JobKind, Jobs};
pub use life_cycle::{DuePlace, DuePlaces, LifeCycle, Stay, WarnedOf};
pub use lives::Lives;
pub use mailbox::{CandidateQuery, Candidates, Direction, Lead, Mailbox, WaitingQuery};
pub use mailbox_index::{MailboxDocument, MailboxIndexes};
pub use mailbox_marks::MailboxMarks;
pub use message_form::{AttachmentFinder, AttachmentHead, AttachmentPlace, ContentForm, MessageForm, NotAMessage};
pub use message_info::{DeliveredQuery, MessageInfo, Notifications, SuspicionReport};
pub use messages::{
    ListPosition, MessageChange, MessageListQuery, MessageRecord, Messages, NewMessage, StateChangeQuery,
    StateChangeRecord,
};
pub use nodes::{NodeState, Nodes};
pub use notices::{MailError, Mailer, Notices};
pub use object_references::{ObjectReferences, Referrer};
pub use object_upkeep::{Found, ObjectUpkeep, StoredObject};
pub use objects::{ObjectWriter, Objects};
pub use observer::{JobOutcome, NoObserver, Observation, Observer, RestraintKind, SignInOutcome, SignInWay};
pub use operators::Operators;
pub use overview::{
    BoxCertificate, JOBS_LOOKED_AT, KeptRequest, Overview, Queue, Stamping, TroubledJob, WaitingKind, WaitingWork,
};
pub use passwords::{EndingPassword, FORMER_PASSWORDS, PasswordUpdate, Passwords};
pub use people::{AccessState, LockedAddress, People};
pub use postal::Postal;
pub use random::Random;
pub use restraints::{Place, Restraints};
pub use scanner::{FileVerdict, NoScanner, ScanError, Scanner};
pub use sealed_secrets::SealedSecrets;
pub use sealing::{
    AuthenticDocument, Authenticator, AuthenticityError, SealError, SealFrame, Sealer, TimestampAuthority,
    TimestampError,
};
pub use secrets::{SecretError, Secrets};
pub use sessions::{KeptSession, Sessions};
pub use sign_in_factors::FactorStore;
pub use statistics::{BoxFigure, CountingProgress, MessageFigures, MonthFigures, Statistics};
pub use store_state::{NextDue, PoolState, StoreFailures, StoreState};
pub use system_messages::{SystemMessageId, SystemMessages};
pub use uploads::{SharedObjects, Upload, UploadId, Uploads};
pub use users::{Approval, NewUser, UserAction, UserChange, UserPosition, Users};
pub use vaults::{AddedVault, Vaults};
pub use withheld_messages::WithheldMessages;

/// Failure of the database or of the object storage.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be asked, or did not answer.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// It holds what it should never hold.
    #[error("the store holds nonsense: {0}")]
    Inconsistent(String),
    /// Somebody else changed the row first; the caller computes its change anew.
    #[error("the row was changed meanwhile")]
    Conflict,
    /// The row of a bulk job is not to be sent any more, or another carries the sending of the draft on; nothing was
    /// written.
    #[error("the message is not to be sent any more, or not by this carrier")]
    RowWithdrawn,
    /// An upload that a message uses is gone; nothing was written.
    #[error("an upload that the message uses is gone")]
    UploadGone,
    /// What was to pay for a message is gone; nothing was written.
    #[error("what was to pay for the message is gone: {0:?}")]
    Unpaid(PaymentGone),
    /// An object is missing.
    #[error("object {0} is missing")]
    MissingObject(ObjectId),
    /// An object's bytes are not those that were written.
    #[error("object {0} is damaged")]
    DamagedObject(ObjectId),
}

/// Result of the stores.
pub type StoreResult<T> = Result<T, StoreError>;

/// Names once what a store is.
macro_rules! store {
    ($($part:ident),* $(,)?) => {
        /// Everything in SQL.
        pub trait Store: $($part +)* {}

        impl<T: $($part +)*> Store for T {}
    };
}

store! {
    StoreState,
    Restraints,
    Drafts,
    DraftSendings,
    Messages,
    Directory,
    Accounts,
    Jobs,
    LifeCycle,
    Vaults,
    Installation,
    BoxSearch,
    BoxHistory,
    DataFiles,
    Boxes,
    SystemMessages,
    Passwords,
    Users,
    WithheldMessages,
    Postal,
    MessageInfo,
    Notifications,
    ErasedLists,
    Certificates,
    Sessions,
    FactorStore,
    Operators,
    Uploads,
    SharedObjects,
    ObjectReferences,
    SealedSecrets,
    BulkFiles,
    BulkJobs,
    Nodes,
    Lives,
    Statistics,
    People,
    Overview,
    Imports,
    BoxMerges,
    BoxLists,
    ChangedLimits,
    Announcements,
    Audit,
    AuditTrail,
    Notices,
    Mailbox,
    MailboxIndexes,
    MailboxMarks,
}
