//! Clock, randomness and keys that tests can foresee.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use isds_core::ids::{MessageId, ObjectId};
use isds_core::ports::{
    Archiver, AuthenticDocument, Authenticator, AuthenticityError, ExaminedDocument, FileVerdict, ObjectWriter,
    Objects, RaiseSealError, RaisedDocument, Random, ScanError, Scanner, SealError, SealEvidence, SealFrame, SealStamp,
    Sealer, StoreResult, TimestampAuthority, TimestampError,
};
use isds_core::time::{Clock, Timestamp};

/// A clock that stands until it is moved.
pub struct FixedClock(AtomicI64);

impl FixedClock {
    pub fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.0))
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis * 1_000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn legal(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn real(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// How a scanner behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scanning {
    /// There is none.
    #[default]
    Absent,
    /// It finds [`EVIL`] and nothing else.
    Works,
    /// It cannot be reached.
    OutOfOrder,
    /// It comes to no end with any file, but lives.
    Endless,
    /// Every file is too large for it.
    TooSmall,
    /// It fails on every file, but lives.
    Fails,
    /// It says nothing, ever.
    Silent,
}

/// What [`TestScanner`] finds.
pub const EVIL: &[u8] = "vzor škodlivého kódu".as_bytes();

/// A scanner that behaves as it is told, and remembers what it was given.
#[derive(Default)]
pub struct TestScanner {
    behaviour: Mutex<Scanning>,
    pub seen: Mutex<Vec<Vec<u8>>>,
}

impl TestScanner {
    pub fn behave(&self, behaviour: Scanning) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    fn behaviour(&self) -> Scanning {
        *self.behaviour.lock().unwrap()
    }
}

#[async_trait]
impl Scanner for TestScanner {
    fn is_installed(&self) -> bool {
        self.behaviour() != Scanning::Absent
    }

    async fn scan(&self, content: BoxStream<'static, StoreResult<Bytes>>) -> Result<FileVerdict, ScanError> {
        let pieces: Vec<Bytes> = content.try_collect().await.map_err(ScanError::Content)?;
        let file = pieces.concat();
        let evil = file.windows(EVIL.len()).any(|window| window == EVIL);
        self.seen.lock().unwrap().push(file);
        match self.behaviour() {
            Scanning::Works if evil => Ok(FileVerdict::Found("Vzor.Evil".into())),
            Scanning::Works => Ok(FileVerdict::Clean),
            Scanning::Absent | Scanning::OutOfOrder => Err(ScanError::OutOfOrder("switched off".into())),
            Scanning::Endless => Err(ScanError::TooLong(std::time::Duration::from_secs(240))),
            Scanning::TooSmall => Err(ScanError::TooLarge),
            Scanning::Fails => Err(ScanError::Failed("it says so".into())),
            Scanning::Silent => std::future::pending().await,
        }
    }

    async fn probe(&self) -> Result<(), ScanError> {
        match self.behaviour() {
            Scanning::Absent | Scanning::OutOfOrder => Err(ScanError::OutOfOrder("switched off".into())),
            _ => Ok(()),
        }
    }
}

/// The same numbers each time.
#[derive(Default)]
pub struct SteadyRandom(AtomicU64);

impl Random for SteadyRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let n = self
                .0
                .fetch_add(1, Ordering::SeqCst)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
            *byte = n.to_be_bytes()[0];
        }
    }
}

/// Stamps with the digest itself, unless it is switched off.
#[derive(Default)]
pub struct TestAuthority {
    pub off: AtomicBool,
}

#[async_trait]
impl TimestampAuthority for TestAuthority {
    async fn stamp(&self, sha256: [u8; 32], _now: Timestamp) -> Result<Vec<u8>, TimestampError> {
        if self.off.load(Ordering::SeqCst) {
            return Err(TimestampError("switched off".into()));
        }
        Ok([b"token over ".as_slice(), &sha256].concat())
    }
}

/// Puts recognisable bytes around the content.
pub struct TestSealer(pub Arc<TestAuthority>);

#[async_trait]
impl Sealer for TestSealer {
    async fn seal(&self, _: [u8; 32], length: u64, _: Timestamp, stamp: bool) -> Result<SealFrame, SealError> {
        let stamped = stamp && !self.0.off.load(Ordering::SeqCst);
        Ok(SealFrame {
            prefix: Bytes::from(format!("SEAL {length}\n")),
            suffix: Bytes::from_static(b"\nEND"),
            stamped,
        })
    }
}

/// Believes what [`TestSealer`] made, unless the word 'forged' stands in it.
pub struct TestAuthenticator;

#[async_trait]
impl Authenticator for TestAuthenticator {
    async fn authenticate(&self, mut file: std::fs::File) -> Result<AuthenticDocument, AuthenticityError> {
        use std::io::Seek;
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text)
            .map_err(|error| AuthenticityError::NotSealed(Box::new(error)))?;
        let value = |name: &str| {
            let from = text.find(&format!(":{name}"))?;
            let from = from + text[from..].find('>')? + 1;
            Some(&text[from..from + text[from..].find('<')?]).filter(|value| !value.is_empty())
        };
        if !text.starts_with("SEAL ") {
            return Err(AuthenticityError::NotSealed("no seal".into()));
        }
        if text.contains("forged") {
            return Err(AuthenticityError::DoesNotHold("forged".into()));
        }
        let time = |name: &str| value(name).map(|value| Timestamp::parse(value).unwrap());
        let hash = base64_simd::STANDARD.decode_to_vec(value("dmHash").unwrap()).unwrap();
        Ok(AuthenticDocument {
            id: MessageId(value("dmID").unwrap().parse().unwrap()),
            hash,
            hash_algorithm: "SHA-256".into(),
            status: value("dmMessageStatus").unwrap().parse().unwrap(),
            delivery_time: time("dmDeliveryTime"),
            acceptance_time: time("dmAcceptanceTime"),
        })
    }

    async fn examine(
        &self,
        _document: BoxStream<'static, StoreResult<Bytes>>,
    ) -> Result<isds_core::examination::Examination, AuthenticityError> {
        Err(AuthenticityError::Failed("only pages ask for the whole report".into()))
    }
}

/// Knows the evidence of what [`TestSealer`] made by the last line behind it: `plain`, `basic EXPIRES`,
/// `stamp MADE EXPIRES` or `archive MADE EXPIRES`; a seal without such a line is `basic` and expires in 2040. Adds a line,
/// by an authority whose stamps are good for three years; its clock may be a year behind.
pub struct TestArchiver(pub Arc<TestAuthority>);

impl TestArchiver {
    fn raise(&self, file: &std::fs::File, kind: &str, now: Timestamp) -> Result<RaisedDocument, RaiseSealError> {
        let text = text_of(file).unwrap();
        if self.0.off.load(Ordering::SeqCst) {
            return Err(RaiseSealError::NoTimestamp("switched off".into()));
        }
        if text.contains("unraisable") {
            return Err(RaiseSealError::NotRaisable("unraisable".into()));
        }
        if text.contains("broken") {
            return Err(RaiseSealError::Failed("broken".into()));
        }
        let years_behind = i16::from(text.contains("clock behind"));
        let stamp = SealStamp {
            made: now.plus_years(-years_behind),
            expires: now.plus_years(3),
        };
        let behind = format!("\n{kind} {} {}", stamp.made, stamp.expires);
        Ok(RaisedDocument {
            prefix: Bytes::from_static(b"SE"),
            file: Arc::new(file.try_clone().unwrap()),
            offset: 2,
            length: text.len() as u64 - 2,
            suffix: Bytes::from(behind),
            stamp,
        })
    }
}

fn text_of(file: &std::fs::File) -> std::io::Result<String> {
    use std::io::Seek;
    let mut text = String::new();
    let mut file = file;
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn evidence(text: &str) -> SealEvidence {
    let times =
        |rest: &str| -> Vec<Timestamp> { rest.split(' ').map(|time| Timestamp::parse(time).unwrap()).collect() };
    match text.rsplit('\n').next().and_then(|line| line.split_once(' ')) {
        Some(("plain", _)) => SealEvidence::Plain,
        Some(("basic", rest)) => SealEvidence::Basic {
            expires: times(rest)[0],
        },
        Some((kind @ ("stamp" | "archive"), rest)) => {
            let times = times(rest);
            let stamp = SealStamp {
                made: times[0],
                expires: times[1],
            };
            if kind == "stamp" {
                SealEvidence::Stamped(stamp)
            } else {
                SealEvidence::Archived(stamp)
            }
        }
        _ => SealEvidence::Basic {
            expires: Timestamp::parse("2040-01-01T00:00:00Z").unwrap(),
        },
    }
}

#[async_trait]
impl Archiver for TestArchiver {
    async fn examine(&self, file: Arc<std::fs::File>) -> Result<ExaminedDocument, AuthenticityError> {
        let document = TestAuthenticator.authenticate(file.try_clone().unwrap()).await?;
        let text = text_of(&file).unwrap();
        if text.contains("unreadable") {
            return Err(AuthenticityError::Failed("unreadable".into()));
        }
        Ok(ExaminedDocument {
            document,
            evidence: evidence(&text),
        })
    }

    async fn add_signature_timestamp(
        &self,
        file: Arc<std::fs::File>,
        now: Timestamp,
    ) -> Result<RaisedDocument, RaiseSealError> {
        self.raise(&file, "stamp", now)
    }

    async fn add_archive_timestamp(
        &self,
        file: Arc<std::fs::File>,
        now: Timestamp,
    ) -> Result<RaisedDocument, RaiseSealError> {
        self.raise(&file, "archive", now)
    }

    async fn seal_anew(&self, file: Arc<std::fs::File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError> {
        self.raise(&file, "stamp", now)
    }
}

/// How many large objects were begun, how many of them are still being written, and how many bytes were written into
/// objects of any size.
#[derive(Default)]
pub struct Writers {
    begun: AtomicU64,
    ended: AtomicU64,
    bytes: AtomicU64,
    /// Which of the next reads are held up.
    holds: Mutex<VecDeque<bool>>,
    held: AtomicU64,
    released: AtomicU64,
}

impl Writers {
    /// Which of the next reads are to stand still until they are released, in the order in which they stopped.
    pub fn hold(&self, reads: &[bool]) {
        self.holds.lock().unwrap().extend(reads);
    }

    /// How many reads have been held up so far.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::SeqCst)
    }

    /// Lets the next of the reads that stand still go on.
    pub fn release(&self) {
        self.released.fetch_add(1, Ordering::SeqCst);
    }

    async fn pass(&self) {
        if !self.holds.lock().unwrap().pop_front().unwrap_or(false) {
            return;
        }
        let place = self.held.fetch_add(1, Ordering::SeqCst);
        while self.released.load(Ordering::SeqCst) <= place {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::SeqCst)
    }

    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::SeqCst)
    }

    pub fn open(&self) -> u64 {
        self.begun() - self.ended.load(Ordering::SeqCst)
    }

    /// Polls until `done`; what is waited for happens in another task, which tells nobody.
    pub async fn wait_until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..400 {
            if done(self) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("waited in vain until {what}");
    }
}

/// The real object storage, with the large objects counted that are being written.
pub struct CountedObjects {
    pub inner: Arc<dyn Objects>,
    pub writers: Arc<Writers>,
}

#[async_trait]
impl Objects for CountedObjects {
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId> {
        self.writers.bytes.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        self.inner.put(bytes).await
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        let inner = self.inner.create().await?;
        self.writers.begun.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(CountedWriter {
            inner,
            open: Open(Arc::clone(&self.writers)),
        }))
    }

    async fn read(
        &self,
        id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        self.writers.pass().await;
        self.inner.read(id, offset, length).await
    }

    async fn delete(&self, id: &ObjectId) -> StoreResult<()> {
        self.inner.delete(id).await
    }

    async fn clear(&self) -> StoreResult<()> {
        self.inner.clear().await
    }
}

struct CountedWriter {
    inner: Box<dyn ObjectWriter>,
    open: Open,
}

/// Counts an end however it comes.
struct Open(Arc<Writers>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl ObjectWriter for CountedWriter {
    async fn write(&mut self, bytes: &[u8]) -> StoreResult<()> {
        self.open.0.bytes.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        self.inner.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> StoreResult<(ObjectId, u64)> {
        let Self { inner, open } = *self;
        let finished = inner.finish().await;
        drop(open);
        finished
    }

    async fn abort(self: Box<Self>) -> StoreResult<()> {
        let Self { inner, open } = *self;
        let aborted = inner.abort().await;
        drop(open);
        aborted
    }
}
