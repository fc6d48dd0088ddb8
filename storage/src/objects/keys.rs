//! The master keys that objects may be under: one to write with, others to read with while one takes another's place.

use isds_core::ids::ObjectId;
use isds_core::ports::StoreResult;

use super::format::ObjectKey;
use super::key::{KEY_ID_LEN, MasterKey};

/// Master keys, of which the current one is written with.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    current: MasterKey,
    others: Vec<MasterKey>,
}

impl From<MasterKey> for MasterKeys {
    fn from(current: MasterKey) -> Self {
        Self::new(current, Vec::new())
    }
}

impl MasterKeys {
    /// A key to write and read with, and others to read with.
    #[must_use]
    pub fn new(current: MasterKey, others: Vec<MasterKey>) -> Self {
        Self { current, others }
    }

    /// The one to write with.
    #[must_use]
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// All of them, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.others)
    }

    pub(super) fn find(&self, id: &[u8; KEY_ID_LEN]) -> Option<&MasterKey> {
        self.all().find(|key| key.id() == *id)
    }

    /// The key that a label or a part of it names.
    pub(super) fn named(&self, id: &str) -> Option<&MasterKey> {
        self.all().find(|key| hex::encode(key.id()) == id)
    }

    /// How the current key is named.
    pub(super) fn current_name(&self) -> String {
        hex::encode(self.current.id())
    }

    /// An identifier that nothing else has, with the data key for it.
    pub(super) fn new_object(&self) -> StoreResult<(ObjectId, ObjectKey)> {
        self.current.new_object()
    }

    /// What a label has to say so that nobody opens the objects without a key that some may be under: what it says, and the
    /// current key. None where a key that it names is not known here.
    pub(super) fn label(&self, said: &str) -> Option<String> {
        let mut names: Vec<&str> = said.split_ascii_whitespace().collect();
        if !names.iter().all(|name| self.named(name).is_some()) {
            return None;
        }
        let current = self.current_name();
        if !names.contains(&current.as_str()) {
            names.push(&current);
        }
        Some(names.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_grows_and_knows_strangers() {
        let key = || MasterKey::generate().unwrap();
        let (first, second, stranger) = (key(), key(), key());
        let name = |key: &MasterKey| MasterKeys::from(key.clone()).current_name();
        let alone = MasterKeys::from(first.clone());
        assert_eq!(alone.label(&name(&first)), Some(name(&first)));
        let both = MasterKeys::new(second.clone(), vec![first.clone()]);
        let grown = both.label(&name(&first)).unwrap();
        assert_eq!(grown, format!("{}\n{}", name(&first), name(&second)));
        assert_eq!(both.label(&grown), Some(grown.clone()));
        assert_eq!(alone.label(&grown), None);
        assert_eq!(both.label(&format!("{grown}\n{}", name(&stranger))), None);
    }
}
