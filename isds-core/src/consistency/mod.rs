//! Whether database and object storage belong together: every message is whole, every object is one that somebody needs.
//!
//! It is examined beside a running system, which goes on accepting and releasing messages, in two walks. The first goes
//! through the messages by their numbers, reads each and compares its hash; the second goes through the objects there are.
//! Nothing is told of what changed in between: whatever looks wrong is looked at once more, database first.

mod named_objects;

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use sha3::Sha3_256;

use crate::error::Failure;
use crate::ids::{MessageId, ObjectId};
use crate::message::Content;
use crate::ports::{Found, ObjectUpkeep, Objects, Referrer, Store, StoreError, StoredObject};
use crate::splice::Splice;
use crate::time::Timestamp;
use named_objects::{Named, NamedObjects, TRUSTED};

/// Rows of a page.
const PAGE: u64 = 200;
/// How far the clock that says when an object was written may be from that of the nodes.
const SKEW_SECONDS: i64 = 60;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A message's object is gone.
    ContentMissing(MessageId, ObjectId),
    /// A message's object cannot be read as it was written.
    ContentDamaged(MessageId, ObjectId),
    /// The bytes of a message are not those that were hashed when it was accepted.
    HashDiffers(MessageId),
    /// An object is gone that something besides messages names.
    ObjectMissing(ObjectId, Referrer),
    /// An object that is needed cannot be read as it was written.
    ObjectDamaged(ObjectId),
    /// Nothing names an object: number of its bytes where it can be told, when it was written, whether it was removed.
    Orphan(ObjectId, Option<u64>, Timestamp, bool),
    /// Nothing names an object, and it was to be removed; but it was written when, by the account of this database, no node
    /// ran: a database that was put back to an earlier state forgot what names it. Number of its bytes, when it was written.
    OrphanOfAnUnknownTime(ObjectId, Option<u64>, Timestamp),
    /// What is left of an object that was never finished; whether it was removed.
    Leftover(String, Timestamp, bool),
}

/// How far the examination has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Messages read.
    pub messages: u64,
    /// Number of the last one.
    pub last: Option<MessageId>,
    /// Objects seen in the second walk.
    pub objects: u64,
    /// Parts of the objects seen, of 256.
    pub parts: u32,
}

/// Who is told.
pub trait Observer: Send {
    /// Something is wrong.
    fn found(&mut self, finding: &Finding);

    /// It went on.
    fn went_on(&mut self, progress: &Progress);
}

/// What is to be examined.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Messages with smaller numbers were examined before: they are not read again.
    pub from: MessageId,
    /// Objects written after this time are left alone: what names them may not be there yet.
    pub young_since: Timestamp,
    /// Removes objects that nothing names, and what is left of others.
    pub remove_orphans: bool,
    /// Removes those as well that were written when no node ran by the account of this database, which was never put back
    /// to an earlier state.
    pub never_restored: bool,
}

/// Examines everything; answers how many things are wrong that were not put right.
///
/// # Errors
/// Failures of the database and of the object storage: what cannot be asked is neither good nor bad.
pub async fn examine(
    store: &dyn Store,
    objects: &Arc<dyn ObjectUpkeep>,
    scope: Scope,
    scratch: File,
    observer: &mut dyn Observer,
) -> Result<u64, Failure> {
    let mut examination = Examination {
        store,
        reader: Arc::clone(objects) as Arc<dyn Objects>,
        objects,
        scope,
        named: NamedObjects::new(scratch),
        observer,
        progress: Progress::default(),
        wrong: 0,
    };
    examination.walk_messages().await?;
    examination.gather_other_names().await?;
    for part in 0..=u8::MAX {
        examination.walk_part(part).await?;
    }
    Ok(examination.wrong)
}

struct Examination<'a> {
    store: &'a dyn Store,
    reader: Arc<dyn Objects>,
    objects: &'a Arc<dyn ObjectUpkeep>,
    scope: Scope,
    named: NamedObjects,
    observer: &'a mut dyn Observer,
    progress: Progress,
    wrong: u64,
}

/// What became of reading something.
enum Outcome {
    Good,
    Missing(ObjectId),
    Damaged(ObjectId),
    HashDiffers,
}

impl Examination<'_> {
    fn tell(&mut self, finding: &Finding) {
        if !matches!(finding, Finding::Orphan(.., true) | Finding::Leftover(.., true)) {
            self.wrong += 1;
        }
        self.observer.found(finding);
    }

    fn note(&mut self, id: &ObjectId, named: Named) -> Result<(), Failure> {
        let noted = self.named.add(id, named);
        noted
            .map(drop)
            .map_err(|error| Failure::Broken("the notes of the examination cannot be kept", Box::new(error)))
    }

    async fn walk_messages(&mut self) -> Result<(), Failure> {
        let mut after = MessageId(0);
        loop {
            let page = self.store.list_contents(after, PAGE).await?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            for (id, content) in &page {
                if *id < self.scope.from {
                    for object in objects_of(content).keys() {
                        self.note(object, TRUSTED)?;
                    }
                } else {
                    self.examine_message(*id, content).await?;
                }
            }
        }
    }

    async fn examine_message(&mut self, id: MessageId, content: &Content) -> Result<(), Failure> {
        let read = match self.read_content(content).await? {
            Outcome::Good => true,
            // Its content may have been released while it was read: then the row says so.
            _ => match self.store.list_contents(MessageId(id.0 - 1), 1).await?.pop() {
                Some((again, now)) if again == id && now.segments == content.segments => {
                    let outcome = self.read_content(&now).await?;
                    let finding = match outcome {
                        Outcome::Good => None,
                        Outcome::Missing(object) => Some(Finding::ContentMissing(id, object)),
                        Outcome::Damaged(object) => Some(Finding::ContentDamaged(id, object)),
                        Outcome::HashDiffers => Some(Finding::HashDiffers(id)),
                    };
                    if let Some(finding) = &finding {
                        self.tell(finding);
                    }
                    finding.is_none()
                }
                _ => false,
            },
        };
        for (object, length) in objects_of(content) {
            // What is wrong with the objects of a message that is not whole was told with the message.
            let named = if read {
                Named {
                    read: length,
                    unseen: false,
                }
            } else {
                TRUSTED
            };
            self.note(&object, named)?;
        }
        self.progress.messages += 1;
        self.progress.last = Some(id);
        self.observer.went_on(&self.progress);
        Ok(())
    }

    async fn read_content(&self, content: &Content) -> Result<Outcome, Failure> {
        if content.segments.is_empty() {
            return Ok(Outcome::Good);
        }
        let (mut sha256, mut sha3_256) = (Sha256::new(), Sha3_256::new());
        let splice = Splice::default().then_segments(&content.segments);
        let mut bytes = splice.stream(Arc::clone(&self.reader));
        loop {
            match bytes.try_next().await {
                Ok(Some(piece)) => {
                    sha256.update(&piece);
                    sha3_256.update(&piece);
                }
                Ok(None) => break,
                Err(StoreError::MissingObject(object)) => return Ok(Outcome::Missing(object)),
                Err(StoreError::DamagedObject(object)) => return Ok(Outcome::Damaged(object)),
                Err(error) => return Err(error.into()),
            }
        }
        let same = sha256.finalize()[..] == content.sha256 && sha3_256.finalize()[..] == content.sha3_256;
        Ok(if same { Outcome::Good } else { Outcome::HashDiffers })
    }

    /// After the messages: an upload that a message takes meanwhile keeps its own row as long as it is needed.
    async fn gather_other_names(&mut self) -> Result<(), Failure> {
        for by in Referrer::ALL {
            let mut after = ObjectId(String::new());
            loop {
                let page = self.store.list_referred_objects(by, &after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = last.clone();
                for object in &page {
                    let named = match by {
                        Referrer::Freed => TRUSTED,
                        // A count says how many need an object; these say themselves that there is one.
                        Referrer::Count => Named { read: 0, unseen: false },
                        _ => Named { read: 0, unseen: true },
                    };
                    self.note(object, named)?;
                }
            }
        }
        Ok(())
    }

    async fn walk_part(&mut self, part: u8) -> Result<(), Failure> {
        let named = self.named.part(part);
        let mut named =
            named.map_err(|error| Failure::Broken("the notes of the examination cannot be read", Box::new(error)))?;
        let mut found = self.objects.list_part(part).await?;
        while let Some(one) = found.try_next().await? {
            match one {
                Found::Object(object) => match named.get_mut(&object.id.0) {
                    Some(known) => {
                        known.unseen = false;
                        if known.read != u64::MAX && object.length != Some(known.read) {
                            self.examine_object(&object).await?;
                        }
                    }
                    None if object.written < self.scope.young_since => self.judge_orphan(object).await?,
                    None => {}
                },
                Found::Leftover { name, written } if written < self.scope.young_since => {
                    if self.scope.remove_orphans {
                        self.objects.remove_leftover(&name).await?;
                    }
                    self.tell(&Finding::Leftover(name, written, self.scope.remove_orphans));
                }
                Found::Leftover { .. } => {}
            }
            self.progress.objects += 1;
            self.observer.went_on(&self.progress);
        }
        for (id, _) in named.into_iter().filter(|(_, named)| named.unseen) {
            self.judge_absence(ObjectId(id)).await?;
        }
        self.progress.parts += 1;
        self.observer.went_on(&self.progress);
        Ok(())
    }

    /// Reads an object from end to end.
    async fn read_object(&self, id: &ObjectId, length: Option<u64>) -> Result<Outcome, Failure> {
        let Some(length) = length else {
            return Ok(Outcome::Damaged(id.clone()));
        };
        let read = async {
            let mut pieces = self.reader.read(id, 0, length).await?;
            while pieces.try_next().await?.is_some() {}
            Ok(())
        };
        match read.await {
            Ok(()) => Ok(Outcome::Good),
            Err(StoreError::MissingObject(object)) => Ok(Outcome::Missing(object)),
            Err(StoreError::DamagedObject(object)) => Ok(Outcome::Damaged(object)),
            Err(error) => Err(error.into()),
        }
    }

    /// An object that no message reads whole.
    async fn examine_object(&mut self, object: &StoredObject) -> Result<(), Failure> {
        if let Outcome::Damaged(_) = self.read_object(&object.id, object.length).await? {
            self.tell(&Finding::ObjectDamaged(object.id.clone()));
        }
        Ok(())
    }

    async fn judge_orphan(&mut self, object: StoredObject) -> Result<(), Failure> {
        // Released since the messages were walked, or removed since it was listed.
        if self.named_by(&object.id).await?.is_some() {
            return Ok(());
        }
        if let Outcome::Missing(_) = self.read_object(&object.id, Some(0)).await? {
            return Ok(());
        }
        let StoredObject { id, length, written } = object;
        if self.scope.remove_orphans {
            if !self.may_be_removed(written).await? {
                self.tell(&Finding::OrphanOfAnUnknownTime(id, length, written));
                return Ok(());
            }
            self.objects.delete(&id).await?;
        }
        self.tell(&Finding::Orphan(id, length, written, self.scope.remove_orphans));
        Ok(())
    }

    /// What was written while a node ran that this database knows of, this database would name. What was written at
    /// another time may be named by what it forgot when it was put back to an earlier state.
    async fn may_be_removed(&self, written: Timestamp) -> Result<bool, Failure> {
        if self.scope.never_restored {
            return Ok(true);
        }
        if self
            .store
            .rewritten_until()
            .await?
            .is_some_and(|until| written <= until)
        {
            return Ok(false);
        }
        let (from, until) = (written.plus_seconds(-SKEW_SECONDS), written.plus_seconds(SKEW_SECONDS));
        Ok(self.store.lived(from, until).await?)
    }

    async fn judge_absence(&mut self, id: ObjectId) -> Result<(), Failure> {
        let by = match self.named_by(&id).await? {
            Some(by) if by != Referrer::Freed => by,
            _ => return Ok(()),
        };
        if let Outcome::Missing(_) = self.read_object(&id, Some(0)).await? {
            self.tell(&Finding::ObjectMissing(id, by));
        }
        Ok(())
    }

    /// Who besides messages names an object just now; that it is needed no longer goes before all others.
    async fn named_by(&self, id: &ObjectId) -> Result<Option<Referrer>, Failure> {
        // No more than sixteen identifiers differ in their last digit alone.
        let before = ObjectId(id.0[..id.0.len().saturating_sub(1)].to_owned());
        let mut named_by = None;
        for by in Referrer::ALL {
            let next = self.store.list_referred_objects(by, &before, 16).await?;
            if next.contains(id) && (named_by.is_none() || by == Referrer::Freed) {
                named_by = Some(by);
            }
        }
        Ok(named_by)
    }
}

/// The objects of a message, with how many of its bytes the message reads, from the first on and without a gap.
fn objects_of(content: &Content) -> BTreeMap<ObjectId, u64> {
    let mut read: BTreeMap<ObjectId, u64> = BTreeMap::new();
    let attached = content
        .large
        .iter()
        .flatten()
        .filter_map(|attachment| attachment.content.as_ref());
    for (object, _) in attached {
        read.entry(object.clone()).or_default();
    }
    for segment in &content.segments {
        let (offset, length) = segment.range();
        let read = read.entry(segment.object().clone()).or_default();
        if offset <= *read {
            *read = (*read).max(offset.saturating_add(length));
        }
    }
    read
}
