//! Boxes, people, memberships.

use async_trait::async_trait;

use super::StoreResult;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::ids::BoxId;
use crate::user::{Membership, Person};

/// What a search for boxes asks for (FindDataBox2). All given conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct BoxQuery {
    /// Exactly this box.
    pub id: Option<BoxId>,
    /// One of these types.
    pub types: Vec<BoxType>,
    /// Identification number without leading zeros.
    pub ic: Option<String>,
    /// Prefix of the given names, case folded.
    pub given_names_prefix: Option<String>,
    /// Prefix of the last name, case folded.
    pub last_name_prefix: Option<String>,
    /// Part of the firm name, case folded.
    pub firm_name_part: Option<String>,
    /// Day of birth.
    pub birth_date: Option<jiff::civil::Date>,
    /// Part of the town of birth, case folded.
    pub birth_city_part: Option<String>,
    /// Part of the town, case folded.
    pub city_part: Option<String>,
    /// Part of the street, case folded.
    pub street_part: Option<String>,
    /// House or orientation numbers; each given one must be one of the box's two.
    pub numbers: Vec<String>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// Identifier of a public authority.
    pub ovm_id: Option<String>,
    /// State of the box; 2 stands for 2 and 6. Deleted boxes never fit.
    pub state: Option<crate::box_state::BoxState>,
    /// At most so many.
    pub limit: u64,
}

/// What a search for boxes found.
#[derive(Debug, Clone, Default)]
pub struct BoxMatches {
    /// Boxes that fit, ordered by ID, up to the limit of the query.
    pub boxes: Vec<DataBox>,
    /// All boxes that might fit were looked at. False where what was asked for is so common that the search gave up.
    pub complete: bool,
}

/// Boxes, people, memberships.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The box, whatever its state.
    async fn lookup_box(&self, id: BoxId) -> StoreResult<Option<DataBox>>;

    /// Boxes that fit, ordered by ID. The work is bounded, however many boxes there are.
    async fn find_boxes(&self, query: &BoxQuery) -> StoreResult<BoxMatches>;

    /// Adds a box with its users and their access data, in one transaction.
    async fn add_box(&self, data_box: &DataBox) -> StoreResult<()>;

    /// Adds a person; `person.id` is ignored, the new key is returned.
    async fn add_person(&self, person: &Person) -> StoreResult<crate::ids::PersonId>;

    /// Adds a membership; `membership.id` is ignored, the new key is returned.
    async fn add_membership(&self, membership: &Membership) -> StoreResult<crate::ids::MembershipId>;
}
