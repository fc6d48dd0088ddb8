//! Threads for work that nobody waits for with an open connection.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::sleep;

/// What such a thread is willing to give way by: beside others that have work it gets about a tenth of a processor, and
/// where they have none all of it.
const NICENESS: i32 = 10;
/// So many at a time are done at once: only what comes in crowds gives way. Somebody looks for a single message soon after it
/// was sent, and looks again where it is not there yet.
const AT_ONCE: usize = 8;
/// What has waited so long gives way no more. Without an end to it, a node that has too much to do for an hour would deliver
/// what it accepts an hour later.
const PATIENCE: Duration = Duration::from_secs(10);

type Work = Box<dyn FnOnce() + Send>;
/// Work that two may take, and one does.
type Waiting = Arc<Mutex<Option<Work>>>;

/// As many threads as processors, which give way to all others of the process, and beside them the ordinary ones for what
/// is little and for what has waited too long. They end when this is dropped and what was taken on is done.
#[derive(Debug)]
pub(super) struct Background {
    queue: Sender<Waiting>,
    under_way: AtomicUsize,
    patience: Duration,
    /// As many as processors of what has waited too long.
    impatient: Semaphore,
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
        Self::start_with(PATIENCE)
    }

    fn start_with(patience: Duration) -> io::Result<Self> {
        let (queue, works) = channel::<Waiting>();
        let works = Arc::new(Mutex::new(works));
        let processors = available_parallelism().map_or(1, NonZero::get);
        for _ in 0..processors {
            let works = Arc::clone(&works);
            Builder::new()
                .name("background".to_owned())
                .spawn(move || work_on(&works))?;
        }
        Ok(Self {
            queue,
            under_way: AtomicUsize::new(0),
            patience,
            impatient: Semaphore::new(processors),
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
        let (answer, mut answered) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Who does not wait any more misses nothing.
            let _ = answer.send(work());
        });
        let waiting = Arc::new(Mutex::new(Some(work)));
        self.queue.send(Arc::clone(&waiting)).ok()?;
        let impatient = async {
            sleep(self.patience).await;
            self.impatient.acquire().await
        };
        tokio::select! {
            biased;
            answer = &mut answered => return answer.ok(),
            _permit = impatient => if let Some(work) = take(&waiting) {
                spawn_blocking(work).await.ok()?;
            },
        }
        answered.await.ok()
    }
}

fn take(waiting: &Waiting) -> Option<Work> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn work_on(works: &Mutex<Receiver<Waiting>>) {
    // Of the calling thread alone: so Linux understands it. Where it is refused, the work is done all the same.
    let _ = rustix::process::setpriority_process(None, NICENESS);
    loop {
        let next = works.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(waiting) = next else { return };
        let Some(work) = take(&waiting) else { continue };
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
    async fn who_has_waited_long_gives_way_no_more() {
        let background = Background::start_with(Duration::ZERO).unwrap();
        let own = niceness();
        // The threads that give way have their hands full until all others are done.
        let full = Arc::new(OnceLock::new());
        let works = join_all((0..AT_ONCE * 4).map(|_| {
            let full = Arc::clone(&full);
            background.run(move || {
                if niceness() == NICENESS {
                    full.wait();
                }
                niceness()
            })
        }));
        let busy = available_parallelism().unwrap().get();
        let opening = async {
            while background.under_way.load(Ordering::Relaxed) > busy {
                yield_now().await;
            }
            full.set(()).unwrap();
        };
        let (niceness, ()) = tokio::join!(works, opening);
        assert!(niceness.iter().filter(|n| **n == Some(own)).count() >= AT_ONCE * 4 - busy);
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
