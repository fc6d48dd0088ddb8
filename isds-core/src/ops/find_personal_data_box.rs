//! `FindPersonalDataBox`: boxes of natural persons with all their data, for authorities.

use crate::box_type::BoxType;
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::principal::Principal;
use crate::status::Status;

use super::Isds;
use super::find_data_box2::{FindDataBox2, FoundBoxes};

/// Conditions as the caller gives them; names in two parts, as they were before 2018.
#[derive(Debug, Clone, Default)]
pub struct FindPersonalDataBox {
    /// `pnFirstName`.
    pub first_name: Option<String>,
    /// `pnMiddleName`.
    pub middle_name: Option<String>,
    /// The other conditions; type and given names are set by the search.
    pub conditions: FindDataBox2,
}

impl FindPersonalDataBox {
    /// First and middle names as one text.
    #[must_use]
    pub fn given_names(first: Option<&str>, middle: Option<&str>) -> Option<String> {
        let names: Vec<&str> = [first, middle]
            .into_iter()
            .flatten()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        (!names.is_empty()).then(|| names.join(" "))
    }
}

impl Isds {
    /// Searches boxes of natural persons.
    ///
    /// # Errors
    /// 1004 also for callers that are no authority; 1102, 1180, 2007, 2011, 2017.
    pub async fn find_personal_data_box(
        &self,
        caller: &Principal,
        input: FindPersonalDataBox,
    ) -> Result<FoundBoxes, Failure> {
        let own: Option<&DataBox> = caller.authorize_search(Operation::FindPersonalDataBox)?;
        if own.is_some_and(|own| !own.box_type.is_ovm()) {
            return Err(Refusal::of(Status::NO_RIGHT).into());
        }
        let input = FindDataBox2 {
            box_type: Some(BoxType::Fo.name().to_owned()),
            given_names: FindPersonalDataBox::given_names(input.first_name.as_deref(), input.middle_name.as_deref()),
            ovm_id: None,
            ..input.conditions
        };
        let mut found = self.find_boxes_for(true, input).await?;
        found.boxes.retain(|data_box| data_box.box_type.is_fo());
        if found.boxes.is_empty() {
            found.status = Status::NO_BOX_FOUND;
        }
        Ok(found)
    }
}
