//! Places that are shared: an SQLite file belongs to one process, so they lie in its memory, by the file.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use isds_core::ports::{Place, StoreResult};

/// Names, and which of their places are taken.
type Taken = Mutex<HashMap<String, BTreeSet<u32>>>;

/// The places of every file that is open.
static FILES: LazyLock<Mutex<HashMap<PathBuf, Weak<Taken>>>> = LazyLock::new(Mutex::default);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where places are asked for.
pub(super) struct Places(Arc<Taken>);

impl Places {
    /// Those of the file at `path`, which is there.
    pub(super) fn of(path: &Path) -> Self {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut files = locked(&FILES);
        files.retain(|_, taken| taken.strong_count() > 0);
        if let Some(taken) = files.get(&path).and_then(Weak::upgrade) {
            return Self(taken);
        }
        let taken = Arc::default();
        files.insert(path, Arc::downgrade(&taken));
        Self(taken)
    }

    #[expect(clippy::unused_async, reason = "the other engine asks its server")]
    pub(super) async fn take(&self, name: &str, places: u32) -> StoreResult<Option<Place>> {
        let mut taken = locked(&self.0);
        let held = taken.entry(name.to_owned()).or_default();
        let Some(place) = (0..places).find(|place| !held.contains(place)) else {
            return Ok(None);
        };
        held.insert(place);
        Ok(Some(Place::new(Held {
            taken: Arc::clone(&self.0),
            name: name.to_owned(),
            place,
        })))
    }
}

struct Held {
    taken: Arc<Taken>,
    name: String,
    place: u32,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = locked(&self.taken);
        if let Some(held) = taken.get_mut(&self.name) {
            held.remove(&self.place);
            if held.is_empty() {
                taken.remove(&self.name);
            }
        }
    }
}
