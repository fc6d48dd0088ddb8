//! Boxes, people, memberships.

use async_trait::async_trait;
use isds_core::data_box::DataBox;
use isds_core::ids::{BoxId, MembershipId, PersonId};
use isds_core::ports::{BEGINNING_OF_RECORDS, BoxMatches, BoxQuery, Directory, StoreError, StoreResult};
use isds_core::user::{Membership, Person};

use super::box_history::record_box_state;
use super::box_index::index_box;
use super::{Db, SqlStore};
use crate::error::store_error;
use crate::rows::{bind_box, flag};

pub(super) const ADD_BOX: &str = "INSERT INTO boxes (box_id, box_type, state, ic, given_names, last_name, firm_name, birth_date, \
     birth_city, birth_county, birth_state, address_code, address_city, address_district, address_street, \
     number_in_street, number_in_municipality, zip_code, address_state, nationality, ovm_id, open_addressing, \
     postal_contract, upper_id, aifo_known, ic_number, given_names_folded, last_name_folded, firm_name_folded, birth_city_folded, \
     city_folded, street_folded) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";

pub(super) const ADD_PERSON: &str = "INSERT INTO persons (given_names, last_name, birth_date, address, aifo_known) \
     VALUES ($1, $2, $3, $4, $5) RETURNING id";

pub(super) const ADD_MEMBERSHIP: &str = "INSERT INTO memberships (isds_id, box_id, person_id, user_type, privileges, list_place, name_key) \
     SELECT $1, $2, id, $4, CAST($5 AS BIGINT), CAST($6 AS SMALLINT), lower(last_name || '|' || given_names) \
     FROM persons WHERE id = $3 RETURNING id";

#[async_trait]
impl Directory for SqlStore {
    async fn lookup_box(&self, id: BoxId) -> StoreResult<Option<DataBox>> {
        self.box_by_id(id).await
    }

    async fn find_boxes(&self, query: &BoxQuery) -> StoreResult<BoxMatches> {
        self.search(query).await
    }

    async fn add_box(&self, data_box: &DataBox) -> StoreResult<()> {
        let mut tx = self.begin().await.map_err(store_error)?;
        bind_box!(sqlx::query::<Db>(ADD_BOX), data_box)
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
        index_box(&mut tx, data_box).await.map_err(store_error)?;
        record_box_state(&mut tx, data_box.id, data_box.state, BEGINNING_OF_RECORDS)
            .await
            .map_err(store_error)?;
        tx.commit().await.map_err(store_error)
    }

    async fn add_person(&self, person: &Person) -> StoreResult<PersonId> {
        let address =
            serde_json::to_string(&person.address).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        let id = sqlx::query_scalar::<Db, i64>(ADD_PERSON)
            .bind(person.given_names.as_str())
            .bind(person.last_name.as_str())
            .bind(person.birth_date.map(|date| date.to_string()))
            .bind(address)
            .bind(flag(person.aifo_known))
            .fetch_one(self.writer())
            .await
            .map_err(store_error)?;
        Ok(PersonId(id))
    }

    async fn add_membership(&self, membership: &Membership) -> StoreResult<MembershipId> {
        let id = sqlx::query_scalar::<Db, i64>(ADD_MEMBERSHIP)
            .bind(membership.isds_id.0.as_str())
            .bind(membership.box_id.map(|id| id.to_string()))
            .bind(membership.person_id.0)
            .bind(membership.user_type.name())
            .bind(i64::from(membership.privileges.0))
            .bind(membership.user_type.list_place())
            .fetch_one(self.writer())
            .await
            .map_err(store_error)?;
        Ok(MembershipId(id))
    }
}
