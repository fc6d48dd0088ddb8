//! Who calls: HTTP Basic (RFC 7617) with every request, judged before the body is looked at.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use isds_core::account::Lockout;
use isds_core::principal::Principal;
use isds_core::time::Timestamp;
use isds_core::{Credentials, Failure, Isds, SignInError};

use crate::PeerCertificate;

/// Longest `Authorization` header that is looked at, in bytes.
const MAX_HEADER: usize = 1024;

/// Why a caller is not let in.
#[derive(Debug)]
pub(crate) enum Denied {
    /// No credentials, unreadable ones or wrong ones.
    Wrong,
    /// The account is locked until this real time.
    LockedUntil(Timestamp),
    /// The address is locked, which is not told.
    LockedAddress,
    /// Too many sign-ins wait.
    Busy,
    /// It could not be found out.
    Broken(Failure),
}

/// How callers prove who they are: each way has a path of its own (contract, section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// `/DS`: name and password.
    Password,
    /// `/cert/DS`: a system certificate of the box, and nothing else.
    SystemCertificate,
}

/// What a connection tells of whoever is at its other end.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub address: IpAddr,
    pub certificate: Option<PeerCertificate>,
}

/// Proves who calls.
pub(crate) async fn authenticate(
    isds: &Isds,
    access: Access,
    headers: &HeaderMap,
    peer: &Peer,
) -> Result<Arc<Principal>, Denied> {
    let proven = match access {
        Access::Password => {
            let credentials = basic(headers).ok_or(Denied::Wrong)?;
            isds.authenticate_user(&credentials, peer.address).await
        }
        Access::SystemCertificate => {
            let certificate = peer.certificate.as_ref().ok_or(Denied::Wrong)?;
            isds.authenticate_application(&certificate.0).await
        }
    };
    proven.map_err(|error| match error {
        SignInError::Wrong => Denied::Wrong,
        SignInError::Locked(Lockout::Login(until)) => Denied::LockedUntil(until),
        SignInError::Locked(Lockout::Address) => Denied::LockedAddress,
        SignInError::Busy => Denied::Busy,
        SignInError::Broken(failure) => Denied::Broken(failure),
    })
}

/// Name and password of the one `Authorization` header.
fn basic(headers: &HeaderMap) -> Option<Credentials> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok().filter(|value| value.len() <= MAX_HEADER)?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64_simd::STANDARD.decode_to_vec(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (login, password) = text.split_once(':')?;
    Some(Credentials {
        login: login.to_owned(),
        password: password.to_owned(),
    })
}

/// The 401 page. A wrong name and a wrong password make the same page; only a lock of the account says so, and until
/// when; a lock of the address says nothing (manual A 1.2 and 1.3).
pub(crate) fn unauthorized(realm: &str, denied: &Denied) -> Response {
    let sentence = match denied {
        Denied::LockedUntil(until) => {
            format!(
                "<p>Prihlaseni blokovano do / Login blocked until: {}</p>",
                time_of_day(*until)
            )
        }
        Denied::Wrong => "<p>You either supplied the wrong credentials, or none at all. \
            Nebyly zadány platné přihlašovací údaje.</p>"
            .to_owned(),
        Denied::LockedAddress | Denied::Busy | Denied::Broken(_) => String::new(),
    };
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\
         <head><title>Authentication required!</title></head>\
         <body><h1>Authentication required!</h1>{sentence}<h2>Error 401</h2></body></html>\n"
    );
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    let realm: String = realm
        .chars()
        .filter(|c| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\'))
        .collect();
    let challenge = HeaderValue::try_from(format!("Basic realm=\"{realm}\""));
    headers.insert(
        header::WWW_AUTHENTICATE,
        challenge.unwrap_or_else(|_| HeaderValue::from_static("Basic realm=\"ISDS\"")),
    );
    response
}

/// `HH:MM:SS` in Czech local time.
fn time_of_day(time: Timestamp) -> String {
    // The text of a timestamp is of fixed width: date, `T`, time of day.
    time.to_string().chars().skip(11).take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn read(values: &[&str]) -> Option<(String, String)> {
        basic(&headers(values)).map(|c| (c.login, c.password))
    }

    #[test]
    fn reads_basic_credentials() {
        let proper = || Some(("novak01".to_owned(), "Heslo:s dvojtečkou".to_owned()));
        let encoded = base64_simd::STANDARD.encode_to_string("novak01:Heslo:s dvojtečkou");
        assert_eq!(read(&[&format!("Basic {encoded}")]), proper());
        assert_eq!(read(&[&format!("basic   {encoded}")]), proper());
    }

    #[test]
    fn anything_else_is_no_credential() {
        let encoded = base64_simd::STANDARD.encode_to_string("novak01:x");
        let long = base64_simd::STANDARD.encode_to_string("x:".repeat(1000));
        assert_eq!(read(&[]), None);
        for wrong in [
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Basic !!!".to_owned(),
            format!("Bearer {encoded}"),
            format!("Basic {}", base64_simd::STANDARD.encode_to_string("no colon")),
            format!("Basic {}", base64_simd::STANDARD.encode_to_string(b"novak\xFF:x")),
            format!("Basic {long}"),
        ] {
            assert_eq!(read(&[&wrong]), None, "{wrong}");
        }
        let twice = format!("Basic {encoded}");
        assert_eq!(read(&[&twice, &twice]), None);
    }

    #[test]
    fn a_lock_is_told_in_czech_time() {
        let until = Timestamp::parse("2026-07-01T10:20:30Z").unwrap();
        assert_eq!(time_of_day(until), "12:20:30");
    }
}
