//! `FindDataBox2`: one search for offices, which see everybody, and for all others, who find authorities and one
//! certain box at a time (manual V 2.1).

use crate::box_state::BoxState;
use crate::box_type::{BoxFamily, BoxType, BoxTypeQuery};
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{BoxMatches, BoxQuery};
use crate::principal::Principal;
use crate::status::Status;
use crate::text::{clean, fold_case};
use crate::time::parse_date;

use super::Isds;

/// Most boxes returned.
const LIMIT: usize = 100;
/// Shortest text that is searched for (bulletin B2174).
const MIN_TEXT: usize = 3;
/// Longest text that is searched for.
const MAX_TEXT: usize = 255;

/// Conditions as the caller gives them; empty ones are left out. States are no conditions, since they are not written the
/// same way everywhere (manual V 2.1).
#[derive(Debug, Clone, Default)]
pub struct FindDataBox2 {
    /// `dbID`: alone decides, but for the state.
    pub box_id: Option<String>,
    /// `dbType`.
    pub box_type: Option<String>,
    /// `ic`.
    pub ic: Option<String>,
    /// `pnGivenNames`.
    pub given_names: Option<String>,
    /// `pnLastName`.
    pub last_name: Option<String>,
    /// `firmName`.
    pub firm_name: Option<String>,
    /// `biDate`.
    pub birth_date: Option<String>,
    /// `biCity`.
    pub birth_city: Option<String>,
    /// `adCity`.
    pub city: Option<String>,
    /// `adStreet`.
    pub street: Option<String>,
    /// `adNumberInStreet`.
    pub number_in_street: Option<String>,
    /// `adNumberInMunicipality`.
    pub number_in_municipality: Option<String>,
    /// `adZipCode`.
    pub zip_code: Option<String>,
    /// `dbIdOVM`: decides alone where `dbID` is empty.
    pub ovm_id: Option<String>,
    /// `dbState`; what is no state is ignored.
    pub state: Option<String>,
}

/// Boxes found, and the status that goes with them.
#[derive(Debug, Clone)]
pub struct FoundBoxes {
    /// Boxes, with only those data that the caller may see.
    pub boxes: Vec<DataBox>,
    /// 0000, 0002, 0003 or 0009.
    pub status: Status,
    /// Nothing was hidden from the caller.
    pub full: bool,
}

/// How a search was put: by an identifier the address code is shown as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ByIdentifier,
    ByData,
}

impl Isds {
    /// Searches boxes.
    ///
    /// # Errors
    /// 1004, 1101, 1102, 1109, 1180, 2007, 2011, 2017.
    pub async fn find_data_box2(&self, caller: &Principal, input: FindDataBox2) -> Result<FoundBoxes, Failure> {
        let full = sees_all(caller, Operation::FindDataBox2)?;
        self.find_boxes_for(full, input).await
    }

    /// `FindDataBox`, the same search as it was asked for before 2018.
    ///
    /// # Errors
    /// Those of [`find_data_box2`](Self::find_data_box2).
    pub async fn find_data_box(&self, caller: &Principal, input: FindDataBox2) -> Result<FoundBoxes, Failure> {
        let full = sees_all(caller, Operation::FindDataBox)?;
        self.find_boxes_for(full, input).await
    }

    pub(super) async fn find_boxes_for(&self, full: bool, input: FindDataBox2) -> Result<FoundBoxes, Failure> {
        let (query, way) = query(input.cleaned()?, full)?;
        let BoxMatches { mut boxes, complete } = self.store.find_boxes(&query).await?;
        // Among those that were not looked at another one may fit.
        if !full && !complete && query.types.iter().any(|t| !t.is_ovm()) {
            return Err(Failure::refused(Status::AMBIGUOUS_SEARCH));
        }
        if !full && let Some(status) = restrict(&mut boxes)? {
            return Ok(FoundBoxes { boxes, status, full });
        }
        let status = match boxes.len() {
            n if n > LIMIT || !complete => Status::TOO_MANY_BOXES,
            0 => Status::NO_BOX_FOUND,
            _ => Status::OK,
        };
        boxes.truncate(LIMIT);
        for data_box in &mut boxes {
            if way == Way::ByData {
                data_box.address.code = None;
            }
            if !full {
                hide_personal_data(data_box);
            }
        }
        Ok(FoundBoxes { boxes, status, full })
    }
}

/// Whether the caller sees everything of everybody.
fn sees_all(caller: &Principal, operation: Operation) -> Result<bool, Refusal> {
    let own = caller.authorize_search(operation)?;
    Ok(own.is_none_or(|own| own.box_type.is_ovm()))
}

/// Callers who are no authority see at most one box of another who is none, and only one that takes postal messages.
fn restrict(boxes: &mut Vec<DataBox>) -> Result<Option<Status>, Refusal> {
    if boxes.iter().filter(|b| !b.box_type.is_ovm()).count() > 1 {
        return Err(Refusal::of(Status::AMBIGUOUS_SEARCH));
    }
    let before = boxes.len();
    boxes.retain(|b| b.box_type.is_ovm() || b.receives_postal());
    Ok((boxes.is_empty() && before > 0).then_some(Status::RECEIVES_NO_POSTAL))
}

fn hide_personal_data(data_box: &mut DataBox) {
    if !data_box.box_type.is_natural_person() {
        return;
    }
    data_box.birth_city = None;
    data_box.birth_county = None;
    data_box.birth_state = None;
    data_box.nationality = None;
    if matches!(data_box.box_type, BoxType::OvmFo | BoxType::OvmPfo) {
        data_box.birth_date = None;
    }
}

impl FindDataBox2 {
    /// Cleans every text; what is empty then was not given. What no box can match by its length is refused.
    fn cleaned(mut self) -> Result<Self, Refusal> {
        for field in [
            &mut self.box_id,
            &mut self.box_type,
            &mut self.ic,
            &mut self.given_names,
            &mut self.last_name,
            &mut self.firm_name,
            &mut self.birth_date,
            &mut self.birth_city,
            &mut self.city,
            &mut self.street,
            &mut self.number_in_street,
            &mut self.number_in_municipality,
            &mut self.zip_code,
            &mut self.ovm_id,
            &mut self.state,
        ] {
            let Some(text) = field.take() else { continue };
            let text = clean(&text).trim().to_owned();
            if text.chars().count() > MAX_TEXT {
                return Err(Refusal::about(
                    Status::INVALID_STRUCTURE,
                    format!("údaje mají nejvýše {MAX_TEXT} znaků."),
                ));
            }
            *field = Some(text).filter(|text| !text.is_empty());
        }
        Ok(self)
    }
}

fn query(input: FindDataBox2, full: bool) -> Result<(BoxQuery, Way), Refusal> {
    let state = input
        .state
        .as_deref()
        .and_then(|text| text.parse().ok())
        .and_then(BoxState::from_code);
    // One more than is returned tells that there are more.
    let base = BoxQuery {
        state,
        limit: LIMIT as u64 + 1,
        ..BoxQuery::default()
    };
    if let Some(box_id) = &input.box_id {
        let id = box_id.parse().map_err(|_| Refusal::of(Status::MALFORMED_ID))?;
        return Ok((BoxQuery { id: Some(id), ..base }, Way::ByIdentifier));
    }
    if input.ovm_id.is_some() {
        return Ok((
            BoxQuery {
                ovm_id: input.ovm_id,
                ..base
            },
            Way::ByIdentifier,
        ));
    }
    let types = match &input.box_type {
        Some(name) => {
            let wanted = BoxTypeQuery::parse(name)
                .ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, "neznámý dbType."))?;
            require_minimum(&wanted, &input)?;
            wanted.types
        }
        None if input.ic.is_some() => Vec::new(),
        None => return Err(Refusal::of(Status::BOX_TYPE_MISSING)),
    };
    let birth_date = match &input.birth_date {
        Some(text) => Some(parse_date(text).map_err(|_| Refusal::about(Status::SYNTAX, text))?),
        None => None,
    };
    // What an answer hides must be no condition either, or whoever guesses learns it: for all but authorities the manual
    // passes over the place of birth, and of officials the day. Without a type, officials may be among those found.
    let by_officials = types.is_empty() || types.iter().any(|t| matches!(t, BoxType::OvmFo | BoxType::OvmPfo));
    let birth_date = birth_date.filter(|_| full || !by_officials);
    let birth_city = input.birth_city.filter(|_| full);
    let query = BoxQuery {
        types,
        ic: input.ic.map(|ic| ic.trim_start_matches('0').to_owned()),
        given_names_prefix: folded(input.given_names, 1)?,
        last_name_prefix: folded(input.last_name, MIN_TEXT)?,
        firm_name_part: folded(input.firm_name, MIN_TEXT)?,
        birth_date,
        birth_city_part: folded(birth_city, MIN_TEXT)?,
        city_part: folded(input.city, MIN_TEXT)?,
        street_part: folded(input.street, MIN_TEXT)?,
        numbers: [input.number_in_street, input.number_in_municipality]
            .into_iter()
            .flatten()
            .collect(),
        zip_code: input.zip_code.map(|zip| zip.replace(' ', "")),
        ..base
    };
    Ok((query, Way::ByData))
}

fn folded(text: Option<String>, shortest: usize) -> Result<Option<String>, Refusal> {
    match text {
        Some(text) if text.chars().count() < shortest => Err(Refusal::of(Status::SEARCH_TEXT_TOO_SHORT)),
        text => Ok(text.as_deref().map(fold_case)),
    }
}

fn require_minimum(wanted: &BoxTypeQuery, input: &FindDataBox2) -> Result<(), Refusal> {
    let ic = input.ic.is_some();
    let firm = input.firm_name.is_some();
    let last_name = input.last_name.is_some();
    let (enough, needed) = match wanted.family {
        BoxFamily::Fo => (last_name, "příjmení (pnLastName)"),
        BoxFamily::Pfo => (
            ic || firm || last_name,
            "IČO (ic), název (firmName) nebo příjmení (pnLastName)",
        ),
        BoxFamily::PoOrOvm => (ic || firm, "IČO (ic) nebo název (firmName)"),
        BoxFamily::OvmReq => (firm, "název (firmName)"),
    };
    if enough {
        Ok(())
    } else {
        Err(Refusal::about(Status::SEARCH_INPUT_MISSING, needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(input: FindDataBox2) -> Status {
        query(input.cleaned().unwrap(), true).err().unwrap().status()
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn minimum_input() {
        assert_eq!(refused(FindDataBox2::default()), Status::BOX_TYPE_MISSING);
        let fo = FindDataBox2 {
            box_type: text("FO"),
            city: text("Vzorov"),
            ..FindDataBox2::default()
        };
        assert_eq!(refused(fo.clone()), Status::SEARCH_INPUT_MISSING);
        assert_eq!(
            refused(FindDataBox2 {
                last_name: text("No"),
                ..fo.clone()
            }),
            Status::SEARCH_TEXT_TOO_SHORT
        );
        assert!(
            query(
                FindDataBox2 {
                    last_name: text("Nov"),
                    ..fo
                },
                true
            )
            .is_ok()
        );
        let req = FindDataBox2 {
            box_type: text("OVM_REQ"),
            ic: text("123"),
            ..FindDataBox2::default()
        };
        assert_eq!(refused(req), Status::SEARCH_INPUT_MISSING);
        assert!(
            query(
                FindDataBox2 {
                    ic: text("00012345"),
                    ..FindDataBox2::default()
                },
                true
            )
            .is_ok()
        );
    }

    #[test]
    fn identifiers_decide_alone() {
        let input = FindDataBox2 {
            box_id: text("nvak22s"),
            box_type: text("nonsense"),
            state: text("9"),
            ..FindDataBox2::default()
        };
        let (by_id, way) = query(input, false).unwrap();
        assert!(by_id.id.is_some() && by_id.types.is_empty() && by_id.state.is_none());
        assert!(way == Way::ByIdentifier);
        assert_eq!(
            refused(FindDataBox2 {
                box_id: text("nvak22x"),
                ..FindDataBox2::default()
            }),
            Status::MALFORMED_ID
        );
    }

    /// Whoever may not read where and when somebody was born may not guess it either.
    #[test]
    fn what_is_hidden_is_no_condition() {
        let asked = |box_type: Option<&str>, full| {
            let input = FindDataBox2 {
                box_type: box_type.map(str::to_owned),
                ic: text("00012351"),
                last_name: text("Vzorek"),
                birth_date: text("1970-01-02"),
                birth_city: text("Vzorov"),
                ..FindDataBox2::default()
            };
            let (query, _) = query(input, full).unwrap();
            (query.birth_date.is_some(), query.birth_city_part.is_some())
        };
        for box_type in [Some("PFO"), Some("OVM_PFO"), Some("OVM"), Some("FO"), None] {
            assert_eq!(asked(box_type, true), (true, true), "{box_type:?}");
        }
        for (box_type, by_date) in [
            (Some("PFO"), true),
            (Some("FO"), true),
            (Some("OVM_FO"), false),
            (Some("OVM_PFO"), false),
            (Some("OVM"), false),
            (None, false),
        ] {
            assert_eq!(asked(box_type, false), (by_date, false), "{box_type:?}");
        }
    }

    #[test]
    fn values_that_are_none() {
        let input = FindDataBox2 {
            box_type: text("FO"),
            last_name: text("Novák"),
            birth_date: text("30.2.2000"),
            ..FindDataBox2::default()
        };
        assert_eq!(refused(input), Status::SYNTAX);
        assert_eq!(
            refused(FindDataBox2 {
                box_type: text("XX"),
                ..FindDataBox2::default()
            }),
            Status::INVALID_STRUCTURE
        );
    }
}
