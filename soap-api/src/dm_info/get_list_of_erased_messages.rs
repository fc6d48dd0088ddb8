//! `GetListOfErasedMessages` (XSD `tGetListOfErasedInput`): orders a list that `PickUpAsyncResponse` fetches.

use isds_core::message::SideOf;
use isds_core::ports::ListFormat;
use isds_core::status::Status;
use isds_core::time::{Timestamp, parse_date, start_of_day};
use isds_core::{ErasedListRequest, Refusal};
use jiff::ToSpan;
use jiff::civil::Date;
use wire::reader::Fields;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let names = &[
        "dmFromDate",
        "dmToDate",
        "dmYear",
        "dmMonth",
        "dmMessageType",
        "dmOutFormat",
    ];
    let fields = call.fields(names).await?;
    let (first, last) = days(&fields)?;
    let request = ErasedListRequest {
        from: start_of_day(first),
        to: end_of_day(last)?,
        side: match word(&fields, "dmMessageType") {
            Some("SENT") => SideOf::Sender,
            Some("RECEIVED") => SideOf::Recipient,
            _ => return Err(structure("dmMessageType je SENT nebo RECEIVED.").into()),
        },
        format: match word(&fields, "dmOutFormat") {
            Some("XML") => ListFormat::Xml,
            Some("CSV") => ListFormat::Csv,
            _ => return Err(structure("dmOutFormat je XML nebo CSV.").into()),
        },
    };
    let id = call.isds.order_erased_list(call.caller, &request).await?;
    let mut response = call.response();
    response.payload().element("asyncID", id.0);
    Ok(Answer::xml(response.status(Status::OK)))
}

/// First and last day: both given, or a year, or a month of it.
fn days(fields: &Fields) -> Result<(Date, Date), Refusal> {
    match (
        word(fields, "dmFromDate"),
        word(fields, "dmToDate"),
        fields.integer("dmYear")?,
    ) {
        (Some(from), Some(to), None) => Ok((day("dmFromDate", from)?, day("dmToDate", to)?)),
        (None, None, Some(year)) => {
            let wrong = || Refusal::about(Status::SYNTAX, "dmYear, dmMonth");
            let year = i16::try_from(year).map_err(|_| wrong())?;
            let (from, to) = match fields.integer("dmMonth")? {
                None => (1, 12),
                Some(month) => {
                    let month = i8::try_from(month).map_err(|_| wrong())?;
                    (month, month)
                }
            };
            let first = Date::new(year, from, 1).map_err(|_| wrong())?;
            let last = Date::new(year, to, 1).map_err(|_| wrong())?.last_of_month();
            Ok((first, last))
        }
        _ => Err(structure("zadejte dmFromDate a dmToDate, nebo dmYear.")),
    }
}

fn day(name: &str, text: &str) -> Result<Date, Refusal> {
    parse_date(text).map_err(|_| Refusal::about(Status::SYNTAX, name))
}

fn end_of_day(date: Date) -> Result<Timestamp, Refusal> {
    let next = date
        .checked_add(1_i64.days())
        .map_err(|_| Refusal::about(Status::SYNTAX, "dmToDate"))?;
    Ok(start_of_day(next).plus_micros(-1))
}

fn word<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.text(name).map(str::trim).filter(|text| !text.is_empty())
}

fn structure(detail: &str) -> Refusal {
    Refusal::about(Status::INVALID_STRUCTURE, detail)
}
