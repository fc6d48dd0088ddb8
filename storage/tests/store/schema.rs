//! Both engines have the same tables, columns, keys and indexes.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, Row};

use crate::engines;

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// Name → (type, may be null).
    columns: BTreeMap<String, (String, bool)>,
    primary_key: Vec<String>,
    /// Name → (columns, unique, partial).
    indexes: BTreeMap<String, (Vec<String>, bool, bool)>,
    /// Column → table and column.
    references: BTreeSet<(String, String, String)>,
}

type Schema = BTreeMap<String, Table>;

/// Kept by sqlx, by SQLite itself, or in the place of a sequence.
const NOT_COMPARED: [&str; 3] = ["_sqlx_migrations", "sqlite_sequence", "message_numbers"];

#[tokio::test]
async fn schemas_are_the_same() {
    let (lite, pg) = (sqlite_schema().await, postgres_schema().await);
    assert_eq!(lite.keys().collect::<Vec<_>>(), pg.keys().collect::<Vec<_>>());
    for (name, table) in &lite {
        assert_eq!(*table, pg[name], "table {name}");
    }
    assert!(lite.contains_key("messages") && lite["messages"].indexes["messages_waiting"].2);
}

#[test]
fn migrations_have_the_same_numbers_and_names() {
    let names = |engine: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../migrations")
            .join(engine);
        let files = std::fs::read_dir(folder).unwrap();
        files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

async fn sqlite_schema() -> Schema {
    let backend = engines::sqlite().await;
    let mut db = sqlx::SqliteConnection::connect(&backend.url).await.unwrap();
    let mut schema = Schema::new();
    let tables = sqlx::query_scalar::<_, String>("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut db)
        .await
        .unwrap();
    for name in tables.into_iter().filter(|name| !NOT_COMPARED.contains(&name.as_str())) {
        let mut table = Table::default();
        let columns = sqlx::query("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1) ORDER BY pk")
            .bind(&name)
            .fetch_all(&mut db)
            .await
            .unwrap();
        for column in columns {
            let column_name: String = column.get(0);
            if column.get::<i64, _>(3) > 0 {
                table.primary_key.push(column_name.clone());
            }
            table
                .columns
                .insert(column_name, (column.get(1), column.get::<i64, _>(2) == 0));
        }
        let indexes = "SELECT name, \"unique\", partial FROM pragma_index_list($1) WHERE origin = 'c'";
        for index in sqlx::query(indexes).bind(&name).fetch_all(&mut db).await.unwrap() {
            let index_name: String = index.get(0);
            let columns = sqlx::query_scalar("SELECT name FROM pragma_index_info($1) ORDER BY seqno")
                .bind(&index_name)
                .fetch_all(&mut db)
                .await
                .unwrap();
            let (unique, partial) = (index.get::<i64, _>(1) != 0, index.get::<i64, _>(2) != 0);
            table.indexes.insert(index_name, (columns, unique, partial));
        }
        let foreign = "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list($1)";
        for key in sqlx::query(foreign).bind(&name).fetch_all(&mut db).await.unwrap() {
            table.references.insert((key.get(0), key.get(1), key.get(2)));
        }
        schema.insert(name, table);
    }
    schema
}

async fn postgres_schema() -> Schema {
    let backend = engines::postgres().await;
    let mut db = sqlx::PgConnection::connect(&backend.url).await.unwrap();
    let mut schema = Schema::new();
    let columns = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = 'public'";
    for column in sqlx::query(columns).fetch_all(&mut db).await.unwrap() {
        let table: String = column.get(0);
        if NOT_COMPARED.contains(&table.as_str()) {
            continue;
        }
        let kind = match column.get::<String, _>(2).as_str() {
            "bigint" | "smallint" => "INTEGER",
            "text" => "TEXT",
            "bytea" => "BLOB",
            other => panic!("{table} has a column of type {other}"),
        };
        schema
            .entry(table)
            .or_default()
            .columns
            .insert(column.get(1), (kind.to_owned(), column.get(3)));
    }
    let indexes = "SELECT t.relname::text, i.relname::text, x.indisprimary, x.indisunique, x.indpred IS NOT NULL, \
         ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, n) \
             JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.attnum ORDER BY k.n) \
         FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid \
         WHERE t.relnamespace = 'public'::regnamespace";
    for index in sqlx::query(indexes).fetch_all(&mut db).await.unwrap() {
        let Some(table) = schema.get_mut(&index.get::<String, _>(0)) else {
            continue;
        };
        let columns: Vec<String> = index.get(5);
        if index.get(2) {
            table.primary_key = columns;
        } else {
            table
                .indexes
                .insert(index.get(1), (columns, index.get(3), index.get(4)));
        }
    }
    let foreign = "SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, f.attname::text \
         FROM pg_constraint AS c \
         JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
         JOIN pg_attribute AS f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1] WHERE c.contype = 'f'";
    for key in sqlx::query(foreign).fetch_all(&mut db).await.unwrap() {
        if let Some(table) = schema.get_mut(&key.get::<String, _>(0)) {
            table.references.insert((key.get(1), key.get(2), key.get(3)));
        }
    }
    schema
}
