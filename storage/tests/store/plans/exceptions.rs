//! What may be read whole, and why.

use std::collections::BTreeSet;

/// Tables that do not grow with messages, boxes and users.
const SMALL: &[(&str, &str)] = &[
    ("box_figures", "a row for each type and state"),
    ("changed_limits", "a row for each limit"),
    ("data_files", "a row for each kind of file"),
    ("installation", "a few facts about the installation"),
    ("message_figures", "a row a day"),
    ("nodes", "a row for each node of the last days"),
];

/// Statements, told by a part of theirs, that read much because that is what they are for.
const MEANT: &[(&str, &str)] = &[
    (
        "SELECT COUNT(*) FROM audit_records WHERE seal IS NULL",
        "the index holds what waits for a seal, and nothing else",
    ),
    ("SELECT COUNT(*) FROM jobs", "all that wait are counted, by the doctor"),
    (
        "SELECT COUNT(*) FROM mails",
        "all that wait are counted, by whoever asks",
    ),
    (
        "phase = 4 AND fiction_due IS NULL",
        "the index holds nothing else, and is mostly empty",
    ),
    (
        "COUNT(*) AS count FROM boxes GROUP BY box_type, state",
        "all boxes are counted, once a day",
    ),
    (
        "FROM boxes WHERE state <> $1",
        "conditions that narrow nothing: a search by them alone walks over boxes in their order",
    ),
];

/// The same of what only SQLite reports.
const ON_SQLITE: &[(&str, &str)] = &[
    ("UPDATE message_numbers", "one row"),
    (
        "FROM jobs ORDER BY due, id LIMIT $1) AS first",
        "no more than the limit inside",
    ),
    ("(SELECT box_id FROM boxes LIMIT 1) AS some_box", "one row of each"),
];

/// The exceptions, and which of them something needed.
#[derive(Default)]
pub struct Exceptions {
    needed: BTreeSet<&'static str>,
}

impl Exceptions {
    /// Whether reading this table whole is allowed in this statement.
    pub(super) fn take(&mut self, statement: &str, table: &str) -> bool {
        let small = SMALL.iter().find(|(name, _)| *name == table);
        let meant = MEANT.iter().chain(ON_SQLITE).find(|(part, _)| statement.contains(part));
        let found = small.or(meant);
        self.needed.extend(found.map(|(key, _)| *key));
        found.is_some()
    }

    /// An exception that nothing needs any more is one too many. Only where the whole suite was listened to.
    pub fn assert_all_needed(&self) {
        let left: Vec<_> = SMALL
            .iter()
            .chain(MEANT)
            .map(|(key, _)| key)
            .filter(|key| !self.needed.contains(**key))
            .collect();
        assert!(left.is_empty(), "exceptions that nothing needs: {left:?}");
    }
}
