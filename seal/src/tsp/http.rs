//! Client of a timestamp authority over HTTP (RFC 3161 section 3.4).

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use der::asn1::ObjectIdentifier;
use http::uri::Scheme;
use http::{Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslMethod};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_openssl::SslStream;

use crate::asn1::slice::Reader;
use crate::asn1::write;
use crate::verify::{Imprint, TimestampRefusal, TrustRoots, verify_token};

use super::{StampRequest, TimestampToken, TspError, request, response};

/// Octets of an answer; real ones have about 5 kB, more only with long certificate chains.
const MAX_ANSWER: usize = 128 * 1024;

/// How to reach a timestamp authority, and what is asked of its tokens.
#[derive(Clone)]
pub struct HttpAuthorityOptions {
    /// `http://…` or `https://…`, without user information.
    pub url: String,
    /// Name and password for HTTP Basic.
    pub credentials: Option<(String, String)>,
    /// Key and certificate chain (the client's first) for TLS.
    pub client_certificate: Option<(PKey<Private>, Vec<X509>)>,
    /// Roots for TLS; none means those of the system.
    pub tls_roots: Vec<X509>,
    /// Policy to ask for, as a dotted number; the token has to name it.
    pub policy: Option<String>,
    /// Roots that the authority's own certificate has to lead to; `None` accepts any that signs correctly.
    pub trust: Option<TrustRoots>,
    /// For connecting, TLS included.
    pub connect_timeout: Duration,
    /// For one attempt from beginning to end.
    pub total_timeout: Duration,
    /// How often to try before giving up.
    pub attempts: u32,
}

impl HttpAuthorityOptions {
    /// Two attempts of five seconds, as the real system does before it answers 0005, and nothing particular else.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials: None,
            client_certificate: None,
            tls_roots: Vec::new(),
            policy: None,
            trust: None,
            connect_timeout: Duration::from_secs(2),
            total_timeout: Duration::from_secs(5),
            attempts: 2,
        }
    }
}

/// Why the options cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HttpAuthorityError {
    /// Not an http or https URL, or one with user information in it.
    #[error("the address of the timestamp authority is not usable")]
    Url,
    /// The policy is not an object identifier.
    #[error("the timestamp policy is not an object identifier")]
    Policy,
    /// The roots or the client certificate cannot be used for TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] ErrorStack),
}

/// A timestamp authority over HTTP. Each request has a connection of its own: they are minutes apart, or in a burst parallel.
pub struct HttpAuthority {
    host: String,
    port: u16,
    target: String,
    host_header: String,
    authorization: Option<String>,
    tls: Option<SslConnector>,
    policy: Option<ObjectIdentifier>,
    trust: Option<TrustRoots>,
    connect_timeout: Duration,
    total_timeout: Duration,
    attempts: u32,
}

impl fmt::Debug for HttpAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAuthority")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

fn unreachable(error: impl std::error::Error + Send + Sync + 'static) -> TspError {
    TspError::Unreachable(Box::new(error))
}

impl HttpAuthority {
    /// Checks the options and prepares TLS.
    ///
    /// # Errors
    /// When they cannot be used.
    pub fn new(options: HttpAuthorityOptions) -> Result<Self, HttpAuthorityError> {
        let uri: Uri = options.url.parse().map_err(|_| HttpAuthorityError::Url)?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'))
            .ok_or(HttpAuthorityError::Url)?;
        let (tls, default_port) = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => (None, 80),
            Some(scheme) if *scheme == Scheme::HTTPS => (Some(connector(&options)?), 443),
            _ => return Err(HttpAuthorityError::Url),
        };
        let policy = options.policy.as_deref().map(ObjectIdentifier::new).transpose();
        let authorization = options.credentials.as_ref().map(|(name, password)| {
            format!(
                "Basic {}",
                openssl::base64::encode_block(format!("{name}:{password}").as_bytes())
            )
        });
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(default_port),
            target: uri
                .path_and_query()
                .map_or("/", http::uri::PathAndQuery::as_str)
                .to_owned(),
            host_header: authority.as_str().to_owned(),
            authorization,
            tls,
            policy: policy.map_err(|_| HttpAuthorityError::Policy)?,
            trust: options.trust,
            connect_timeout: options.connect_timeout,
            total_timeout: options.total_timeout,
            attempts: options.attempts.max(1),
        })
    }

    /// Asks for a token and checks it: status, imprint, nonce, policy, signature, the signer's certificate and its purpose.
    ///
    /// # Errors
    /// The last attempt's. A refusal is not asked again, since the answer would be the same.
    pub async fn stamp(&self, stamp: &StampRequest) -> Result<TimestampToken, TspError> {
        let nonce = write::unsigned_integer(&stamp.random);
        let request = Bytes::from(request::encode(&stamp.imprint, self.policy.as_ref(), &nonce));
        let mut attempt = 1;
        loop {
            let answer = timeout(self.total_timeout, self.post(request.clone()))
                .await
                .unwrap_or(Err(TspError::TimedOut));
            match answer {
                Ok(answer) => return self.accept(&answer, stamp, &nonce),
                Err(error) if attempt >= self.attempts => return Err(error),
                Err(error) => {
                    tracing::warn!(tsa.host = %self.host, attempt, error = %error, "timestamp authority did not answer");
                    attempt += 1;
                }
            }
        }
    }

    fn accept(&self, answer: &[u8], stamp: &StampRequest, nonce: &[u8]) -> Result<TimestampToken, TspError> {
        let der = response::token(answer)?;
        let facts = verify_token(der, Imprint::Sha256(&stamp.imprint))?;
        let asked = Reader::new(nonce).required("nonce")?.content;
        if facts.nonce.as_deref() != Some(asked) {
            return Err(TimestampRefusal::Nonce.into());
        }
        if self.policy.is_some_and(|policy| facts.policy != policy) {
            return Err(TimestampRefusal::Policy.into());
        }
        if let Some(trust) = &self.trust {
            facts.check_chain(trust).map_err(TimestampRefusal::Chain)?;
        }
        Ok(TimestampToken {
            der: der.to_vec(),
            gen_time: facts.gen_time,
        })
    }

    async fn post(&self, body: Bytes) -> Result<Bytes, TspError> {
        let stream = timeout(self.connect_timeout, self.connect())
            .await
            .map_err(|_| TspError::TimedOut)??;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(unreachable)?;
        // Ends with this function, also when a time-out drops it.
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let mut request = Request::post(&self.target)
            .header(header::HOST, &self.host_header)
            .header(header::CONTENT_TYPE, "application/timestamp-query")
            .header(header::ACCEPT, "application/timestamp-reply");
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(body)).map_err(unreachable)?;
        let answer = sender.send_request(request).await.map_err(unreachable)?;
        if answer.status() != http::StatusCode::OK {
            return Err(TspError::HttpStatus(answer.status().as_u16()));
        }
        match Limited::new(answer.into_body(), MAX_ANSWER).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(TspError::TooLong),
            Err(error) => Err(TspError::Unreachable(error)),
        }
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, TspError> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(unreachable)?;
        tcp.set_nodelay(true).map_err(unreachable)?;
        let Some(connector) = &self.tls else {
            return Ok(Box::new(tcp));
        };
        let mut configuration = connector.configure().map_err(unreachable)?;
        // Server names are names: an address must not be sent as one (RFC 6066 section 3).
        configuration.set_use_server_name_indication(self.host.parse::<IpAddr>().is_err());
        let ssl = configuration.into_ssl(&self.host).map_err(unreachable)?;
        let mut stream = SslStream::new(ssl, tcp).map_err(unreachable)?;
        Pin::new(&mut stream).connect().await.map_err(unreachable)?;
        Ok(Box::new(stream))
    }
}

fn connector(options: &HttpAuthorityOptions) -> Result<SslConnector, ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if options.tls_roots.is_empty() {
        // The vendored OpenSSL was built with paths of its own, where no system keeps its roots.
        let system = openssl_probe::probe();
        if let Some(file) = system.cert_file.as_deref().filter(|file| Path::exists(file)) {
            builder.set_ca_file(file)?;
        }
    } else {
        let mut store = X509StoreBuilder::new()?;
        for root in &options.tls_roots {
            store.add_cert(root.clone())?;
        }
        builder.set_verify_cert_store(store.build())?;
    }
    if let Some((key, chain)) = &options.client_certificate {
        for (index, certificate) in chain.iter().enumerate() {
            if index == 0 {
                builder.set_certificate(certificate)?;
            } else {
                builder.add_extra_chain_cert(certificate.clone())?;
            }
        }
        builder.set_private_key(key)?;
    }
    Ok(builder.build())
}
