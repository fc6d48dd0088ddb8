//! The public list of holders (Seznam držitelů datových schránek), open to everybody without signing in.
//!
//! Legal persons and authorities stand in it, people and the self-employed only where they asked for it (since
//! 1 February 2024).

use crate::box_type::{BoxType, BoxTypeQuery};
use crate::data_box::DataBox;
use crate::error::Failure;
use crate::ids::BoxId;
use crate::ports::{Audience, ListedBox, ListedBoxes, NumberQuery, Reach, WordQuery};
use crate::search::{SearchedWord, Within, searched_words};
use crate::splice::Splice;
use crate::time::Timestamp;

use super::Isds;
use super::data_file::{DataFileForm, Wanted, document};
use super::search_boxes::{COUNTED, ranked};

/// Most holders in one answer.
const MOST: usize = 100;
/// How old a file may become, in seconds of legal time.
const FILE_SECONDS: i64 = 3 * 3600;
/// Most words of a search.
const MAX_WORDS: usize = 32;

/// Whom one asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderQuery {
    /// The holder of this box.
    Box(BoxId),
    /// The one with this identification number.
    Ic(String),
    /// The one with this identifier of an authority.
    OvmId(String),
}

impl HolderQuery {
    fn number(&self) -> NumberQuery {
        match self {
            Self::Box(id) => NumberQuery::Id(*id),
            Self::Ic(ic) => NumberQuery::Ic(ic.trim_start_matches('0').to_owned()),
            Self::OvmId(id) => NumberQuery::OvmId(id.clone()),
        }
    }
}

/// What one searches holders by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderSearch {
    /// A number.
    Number(HolderQuery),
    /// Words of the name.
    Name(String),
    /// Words of the address.
    Address(String),
}

/// One of the files of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicList {
    /// Legal persons.
    Po,
    /// The self-employed who asked for it.
    Pfo,
    /// Authorities.
    Ovm,
}

impl PublicList {
    /// All files.
    pub const ALL: [Self; 3] = [Self::Po, Self::Pfo, Self::Ovm];

    /// Name of the file (`service`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Po => "seznam_ds_po",
            Self::Pfo => "seznam_ds_pfo",
            Self::Ovm => "seznam_ds_ovm",
        }
    }

    /// The file in which boxes of a type stand; those of people have none (their file has ended).
    #[must_use]
    pub fn of(box_type: BoxType) -> Option<Self> {
        match box_type {
            BoxType::Po | BoxType::PoReq | BoxType::OvmPo => Some(Self::Po),
            t if t.is_pfo() => Some(Self::Pfo),
            t if t.is_ovm() && t != BoxType::System => Some(Self::Ovm),
            _ => None,
        }
    }
}

impl Isds {
    /// A holder in the list; of several boxes with the number the main one.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn listed_holder(&self, query: &HolderQuery) -> Result<Option<DataBox>, Failure> {
        let ids = self.store.match_number(&query.number(), &reach(Vec::new()), 1).await?;
        Ok(self.store.load_boxes(&ids).await?.pop())
    }

    /// Holders in the list, best first, 100 at most. Of these types, of all where none is given; unknown ones fit nobody.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn search_listed_holders(&self, types: &[&str], search: &HolderSearch) -> Result<Vec<DataBox>, Failure> {
        let Some(types) = known_types(types) else {
            return Ok(Vec::new());
        };
        let reach = reach(types);
        let ids: Vec<BoxId> = match search {
            HolderSearch::Number(query) => self.store.match_number(&query.number(), &reach, MOST as u64).await?,
            HolderSearch::Name(text) => self.listed_with_words(text, Within::Name, reach).await?,
            HolderSearch::Address(text) => self.listed_with_words(text, Within::Address, reach).await?,
        };
        Ok(self.store.load_boxes(&ids).await?)
    }

    async fn listed_with_words(&self, text: &str, within: Within, reach: Reach) -> Result<Vec<BoxId>, Failure> {
        let words: Vec<SearchedWord> = searched_words(text);
        if words.is_empty() || words.len() > MAX_WORDS {
            return Ok(Vec::new());
        }
        let count = words.len();
        let query = WordQuery {
            words,
            within,
            reach,
            limit: COUNTED,
        };
        let matches = self.store.match_words(&query).await?;
        Ok(ranked(matches, count).take(MOST).collect())
    }

    /// A file of the list, not older than three hours of legal time; `form` writes it where there is none.
    ///
    /// # Errors
    /// Failures of the stores.
    pub async fn public_list(&self, list: PublicList, form: Box<dyn DataFileForm>) -> Result<Splice, Failure> {
        let now = self.clock.legal();
        let wanted = Wanted {
            kind: list.name(),
            boxes: ListedBoxes::Public,
            fits: &|listed: &ListedBox| PublicList::of(listed.data_box.box_type) == Some(list),
            serves: &|made| made <= now && made.plus_seconds(FILE_SECONDS) > now,
        };
        Ok(document(&self.data_file(wanted, form).await?))
    }
}

fn reach(types: Vec<BoxType>) -> Reach {
    Reach {
        audience: Audience::Public,
        types,
        // Only boxes that are accessible now.
        accessible_since: Timestamp(i64::MAX),
    }
}

/// The types that the names stand for; `None` where there are names and none of them is known. The manual of the list
/// writes OVM_PFO with two letters exchanged.
fn known_types(names: &[&str]) -> Option<Vec<BoxType>> {
    let mut types = Vec::new();
    for name in names {
        let name = if *name == "OVM_FPO" { "OVM_PFO" } else { name };
        if let Some(query) = BoxTypeQuery::parse(name) {
            types.extend(query.types);
        }
    }
    (names.is_empty() || !types.is_empty()).then_some(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_file() {
        let without: Vec<_> = BoxType::ALL.iter().filter(|t| PublicList::of(**t).is_none()).collect();
        assert_eq!(without, [&BoxType::System, &BoxType::Fo]);
        assert_eq!(PublicList::of(BoxType::OvmPo), Some(PublicList::Po));
        assert_eq!(PublicList::of(BoxType::OvmReq), Some(PublicList::Ovm));
    }

    #[test]
    fn unknown_types_fit_nobody() {
        assert_eq!(known_types(&[]), Some(Vec::new()));
        assert_eq!(known_types(&["XX"]), None);
        assert_eq!(
            known_types(&["OVM_FPO", "XX"]).unwrap(),
            [BoxType::OvmFo, BoxType::OvmPfo]
        );
        assert_eq!(known_types(&["FO"]).unwrap(), [BoxType::Fo]);
    }
}
