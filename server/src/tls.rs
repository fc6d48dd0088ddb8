//! TLS of the listeners: 1.2 and 1.3, HTTP/1.1 only.

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{AlpnError, NameType, SslAcceptor, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;

/// An acceptor for a key and its chain, the server's certificate first.
///
/// HTTP/2 is not offered: it writes header names in lower case, which clients of the one-time-code sign-in do not find.
///
/// # Errors
/// Where key and chain do not fit together.
pub fn acceptor(key: &PKey<Private>, chain: &[X509]) -> Result<SslAcceptor, ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    if let Some((leaf, issuers)) = chain.split_first() {
        builder.set_certificate(leaf)?;
        for issuer in issuers {
            builder.add_extra_chain_cert(issuer.clone())?;
        }
    }
    builder.set_private_key(key)?;
    builder.check_private_key()?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_session_id_context(b"isds")?;
    builder.set_servername_callback(|ssl, _| {
        if ssl.servername(NameType::HOST_NAME).is_some_and(asks_for_certificate) {
            // Any certificate will do here: whose it is, is known by the very certificate and not by its issuer. That the
            // client holds its key, the handshake shows.
            ssl.set_verify_callback(SslVerifyMode::PEER, |_, _| true);
        }
        Ok(())
    });
    builder.set_alpn_select_callback(|_, offered| {
        openssl::ssl::select_next_proto(b"\x08http/1.1", offered).ok_or(AlpnError::NOACK)
    });
    Ok(builder.build())
}

/// Whether clients that ask for this host are asked for a certificate. As on the real system, certificates have hosts of
/// their own: a browser that is asked for one troubles its user with a choice.
fn asks_for_certificate(host: &str) -> bool {
    let label = host.split('.').next().unwrap_or_default();
    ["ws1c", "ws2c", "cert"]
        .iter()
        .any(|own| label.eq_ignore_ascii_case(own))
}

/// [`acceptor`] from PEM.
///
/// # Errors
/// Where the PEM cannot be read, and as [`acceptor`].
pub fn acceptor_from_pem(key: &[u8], chain: &[u8]) -> Result<SslAcceptor, ErrorStack> {
    acceptor(&PKey::private_key_from_pem(key)?, &X509::stack_from_pem(chain)?)
}
