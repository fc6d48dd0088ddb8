//! What both engines say in the same words. This folder is compiled twice, once in `crate::postgres` and once in
//! `crate::sqlite`; `super` is the engine, with its database type `Db` and its `SqlStore`.
//!
//! `SqlStore` brings `reader()` and `writer()` (pools), `begin()` (a transaction that may write) and the statements
//! that differ: `next_number`, `accept_gathered`, `insert_message_in`, `box_by_id`, `message_by_id`, `credential_version`,
//! `write_changes`, `lease_jobs`, `forget_failures`, `empty_tables`.

pub(super) mod accounts;
mod announcements;
mod audit;
mod audit_trail;
mod box_history;
mod box_index;
mod box_lists;
mod box_merges;
pub(super) mod box_search;
mod boxes;
pub(super) mod bulk;
pub(super) mod bulk_files;
mod certificates;
mod changed_limits;
mod data_files;
mod directory;
mod draft_sendings;
mod drafts;
mod erased_lists;
pub(super) mod find_boxes;
mod imports;
mod installation;
mod jobs;
mod life_cycle;
mod lives;
pub(super) mod mailbox;
pub(super) mod mailbox_index;
pub(super) mod mailbox_marks;
mod message_info;
mod messages;
mod nodes;
mod notices;
mod object_references;
mod operators;
mod overview;
mod passwords;
mod payments;
mod people;
mod postal;
mod restraints;
mod sealed_secrets;
mod sessions;
pub(super) mod shared_objects;
mod sign_in_factors;
#[cfg(test)]
pub(super) mod statements;
mod statistics;
mod store_state;
mod system_messages;
mod uploads;
mod users;
mod vaults;
mod withheld_messages;

use isds_core::ports::StoreResult;

use super::{Db, SqlStore};

/// Converts what a query gave, row by row.
fn all<Row, T>(rows: Vec<Row>) -> StoreResult<Vec<T>>
where
    T: TryFrom<Row>,
    isds_core::ports::StoreError: From<T::Error>,
{
    rows.into_iter()
        .map(|row| T::try_from(row).map_err(Into::into))
        .collect()
}

/// `LIMIT` and `OFFSET` are signed in SQL.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
