//! What a bulk job and its rows go through.

use serde::{Deserialize, Serialize};

/// State of a bulk job. Numbers are those of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BulkState {
    /// Being written.
    Draft = 0,
    /// The addresses are being looked up.
    Checking = 1,
    /// The addresses were looked up.
    Checked = 2,
    /// Dry run: every message is being made and judged, and none is sent.
    Trying = 3,
    /// Every message was made and judged.
    Tried = 4,
    /// The messages are being sent.
    Running = 5,
    /// Sending waits for somebody to go on.
    Paused = 6,
    /// Every row was sent or refused.
    Done = 7,
    /// Ended before its end.
    Stopped = 8,
}

/// What people do with a bulk job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkAction {
    /// Change the columns, the message or the files.
    Edit,
    /// Look up the addresses.
    Check,
    /// Make and judge every message without sending any.
    Try,
    /// Give up looking up or trying.
    Cancel,
    /// Send.
    Start,
    /// Let sending wait.
    Pause,
    /// Go on with sending.
    Resume,
    /// Send no more, for good.
    Stop,
    /// Send once more what was refused.
    Retry,
    /// Remove the job; messages that were sent stay.
    Remove,
}

impl BulkAction {
    /// Messages go out that did not before: whoever does it has to have seen what they are.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::Start | Self::Retry)
    }
}

impl BulkState {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Checking,
        Self::Checked,
        Self::Trying,
        Self::Tried,
        Self::Running,
        Self::Paused,
        Self::Done,
        Self::Stopped,
    ];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// State with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The system works on the job by itself.
    #[must_use]
    pub fn is_working(self) -> bool {
        matches!(self, Self::Checking | Self::Trying | Self::Running)
    }

    /// The state that an action leads to; none where it is not to be done now.
    #[must_use]
    pub fn after(self, action: BulkAction) -> Option<Self> {
        use BulkAction as A;
        Some(match (self, action) {
            (Self::Draft, A::Edit) => Self::Draft,
            // Where other columns say who the recipients are, it becomes a draft again.
            (Self::Checked | Self::Tried, A::Edit) => Self::Checked,
            (Self::Draft | Self::Checked | Self::Tried, A::Check) => Self::Checking,
            (Self::Checked | Self::Tried, A::Try) => Self::Trying,
            (Self::Checking, A::Cancel) => Self::Draft,
            (Self::Trying, A::Cancel) => Self::Checked,
            (Self::Tried, A::Start) | (Self::Paused, A::Resume) | (Self::Done, A::Retry) => Self::Running,
            (Self::Running, A::Pause) => Self::Paused,
            (Self::Running | Self::Paused, A::Stop) => Self::Stopped,
            (Self::Draft | Self::Checked | Self::Tried | Self::Done | Self::Stopped, A::Remove) => self,
            _ => return None,
        })
    }
}

/// State of a row. Numbers are those of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BulkRowState {
    /// Nothing was looked at yet.
    New = 0,
    /// There is a box to which it can be sent.
    Addressed = 1,
    /// There is none.
    Unaddressed = 2,
    /// Its message was made and found good: it is to be sent.
    Ready = 3,
    /// Its message cannot be made, or would be refused.
    Faulty = 4,
    /// It is not sent, since an earlier row has the same recipient.
    LeftOut = 5,
    /// It was sent.
    Sent = 6,
    /// It was refused.
    Refused = 7,
}

impl BulkRowState {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Addressed,
        Self::Unaddressed,
        Self::Ready,
        Self::Faulty,
        Self::LeftOut,
        Self::Sent,
        Self::Refused,
    ];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// State with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Bit of the state in a set of states.
    #[must_use]
    pub fn bit(self) -> i64 {
        1 << self.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIONS: [BulkAction; 10] = [
        BulkAction::Edit,
        BulkAction::Check,
        BulkAction::Try,
        BulkAction::Cancel,
        BulkAction::Start,
        BulkAction::Pause,
        BulkAction::Resume,
        BulkAction::Stop,
        BulkAction::Retry,
        BulkAction::Remove,
    ];

    #[test]
    fn numbers_lead_back_to_states() {
        for state in BulkState::ALL {
            assert_eq!(BulkState::from_code(state.code()), Some(state));
        }
        for state in BulkRowState::ALL {
            assert_eq!(BulkRowState::from_code(state.code()), Some(state));
        }
        assert_eq!((BulkState::from_code(9), BulkRowState::from_code(-1)), (None, None));
    }

    #[test]
    fn nothing_is_sent_before_a_dry_run() {
        for state in BulkState::ALL {
            for action in ACTIONS {
                if state.after(action) == Some(BulkState::Running) {
                    assert!(
                        matches!(state, BulkState::Tried | BulkState::Paused | BulkState::Done),
                        "{state:?} {action:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_runs_is_neither_edited_nor_removed_and_what_was_stopped_stays_so() {
        for state in BulkState::ALL.into_iter().filter(|s| s.is_working()) {
            assert_eq!(state.after(BulkAction::Edit), None);
            assert_eq!(state.after(BulkAction::Remove), None);
        }
        let possible: Vec<BulkAction> = ACTIONS
            .into_iter()
            .filter(|action| BulkState::Stopped.after(*action).is_some())
            .collect();
        assert_eq!(possible, [BulkAction::Remove]);
    }
}
