//! Paths of the contract.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use isds_core::Isds;
use isds_core::operation::Endpoint;
use tracing::Instrument;
use wire::reader::SoapVersion;

use crate::SoapConfig;
use crate::access::Access;
use crate::sds;
use crate::serve::Service;
use crate::wsdl;

/// Extension of a request: the address at the other end of the connection. The accept loop sets it; without it nobody
/// is let in, since failed logins are counted by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Extension of a request: the DER form of the certificate with which the client identified itself when the TLS
/// connection was made. Its issuer was not looked at: certificates are known one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate(pub Bytes);

/// Extension of a request: how the connection was made. Without it, plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConnectionScheme {
    /// Plain.
    #[default]
    Http,
    /// TLS.
    Https,
}

impl ConnectionScheme {
    /// As it stands in a URL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Ways of access below which the same endpoints lie on the real system, and where nobody is let in yet.
const CLOSED: [&str; 7] = ["/cert", "/certds", "/hspis", "/apps", "/hssu", "/as", "/asws"];

/// The SOAP endpoints and the published contract. Each request carries [`PeerAddress`] and [`ConnectionScheme`], and
/// [`PeerCertificate`] where the client showed one.
pub fn router(isds: Arc<Isds>, config: SoapConfig) -> Router {
    let mut router = Router::new()
        .route("/DS/{service}", any(by_password))
        .route("/cert/DS/{service}", any(by_certificate))
        .route("/wsdl/v20/{name}", get(contract_file));
    for prefix in CLOSED {
        router = router
            .route(prefix, any(closed))
            .route(&format!("{prefix}/{{*rest}}"), any(closed));
    }
    let public = sds::router(Arc::clone(&isds), &config);
    router.with_state(Arc::new(Service { isds, config })).merge(public)
}

async fn by_password(service: State<Arc<Service>>, Path(name): Path<String>, request: Request) -> Response {
    endpoint(service, Access::Password, &name, request).await
}

async fn by_certificate(service: State<Arc<Service>>, Path(name): Path<String>, request: Request) -> Response {
    endpoint(service, Access::SystemCertificate, &name, request).await
}

async fn endpoint(State(service): State<Arc<Service>>, access: Access, name: &str, request: Request) -> Response {
    let endpoint = match name {
        "dz" => Endpoint::Dz,
        "dx" => Endpoint::Dx,
        "df" => Endpoint::Df,
        "DsManage" => Endpoint::DsManage,
        "vodz" => Endpoint::Vodz,
        "arch" => Endpoint::Arch,
        _ => return empty(StatusCode::NOT_FOUND),
    };
    if request.method() == Method::POST {
        return run_to_end(&service, Arc::clone(&service).serve(access, endpoint, request)).await;
    }
    let asks_wsdl = request
        .uri()
        .query()
        .is_some_and(|query| query.eq_ignore_ascii_case("wsdl"));
    if request.method() == Method::GET && asks_wsdl {
        return match base(&request) {
            Some(base) => wsdl::respond(wsdl::of_endpoint(endpoint, &base)),
            None => empty(StatusCode::BAD_REQUEST),
        };
    }
    // RFC 9110, section 15.5.6; the real server answers 400 here, which tells less.
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn contract_file(Path(name): Path<String>, request: Request) -> Response {
    match base(&request) {
        Some(base) => wsdl::respond(wsdl::file(&name, &base)),
        None => empty(StatusCode::BAD_REQUEST),
    }
}

async fn closed(State(service): State<Arc<Service>>, request: Request) -> Response {
    run_to_end(&service, Arc::clone(&service).deny(request)).await
}

/// Runs to the end even where the client goes away meanwhile, so that what was begun is ended or cleaned up.
async fn run_to_end(service: &Service, answer: impl Future<Output = Response> + Send + 'static) -> Response {
    match tokio::spawn(answer.in_current_span()).await {
        Ok(response) => response,
        // It panicked: nothing of ours should, and the caller still gets an answer that SOAP clients can read.
        Err(error) => service.server_fault(SoapVersion::V11, &error),
    }
}

fn base(request: &Request) -> Option<String> {
    let scheme = request
        .extensions()
        .get::<ConnectionScheme>()
        .copied()
        .unwrap_or_default();
    wsdl::base(scheme, request.headers().get(header::HOST))
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
