//! `ChangeBoxesType`: many boxes get another type.

use crate::administration::{AdministrationRequest, BoxChange, HolderClass, RequestNumber, holder_key};
use crate::audit::AuditAction;
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::Approval;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;
use super::audit::about_box;
use super::box_administration::named_box;
use super::holder_data::box_type;

/// Most boxes of one call.
const MAX_BOXES: usize = 1000;
/// Longest line that is looked at.
const MAX_LINE: usize = 64;

/// What became of one line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeChange {
    /// The line, as it came.
    pub line: String,
    /// What became of it.
    pub outcome: Result<RequestNumber, Refusal>,
}

impl Isds {
    /// Changes the type of every box that the file names, a box ID on each line, each by itself: what cannot be changed
    /// is told in its line and keeps nothing else back. A type can be changed into another of the same class of
    /// holders. A superior box stays with a subordinate authority only.
    ///
    /// # Errors
    /// 1004; 1101 and 1013 for the type; 2007 for a file that is empty, too long or no text.
    pub async fn change_boxes_type(
        &self,
        caller: &Principal,
        new_type: Option<&str>,
        file: &[u8],
        reference: Option<String>,
    ) -> Result<Vec<TypeChange>, Failure> {
        caller.authorize_administration(Operation::ChangeBoxesType)?;
        let new_type = box_type(new_type)?;
        let approval = Approval {
            approved: None,
            extern_ref_number: reference,
        };
        let mut changes = Vec::new();
        for line in lines(file)? {
            let subject = about_box(Some(line)).detail(new_type.name());
            let work = self.change_type(caller, line, new_type, &approval);
            let outcome = match self.recorded(caller, AuditAction::BoxTypeChanged, subject, work).await {
                Ok(number) => Ok(number),
                Err(Failure::Refused(refusal)) => Err(refusal),
                Err(broken) => return Err(broken),
            };
            changes.push(TypeChange {
                line: line.to_owned(),
                outcome,
            });
        }
        Ok(changes)
    }

    async fn change_type(
        &self,
        caller: &Principal,
        line: &str,
        new_type: BoxType,
        approval: &Approval,
    ) -> Result<RequestNumber, Failure> {
        let id = named_box(Some(line))?;
        let now = self.clock.legal().to_millis();
        let mut changed = self.box_record(id).await?.data_box;
        changed.box_type = new_type;
        if self.store.find_twin(&changed).await?.is_some() {
            return Err(Failure::refused(Status::BOX_EXISTS));
        }
        let request = AdministrationRequest::of(Operation::ChangeBoxesType, caller, approval, now);
        self.change_box(id, |record| {
            let before = &record.data_box;
            if before.state == BoxState::Deleted {
                return Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED));
            }
            let same_class = HolderClass::of(before.box_type) == HolderClass::of(new_type);
            // A subordinate authority needs a superior box, which this service has no place for.
            let lacks_superior = new_type == BoxType::OvmReq && before.upper_id.is_none();
            if !same_class || lacks_superior {
                return Err(Refusal::of(Status::BOX_TYPE_NOT_ALLOWED));
            }
            let mut change = BoxChange::of(record, request.clone());
            change.data_box.box_type = new_type;
            if new_type != BoxType::OvmReq {
                change.data_box.upper_id = None;
            }
            change.rekeys = holder_key(&change.data_box) != holder_key(before);
            Ok(change)
        })
        .await
    }
}

fn lines(file: &[u8]) -> Result<Vec<&str>, Refusal> {
    let wrong = |text: String| Refusal::about(Status::INVALID_STRUCTURE, text);
    let text = std::str::from_utf8(file).map_err(|_| wrong("IDsFile není text v UTF-8.".to_owned()))?;
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim_start_matches('\u{FEFF}').trim())
        .filter(|line| !line.is_empty())
        .take(MAX_BOXES + 1)
        .collect();
    if lines.is_empty() || lines.len() > MAX_BOXES {
        return Err(wrong(format!("IDsFile obsahuje 1 až {MAX_BOXES} řádků.")));
    }
    if lines.iter().any(|line| line.len() > MAX_LINE) {
        return Err(wrong(format!("řádek IDsFile má nejvýše {MAX_LINE} znaků.")));
    }
    Ok(lines)
}
