//! Whether this program can work on the schema that it finds.
//!
//! A newer program may have brought the schema further. What it added does no harm: schemas first expand, and contract
//! when the programs that need the old form are gone. The migration that contracts says so in the database.

use sqlx::migrate::Migrator;

use super::Db;
use crate::Error;

const COMPATIBLE_FROM: &str = "SELECT value FROM installation WHERE key = 'schema_compatible_from'";

/// An error where the schema wants programs that know later migrations than this one does.
pub(super) async fn check(connection: &mut <Db as sqlx::Database>::Connection, known: &Migrator) -> Result<(), Error> {
    let from = match sqlx::query_scalar::<Db, String>(COMPATIBLE_FROM)
        .fetch_optional(connection)
        .await
    {
        Ok(from) => from,
        // A database without tables says nothing of itself; whatever else is wrong is met by what comes next.
        Err(sqlx::Error::Database(_)) => None,
        Err(error) => return Err(Error::Open(error)),
    };
    let latest = known.iter().map(|migration| migration.version).max().unwrap_or(0);
    match from.map(|from| from.parse::<i64>()) {
        None => Ok(()),
        Some(Ok(from)) if from <= latest => Ok(()),
        Some(_) => Err(Error::Newer),
    }
}
