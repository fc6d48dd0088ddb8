//! `UpdateDataBoxDescr2`: what is known of a box's holder is written anew.

use crate::administration::{AdministrationRequest, BoxChange, RequestNumber, holder_key};
use crate::audit::AuditAction;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::Approval;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;
use super::audit::about_box;
use super::box_administration::named_box;
use super::holder_data::{HolderData, box_type};

impl Isds {
    /// Writes the holder's data anew, all of them: what is left out is gone (manual S 2.3). Of a person's box nothing
    /// can be changed this way, of a self-employed person's box the name of the firm and the seat; the rest comes from
    /// the registers.
    ///
    /// # Errors
    /// 1004, 1007, 5001, 1011 for a deleted box, 1012 for a person's, 1018 for what is not changed here, 1013 and 2017
    /// for the data, 1017 without a good superior box, 1010 where another box has the same holder.
    pub async fn update_data_box_descr(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        holder: &HolderData,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let work = self.rewrite_holder(caller, operation, box_id, holder, approval);
        self.recorded(caller, AuditAction::BoxChanged, about_box(box_id), work)
            .await
    }

    async fn rewrite_holder(
        &self,
        caller: &Principal,
        operation: Operation,
        box_id: Option<&str>,
        holder: &HolderData,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        caller.authorize_administration(operation)?;
        let id = named_box(box_id)?;
        let before = self.box_record(id).await?.data_box;
        let wanted = match holder
            .box_type
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            Some(name) => box_type(Some(name))?,
            None => before.box_type,
        };
        if wanted != before.box_type {
            return Err(Refusal::about(Status::HOLDER_DATA_FIXED, "dbType").into());
        }
        let upper_id = self.superior_box(before.box_type, holder.upper_id.as_deref()).await?;
        if upper_id == Some(id) {
            return Err(Failure::refused(Status::SUPERIOR_BOX));
        }
        let rekeyed = rewritten(&before, holder, upper_id)?;
        if holder_key(&rekeyed) != holder_key(&before) && self.store.find_twin(&rekeyed).await?.is_some() {
            return Err(Failure::refused(Status::BOX_EXISTS));
        }
        let request = AdministrationRequest::of(operation, caller, approval, self.clock.legal().to_millis());
        self.change_box(id, |record| {
            let mut change = BoxChange::of(record, request.clone());
            change.data_box = rewritten(&record.data_box, holder, upper_id)?;
            change.rekeys = holder_key(&change.data_box) != holder_key(&record.data_box);
            Ok(change)
        })
        .await
    }
}

fn rewritten(before: &DataBox, holder: &HolderData, upper_id: Option<crate::ids::BoxId>) -> Result<DataBox, Refusal> {
    if before.state == BoxState::Deleted {
        return Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED));
    }
    if matches!(before.box_type, BoxType::Fo | BoxType::OvmFo) {
        return Err(Refusal::of(Status::BOX_TYPE_NOT_ALLOWED));
    }
    let mut after = before.clone();
    holder.fill(&mut after)?;
    after.upper_id = upper_id;
    if before.box_type.is_natural_person() {
        refuse_personal(before, &after)?;
    }
    Ok(after)
}

/// What a self-employed person's box shows of the person comes from the registers.
fn refuse_personal(before: &DataBox, after: &DataBox) -> Result<(), Refusal> {
    let same = [
        ("ic", before.ic == after.ic),
        ("pnGivenNames", before.given_names == after.given_names),
        ("pnLastName", before.last_name == after.last_name),
        ("biDate", before.birth_date == after.birth_date),
        ("biCity", before.birth_city == after.birth_city),
        ("biCounty", before.birth_county == after.birth_county),
        ("biState", before.birth_state == after.birth_state),
        ("nationality", before.nationality == after.nationality),
        ("dbIdOVM", before.ovm_id == after.ovm_id),
    ];
    match same.iter().find(|(_, same)| !same) {
        Some((name, _)) => Err(Refusal::about(Status::HOLDER_DATA_FIXED, name)),
        None => Ok(()),
    }
}
