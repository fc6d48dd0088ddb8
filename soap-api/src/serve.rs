//! One request from its headers to its answer.

use std::error::Error as StdError;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Request as HttpRequest, StatusCode, header};
use isds_core::audit::{AuditOutcome, called_from};
use isds_core::error::Chain;
use isds_core::operation::{Endpoint, Operation};
use isds_core::ports::Observation;
use isds_core::principal::Principal;
use isds_core::status::Status;
use isds_core::text::truncate;
use isds_core::{Admission, Isds, Refusal};
use tokio::time::Instant;
use tracing::Span;
use wire::mtom::AnswerPackage;
use wire::reader::{ReadError, Request, SoapVersion};
use wire::soap::{FaultCode, Response as SoapResponse};

use crate::access::{self, Access, Denied, Peer};
use crate::answer::{Answer, fault_response, fault_response_in};
use crate::body::RequestBody;
use crate::call::Call;
use crate::dispatch::{dispatch, style};
use crate::held::hold;
use crate::mtom::{Announced, asks_for_package};
use crate::stop::{Stop, WRONG_TYPE, fault_of};
use crate::{PeerAddress, PeerCertificate, SoapConfig};

/// What all requests share.
pub(crate) struct Service {
    pub isds: Arc<Isds>,
    pub config: SoapConfig,
}

/// Longest name of an unknown operation that is repeated in its answer.
const MAX_ECHO: usize = 100;
/// What counts as the code of an answer without a status.
const FAULT: &str = "fault";

/// What an answer tells whoever counts: an extension of the answer, none where it is no answer of an operation.
#[derive(Debug, Clone, Copy)]
struct Told {
    operation: Option<Operation>,
    code: &'static str,
}

impl Told {
    /// Names the call in the span of its request, if there is one.
    fn in_trace(self) {
        let span = Span::current();
        if let Some(operation) = self.operation {
            span.record("otel.name", operation.name());
            span.record("isds.operation", operation.name());
        }
        span.record("isds.code", self.code);
        if self.code == Status::INTERNAL.code() {
            span.record("otel.status_code", "ERROR");
        }
    }

    /// Leaves it on an answer.
    fn on(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

impl Service {
    /// Answers a request to an endpoint. The rest of a refused request is read away before it is answered: clients
    /// take a connection that is cut while they send for a failure of the network and never see the answer.
    pub async fn serve(self: Arc<Self>, access: Access, endpoint: Endpoint, request: HttpRequest<Body>) -> Response {
        let begun = Instant::now();
        let peer = request.extensions().get::<PeerAddress>().map(|address| Peer {
            address: address.0,
            certificate: request.extensions().get::<PeerCertificate>().cloned(),
        });
        let (parts, body) = request.into_parts();
        let mut body = RequestBody::new(body, self.largest_request(endpoint), &self.config);
        let address = peer.as_ref().map(|peer| peer.address);
        let answer = self.answer(access, endpoint, &parts.headers, peer, &mut body);
        let answered = match address {
            Some(address) => called_from(address, answer).await,
            None => answer.await,
        };
        let told = answered.extensions().get::<Told>().copied();
        let told = told.unwrap_or(match answered.status() {
            StatusCode::UNAUTHORIZED => Told {
                operation: None,
                code: "401",
            },
            _ => Told {
                operation: None,
                code: FAULT,
            },
        });
        told.in_trace();
        self.isds.observer.note(Observation::Call {
            operation: told.operation,
            code: told.code,
            took: begun.elapsed(),
        });
        self.finish(&parts.headers, &mut body, answered).await
    }

    /// Answers a request to a way of access that does not exist yet.
    pub async fn deny(self: Arc<Self>, request: HttpRequest<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let mut body = RequestBody::new(body, self.config.request_bytes, &self.config);
        let denied = access::unauthorized(&self.config.realm, &Denied::Wrong);
        self.finish(&parts.headers, &mut body, denied).await
    }

    async fn finish(&self, headers: &HeaderMap, body: &mut RequestBody, mut response: Response) -> Response {
        // A client that waits for `100 Continue` has not begun to send; asking for the rest would make it begin.
        let waits = headers.contains_key(header::EXPECT) && body.is_untouched();
        let whole = !waits && body.drain(self.config.drain).await;
        if !whole {
            response
                .headers_mut()
                .insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn answer(
        &self,
        access: Access,
        endpoint: Endpoint,
        headers: &HeaderMap,
        peer: Option<Peer>,
        body: &mut RequestBody,
    ) -> Response {
        let announced = Announced::of(endpoint, headers);
        let presumed = announced.version();
        let Some(peer) = peer else {
            // Failed logins are counted by address, so nobody is let in without one.
            return self.server_fault(presumed, &NoPeerAddress);
        };
        let caller = match access::authenticate(&self.isds, access, headers, &peer).await {
            Ok(caller) => caller,
            Err(Denied::Broken(failure)) => return self.server_fault(presumed, &failure),
            Err(Denied::Busy) => {
                let text = "Systém je přetížen, opakujte požadavek později.";
                return fault_response(StatusCode::SERVICE_UNAVAILABLE, presumed, FaultCode::Server, text);
            }
            Err(denied) => return access::unauthorized(&self.config.realm, &denied),
        };
        let largest = self.largest_request(endpoint);
        let fits = content_length(headers).is_none_or(|length| length <= largest);
        let opened = match announced {
            Announced::Nothing => {
                return fault_response(WRONG_TYPE.http, presumed, WRONG_TYPE.code, WRONG_TYPE.text);
            }
            Announced::WrongPackage(error) => Err((None, error.into())),
            _ if !fits => Err((None, ReadError::TooLarge)),
            Announced::Document(_) => Request::open(&mut *body, largest).await,
            Announced::Package(related) => Request::open_package(&mut *body, largest, &related)
                .await
                .map_err(|error| (None, error)),
        };
        match opened {
            Ok(request) => self.call(endpoint, &caller, peer.address, headers, request).await,
            Err((version, error)) => unreadable(version.unwrap_or(presumed), &error),
        }
    }

    /// Largest request body in bytes. A sealed large message comes back in base64 within base64, which makes 16 bytes of
    /// 9, and clients break it into lines.
    fn largest_request(&self, endpoint: Endpoint) -> u64 {
        match endpoint {
            Endpoint::Vodz | Endpoint::Arch => {
                let large = self.isds.limits.large_message_bytes.saturating_mul(2);
                self.config.request_bytes.max(large)
            }
            _ => self.config.request_bytes,
        }
    }

    /// The form of an answer for callers who can read content in a part of its own.
    fn package(&self, endpoint: Endpoint, version: SoapVersion, headers: &HeaderMap) -> Option<AnswerPackage> {
        asks_for_package(endpoint, version, headers).then(|| {
            let mut random = [0; 16];
            self.isds.random.fill(&mut random);
            AnswerPackage::new(random)
        })
    }

    async fn call(
        &self,
        endpoint: Endpoint,
        caller: &Principal,
        address: std::net::IpAddr,
        headers: &HeaderMap,
        request: Request<&mut RequestBody>,
    ) -> Response {
        let version = request.version();
        let style = style(endpoint);
        let Some(operation) = Operation::find(endpoint, request.operation().contract_name()) else {
            let name = truncate(&request.operation().name, MAX_ECHO);
            let refusal = Refusal::about(Status::UNKNOWN_OPERATION, name);
            let response = self.refuse(version, SoapResponse::begin(name, style), &refusal).await;
            let code = refusal.status().code();
            return Told { operation: None, code }.on(response);
        };
        if !caller.may_begin(operation) {
            self.isds.record_call(caller, operation.name(), UNAUTHORIZED);
            return access::unauthorized(&self.config.realm, &Denied::Wrong);
        }
        if let Some(own) = &caller.data_box {
            Span::current().record("isds.box_type", own.box_type.name());
        }
        let mut call = Call {
            isds: &self.isds,
            caller,
            address,
            operation,
            style,
            request,
        };
        let told = |code| Told {
            operation: Some(operation),
            code,
        };
        // What a box or an account may not do just now is not begun.
        let admitted = self.isds.admit_call(caller, operation).await;
        let (admission, served) = match admitted {
            Ok(admission) => (admission, dispatch(&mut call).await),
            Err(failure) => (Admission::default(), Err(Stop::from(failure))),
        };
        self.isds.record_call(caller, operation.name(), outcome(&served));
        let stop = match served {
            Ok(answer) => {
                let package = self.package(endpoint, version, headers);
                match answer
                    .into_response(version, package, Arc::clone(&self.isds.objects))
                    .await
                {
                    Ok(response) => {
                        let code = Status::OK.code();
                        return told(code).on(hold(response, admission));
                    }
                    Err(error) => Stop::from(error),
                }
            }
            Err(stop) => stop,
        };
        match stop {
            Stop::Unreadable(error) => told(FAULT).on(unreadable(version, &error)),
            Stop::Refused(refusal) => {
                let response = self.refuse(version, call.refusal(), &refusal).await;
                told(refusal.status().code()).on(response)
            }
            Stop::Broken(..) => {
                let reference = self.log(&stop, operation.name());
                let refusal = Refusal::about(Status::INTERNAL, reference);
                let response = self.refuse(version, call.refusal(), &refusal).await;
                told(refusal.status().code()).on(response)
            }
        }
    }

    /// The rules refuse a call: HTTP 200 and a status alone.
    async fn refuse(&self, version: SoapVersion, response: SoapResponse, refusal: &Refusal) -> Response {
        let answer = Answer::xml(response.refuse(refusal.status().code(), &refusal.text()));
        match answer
            .into_response(version, None, Arc::clone(&self.isds.objects))
            .await
        {
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

/// What a caller is answered who may not call an operation in this way.
const UNAUTHORIZED: AuditOutcome = AuditOutcome::Refused(401);
/// What a caller is answered whose request cannot be read.
const UNREADABLE: AuditOutcome = AuditOutcome::Refused(400);

/// What is recorded of a call.
fn outcome(dispatched: &Result<Answer, Stop>) -> AuditOutcome {
    match dispatched {
        Ok(_) => AuditOutcome::Done,
        Err(Stop::Unreadable(_)) => UNREADABLE,
        Err(Stop::Refused(refusal)) => AuditOutcome::refused(refusal.status()),
        Err(Stop::Broken(..)) => AuditOutcome::refused(Status::INTERNAL),
    }
}

/// Nobody told the service who is at the other end of the connection.
#[derive(Debug, thiserror::Error)]
#[error("the peer's address is not known to the SOAP service")]
struct NoPeerAddress;

fn unreadable(version: SoapVersion, error: &ReadError) -> Response {
    tracing::debug!(error = %Chain(error), "a request could not be read");
    let fault = fault_of(error, version);
    fault_response_in(fault.language, fault.http, version, fault.code, fault.text)
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
