//! Limits of the SOAP endpoints.

use std::time::Duration;

/// Limits of the SOAP endpoints.
#[derive(Debug, Clone)]
pub struct SoapConfig {
    /// `realm` of the `WWW-Authenticate` header.
    pub realm: String,
    /// Largest request body in bytes. A sealed message of 20 MB comes back to AuthenticateMessage in base64 within
    /// base64, which makes 38 MB. Where large messages are, it is twice the largest one if that is more.
    pub request_bytes: u64,
    /// Longest pause between two pieces of a request's body.
    pub idle: Duration,
    /// Longest time that a request's body may take as a whole.
    pub total: Duration,
    /// How long the rest of a refused request's body is read away before it is answered, since clients break on a
    /// connection that is cut while they send.
    pub drain: Duration,
}

impl Default for SoapConfig {
    fn default() -> Self {
        Self {
            realm: "ISDS".to_owned(),
            request_bytes: 40 * 1024 * 1024,
            idle: Duration::from_secs(30),
            total: Duration::from_secs(15 * 60),
            drain: Duration::from_secs(30),
        }
    }
}
