//! Systems of several sizes: as many boxes as messages. They are filled once and kept in the target folder, one database
//! for each in one cluster, until the schema changes or their messages grow old.

mod boxes;
mod fill;
mod huge_pages;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use e2e::persona::Persona;
use harness::PrivateCluster;
use isds_core::search::ANALYSIS_VERSION;

use crate::world::{World, box_id};
use crate::{Outcome, settled, sizes};

pub use boxes::Query;
use huge_pages::HugePages;

/// What the filling makes; grows when it makes something else.
const FORM: u32 = 1;
/// Messages of each box that has some.
pub const PER_BOX: usize = 1000;
/// How old what is kept may be: retention would begin to erase it.
const OLDEST: Duration = Duration::from_secs(45 * 86_400);
/// A system with so many messages and boxes, running.
pub struct Town {
    /// How many.
    pub size: usize,
    /// The system.
    pub world: World,
}

impl Town {
    /// How many of its boxes have messages.
    pub fn busy_boxes(&self) -> usize {
        busy_boxes(self.size)
    }

    /// Somebody of the `index`-th box that has messages, of those to which somebody has access.
    pub fn resident(&self, index: usize) -> Persona {
        let with_access = self.busy_boxes().min(crate::CLIENTS);
        Persona::new(self.world.address(), &format!("town{:02}", index % with_access))
    }

    /// When the last change befell a message that its first box sent.
    ///
    /// # Errors
    /// Where the database cannot be asked.
    pub fn last_change(&self) -> Outcome<jiff::Timestamp> {
        let sender = box_id(boxes::LETTER, 0)?;
        let last = self.world.cluster().execute(
            self.world.database(),
            &format!("SELECT MAX(time) FROM message_state_changes WHERE sender_box = '{sender}'"),
        )?;
        Ok(jiff::Timestamp::from_microsecond(last.trim().parse()?)?)
    }

    /// What is searched for in the `turn`-th search.
    pub fn query(&self, turn: usize) -> Query {
        Query::of(self.size, turn)
    }
}

/// How many boxes of a town have messages.
fn busy_boxes(size: usize) -> usize {
    (size / PER_BOX).max(1)
}

/// Towns from the smallest to the largest. The smaller ones are copies of what is kept, made anew for every run, so that
/// what a run adds does not make them grow; the largest one hardly does.
pub struct Towns {
    /// The towns.
    pub all: Vec<Town>,
    // Behind the towns, which work in them.
    _copies: Vec<Folder>,
    _pages: Option<HugePages>,
    _lock: File,
}

impl Towns {
    /// Fills what is not there yet, and starts all.
    ///
    /// # Errors
    /// Where something cannot be made or started.
    pub fn open() -> Outcome<Self> {
        let folder = kept_folder()?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock()
            .map_err(|_| "another bench works with the data that are kept")?;
        let cluster_folder = folder.join("cluster");
        fs::create_dir_all(&cluster_folder)?;
        let pages = HugePages::keep(folder.join("huge-pages-before"))?;
        if pages.is_none() {
            eprintln!("  the machine keeps no huge pages for PostgreSQL: large systems cost more");
        }
        let cluster = Arc::new(PrivateCluster::start_kept(&cluster_folder)?);
        let sizes = sizes::towns();
        let largest = sizes.iter().copied().max().unwrap_or(0);
        let (mut all, mut copies) = (Vec::new(), Vec::new());
        for size in sizes {
            let kept = Kept::new(&folder, size);
            if !kept.is_good(&cluster) {
                eprintln!("  filling a system of {size} messages and boxes; it is kept");
                fill::fill(&cluster, &kept)?;
                kept.mark()?;
            }
            let world = if size == largest {
                World::open(Arc::clone(&cluster), &kept.database, Some(&kept.folder))?
            } else {
                let copy = kept.copy(&cluster)?;
                copies.push(Folder(copy.folder.clone()));
                settled::wait(&copy.folder.join("data/objects"))?;
                World::open(Arc::clone(&cluster), &copy.database, Some(&copy.folder))?
            };
            all.push(Town { size, world });
        }
        for town in &all {
            warm(&cluster, town)?;
        }
        Ok(Self {
            all,
            _copies: copies,
            _pages: pages,
            _lock: lock,
        })
    }

    /// The smallest and the largest one.
    ///
    /// # Errors
    /// Where there are none.
    pub fn ends(&self) -> Outcome<[&Town; 2]> {
        match &self.all[..] {
            [first, .., last] => Ok([first, last]),
            _ => Err("two sizes are needed".into()),
        }
    }
}

/// A folder that goes when this does, so that the next run does not begin with removing it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            eprintln!("  {} stays: {error}", self.0.display());
        }
    }
}

/// A database and a folder with everything else.
struct Kept {
    size: usize,
    database: String,
    folder: PathBuf,
}

impl Kept {
    fn new(folder: &Path, size: usize) -> Self {
        Self {
            size,
            database: format!("town_{size}"),
            folder: folder.join(format!("town-{size}")),
        }
    }

    fn marker(&self) -> PathBuf {
        self.folder.with_extension("complete")
    }

    /// Filled to the end, not too long ago, and not grown by a tenth since.
    fn is_good(&self, cluster: &PrivateCluster) -> bool {
        let made = fs::metadata(self.marker()).and_then(|marker| marker.modified());
        let young = made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age < OLDEST));
        let count = || {
            let last = cluster.execute(&self.database, "SELECT MAX(dm_id) - MIN(dm_id) FROM messages");
            last.ok()?.trim().parse::<usize>().ok()
        };
        young && count().is_some_and(|count| count < self.size + self.size / 10 + 10 * PER_BOX)
    }

    fn mark(&self) -> Outcome<()> {
        Ok(fs::write(self.marker(), "")?)
    }

    /// Empties it, down to a new database.
    fn begin(&self, cluster: &PrivateCluster) -> Outcome<()> {
        remove(&self.marker())?;
        self.drop_all(cluster)?;
        fs::create_dir_all(&self.folder)?;
        cluster.create_database(&self.database)?;
        Ok(())
    }

    fn drop_all(&self, cluster: &PrivateCluster) -> Outcome<()> {
        cluster.execute(
            "postgres",
            &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database),
        )?;
        remove(&self.folder)
    }

    fn copy(&self, cluster: &PrivateCluster) -> Outcome<Self> {
        let copy = Self {
            size: self.size,
            database: format!("run_{}", self.size),
            folder: self.folder.with_file_name(format!("run-{}", self.size)),
        };
        copy.drop_all(cluster)?;
        cluster.execute(
            "postgres",
            &format!("CREATE DATABASE {} TEMPLATE {}", copy.database, self.database),
        )?;
        copy_folder(&self.folder, &copy.folder)?;
        Ok(copy)
    }
}

/// Reads the tables that are asked into the memory of the machine, as they are where people work all day.
fn warm(cluster: &PrivateCluster, town: &Town) -> Outcome<()> {
    let database = town.world.database();
    cluster.execute(database, "CREATE EXTENSION IF NOT EXISTS pg_prewarm")?;
    cluster.execute(
        database,
        "SELECT SUM(pg_prewarm(oid::regclass, 'read')) FROM pg_class WHERE relkind IN ('r', 'i') \
         AND relnamespace = 'public'::regnamespace AND relname ~ '^(messages|message_|boxes|box_)'",
    )?;
    Ok(())
}

/// The folder of the target folder where data of this form and schema are kept; those of others are removed.
fn kept_folder() -> Outcome<PathBuf> {
    let binary = std::env::current_exe()?;
    let target = binary.ancestors().nth(2).ok_or("there is no target folder")?;
    let all = target.join("bench-data");
    let name = format!("schema-{}-analysis-{ANALYSIS_VERSION}-form-{FORM}", schema()?);
    let folder = all.join(&name);
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(&all)? {
        let entry = entry?;
        if entry.file_name() != name.as_str() {
            remove(&entry.path())?;
        }
    }
    Ok(folder)
}

/// Number of the last migration. The bench runs in the root of the workspace.
fn schema() -> Outcome<String> {
    let mut names: Vec<String> = fs::read_dir("migrations/postgres")
        .map_err(|error| format!("the migrations cannot be read (the bench runs in the workspace's root): {error}"))?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let last = names.last().and_then(|name| name.split('_').next());
    Ok(last.ok_or("there are no migrations")?.to_owned())
}

fn remove(path: &Path) -> Outcome<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    let output = std::process::Command::new("cp").arg("-a").arg(from).arg(to).output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}
