//! The job of an import: a few rows in a turn, each exactly once.
//!
//! Before a box is written, the row is told which one it will be and where the access data of its user lie. The box is
//! then written with the note that the row is founded, and only where the row still waits for this very box: neither a
//! crash nor a second node that takes the row up founds a second one. Access data are objects, which are encrypted at
//! rest; the database never holds an activation code.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::administration::{AdministrationRequest, NewBox};
use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{Import, ImportId, ImportRow, ImportState, JobId, RowState, StoreError};
use crate::status::Status;

use super::super::super::Isds;
use super::table;

/// Rows in a turn: hashing a password takes longer than all the rest.
const ROWS: u64 = 10;
/// For how long a turn keeps other nodes away, in real seconds: as long as the work rests where a node dies in it. One
/// that takes longer does no harm, since each row is founded once.
const TURN_LEASE_SECONDS: i64 = 10;
/// How often other identifiers are tried where one is taken.
const TRIES: usize = 4;

/// Length of every object with access data: the names of a user fit in many times.
pub(super) const ACCESS_BYTES: u64 = 4_096;

/// Access data as they lie in an object: a line `name=value` each, users divided by an empty line, empty lines up to the
/// fixed length.
fn written_access(new: &NewBox) -> String {
    let mut text = String::new();
    for user in &new.users {
        if let Some(access) = &user.access {
            let name = user.user.person.full_name().replace(['\n', '\r'], " ");
            text.push_str(&format!(
                "user={name}\nlogin={}\ncode={}\n\n",
                access.login, access.code
            ));
        }
    }
    let length = usize::try_from(ACCESS_BYTES).unwrap_or_default();
    let missing = length.saturating_sub(text.len());
    text.extend(std::iter::repeat_n('\n', missing));
    text
}

/// Reads what [`written_access`] wrote.
pub(super) fn parse_access(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let text = String::from_utf8_lossy(bytes);
    let pairs = |user: &str| {
        let pair = |line: &str| {
            line.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        user.lines().filter_map(pair).collect::<BTreeMap<_, _>>()
    };
    text.split("\n\n").map(pairs).filter(|user| !user.is_empty()).collect()
}

impl Isds {
    /// Founds the boxes of some rows that wait. Answers whether there are more; where there are none, the import ends and
    /// the job with it.
    pub(in super::super::super) async fn work_on_import(&self, id: ImportId, job: JobId) -> Result<bool, Failure> {
        let Some(import) = self.store.lookup_import(id).await? else {
            return Ok(false);
        };
        if import.state != ImportState::Running {
            return Ok(false);
        }
        let until = self.clock.real().plus_seconds(TURN_LEASE_SECONDS);
        self.store.extend_lease(job, until).await?;
        let rows = self.store.list_ready_rows(id, ROWS).await?;
        for row in &rows {
            self.work_on_row(&import, row).await?;
        }
        if rows.is_empty() {
            self.store.finish_import(id, job).await?;
        }
        Ok(!rows.is_empty())
    }

    async fn work_on_row(&self, import: &Import, row: &ImportRow) -> Result<(), Failure> {
        let mut planned = row.clone();
        match self.found_row(import, &mut planned).await {
            Ok(()) => Ok(()),
            Err(Failure::Refused(refusal)) => {
                let refused = ImportRow {
                    state: RowState::Refused,
                    refusal: Some(super::in_words(&refusal)),
                    box_id: None,
                    access: None,
                    ..row.clone()
                };
                // Where somebody else went on with the row, what they found holds.
                self.replace_row(import.id, &planned, refused).await?;
                Ok(())
            }
            Err(broken) => Err(broken),
        }
    }

    /// Founds the box of a row; `row` stays as it is written. Whoever else works on it meanwhile, one of the two goes on:
    /// each step is written over what was read before it.
    async fn found_row(&self, import: &Import, row: &mut ImportRow) -> Result<(), Failure> {
        let (data_box, users) = self.planned_box(&table::input(&row.cells)).await?;
        for _ in 0..TRIES {
            let request = AdministrationRequest {
                operation: Operation::CreateDataBox2.name(),
                caller: import.by.clone(),
                approved: None,
                reference: Some(format!("import {}/{}", import.id.0, row.line)),
                at: self.clock.legal().to_millis(),
            };
            let new = self.new_box(&data_box, &users, request).await?;
            let object = self.objects.put(Bytes::from(written_access(&new))).await?;
            let planned = ImportRow {
                box_id: Some(new.data_box.id),
                access: Some(object.clone()),
                ..row.clone()
            };
            if !self.replace_row(import.id, row, planned.clone()).await? {
                // Nobody knows of it but this one.
                return Ok(self.objects.delete(&object).await?);
            }
            *row = planned;
            match self.store.found_import_row(import.id, row, &new).await {
                Ok(true) => {
                    self.record_system(AuditAction::BoxCreated, AuditSubject::in_box(new.data_box.id));
                    return Ok(());
                }
                Ok(false) => return Ok(()),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::of(Status::BOX_EXISTS).into())
    }

    async fn replace_row(&self, id: ImportId, before: &ImportRow, after: ImportRow) -> Result<bool, Failure> {
        let freed = self.clock.real();
        Ok(self.store.write_import_row(id, before, &after, freed).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_data_are_read_as_they_were_written() {
        let text = "user=Jan Vzor\nlogin=abc\ncode=abc-def=x\n\nuser=Eva Vzorová\nlogin=d\ncode=e\n\n";
        let users = parse_access(text.as_bytes());
        assert_eq!(users.len(), 2);
        assert_eq!(
            (users[0]["code"].as_str(), users[1]["user"].as_str()),
            ("abc-def=x", "Eva Vzorová")
        );
        let padded = format!("{text}{}", "\n".repeat(4_000));
        assert_eq!(parse_access(padded.as_bytes()), users);
        assert!(parse_access(b"").is_empty());
    }
}
