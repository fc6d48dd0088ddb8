//! The index of the search by words: rows of a term each, written with the box.

use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::ports::StoreResult;
use isds_core::search::{ANALYSIS_VERSION, IndexedBox, IndexedTerm, Place, Term};
use sqlx::{QueryBuilder, Transaction};

use super::{Db, SqlStore};
use crate::error::{inconsistent, store_error};
use crate::rows::{BoxRow, box_columns};

/// Most rows of one INSERT: four parameters each, and SQLite takes 32,766, PostgreSQL 65,535.
const ROWS: usize = 2_000;

pub(super) const LOOKUP_TERMS: &str = "SELECT terms FROM box_terms WHERE box_id = $1";

const REMOVE_TERM: &str = "DELETE FROM box_words WHERE term = $1 AND place = $2 AND box_id = $3";

const REMOVE_TERMS: &str = "DELETE FROM box_terms WHERE box_id = $1";

const ADD_TERMS: &str = "INSERT INTO box_terms (box_id, terms) VALUES ($1, $2)";

const MARK_INDEXED: &str = "UPDATE boxes SET name_words = $2, index_version = $3 WHERE box_id = $1";

pub(super) const LIST_INDEX_VERSIONS: &str =
    "SELECT box_id, index_version FROM boxes WHERE box_id > $1 ORDER BY box_id LIMIT $2";

/// Changes nothing, but no other transaction can change the box until this one ends. The same on both engines, unlike
/// FOR UPDATE.
const LOCK_BOX: &str = concat!(
    "UPDATE boxes SET box_id = box_id WHERE box_id = $1 AND index_version <> $2 RETURNING ",
    box_columns!()
);

/// How many boxes are indexed in one transaction. In the order of their IDs, so that two nodes that index at the same
/// time never wait for each other crosswise.
const TOGETHER: usize = 25;

/// Rows of one stem at one place; with which diacritics is told by the sum of the forms.
pub(super) const FOLDED: i16 = 1;
pub(super) const EXACT: i16 = 2;

/// Place of the trigrams of a firm's name, which are no words.
pub(super) const FIRM_PART: i16 = 2;

/// Number of a place in `box_words`.
pub(super) fn place_code(place: Place) -> i16 {
    match place {
        Place::Name => 0,
        Place::Address => 1,
    }
}

/// Form of a term in `box_words`.
pub(super) fn form(term: &Term) -> i16 {
    if term.folded { FOLDED } else { EXACT }
}

/// Stem, place and forms, each stem and place once.
fn rows(terms: &[IndexedTerm]) -> Vec<(&str, i16, i16)> {
    let mut rows: Vec<(&str, i16, i16)> = terms
        .iter()
        .map(|indexed| {
            (
                indexed.term.stem.as_str(),
                place_code(indexed.place),
                form(&indexed.term),
            )
        })
        .collect();
    rows.sort_unstable();
    rows.dedup_by(|next, row| {
        let same = (next.0, next.1) == (row.0, row.1);
        if same {
            row.2 |= next.2;
        }
        same
    });
    rows
}

/// Writes the index of a box anew, in the transaction that writes the box, after it.
pub(super) async fn index_box(tx: &mut Transaction<'static, Db>, data_box: &DataBox) -> sqlx::Result<()> {
    unindex_box(tx, data_box.id).await?;
    let indexed = IndexedBox::of(data_box);
    let mut rows = rows(&indexed.terms);
    rows.extend(indexed.firm_parts.iter().map(|part| (part.as_str(), FIRM_PART, 0)));
    for rows in rows.chunks(ROWS) {
        let mut sql = QueryBuilder::<Db>::new("INSERT INTO box_words (term, place, box_id, forms) ");
        sql.push_values(rows, |mut row, (stem, place, forms)| {
            row.push_bind((*stem).to_owned())
                .push_bind(*place)
                .push_bind(data_box.id.to_string())
                .push_bind(*forms);
        });
        sql.build().execute(&mut **tx).await?;
    }
    let terms: Vec<(i16, &str)> = rows.iter().map(|(term, place, _)| (*place, *term)).collect();
    let terms = serde_json::to_string(&terms).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query::<Db>(ADD_TERMS)
        .bind(data_box.id.as_str())
        .bind(terms)
        .execute(&mut **tx)
        .await?;
    sqlx::query::<Db>(MARK_INDEXED)
        .bind(data_box.id.as_str())
        .bind(i16::try_from(indexed.name_words).unwrap_or(i16::MAX))
        .bind(ANALYSIS_VERSION)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes a box out of the index.
pub(super) async fn unindex_box(tx: &mut Transaction<'static, Db>, id: BoxId) -> sqlx::Result<()> {
    let terms = sqlx::query_scalar::<Db, String>(LOOKUP_TERMS)
        .bind(id.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(terms) = terms else { return Ok(()) };
    let terms: Vec<(i16, String)> =
        serde_json::from_str(&terms).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    for (place, term) in terms {
        sqlx::query::<Db>(REMOVE_TERM)
            .bind(term)
            .bind(place)
            .bind(id.as_str())
            .execute(&mut **tx)
            .await?;
    }
    sqlx::query::<Db>(REMOVE_TERMS)
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl SqlStore {
    /// Indexes those of the next `limit` boxes whose index is missing or old, a few in one transaction, so that nobody
    /// else waits for long.
    pub(super) async fn index_next_boxes(&self, after: Option<BoxId>, limit: i64) -> StoreResult<Option<BoxId>> {
        let boxes = sqlx::query_as::<Db, (String, i16)>(LIST_INDEX_VERSIONS)
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(limit)
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let old: Vec<&str> = boxes
            .iter()
            .filter(|(_, version)| *version != ANALYSIS_VERSION)
            .map(|(id, _)| id.as_str())
            .collect();
        for group in old.chunks(TOGETHER) {
            self.index_old_boxes(group).await?;
        }
        match boxes.last() {
            Some((id, _)) => Ok(Some(id.parse().map_err(|_| inconsistent("boxes.box_id", id))?)),
            None => Ok(None),
        }
    }

    async fn index_old_boxes(&self, ids: &[&str]) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        for id in ids {
            let row = sqlx::query_as::<Db, BoxRow>(LOCK_BOX)
                .bind(*id)
                .bind(ANALYSIS_VERSION)
                .fetch_optional(&mut *tx)
                .await
                .map_err(store_error)?;
            // None where it was indexed or removed meanwhile.
            if let Some(row) = row {
                index_box(&mut tx, &DataBox::try_from(row)?)
                    .await
                    .map_err(store_error)?;
            }
        }
        tx.commit().await.map_err(store_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_for_each_stem_and_place() {
        let term = |stem: &str, folded, place| IndexedTerm {
            term: Term {
                stem: stem.into(),
                folded,
            },
            place,
        };
        let terms = [
            term("vzor", false, Place::Name),
            term("vzor", true, Place::Name),
            term("vzor", true, Place::Address),
            term("měst", false, Place::Name),
        ];
        assert_eq!(rows(&terms), [("měst", 0, 2), ("vzor", 0, 3), ("vzor", 1, 1)]);
    }
}
