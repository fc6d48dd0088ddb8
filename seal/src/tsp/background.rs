//! Threads for work that nobody waits for with an open connection.

use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism};

use tokio::sync::oneshot;

/// What such a thread is willing to give way by: beside others that have work it gets about a tenth of a processor, and
/// where they have none all of it.
const NICENESS: i32 = 10;

type Work = Box<dyn FnOnce() + Send>;

/// As many threads as processors, which give way to all others of the process. They end when this is dropped and what was
/// taken on is done.
#[derive(Debug)]
pub(super) struct Background {
    queue: Sender<Work>,
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
        Ok(Self { queue })
    }

    /// Has `work` done; none where it could not be, since it panicked or the process ends.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
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
    use super::*;

    fn niceness() -> i32 {
        rustix::process::getpriority_process(None).unwrap()
    }

    #[tokio::test]
    async fn work_is_done_by_threads_that_give_way() {
        let background = Background::start().unwrap();
        assert_eq!(background.run(niceness).await, Some(NICENESS));
        assert!(niceness() < NICENESS, "and by nobody else");
    }

    #[tokio::test]
    async fn one_that_panics_is_told_of_and_others_go_on() {
        let background = Background::start().unwrap();
        for _ in 0..20 {
            let panicked: Option<()> = background.run(|| panic!("a bad one")).await;
            assert_eq!(panicked, None);
        }
        assert_eq!(background.run(|| 7).await, Some(7));
    }
}
