//! Files about all boxes: made when one is asked for and the last is too old, kept as an object, answered from there.

use std::io;

use tokio::sync::Mutex;

use crate::error::{Chain, Failure};
use crate::message::Segment;
use crate::ports::{DataFile, ListedBox, ListedBoxes, ObjectWriter};
use crate::splice::Splice;
use crate::time::Timestamp;

use super::Isds;

/// How many boxes are read at once.
const PAGE: u64 = 500;
/// How many bytes are gathered before they are written.
const PIECE: usize = 256 * 1024;

/// One file is made at a time: whoever asks meanwhile waits and finds it made. Another node may make the same file,
/// which does no harm: the later one stays.
static MAKING: Mutex<()> = Mutex::const_new(());

/// How a file about boxes is written. `wire` implements it: the domain knows neither CSV nor ZIP nor XML.
pub trait DataFileForm: Send {
    /// Adds a box.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn add(&mut self, listed: &ListedBox) -> io::Result<()>;

    /// Takes the bytes that are ready.
    fn take(&mut self) -> Vec<u8>;

    /// Ends the file; returns the bytes that are left.
    ///
    /// # Errors
    /// Where it cannot be written.
    fn finish(self: Box<Self>) -> io::Result<Vec<u8>>;
}

/// Which file, and which boxes stand in it.
pub(super) struct Wanted<'a> {
    pub kind: &'a str,
    pub boxes: ListedBoxes,
    pub fits: &'a (dyn Fn(&ListedBox) -> bool + Sync),
    /// Whether a file made at that legal time still serves.
    pub serves: &'a (dyn Fn(Timestamp) -> bool + Sync),
}

impl Isds {
    /// The file as an object, made anew where the last one does not serve any longer.
    pub(super) async fn data_file(&self, wanted: Wanted<'_>, form: Box<dyn DataFileForm>) -> Result<DataFile, Failure> {
        if let Some(file) = self.serving(&wanted).await? {
            return Ok(file);
        }
        let _turn = MAKING.lock().await;
        if let Some(file) = self.serving(&wanted).await? {
            return Ok(file);
        }
        let made = self.clock.legal();
        let mut writer = self.objects.create().await?;
        if let Err(failure) = self.write_boxes(&wanted, form, &mut *writer).await {
            // Why there is no file matters more than why its beginning stays behind.
            if let Err(error) = writer.abort().await {
                tracing::warn!(error = %Chain(&error), "the beginning of a data file cannot be removed");
            }
            return Err(failure);
        }
        let (object, length) = writer.finish().await?;
        let file = DataFile { object, length, made };
        if let Some(former) = self.store.replace_data_file(wanted.kind, &file).await? {
            // What is left behind costs space and nothing else.
            if let Err(error) = self.objects.delete(&former).await {
                tracing::warn!(object = %former, error = %Chain(&error), "an old data file cannot be removed");
            }
        }
        Ok(file)
    }

    async fn serving(&self, wanted: &Wanted<'_>) -> Result<Option<DataFile>, Failure> {
        let file = self.store.lookup_data_file(wanted.kind).await?;
        Ok(file.filter(|file| (wanted.serves)(file.made)))
    }

    async fn write_boxes(
        &self,
        wanted: &Wanted<'_>,
        mut form: Box<dyn DataFileForm>,
        writer: &mut dyn ObjectWriter,
    ) -> Result<(), Failure> {
        let unwritten = |error| Failure::Broken("a data file cannot be written", Box::new(error));
        let mut piece = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.list_boxes(wanted.boxes, after, PAGE).await?;
            if page.last.is_none() {
                break;
            }
            after = page.last;
            for listed in page.boxes.iter().filter(|listed| (wanted.fits)(listed)) {
                form.add(listed).map_err(unwritten)?;
            }
            piece.append(&mut form.take());
            if piece.len() >= PIECE {
                writer.write(&piece).await?;
                piece.clear();
            }
        }
        piece.append(&mut form.finish().map_err(unwritten)?);
        Ok(writer.write(&piece).await?)
    }
}

/// The whole file as a document.
pub(super) fn document(file: &DataFile) -> Splice {
    Splice::default().then_segments(&[Segment::Literal {
        object: file.object.clone(),
        offset: 0,
        length: file.length,
    }])
}
