//! Walking through boxes, contracts, credit and subsidies, a page at a time.

use std::fmt;

use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::error::Failure;
use crate::ids::BoxId;
use crate::notice::LOW_CREDIT;
use crate::postal::{CreditAccount, Subsidy, SubsidyId};
use crate::principal::Principal;

use super::super::Isds;
use super::operator_only;

/// Boxes, accounts or subsidies on a page.
const LISTED: u64 = 50;

/// A page of something, and where the next begins.
#[derive(Debug, Clone)]
pub struct ConsolePage<T, K> {
    /// What is on it.
    pub items: Vec<T>,
    /// The next page begins behind this; none where this is the last one.
    pub next: Option<K>,
}

/// Which boxes are listed; conditions that are given must all hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BoxFilter {
    /// Type.
    pub box_type: Option<BoxType>,
    /// State.
    pub state: Option<BoxState>,
}

impl BoxFilter {
    /// Types and states that fit, in the order of the list.
    fn kinds(self) -> impl Iterator<Item = (BoxType, BoxState)> {
        let types = BoxType::ALL.iter().copied();
        let types = types.filter(move |t| self.box_type.is_none_or(|wanted| wanted == *t));
        types.flat_map(move |t| {
            let states = BoxState::ALL.into_iter();
            let states = states.filter(move |s| self.state.is_none_or(|wanted| wanted == *s));
            states.map(move |state| (t, state))
        })
    }
}

fn codes((box_type, state): (BoxType, BoxState)) -> (i32, i32) {
    (box_type.code(), state.code())
}

/// Where a list of boxes stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxPlace {
    /// Type of the last box.
    pub box_type: BoxType,
    /// Its state.
    pub state: BoxState,
    /// The box.
    pub id: BoxId,
}

/// Codes of type and state, and the ID, with full stops between them.
impl fmt::Display for BoxPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.box_type.code(), self.state.code(), self.id)
    }
}

impl BoxPlace {
    /// Reads what is written of one; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let place = Self {
            box_type: BoxType::from_code(parts.next()?.parse().ok()?)?,
            state: BoxState::from_code(parts.next()?.parse().ok()?)?,
            id: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(place)
    }
}

/// Takes the one more away that told whether there is more.
fn page<T, K>(mut items: Vec<T>, key: impl Fn(&T) -> K) -> ConsolePage<T, K> {
    let more = items.len() as u64 > LISTED;
    items.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
    let next = items.last().filter(|_| more).map(key);
    ConsolePage { items, next }
}

impl Isds {
    /// Boxes of a type, in a state, or in whichever of both is not given, behind `after`: by type, then by state, then by
    /// ID.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn boxes_where(
        &self,
        caller: &Principal,
        filter: BoxFilter,
        after: Option<BoxPlace>,
    ) -> Result<ConsolePage<DataBox, BoxPlace>, Failure> {
        operator_only(caller)?;
        let limit = usize::try_from(LISTED).unwrap_or(usize::MAX);
        let mut places: Vec<BoxPlace> = Vec::new();
        // At most as many looks at the index as there are types and states, whatever lies in them.
        for (box_type, state) in filter.kinds() {
            let (from, kind) = (after.map(|place| (place.box_type, place.state)), (box_type, state));
            if from.is_some_and(|from| codes(kind) < codes(from)) {
                continue;
            }
            let behind = match after {
                Some(place) if from == Some(kind) => place.id.to_string(),
                _ => String::new(),
            };
            let missing = (limit + 1 - places.len()) as u64;
            let ids = self.store.list_boxes_of(box_type, state, &behind, missing).await?;
            places.extend(ids.into_iter().map(|id| BoxPlace { box_type, state, id }));
            if places.len() > limit {
                break;
            }
        }
        let found = page(places, |place| *place);
        let ids: Vec<BoxId> = found.items.iter().map(|place| place.id).collect();
        Ok(ConsolePage {
            items: self.store.load_boxes(&ids).await?,
            next: found.next,
        })
    }

    /// Boxes with a contract to send postal messages, behind `after`.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn boxes_with_contract(
        &self,
        caller: &Principal,
        after: Option<BoxId>,
    ) -> Result<ConsolePage<DataBox, BoxId>, Failure> {
        operator_only(caller)?;
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let ids = self.store.list_contracts(&after, LISTED + 1).await?;
        self.loaded(ids).await
    }

    async fn loaded(&self, ids: Vec<BoxId>) -> Result<ConsolePage<DataBox, BoxId>, Failure> {
        let found = page(ids, |id| *id);
        Ok(ConsolePage {
            items: self.store.load_boxes(&found.items).await?,
            next: found.next,
        })
    }

    /// Accounts with so little credit that their boxes are told, with the names of the holders, those with the least
    /// first.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn low_credit(
        &self,
        caller: &Principal,
        after: Option<(i64, BoxId)>,
    ) -> Result<ConsolePage<(CreditAccount, String), (i64, BoxId)>, Failure> {
        operator_only(caller)?;
        let accounts = self.store.list_low_credit(LOW_CREDIT, after, LISTED + 1).await?;
        let found = page(accounts, |account| (account.balance, account.box_id));
        let ids: Vec<BoxId> = found.items.iter().map(|account| account.box_id).collect();
        let boxes = self.store.load_boxes(&ids).await?;
        let name = |account: &CreditAccount| {
            let holder = boxes.iter().find(|data_box| data_box.id == account.box_id);
            holder.map(DataBox::holder_name).unwrap_or_default()
        };
        Ok(ConsolePage {
            items: found
                .items
                .into_iter()
                .map(|account| (account, name(&account)))
                .collect(),
            next: found.next,
        })
    }

    /// Subsidies, the last granted first, those that ended as well.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn subsidies(
        &self,
        caller: &Principal,
        before: Option<SubsidyId>,
    ) -> Result<ConsolePage<Subsidy, SubsidyId>, Failure> {
        operator_only(caller)?;
        let subsidies = self.store.list_all_subsidies(before, LISTED + 1).await?;
        Ok(page(subsidies, |subsidy| subsidy.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written() {
        let place = BoxPlace {
            box_type: BoxType::Fo,
            state: BoxState::Accessible,
            id: BoxId::OPERATOR,
        };
        assert_eq!(BoxPlace::parse(&place.to_string()), Some(place));
        for wrong in [
            "",
            "40",
            "40.1",
            "40.1.x",
            "41.1.nvak22s",
            "40.99.nvak22s",
            "40.1.nvak22s.1",
        ] {
            assert_eq!(BoxPlace::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn kinds_come_in_the_order_of_their_codes() {
        let all: Vec<_> = BoxFilter::default().kinds().map(codes).collect();
        assert!(all.is_sorted() && all.len() > 100, "{all:?}");
        let filter = BoxFilter {
            box_type: Some(BoxType::Fo),
            state: Some(BoxState::Deleted),
        };
        assert_eq!(filter.kinds().collect::<Vec<_>>(), [(BoxType::Fo, BoxState::Deleted)]);
    }
}
