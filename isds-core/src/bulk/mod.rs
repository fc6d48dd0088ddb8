//! Sending in bulk: a table of recipients, a message with merge fields, and what becomes of every row.

mod letter;
mod settings;
mod state;
mod table;
mod template;

use crate::envelope::MessageKind;
use crate::ids::{BoxId, IsdsId, MessageId};
use crate::message::Phase;
use crate::ports::UploadId;
use crate::time::Timestamp;

pub use letter::{Letter, LetterForm};
pub(crate) use settings::legal_number;
pub use settings::{BulkMapping, BulkSettings, SettingsError, SettingsProblem};
pub use state::{BulkAction, BulkRowState, BulkState};
pub use table::{MAX_CELL, MAX_COLUMNS, MAX_ROWS, MAX_TABLE_BYTES, Table, TableError};
pub use template::{Merged, Template, TemplateError};

/// Most jobs of a box, finished ones included.
pub const MAX_JOBS: u64 = 100;
/// Most files of a job that go with every message.
pub const MAX_COMMON_FILES: u64 = 20;
/// Most files of a job that the rows name.
pub const MAX_ROW_FILES: u64 = 2 * MAX_ROWS as u64;
/// Longest name of a job, in characters.
pub const MAX_JOB_NAME: usize = 100;

/// Key of a bulk job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BulkJobId(pub i64);

/// A row of a bulk job, by its number from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BulkRowId {
    /// The job.
    pub job: BulkJobId,
    /// Number of the row.
    pub row: i64,
}

/// Why a job or a row came no further: a code of the table and its text, as the refusal had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkReason {
    /// Code; empty where the contract has none for what is wrong.
    pub code: String,
    /// Text for people, in Czech as all texts of refusals.
    pub text: String,
}

impl BulkReason {
    /// Longest text kept, in characters.
    const MAX_TEXT: usize = 300;

    /// A reason without a code of the contract.
    #[must_use]
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self {
            code: String::new(),
            text: crate::text::clean(crate::text::truncate(text.as_ref(), Self::MAX_TEXT)).into_owned(),
        }
    }
}

impl From<&crate::error::Refusal> for BulkReason {
    fn from(refusal: &crate::error::Refusal) -> Self {
        Self {
            code: refusal.status().code().to_owned(),
            ..Self::plain(refusal.text())
        }
    }
}

/// A bulk job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkJob {
    /// Key.
    pub id: BulkJobId,
    /// The box that sends.
    pub box_id: BoxId,
    /// What people call it.
    pub name: String,
    /// What is being done.
    pub state: BulkState,
    /// Grows with every change of the job (not of its rows).
    pub version: i64,
    /// Names of the table's columns.
    pub columns: Vec<String>,
    /// How many rows the table has.
    pub rows: i64,
    /// Which column is what, and what is sent.
    pub settings: BulkSettings,
    /// Membership of the person in whose name it works: who made it, then who started it and is the author of the
    /// messages.
    pub actor: IsdsId,
    /// Their name.
    pub actor_name: String,
    /// Why the system itself paused it.
    pub halted: Option<BulkReason>,
    /// Legal time at which it was made.
    pub created: Timestamp,
    /// Legal time at which sending began.
    pub started: Option<Timestamp>,
    /// Legal time at which it was done or stopped.
    pub ended: Option<Timestamp>,
    /// The job that works on it now.
    pub worker: Option<crate::ports::JobId>,
}

/// What was found about the recipient of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRecipient {
    /// The box.
    pub id: BoxId,
    /// Its holder.
    pub name: String,
    /// Its address on one line.
    pub address: String,
    /// Kind that the message would have.
    pub kind: MessageKind,
    /// What it would cost the sender, in hellers.
    pub price: i64,
}

/// A row of a bulk job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    /// Number from 1.
    pub number: i64,
    /// What the table says, by columns.
    pub cells: Vec<String>,
    /// How far it came.
    pub state: BulkRowState,
    /// Whom it goes to, once that was found.
    pub recipient: Option<BulkRecipient>,
    /// The box was looked up by a number or by name and address.
    pub looked_up: bool,
    /// A row before it has the same recipient.
    pub duplicate: bool,
    /// A merge field of it is empty.
    pub gap: bool,
    /// Bytes of the attachments, once the message was tried.
    pub bytes: i64,
    /// Why it came no further.
    pub reason: Option<BulkReason>,
    /// The message.
    pub message: Option<BulkMessage>,
    /// How often sending failed for reasons of our own.
    pub attempts: i64,
}

/// The message of a row that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkMessage {
    /// Its number.
    pub id: MessageId,
    /// How far it is now.
    pub phase: Phase,
    /// Legal time at which it was delivered into the box.
    pub delivered_in: Option<Timestamp>,
    /// Legal time at which it was accepted, by login or by fiction.
    pub accepted: Option<Timestamp>,
}

/// What was found about a row, to be written over the state that it was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkVerdict {
    /// Number of the row.
    pub number: i64,
    /// Its state now.
    pub state: BulkRowState,
    /// Whom it goes to.
    pub recipient: Option<BulkRecipient>,
    /// The box was looked up.
    pub looked_up: bool,
    /// A merge field of it is empty.
    pub gap: bool,
    /// Bytes of the attachments.
    pub bytes: i64,
    /// Why it comes no further.
    pub reason: Option<BulkReason>,
}

/// A file of a bulk job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkFile {
    /// The upload that holds it.
    pub upload: UploadId,
    /// It goes with every message; otherwise with those whose rows name it.
    pub common: bool,
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub length: u64,
}

/// How many rows of a job are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkTally {
    /// The state.
    pub state: BulkRowState,
    /// How many rows.
    pub rows: i64,
    /// What they cost together, in hellers.
    pub price: i64,
    /// How many of them have the recipient of an earlier row.
    pub duplicates: i64,
    /// What those cost together, in hellers.
    pub duplicates_price: i64,
    /// How many of them were looked up.
    pub looked_up: i64,
    /// How many have an empty merge field.
    pub gaps: i64,
    /// Bytes of their attachments.
    pub bytes: i64,
}

/// A cell as a program for tables may open it: one that would be taken for a formula there gets an apostrophe.
#[must_use]
pub fn harmless_cell(text: &str) -> std::borrow::Cow<'_, str> {
    // What a program strips before it looks at the first character is passed over here as well.
    let first = text.trim_start().chars().next();
    let dangerous = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || text.starts_with(['\t', '\r', '\n']);
    if dangerous {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_apart() {
        for formula in [
            "=1+1",
            "+420",
            "-1",
            "@SUM(A1)",
            "  =cmd|' /C calc'!A0",
            "\t=1",
            "\rx",
            "＝1",
        ] {
            assert_eq!(harmless_cell(formula), format!("'{formula}"));
        }
        for text in ["", "Novák", "1-2", "a=b", "č. j. 5/2026", "'=1"] {
            assert_eq!(harmless_cell(text), text);
        }
    }
}
