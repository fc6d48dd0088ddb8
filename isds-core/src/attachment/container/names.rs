//! Names inside a container: what they unpack to, and whether it may be there.

use std::collections::HashMap;

use super::{ContainerKind, Fault, MAX_DEPTH, MAX_ENTRIES, MAX_FILES};
use crate::attachment::{MAX_FILE_NAME, formats, suffix_of};

/// Longest path, in bytes. File systems take about as much; the header's field could take 65 535.
const MAX_PATH: usize = 1024;

/// Where an entry comes to lie when the archive is unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// Folders and the last name, in the bytes of the archive, joined by `/`.
    key: Vec<u8>,
    /// The same to be read by people.
    pub text: String,
    /// How many names it has.
    names: usize,
    pub folder: bool,
}

impl Path {
    /// Reads a name of the archive. A backslash separates as well: old programs for Windows write it, and programs
    /// there unpack it so.
    pub fn parse(raw: &[u8], utf8: bool) -> Result<Self, Fault> {
        let separator = |byte: &u8| matches!(byte, b'/' | b'\\');
        if raw.is_empty() || raw.len() > MAX_PATH {
            return Err(Fault::Broken("a name is missing or too long"));
        }
        if separator(&raw[0]) || matches!(raw, [letter, b':', ..] if letter.is_ascii_alphabetic()) {
            return Err(Fault::Broken("an absolute name"));
        }
        if raw.iter().any(u8::is_ascii_control) || (utf8 && std::str::from_utf8(raw).is_err()) {
            return Err(Fault::Broken("a name that is no text"));
        }
        let folder = raw.last().is_some_and(separator);
        let mut names = Vec::new();
        for name in raw[..raw.len() - usize::from(folder)].split(separator) {
            match name {
                b"." => {}
                b"" | b".." => return Err(Fault::Broken("a name that leads elsewhere")),
                name if String::from_utf8_lossy(name).chars().count() > MAX_FILE_NAME => {
                    return Err(Fault::Broken("a name is missing or too long"));
                }
                name => names.push(name),
            }
        }
        if names.is_empty() && !folder {
            return Err(Fault::Broken("a name that leads elsewhere"));
        }
        let key = names.join(&b'/');
        Ok(Self {
            text: String::from_utf8_lossy(&key).into_owned(),
            key,
            names: names.len(),
            folder,
        })
    }

    /// The rules for one name: how deep it lies, and of files the format. A container of any kind must not lie in
    /// another; office documents are archives as well, but not by these names.
    pub fn check(&self, kind: ContainerKind) -> Result<(), Fault> {
        let folders = self.names - usize::from(!self.folder);
        if folders > MAX_DEPTH {
            return Err(Fault::TooDeep);
        }
        if self.folder || (kind != ContainerKind::Zip && self.belongs_to_asic()) {
            return Ok(());
        }
        match formats::find(&suffix_of(self.last())) {
            None => Err(Fault::Forbidden(self.text.clone())),
            Some(format) if format.container.is_some() => Err(Fault::Nested(self.text.clone())),
            Some(_) => Ok(()),
        }
    }

    /// What the standard of ASiC puts there, whose names are no formats of attachments.
    fn belongs_to_asic(&self) -> bool {
        self.text == "mimetype" || (self.text.starts_with("META-INF/") && suffix_of(self.last()) == "ers")
    }

    fn last(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    fn above(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.key.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        ends.map(|(at, _)| &self.key[..at])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    /// A folder with an entry.
    Folder,
    /// A folder that files need.
    Implied,
}

/// What lies where after unpacking.
#[derive(Debug, Default)]
pub(super) struct Tree {
    places: HashMap<Vec<u8>, Place>,
    pub files: usize,
    pub folders: usize,
}

impl Tree {
    /// Adds an entry, and the folders that it needs.
    pub fn add(&mut self, path: &Path) -> Result<(), Fault> {
        for folder in path.above() {
            match self.places.get(folder) {
                None => {
                    self.places.insert(folder.to_vec(), Place::Implied);
                    self.folders += 1;
                }
                Some(Place::File) => return Err(Fault::Broken("a file where a folder has to be")),
                Some(Place::Folder | Place::Implied) => {}
            }
        }
        let place = if path.folder { Place::Folder } else { Place::File };
        match (self.places.insert(path.key.clone(), place), place) {
            (None, Place::File) => self.files += 1,
            (None, _) => self.folders += 1,
            (Some(Place::Implied), Place::Folder) => {}
            _ => return Err(Fault::Broken("two entries with one name")),
        }
        if self.files > MAX_FILES {
            return Err(Fault::TooManyFiles);
        }
        if self.files + self.folders > MAX_ENTRIES {
            return Err(Fault::TooManyEntries);
        }
        Ok(())
    }
}
