//! Closed-loop clients.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{CLIENTS, Outcome};

/// Runs `client` in a loop on every one of the clients for `time`; each return is one operation done. Operations per
/// second. The first error ends it.
///
/// # Errors
/// The first error of a client.
pub fn closed_loop<C: Send>(
    clients: &mut [C],
    time: Duration,
    operation: impl Fn(&mut C, u64) -> Result<(), String> + Sync,
) -> Outcome<f64> {
    let done = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let begin = Instant::now();
    let failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                let (done, stop, operation) = (&done, &stop, &operation);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) && begin.elapsed() < time {
                        let turn = done.load(Ordering::Relaxed);
                        if let Err(error) = operation(client, turn) {
                            stop.store(true, Ordering::Relaxed);
                            return Some(error);
                        }
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    None
                })
            })
            .collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().unwrap_or_else(|_| Some("a client panicked".to_owned())))
            .collect()
    });
    match failures.first() {
        Some(error) => Err(error.clone().into()),
        None => Ok(to_f64(done.into_inner()) / begin.elapsed().as_secs_f64()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
fn to_f64(count: u64) -> f64 {
    count as f64
}

/// One client for each place.
pub fn clients<C>(make: impl FnMut(usize) -> C) -> Vec<C> {
    (0..CLIENTS).map(make).collect()
}
