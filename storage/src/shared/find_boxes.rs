//! The search for boxes behind FindDataBox2.

use isds_core::box_state::BoxState;
use isds_core::data_box::DataBox;
use isds_core::ports::{BoxQuery, StoreResult};
use isds_core::text::fold_case;
use sqlx::QueryBuilder;

use super::{Db, SqlStore, all, signed};
use crate::error::store_error;
use crate::rows::{BoxRow, box_columns};

/// Bytes of the longest text that is searched for at all.
const MAX_TEXT: usize = 10_000;

impl SqlStore {
    /// Boxes that meet every given condition, ordered by ID.
    pub(super) async fn search(&self, query: &BoxQuery) -> StoreResult<Vec<DataBox>> {
        // PostgreSQL refuses U+0000 in a text that SQLite takes; no box holds one, so nothing can fit.
        // SQLite refuses a pattern of more than 50,000 bytes; no box has a text of a fifth of that.
        if texts(query).any(|text| text.contains('\0') || text.len() > MAX_TEXT) {
            return Ok(Vec::new());
        }
        let rows = statement(query)
            .build_query_as::<BoxRow>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        all(rows)
    }
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
        &query.address_state,
        &query.ovm_id,
    ]
    .into_iter()
    .flatten()
    .chain(&query.numbers)
    .map(String::as_str)
}

fn statement(query: &BoxQuery) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new(concat!("SELECT ", box_columns!(), " FROM boxes WHERE state <> "));
    sql.push_bind(BoxState::Deleted.code());
    if let Some(id) = query.id {
        sql.push(" AND box_id = ").push_bind(id.to_string());
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
    equal(&mut sql, "address_state", query.address_state.clone());
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
    sql.push(" ORDER BY box_id LIMIT ").push_bind(signed(query.limit));
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
