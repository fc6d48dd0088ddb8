//! `DataBoxCreditInfo` (XSD `tDBCreditInfoInput` and `tDBCreditInfoOutput`, manual V 2.7).

use isds_core::postal::{CreditEntry, CreditEvent};
use isds_core::status::Status;
use wire::Writer;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    // The second date's name is the contract's own.
    let fields = call.fields(&["dbID", "ciFromDate", "ciTodate"]).await?;
    let credit = call
        .isds
        .data_box_credit_info(
            call.caller,
            fields.text("dbID").unwrap_or_default(),
            fields.text("ciFromDate"),
            fields.text("ciTodate"),
        )
        .await?;
    let mut response = call.response();
    let payload = response.payload();
    payload
        .element("currentCredit", credit.balance)
        .nillable("notifEmail", None::<&str>)
        .start("ciRecords");
    for entry in &credit.entries {
        record(payload, entry);
    }
    payload.end("ciRecords");
    Ok(Answer::xml(response.status(Status::OK)))
}

fn record(payload: &mut Writer, entry: &CreditEntry) {
    payload
        .start("ciRecord")
        .element("ciEventTime", entry.time)
        .element("ciEventType", entry.event.number())
        .element("ciCreditChange", entry.change)
        .element("ciCreditAfter", entry.after);
    match &entry.event {
        CreditEvent::TopUp { transaction } | CreditEvent::Withdrawal { transaction } => {
            payload.element("ciTransID", transaction);
        }
        CreditEvent::PostalMessage { recipient, id } => {
            payload.element("ciRecipientID", recipient).element("ciPDZID", id);
        }
        CreditEvent::VaultPurchase { new, old, done_by } => {
            payload
                .element("ciNewCapacity", new.capacity)
                .element("ciNewFrom", new.from)
                .element("ciNewTo", new.to)
                .nillable("ciOldCapacity", old.map(|old| old.capacity))
                .nillable("ciOldFrom", old.map(|old| old.from))
                .nillable("ciOldTo", old.map(|old| old.to))
                .nillable("ciDoneBy", done_by.as_ref());
        }
        // The schema has no branch for it and wants one: the shortest says nothing.
        CreditEvent::Expiry => {
            payload.element("ciTransID", "");
        }
        CreditEvent::VaultRestore { done_by } => {
            payload.element("ciDoneBy", done_by);
        }
    }
    payload.end("ciRecord");
}
