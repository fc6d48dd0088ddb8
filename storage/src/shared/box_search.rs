//! The search for boxes by words and numbers.
//!
//! The boxes of the word that fewest boxes have are gone through, and each is asked for the other words by the key of
//! `box_words`. So the work follows the rarest word, not the number of boxes. It is bounded where all words are common.

use std::collections::HashMap;

use async_trait::async_trait;
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::ports::{Audience, BoxSearch, NumberQuery, Reach, StoreResult, WordMatch, WordQuery};
use isds_core::search::{SearchedWord, Within};
use sqlx::{QueryBuilder, Row};

use super::{Db, SqlStore, all, box_index, signed};
use crate::error::{inconsistent, store_error};
use crate::rows::{BoxRow, box_columns, flag};

/// How far the boxes of each word are counted: first a little, and on where all words have more.
const COUNTED: [i64; 3] = [200, 3_000, MANY];
/// Most boxes of a word that are gone through, of those that have it in the name and of those that have it in the address.
const MANY: i64 = 50_000;
/// Longest text that is compared, in bytes; longer ones are nobody's.
const MAX_TEXT: usize = 1_000;

/// What a word's rows add up to for a box: in the name with diacritics 8, without 4, in the address 2 and 1.
const NAME: i64 = 12;
const EXACT: i64 = 10;

const SORT_NAME: &str = "COALESCE(boxes.firm_name_folded, \
     COALESCE(boxes.last_name_folded, '') || ' ' || COALESCE(boxes.given_names_folded, ''))";

const IS_LISTED: &str = "SELECT listed FROM boxes WHERE box_id = $1";

const SET_LISTED: &str = "UPDATE boxes SET listed = $2 WHERE box_id = $1";

#[async_trait]
impl BoxSearch for SqlStore {
    async fn match_words(&self, query: &WordQuery) -> StoreResult<Vec<WordMatch>> {
        if query.words.is_empty()
            || query
                .words
                .iter()
                .flat_map(|word| &word.terms)
                .any(|term| odd(&term.stem))
        {
            return Ok(Vec::new());
        }
        let Some(rarest) = self.rarest_word(query).await? else {
            return Ok(Vec::new());
        };
        let mut found = HashMap::new();
        for stem in stems(&query.words[rarest]) {
            let rows = statement(query, rarest, &stem)
                .build()
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            for row in rows {
                add(&mut found, &row, query.words.len()).map_err(store_error)?;
            }
        }
        let mut matches = Vec::with_capacity(found.len());
        for (id, found) in found {
            matches.push(found.into_match(&id)?);
        }
        if matches.len() as u64 > query.limit {
            matches.sort_unstable_by(|a, b| (b.in_name > 0).cmp(&(a.in_name > 0)).then_with(|| a.id.cmp(&b.id)));
            matches.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        }
        Ok(matches)
    }

    async fn match_number(&self, query: &NumberQuery, reach: &Reach, limit: u64) -> StoreResult<Vec<BoxId>> {
        let (column, value) = match query {
            NumberQuery::Id(id) => ("boxes.box_id", id.to_string()),
            NumberQuery::Ic(ic) => ("boxes.ic_number", ic.clone()),
            NumberQuery::OvmId(id) => ("boxes.ovm_id", id.clone()),
        };
        if odd(&value) {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT boxes.box_id FROM boxes WHERE ");
        sql.push(column).push(" = ").push_bind(value);
        within_reach(&mut sql, reach);
        sql.push(" ORDER BY CASE WHEN boxes.upper_id IS NULL THEN 0 ELSE 1 END, boxes.box_type, ")
            .push(SORT_NAME)
            .push(", boxes.box_id LIMIT ")
            .push_bind(signed(limit));
        let ids = sql
            .build_query_scalar::<String>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        ids.iter().map(|id| box_id(id)).collect()
    }

    async fn load_boxes(&self, ids: &[BoxId]) -> StoreResult<Vec<DataBox>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new(concat!("SELECT ", box_columns!(), " FROM boxes WHERE box_id IN ("));
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        sql.push(")");
        let rows = sql
            .build_query_as::<BoxRow>()
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let mut boxes: HashMap<BoxId, DataBox> = all::<_, DataBox>(rows)?
            .into_iter()
            .map(|data_box| (data_box.id, data_box))
            .collect();
        Ok(ids.iter().filter_map(|id| boxes.remove(id)).collect())
    }

    async fn index_boxes(&self, after: Option<BoxId>, limit: u64) -> StoreResult<Option<BoxId>> {
        self.index_next_boxes(after, signed(limit)).await
    }

    async fn is_listed(&self, id: BoxId) -> StoreResult<bool> {
        let listed = sqlx::query_scalar::<Db, i16>(IS_LISTED)
            .bind(id.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?;
        Ok(listed.is_some_and(|listed| listed != 0))
    }

    async fn set_listed(&self, id: BoxId, listed: bool) -> StoreResult<bool> {
        let done = sqlx::query::<Db>(SET_LISTED)
            .bind(id.as_str())
            .bind(flag(listed))
            .execute(self.writer())
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }
}

impl SqlStore {
    /// Which of the words the fewest boxes have; none where one of them stands nowhere.
    async fn rarest_word(&self, query: &WordQuery) -> StoreResult<Option<usize>> {
        if query.words.len() == 1 {
            return Ok(Some(0));
        }
        let mut counts = Vec::new();
        for limit in COUNTED {
            counts = self.count(&query.words, limit).await?;
            if counts.iter().any(|count| *count < limit) {
                break;
            }
        }
        let rarest = (0..counts.len()).min_by_key(|word| counts[*word]);
        Ok(rarest.filter(|word| counts[*word] > 0))
    }

    /// How many rows each word has, counted up to `limit`.
    async fn count(&self, words: &[SearchedWord], limit: i64) -> StoreResult<Vec<i64>> {
        let row = count_statement(words, limit)
            .build()
            .fetch_one(self.reader())
            .await
            .map_err(store_error)?;
        (0..words.len())
            .map(|column| row.try_get::<i64, _>(column).map_err(store_error))
            .collect()
    }
}

/// PostgreSQL refuses U+0000 in a text that SQLite takes; no box holds one.
fn odd(text: &str) -> bool {
    text.len() > MAX_TEXT || text.contains('\0')
}

fn box_id(text: &str) -> StoreResult<BoxId> {
    text.parse().map_err(|_| inconsistent("box_words.box_id", text))
}

/// A stem of a word that is searched for, with the forms of `box_words.forms` in which it counts.
pub(in super::super) struct Stem<'a> {
    text: &'a str,
    forms: i16,
}

/// The stems of a word, each once: most words have the same one with diacritics and without.
pub(in super::super) fn stems(word: &SearchedWord) -> Vec<Stem<'_>> {
    let mut stems: Vec<Stem<'_>> = Vec::new();
    for term in &word.terms {
        let forms = box_index::form(term);
        match stems.iter_mut().find(|stem| stem.text == term.stem) {
            Some(same) => same.forms |= forms,
            None => stems.push(Stem {
                text: &term.stem,
                forms,
            }),
        }
    }
    stems
}

pub(in super::super) fn count_statement(words: &[SearchedWord], limit: i64) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new("SELECT ");
    for (n, word) in words.iter().enumerate() {
        sql.push(if n == 0 { "" } else { ", " });
        sql.push("0");
        for Stem { text, .. } in stems(word) {
            for (place, _) in places(Within::Anywhere) {
                sql.push(" + (SELECT COUNT(*) FROM (SELECT 1 FROM box_words WHERE term = ")
                    .push_bind(text.to_owned())
                    .push(" AND place = ")
                    .push(place)
                    .push(" LIMIT ")
                    .push_bind(limit)
                    .push(") AS counted)");
            }
        }
    }
    sql
}

/// The boxes of `stem`, one of the word `driver`, that have all other words: box ID, name, number of words of the name,
/// and a sum for each word, that of the driver first. CROSS JOIN keeps the order of the tables on SQLite, the LIMITs
/// inside keep it on PostgreSQL, and let each sum be made once: they cut nothing off. Two parts instead of an order bring
/// those with the word in the name first: a plan that sorts would read all boxes of the word.
pub(in super::super) fn statement(query: &WordQuery, driver: usize, stem: &Stem<'_>) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new("SELECT d.box_id, ");
    sql.push(SORT_NAME).push(", boxes.name_words");
    for word in 0..query.words.len() {
        sql.push(", d.sum").push(word);
    }
    sql.push(" FROM (SELECT e.box_id, CAST(e.forms * CASE e.place WHEN 0 THEN 4 ELSE 1 END AS BIGINT) AS sum0");
    let others = || query.words.iter().enumerate().filter(move |(word, _)| *word != driver);
    for ((_, word), column) in others().zip(1..) {
        sql.push(", ");
        sum(&mut sql, word, query.within);
        sql.push(" AS sum").push(column);
    }
    sql.push(" FROM (");
    let places = places(query.within);
    for (n, (place, _)) in places.iter().enumerate() {
        sql.push(if n == 0 { "" } else { " UNION ALL " })
            .push("SELECT box_id, place, forms FROM (SELECT box_id, place, forms FROM box_words WHERE term = ")
            .push_bind(stem.text.to_owned())
            .push(" AND place = ")
            .push(place)
            .push(" AND forms IN ")
            .push(match stem.forms {
                box_index::FOLDED => "(1, 3)",
                box_index::EXACT => "(2, 3)",
                _ => "(1, 2, 3)",
            })
            .push(" LIMIT ")
            .push_bind(MANY)
            .push(") AS at")
            .push(place);
    }
    sql.push(") AS e LIMIT ")
        .push_bind(places.iter().map(|_| MANY).sum::<i64>())
        .push(") AS d CROSS JOIN boxes WHERE boxes.box_id = d.box_id");
    for (_, column) in others().zip(1..) {
        sql.push(" AND d.sum").push(column).push(" > 0");
    }
    within_reach(&mut sql, &query.reach);
    // A box may come twice, by its name and by its address.
    sql.push(" LIMIT ").push_bind(signed(query.limit.saturating_mul(2)));
    sql
}

/// Where a word is looked for, as `box_words.place` has it, and by what its forms are multiplied in a sum.
const fn places(within: Within) -> &'static [(&'static str, &'static str)] {
    match within {
        Within::Anywhere => &[("0", "4"), ("1", "1")],
        Within::Name => &[("0", "4")],
        Within::Address => &[("1", "1")],
    }
}

/// What the rows of a word add up to for the box of the entry `e`. Scalar subqueries, since planners leave them where they
/// are; one for each place, since PostgreSQL may take `place IN (0, 1)` for a filter and then reads all entries of the word
/// each time.
fn sum(sql: &mut QueryBuilder<Db>, word: &SearchedWord, within: Within) {
    sql.push("CAST(0");
    for stem in stems(word) {
        if matches!(within, Within::Anywhere) {
            // Where the name has the stem in all forms, the address adds nothing that is asked for: most words stand there.
            sql.push(" + COALESCE(");
            looked_up(sql, &stem, places(Within::Name)[0]);
            sql.push(" AND (w.forms & ")
                .push(stem.forms)
                .push(") = ")
                .push(stem.forms)
                .push("), 0");
        } else {
            sql.push(" + (0");
        }
        for place in places(within) {
            sql.push(" + COALESCE(");
            looked_up(sql, &stem, *place);
            sql.push("), 0)");
        }
        sql.push(")");
    }
    sql.push(" AS BIGINT)");
}

/// The row of a stem at a place, but for the closing bracket.
fn looked_up(sql: &mut QueryBuilder<Db>, stem: &Stem<'_>, (place, weight): (&str, &str)) {
    sql.push("(SELECT (w.forms & ")
        .push(stem.forms)
        .push(") * ")
        .push(weight)
        .push(" FROM box_words AS w WHERE w.term = ")
        .push_bind(stem.text.to_owned())
        .push(" AND w.place = ")
        .push(place)
        .push(" AND w.box_id = e.box_id");
}

/// Which boxes may be found at all.
fn within_reach(sql: &mut QueryBuilder<Db>, reach: &Reach) {
    if reach.audience != Audience::Administrator {
        sql.push(" AND (boxes.state = 1 OR (boxes.state <> 5 AND boxes.accessible_until >= ")
            .push_bind(reach.accessible_since.0)
            .push("))");
    }
    sql.push(" AND boxes.box_type <> ").push_bind(BoxType::System.code());
    match reach.audience {
        Audience::Authority | Audience::Administrator => {}
        Audience::Holder => {
            sql.push(" AND (boxes.box_type <> ")
                .push_bind(BoxType::Fo.code())
                .push(" OR boxes.open_addressing = 1 OR boxes.listed = 1)");
        }
        Audience::Public => {
            sql.push(" AND (boxes.listed = 1 OR boxes.box_type IN (");
            let mut list = sql.separated(", ");
            for public in BoxType::ALL.iter().filter(|box_type| box_type.is_public()) {
                list.push_bind(public.code());
            }
            sql.push("))");
        }
    }
    if !reach.types.is_empty() {
        sql.push(" AND boxes.box_type IN (");
        let mut list = sql.separated(", ");
        for box_type in &reach.types {
            list.push_bind(box_type.code());
        }
        sql.push(")");
    }
}

/// What was found of a box so far.
struct Found {
    sort_name: String,
    name_words: i16,
    sums: Vec<i64>,
}

/// Adds a row; the terms of one word, or its two places, may find the same box.
fn add(found: &mut HashMap<String, Found>, row: &<Db as sqlx::Database>::Row, words: usize) -> sqlx::Result<()> {
    let sums = (0..words)
        .map(|word| row.try_get::<i64, _>(3 + word))
        .collect::<sqlx::Result<Vec<i64>>>()?;
    match found.entry(row.try_get(0)?) {
        std::collections::hash_map::Entry::Occupied(mut known) => {
            for (sum, more) in known.get_mut().sums.iter_mut().zip(sums) {
                *sum |= more;
            }
        }
        std::collections::hash_map::Entry::Vacant(new) => {
            new.insert(Found {
                sort_name: row.try_get(1)?,
                name_words: row.try_get(2)?,
                sums,
            });
        }
    }
    Ok(())
}

impl Found {
    fn into_match(self, id: &str) -> StoreResult<WordMatch> {
        let count = |bits: i64| self.sums.iter().filter(|sum| *sum & bits != 0).count();
        Ok(WordMatch {
            id: box_id(id)?,
            name_words: u16::try_from(self.name_words).unwrap_or_default(),
            in_name: u16::try_from(count(NAME)).unwrap_or(u16::MAX),
            exact: u16::try_from(count(EXACT)).unwrap_or(u16::MAX),
            sort_name: self.sort_name,
        })
    }
}
