//! Whose the stores are: a demo touches only what is empty, or what it marked as its own.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use isds_core::error::Failure;
use isds_core::ports::{Random, Store};
use storage::objects::Place;

/// Name of the file that holds a demo's identity in its own folder, and of the label where its objects lie.
const FILE: &str = "demo-id";
/// Hexadecimal digits of an identity.
const DIGITS: usize = 16;

/// Identity of a demo, which is that of its folder: two demos never reset each other.
#[derive(Clone)]
pub struct Mark(String);

impl Mark {
    /// The identity of the demo in `data`, made with its first start.
    ///
    /// # Errors
    /// Where the file that holds it can be neither read nor written.
    pub fn of_folder(data: &Path, random: &dyn Random) -> io::Result<Self> {
        if let Some(id) = read(data)? {
            return Ok(Self(id));
        }
        let mut bytes = [0; DIGITS / 2];
        random.fill(&mut bytes);
        let mark = Self(format!("{:016x}", u64::from_be_bytes(bytes)));
        mark.write(data)?;
        Ok(mark)
    }

    /// Written whole or not at all: half an identity would make the demo refuse its own stores.
    fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let new = folder.join(format!("{FILE}.new"));
        let mut file = File::create(&new)?;
        file.write_all(self.0.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, folder.join(FILE))?;
        File::open(folder)?.sync_all()
    }

    /// Of a database that is filled.
    pub fn filled(&self) -> String {
        format!("demo {}", self.0)
    }

    /// Of a database that is just being filled: a start that finds this begins anew.
    pub fn filling(&self) -> String {
        format!("demo {}, being filled", self.0)
    }

    /// Takes possession of database and objects, where each is this demo's own or empty.
    ///
    /// # Errors
    /// Failures of the stores. False where one of them belongs to somebody else.
    pub async fn claim(&self, store: &dyn Store, objects: &Place) -> Result<bool, Failure> {
        let failed = |error| Failure::Broken("the place of the objects cannot be examined", Box::new(error));
        let marked = objects.label(FILE).await.map_err(failed)?;
        let objects_are_free = marked.is_none() && objects.is_empty().await.map_err(failed)?;
        if !objects_are_free && marked.as_ref() != Some(&self.0) {
            return Ok(false);
        }
        let ours = |mark: &str| mark == self.filled() || mark == self.filling();
        match store.mark().await? {
            Some(mark) if !ours(&mark) => return Ok(false),
            None if !store.is_empty().await? => return Ok(false),
            _ => {}
        }
        // Two demos may have found the same place empty; the mark that stands decides.
        if objects_are_free && objects.claim_label(FILE, &self.0).await.map_err(failed)?.as_ref() != Some(&self.0) {
            return Ok(false);
        }
        // And the same database.
        Ok(ours(&store.claim_mark(&self.filling()).await?))
    }
}

fn read(folder: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(FILE)) {
        Ok(id) if id.len() == DIGITS && id.bytes().all(|digit| digit.is_ascii_hexdigit()) => Ok(Some(id)),
        Ok(_) => Err(io::Error::new(
            ErrorKind::InvalidData,
            "the identity of a demo has sixteen digits",
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
