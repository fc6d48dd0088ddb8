//! How jobs, rows and what they come to are shown.

use isds_core::bulk::{
    BulkJob, BulkRow, BulkRowState, BulkState, BulkTally, SettingsError, SettingsProblem, TemplateError,
};
use isds_core::envelope::MessageKind;
use isds_core::message::Phase;

use crate::page::Page;

/// Text of a job's state.
pub(super) fn state_key(state: BulkState) -> &'static str {
    match state {
        BulkState::Draft => "bulk-state-draft",
        BulkState::Checking => "bulk-state-checking",
        BulkState::Checked => "bulk-state-checked",
        BulkState::Trying => "bulk-state-trying",
        BulkState::Tried => "bulk-state-tried",
        BulkState::Running => "bulk-state-running",
        BulkState::Paused => "bulk-state-paused",
        BulkState::Done => "bulk-state-done",
        BulkState::Stopped => "bulk-state-stopped",
    }
}

/// Colour of a job's state; its text says the same.
pub(super) fn state_color(state: BulkState) -> &'static str {
    match state {
        BulkState::Draft | BulkState::Stopped => "neutral",
        BulkState::Checking | BulkState::Trying | BulkState::Running => "primary",
        BulkState::Checked | BulkState::Tried | BulkState::Done => "success",
        BulkState::Paused => "warning",
    }
}

/// Text of a row's state.
pub(super) fn row_key(state: BulkRowState) -> &'static str {
    match state {
        BulkRowState::New => "bulk-row-new",
        BulkRowState::Addressed => "bulk-row-addressed",
        BulkRowState::Unaddressed => "bulk-row-unaddressed",
        BulkRowState::Ready => "bulk-row-ready",
        BulkRowState::Faulty => "bulk-row-faulty",
        BulkRowState::LeftOut => "bulk-row-left-out",
        BulkRowState::Sent => "bulk-row-sent",
        BulkRowState::Refused => "bulk-row-refused",
    }
}

/// Colour of a row's state.
pub(super) fn row_color(state: BulkRowState) -> &'static str {
    match state {
        BulkRowState::New | BulkRowState::LeftOut => "neutral",
        BulkRowState::Addressed | BulkRowState::Ready => "primary",
        BulkRowState::Sent => "success",
        BulkRowState::Unaddressed | BulkRowState::Faulty | BulkRowState::Refused => "error",
    }
}

/// Text of how far a message is.
pub(super) fn phase_key(phase: Phase) -> &'static str {
    match phase {
        Phase::Submitted | Phase::Stamped => "bulk-phase-submitted",
        Phase::Infected => "bulk-phase-infected",
        Phase::DeliveredIn => "bulk-phase-delivered-in",
        Phase::Fiction => "bulk-phase-fiction",
        Phase::Accepted => "bulk-phase-accepted",
        Phase::Undeliverable => "bulk-phase-undeliverable",
    }
}

/// Text of what kind a message is.
pub(super) fn kind_key(kind: MessageKind) -> &'static str {
    if kind.is_postal() {
        "bulk-kind-postal"
    } else {
        "bulk-kind-public"
    }
}

/// How many rows are in each state.
#[derive(Default)]
pub(super) struct Numbers {
    pub new: i64,
    pub addressed: i64,
    pub unaddressed: i64,
    pub ready: i64,
    pub faulty: i64,
    pub left_out: i64,
    pub sent: i64,
    pub refused: i64,
    /// Of those to be sent, what they cost, how many repeat a recipient, have gaps, were looked up.
    pub price: i64,
    pub duplicates: i64,
    pub duplicates_price: i64,
    pub gaps: i64,
    pub looked_up: i64,
    pub bytes: i64,
}

impl Numbers {
    pub fn of(tallies: &[BulkTally]) -> Self {
        let mut numbers = Self::default();
        for tally in tallies {
            let place = match tally.state {
                BulkRowState::New => &mut numbers.new,
                BulkRowState::Addressed => &mut numbers.addressed,
                BulkRowState::Unaddressed => &mut numbers.unaddressed,
                BulkRowState::Ready => &mut numbers.ready,
                BulkRowState::Faulty => &mut numbers.faulty,
                BulkRowState::LeftOut => &mut numbers.left_out,
                BulkRowState::Sent => &mut numbers.sent,
                BulkRowState::Refused => &mut numbers.refused,
            };
            *place = tally.rows;
            if matches!(tally.state, BulkRowState::Addressed | BulkRowState::Ready) {
                numbers.price += tally.price;
                numbers.duplicates += tally.duplicates;
                numbers.duplicates_price += tally.duplicates_price;
                numbers.gaps += tally.gaps;
                numbers.looked_up += tally.looked_up;
                numbers.bytes += tally.bytes;
            }
        }
        numbers
    }

    /// Rows that are done, and all of them, in what is being done now.
    pub fn progress(&self, job: &BulkJob) -> (i64, i64) {
        match job.state {
            BulkState::Checking => (job.rows - self.new, job.rows),
            BulkState::Trying => (self.ready + self.faulty, self.ready + self.faulty + self.addressed),
            _ => (self.sent + self.refused, self.sent + self.refused + self.ready),
        }
    }
}

/// A row as lists show it.
pub(super) struct RowLine {
    pub number: i64,
    /// What the table says of the recipient.
    pub said: String,
    pub recipient: Option<(String, String, String)>,
    pub state: &'static str,
    pub color: &'static str,
    pub reason: Option<(String, String)>,
    pub marks: Vec<&'static str>,
    pub message: Option<isds_core::ids::MessageId>,
    pub phase: &'static str,
    pub kind: &'static str,
}

impl RowLine {
    /// A row of a job; `ordinary` is the most bytes of attachments of an ordinary message.
    pub fn of(job: &BulkJob, row: BulkRow, ordinary: u64) -> Self {
        let mapping = &job.settings.mapping;
        let named = [&mapping.box_id, &mapping.ic, &mapping.name];
        let columns = named.into_iter().filter_map(Option::as_ref).chain(&mapping.address);
        let said: Vec<&str> = columns
            .map(|column| isds_core::bulk::BulkMapping::cell(&job.columns, &row.cells, Some(column)))
            .filter(|cell| !cell.is_empty())
            .collect();
        let mut marks = Vec::new();
        for (given, key) in [
            (row.looked_up, "bulk-mark-looked-up"),
            (row.duplicate, "bulk-mark-duplicate"),
            (row.gap, "bulk-mark-gap"),
            (
                u64::try_from(row.bytes).is_ok_and(|bytes| bytes > ordinary),
                "bulk-mark-large",
            ),
        ] {
            if given {
                marks.push(key);
            }
        }
        Self {
            number: row.number,
            said: said.join(", "),
            kind: row.recipient.as_ref().map_or("", |r| kind_key(r.kind)),
            recipient: row.recipient.map(|r| (r.id.to_string(), r.name, r.address)),
            state: row_key(row.state),
            color: row_color(row.state),
            reason: row.reason.map(|reason| (reason.code, reason.text)),
            marks,
            message: row.message.map(|message| message.id),
            phase: row.message.map_or("", |message| phase_key(message.phase)),
        }
    }
}

/// What is wrong with a field of the settings, in words.
pub(super) fn settings_error(page: &Page, error: &SettingsError) -> String {
    match &error.problem {
        SettingsProblem::Missing => page.t("bulk-error-missing").into_owned(),
        SettingsProblem::NoNumber => page.t("bulk-error-number").into_owned(),
        SettingsProblem::TooLong(most) => page.tn("bulk-error-long", most).into_owned(),
        SettingsProblem::Template(TemplateError::UnknownField(name)) => {
            page.tv("bulk-error-field", "name", name).into_owned()
        }
        SettingsProblem::Template(TemplateError::Unclosed(text)) => {
            page.tv("bulk-error-unclosed", "text", text).into_owned()
        }
        SettingsProblem::UnknownColumn(name) => page.tv("bulk-error-column", "name", name).into_owned(),
    }
}

/// Errors by the names of fields.
#[derive(Default)]
pub(super) struct Errors(Vec<(&'static str, String)>);

impl Errors {
    pub fn of(page: &Page, errors: &[SettingsError]) -> Self {
        Self(
            errors
                .iter()
                .map(|error| (error.field, settings_error(page, error)))
                .collect(),
        )
    }

    pub fn one(field: &'static str, text: String) -> Self {
        Self(vec![(field, text)])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn at(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map_or("", |(_, text)| text)
    }
}
