//! Files about all boxes.

use async_trait::async_trait;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, ObjectId};
use isds_core::ports::{BEGINNING_OF_RECORDS, DataFile, DataFiles, ListedBox, ListedBoxes, ListedPage, StoreResult};
use isds_core::time::Timestamp;

use super::{Db, SqlStore, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{BoxRow, box_columns};

pub(super) const LOOKUP_DATA_FILE: &str = "SELECT object, length, made FROM data_files WHERE kind = $1";

/// The one before the last is read before it is overwritten: a CTE would not see the old row on SQLite.
const LOOKUP_FORMER: &str = "SELECT former FROM data_files WHERE kind = $1";

const REPLACE: &str = "INSERT INTO data_files (kind, object, length, made) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (kind) DO UPDATE SET former = data_files.object, object = $2, length = $3, made = $4";

/// Nothing narrows the walk here: a planner that expects few boxes to fit would sort all of them for every page.
pub(super) const LIST_BOXES: &str = concat!(
    "SELECT ",
    box_columns!(),
    ", boxes.listed, (SELECT MAX(s.since) FROM box_states AS s WHERE s.box_id = boxes.box_id) AS changed \
     FROM boxes WHERE boxes.box_id > $1 ORDER BY boxes.box_id LIMIT $2"
);

/// A box with the time of its last change.
#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    data_box: BoxRow,
    listed: i16,
    changed: Option<i64>,
}

/// Whether the list holds the box; `listed` where its holder asked for it.
fn holds(which: ListedBoxes, data_box: &DataBox, listed: bool) -> bool {
    let is_there = data_box.state.is_accessible() && data_box.box_type != BoxType::System;
    is_there && (which == ListedBoxes::Accessible || listed || data_box.box_type.is_public())
}

#[async_trait]
impl DataFiles for SqlStore {
    async fn lookup_data_file(&self, kind: &str) -> StoreResult<Option<DataFile>> {
        let row = sqlx::query_as::<Db, (String, i64, i64)>(LOOKUP_DATA_FILE)
            .bind(kind)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        row.map(|(object, length, made)| {
            Ok(DataFile {
                object: ObjectId(object),
                length: u64::try_from(length).map_err(|_| inconsistent("data_files.length", kind))?,
                made: Timestamp(made),
            })
        })
        .transpose()
    }

    async fn replace_data_file(&self, kind: &str, file: &DataFile) -> StoreResult<Option<ObjectId>> {
        let mut tx = self.begin().await.map_err(store_error)?;
        let former = sqlx::query_scalar::<Db, Option<String>>(LOOKUP_FORMER)
            .bind(kind)
            .fetch_optional(&mut *tx)
            .await
            .map_err(store_error)?;
        sqlx::query::<Db>(REPLACE)
            .bind(kind)
            .bind(file.object.0.as_str())
            .bind(signed(file.length))
            .bind(file.made.0)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)?;
        Ok(former.flatten().map(ObjectId))
    }

    async fn list_boxes(&self, which: ListedBoxes, after: Option<BoxId>, limit: u64) -> StoreResult<ListedPage> {
        let rows = sqlx::query_as::<Db, ListedRow>(LIST_BOXES)
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(signed(limit))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut page = ListedPage {
            boxes: Vec::with_capacity(rows.len()),
            last: None,
        };
        for row in rows {
            let data_box = DataBox::try_from(row.data_box)?;
            page.last = Some(data_box.id);
            if holds(which, &data_box, row.listed != 0) {
                page.boxes.push(ListedBox {
                    data_box,
                    changed: row.changed.map_or(BEGINNING_OF_RECORDS, Timestamp),
                });
            }
        }
        Ok(page)
    }
}
