//! Closed-loop clients.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{CLIENTS, Outcome};

/// Runs `operation` in a loop on every one of the clients for `time`; each return is one operation done. Operations per
/// second. The first error ends it.
///
/// # Errors
/// The first error of a client.
pub fn closed_loop<C: Send>(
    clients: &mut [C],
    time: Duration,
    operation: impl Fn(&mut C, u64) -> Result<(), String> + Sync,
) -> Outcome<f64> {
    let (count, took) = counted(clients, time, operation)?;
    Ok(to_f64(count) / took.as_secs_f64())
}

/// The same; answers how many there were and how long that took.
///
/// # Errors
/// The first error of a client.
pub fn counted<C: Send>(
    clients: &mut [C],
    time: Duration,
    operation: impl Fn(&mut C, u64) -> Result<(), String> + Sync,
) -> Outcome<(u64, Duration)> {
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
        None => Ok((done.into_inner(), begin.elapsed())),
    }
}

/// A count to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
pub fn to_f64(count: u64) -> f64 {
    count as f64
}

/// One client for each place.
pub fn clients<C>(make: impl FnMut(usize) -> C) -> Vec<C> {
    (0..CLIENTS).map(make).collect()
}

/// Milliseconds that each of `count` operations took, one after another. What an operation answers is checked behind
/// its time.
///
/// # Errors
/// The first error.
pub fn times<A>(
    count: usize,
    mut operation: impl FnMut(usize) -> Result<A, String>,
    check: impl Fn(usize, A) -> Result<(), String>,
) -> Outcome<Vec<f64>> {
    let mut times = Vec::with_capacity(count);
    for turn in 0..count {
        let begun = Instant::now();
        let answer = operation(turn)?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        check(turn, answer)?;
    }
    Ok(times)
}
