//! A steady load: offices that send through either node, people that download, and callers that hang up in the middle.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use e2e::harness::clamd::EVIL;
use e2e::persona::{CallError, DEMO_PASSWORD, Letter, Persona};
use e2e::sealed;

const SENDERS: usize = 3;
const READERS: usize = 2;
/// How many letters are accepted after one before it is read.
const NEWER: usize = 6;

/// What the callers know of their letters.
#[derive(Debug, Default)]
pub struct Known {
    /// Number by subject.
    pub accepted: BTreeMap<String, String>,
    /// Sent whole and answered by an error, or not at all: it may have been accepted.
    pub unknown: BTreeSet<String>,
    /// Of those accepted, the ones with bad content.
    pub bad: BTreeSet<String>,
    /// Sent only in part.
    pub cut: BTreeSet<String>,
    /// Sealed messages that were downloaded whole.
    pub downloads: usize,
    /// Calls that were answered by an error, or not at all.
    pub failures: usize,
}

impl Known {
    /// Takes over what another knows.
    pub fn extend(&mut self, other: Known) {
        self.accepted.extend(other.accepted);
        self.unknown.extend(other.unknown);
        self.bad.extend(other.bad);
        self.cut.extend(other.cut);
        self.downloads += other.downloads;
        self.failures += other.failures;
    }
}

/// The load under way: asked about and stopped by the one who breaks things.
pub struct Load<'a> {
    nodes: &'a [SocketAddr],
    name: String,
    over: AtomicBool,
    resting: AtomicBool,
    attempts: AtomicUsize,
    successes: AtomicUsize,
    news: (Mutex<Vec<String>>, Condvar),
}

impl<'a> Load<'a> {
    /// One whose subjects begin with `name`.
    pub fn new(nodes: &'a [SocketAddr], name: String) -> Self {
        Self {
            nodes,
            name,
            over: AtomicBool::new(false),
            resting: AtomicBool::new(false),
            attempts: AtomicUsize::new(0),
            successes: AtomicUsize::new(0),
            news: (Mutex::new(Vec::new()), Condvar::new()),
        }
    }

    /// Runs while `meanwhile` does; what all callers know at the end.
    pub fn during(&self, meanwhile: impl FnOnce()) -> Known {
        thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|number| scope.spawn(move || self.unless_it_fails(|| self.send(number))))
                .collect();
            let readers: Vec<_> = (0..READERS)
                .map(|number| scope.spawn(move || self.unless_it_fails(|| self.read(number))))
                .collect();
            let quitter = scope.spawn(|| self.unless_it_fails(|| self.hang_up()));
            let stopping = Stopping(self);
            meanwhile();
            drop(stopping);
            let mut known = Known::default();
            for caller in senders.into_iter().chain(readers).chain([quitter]) {
                match caller.join() {
                    Ok(part) => known.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            known
        })
    }

    /// Waits until so many more letters were accepted. False where that takes longer than a minute.
    pub fn wait_for_accepted(&self, more: usize) -> bool {
        self.wait(&self.successes, more)
    }

    /// Waits until so many more letters were sent, however that ended. False where that takes longer than a minute.
    pub fn wait_for_attempts(&self, more: usize) -> bool {
        self.wait(&self.attempts, more)
    }

    fn wait(&self, counter: &AtomicUsize, more: usize) -> bool {
        let goal = counter.load(Ordering::SeqCst) + more;
        let guard = self.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_guard, waited) = self
            .news
            .1
            .wait_timeout_while(guard, Duration::from_secs(60), |_| {
                counter.load(Ordering::SeqCst) < goal && !self.over.load(Ordering::SeqCst)
            })
            .unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out() && !self.over.load(Ordering::SeqCst)
    }

    /// Nobody sends meanwhile; what was sent is still being worked on.
    pub fn while_senders_rest(&self, work: impl FnOnce()) {
        self.resting.store(true, Ordering::SeqCst);
        work();
        self.resting.store(false, Ordering::SeqCst);
        let _guard = self.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.news.1.notify_all();
    }

    fn rest(&self) {
        let guard = self.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        let resting = |_: &mut Vec<String>| self.resting.load(Ordering::SeqCst) && !self.over.load(Ordering::SeqCst);
        drop(self.news.1.wait_while(guard, resting));
    }

    /// A caller that has failed ends the load: whoever waits for letters would wait for nothing.
    fn unless_it_fails(&self, calls: impl FnOnce() -> Known) -> Known {
        let stopping = Stopping(self);
        let known = calls();
        std::mem::forget(stopping);
        known
    }

    fn send(&self, number: usize) -> Known {
        let mut offices: Vec<Persona> = self.nodes.iter().map(|node| Persona::new(*node, "mesto01")).collect();
        let mut known = Known::default();
        for turn in 0.. {
            self.rest();
            if self.over.load(Ordering::SeqCst) {
                break;
            }
            let (letter, bad) = self.letter(number, turn);
            let subject = letter.subject.clone();
            // To one node after the other, as a balancer would; a letter is never sent twice.
            let office = (number + turn) % offices.len();
            match offices[office].send(&letter) {
                Ok(id) => {
                    if bad {
                        known.bad.insert(subject.clone());
                    }
                    self.successes.fetch_add(1, Ordering::SeqCst);
                    self.news
                        .0
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(id.clone());
                    known.accepted.insert(subject, id);
                }
                Err(error) => {
                    assert!(may_happen(&error), "{subject}: {error:?}");
                    known.unknown.insert(subject);
                    known.failures += 1;
                }
            }
            self.attempts.fetch_add(1, Ordering::SeqCst);
            self.news.1.notify_all();
        }
        known
    }

    fn letter(&self, number: usize, turn: usize) -> (Letter, bool) {
        let mut letter = Letter::new("nvak22s", &format!("{}-{number}-{turn}", self.name));
        let bad = turn % 9 == 4;
        match turn % 6 {
            // Large enough for attachments in objects of their own, and for several parts of an upload.
            1 => letter = letter.of_size(400_000),
            3 => letter = letter.of_size(6_000_000 / (1 + turn % 4)),
            _ => {}
        }
        if bad {
            letter.files.push(("priloha.txt".to_owned(), EVIL.as_bytes().to_vec()));
        }
        (letter, bad)
    }

    /// Downloads what was accepted a moment ago. What comes must be whole, whatever breaks meanwhile.
    fn read(&self, number: usize) -> Known {
        let mut offices: Vec<Persona> = self.nodes.iter().map(|node| Persona::new(*node, "mesto01")).collect();
        let mut known = Known::default();
        for turn in 0.. {
            let Some(id) = self.next_to_read() else { break };
            let office = (number + turn) % offices.len();
            match whole(&mut offices[office], &id) {
                Ok(()) => known.downloads += 1,
                Err(error) if is_as_it_should_be(&error) => {}
                Err(error) => {
                    assert!(may_happen(&error), "{id}: {error:?}");
                    known.failures += 1;
                }
            }
        }
        known
    }

    /// The oldest that nobody has read, once some newer ones were accepted: by then it has its timestamp, as a rule.
    fn next_to_read(&self) -> Option<String> {
        let accepted = self.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut accepted, _) = self
            .news
            .1
            .wait_timeout_while(accepted, Duration::from_secs(60), |accepted| {
                accepted.len() <= NEWER && !self.over.load(Ordering::SeqCst)
            })
            .unwrap_or_else(PoisonError::into_inner);
        (accepted.len() > NEWER && !self.over.load(Ordering::SeqCst)).then(|| accepted.remove(0))
    }

    /// Hangs up in the middle of requests and before answers. Of a request that was cut nothing may remain; one whose
    /// answer nobody read may have been carried out, once.
    fn hang_up(&self) -> Known {
        let mut known = Known::default();
        for turn in 0.. {
            self.rest();
            if self.over.load(Ordering::SeqCst) {
                break;
            }
            let subject = format!("{}-cut-{turn}", self.name);
            let request = request(&Letter::new("nvak22s", &subject).of_size(30_000 * (turn % 4)));
            let node = self.nodes[turn % self.nodes.len()];
            let sent = if turn % 2 == 0 {
                request.len()
            } else {
                request.len() * (turn % 7) / 7
            };
            // A node that is down refuses the connection, which is all the same here.
            let _ = send_and_leave(node, &request[..sent], turn % 4 < 2);
            if sent == request.len() {
                known.unknown.insert(subject);
            } else {
                known.cut.insert(subject);
            }
            let before = self.attempts.load(Ordering::SeqCst);
            let guard = self.news.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Not faster than the load itself.
            let _ = self.news.1.wait_timeout_while(guard, Duration::from_secs(1), |_| {
                self.attempts.load(Ordering::SeqCst) < before + 4 && !self.over.load(Ordering::SeqCst)
            });
        }
        known
    }
}

/// Ends the load when it is dropped, also by a panic: each of the threads waits for the others.
struct Stopping<'a, 'b>(&'a Load<'b>);

impl Drop for Stopping<'_, '_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
        let _guard = self.0.news.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.news.1.notify_all();
    }
}

fn request(letter: &Letter) -> Vec<u8> {
    use base64::Engine;
    let body = letter.to_soap();
    let credentials = base64::prelude::BASE64_STANDARD.encode(format!("mesto01:{DEMO_PASSWORD}"));
    let mut request = format!(
        "POST /DS/dz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {credentials}\r\nContent-Type: text/xml\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(&body);
    request
}

fn send_and_leave(node: SocketAddr, bytes: &[u8], read_a_little: bool) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&node, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_millis(50)))?;
    stream.write_all(bytes)?;
    if read_a_little {
        let mut some = [0; 8];
        // Whatever came of the answer, if anything did.
        let _ = stream.read(&mut some);
    }
    stream.shutdown(Shutdown::Both)
}

/// What a caller may be told while something is broken: no answer or half of one, that a part of the system is out of
/// order (with a reference: 9000 where the call got as far as its operation, else a fault of the server), or that it is too busy (503).
fn may_happen(error: &CallError) -> bool {
    match error {
        CallError::NoAnswer(_) => true,
        CallError::Http(500, text) => text.contains("Server</faultcode>"),
        CallError::Http(status, _) => *status == 503,
        CallError::Refused { code, .. } => code == "9000",
        CallError::Lacks(_) => false,
    }
}

/// The system does what it should: the message's own timestamp (1229) or that of the seal (0005) waits for the authority,
/// or it was found to hold malware (1219).
fn is_as_it_should_be(error: &CallError) -> bool {
    matches!(error.code(), Some("1229" | "0005" | "1219"))
}

/// The sealed message holds `dmDm` whole: its bytes hash to what VerifyMessage answers.
pub fn whole(office: &mut Persona, id: &str) -> Result<(), CallError> {
    let answer = office.of_message("/DS/dx", "VerifyMessage", id)?;
    let stored = e2e::persona::first_text(&answer, "dmHash algorithm=\"SHA-256\">")
        .ok_or(CallError::Lacks("dmHash"))?
        .to_owned();
    let sealed = office.download_signed_sent(id)?;
    assert_eq!(sealed::dm_dm_hash(&sealed), stored, "message {id}");
    Ok(())
}
