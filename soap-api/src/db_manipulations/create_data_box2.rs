//! `CreateDataBox2` (XSD `tCreateDBInput2` and `tCreateDBOutput2`, manual S 2.1), and what `CreateDataBox` shares.

use isds_core::status::Status;
use isds_core::user::UserContact;
use isds_core::{CreateDataBox, PrimaryUserData};
use wire::reader::Fields;

use super::reading::{OWNER_INFO, address, approved, given_names, holder, once};
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// Children of `dbUserInfo` that are looked at, of both generations.
const USER_INFO: [&str; 21] = [
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
    "userType",
    "ic",
    "firmName",
    "caStreet",
    "caCity",
    "caZipCode",
    "caState",
];

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let input = read(call).await?;
    let created = call.isds.create_data_box(call.caller, call.operation, &input).await?;
    let mut response = call.response();
    let payload = response.payload();
    payload.element("dbID", created.id);
    if let Some(first) = created.access.first() {
        payload.element("dbUserID", &first.login);
        // A box may have several primary users and the answer one element: the codes of all of them, each of which
        // begins with its login name.
        let codes: Vec<&str> = created.access.iter().map(|access| access.code.as_str()).collect();
        payload.element("dbAccessDataId", codes.join(" "));
    }
    Ok(Answer::xml(response.reference(Some(created.number)).status(Status::OK)))
}

async fn read(call: &mut Call<'_>) -> Result<CreateDataBox, Stop> {
    let mut input = CreateDataBox::default();
    let mut seen = Vec::new();
    let mut approval = Fields::default();
    let mut upper_id = None;
    let reader = call.request.reader();
    while let Some(element) = reader.next_child().await? {
        match element.contract_name() {
            "dbOwnerInfo" => {
                once(&mut seen, "dbOwnerInfo")?;
                input.postal = element
                    .attributes
                    .iter()
                    .find(|attribute| attribute.name == "PDZ")
                    .map(|attribute| attribute.value.to_string());
                input.holder = holder(&mut Fields::read(reader, &OWNER_INFO).await?);
            }
            "dbPrimaryUsers" => {
                once(&mut seen, "dbPrimaryUsers")?;
                while let Some(user) = reader.next_child().await? {
                    if user.contract_name() == "dbUserInfo" {
                        input
                            .users
                            .push(primary_user(&mut Fields::read(reader, &USER_INFO).await?));
                    } else {
                        reader.skip().await?;
                    }
                }
            }
            // Only the first generation has it; in the second it stands in dbOwnerInfo.
            "dbUpperDBId" => {
                once(&mut seen, "dbUpperDBId")?;
                upper_id = reader.text("dbUpperDBId").await?;
            }
            "dbApproved" => approval.add("dbApproved", reader.text("dbApproved").await?)?,
            "dbExternRefNumber" => approval.add("dbExternRefNumber", reader.text("dbExternRefNumber").await?)?,
            _ => reader.skip().await?,
        }
    }
    call.request.finish().await?;
    input.holder.upper_id = input.holder.upper_id.or(upper_id);
    input.approval = approved(&mut approval)?;
    Ok(input)
}

fn primary_user(fields: &mut Fields) -> PrimaryUserData {
    PrimaryUserData {
        given_names: given_names(fields),
        last_name: fields.take("pnLastName"),
        birth_date: fields.take("biDate"),
        user_type: fields.take("userType"),
        address: address(fields),
        contact: UserContact {
            firm_ic: fields.take("ic"),
            firm_name: fields.take("firmName"),
            street: fields.take("caStreet"),
            city: fields.take("caCity"),
            zip_code: fields.take("caZipCode"),
            state: fields.take("caState"),
        },
    }
}
