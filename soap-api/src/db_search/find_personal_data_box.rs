//! `FindPersonalDataBox` (XSD `tdbPersonalOwnerInfo`).

use isds_core::{FindDataBox2, FindPersonalDataBox};
use wire::forms::personal_owner_info;

use super::owner::read_owner;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// Children of `dbOwnerInfo` that are looked at.
const CONDITIONS: [&str; 11] = [
    "dbID",
    "pnFirstName",
    "pnMiddleName",
    "pnLastName",
    "biDate",
    "biCity",
    "adCity",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
];

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut fields = read_owner(call, &CONDITIONS).await?;
    let input = FindPersonalDataBox {
        first_name: fields.take("pnFirstName"),
        middle_name: fields.take("pnMiddleName"),
        conditions: FindDataBox2 {
            box_id: fields.take("dbID"),
            last_name: fields.take("pnLastName"),
            birth_date: fields.take("biDate"),
            birth_city: fields.take("biCity"),
            city: fields.take("adCity"),
            street: fields.take("adStreet"),
            number_in_street: fields.take("adNumberInStreet"),
            number_in_municipality: fields.take("adNumberInMunicipality"),
            zip_code: fields.take("adZipCode"),
            ..FindDataBox2::default()
        },
    };
    let found = call.isds.find_personal_data_box(call.caller, input).await?;
    let mut response = call.response();
    let payload = response.payload();
    payload.start("dbResults");
    for data_box in &found.boxes {
        personal_owner_info(payload, data_box);
    }
    payload.end("dbResults");
    Ok(Answer::xml(response.status(found.status)))
}
