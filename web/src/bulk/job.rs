//! A job: how far it is, and what can be done next.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::bulk::{BulkAction, BulkJob, BulkRow, BulkRowState, BulkState, LetterForm};
use isds_core::operation::Operation;

use super::shown::{Numbers, RowLine, phase_key, state_color, state_key};
use super::{Named, address};
use crate::amounts::money;
use crate::page::{InBox, Page, PageError};

/// Rows shown of those that went wrong, and of messages to look at.
const SHOWN: u64 = 5;

#[derive(Template)]
#[template(path = "bulk/job.html")]
struct JobPage<'a> {
    page: &'a Page,
    base: String,
    state: &'static str,
    color: &'static str,
    numbers: Numbers,
    done: i64,
    total: i64,
    columns_are_chosen: bool,
    message_is_written: bool,
    files: usize,
    row_files: u64,
    problems: Vec<RowLine>,
    samples: Vec<BulkRow>,
    phases: Vec<(&'static str, i64)>,
    price: String,
    /// It costs something.
    costs: bool,
    /// What follows in law.
    follows: &'static str,
    /// Rows that will be left out, since others go to the same recipients.
    repeated: i64,
    /// Messages that would go out.
    to_send: i64,
    /// Rows that will not be sent as they are.
    wrong: i64,
    /// How many postal messages the credit pays.
    credit: i64,
    /// It is the credit that pays.
    by_credit: bool,
    may_prove: bool,
    job: BulkJob,
}

impl JobPage<'_> {
    fn can(&self, action: &str) -> bool {
        action_of(action).is_some_and(|action| self.job.state.after(action).is_some())
    }

    fn is_working(&self) -> bool {
        self.job.state.is_working()
    }

    /// Sending has begun.
    fn is_sending(&self) -> bool {
        matches!(
            self.job.state,
            BulkState::Running | BulkState::Paused | BulkState::Done | BulkState::Stopped
        )
    }

    fn is_checked(&self) -> bool {
        !matches!(self.job.state, BulkState::Draft | BulkState::Checking)
    }

    fn is_tried(&self) -> bool {
        self.job.state == BulkState::Tried
    }

    fn is_draft(&self) -> bool {
        self.job.state == BulkState::Draft
    }
}

/// The action of a name, as forms send it.
pub(super) fn action_of(name: &str) -> Option<BulkAction> {
    Some(match name {
        "check" => BulkAction::Check,
        "try" => BulkAction::Try,
        "cancel" => BulkAction::Cancel,
        "start" => BulkAction::Start,
        "pause" => BulkAction::Pause,
        "resume" => BulkAction::Resume,
        "stop" => BulkAction::Stop,
        "retry" => BulkAction::Retry,
        "remove" => BulkAction::Remove,
        _ => return None,
    })
}

/// What follows in law, whoever is among the recipients.
fn follows(from_authority: bool, fiction: bool) -> &'static str {
    match (from_authority, fiction) {
        (true, true) => "bulk-follows-from-authority",
        (true, false) => "bulk-follows-no-fiction",
        (false, _) => "bulk-follows-to-authority",
    }
}

pub(super) async fn show(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let id = named.job()?;
    let job = isds.bulk_job(caller, id).await?;
    let numbers = Numbers::of(&isds.bulk_tally(caller, id).await?);
    let (done, total) = numbers.progress(&job);
    let wrong = [BulkRowState::Unaddressed, BulkRowState::Faulty, BulkRowState::Refused];
    let wrong = wrong.into_iter().map(BulkRowState::bit).sum();
    let problems = isds.bulk_rows(caller, id, wrong, 0, SHOWN).await?;
    let samples = match job.state {
        BulkState::Tried => isds.bulk_rows(caller, id, BulkRowState::Ready.bit(), 0, SHOWN).await?,
        _ => Vec::new(),
    };
    let phases = match job.started {
        Some(_) => isds.bulk_messages(caller, id).await?,
        None => Vec::new(),
    };
    let mut shown_phases: Vec<(&'static str, i64)> = Vec::new();
    for (phase, count) in phases {
        let key = phase_key(phase);
        // Two phases that people need not tell apart are one line.
        match shown_phases.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum += count,
            None => shown_phases.push((key, count)),
        }
    }
    let (repeated, price) = if job.settings.leave_out_duplicates {
        (numbers.duplicates, numbers.price - numbers.duplicates_price)
    } else {
        (0, numbers.price)
    };
    let credit = if price > 0 {
        let rules = isds.pdz_info(caller, in_box.data_box.id.as_str()).await?;
        let contract = rules.iter().any(|rule| rule.title == 'K');
        let credit = rules.iter().find(|rule| rule.title == 'E').and_then(|rule| rule.count);
        (!contract).then(|| credit.unwrap_or(0))
    } else {
        None
    };
    let language = in_box.page().language();
    let shown = JobPage {
        page: in_box.page(),
        base: address(&in_box, id, ""),
        state: state_key(job.state),
        color: state_color(job.state),
        done,
        total,
        columns_are_chosen: job.settings.missing_for_check().is_empty(),
        message_is_written: !job.settings.subject.trim().is_empty()
            && (job.settings.letter_form == LetterForm::None || !job.settings.body.trim().is_empty()),
        files: isds.common_bulk_files(caller, id).await?.len(),
        row_files: isds.row_bulk_files(caller, id, "", 1).await?.0,
        problems: problems
            .into_iter()
            .map(|row| RowLine::of(&job, row, isds.limits.message_bytes))
            .collect(),
        samples,
        phases: shown_phases,
        price: money(price, language),
        costs: price > 0,
        follows: follows(in_box.data_box.box_type.is_ovm(), !job.settings.no_fiction),
        repeated,
        to_send: numbers.ready - repeated,
        wrong: numbers.unaddressed + numbers.faulty,
        credit: credit.unwrap_or(0),
        by_credit: credit.is_some(),
        may_prove: caller.authorize(Operation::GetSignedDeliveryInfo).is_ok(),
        numbers,
        job,
    };
    in_box.page().render(&shown)
}
