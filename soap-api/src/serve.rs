//! One request from its headers to its answer.

use std::error::Error as StdError;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Request as HttpRequest, StatusCode, header};
use isds_core::error::Chain;
use isds_core::operation::{Endpoint, Operation};
use isds_core::principal::Principal;
use isds_core::status::Status;
use isds_core::text::truncate;
use isds_core::{Isds, Refusal};
use wire::reader::{ReadError, Request, SoapVersion};
use wire::soap::{FaultCode, Response as SoapResponse};

use crate::access::{self, Denied};
use crate::answer::{Answer, fault_response};
use crate::body::RequestBody;
use crate::call::Call;
use crate::dispatch::{dispatch, style};
use crate::stop::{Stop, WRONG_TYPE, fault_of};
use crate::{PeerAddress, SoapConfig};

/// What all requests share.
pub(crate) struct Service {
    pub isds: Arc<Isds>,
    pub config: SoapConfig,
}

/// Longest name of an unknown operation that is repeated in its answer.
const MAX_ECHO: usize = 100;

impl Service {
    /// Answers a request to an endpoint. The rest of a refused request is read away before it is answered: clients
    /// take a connection that is cut while they send for a failure of the network and never see the answer.
    pub async fn serve(self: Arc<Self>, endpoint: Endpoint, request: HttpRequest<Body>) -> Response {
        let address = request.extensions().get::<PeerAddress>().map(|peer| peer.0);
        let (parts, body) = request.into_parts();
        let mut body = RequestBody::new(body, &self.config);
        let answered = self.answer(endpoint, &parts.headers, address, &mut body).await;
        self.finish(&parts.headers, &mut body, answered).await
    }

    /// Answers a request to a way of access that does not exist yet.
    pub async fn deny(self: Arc<Self>, request: HttpRequest<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let mut body = RequestBody::new(body, &self.config);
        let denied = access::unauthorized(&self.config.realm, &Denied::Wrong);
        self.finish(&parts.headers, &mut body, denied).await
    }

    async fn finish(&self, headers: &HeaderMap, body: &mut RequestBody, mut response: Response) -> Response {
        // A client that waits for `100 Continue` has not begun to send; asking for the rest would make it begin.
        let waits = headers.contains_key(header::EXPECT) && body.is_untouched();
        let whole = !waits && body.drain(self.config.request_bytes, self.config.drain).await;
        if !whole {
            response
                .headers_mut()
                .insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn answer(
        &self,
        endpoint: Endpoint,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        body: &mut RequestBody,
    ) -> Response {
        let announced = announced_version(headers);
        let presumed = announced.unwrap_or(SoapVersion::V11);
        let Some(address) = address else {
            // Failed logins are counted by address, so nobody is let in without one.
            return self.server_fault(presumed, &NoPeerAddress);
        };
        let caller = match access::authenticate(&self.isds, headers, address).await {
            Ok(caller) => caller,
            Err(Denied::Broken(failure)) => return self.server_fault(presumed, &failure),
            Err(Denied::Busy) => {
                let text = "Systém je přetížen, opakujte požadavek později.";
                return fault_response(StatusCode::SERVICE_UNAVAILABLE, presumed, FaultCode::Server, text);
            }
            Err(denied) => return access::unauthorized(&self.config.realm, &denied),
        };
        if announced.is_none() {
            return fault_response(WRONG_TYPE.http, presumed, WRONG_TYPE.code, WRONG_TYPE.text);
        }
        if content_length(headers).is_some_and(|length| length > self.config.request_bytes) {
            return unreadable(presumed, &ReadError::TooLarge);
        }
        match Request::open(&mut *body, self.config.request_bytes).await {
            Ok(request) => self.call(endpoint, &caller, request).await,
            Err((version, error)) => unreadable(version.unwrap_or(presumed), &error),
        }
    }

    async fn call(&self, endpoint: Endpoint, caller: &Principal, request: Request<&mut RequestBody>) -> Response {
        let version = request.version();
        let style = style(endpoint);
        let Some(operation) = Operation::find(endpoint, request.operation().contract_name()) else {
            let name = truncate(&request.operation().name, MAX_ECHO);
            let refusal = Refusal::about(Status::UNKNOWN_OPERATION, name);
            return self.refuse(version, SoapResponse::begin(name, style), &refusal).await;
        };
        let mut call = Call {
            isds: &self.isds,
            caller,
            operation,
            style,
            request,
        };
        let stop = match dispatch(&mut call).await {
            Ok(answer) => match answer.into_response(version, Arc::clone(&self.isds.objects)).await {
                Ok(response) => return response,
                Err(error) => Stop::from(error),
            },
            Err(stop) => stop,
        };
        match stop {
            Stop::Unreadable(error) => unreadable(version, &error),
            Stop::Refused(refusal) => self.refuse(version, call.refusal(), &refusal).await,
            Stop::Broken(..) => {
                let reference = self.log(&stop, operation.name());
                self.refuse(version, call.refusal(), &Refusal::about(Status::INTERNAL, reference))
                    .await
            }
        }
    }

    /// The rules refuse a call: HTTP 200 and a status alone.
    async fn refuse(&self, version: SoapVersion, response: SoapResponse, refusal: &Refusal) -> Response {
        let answer = Answer::xml(response.refuse(refusal.status().code(), &refusal.text()));
        match answer.into_response(version, Arc::clone(&self.isds.objects)).await {
            Ok(response) => response,
            Err(error) => self.server_fault(version, &error),
        }
    }

    /// Something failed before the operation was known, or where nothing could be known any more.
    pub fn server_fault(&self, version: SoapVersion, error: &(dyn StdError + 'static)) -> Response {
        let reference = self.log(error, "-");
        let text = Refusal::about(Status::INTERNAL, reference).text();
        fault_response(StatusCode::INTERNAL_SERVER_ERROR, version, FaultCode::Server, &text)
    }

    /// Logs an error with all its causes; the caller learns only the reference.
    fn log(&self, error: &(dyn StdError + 'static), operation: &str) -> String {
        let mut bytes = [0; 4];
        self.isds.random.fill(&mut bytes);
        let reference = format!("{:08x}", u32::from_be_bytes(bytes));
        tracing::error!(reference, operation, error = %Chain(error), "a call failed");
        reference
    }
}

/// Nobody told the service who is at the other end of the connection.
#[derive(Debug, thiserror::Error)]
#[error("the peer's address is not known to the SOAP service")]
struct NoPeerAddress;

fn unreadable(version: SoapVersion, error: &ReadError) -> Response {
    tracing::debug!(error = %Chain(error), "a request could not be read");
    let fault = fault_of(error, version);
    fault_response(fault.http, version, fault.code, fault.text)
}

/// Version of SOAP that the `Content-Type` announces, if it is one of SOAP at all. What the envelope says counts; this
/// is for answers to what has no envelope.
fn announced_version(headers: &HeaderMap) -> Option<SoapVersion> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next()?;
    let utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        let value = value.trim().trim_matches('"');
        !name.trim().eq_ignore_ascii_case("charset")
            || value.eq_ignore_ascii_case("utf-8")
            || value.eq_ignore_ascii_case("us-ascii")
    });
    let is = |other: &str| media_type.eq_ignore_ascii_case(other);
    match () {
        () if !utf8 => None,
        () if is("text/xml") || is("application/xml") => Some(SoapVersion::V11),
        () if is("application/soap+xml") => Some(SoapVersion::V12),
        () => None,
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_of_soap() {
        let version = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
            announced_version(&headers)
        };
        assert_eq!(version("text/xml"), Some(SoapVersion::V11));
        assert_eq!(version("Text/XML; charset=\"UTF-8\""), Some(SoapVersion::V11));
        assert_eq!(
            version("application/soap+xml; charset=utf-8; action=\"\""),
            Some(SoapVersion::V12)
        );
        for other in [
            "text/xml; charset=windows-1250",
            "text/plain",
            "application/json",
            "",
            "multipart/related",
        ] {
            assert_eq!(version(other), None, "{other}");
        }
        assert_eq!(announced_version(&HeaderMap::new()), None);
    }
}
