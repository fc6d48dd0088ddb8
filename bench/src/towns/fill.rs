//! Fills a town: what the system itself wrote once is copied a million times.

use std::io::{self, Write};
use std::sync::Arc;

use harness::{Copies, PrivateCluster};

use super::boxes::{Index, LETTER, line, town_box};
use super::{Kept, busy_boxes};
use crate::world::{World, box_id};
use crate::{CLIENTS, Outcome};

/// The messages of a town were sent within so many days.
const DAYS: i64 = 10;
/// Box that the others are copied from.
const PATTERN: usize = 0;
/// Box of which the store's own index is compared with ours.
const SAMPLE: usize = 1;

/// Fills it, from an empty database.
///
/// # Errors
/// Where the server cannot be started, or PostgreSQL refuses something.
pub fn fill(cluster: &Arc<PrivateCluster>, kept: &Kept) -> Outcome<()> {
    kept.begin(cluster)?;
    let pattern = first_message(cluster, kept)?;
    let sql = |sql: &str| cluster.execute(&kept.database, sql);
    compare_index(cluster, kept)?;
    add_boxes(cluster, kept)?;
    let first = sql("SELECT MAX(dm_id) + 1 FROM messages")?.trim().parse()?;
    let count = i64::try_from(kept.size)?;
    sql(&Copies {
        pattern,
        first,
        count,
        boxes: "town_boxes",
        box_count: i64::try_from(busy_boxes(kept.size))?,
        apart: DAYS * 86_400 * 1_000_000 / count,
    }
    .sql())?;
    sql("DROP TABLE town_boxes")?;
    sql("VACUUM (ANALYZE)")?;
    sql("CHECKPOINT")?;
    Ok(())
}

/// The first boxes and the first message, by the system itself. The message's number.
fn first_message(cluster: &Arc<PrivateCluster>, kept: &Kept) -> Outcome<i64> {
    let world = World::open(Arc::clone(cluster), &kept.database, Some(&kept.folder))?;
    world.add_boxes()?;
    world.add_group(LETTER, "town", CLIENTS, town_box)?;
    let id = world.sender(0).send_body(&world.letter_to(0)?)?;
    world.wait_for_jobs()?;
    let mut recipient = world.recipient(0);
    recipient.list_received(10)?;
    recipient.download_signed(&id)?;
    world.wait_for_jobs()?;
    Ok(id.parse()?)
}

/// Whether the store writes the index as [`Index`] makes it.
fn compare_index(cluster: &PrivateCluster, kept: &Kept) -> Outcome<()> {
    let id = box_id(LETTER, SAMPLE)?;
    let index = Index::of(&town_box(id, SAMPLE))?;
    let terms = cluster.execute(
        &kept.database,
        &format!("SELECT terms FROM box_terms WHERE box_id = '{id}'"),
    )?;
    let words = cluster.execute(
        &kept.database,
        &format!("SELECT term || ',' || place || ',' || forms FROM box_words WHERE box_id = '{id}' ORDER BY 1"),
    )?;
    let mut ours: Vec<String> = index
        .words
        .iter()
        .map(|(word, place, forms)| format!("{word},{place},{forms}"))
        .collect();
    let mut theirs: Vec<&str> = words.lines().collect();
    ours.sort();
    theirs.sort_unstable();
    if terms == index.terms && theirs == ours {
        Ok(())
    } else {
        Err(
            "the store indexes boxes in another form than the bench fills in: bench/src/towns/boxes.rs must follow"
                .into(),
        )
    }
}

fn add_boxes(cluster: &PrivateCluster, kept: &Kept) -> Outcome<()> {
    let sql = |sql: &str| cluster.execute(&kept.database, sql);
    let copy = |statement: &str, write: &dyn Fn(&mut dyn Write) -> Outcome<()>| {
        cluster.copy_rows(&kept.database, statement, |rows| {
            write(rows).map_err(|error| io::Error::other(error.to_string()))
        })
    };
    sql(
        "CREATE TABLE town_boxes (n BIGINT PRIMARY KEY, id TEXT, ic TEXT, name TEXT, name_folded TEXT, city TEXT, \
         city_folded TEXT)",
    )?;
    copy("COPY town_boxes FROM STDIN", &|rows| {
        for index in 0..kept.size {
            rows.write_all(line(index)?.1.as_bytes())?;
        }
        Ok(())
    })?;
    // The first ones are there already.
    let pattern = box_id(LETTER, PATTERN)?;
    sql(&format!(
        "INSERT INTO boxes SELECT (c.copy).* FROM (SELECT jsonb_populate_record(b, jsonb_build_object('box_id', t.id, 'ic', t.ic, \
         'ic_number', t.ic, 'firm_name', t.name, 'firm_name_folded', t.name_folded, 'address_city', t.city, \
         'city_folded', t.city_folded, 'holder_key', replace(b.holder_key, b.ic, t.ic))) AS copy \
         FROM boxes AS b, town_boxes AS t WHERE b.box_id = '{pattern}' AND t.n >= {CLIENTS} OFFSET 0) AS c"
    ))?;
    sql(&format!(
        "INSERT INTO box_states (box_id, since, state) SELECT t.id, s.since, s.state \
         FROM box_states AS s, town_boxes AS t WHERE s.box_id = '{pattern}' AND t.n >= {CLIENTS}"
    ))?;
    let indexed = |index: usize| -> Outcome<_> {
        let id = box_id(LETTER, index)?;
        Ok((id, Index::of(&town_box(id, index))?))
    };
    copy("COPY box_terms (box_id, terms) FROM STDIN", &|rows| {
        for index in CLIENTS..kept.size {
            let (id, found) = indexed(index)?;
            writeln!(rows, "{id}\t{}", found.terms)?;
        }
        Ok(())
    })?;
    // Millions of rows in no order: the key is made of all of them at once.
    sql("ALTER TABLE box_words DROP CONSTRAINT box_words_pkey")?;
    copy("COPY box_words (term, place, box_id, forms) FROM STDIN", &|rows| {
        for index in CLIENTS..kept.size {
            let (id, found) = indexed(index)?;
            for (word, place, forms) in found.words {
                writeln!(rows, "{word}\t{place}\t{id}\t{forms}")?;
            }
        }
        Ok(())
    })?;
    sql("ALTER TABLE box_words ADD CONSTRAINT box_words_pkey PRIMARY KEY (term, place, box_id)")?;
    Ok(())
}
