//! The operations, one file each, as methods of [`Isds`].

mod authenticate_message;
mod authenticate_user;
mod check_data_box;
mod create_message;
mod delivery_info;
mod download;
mod find_data_box2;
mod lists;
mod mark_message_as_downloaded;
mod owner_info;
mod process_message;
mod sealed_forms;
mod state_changes;

use std::sync::Arc;

use crate::ports::{Authenticator, MessageForm, Objects, Random, Scanner, Sealer, Store, TimestampAuthority};
use crate::time::Clock;

pub use authenticate_user::{Credentials, PasswordCheck, SignInError, hash_password};
pub use create_message::{AttachmentDraft, Submission};
pub use delivery_info::DeliveryInfo;
pub use download::Sealed;
pub use find_data_box2::{FindDataBox2, FoundBoxes};
pub use lists::ListRequest;
pub use process_message::JobReport;
pub use sealed_forms::SealedForms;

/// Limits that an installation may set.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest sum of raw attachments of an ordinary message, in bytes.
    pub message_bytes: u64,
    /// Most attachments.
    pub attachments: usize,
    /// Most attachments that are containers (ZIP, ASiC).
    pub containers: usize,
    /// Largest `dmLimit` of a list; a greater one is refused.
    pub list_records: u64,
    /// How long delivering during a listing may take before 3006, in real seconds.
    pub delivery_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 20 * 1024 * 1024,
            attachments: 100,
            containers: 10,
            list_records: 10_000,
            delivery_seconds: 20,
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
    /// Scanner.
    pub scanner: Arc<dyn Scanner>,
    /// Both clocks.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Limits.
    pub limits: Limits,
    /// Checks passwords, remembering proven ones for a short time.
    pub passwords: PasswordCheck,
    /// Sealed forms at hand.
    pub sealed_forms: SealedForms,
    /// Woken whenever a job was added by this node, so that it need not be polled for.
    pub job_added: tokio::sync::Notify,
}
