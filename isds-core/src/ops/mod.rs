//! The operations, one file each, as methods of [`Isds`].

mod access_data;
mod archive_document;
mod archiving_slots;
mod audit;
mod audit_examination;
mod audit_heads;
mod audit_search;
mod audit_trail;
mod authenticate_application;
mod authenticate_message;
mod authenticate_user;
mod box_administration;
mod box_deadlines;
mod box_happenings;
mod bulk;
mod change_boxes_type;
mod change_isds_password;
mod check_data_box;
mod close_box;
mod console;
mod create_big_message;
mod create_data_box;
mod create_message;
mod create_multiple_message;
mod data_box_activity;
mod data_box_address;
mod data_box_credit_info;
mod data_box_list;
mod data_file;
mod delete_data_box;
mod deliver_in;
mod delivery_info;
mod disable_data_box;
mod download;
mod download_attachment;
mod drafts;
mod enable_own_data_box;
mod erase_message;
mod erased_messages;
mod find_data_box2;
mod find_personal_data_box;
mod first_operator;
mod get_constants;
mod holder_data;
mod kept_attachments;
mod life_cycle;
mod lists;
mod mailbox;
mod mark_message_as_downloaded;
mod message_author;
mod message_view;
mod notices;
mod notifications;
mod num_of_messages;
mod open_addressing;
mod owner_info;
mod pages;
mod pdz_info;
mod pdz_send_info;
mod postal_administration;
mod postal_title;
mod process_message;
mod public_list;
mod reseal_secrets;
mod resign_document;
mod restraint;
mod scan_message;
mod scanning;
mod sealed_forms;
mod search_boxes;
mod send_system_message;
mod sessions;
mod sign_in;
mod state_changes;
mod suspicious_message;
mod system_certificates;
mod unstamped_downloads;
mod update_data_box_descr;
mod upload_attachment;
mod uploads_purge;
mod users;
mod vaults;
mod withhold_message;

use std::sync::Arc;
use std::time::Duration;

use crate::audit::AuditBuffer;
use crate::notice::NoticeSettings;
use crate::own_certificate::OwnCertificate;
use crate::ports::{
    Archiver, Authenticator, CertificateReader, MessageForm, Objects, Observer, Random, Scanner, Sealer, Secrets,
    Store, TimestampAuthority,
};
use crate::postal::Prices;
use crate::restraint::RestraintBounds;
use crate::time::Clock;

pub use archive_document::ArchivedDocument;
pub use archiving_slots::{ArchivingSlot, ArchivingSlots};
pub use audit_examination::AuditExamination;
pub use audit_heads::{sign_head, sign_newest_head};
pub use audit_search::{AuditPage, AuditSearch};
pub use audit_trail::AuditTrailExport;
pub use authenticate_application::fingerprint;
pub use authenticate_user::{Credentials, PasswordCheck, SignInBounds, SignInError, hash_password};
pub use box_happenings::{Happening, HappeningPage, HappeningPosition, HappeningSearch};
pub use bulk::{BulkError, BulkPreview, BulkPreviewFile};
pub use change_boxes_type::TypeChange;
pub use console::*;
pub use create_big_message::UploadedAttachment;
pub use create_data_box::{CreateDataBox, CreatedBox};
pub use create_message::{AttachmentDraft, Submission};
pub use create_multiple_message::{MultipleSubmission, RecipientDraft};
pub use data_box_activity::{ActivityPeriod, BoxActivity};
pub use data_box_credit_info::CreditInfo;
pub use data_box_list::BoxListKind;
pub use data_file::DataFileForm;
pub use delivery_info::DeliveryInfo;
pub use download::Sealed;
pub use drafts::{DraftError, DraftUpload, Prospect, Prospects, RecipientSummary, SendingView, SentMessage};
pub use erased_messages::ErasedListRequest;
pub use find_data_box2::{FindDataBox2, FoundBoxes};
pub use find_personal_data_box::FindPersonalDataBox;
pub use get_constants::Constant;
pub use holder_data::HolderData;
pub use kept_attachments::AttachmentBytes;
pub use life_cycle::LifeCycleSweep;
pub use lists::ListRequest;
pub use mailbox::{
    BoxOverview, Case, IndexingTools, MarkError, Opening, OthersDeed, OverviewTask, TaskDraft, TextExtractor,
    TextFormat, Waiting, WaitingMessage,
};
pub use message_view::MessageView;
pub use notices::NoticeChoice;
pub use notifications::NotificationList;
pub use pages::Pages;
pub use pdz_info::PostalRule;
pub use process_message::JobReport;
pub use public_list::{HolderQuery, HolderSearch, PublicList};
pub use reseal_secrets::reseal_secrets;
pub use resign_document::ResignedDocument;
pub use restraint::{Admission, BoxCalls, BusyAccount, RestraintBook, RestraintView};
pub use scanning::{Halt, ScannerState, Scanning};
pub use sealed_forms::SealedForms;
pub use search_boxes::{FoundBox, FoundPage, SearchRequest, SendOptions};
pub use sign_in::{CodesSetUp, FactorError, PasswordStep};
pub use suspicious_message::SuspicionDraft;
pub use upload_attachment::AttachmentUpload;
pub use users::{UserDraft, UserRef};

/// How long what has time waits for a gap between calls.
const GAP: Duration = Duration::from_millis(25);

/// Limits that an installation may set.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest sum of raw attachments of an ordinary message, in bytes. Also the largest attachment that comes in the
    /// call that creates a large message.
    pub message_bytes: u64,
    /// Largest sum of raw attachments of a large message, in bytes.
    pub large_message_bytes: u64,
    /// Smallest sum of raw attachments of a large message, in bytes: a little less than what an ordinary one takes.
    pub large_message_least_bytes: u64,
    /// Most bytes of a box's uploads that no message used yet.
    pub upload_quota_bytes: u64,
    /// Most drafts and templates of a box.
    pub drafts: u64,
    /// Most bytes of the attachments of a box's drafts and templates.
    pub draft_bytes: u64,
    /// Most attachments.
    pub attachments: usize,
    /// Most attachments that are containers (ZIP, ASiC).
    pub containers: usize,
    /// How long delivering during a listing may take before 3006, in real seconds.
    pub delivery_seconds: i64,
    /// What services cost.
    pub prices: Prices,
    /// Most users added to one box within a day of legal time; one more is answered 1038.
    pub users_added_in_a_day: u64,
    /// How long the third download without a timestamp waits for its 3005, in real time.
    pub unstamped_delay: Duration,
    /// How many calls of a box may run at once, and how many a day are free.
    pub restraint: RestraintBounds,
    /// What was changed of them while the system runs; see [`Isds::limits_now`].
    pub changed: LimitCache,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 20 * 1024 * 1024,
            large_message_bytes: 100 * 1024 * 1024,
            large_message_least_bytes: 18 * 1024 * 1024,
            upload_quota_bytes: 5 * 1024 * 1024 * 1024,
            drafts: 500,
            draft_bytes: 2 * 1024 * 1024 * 1024,
            attachments: 100,
            containers: 10,
            delivery_seconds: 20,
            prices: Prices::default(),
            users_added_in_a_day: 100,
            unstamped_delay: Duration::from_secs(50),
            restraint: RestraintBounds::default(),
            changed: LimitCache::default(),
        }
    }
}

/// The system: its parts and its rules. Cheap to clone through `Arc`; holds no state of its own that matters.
pub struct Isds {
    /// Everything in SQL.
    pub store: Arc<dyn Store>,
    /// Content.
    pub objects: Arc<dyn Objects>,
    /// How the bytes of messages are written.
    pub form: Arc<dyn MessageForm>,
    /// Source of submission timestamps.
    pub authority: Arc<dyn TimestampAuthority>,
    /// The system's seal.
    pub sealer: Arc<dyn Sealer>,
    /// Judge of sealed documents.
    pub authenticator: Arc<dyn Authenticator>,
    /// Adds to the evidence of sealed documents.
    pub archiver: Arc<dyn Archiver>,
    /// Scanner.
    pub scanner: Arc<dyn Scanner>,
    /// What this node knows of it.
    pub scanning: Scanning,
    /// Both clocks.
    pub clock: Arc<dyn Clock>,
    /// Seals what has to be read again and nobody else may read.
    pub secrets: Arc<dyn Secrets>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Limits.
    pub limits: Limits,
    /// Checks passwords, remembering proven ones for a short time.
    pub passwords: PasswordCheck,
    /// Sealed forms at hand.
    pub sealed_forms: SealedForms,
    /// Places of those who archive documents.
    pub archiving: ArchivingSlots,
    /// What this node recorded of who did what, and has not written yet.
    pub audit: AuditBuffer,
    /// How far this node has come in what time does to messages.
    pub life_cycle: LifeCycleSweep,
    /// What this node remembers of the calls that it serves.
    pub restraint: RestraintBook,
    /// Reads certificates that people hand over.
    pub certificates: Arc<dyn CertificateReader>,
    /// Certificates of the installation that this node uses.
    pub own_certificates: Vec<OwnCertificate>,
    /// What mails to people need; none where none are sent.
    pub notices: Option<NoticeSettings>,
    /// Counts what happens.
    pub observer: Arc<dyn Observer>,
    /// Woken whenever a mail was written by this node.
    pub mail_added: tokio::sync::Notify,
    /// Woken whenever a job was added by this node, so that it need not be polled for.
    pub job_added: tokio::sync::Notify,
    /// Calls of people and programs that this node is answering: what can wait begins between two of them.
    pub calls: crate::under_way::UnderWay,
    /// Whether this node ends.
    pub ending: crate::ending::Ending,
}

/// Patience of one turn of what has time: it is over once there was no gap. Where calls leave none, waiting for one again and
/// again would only hold up what comes after.
#[derive(Default)]
struct Patience {
    is_over: bool,
}

impl Isds {
    /// Waits for a moment in which nobody is being answered, though not for long: what has time is done between two calls,
    /// and whoever calls a moment later finds most of it done.
    async fn give_way(&self, patience: &mut Patience) {
        if !patience.is_over {
            patience.is_over = !self.calls.gap(GAP).await;
        }
    }
}
