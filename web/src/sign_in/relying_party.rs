//! WebAuthn for this site: what browsers are asked, and whether what devices answer is right. What is kept of a passkey
//! is opaque to everybody else.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use isds_core::sign_in_factors::{MAX_OPAQUE, NewPasskey, PasskeyRecord};
use serde_json::{Value, json};
use webauthn_rs::fake::{FakePasskeyDistribution, WebauthnFakeCredentialGenerator};
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, RequestChallengeResponse, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::Site;

/// Purpose of the key by which passkeys are made up for names without any.
const DECOY_PURPOSE: &str = "passkeys that nobody has";
/// How often making some up is tried: it fails once in six times.
const DECOY_ROUNDS: u8 = 16;

/// The addresses under which people reach this site in a browser (`https://host`, `http://localhost:8080`). Passkeys
/// belong to a host; what the `Host` of a request says is believed only if it is one of these.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<Url>);

/// An address that is none of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is https://HOST or http://localhost, with a port where it is not the usual one")]
pub struct OriginError;

impl Origins {
    /// Adds an address.
    ///
    /// # Errors
    /// [`OriginError`] for what browsers make no passkeys for: other schemes, bare IP addresses, anything behind the
    /// port, and plain HTTP anywhere but on this machine.
    pub fn add(&mut self, origin: &str) -> Result<(), OriginError> {
        let url = Url::parse(origin).map_err(|_| OriginError)?;
        let host = url.domain().ok_or(OriginError)?;
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && host == "localhost");
        let is_bare = url.origin().ascii_serialization() == origin.trim_end_matches('/');
        if !is_safe || !is_bare {
            return Err(OriginError);
        }
        self.0.push(url);
        Ok(())
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address that a request came to, if it is one of ours.
    fn of_request(&self, headers: &HeaderMap) -> Option<&Url> {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        self.0.iter().find(|url| authority(url).eq_ignore_ascii_case(host))
    }

    /// The address that a request came to is an encrypted one of ours: behind a proxy that ends TLS, the connection itself
    /// does not tell.
    pub(crate) fn is_encrypted(&self, headers: &HeaderMap) -> bool {
        self.of_request(headers).is_some_and(|url| url.scheme() == "https")
    }

    /// The address to go to for a passkey, for somebody who came under another.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.0.first().map(|url| url.origin().ascii_serialization())
    }
}

/// Host and port as they stand in a `Host` header.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Why a passkey was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum PasskeyError {
    /// The request came to an address for which there are no passkeys.
    #[error("no passkeys under this address")]
    Address,
    /// What the browser sent is no answer of a device, or a wrong one.
    #[error("the answer of the device is wrong")]
    Wrong(#[source] Option<WebauthnError>),
    /// What was kept cannot be read.
    #[error("what was kept of a passkey cannot be read")]
    Kept(#[from] serde_json::Error),
    /// WebAuthn cannot be set up.
    #[error("WebAuthn cannot be set up")]
    SetUp(#[source] WebauthnError),
    /// The key for made-up passkeys is not to be had.
    #[error("no passkeys can be made up")]
    Decoys(#[from] isds_core::ports::SecretError),
}

/// This site as browsers and devices know it.
pub(super) struct RelyingParty {
    site: Arc<Site>,
    webauthn: Webauthn,
}

impl RelyingParty {
    /// Of the address that a request came to.
    pub(super) fn of(site: &Arc<Site>, headers: &HeaderMap, name: &str) -> Result<Self, PasskeyError> {
        let origin = site.origins.of_request(headers).ok_or(PasskeyError::Address)?;
        let host = origin.domain().ok_or(PasskeyError::Address)?;
        let webauthn = WebauthnBuilder::new(host, origin)
            .and_then(|builder| builder.rp_name(name).build())
            .map_err(PasskeyError::SetUp)?;
        Ok(Self {
            site: Arc::clone(site),
            webauthn,
        })
    }

    /// What a browser is asked to make a passkey by, and what the answer is examined by.
    pub(super) fn ask_to_make(
        &self,
        user: &([u8; 16], Vec<PasskeyRecord>),
        name: &str,
        display_name: &str,
    ) -> Result<(Value, String), PasskeyError> {
        let (handle, others) = user;
        let exclude = others.iter().map(|other| other.passkey.credential_id.clone()).collect();
        let begun =
            self.webauthn
                .start_passkey_registration(Uuid::from_bytes(*handle), name, display_name, Some(exclude));
        let (options, state): (CreationChallengeResponse, PasskeyRegistration) = begun.map_err(PasskeyError::SetUp)?;
        let mut options = serde_json::to_value(options)?;
        // One that is kept on the device signs in without a name. Keys without room for it make another kind.
        options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("preferred");
        Ok((options, serde_json::to_string(&(handle, state))?))
    }

    /// The passkey that a device made.
    pub(super) fn made(&self, answer: &str, state: &str, name: String) -> Result<NewPasskey, PasskeyError> {
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let (user_handle, state): ([u8; 16], PasskeyRegistration) = serde_json::from_str(state)?;
        let made = self.webauthn.finish_passkey_registration(&answer, &state);
        let passkey: Passkey = made.map_err(|error| PasskeyError::Wrong(Some(error)))?;
        Ok(NewPasskey {
            credential_id: passkey.cred_id().clone(),
            user_handle,
            credential: serde_json::to_string(&passkey)?,
            name,
        })
    }

    /// What a browser is asked for a passkey by, and what the answer is examined by. Under a name the passkeys of that
    /// name are asked for; for one without any some are made up, always the same, so that names cannot be tried out.
    pub(super) fn ask_for(&self, login: Option<(&str, Vec<PasskeyRecord>)>) -> Result<(Value, String), PasskeyError> {
        let begun = self.webauthn.start_discoverable_authentication();
        let (options, state): (RequestChallengeResponse, DiscoverableAuthentication) =
            begun.map_err(PasskeyError::SetUp)?;
        let mut options = serde_json::to_value(options)?;
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        if let Some((login, known)) = login {
            let decoys = self.decoys(login)?;
            let ids = match known.is_empty() {
                true => decoys,
                false => known.into_iter().map(|known| known.passkey.credential_id).collect(),
            };
            let allowed: Vec<Value> = ids
                .iter()
                .map(|id| json!({"type": "public-key", "id": base64_simd::URL_SAFE_NO_PAD.encode_to_string(id)}))
                .collect();
            options["publicKey"]["allowCredentials"] = Value::Array(allowed);
        }
        Ok((options, serde_json::to_string(&state)?))
    }

    fn decoys(&self, login: &str) -> Result<Vec<Vec<u8>>, PasskeyError> {
        let key = self.site.isds.secrets.digest(DECOY_PURPOSE, b"")?;
        let decoys =
            WebauthnFakeCredentialGenerator::<FakePasskeyDistribution>::new(&key).map_err(PasskeyError::SetUp)?;
        // One name in six would get none, and an empty list is what no name with passkeys ever has.
        for round in 0..DECOY_ROUNDS {
            let seed = [login.as_bytes(), &[0, round]].concat();
            let made = decoys.generate(&seed).map_err(PasskeyError::SetUp)?;
            if !made.is_empty() {
                return Ok(made);
            }
        }
        Ok(Vec::new())
    }

    /// What is to be kept of a passkey whose signature was right.
    pub(super) fn signed(
        &self,
        answer: &PublicKeyCredential,
        state: &str,
        kept: &PasskeyRecord,
    ) -> Result<String, PasskeyError> {
        let state: DiscoverableAuthentication = serde_json::from_str(state)?;
        let mut passkey: Passkey = serde_json::from_str(&kept.passkey.credential)?;
        let handle = answer.response.user_handle.as_deref();
        if handle.is_some_and(|handle| handle != kept.passkey.user_handle) {
            return Err(PasskeyError::Wrong(None));
        }
        let result = self
            .webauthn
            .finish_discoverable_authentication_v2(answer, state, &passkey)
            .map_err(|error| PasskeyError::Wrong(Some(error)))?;
        passkey
            .update_credential(&result)
            .filter(|_| result.user_verified())
            .ok_or(PasskeyError::Wrong(None))?;
        Ok(serde_json::to_string(&passkey)?)
    }
}

/// The answer of a device, as the browser's script writes it.
pub(super) fn read<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, PasskeyError> {
    if answer.len() > MAX_OPAQUE {
        return Err(PasskeyError::Wrong(None));
    }
    let mut answer: Value = serde_json::from_str(answer).map_err(|_| PasskeyError::Wrong(None))?;
    // A device that was asked for a passkey by its identifier need not say whose it is, and browsers leave it out then.
    if let Some(response) = answer.get_mut("response").and_then(Value::as_object_mut) {
        response.entry("userHandle").or_insert(Value::Null);
    }
    serde_json::from_value(answer).map_err(|_| PasskeyError::Wrong(None))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn origins(list: &[&str]) -> Origins {
        let mut origins = Origins::default();
        for origin in list {
            origins.add(origin).unwrap();
        }
        origins
    }

    #[test]
    fn behind_a_proxy_the_address_tells_what_is_encrypted() {
        let ours = origins(&["https://schranky.example", "http://localhost:8080"]);
        let asked = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            ours.is_encrypted(&headers)
        };
        assert!(asked("schranky.example"));
        assert!(!asked("localhost:8080"));
        assert!(!asked("schranky.example:8080"));
        assert!(!ours.is_encrypted(&HeaderMap::new()));
    }

    #[test]
    fn a_device_need_not_say_whose_passkey_it_is() {
        let answer = |handle: &str| {
            format!(
                "{{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"clientExtensionResults\":{{}},\"response\":{{{handle}\
                 \"authenticatorData\":\"AAAA\",\"clientDataJSON\":\"AAAA\",\"signature\":\"AAAA\"}}}}"
            )
        };
        let handle = |text: &str| read::<PublicKeyCredential>(&answer(text)).unwrap().response.user_handle;
        assert_eq!(handle(""), None);
        assert_eq!(handle("\"userHandle\":null,"), None);
        assert_eq!(handle("\"userHandle\":\"AQID\","), Some(vec![1, 2, 3]));
        for wrong in ["", "{}", "[]", "null", "{\"response\":[]}", &" ".repeat(MAX_OPAQUE + 1)] {
            assert!(read::<PublicKeyCredential>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_safe_origins_are_taken() {
        for good in [
            "https://schranky.example",
            "https://schranky.example:8443",
            "http://localhost:8080",
            "https://a.example/",
        ] {
            assert_eq!(Origins::default().add(good), Ok(()), "{good}");
        }
        for wrong in [
            "",
            "schranky.example",
            "http://schranky.example",
            "https://192.0.2.1",
            "http://127.0.0.1:8080",
            "http://localhost.example:80",
            "https://schranky.example/path",
            "https://user@schranky.example",
            "ftp://localhost",
        ] {
            assert_eq!(Origins::default().add(wrong), Err(OriginError), "{wrong}");
        }
    }

    #[test]
    fn a_host_is_believed_only_if_it_is_ours() {
        let origins = origins(&["http://localhost:8080", "https://schranky.example"]);
        let found = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            origins
                .of_request(&headers)
                .map(|url| url.origin().ascii_serialization())
        };
        assert_eq!(found("localhost:8080").as_deref(), Some("http://localhost:8080"));
        assert_eq!(found("LOCALHOST:8080").as_deref(), Some("http://localhost:8080"));
        assert_eq!(found("schranky.example").as_deref(), Some("https://schranky.example"));
        for foreign in [
            "localhost",
            "localhost:8081",
            "127.0.0.1:8080",
            "schranky.example.org",
            "evil.example",
            "",
        ] {
            assert_eq!(found(foreign), None, "{foreign}");
        }
        assert!(origins.of_request(&HeaderMap::new()).is_none());
    }
}
