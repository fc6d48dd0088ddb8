//! What an operation gets to work with.

use std::sync::Arc;

use isds_core::Isds;
use isds_core::operation::Operation;
use isds_core::principal::Principal;
use isds_core::status::Status;
use wire::forms::{box_address, no_owner_info, no_owner_info_1, statistic};
use wire::reader::{Fields, Request};
use wire::soap::{Response, StatusStyle};

use crate::answer::Answer;
use crate::body::RequestBody;
use crate::stop::Stop;

/// A call of an operation whose caller is known and whose request is open.
pub(crate) struct Call<'a> {
    pub isds: &'a Arc<Isds>,
    pub caller: &'a Principal,
    /// Where the call comes from: wrong passwords are counted by it.
    pub address: std::net::IpAddr,
    pub operation: Operation,
    pub style: StatusStyle,
    pub request: Request<&'a mut RequestBody>,
}

impl Call<'_> {
    /// Reads a small request to its end: the named children of the operation's element.
    pub async fn fields(&mut self, names: &[&'static str]) -> Result<Fields, Stop> {
        let fields = Fields::read(self.request.reader(), names).await?;
        self.request.finish().await?;
        Ok(fields)
    }

    /// Reads a request whose content does not matter to its end.
    pub async fn no_fields(&mut self) -> Result<(), Stop> {
        self.request.reader().skip().await?;
        self.request.finish().await?;
        Ok(())
    }

    /// The beginning of the answer.
    pub fn response(&self) -> Response {
        Response::begin(self.operation.name(), self.style)
    }

    /// The beginning of a refusal: as of an answer, with the one payload that the XSD never leaves out.
    pub fn refusal(&self) -> Response {
        let mut response = self.response();
        match self.operation {
            Operation::GetOwnerInfoFromLogin2 => no_owner_info(response.payload()),
            Operation::GetDataBoxAddress => box_address(response.payload(), None),
            Operation::ArchiveIsdsDocument => {
                response.payload().nillable("dmResultDoc", None::<&str>);
                response.payload().nillable("nextStampTo", None::<&str>);
            }
            Operation::ReSignIsdsDocument => {
                response.payload().nillable("dmResultDoc", None::<&str>);
            }
            Operation::GetOwnerInfoFromLogin => no_owner_info_1(response.payload()),
            Operation::NumOfMessages => {
                statistic(response.payload(), None, self.isds.clock.legal().to_millis());
            }
            _ => {}
        }
        response
    }

    /// An answer that is only a status, with the number of the request for administration where there is one.
    pub fn done_as(&self, number: Option<isds_core::administration::RequestNumber>) -> Answer {
        Answer::xml(self.response().reference(number).status(Status::OK))
    }

    /// An answer that is only a status.
    pub fn done(&self) -> Answer {
        Answer::xml(self.response().status(Status::OK))
    }
}
