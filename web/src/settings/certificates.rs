//! System certificates of a box.

use std::borrow::Cow;

use askama::Template;
use axum::response::Response;
use isds_core::Refusal;
use isds_core::ports::SystemCertificate;
use isds_core::status::Status;
use isds_core::time::Timestamp;

use super::{Parts, again, refused};
use crate::page::{InBox, Notice, Page, PageError, Posted};

/// How long before its end a certificate is said to end soon: applications have to be given another one by then.
const SOON_SECONDS: i64 = 30 * 24 * 3600;

struct Shown {
    fingerprint: String,
    expires: Timestamp,
    /// Text of what its end asks for, where it is near.
    ending: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "settings/certificates.html")]
struct Certificates<'a> {
    page: &'a Page,
    parts: Parts,
    certificates: Vec<Shown>,
    typed: String,
    error: Cow<'static, str>,
}

pub(super) async fn page(at: InBox) -> Result<Response, PageError> {
    show(&at, String::new(), Cow::Borrowed("")).await
}

async fn show(at: &InBox, typed: String, error: Cow<'static, str>) -> Result<Response, PageError> {
    let registered = at.site.isds.system_certificates(&at.principal).await?;
    let now = at.site.isds.clock.real();
    at.page().render(&Certificates {
        page: at.page(),
        parts: Parts::of(at, "certificates"),
        certificates: registered.iter().map(|certificate| shown(certificate, now)).collect(),
        typed,
        error,
    })
}

fn shown(certificate: &SystemCertificate, now: Timestamp) -> Shown {
    Shown {
        fingerprint: certificate
            .fingerprint
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        expires: certificate.expires,
        ending: match certificate.expires {
            expires if expires <= now => Some("settings-certificate-over"),
            expires if expires <= now.plus_seconds(SOON_SECONDS) => Some("settings-certificate-soon"),
            _ => None,
        },
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Pasted {
    #[serde(default)]
    pem: String,
}

pub(super) async fn add(at: InBox, Posted(form): Posted<Pasted>) -> Result<Response, PageError> {
    let to = format!("/b/{}/settings/certificates", at.data_box.id);
    let isds = &at.site.isds;
    let registered = match isds.certificates.read(&form.pem) {
        Some(read) => isds.register_certificate(&at.principal, &read.der, read.expires).await,
        None => Err(Refusal::about(Status::INVALID_STRUCTURE, "toto není certifikát ve tvaru PEM.").into()),
    };
    match registered {
        Ok(()) => Ok(at.page().redirect(&to, Notice::done("settings-certificate-added"))),
        Err(failure) => {
            let error = refused(failure)?;
            Ok(again(show(&at, form.pem, error).await?))
        }
    }
}

#[derive(serde::Deserialize)]
pub(super) struct Removed {
    fingerprint: String,
}

pub(super) async fn remove(at: InBox, Posted(form): Posted<Removed>) -> Result<Response, PageError> {
    let to = format!("/b/{}/settings/certificates", at.data_box.id);
    let fingerprint = parsed(&form.fingerprint).ok_or(PageError::WrongForm)?;
    at.site.isds.remove_certificate(&at.principal, &fingerprint).await?;
    Ok(at.page().redirect(&to, Notice::done("settings-certificate-removed")))
}

fn parsed(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
