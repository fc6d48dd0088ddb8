//! By which title a message goes and who pays: the facts behind [`Title::choose`], and writing a message that costs
//! something.

use crate::data_box::DataBox;
use crate::envelope::EnvelopeDraft;
use crate::error::Failure;
use crate::ports::{NewMessage, Observation, StoreError};
use crate::postal::{Postage, PostalRequest, PostalSize, Title, TitleFacts, Wish};
use crate::status::Status;
use crate::time::Timestamp;

use super::Isds;

/// How often a title is chosen anew when others keep taking what was to pay.
const ATTEMPTS: usize = 4;

impl Isds {
    /// The title of a message between two boxes as things stand now, and what will pay for it. Nothing is taken yet:
    /// what was found may be gone when the message is written, see [`accept_paid`](Self::accept_paid). `draft` as it is
    /// after [`normalize`](EnvelopeDraft::normalize).
    ///
    /// # Errors
    /// 1232, 1233, 1242, 1243, 1234, 1205; failures of the database.
    pub(crate) async fn postage(
        &self,
        sender: &DataBox,
        recipient: &DataBox,
        draft: &EnvelopeDraft,
        size: PostalSize,
    ) -> Result<Postage, Failure> {
        let request = PostalRequest::new(sender, recipient, draft, size);
        let title = self.title(&request).await?;
        Ok(Postage { request, title })
    }

    async fn title(&self, request: &PostalRequest) -> Result<Title, Failure> {
        let facts = if request.needs_title()? {
            self.title_facts(request, self.clock.legal()).await?
        } else {
            TitleFacts::default()
        };
        Ok(Title::choose(request, &facts, &self.limits.prices)?)
    }

    /// Looks up only what the decision will look at.
    async fn title_facts(&self, request: &PostalRequest, now: Timestamp) -> Result<TitleFacts, Failure> {
        let mut facts = TitleFacts::default();
        if let (Wish::Automatic | Wish::Reply, Some(reference)) = (request.wish, &request.their_reference) {
            let reply = self
                .store
                .lookup_open_reply(request.sender, request.recipient, reference, now);
            facts.reply = reply.await?;
        }
        if request.wish == Wish::Reply || facts.reply.is_some() {
            return Ok(facts);
        }
        let recipient = Some(request.recipient);
        let subsidies = self.store.list_subsidies(request.sender, recipient, now, 1);
        facts.subsidy = subsidies.await?.pop();
        match (&request.own_reference, request.wish) {
            (Some(reference), Wish::Initiating) => {
                let used = self.store.is_reply_identifier_used(request.sender, reference);
                facts.reference_used = used.await?;
            }
            _ if facts.subsidy.is_none() && (!request.contract || request.wish == Wish::Credit) => {
                let account = self.store.lookup_credit(request.sender).await?;
                facts.credit = account.map_or(0, |account| account.available(now));
            }
            _ => {}
        }
        Ok(facts)
    }

    /// Tells whoever counts that a message was accepted.
    pub(crate) fn note_accepted(&self, new: &NewMessage) {
        self.observer.note(Observation::Accepted {
            kind: new.message.kind,
            large: new.message.content.large.is_some(),
        });
    }

    /// Writes a message with the kind of its title and takes what it costs; kind and payment of `new` are filled in
    /// here. Where what was to pay is gone meanwhile, the title is chosen anew, as if the message came only now.
    ///
    /// # Errors
    /// 1205, 1234, 1243 where nothing else can pay: nothing was written then, and whoever calls removes the content.
    /// Failures of the database, after which the message may have been written.
    pub(crate) async fn accept_paid(&self, postage: Postage, mut new: NewMessage) -> Result<(), Failure> {
        let Postage { request, mut title } = postage;
        for _ in 0..ATTEMPTS {
            new.message.kind = title.kind;
            new.payment = title.payment;
            match self.store.accept_message(&new).await {
                Err(StoreError::Unpaid(_)) => title = self.title(&request).await?,
                written => {
                    written?;
                    self.note_accepted(&new);
                    return Ok(());
                }
            }
        }
        Err(Failure::refused(Status::INSUFFICIENT_CREDIT))
    }
}
