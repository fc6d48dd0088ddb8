//! One PostgreSQL database for one test, dropped when the test is done with it.

use std::{
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::postgres::{VERSIONS, newest_binaries, run};
use crate::{Error, PrivateCluster, Result};

/// Says on which engine tests run that can run on both: nothing or `sqlite`; `postgres` for a cluster of the process'
/// own; the URL of a database in a cluster that runs already, which spares every process the start of one.
pub const ENGINE: &str = "ISDS_TEST_DATABASE";

/// Where demos of tests keep their objects that name no place: nothing for a folder of their own, or the address of a
/// folder in a bucket, `s3://BUCKET/FOLDER?…`, below which each gets one.
pub const OBJECTS: &str = "ISDS_TEST_OBJECTS";

/// A place for the objects of one demo, where [`OBJECTS`] asks for one.
pub fn objects_from_environment() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let bucket = std::env::var(OBJECTS).ok()?;
    let (folder, parameters) = bucket.split_once('?').unwrap_or((&bucket, ""));
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Some(format!("{folder}/{}-{number}?{parameters}", process::id()))
}

/// An empty database under a name of its own.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    name: String,
    /// A database of the same cluster, from which this one is made and dropped.
    cluster: String,
    psql: PathBuf,
}

impl TestDatabase {
    /// A new database, where [`ENGINE`] asks for PostgreSQL.
    ///
    /// # Errors
    /// [`Error::Engine`] for any other word in it, and those of [`PrivateCluster::start`].
    pub fn from_environment() -> Result<Option<Self>> {
        let engine = std::env::var(ENGINE).unwrap_or_default();
        match engine.as_str() {
            "" | "sqlite" => Ok(None),
            "postgres" => {
                let cluster = PrivateCluster::shared().map_err(|error| Error::Shared(error.to_string()))?;
                Self::create(&cluster.url("postgres")).map(Some)
            }
            url if url.starts_with("postgres://") => Self::create(url).map(Some),
            _ => Err(Error::Engine(engine)),
        }
    }

    /// A new database in the cluster of the database at `cluster`, `postgres://…/NAME?…`.
    ///
    /// # Errors
    /// [`Error::Tool`] with the server's answer.
    pub fn create(cluster: &str) -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (server, rest) = cluster
            .rsplit_once('/')
            .ok_or_else(|| Error::Engine(cluster.to_owned()))?;
        let parameters = rest.find('?').map_or("", |at| &rest[at..]);
        let database = Self {
            url: format!("{server}/{name}{parameters}"),
            name,
            cluster: cluster.to_owned(),
            psql: newest_binaries(Path::new(VERSIONS))?.join("psql"),
        };
        database.execute(&format!("CREATE DATABASE \"{}\"", database.name))?;
        Ok(database)
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn execute(&self, sql: &str) -> Result<()> {
        let mut psql = Command::new(&self.psql);
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
            .arg(format!("--dbname={}", self.cluster))
            .arg(format!("--command={sql}"));
        run(psql).map(drop)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // By force: the connections of the system under test may still be open. A cluster that is gone has taken the
        // database with it.
        let _ = self.execute(&format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name));
    }
}
