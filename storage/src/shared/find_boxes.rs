//! The search for boxes behind FindDataBox2.

use isds_core::box_state::BoxState;
use isds_core::ports::{BoxMatches, BoxQuery, StoreResult};
use isds_core::search::{ANALYSIS_VERSION, trigrams};
use isds_core::text::fold_case;
use sqlx::{QueryBuilder, Row};

use super::box_index::FIRM_PART;
use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{BoxRow, box_columns};

/// Bytes of the longest text that is searched for at all.
const MAX_TEXT: usize = 10_000;
/// Most trigrams of a part that are counted, and how far.
const PARTS: usize = 16;
const FEW: i64 = 2_000;
/// Most boxes of a trigram that are gone through: about a quarter of a second.
const MANY: i64 = 50_000;

pub(super) const SOME_NOT_INDEXED: &str = "SELECT box_id FROM boxes WHERE index_version < $1 LIMIT 1";

/// Where the boxes of a trigram are too many to go through: the first that is not looked at any more.
pub(in super::super) const BOX_AFTER_MANY: &str =
    "SELECT box_id FROM box_words WHERE term = $1 AND place = 2 ORDER BY box_id LIMIT 1 OFFSET $2";

/// The trigram by which boxes are gone through.
pub(in super::super) struct Driver {
    pub(in super::super) trigram: String,
    /// Before which box the walk ends.
    pub(in super::super) until: Option<String>,
}

impl SqlStore {
    /// Boxes that meet every given condition, ordered by ID.
    pub(super) async fn search(&self, query: &BoxQuery) -> StoreResult<BoxMatches> {
        // PostgreSQL refuses U+0000 in a text that SQLite takes; no box holds one, so nothing can fit.
        // SQLite refuses a pattern of more than 50,000 bytes; no box has a text of a fifth of that.
        if texts(query).any(|text| text.contains('\0') || text.len() > MAX_TEXT) {
            return Ok(BoxMatches {
                boxes: Vec::new(),
                complete: true,
            });
        }
        let part = self.rarest_trigram(query).await?;
        let rows = statement(query, part.as_ref())
            .build_query_as::<BoxRow>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let gave_up = part.is_some_and(|part| part.until.is_some()) && (rows.len() as u64) < query.limit;
        Ok(BoxMatches {
            boxes: all(rows)?,
            complete: !gave_up,
        })
    }

    /// The trigram of the part of a firm's name that fewest boxes have, by which the boxes are gone through where nothing
    /// narrower is asked for. None while there are boxes that are not indexed yet: they must be found all the same.
    async fn rarest_trigram(&self, query: &BoxQuery) -> StoreResult<Option<Driver>> {
        let narrower =
            query.id.is_some() || query.ic.is_some() || query.ovm_id.is_some() || query.last_name_prefix.is_some();
        let Some(part) = query.firm_name_part.as_deref().filter(|_| !narrower) else {
            return Ok(None);
        };
        let mut parts = trigrams(&fold_case(part));
        parts.truncate(PARTS);
        if parts.is_empty() || self.some_boxes_are_not_indexed().await? {
            return Ok(None);
        }
        let row = count_statement(&parts)
            .build()
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        let mut counts = Vec::with_capacity(parts.len());
        for column in 0..parts.len() {
            counts.push(row.try_get::<i64, _>(column).map_err(store_error)?);
        }
        let Some((trigram, count)) = parts.into_iter().zip(counts).min_by_key(|(_, count)| *count) else {
            return Ok(None);
        };
        let until = if count < FEW {
            None
        } else {
            sqlx::query_scalar::<Db, String>(BOX_AFTER_MANY)
                .bind(&trigram)
                .bind(MANY)
                .fetch_optional(self.reader())
                .await
                .map_err(store_error)?
        };
        Ok(Some(Driver { trigram, until }))
    }

    async fn some_boxes_are_not_indexed(&self) -> StoreResult<bool> {
        let some = sqlx::query_scalar::<Db, String>(SOME_NOT_INDEXED)
            .bind(ANALYSIS_VERSION)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(some.is_some())
    }
}

fn count_statement(parts: &[String]) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new("SELECT ");
    for (n, part) in parts.iter().enumerate() {
        sql.push(if n == 0 { "" } else { ", " })
            .push("(SELECT COUNT(*) FROM (SELECT 1 FROM box_words WHERE term = ")
            .push_bind(part.clone())
            .push(" AND place = ")
            .push_bind(FIRM_PART)
            .push(" LIMIT ")
            .push_bind(FEW)
            .push(") AS counted)");
    }
    sql
}

fn texts(query: &BoxQuery) -> impl Iterator<Item = &str> {
    [
        &query.ic,
        &query.given_names_prefix,
        &query.last_name_prefix,
        &query.firm_name_part,
        &query.birth_city_part,
        &query.city_part,
        &query.street_part,
        &query.zip_code,
        &query.ovm_id,
    ]
    .into_iter()
    .flatten()
    .chain(&query.numbers)
    .map(String::as_str)
}

/// With a `driver`, the boxes that have its trigram are gone through in the order of their IDs, which is that of the key.
pub(in super::super) fn statement(query: &BoxQuery, driver: Option<&Driver>) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new(concat!("SELECT ", box_columns!(), " FROM "));
    if let Some(driver) = driver {
        sql.push("box_words AS part CROSS JOIN boxes WHERE part.term = ")
            .push_bind(driver.trigram.clone())
            .push(" AND part.place = ")
            .push_bind(FIRM_PART);
        if let Some(until) = &driver.until {
            sql.push(" AND part.box_id < ").push_bind(until.clone());
        }
        sql.push(" AND boxes.box_id = part.box_id AND state <> ");
    } else {
        sql.push("boxes WHERE state <> ");
    }
    sql.push_bind(BoxState::Deleted.code());
    if let Some(id) = query.id {
        sql.push(" AND boxes.box_id = ").push_bind(id.to_string());
    }
    if !query.types.is_empty() {
        sql.push(" AND box_type IN (");
        let mut list = sql.separated(", ");
        for box_type in &query.types {
            list.push_bind(box_type.code());
        }
        sql.push(")");
    }
    match query.state {
        None => {}
        Some(BoxState::TemporarilyDisabled) => {
            sql.push(" AND state IN (2, 6)");
        }
        Some(state) => {
            sql.push(" AND state = ").push_bind(state.code());
        }
    }
    let ic = query.ic.as_deref().map(|ic| ic.trim_start_matches('0').to_owned());
    equal(&mut sql, "ic_number", ic);
    equal(&mut sql, "birth_date", query.birth_date.map(|date| date.to_string()));
    equal(&mut sql, "zip_code", query.zip_code.clone());
    equal(&mut sql, "ovm_id", query.ovm_id.clone());
    prefix(&mut sql, "last_name_folded", query.last_name_prefix.as_deref());
    prefix(&mut sql, "given_names_folded", query.given_names_prefix.as_deref());
    part(&mut sql, "firm_name_folded", query.firm_name_part.as_deref());
    part(&mut sql, "birth_city_folded", query.birth_city_part.as_deref());
    part(&mut sql, "city_folded", query.city_part.as_deref());
    part(&mut sql, "street_folded", query.street_part.as_deref());
    for number in &query.numbers {
        sql.push(" AND (number_in_street = ").push_bind(number.clone());
        sql.push(" OR number_in_municipality = ")
            .push_bind(number.clone())
            .push(")");
    }
    sql.push(if driver.is_some() {
        " ORDER BY part.box_id LIMIT "
    } else {
        " ORDER BY boxes.box_id LIMIT "
    })
    .push_bind(signed(query.limit));
    sql
}

fn equal(sql: &mut QueryBuilder<Db>, column: &'static str, value: Option<String>) {
    if let Some(value) = value {
        sql.push(" AND ").push(column).push(" = ").push_bind(value);
    }
}

/// A range instead of LIKE: both engines compare these columns bytewise, so an ordinary index serves it. No text goes
/// on with U+10FFFF, which is no character.
fn prefix(sql: &mut QueryBuilder<Db>, column: &'static str, beginning: Option<&str>) {
    if let Some(beginning) = beginning {
        let beginning = fold_case(beginning);
        let end = format!("{beginning}\u{10FFFF}");
        sql.push(" AND ").push(column).push(" >= ").push_bind(beginning);
        sql.push(" AND ").push(column).push(" < ").push_bind(end);
    }
}

fn part(sql: &mut QueryBuilder<Db>, column: &'static str, part: Option<&str>) {
    if let Some(part) = part {
        sql.push(" AND ")
            .push(column)
            .push(" LIKE ")
            .push_bind(like_part(&fold_case(part)))
            .push(" ESCAPE '!'");
    }
}

/// The pattern of texts that contain `part`. The escape character is `!`, since the two engines do not agree on the
/// backslash as a default.
fn like_part(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for character in part.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
