//! More evidence for sealed documents ([`isds_core::ports::Archiver`]).

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use isds_core::ports::{
    Archiver, AuthenticityError, ExaminedDocument, RaiseSealError, RaisedDocument, SealEvidence, SealStamp,
};
use isds_core::time::Timestamp;
use tokio::task::spawn_blocking;

use crate::archive::{RaiseError, SealedDocument};
use crate::cades::Frame;
use crate::sealing;
use crate::tsp::StampRequest;
use crate::verify::{Found, Imprint, Level, TimestampRefusal, verify_sealed, verify_token};

use super::{DocumentJudge, SystemSeal};

/// Octets asked of a file at once.
const BUFFER: usize = 256 * 1024;

/// Judges documents as [`DocumentJudge`] does, and stamps as [`SystemSeal`] does.
pub struct SystemArchiver {
    judge: Arc<DocumentJudge>,
    seal: Arc<SystemSeal>,
}

impl SystemArchiver {
    /// Of the parts that a system has anyway.
    pub fn new(judge: Arc<DocumentJudge>, seal: Arc<SystemSeal>) -> Self {
        Self { judge, seal }
    }

    async fn stamp(&self, imprint: [u8; 32], now: Timestamp) -> Result<Vec<u8>, RaiseSealError> {
        let request = StampRequest {
            imprint,
            time: now.0,
            random: self.seal.fresh(),
        };
        match self.seal.authority.stamp(request).await {
            Ok(token) => Ok(token.der),
            Err(error) => Err(RaiseSealError::NoTimestamp(Box::new(error))),
        }
    }
}

/// A file from its beginning, with a position of its own: several may read at once.
struct Cursor {
    file: Arc<File>,
    position: u64,
}

impl Read for Cursor {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(out, self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

fn from_beginning(file: &Arc<File>) -> BufReader<Cursor> {
    let cursor = Cursor {
        file: Arc::clone(file),
        position: 0,
    };
    BufReader::with_capacity(BUFFER, cursor)
}

/// A document that was read for being raised, and where its content lies in one piece.
struct Opened {
    document: SealedDocument,
    file: Arc<File>,
    start: u64,
}

impl Opened {
    async fn read(file: Arc<File>) -> Result<Self, RaiseSealError> {
        let opened = spawn_blocking(move || Self::read_now(file));
        opened.await.map_err(|error| RaiseSealError::Failed(error.into()))?
    }

    /// Where BER cut the content into pieces, it is joined in another file without a name.
    fn read_now(file: Arc<File>) -> Result<Self, RaiseSealError> {
        let document = SealedDocument::read(from_beginning(&file), |_| Ok(())).map_err(not_raisable)?;
        if let Some(start) = document.content_start() {
            return Ok(Self { document, file, start });
        }
        let joined = tempfile::tempfile().map_err(failed)?;
        let mut writer = BufWriter::with_capacity(BUFFER, joined);
        let document = SealedDocument::read(from_beginning(&file), |slice| Ok(writer.write_all(slice)?));
        let document = document.map_err(not_raisable)?;
        let joined = writer.into_inner().map_err(failed)?;
        Ok(Self {
            document,
            file: Arc::new(joined),
            start: 0,
        })
    }

    fn raised(self, frame: Frame, stamp: SealStamp) -> RaisedDocument {
        RaisedDocument {
            prefix: Bytes::from(frame.prefix),
            file: self.file,
            offset: self.start,
            length: self.document.content().length,
            suffix: Bytes::from(frame.suffix),
            stamp,
        }
    }
}

fn failed(error: impl Error + Send + Sync + 'static) -> RaiseSealError {
    RaiseSealError::Failed(Box::new(error))
}

fn not_raisable(error: RaiseError) -> RaiseSealError {
    match error {
        RaiseError::OpenSsl(_) => failed(error),
        RaiseError::Token(_) => RaiseSealError::NoTimestamp(Box::new(error)),
        RaiseError::Unreadable(crate::parse::ParseError::Io(_) | crate::parse::ParseError::Sink(_)) => failed(error),
        _ => RaiseSealError::NotRaisable(Box::new(error)),
    }
}

/// What the token says; it is checked once more, since it is evidence from now on.
fn stamp_of(token: &[u8], imprint: &[u8; 32]) -> Result<SealStamp, TimestampRefusal> {
    let facts = verify_token(token, Imprint::Sha256(imprint))?;
    Ok(SealStamp {
        made: Timestamp(facts.gen_time),
        expires: Timestamp(facts.expires),
    })
}

fn bad_token(error: TimestampRefusal) -> RaiseSealError {
    RaiseSealError::NoTimestamp(Box::new(error))
}

#[async_trait]
impl Archiver for SystemArchiver {
    async fn examine(&self, file: Arc<File>) -> Result<ExaminedDocument, AuthenticityError> {
        let trust = Arc::clone(&self.judge.trust);
        let examined = spawn_blocking(move || verify_sealed(from_beginning(&file), Some(&trust)));
        let verification = examined
            .await
            .map_err(|error| AuthenticityError::Failed(error.into()))?;
        let evidence = evidence(&verification.found);
        let document = self.judge.own_document(verification)?;
        // A document that holds has a seal.
        let evidence = evidence.ok_or_else(|| AuthenticityError::NotSealed("no seal".into()))?;
        Ok(ExaminedDocument { document, evidence })
    }

    async fn add_signature_timestamp(&self, file: Arc<File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError> {
        let opened = Opened::read(file).await?;
        let imprint = opened.document.signature_imprint().map_err(not_raisable)?;
        let token = self.stamp(imprint, now).await?;
        let stamp = stamp_of(&token, &imprint).map_err(bad_token)?;
        let frame = opened.document.with_signature_timestamp(&token).map_err(not_raisable)?;
        Ok(opened.raised(frame, stamp))
    }

    async fn add_archive_timestamp(&self, file: Arc<File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError> {
        let opened = Opened::read(file).await?;
        let wish = opened.document.archive_stamp_wish().map_err(not_raisable)?;
        let imprint = wish.imprint();
        let token = self.stamp(imprint, now).await?;
        let stamp = stamp_of(&token, &imprint).map_err(bad_token)?;
        let frame = opened
            .document
            .with_archive_timestamp(&wish, &token)
            .map_err(not_raisable)?;
        Ok(opened.raised(frame, stamp))
    }

    async fn seal_anew(&self, file: Arc<File>, now: Timestamp) -> Result<RaisedDocument, RaiseSealError> {
        let opened = Opened::read(file).await?;
        let content = opened.document.content();
        let (key, authority) = (Arc::clone(&self.seal.key), &self.seal.authority);
        let sealed = sealing::seal(key, content, now.0, Some(authority), self.seal.fresh())
            .await
            .map_err(failed)?;
        if let Some(error) = sealed.not_stamped {
            return Err(RaiseSealError::NoTimestamp(Box::new(error)));
        }
        let stamp = sealed
            .stamp
            .ok_or_else(|| RaiseSealError::Failed("a seal without its timestamp".into()))?;
        let stamp = stamp_of(&stamp.token, &stamp.imprint).map_err(bad_token)?;
        Ok(opened.raised(sealed.frame, stamp))
    }
}

fn evidence(found: &Found) -> Option<SealEvidence> {
    let newest = |stamps: &[crate::verify::FoundTimestamp]| {
        let newest = stamps.iter().max_by_key(|stamp| stamp.gen_time)?;
        Some(SealStamp {
            made: newest.gen_time,
            expires: newest.expires,
        })
    };
    match found.level()? {
        Level::Plain => Some(SealEvidence::Plain),
        Level::Basic => {
            let expires = found.seal.as_ref()?.expires?;
            Some(SealEvidence::Basic { expires })
        }
        Level::Stamped => newest(&found.signature_timestamps).map(SealEvidence::Stamped),
        Level::Archived => newest(&found.archive_timestamps).map(SealEvidence::Archived),
    }
}
