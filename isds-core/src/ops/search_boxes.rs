//! `ISDSSearch3` and `ISDSSearch2`: the search by free text (manual V 2.2, bulletins 2174, 2187 and 2239).

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::civil::Date;

use crate::box_type::{BoxType, BoxTypeQuery};
use crate::data_box::DataBox;
use crate::error::{Chain, Failure, Refusal};
use crate::ids::BoxId;
use crate::operation::Operation;
use crate::ports::{Audience, NumberQuery, Reach, StoreResult, WordMatch, WordQuery};
use crate::principal::Principal;
use crate::search::{SearchedWord, Within, highlight, searched_words};
use crate::status::Status;
use crate::text::clean;

use super::Isds;

/// Largest page (MAXSIZE of the manual).
const MAX_PAGE_SIZE: u64 = 100;
/// Size of a page where none is given.
const PAGE_SIZE: u64 = MAX_PAGE_SIZE / 2;
/// Last page that may be asked for (bulletin 2187).
const MAX_PAGE: u64 = 99;
/// Up to how many boxes found are counted: all that the pages reach.
pub(super) const COUNTED: u64 = MAX_PAGE_SIZE * (MAX_PAGE + 1);
/// Shortest text (bulletin 2174) and longest, in characters.
const TEXT: std::ops::RangeInclusive<usize> = 2..=255;
/// Most different words.
const MAX_WORDS: usize = 32;
/// For how long a box that is no longer accessible is still found, marked as disabled, in seconds of legal time: the
/// real system reads its directory anew every three hours, and clients know its DISABLED from that.
const REMEMBERED: i64 = 3 * 3600;

/// What is searched for, as the caller wrote it.
#[derive(Debug, Clone, Default)]
pub struct SearchRequest {
    /// `searchText`.
    pub text: String,
    /// `searchType`.
    pub search_type: Option<String>,
    /// `searchScope`.
    pub scope: Option<String>,
    /// `page`.
    pub page: Option<String>,
    /// `pageSize`.
    pub page_size: Option<String>,
    /// `highlighting`.
    pub highlighting: Option<String>,
}

/// What the caller may send to a box (`dbSendOptions`). The contract's ALL, both kinds, is true of no pair of boxes:
/// between authorities and from or to one every message is public, between others every message is postal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendOptions {
    /// Public messages.
    Public,
    /// Postal messages.
    Postal,
    /// Nothing.
    Nothing,
    /// Nothing, since the box is no longer accessible.
    Disabled,
}

/// A box as a search shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundBox {
    /// Box.
    pub id: BoxId,
    /// Type.
    pub box_type: BoxType,
    /// Name of the holder, with marks where they were asked for.
    pub name: String,
    /// Address on one line, with marks where they were asked for.
    pub address: String,
    /// Day of birth, for authorities only.
    pub birth_date: Option<Date>,
    /// Identification number.
    pub ic: Option<String>,
    /// Identifier of a public authority.
    pub ovm_id: Option<String>,
    /// What the caller may send there.
    pub send_options: SendOptions,
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPage {
    /// How many boxes fit, counted up to 10,000.
    pub total: u64,
    /// Place of the page's first box among them, from 0; after the last page, behind them.
    pub position: u64,
    /// No page with boxes follows.
    pub last: bool,
    /// Boxes of the page.
    pub boxes: Vec<FoundBox>,
}

/// What `searchType` means.
enum Wanted {
    /// Words, and the boxes that the text names by a number.
    Words(Within, Vec<SearchedWord>),
    Number(NumberQuery),
}

/// A request that was understood.
struct Understood {
    wanted: Wanted,
    /// Numbers that the text of a general search is.
    numbers: Vec<NumberQuery>,
    types: Vec<BoxType>,
    page: u64,
    page_size: u64,
    highlighting: bool,
}

impl Isds {
    /// `ISDSSearch3`.
    ///
    /// # Errors
    /// 1004, 1152–1156, 1180, 1189, 9002.
    pub async fn isds_search3(&self, caller: &Principal, request: &SearchRequest) -> Result<FoundPage, Failure> {
        let own = caller.authorize_search(Operation::IsdsSearch3)?;
        self.search_boxes(own, understood(request, true)?).await
    }

    /// `ISDSSearch2`: without the search by the identifier of an authority.
    ///
    /// # Errors
    /// 1004, 1152–1156, 1180, 1189, 9002.
    pub async fn isds_search2(&self, caller: &Principal, request: &SearchRequest) -> Result<FoundPage, Failure> {
        let own = caller.authorize_search(Operation::IsdsSearch2)?;
        self.search_boxes(own, understood(request, false)?).await
    }

    async fn search_boxes(&self, own: Option<&DataBox>, request: Understood) -> Result<FoundPage, Failure> {
        let authority = own.is_none_or(|own| own.box_type.is_ovm());
        let reach = Reach {
            audience: if authority {
                Audience::Authority
            } else {
                Audience::Holder
            },
            types: request.types,
            accessible_since: self.clock.legal().plus_seconds(-REMEMBERED),
        };
        let (ids, marked) = match &request.wanted {
            // A number is looked for in boxes of all types (manual V 2.2).
            Wanted::Number(number) => {
                let reach = Reach {
                    types: Vec::new(),
                    ..reach
                };
                (engine(self.store.match_number(number, &reach, COUNTED).await)?, None)
            }
            Wanted::Words(within, words) => {
                let ids = self.boxes_with_words(&request.numbers, *within, words, reach).await?;
                (ids, Some((*within, words.as_slice())))
            }
        };
        let total = ids.len() as u64;
        let position = request.page * request.page_size;
        let page: Vec<BoxId> = ids
            .into_iter()
            .skip(usize::try_from(position).unwrap_or(usize::MAX))
            .take(usize::try_from(request.page_size).unwrap_or(usize::MAX))
            .collect();
        let last = position + page.len() as u64 >= total;
        let boxes = engine(self.store.load_boxes(&page).await)?;
        let marked = marked.filter(|_| request.highlighting);
        let boxes = boxes.iter().map(|data_box| shown(own, data_box, marked)).collect();
        Ok(FoundPage {
            total,
            position,
            last,
            boxes,
        })
    }

    /// Boxes by the numbers that the text is, then boxes by its words, best first.
    async fn boxes_with_words(
        &self,
        numbers: &[NumberQuery],
        within: Within,
        words: &[SearchedWord],
        reach: Reach,
    ) -> Result<Vec<BoxId>, Failure> {
        let mut ids = Vec::new();
        for number in numbers {
            ids.extend(engine(self.store.match_number(number, &reach, COUNTED).await)?);
        }
        let query = WordQuery {
            words: words.to_vec(),
            within,
            reach,
            limit: COUNTED,
        };
        ids.extend(ranked(engine(self.store.match_words(&query).await)?, words.len()));
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids.truncate(usize::try_from(COUNTED).unwrap_or(usize::MAX));
        Ok(ids)
    }
}

/// A failure of the search is one that clients know by its own code; what failed goes to the log.
fn engine<T>(result: StoreResult<T>) -> Result<T, Refusal> {
    result.map_err(|error| {
        tracing::error!(error = %Chain(&error), "the search failed");
        Refusal::of(Status::SEARCH_FAILED)
    })
}

/// Best first (manual V 2.2): all words in the name, then some in the name and some in the address, then all in the
/// address. Within each, the more of the name was asked for and the more words stand there with the very diacritics, the
/// better; then by name.
pub(super) fn ranked(mut matches: Vec<WordMatch>, words: usize) -> impl Iterator<Item = BoxId> {
    matches.sort_by_cached_key(|found| {
        let class = match usize::from(found.in_name) {
            0 => 2,
            all if all == words => 0,
            _ => 1,
        };
        let covered = u32::from(found.in_name) * 1000 / u32::from(found.name_words.max(1));
        (
            class,
            Reverse(covered),
            Reverse(found.exact),
            found.sort_name.clone(),
            found.id,
        )
    });
    matches.into_iter().map(|found| found.id)
}

fn shown(own: Option<&DataBox>, data_box: &DataBox, marked: Option<(Within, &[SearchedWord])>) -> FoundBox {
    let marks = |text: String, place: Within| match marked {
        Some((within, words)) if within == Within::Anywhere || within == place => highlight(&text, words),
        _ => text,
    };
    let born = own.is_none_or(|own| own.box_type.is_ovm()) && data_box.box_type.is_natural_person();
    FoundBox {
        id: data_box.id,
        box_type: data_box.box_type,
        name: marks(data_box.holder_name(), Within::Name),
        address: marks(data_box.address.one_line(), Within::Address),
        birth_date: data_box.birth_date.filter(|_| born),
        ic: data_box.ic.clone(),
        ovm_id: data_box.ovm_id.clone(),
        send_options: send_options(own, data_box),
    }
}

/// What can be sent from `own` to `other`; who has no box sends nothing.
fn send_options(own: Option<&DataBox>, other: &DataBox) -> SendOptions {
    if !other.state.is_accessible() {
        return SendOptions::Disabled;
    }
    let Some(own) = own else {
        return SendOptions::Nothing;
    };
    if own.id == other.id || !own.state.is_accessible() {
        SendOptions::Nothing
    } else if own.box_type.is_ovm() || other.box_type.is_ovm() {
        SendOptions::Public
    } else if other.receives_postal() {
        SendOptions::Postal
    } else {
        SendOptions::Nothing
    }
}

fn understood(request: &SearchRequest, by_ovm_id: bool) -> Result<Understood, Refusal> {
    let text = clean(&request.text);
    let text = text.trim();
    match text.chars().count() {
        0 => return Err(Refusal::of(Status::NO_SEARCH_TEXT)),
        length if length < *TEXT.start() => return Err(Refusal::of(Status::SEARCH_TEXT_TOO_SHORT)),
        length if length > *TEXT.end() => return Err(invalid()),
        _ => {}
    }
    let search_type = given(request.search_type.as_deref()).unwrap_or("GENERAL");
    let types = types(given(request.scope.as_deref()))?;
    let page = number(request.page.as_deref(), 0)?;
    let page_size = number(request.page_size.as_deref(), PAGE_SIZE)?;
    if page > MAX_PAGE {
        return Err(Refusal::of(Status::PAGE_TOO_HIGH));
    }
    if page_size > MAX_PAGE_SIZE {
        return Err(Refusal::of(Status::PAGE_TOO_LARGE));
    }
    let highlighting = match given(request.highlighting.as_deref()) {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(invalid()),
    };
    let mut numbers = Vec::new();
    let wanted = match search_type {
        "GENERAL" => {
            numbers = named_numbers(text);
            Wanted::Words(Within::Anywhere, words(text)?)
        }
        "ADDRESS" => Wanted::Words(Within::Address, words(text)?),
        "ICO" => Wanted::Number(NumberQuery::Ic(ic(text)?)),
        "DBID" => Wanted::Number(NumberQuery::Id(
            text.parse().map_err(|_| Refusal::of(Status::INVALID_BOX_ID))?,
        )),
        "IDOVM" if by_ovm_id => Wanted::Number(NumberQuery::OvmId(ovm_id(text)?)),
        _ => return Err(invalid()),
    };
    Ok(Understood {
        wanted,
        numbers,
        types,
        page,
        page_size,
        highlighting,
    })
}

fn invalid() -> Refusal {
    Refusal::of(Status::INVALID_SEARCH_INPUT)
}

fn given(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

fn number(value: Option<&str>, default: u64) -> Result<u64, Refusal> {
    given(value).map_or(Ok(default), |value| match value.parse::<i128>() {
        // What does not fit is over every limit anyway.
        Ok(number) => u64::try_from(number).or_else(|_| if number < 0 { Err(invalid()) } else { Ok(u64::MAX) }),
        Err(_) => Err(invalid()),
    })
}

/// The types of a scope. Unlike in FindDataBox2, the two kinds of officials are told apart (manual V 2.2).
fn types(scope: Option<&str>) -> Result<Vec<BoxType>, Refusal> {
    match scope {
        None | Some("ALL") => Ok(Vec::new()),
        Some("OVM_FO") => Ok(vec![BoxType::OvmFo]),
        Some("OVM_PFO" | "OVM_NOTAR" | "OVM_EXEKUT") => Ok(vec![BoxType::OvmPfo]),
        Some(name) => BoxTypeQuery::parse(name).map(|query| query.types).ok_or_else(invalid),
    }
}

/// The words of a text. A text of punctuation alone asks for nothing.
pub(super) fn words(text: &str) -> Result<Vec<SearchedWord>, Refusal> {
    let words = searched_words(text);
    match words.len() {
        0 => Err(Refusal::of(Status::NO_SEARCH_TEXT)),
        1..=MAX_WORDS => Ok(words),
        _ => Err(invalid()),
    }
}

/// The box ID and the identification number that a whole text is, where its check character or digit fits.
fn named_numbers(text: &str) -> Vec<NumberQuery> {
    let mut numbers = Vec::new();
    if let Ok(id) = text.parse() {
        numbers.push(NumberQuery::Id(id));
    }
    if is_valid_ic(text) {
        numbers.push(NumberQuery::Ic(text.trim_start_matches('0').to_owned()));
    }
    numbers
}

/// Eight digits of which the last is the check digit (the sum of the others by the weights 8 to 2, modulo 11).
fn is_valid_ic(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let digit = |at: usize| u32::from(bytes[at] - b'0');
    let sum: u32 = (0..7)
        .map(|at| digit(at) * (8 - u32::try_from(at).unwrap_or_default()))
        .sum();
    (11 - sum % 11) % 10 == digit(7)
}

/// An identification number of up to eight digits, spaces left out; its check digit need not fit.
fn ic(text: &str) -> Result<String, Refusal> {
    let digits: String = text.chars().filter(|c| *c != ' ').collect();
    if (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        Ok(digits.trim_start_matches('0').to_owned())
    } else {
        Err(Refusal::of(Status::INVALID_IC))
    }
}

/// Eight digits, or eight digits, a dot and three digits.
pub(super) fn ovm_id(text: &str) -> Result<String, Refusal> {
    let id: String = text.chars().filter(|c| *c != ' ').collect();
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let fits = match id.split_once('.') {
        None => digits(&id, 8),
        Some((main, part)) => digits(main, 8) && digits(part, 3),
    };
    if fits { Ok(id) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests;
