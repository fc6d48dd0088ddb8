//! Finding the recipient of a row, and judging whether something can be sent there.

use crate::bulk::{BulkJob, BulkMapping, BulkRecipient, BulkRow};
use crate::data_box::DataBox;
use crate::envelope::EnvelopeDraft;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::postal::Postage;
use crate::principal::Principal;
use crate::status::Status;

use super::super::create_message::MessageSize;
use super::super::{Isds, SearchRequest, SendOptions};

/// How many of the boxes found are looked at. Of more nobody can tell which was meant.
const LOOKED_AT: &str = "10";

/// The box to which a row names the way.
pub(super) struct Found {
    /// As the caller of an operation would write it.
    pub id: String,
    /// It had to be looked up.
    pub looked_up: bool,
}

impl Isds {
    /// The box that a row names, by its ID, by a number, or by name and address.
    ///
    /// # Errors
    /// 1102 where the row names none, 0002 and 1109 where none or more than one fits, codes of the search.
    pub(super) async fn find_bulk_recipient(
        &self,
        actor: &Principal,
        job: &BulkJob,
        row: &BulkRow,
    ) -> Result<Found, Failure> {
        let mapping = &job.settings.mapping;
        let cell = |column: &Option<String>| BulkMapping::cell(&job.columns, &row.cells, column.as_deref());
        let id = cell(&mapping.box_id);
        if !id.is_empty() {
            return Ok(Found {
                // Programs for tables like to begin with a capital letter.
                id: id.to_lowercase(),
                looked_up: false,
            });
        }
        let ic = cell(&mapping.ic);
        let id = if ic.is_empty() {
            let name = cell(&mapping.name);
            if name.is_empty() {
                let needed = "ID schránky, IČO, nebo jméno s adresou";
                return Err(Refusal::about(Status::SEARCH_INPUT_MISSING, needed).into());
            }
            let address = mapping.address.iter();
            let address = address.map(|column| BulkMapping::cell(&job.columns, &row.cells, Some(column)));
            let text: Vec<&str> = std::iter::once(name)
                .chain(address)
                .filter(|part| !part.is_empty())
                .collect();
            self.only_box(actor, "GENERAL", text.join(" ")).await?
        } else {
            self.only_box(actor, "ICO", ic.to_owned()).await?
        };
        Ok(Found {
            id: id.to_string(),
            looked_up: true,
        })
    }

    /// The only box that a search finds and to which something can be sent.
    async fn only_box(&self, actor: &Principal, search_type: &str, text: String) -> Result<BoxId, Failure> {
        let request = SearchRequest {
            text,
            search_type: Some(search_type.to_owned()),
            page_size: Some(LOOKED_AT.to_owned()),
            ..SearchRequest::default()
        };
        let found = self.isds_search3(actor, &request).await?;
        let mut open = found
            .boxes
            .iter()
            .filter(|b| matches!(b.send_options, SendOptions::Public | SendOptions::Postal));
        match (open.next(), open.next()) {
            (None, _) if found.total == 0 => Err(Failure::refused(Status::NO_BOX_FOUND)),
            (None, _) => Err(Failure::refused(Status::RECIPIENT_UNAVAILABLE)),
            (Some(only), None) if found.last => Ok(only.id),
            _ => Err(Failure::refused(Status::AMBIGUOUS_SEARCH)),
        }
    }

    /// Whether a message of this size with this envelope could be sent now, to whom it would go, and what it would cost.
    ///
    /// # Errors
    /// Those of [`create_message`](Isds::create_message).
    pub(super) async fn judge_bulk_envelope(
        &self,
        sender: &DataBox,
        draft: EnvelopeDraft,
        size: MessageSize,
    ) -> Result<BulkRecipient, Failure> {
        let draft = draft.normalize()?;
        let recipient = self.recipient_of(sender, &draft).await?;
        let postage = self.postage(sender, &recipient, &draft, size.postal()).await?;
        Ok(BulkRecipient {
            id: recipient.id,
            name: recipient.holder_name(),
            address: recipient.address.one_line(),
            kind: postage.title.kind,
            price: own_price(sender, &postage),
        })
    }
}

/// What the sender itself pays.
fn own_price(sender: &DataBox, postage: &Postage) -> i64 {
    let payment = postage.title.payment.as_ref();
    payment.filter(|p| p.payer == sender.id).map_or(0, |p| p.amount)
}
