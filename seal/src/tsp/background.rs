//! Threads for work that nobody waits for with an open connection.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism};

use tokio::sync::oneshot;
use tokio::task::{spawn_blocking, yield_now};

/// What such a thread is willing to give way by: beside others that have work it gets about a tenth of a processor, and
/// where they have none all of it.
const NICENESS: i32 = 10;
/// So many at a time are done at once: only what comes in crowds gives way. Somebody looks for a single message soon after it
/// was sent, and looks again where it is not there yet.
const AT_ONCE: usize = 8;

type Work = Box<dyn FnOnce() + Send>;

/// As many threads as processors, which give way to all others of the process, and before them the ordinary ones for what
/// is little. They end when this is dropped and what was taken on is done.
#[derive(Debug)]
pub(super) struct Background {
    queue: Sender<Work>,
    under_way: AtomicUsize,
}

/// One that is under way, until it is dropped.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Background {
    pub(super) fn start() -> io::Result<Self> {
        let (queue, works) = channel::<Work>();
        let works = Arc::new(Mutex::new(works));
        for _ in 0..available_parallelism().map_or(1, NonZero::get) {
            let works = Arc::clone(&works);
            Builder::new()
                .name("background".to_owned())
                .spawn(move || work_on(&works))?;
        }
        Ok(Self {
            queue,
            under_way: AtomicUsize::new(0),
        })
    }

    /// Has `work` done; none where it could not be, since it panicked or the process ends.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let _until_done = UnderWay(&self.under_way);
        // A crowd comes in one turn of the runtime: its first ones are to see the others.
        yield_now().await;
        if self.under_way.load(Ordering::Relaxed) <= AT_ONCE {
            return spawn_blocking(work).await.ok();
        }
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move || {
            // Who does not wait any more misses nothing.
            let _ = answer.send(work());
        });
        self.queue.send(work).ok()?;
        answered.await.ok()
    }
}

fn work_on(works: &Mutex<Receiver<Work>>) {
    // Of the calling thread alone: so Linux understands it. Where it is refused, the work is done all the same.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    loop {
        let next = works.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // One that panics takes neither the thread nor others with it; who waits for it is told by the channel.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use futures::future::join_all;

    use super::*;

    fn niceness() -> i32 {
        rustix::process::getpriority_process(None).unwrap()
    }

    #[tokio::test]
    async fn crowds_give_way_and_few_do_not() {
        let background = Background::start().unwrap();
        let own = niceness();
        assert!(own < NICENESS);
        let together = async |count| {
            // None is done before all were taken on.
            let all_came = Arc::new(OnceLock::new());
            let works = join_all((0..count).map(|_| {
                let all_came = Arc::clone(&all_came);
                background.run(move || {
                    all_came.wait();
                    niceness()
                })
            }));
            let opening = async {
                yield_now().await;
                yield_now().await;
                all_came.set(()).unwrap();
            };
            tokio::join!(works, opening).0
        };
        assert_eq!(together(AT_ONCE).await, vec![Some(own); AT_ONCE]);
        assert_eq!(together(AT_ONCE + 1).await, vec![Some(NICENESS); AT_ONCE + 1]);
        assert_eq!(background.run(niceness).await, Some(own), "after the crowd");
    }

    #[tokio::test]
    async fn one_that_panics_is_told_of_and_others_go_on() {
        let background = Background::start().unwrap();
        let bad = || background.run(|| -> () { panic!("a bad one") });
        for _ in 0..3 {
            let panicked = join_all((0..AT_ONCE * 2).map(|_| bad())).await;
            assert_eq!(panicked, vec![None; AT_ONCE * 2]);
        }
        assert_eq!(background.run(|| 7).await, Some(7));
    }
}
