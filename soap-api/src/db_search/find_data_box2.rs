//! `FindDataBox2` (XSD `tFindDBInput21` and `tFindDBOuput2`, manual V 2.1).

use isds_core::FindDataBox2;
use isds_core::status::Status;
use wire::forms::owner_info;

use super::owner::read_owner;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// Children of `dbOwnerInfo` that are looked at.
const CONDITIONS: [&str; 15] = [
    "dbID",
    "dbType",
    "ic",
    "pnGivenNames",
    "pnLastName",
    "firmName",
    "biDate",
    "biCity",
    "adCity",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "dbIdOVM",
    "dbState",
];

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let input = read(call).await?;
    let found = call.isds.find_data_box2(call.caller, input).await?;
    let mut response = call.response();
    // Of a box that may not be named not even an empty list is given (manual V 2.1).
    if found.status != Status::RECEIVES_NO_POSTAL {
        let payload = response.payload();
        payload.start("dbResults");
        for data_box in &found.boxes {
            owner_info(payload, data_box);
        }
        payload.end("dbResults");
    }
    Ok(Answer::xml(response.status(found.status)))
}

async fn read(call: &mut Call<'_>) -> Result<FindDataBox2, Stop> {
    let mut fields = read_owner(call, &CONDITIONS).await?;
    Ok(FindDataBox2 {
        box_id: fields.take("dbID"),
        box_type: fields.take("dbType"),
        ic: fields.take("ic"),
        given_names: fields.take("pnGivenNames"),
        last_name: fields.take("pnLastName"),
        firm_name: fields.take("firmName"),
        birth_date: fields.take("biDate"),
        birth_city: fields.take("biCity"),
        city: fields.take("adCity"),
        street: fields.take("adStreet"),
        number_in_street: fields.take("adNumberInStreet"),
        number_in_municipality: fields.take("adNumberInMunicipality"),
        zip_code: fields.take("adZipCode"),
        ovm_id: fields.take("dbIdOVM"),
        state: fields.take("dbState"),
    })
}
