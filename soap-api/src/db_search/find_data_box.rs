//! `FindDataBox`: FindDataBox2 as it was before 2018 (XSD `tFindDBInput` and `tFindDBOuput`).

use isds_core::status::Status;
use isds_core::{FindDataBox2, FindPersonalDataBox};
use wire::forms::found_owner_info_1;

use super::owner::read_owner;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// Children of `dbOwnerInfo` that are looked at. The name at birth is passed over since 2015 (manual V 1.2).
const CONDITIONS: [&str; 15] = [
    "dbID",
    "dbType",
    "ic",
    "pnFirstName",
    "pnMiddleName",
    "pnLastName",
    "firmName",
    "biDate",
    "biCity",
    "adCity",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "dbState",
];

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let mut fields = read_owner(call, &CONDITIONS).await?;
    let given_names = FindPersonalDataBox::given_names(fields.text("pnFirstName"), fields.text("pnMiddleName"));
    let input = FindDataBox2 {
        box_id: fields.take("dbID"),
        box_type: fields.take("dbType"),
        ic: fields.take("ic"),
        given_names,
        last_name: fields.take("pnLastName"),
        firm_name: fields.take("firmName"),
        birth_date: fields.take("biDate"),
        birth_city: fields.take("biCity"),
        city: fields.take("adCity"),
        street: fields.take("adStreet"),
        number_in_street: fields.take("adNumberInStreet"),
        number_in_municipality: fields.take("adNumberInMunicipality"),
        zip_code: fields.take("adZipCode"),
        ovm_id: None,
        state: fields.take("dbState"),
    };
    let found = call.isds.find_data_box(call.caller, input).await?;
    let mut response = call.response();
    // As in FindDataBox2, of a box that may not be named not even an empty list is given.
    if found.status != Status::RECEIVES_NO_POSTAL {
        let payload = response.payload();
        payload.start("dbResults");
        for data_box in &found.boxes {
            found_owner_info_1(payload, data_box, found.full);
        }
        payload.end("dbResults");
    }
    Ok(Answer::xml(response.status(found.status)))
}
