//! `CreateDataBox2` (XSD `tCreateDBInput2` and `tCreateDBOutput2`, manual S 2.1), and what `CreateDataBox` shares.

use isds_core::CreateDataBox;
use isds_core::status::Status;
use wire::reader::Fields;

use super::reading::{OWNER_INFO, approved, holder, once};
use super::user_request::{USER_INFO, described};
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    // Users of any number are kept while they are read: only for somebody who may found a box.
    call.caller.authorize_administration(call.operation)?;
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
                        let (_, user) = described(&mut Fields::read(reader, &USER_INFO).await?);
                        input.users.push(user);
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
