//! Places that all nodes share, as advisory locks of one connection of the node's own.
//!
//! The server gives a place back when the node says so, or when its connection ends: a node that dies keeps nobody out.
//! The connection is opened when a place is first asked for, which a node without busy boxes never does. What is asked
//! meanwhile waits in one line; what was given back goes to the server in one statement before anything is taken, some of it a
//! moment later.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use isds_core::ports::{Place, StoreError, StoreResult};
use openssl::sha::sha256;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::error::store_error;

/// How many places a name may have: the low bits of a lock's number.
const MOST: u32 = 4096;
/// How much is done before the line is looked at again.
const BATCH: usize = 256;
/// How long the server is given. A call waits for it, and is let in where it does not answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// A place that was given back is kept for so long: a busy box soon takes it again, and asks nobody.
const KEPT_FOR: Duration = Duration::from_millis(50);
/// One place in so many may be kept. Of names with fewer places none is, or who calls one node after the other would find
/// the first one's place still taken.
const KEPT_IN: u32 = 4;

/// Session locks are taken again by whoever holds them: what this connection has is passed over. CASE, since the order of
/// conditions is nobody's promise; LIMIT ends the search with the first lock that was had.
const TAKE: &str = "SELECT place FROM generate_series(0::bigint, $2 - 1) AS place \
     WHERE CASE WHEN place = ANY($3) THEN false ELSE pg_try_advisory_lock($1 + place) END LIMIT 1";

const GIVE_BACK: &str = "SELECT pg_advisory_unlock(number) FROM unnest($1::bigint[]) AS number";

/// Where places are asked for.
pub(super) struct Places {
    options: PgConnectOptions,
    line: OnceLock<mpsc::UnboundedSender<Ask>>,
}

enum Ask {
    Take {
        first: i64,
        places: u32,
        answer: oneshot::Sender<StoreResult<Option<Held>>>,
    },
    GiveBack {
        first: i64,
        /// How many the name has.
        places: u32,
        place: i64,
        /// Which connection it was taken over.
        connection: u64,
    },
}

/// A place that is held.
struct Held {
    first: i64,
    places: u32,
    place: i64,
    connection: u64,
    line: mpsc::UnboundedSender<Ask>,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Where nobody keeps the line any more the connection has ended, and the place with it.
        let _ = self.line.send(Ask::GiveBack {
            first: self.first,
            places: self.places,
            place: self.place,
            connection: self.connection,
        });
    }
}

impl Places {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options,
            line: OnceLock::new(),
        }
    }

    pub(super) async fn take(&self, name: &str, places: u32) -> StoreResult<Option<Place>> {
        let line = self.line.get_or_init(|| {
            let (line, asks) = mpsc::unbounded_channel();
            let keeper = Keeper {
                options: self.options.clone(),
                line: line.downgrade(),
                connection: None,
                connections: 0,
                held: HashMap::new(),
                kept: HashMap::new(),
                kept_since: Instant::now(),
            };
            tokio::spawn(keeper.keep(asks));
            line
        });
        let (answer, answered) = oneshot::channel();
        let ask = Ask::Take {
            first: first_number(name),
            places: places.min(MOST),
            answer,
        };
        let gone = || StoreError::Unavailable("nobody keeps the places".into());
        line.send(ask).map_err(|_| gone())?;
        let held = answered.await.map_err(|_| gone())??;
        Ok(held.map(Place::new))
    }
}

/// The number of a name's first place. Two names that share numbers share places; with 52 bits that does not happen.
fn first_number(name: &str) -> i64 {
    let digest = sha256(name.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(bytes) & !i64::from(MOST - 1)
}

struct Keeper {
    options: PgConnectOptions,
    /// Weak: the keeper ends with the last who may ask, or gives back.
    line: mpsc::WeakUnboundedSender<Ask>,
    connection: Option<PgConnection>,
    /// How many were opened; a place of an earlier one is gone.
    connections: u64,
    held: HashMap<i64, BTreeSet<i64>>,
    /// Those among the held ones that nobody uses.
    kept: HashMap<i64, Vec<i64>>,
    kept_since: Instant,
}

impl Keeper {
    async fn keep(mut self, mut asks: mpsc::UnboundedReceiver<Ask>) {
        let mut batch = Vec::new();
        while self.hear(&mut asks, &mut batch).await {
            self.give_back(&batch).await;
            for ask in batch.drain(..) {
                if let Ask::Take { first, places, answer } = ask {
                    // Who waits no longer gave up: the place goes back with the answer.
                    let _ = answer.send(self.take(first, places).await);
                }
            }
        }
    }

    /// Waits for what is asked, and not longer than places are kept; whether anybody may still ask.
    async fn hear(&mut self, asks: &mut mpsc::UnboundedReceiver<Ask>, batch: &mut Vec<Ask>) -> bool {
        let heard = asks.recv_many(batch, BATCH);
        if self.kept.is_empty() {
            self.kept_since = Instant::now();
            return heard.await > 0;
        }
        let left = KEPT_FOR.saturating_sub(self.kept_since.elapsed());
        timeout(left, heard).await.is_ok_and(|count| count > 0) || !asks.is_closed()
    }

    async fn give_back(&mut self, batch: &[Ask]) {
        let mut given = Vec::new();
        for ask in batch {
            if let Ask::GiveBack {
                first,
                places,
                place,
                connection,
            } = ask
                && *connection == self.connections
            {
                let kept = self.kept.entry(*first).or_default();
                if kept.len() < (places / KEPT_IN) as usize {
                    kept.push(*place);
                } else {
                    given.push((*first, *place));
                }
            }
        }
        self.kept.retain(|_, kept| !kept.is_empty());
        if self.kept_since.elapsed() >= KEPT_FOR {
            let kept = self.kept.drain();
            given.extend(kept.flat_map(|(first, kept)| kept.into_iter().map(move |place| (first, place))));
        }
        let mut numbers = Vec::with_capacity(given.len());
        for (first, place) in given {
            numbers.push(first + place);
            if let Some(held) = self.held.get_mut(&first) {
                held.remove(&place);
                if held.is_empty() {
                    self.held.remove(&first);
                }
            }
        }
        let Some(connection) = self.connection.as_mut().filter(|_| !numbers.is_empty()) else {
            return;
        };
        let given = sqlx::query(GIVE_BACK).bind(numbers).execute(connection);
        if !matches!(timeout(PATIENCE, given).await, Ok(Ok(_))) {
            self.forget();
        }
    }

    /// Without its connection nothing is held any more.
    fn forget(&mut self) {
        self.connection = None;
        self.held.clear();
        self.kept.clear();
    }

    async fn take(&mut self, first: i64, places: u32) -> StoreResult<Option<Held>> {
        if let (Some(place), Some(line)) = (self.take_kept(first, places), self.line.upgrade()) {
            return Ok(Some(Held {
                first,
                places,
                place,
                connection: self.connections,
                line,
            }));
        }
        let had_one = self.connection.is_some();
        match self.try_take(first, places).await {
            // The server may have ended it while nobody asked.
            Err(_) if had_one => self.try_take(first, places).await,
            taken => taken,
        }
    }

    fn take_kept(&mut self, first: i64, places: u32) -> Option<i64> {
        let kept = self.kept.get_mut(&first)?;
        let index = kept.iter().position(|place| *place < i64::from(places))?;
        let place = kept.swap_remove(index);
        if kept.is_empty() {
            self.kept.remove(&first);
        }
        Some(place)
    }

    async fn try_take(&mut self, first: i64, places: u32) -> StoreResult<Option<Held>> {
        let taken = match timeout(PATIENCE, self.ask_for(first, places)).await {
            Ok(taken) => taken.map_err(store_error),
            Err(elapsed) => Err(StoreError::Unavailable(Box::new(elapsed))),
        };
        if taken.is_err() {
            self.forget();
        }
        let Some((place, line)) = taken?.zip(self.line.upgrade()) else {
            return Ok(None);
        };
        self.held.entry(first).or_default().insert(place);
        Ok(Some(Held {
            first,
            places,
            place,
            connection: self.connections,
            line,
        }))
    }

    async fn ask_for(&mut self, first: i64, places: u32) -> sqlx::Result<Option<i64>> {
        let own: Vec<i64> = self.held.get(&first).into_iter().flatten().copied().collect();
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let connection = PgConnection::connect_with(&self.options).await?;
                self.connections += 1;
                none.insert(connection)
            }
        };
        sqlx::query_scalar(TAKE)
            .bind(first)
            .bind(i64::from(places))
            .bind(own)
            .fetch_optional(connection)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_numbers_apart() {
        let numbers: BTreeSet<i64> = ["parallel mesta2j", "parallel kraj227", "account mesta2j ", ""]
            .iter()
            .map(|name| first_number(name))
            .collect();
        assert_eq!(numbers.len(), 4);
        assert!(numbers.iter().all(|number| number % i64::from(MOST) == 0));
    }
}
