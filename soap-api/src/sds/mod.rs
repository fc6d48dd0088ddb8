//! The public list of holders: `/sds/ws/call` takes plain XML by POST, `/sds/datafile.do` gives files.
//!
//! Nobody signs in here, so everything is bounded: the size of a request, the time it may take, the number of requests
//! at once, the number of results; the files are made once for three hours and then read from the object storage.

mod request;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderValue, StatusCode, header};
use isds_core::error::Chain;
use isds_core::splice::Splice;
use isds_core::{Failure, Isds, PublicList};
use tokio::sync::Semaphore;
use wire::forms::{PublicListForm, error_response, holder_response, holders_response};

use crate::SoapConfig;
use crate::body::RequestBody;

use request::{Asked, read};

/// Largest request, in bytes.
const MAX_REQUEST: u64 = 16 * 1024;
/// How long a request may take to arrive.
const TOTAL: Duration = Duration::from_secs(10);
/// Requests that are worked on at once, after they have arrived; who comes then is told to come later.
const AT_ONCE: usize = 16;
/// When to come again, in seconds.
const LATER: HeaderValue = HeaderValue::from_static("5");

const DESCRIPTOR: &str = include_str!("../../../wsdl/sds/descriptor.xsd");
const DATAFILE: &str = include_str!("../../../wsdl/sds/datafile.xsd");

/// What the requests share.
struct Sds {
    isds: Arc<Isds>,
    config: SoapConfig,
    places: Semaphore,
}

/// `format` and `service` of a file.
#[derive(serde::Deserialize)]
struct Wanted {
    #[serde(default)]
    format: String,
    #[serde(default)]
    service: String,
}

/// The routes below `/sds`.
pub(crate) fn router(isds: Arc<Isds>, config: &SoapConfig) -> Router {
    let sds = Sds {
        isds,
        config: SoapConfig {
            idle: config.idle.min(TOTAL),
            total: config.total.min(TOTAL),
            ..config.clone()
        },
        places: Semaphore::new(AT_ONCE),
    };
    Router::new()
        .route("/sds/ws/call", post(call))
        .route("/sds/ws/descriptor", get(async || xml(StatusCode::OK, DESCRIPTOR)))
        .route("/sds/datafile.do", get(file))
        .with_state(Arc::new(sds))
}

async fn call(State(sds): State<Arc<Sds>>, request: Request) -> Response {
    let mut body = RequestBody::new(request.into_body(), MAX_REQUEST, &sds.config);
    let Ok(asked) = read(&mut body).await else {
        // The one message that the manual of the service shows.
        let mut response = xml(
            StatusCode::OK,
            error_response("Invalid request format according to descriptor."),
        );
        if !body.drain(sds.config.drain).await {
            response
                .headers_mut()
                .insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        return response;
    };
    // Only now: who sends slowly must not take a place from others.
    let Ok(_place) = sds.places.try_acquire() else {
        return busy();
    };
    match sds.answer(&asked).await {
        Ok(bytes) => xml(StatusCode::OK, bytes),
        Err(failure) => sds.failed(&failure),
    }
}

async fn file(State(sds): State<Arc<Sds>>, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let Ok(Query(wanted)) = wanted else {
        return xml(StatusCode::NOT_FOUND, error_response("No such file."));
    };
    if wanted.format == "xsd" && wanted.service == "seznam_ds" {
        return xml(StatusCode::OK, DATAFILE);
    }
    let list = PublicList::ALL.into_iter().find(|list| list.name() == wanted.service);
    let Some(list) = list.filter(|_| wanted.format == "xml") else {
        return xml(StatusCode::NOT_FOUND, error_response("No such file."));
    };
    let Ok(_place) = sds.places.try_acquire() else {
        return busy();
    };
    // Runs to the end even where the client goes away meanwhile: what was begun for one serves the next.
    let making = {
        let sds = Arc::clone(&sds);
        tokio::spawn(async move { sds.isds.public_list(list, Box::<PublicListForm>::default()).await })
    };
    match making.await {
        Ok(Ok(splice)) => streamed(&sds, splice),
        Ok(Err(failure)) => sds.failed(&failure),
        Err(error) => sds.failed(&Failure::Broken(
            "a file of the public list was not made",
            Box::new(error),
        )),
    }
}

impl Sds {
    async fn answer(&self, asked: &Asked) -> Result<Vec<u8>, Failure> {
        Ok(match asked {
            Asked::Holder(generation, query) => {
                let holder = match query {
                    Some(query) => self.isds.listed_holder(query).await?,
                    None => None,
                };
                holder_response(*generation, holder.as_ref())
            }
            Asked::Holders {
                generation,
                types,
                search,
            } => {
                let types: Vec<&str> = types.split_ascii_whitespace().collect();
                let holders = match search {
                    Some(search) => self.isds.search_listed_holders(&types, search).await?,
                    None => Vec::new(),
                };
                holders_response(*generation, &holders)
            }
        })
    }

    /// Logs a failure with all its causes; the caller learns only the reference.
    fn failed(&self, failure: &Failure) -> Response {
        let mut bytes = [0; 4];
        self.isds.random.fill(&mut bytes);
        let reference = format!("{:08x}", u32::from_be_bytes(bytes));
        tracing::error!(reference, error = %Chain(failure), "a request to the public list failed");
        let message = format!("Internal error, reference {reference}.");
        xml(StatusCode::INTERNAL_SERVER_ERROR, error_response(&message))
    }
}

fn busy() -> Response {
    let mut response = xml(
        StatusCode::SERVICE_UNAVAILABLE,
        error_response("Too many requests, try again later."),
    );
    response.headers_mut().insert(header::RETRY_AFTER, LATER);
    response
}

fn xml(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    response
}

/// The length is announced, so a stream that fails leaves the client with a file that is visibly cut.
fn streamed(sds: &Sds, splice: Splice) -> Response {
    let length = splice.len();
    let mut response = xml(
        StatusCode::OK,
        Body::from_stream(splice.stream(Arc::clone(&sds.isds.objects))),
    );
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}
