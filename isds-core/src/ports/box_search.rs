//! The search for boxes by words and numbers (ISDSSearch3, public list of holders).

use async_trait::async_trait;

use super::StoreResult;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::ids::BoxId;
use crate::search::{SearchedWord, Within};
use crate::time::Timestamp;

/// Whose search it is: who may learn of which boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Public authorities find everybody.
    Authority,
    /// Others do not find natural persons who neither receive postal messages nor stand in the public list.
    Holder,
    /// Everybody, without signing in: who stands in the public list.
    Public,
    /// The administrator of the system, who finds boxes in whatever state.
    Administrator,
}

/// Which boxes a search may come up with at all.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Whose search it is.
    pub audience: Audience,
    /// One of these types; empty for all.
    pub types: Vec<BoxType>,
    /// Besides accessible boxes also those that were so at this time or later.
    pub accessible_since: Timestamp,
}

/// A search by words, all of which a box must hold.
#[derive(Debug, Clone)]
pub struct WordQuery {
    /// Words, one at least.
    pub words: Vec<SearchedWord>,
    /// Where they may stand.
    pub within: Within,
    /// Which boxes count.
    pub reach: Reach,
    /// At most so many boxes.
    pub limit: u64,
}

/// A search by a number that boxes carry.
#[derive(Debug, Clone)]
pub enum NumberQuery {
    /// Box ID.
    Id(BoxId),
    /// Identification number of the organisation, leading zeros left out.
    Ic(String),
    /// Identifier of a public authority (`dbIdOVM`).
    OvmId(String),
}

/// How a box came to be found by words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordMatch {
    /// Box.
    pub id: BoxId,
    /// Words of its name.
    pub name_words: u16,
    /// How many of the words searched for stand in its name.
    pub in_name: u16,
    /// How many stand somewhere in it with the very diacritics that were asked for.
    pub exact: u16,
    /// Its name in the form in which names are ordered.
    pub sort_name: String,
}

/// Searching boxes by words and numbers.
#[async_trait]
pub trait BoxSearch: Send + Sync {
    /// Boxes that hold every word, in no particular order, those with a word in the name first where there are more
    /// than asked for. Where each of the words stands in tens of thousands of boxes, only the first
    /// tens of thousands are looked at.
    async fn match_words(&self, query: &WordQuery) -> StoreResult<Vec<WordMatch>>;

    /// Boxes that carry the number, main ones first, then by name, `limit` at most.
    async fn match_number(&self, query: &NumberQuery, reach: &Reach, limit: u64) -> StoreResult<Vec<BoxId>>;

    /// The boxes with these IDs, in the order of the IDs; missing ones are left out.
    async fn load_boxes(&self, ids: &[BoxId]) -> StoreResult<Vec<DataBox>>;

    /// Indexes boxes that were written before there was an index, or whose index is of an older
    /// [analysis](crate::search::ANALYSIS_VERSION): looks at `limit` boxes after `after` in the order of their IDs.
    /// Returns the last one looked at, none at the end.
    async fn index_boxes(&self, after: Option<BoxId>, limit: u64) -> StoreResult<Option<BoxId>>;

    /// Whether the holder asked to stand in the public list of holders.
    async fn is_listed(&self, id: BoxId) -> StoreResult<bool>;

    /// Takes a box into the public list of holders on its holder's request, or out of it. Legal persons and
    /// authorities stand in it anyway. False where there is no such box.
    async fn set_listed(&self, id: BoxId, listed: bool) -> StoreResult<bool>;
}
