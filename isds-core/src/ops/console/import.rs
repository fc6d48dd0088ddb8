//! Founding boxes from a table: checked first, then founded one after the other by a job.

mod table;
mod work;

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use futures::TryStreamExt;

use crate::administration::holder_key;
use crate::audit::{AuditAction, AuditSubject};
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::ports::{Import, ImportCounts, ImportId, ImportRow, ImportState, RowState};
use crate::principal::Principal;
use crate::status::Status;
use crate::text::{clean, truncate};

use super::super::Isds;
use super::operator_only;

pub use table::{IMPORT_COLUMNS, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS};

/// Imports that are listed.
const LISTED: u64 = 50;
/// Longest name of a file, in characters.
const MAX_FILE_NAME: usize = 100;
/// Days of legal time after which an import is forgotten with all that it holds.
const KEPT_DAYS: i64 = 30;
/// Imports that are forgotten at once.
const FORGOTTEN_AT_ONCE: u64 = 10;
/// Rows that are read at once.
const READ_AT_ONCE: u64 = 500;

/// An import with what became of its rows.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The import.
    pub import: Import,
    /// Its rows by what became of them.
    pub counts: ImportCounts,
    /// A page of its rows.
    pub rows: Vec<ImportRow>,
    /// The next page begins behind this line; none where there is none.
    pub next: Option<i64>,
}

/// Access data of one row, told once.
#[derive(Debug, Clone)]
pub struct AccessLine {
    /// Line of the file.
    pub line: i64,
    /// The box.
    pub box_id: Option<BoxId>,
    /// Name of the user.
    pub user: String,
    /// Login name.
    pub login: String,
    /// Activation code.
    pub code: String,
}

impl Isds {
    /// Reads a table of boxes and checks every row as if it were founded; nothing is. Answers under which key the
    /// report is kept.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 for a file that is no such table.
    pub async fn check_import(&self, caller: &Principal, file_name: &str, file: &[u8]) -> Result<ImportId, Failure> {
        operator_only(caller)?;
        let work = self.keep_table(caller, file_name, file);
        self.recorded(caller, AuditAction::ImportBrought, AuditSubject::none(), work)
            .await
    }

    async fn keep_table(&self, caller: &Principal, file_name: &str, file: &[u8]) -> Result<ImportId, Failure> {
        let mut rows = table::read(file)?;
        let mut met: HashMap<String, i64> = HashMap::new();
        for row in &mut rows {
            if let Err(refusal) = self.check_row(row, &mut met).await? {
                row.state = RowState::Wrong;
                row.refusal = Some(in_words(&refusal));
            }
        }
        let name = clean(truncate(file_name, MAX_FILE_NAME)).trim().to_owned();
        let import = Import {
            id: ImportId(0),
            file_name: name,
            by: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            at: self.clock.legal().to_millis(),
            state: ImportState::Checked,
        };
        Ok(self.store.add_import(&import, &rows).await?)
    }

    /// Whether a row can be carried out, given the rows before it.
    async fn check_row(&self, row: &ImportRow, met: &mut HashMap<String, i64>) -> Result<Result<(), Refusal>, Failure> {
        let planned = match self.planned_box(&table::input(&row.cells)).await {
            Ok((data_box, _)) => data_box,
            Err(Failure::Refused(refusal)) => return Ok(Err(refusal)),
            Err(broken) => return Err(broken),
        };
        if let Some(key) = holder_key(&planned)
            && let Some(line) = met.insert(key, row.line)
        {
            let text = format!("týž držitel stojí na řádku {line}.");
            return Ok(Err(Refusal::about(Status::HOLDER_DATA, text)));
        }
        Ok(Ok(()))
    }

    /// The last imports.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn imports(&self, caller: &Principal) -> Result<Vec<Import>, Failure> {
        operator_only(caller)?;
        Ok(self.store.list_imports(LISTED).await?)
    }

    /// An import with a page of its rows behind the line `after`. That somebody looked is recorded.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 where there is no such import.
    pub async fn import_report(
        &self,
        caller: &Principal,
        id: ImportId,
        after: i64,
        limit: u64,
    ) -> Result<ImportReport, Failure> {
        let import = self.import(caller, id).await?;
        let mut rows = self.store.list_import_rows(id, after, limit + 1).await?;
        let more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| more).map(|row| row.line);
        let subject = AuditSubject::none().detail(format!("import {}", id.0));
        self.record_reading(caller, AuditAction::DataViewed, subject);
        Ok(ImportReport {
            import,
            counts: self.store.count_import_rows(id).await?,
            rows,
            next,
        })
    }

    async fn import(&self, caller: &Principal, id: ImportId) -> Result<Import, Failure> {
        operator_only(caller)?;
        let import = self.store.lookup_import(id).await?;
        Ok(import.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "takový dovoz není."))?)
    }

    /// Has the rows of an import carried out that are in order.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 where there is no such import, nothing in it can be
    /// carried out, or it was begun before.
    pub async fn begin_import(&self, caller: &Principal, id: ImportId) -> Result<(), Failure> {
        self.import(caller, id).await?;
        let counts = self.store.count_import_rows(id).await?;
        let subject = AuditSubject::none().detail(format!("import {}, {} rows", id.0, counts.ready));
        self.recorded(caller, AuditAction::ImportRun, subject, async {
            if counts.ready == 0 || !self.store.begin_import(id, self.clock.real()).await? {
                return Err(Refusal::about(Status::INVALID_STRUCTURE, "dovoz nemá co založit, nebo už začal.").into());
            }
            Ok(())
        })
        .await?;
        self.job_added.notify_one();
        Ok(())
    }

    /// Access data of the users that an import added. They are told once: whoever asks again is told nothing.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 2007 where there is no such import or it still runs.
    pub async fn take_import_access(&self, caller: &Principal, id: ImportId) -> Result<Vec<AccessLine>, Failure> {
        let import = self.import(caller, id).await?;
        if import.state != ImportState::Done {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, "dovoz ještě neskončil.").into());
        }
        let subject = AuditSubject::none().detail(format!("import {}", id.0));
        self.recorded(caller, AuditAction::AccessDataIssued, subject, async {
            // Read before they are taken: whoever fails here can ask again.
            let lines = self.waiting_access(id).await?;
            let taken = self.store.take_import_access(id, self.clock.real()).await?;
            if taken.is_empty() {
                // Somebody else was faster.
                return Ok(Vec::new());
            }
            Ok(lines)
        })
        .await
    }

    /// Access data of all rows that have some.
    async fn waiting_access(&self, id: ImportId) -> Result<Vec<AccessLine>, Failure> {
        let (mut lines, mut after) = (Vec::new(), 0);
        loop {
            let rows = self.store.list_import_rows(id, after, READ_AT_ONCE).await?;
            let Some(last) = rows.last() else { return Ok(lines) };
            after = last.line;
            for row in &rows {
                lines.extend(self.read_access(row).await?);
            }
        }
    }

    async fn read_access(&self, row: &ImportRow) -> Result<Vec<AccessLine>, Failure> {
        let Some(object) = &row.access else {
            return Ok(Vec::new());
        };
        let pieces: Vec<Bytes> = self
            .objects
            .read(object, 0, work::ACCESS_BYTES)
            .await?
            .try_collect()
            .await?;
        let text = pieces.concat();
        let line = |access: &BTreeMap<String, String>| {
            let part = |name: &str| access.get(name).cloned().unwrap_or_default();
            AccessLine {
                line: row.line,
                box_id: row.box_id,
                user: part("user"),
                login: part("login"),
                code: part("code"),
            }
        };
        Ok(work::parse_access(&text).iter().map(line).collect())
    }

    /// Forgets imports of long ago, and the access data of theirs that nobody fetched.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn forget_old_imports(&self) -> Result<(), Failure> {
        let before = self.clock.legal().plus_seconds(-KEPT_DAYS * 86_400);
        for id in self.store.list_old_imports(before, FORGOTTEN_AT_ONCE).await? {
            self.store.remove_import(id).await?;
        }
        Ok(())
    }
}

/// A refusal as the report of a row has it: code and text.
fn in_words(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.status().code(), refusal.text())
}
