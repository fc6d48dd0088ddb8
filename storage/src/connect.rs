//! Which engine an address means.

use std::sync::Arc;

use isds_core::ports::Store;

use crate::{Error, postgres, sqlite};

/// Opens the database at `sqlite:PATH` or `postgres://…`, makes it where SQLite finds none, and brings its schema up to
/// date. Several processes may do so at once.
///
/// # Errors
/// [`Error`] where the address is wrong, the database cannot be reached, or its schema is newer than this program.
pub async fn connect(url: &str) -> Result<Arc<dyn Store>, Error> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return Ok(Arc::new(sqlite::SqlStore::open(path).await?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(postgres::SqlStore::open(url).await?));
    }
    Err(Error::Url("the address of a database is sqlite:PATH or postgres://…"))
}
