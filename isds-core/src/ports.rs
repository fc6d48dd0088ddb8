//! What the domain needs from outside, as traits. `storage` and `seal` implement them; tests may bring their own.

use std::error::Error as StdError;

use crate::ids::ObjectId;
use crate::postal::PaymentGone;

mod accounts;
mod archiver;
mod box_history;
mod box_search;
mod boxes;
mod certificates;
mod data_files;
mod directory;
mod erased_lists;
mod installation;
mod jobs;
mod message_form;
mod message_info;
mod messages;
mod objects;
mod operators;
mod passwords;
mod postal;
mod random;
mod scanner;
mod sealing;
mod sessions;
mod system_messages;
mod uploads;
mod users;
mod withheld_messages;

pub use accounts::Accounts;
pub use archiver::{Archiver, ExaminedDocument, RaiseSealError, RaisedDocument, SealEvidence, SealStamp};
pub use box_history::{BEGINNING_OF_RECORDS, BoxHistory, BoxStateChange};
pub use box_search::{Audience, BoxSearch, NumberQuery, Reach, WordMatch, WordQuery};
pub use boxes::Boxes;
pub use certificates::{Certificates, Fingerprint, SystemCertificate};
pub use data_files::{DataFile, DataFiles, ListedBox, ListedBoxes, ListedPage};
pub use directory::{BoxMatches, BoxQuery, Directory};
pub use erased_lists::{ErasedList, ErasedListId, ErasedListOrder, ErasedListWriter, ErasedLists, ListFormat};
pub use installation::Installation;
pub use jobs::{Job, JobId, JobKind, Jobs};
pub use message_form::{AttachmentHead, ContentForm, MessageForm};
pub use message_info::{DeliveredQuery, MessageInfo, Notifications, SuspicionReport};
pub use messages::{
    ListPosition, MessageChange, MessageListQuery, MessageRecord, Messages, NewMessage, StateChangeQuery,
    StateChangeRecord,
};
pub use objects::{ObjectWriter, Objects};
pub use operators::Operators;
pub use passwords::{FORMER_PASSWORDS, PasswordUpdate, Passwords};
pub use postal::Postal;
pub use random::Random;
pub use scanner::{NoScanner, ScanError, Scanner};
pub use sealing::{
    AuthenticDocument, Authenticator, AuthenticityError, SealError, SealFrame, Sealer, TimestampAuthority,
    TimestampError,
};
pub use sessions::{KeptSession, Sessions};
pub use system_messages::{SystemMessageId, SystemMessages};
pub use uploads::{SharedObjects, Upload, UploadId, Uploads};
pub use users::{Approval, NewUser, UserAction, UserChange, UserPosition, Users};
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
    Messages,
    Directory,
    Accounts,
    Jobs,
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
    Operators,
    Uploads,
    SharedObjects,
}
