//! What the domain needs from outside, as traits. `storage` and `seal` implement them; tests may bring their own.

use std::error::Error as StdError;
use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::account::{LockoutState, Login};
use crate::author::Author;
use crate::administration::BoxClosingId;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::event::{Event, EventKind};
use crate::ids::{BoxId, MessageId, ObjectId};
use crate::message::{Message, MessageState, ScanVerdict, SideOf, StateChange};
use crate::postal::{Payment, PaymentGone};
use crate::system_message::{DueSystemMessage, SystemMessage, SystemMessageForm};
use crate::time::Timestamp;
use crate::user::{Membership, Person};

mod archiver;
mod certificates;
mod box_history;
mod box_search;
mod data_files;
mod erased_lists;
mod message_info;
mod operators;
mod postal;
mod boxes;
mod passwords;
mod system_messages;
mod users;
mod uploads;
mod withheld_messages;

pub use archiver::{Archiver, ExaminedDocument, RaiseSealError, RaisedDocument, SealEvidence, SealStamp};
pub use certificates::{Certificates, Fingerprint, SystemCertificate};
pub use box_history::{BEGINNING_OF_RECORDS, BoxHistory, BoxStateChange};
pub use box_search::{Audience, BoxSearch, NumberQuery, Reach, WordMatch, WordQuery};
pub use data_files::{DataFile, DataFiles, ListedBox, ListedBoxes, ListedPage};
pub use erased_lists::{ErasedList, ErasedListId, ErasedListOrder, ErasedListWriter, ErasedLists, ListFormat};
pub use operators::Operators;
pub use message_info::{DeliveredQuery, MessageInfo, Notifications, SuspicionReport};
pub use passwords::{FORMER_PASSWORDS, PasswordUpdate, Passwords};
pub use postal::Postal;
pub use boxes::Boxes;
pub use users::{Approval, NewUser, UserAction, UserChange, UserPosition, Users};
pub use system_messages::{SystemMessageId, SystemMessages};
pub use uploads::{SharedObjects, Upload, UploadId, Uploads};
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

/// A message to be written, with its first event.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The message in phase 1, version 0.
    pub message: Message,
    /// Who wrote it, for GetMessageAuthor.
    pub author: Author,
    /// EV0.
    pub event: Event,
    /// Real time of acceptance: when the job that carries the message on is due.
    pub job_due: Timestamp,
    /// What the message costs, taken in the same transaction; nothing for public messages.
    pub payment: Option<Payment>,
    /// Uploads that a large message uses, each once; counted in the same transaction.
    pub uploads: Vec<UploadId>,
}

/// A transition of one message to be written over the version it was computed from.
#[derive(Debug, Clone)]
pub struct MessageChange {
    /// Message.
    pub id: MessageId,
    /// Version that the change was computed from.
    pub from_version: i64,
    /// State afterwards.
    pub state: MessageState,
    /// Token to keep, where the change obtained one.
    pub timestamp_token: Option<Vec<u8>>,
    /// Verdict to keep, where the change obtained one.
    pub scan: Option<ScanVerdict>,
    /// Events to add.
    pub events: Vec<Event>,
    /// Events of this kind to remove.
    pub removes: Option<EventKind>,
    /// Rows for the sender's list of state changes, in order.
    pub state_changes: Vec<StateChange>,
    /// System messages that go with the change.
    pub system_messages: Vec<DueSystemMessage>,
    /// Job that the change finishes, removed in the same transaction.
    pub finishes_job: Option<JobId>,
}

impl MessageChange {
    /// A change that changes nothing yet, over the version at hand.
    #[must_use]
    pub fn unchanged(message: &Message) -> Self {
        Self {
            id: message.id,
            from_version: message.version,
            state: message.state,
            timestamp_token: None,
            scan: None,
            events: Vec::new(),
            removes: None,
            state_changes: Vec::new(),
            system_messages: Vec::new(),
            finishes_job: None,
        }
    }
}

/// What a list of messages asks for.
#[derive(Debug, Clone)]
pub struct MessageListQuery {
    /// Whose list.
    pub box_id: BoxId,
    /// Received (recipient's side) or sent.
    pub side: SideOf,
    /// From this time on, by delivery-in time, for messages without one by submission time.
    pub from: Option<Timestamp>,
    /// Up to and including this time.
    pub to: Option<Timestamp>,
    /// Bits Σ2^state of the states on the wire that fit.
    pub status_bits: u32,
    /// Only what comes after this place, that of the last record of the page before.
    pub after: Option<ListPosition>,
    /// How many to pass over.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
}

/// Place of a record in lists, which begin with the newest and, of two at the same time, with the higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPosition {
    /// [`MessageState::list_time`].
    pub time: Timestamp,
    /// Number.
    pub id: MessageId,
}

/// A record of a list: what lists show, without the content's whereabouts.
#[derive(Debug, Clone)]
pub struct MessageRecord {
    /// Number.
    pub id: MessageId,
    /// Envelope.
    pub envelope: crate::envelope::Envelope,
    /// Kind letter (`dmType`).
    pub kind: crate::envelope::MessageKind,
    /// `dmAttachmentSize`.
    pub attachment_size_kb: i64,
    /// A large message (`dmVODZ`).
    pub large: bool,
    /// State.
    pub state: MessageState,
}

impl MessageRecord {
    /// The record as it is shown at the legal time `now`, which may have ended an invitation to reply.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.kind = self.kind.at(self.state.submitted, now);
        self
    }

    /// Where it stands in lists.
    #[must_use]
    pub fn position(&self) -> ListPosition {
        ListPosition {
            time: self.state.list_time(),
            id: self.id,
        }
    }
}

/// A row of `GetMessageStateChanges` with its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChangeRecord {
    /// Message.
    pub id: MessageId,
    /// When and to what.
    pub change: StateChange,
    /// Version of the message that the change made.
    pub version: i64,
    /// Which of the changes that made the version, from 0. Time, number, version and this are the order of the rows.
    pub seq: i64,
}

/// What `GetMessageStateChanges` asks for.
#[derive(Debug, Clone, Copy)]
pub struct StateChangeQuery {
    /// Sender of the messages.
    pub sender: BoxId,
    /// From this time on.
    pub from: Timestamp,
    /// Up to and including this time.
    pub to: Timestamp,
    /// Only what comes after this row, the last of the page before.
    pub after: Option<StateChangeRecord>,
    /// How many to return at most.
    pub limit: u64,
}

/// Messages and their events.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Takes the next message number.
    async fn next_message_id(&self) -> StoreResult<MessageId>;

    /// Writes an accepted message, its event, the job that carries it on, and takes what it costs, in one transaction.
    /// Durable on return.
    ///
    /// # Errors
    /// [`StoreError::Unpaid`] where what was to pay is no longer there.
    async fn accept_message(&self, message: &NewMessage) -> StoreResult<()>;

    /// The message, whatever its state.
    async fn lookup_message(&self, id: MessageId) -> StoreResult<Option<Message>>;

    /// Messages in phases 4 and 5 that wait in the box for a login, oldest number first, with numbers above `after`.
    /// Where `personal` is false, those for personal delivery are left out.
    async fn list_waiting_messages(
        &self,
        box_id: BoxId,
        personal: bool,
        after: MessageId,
        limit: u64,
    ) -> StoreResult<Vec<Message>>;

    /// One page of a list, newest first.
    async fn list_messages(&self, query: &MessageListQuery) -> StoreResult<Vec<MessageRecord>>;

    /// Events of a message, in the order in which they were recorded.
    async fn list_events(&self, id: MessageId) -> StoreResult<Vec<Event>>;

    /// One page of the state changes of messages sent from a box, oldest first.
    async fn list_state_changes(&self, query: &StateChangeQuery) -> StoreResult<Vec<StateChangeRecord>>;

    /// Writes transitions, all in one transaction: all are written or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a message's version is no longer the one its change was computed from.
    async fn apply_changes(&self, changes: &[MessageChange]) -> StoreResult<()>;
}

/// What a search for boxes asks for (FindDataBox2). All given conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct BoxQuery {
    /// Exactly this box.
    pub id: Option<BoxId>,
    /// One of these types.
    pub types: Vec<BoxType>,
    /// Identification number without leading zeros.
    pub ic: Option<String>,
    /// Prefix of the given names, case folded.
    pub given_names_prefix: Option<String>,
    /// Prefix of the last name, case folded.
    pub last_name_prefix: Option<String>,
    /// Part of the firm name, case folded.
    pub firm_name_part: Option<String>,
    /// Day of birth.
    pub birth_date: Option<jiff::civil::Date>,
    /// Part of the town of birth, case folded.
    pub birth_city_part: Option<String>,
    /// Part of the town, case folded.
    pub city_part: Option<String>,
    /// Part of the street, case folded.
    pub street_part: Option<String>,
    /// House or orientation numbers; each given one must be one of the box's two.
    pub numbers: Vec<String>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// State of the address.
    pub address_state: Option<String>,
    /// Identifier of a public authority.
    pub ovm_id: Option<String>,
    /// State of the box; 2 stands for 2 and 6. Deleted boxes never fit.
    pub state: Option<crate::box_state::BoxState>,
    /// At most so many.
    pub limit: u64,
}

/// Boxes, people, memberships.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The box, whatever its state.
    async fn lookup_box(&self, id: BoxId) -> StoreResult<Option<DataBox>>;

    /// Boxes that fit, ordered by ID.
    async fn find_boxes(&self, query: &BoxQuery) -> StoreResult<Vec<DataBox>>;

    /// Adds a box with its users and their access data, in one transaction.
    async fn add_box(&self, data_box: &DataBox) -> StoreResult<()>;

    /// Adds a person; `person.id` is ignored, the new key is returned.
    async fn add_person(&self, person: &Person) -> StoreResult<crate::ids::PersonId>;

    /// Adds a membership; `membership.id` is ignored, the new key is returned.
    async fn add_membership(&self, membership: &Membership) -> StoreResult<crate::ids::MembershipId>;
}

/// Access data and the memory of failed logins.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// What belongs to a login name.
    async fn lookup_login(&self, login: &str) -> StoreResult<Option<Login>>;

    /// Adds a password credential to a membership.
    async fn add_password(
        &self,
        login: &str,
        membership: crate::ids::MembershipId,
        password_hash: &str,
        expires: Option<Timestamp>,
    ) -> StoreResult<()>;

    /// Failed logins of an account name and of an address.
    async fn lookup_lockouts(&self, login: &str, address: IpAddr) -> StoreResult<LockoutState>;

    /// Counts a failed login (real time); returns the state afterwards.
    async fn record_failed_login(&self, login: &str, address: IpAddr, now: Timestamp) -> StoreResult<LockoutState>;

    /// Forgets failed logins of the account name after a success. Those of the address stay.
    async fn clear_failed_logins(&self, login: &str) -> StoreResult<()>;
}

/// Key of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub i64);

/// A leased job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Key.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// How often it was begun before.
    pub attempts: i64,
}

/// What jobs do. Each is idempotent: it looks at what it works on before it does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Stamp, scan and deliver an accepted message.
    ProcessMessage(MessageId),
    /// Make the messages undeliverable that lie in a box that was disabled.
    CloseBox(BoxClosingId),
    /// Send a system message that was promised.
    SendSystemMessage(SystemMessageId),
    /// Make a list of erased messages that was ordered.
    MakeErasedList(ErasedListId),
}

/// Jobs: rows with a lease, done at least once. Times are real.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Leases up to `limit` jobs that are due, until `lease_until`. A job whose lease ran out is due again.
    async fn claim_jobs(&self, now: Timestamp, lease_until: Timestamp, limit: u64) -> StoreResult<Vec<Job>>;

    /// Gives a job back, to be tried again at `due`.
    async fn retry_job(&self, id: JobId, due: Timestamp) -> StoreResult<()>;

    /// Removes a job that has nothing left to do.
    async fn finish_job(&self, id: JobId) -> StoreResult<()>;

    /// How many jobs wait or run.
    async fn count_jobs(&self) -> StoreResult<u64>;
}

/// What an installation remembers about itself.
#[async_trait]
pub trait Installation: Send + Sync {
    /// By how many seconds legal time runs ahead of real time (test instances only).
    async fn clock_offset_seconds(&self) -> StoreResult<i64>;

    /// Moves legal time forward; returns the offset afterwards.
    async fn advance_clock(&self, seconds: i64) -> StoreResult<i64>;

    /// Whose the installation is, where it was marked.
    async fn mark(&self) -> StoreResult<Option<String>>;

    /// Marks an unmarked installation; returns the mark that stands afterwards, which may be another's.
    async fn claim_mark(&self, mark: &str) -> StoreResult<String>;

    /// Marks the installation; a mark that it had is replaced.
    async fn set_mark(&self, mark: &str) -> StoreResult<()>;

    /// Whether it holds no box and no message.
    async fn is_empty(&self) -> StoreResult<bool>;

    /// Removes everything: boxes, people, messages, jobs, clock offset. Message numbers start anew; the
    /// mark stays.
    async fn clear(&self) -> StoreResult<()>;

    /// Answers whether the database can be reached.
    async fn ping(&self) -> StoreResult<()>;
}

/// Everything in SQL.
pub trait Store: Messages + Directory + Accounts + Jobs + Installation + BoxSearch + BoxHistory + DataFiles + Boxes + SystemMessages + Passwords + Users + WithheldMessages + Postal + MessageInfo + Notifications + ErasedLists + Certificates + Operators + Uploads + SharedObjects {}

impl<T: Messages + Directory + Accounts + Jobs + Installation + BoxSearch + BoxHistory + DataFiles + Boxes + SystemMessages + Passwords + Users + WithheldMessages + Postal + MessageInfo + Notifications + ErasedLists + Certificates + Operators + Uploads + SharedObjects> Store for T {}

/// An object being written. Dropping it without [`finish`](Self::finish) leaves nothing that counts.
#[async_trait]
pub trait ObjectWriter: Send {
    /// Adds bytes.
    async fn write(&mut self, bytes: &[u8]) -> StoreResult<()>;

    /// Ends the object; on return it survives a power cut. Returns its key and the number of bytes written.
    async fn finish(self: Box<Self>) -> StoreResult<(ObjectId, u64)>;

    /// Gives up and removes what was written.
    async fn abort(self: Box<Self>) -> StoreResult<()>;
}

/// Content of messages.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Writes a small object whole; on return it survives a power cut.
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId>;

    /// Begins a large object.
    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>>;

    /// Reads `length` bytes from `offset` on, in pieces.
    async fn read(
        &self,
        id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>>;

    /// Removes an object; removing a missing one is no error.
    async fn delete(&self, id: &ObjectId) -> StoreResult<()>;

    /// Removes all objects.
    async fn clear(&self) -> StoreResult<()>;
}

/// Randomness, passed in so that tests can repeat a run.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// Failure of the timestamp authority.
#[derive(Debug, thiserror::Error)]
#[error("the timestamp authority gave no token")]
pub struct TimestampError(#[source] pub Box<dyn StdError + Send + Sync>);

/// RFC 3161 timestamp authority.
#[async_trait]
pub trait TimestampAuthority: Send + Sync {
    /// A TimeStampToken (DER of the CMS) over a SHA-256 digest. `now` is legal time, used by an authority that is part
    /// of this system; one outside has its own clock.
    async fn stamp(&self, sha256: [u8; 32], now: Timestamp) -> Result<Vec<u8>, TimestampError>;
}

/// Bytes that enclose a content to make it a sealed document.
#[derive(Debug, Clone)]
pub struct SealFrame {
    /// Before the content.
    pub prefix: Bytes,
    /// After it.
    pub suffix: Bytes,
    /// The seal carries a signature timestamp.
    pub stamped: bool,
}

/// Failure of the sealing key.
#[derive(Debug, thiserror::Error)]
#[error("the seal could not be made")]
pub struct SealError(#[source] pub Box<dyn StdError + Send + Sync>);

/// The electronic seal of the system.
#[async_trait]
pub trait Sealer: Send + Sync {
    /// Seals content of `length` bytes with the digest `sha256` at the legal time `now` (CAdES-T where the authority
    /// answers, CAdES-B otherwise or where `stamp` is false).
    async fn seal(&self, sha256: [u8; 32], length: u64, now: Timestamp, stamp: bool) -> Result<SealFrame, SealError>;
}

/// What was learnt from a sealed document whose seal and inner consistency hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticDocument {
    /// Message number inside.
    pub id: MessageId,
    /// `dmHash` inside, decoded.
    pub hash: Vec<u8>,
    /// `dmHash/@algorithm`.
    pub hash_algorithm: String,
    /// `dmMessageStatus` inside.
    pub status: i64,
    /// `dmDeliveryTime` inside.
    pub delivery_time: Option<Timestamp>,
    /// `dmAcceptanceTime` inside.
    pub acceptance_time: Option<Timestamp>,
}

/// Why a document is not authentic.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticityError {
    /// Not a sealed document at all.
    #[error("not a sealed document")]
    NotSealed(#[source] Box<dyn StdError + Send + Sync>),
    /// Sealed, but something in it does not hold.
    #[error("the document does not hold")]
    DoesNotHold(#[source] Box<dyn StdError + Send + Sync>),
    /// It could not be examined.
    #[error("the document could not be examined")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

/// Examines sealed documents against the authorities that this installation trusts.
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// Checks structure, `dmHash`, seal, timestamps and chain of the document in `file`, from its beginning.
    async fn authenticate(&self, file: std::fs::File) -> Result<AuthenticDocument, AuthenticityError>;
}

/// Failure of the scanner: the message waits.
#[derive(Debug, thiserror::Error)]
#[error("the scanner gave no verdict")]
pub struct ScanError(#[source] pub Box<dyn StdError + Send + Sync>);

/// Scanner for malware.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Judges the content of a message.
    async fn scan(&self, message: &Message) -> Result<ScanVerdict, ScanError>;
}

/// The installation has no scanner: every verdict says so.
pub struct NoScanner;

#[async_trait]
impl Scanner for NoScanner {
    async fn scan(&self, _message: &Message) -> Result<ScanVerdict, ScanError> {
        Ok(ScanVerdict::NotScanned)
    }
}

/// One attachment as its element's start tag describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentHead {
    /// `dmMimeType` as it was sent: a type, a suffix, or nothing.
    pub mime_type: String,
    /// `dmFileMetaType`.
    pub meta_type: crate::attachment::MetaType,
    /// `dmFileDescr`, the file name.
    pub file_name: String,
    /// `dmFileGuid`.
    pub guid: Option<String>,
    /// `dmUpFileGuid`.
    pub up_guid: Option<String>,
    /// `dmFormat`.
    pub format: Option<String>,
}

/// How an attachment stands in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentForm {
    /// As base64 (`dmEncodedContent`).
    Encoded,
    /// As one XML element (`dmXMLContent`).
    Xml,
}

/// How the fixed bytes of a message are written. `wire` implements it: the domain knows no XML, only that the bytes of
/// a message are head, files (each head, content, tail) and tail, written once.
pub trait MessageForm: Send + Sync {
    /// From the start tag of `dmDm` to the start tag of `dmFiles`.
    fn head(&self, id: MessageId, envelope: &crate::envelope::Envelope) -> Vec<u8>;
    /// From the start tag of `dmFile` to its content.
    fn file_head(&self, head: &AttachmentHead, content: ContentForm) -> Vec<u8>;
    /// From the end of the content to the end tag of `dmFile`.
    fn file_tail(&self, content: ContentForm) -> &'static [u8];
    /// From the end tag of `dmFiles` to that of `dmDm`.
    fn tail(&self) -> &'static [u8];
    /// The two attachments of a system message.
    fn system_message(&self, message: &SystemMessage) -> SystemMessageForm;
    /// A compressed list of erased messages as one side sees them.
    ///
    /// # Errors
    /// Those of the compression, which works in memory.
    fn erased_list(&self, format: ListFormat, side: SideOf) -> std::io::Result<Box<dyn ErasedListWriter>>;
}
