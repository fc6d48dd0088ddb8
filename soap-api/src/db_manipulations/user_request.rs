//! What requests about users bring, in both generations. The second names box and user by `dbID` and `isdsID`, the first
//! describes them in `dbOwnerInfo` and `dbUserInfo` or `dbOldUserInfo`; of the box its ID is needed all the same.

use isds_core::ids::BoxId;
use isds_core::ports::Approval;
use isds_core::user::UserContact;
use isds_core::{UserDraft, UserRef};
use wire::reader::Fields;

use super::reading::{address, approved, given_names, once};
use crate::call::Call;
use crate::stop::Stop;

/// Children of the operation's element that are values.
const VALUES: [&str; 6] = [
    "dbID",
    "isdsID",
    "dbFeePaid",
    "dbVirtual",
    "dbApproved",
    "dbExternRefNumber",
];

/// Children of `dbUserInfo` that are looked at, of both generations.
pub(super) const USER_INFO: [&str; 23] = [
    "pnGivenNames",
    "pnFirstName",
    "pnMiddleName",
    "pnLastName",
    "adCode",
    "adAMCode",
    "adCity",
    "adDistrict",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "adState",
    "biDate",
    "userID",
    "userType",
    "userPrivils",
    "ic",
    "firmName",
    "caStreet",
    "caCity",
    "caZipCode",
    "caState",
];

/// A request about a user.
#[derive(Default)]
pub(super) struct UserRequest {
    /// ID of the box.
    pub box_id: Option<String>,
    /// Approval outside of the system.
    pub approval: Approval,
    /// The user to be added, or the new data of one.
    pub draft: Option<UserDraft>,
    isds_id: Option<String>,
    /// Login name and data of the user who is meant (first generation).
    described: Option<(Option<String>, UserDraft)>,
}

impl UserRequest {
    /// Reads the request to its end, for somebody who may call the operation at all.
    pub async fn read(call: &mut Call<'_>) -> Result<Self, Stop> {
        call.caller.authorize_administration(call.operation)?;
        let mut request = Self::default();
        let mut values = Fields::default();
        let mut seen = Vec::new();
        let reader = call.request.reader();
        while let Some(element) = reader.next_child().await? {
            let name = element.contract_name();
            match name {
                "dbOwnerInfo" => {
                    once(&mut seen, "dbOwnerInfo")?;
                    request.box_id = Fields::read(reader, &["dbID"]).await?.take("dbID");
                }
                "dbOldUserInfo" => {
                    once(&mut seen, "dbOldUserInfo")?;
                    request.described = Some(described(&mut Fields::read(reader, &USER_INFO).await?));
                }
                "dbUserInfo" | "dbNewUserInfo" => {
                    once(&mut seen, "dbUserInfo")?;
                    let (login, draft) = described(&mut Fields::read(reader, &USER_INFO).await?);
                    request.draft = Some(draft.clone());
                    request.described = request.described.or(Some((login, draft)));
                }
                _ => match VALUES.iter().find(|value| **value == name) {
                    Some(value) => values.add(value, reader.text(value).await?)?,
                    None => reader.skip().await?,
                },
            }
        }
        call.request.finish().await?;
        // There is no fee to be paid and no post to be left out, but what is no answer to a question is refused.
        for flag in ["dbFeePaid", "dbVirtual"] {
            values.boolean(flag)?;
        }
        request.approval = approved(&mut values)?;
        request.isds_id = values.take("isdsID");
        request.box_id = request.box_id.or_else(|| values.take("dbID"));
        Ok(request)
    }

    /// The user by their identifier (second generation).
    pub fn user_by_id(&self) -> UserRef {
        UserRef::IsdsId(self.isds_id.clone())
    }

    /// The user by what is said of them (first generation).
    pub fn described_user(&self) -> UserRef {
        let (login, draft) = self.described.clone().unwrap_or_default();
        UserRef::Described {
            login,
            draft: Box::new(draft),
        }
    }

    /// The box, as an answer repeats it.
    pub fn answered_box(&self) -> Option<BoxId> {
        self.box_id.as_deref().and_then(|id| id.trim().parse().ok())
    }
}

/// Login name and data of a user.
pub(super) fn described(fields: &mut Fields) -> (Option<String>, UserDraft) {
    let draft = UserDraft {
        given_names: given_names(fields),
        last_name: fields.take("pnLastName"),
        address: address(fields),
        birth_date: fields.take("biDate"),
        user_type: fields.take("userType"),
        privileges: fields.take("userPrivils"),
        contact: UserContact {
            firm_ic: fields.take("ic"),
            firm_name: fields.take("firmName"),
            street: fields.take("caStreet"),
            city: fields.take("caCity"),
            zip_code: fields.take("caZipCode"),
            state: fields.take("caState"),
        },
    };
    (fields.take("userID"), draft)
}
