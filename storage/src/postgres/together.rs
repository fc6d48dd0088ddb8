//! Calls that come while one of their kind is under way go to the database together, in the next statement: under load
//! a round trip, its two wake-ups and a commit are shared by many, and a call that is alone waits for nobody.
//!
//! What a call asks is asked after it came, so it sees whatever was committed before, as if it had gone alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use isds_core::ports::{StoreError, StoreResult};
use tokio::sync::oneshot;
use tokio::task::yield_now;

/// Most calls that one statement carries.
const MOST: usize = 128;

type Answer<V> = oneshot::Sender<StoreResult<V>>;

/// Calls of one kind: each brings a `K` and gets a `V`.
pub(super) struct Together<K, V> {
    gate: Arc<Mutex<Gate<K, V>>>,
}

struct Gate<K, V> {
    waiting: VecDeque<(K, Answer<V>)>,
    is_under_way: bool,
}

impl<K, V> Default for Together<K, V> {
    fn default() -> Self {
        Self {
            gate: Arc::new(Mutex::new(Gate {
                waiting: VecDeque::new(),
                is_under_way: false,
            })),
        }
    }
}

impl<K: Send + 'static, V: Send + 'static> Together<K, V> {
    /// Has `carry` answer the key, alone or with others; it answers each key at its place. It goes on when the caller
    /// does not wait any more, since others may.
    pub(super) async fn ask<Carried>(
        &self,
        key: K,
        carry: impl Fn(Vec<K>) -> Carried + Send + 'static,
    ) -> StoreResult<V>
    where
        Carried: Future<Output = Vec<StoreResult<V>>> + Send,
    {
        let (answer, answered) = oneshot::channel();
        if enter(&self.gate, key, answer) {
            let mut turns = Turns {
                gate: Arc::clone(&self.gate),
                ended: false,
            };
            tokio::spawn(async move {
                loop {
                    // Whoever is ready to ask asks first: under load one statement then carries several more.
                    yield_now().await;
                    let Some((keys, answers)) = turns.next() else { break };
                    let values = carry(keys).await;
                    for (answer, value) in answers.into_iter().zip(values) {
                        // Whoever does not wait any more misses nothing.
                        let _ = answer.send(value);
                    }
                }
            });
        }
        answered.await.unwrap_or_else(|_| {
            let broken = "a statement for many was broken off";
            Err(StoreError::Unavailable(broken.into()))
        })
    }
}

/// Whether nobody is under way, so that the caller is to be.
fn enter<K, V>(gate: &Mutex<Gate<K, V>>, key: K, answer: Answer<V>) -> bool {
    let mut gate = lock(gate);
    gate.waiting.push_back((key, answer));
    !std::mem::replace(&mut gate.is_under_way, true)
}

fn lock<K, V>(gate: &Mutex<Gate<K, V>>) -> MutexGuard<'_, Gate<K, V>> {
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes what waits, turn by turn.
struct Turns<K, V> {
    gate: Arc<Mutex<Gate<K, V>>>,
    /// Nobody waited: from then on another may be under way.
    ended: bool,
}

impl<K, V> Turns<K, V> {
    fn next(&mut self) -> Option<(Vec<K>, Vec<Answer<V>>)> {
        let mut gate = lock(&self.gate);
        if gate.waiting.is_empty() {
            gate.is_under_way = false;
            self.ended = true;
            return None;
        }
        let many = gate.waiting.len().min(MOST);
        Some(gate.waiting.drain(..many).unzip())
    }
}

impl<K, V> Drop for Turns<K, V> {
    /// Broken off: whoever waits is told so, and the next one begins anew.
    fn drop(&mut self) {
        if !self.ended {
            let mut gate = lock(&self.gate);
            gate.is_under_way = false;
            gate.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// A database that answers when it is let, and counts how often it was asked.
    #[derive(Default)]
    struct Slow {
        together: Together<u32, u32>,
        asked: Arc<AtomicUsize>,
    }

    impl Slow {
        async fn ask(&self, key: u32, let_go: &Arc<Semaphore>) -> StoreResult<u32> {
            let (asked, let_go) = (Arc::clone(&self.asked), Arc::clone(let_go));
            let carry = move |keys: Vec<u32>| {
                let (asked, let_go) = (Arc::clone(&asked), Arc::clone(&let_go));
                async move {
                    asked.fetch_add(1, Ordering::SeqCst);
                    let_go.acquire().await.unwrap().forget();
                    assert!(!keys.contains(&13), "an unlucky number");
                    keys.into_iter().map(|key| Ok(key * 2)).collect()
                }
            };
            self.together.ask(key, carry).await
        }
    }

    #[tokio::test]
    async fn who_comes_while_one_is_under_way_goes_with_the_next() {
        let (slow, let_go) = (Slow::default(), Arc::new(Semaphore::new(0)));
        let all = async { tokio::join!(slow.ask(1, &let_go), slow.ask(2, &let_go), slow.ask(3, &let_go)) };
        let letting = async {
            // All three wait before the first is let go.
            for _ in 0..10 {
                yield_now().await;
            }
            let_go.add_permits(9);
        };
        let ((one, two, three), ()) = tokio::join!(all, letting);
        assert_eq!([one.unwrap(), two.unwrap(), three.unwrap()], [2, 4, 6]);
        assert!(slow.asked.load(Ordering::SeqCst) <= 2);
        assert_eq!(slow.ask(4, &let_go).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn one_that_is_broken_off_holds_nobody_up() {
        let (slow, let_go) = (Slow::default(), Arc::new(Semaphore::new(9)));
        let (bad, good) = tokio::join!(slow.ask(13, &let_go), slow.ask(1, &let_go));
        assert!(matches!(bad, Err(StoreError::Unavailable(_))));
        assert!(matches!(good, Err(StoreError::Unavailable(_)) | Ok(2)));
        assert_eq!(slow.ask(2, &let_go).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn a_caller_who_leaves_takes_nobody_along() {
        let (slow, let_go) = (Slow::default(), Arc::new(Semaphore::new(0)));
        let gone = tokio::select! {
            answer = slow.ask(1, &let_go) => Some(answer),
            () = yield_now() => None,
        };
        assert!(gone.is_none());
        let_go.add_permits(9);
        assert_eq!(slow.ask(2, &let_go).await.unwrap(), 4);
    }
}
