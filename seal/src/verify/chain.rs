//! From the signer's certificate to a root that the reader trusts, at the time of signing.

use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509NameRef, X509PurposeId, X509Ref, X509StoreContext};

use super::refusal::ChainRefusal;

/// Certificates that the reader trusts: roots, or issuing authorities directly.
#[derive(Clone)]
pub struct TrustRoots(Vec<X509>);

impl std::fmt::Debug for TrustRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TrustRoots").field(&self.0.len()).finish()
    }
}

/// Why the trusted certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Not PEM certificates.
    #[error("the trusted certificates are not readable as PEM")]
    Pem(#[from] ErrorStack),
    /// No certificate among what was given.
    #[error("there is no certificate among the trusted ones")]
    Empty,
}

impl TrustRoots {
    /// Takes certificates that were read already.
    ///
    /// # Errors
    /// When there are none.
    pub fn new(certificates: Vec<X509>) -> Result<Self, TrustError> {
        if certificates.is_empty() {
            Err(TrustError::Empty)
        } else {
            Ok(Self(certificates))
        }
    }

    /// Reads one or more certificates from PEM.
    ///
    /// # Errors
    /// When the PEM is unreadable or holds none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TrustError> {
        Self::new(X509::stack_from_pem(pem)?)
    }
}

/// What the leaf of a chain is to be for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Seal; its own usage bits are checked apart.
    Seal,
    /// Timestamps; OpenSSL then checks the usage along the chain as well.
    Timestamps,
}

/// Builds and checks the chain with the validity of `time` (microseconds of UTC). Revocation is not looked at.
pub(crate) fn check(
    leaf: &X509Ref,
    others: &[X509],
    time: i64,
    purpose: Purpose,
    trust: &TrustRoots,
) -> Result<(), ChainRefusal> {
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(time.div_euclid(1_000_000));
    // Who trusts an issuing authority need not have its root.
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    parameters.set_purpose(match purpose {
        Purpose::Seal => X509PurposeId::ANY,
        Purpose::Timestamps => X509PurposeId::TIMESTAMP_SIGN,
    })?;
    let mut store = X509StoreBuilder::new()?;
    for root in &trust.0 {
        store.add_cert(root.clone())?;
    }
    store.set_param(&parameters)?;
    let store = store.build();
    let mut untrusted = Stack::new()?;
    for certificate in others {
        untrusted.push(certificate.clone())?;
    }
    let mut context = X509StoreContext::new()?;
    let refused = context.init(&store, leaf, &untrusted, |context| {
        let verified = context.verify_cert()?;
        Ok((!verified).then(|| (context.error_depth(), context.error().error_string())))
    })?;
    match refused {
        None => Ok(()),
        Some((depth, reason)) => Err(ChainRefusal::Refused { depth, reason }),
    }
}

/// A name as one line, most general part first: `C=CZ, O=…, CN=…`.
pub(crate) fn name(name: &X509NameRef) -> String {
    let parts = name.entries().map(|entry| {
        let label = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_else(|_| "?".to_owned());
        format!("{label}={value}")
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What people call the holder: the common name, else the organisation, else the whole name.
pub(crate) fn short_name(full: &X509NameRef) -> String {
    let entry = |nid| full.entries_by_nid(nid).next();
    let known = entry(Nid::COMMONNAME).or_else(|| entry(Nid::ORGANIZATIONNAME));
    known
        .and_then(|entry| entry.data().to_string().ok())
        .unwrap_or_else(|| name(full))
}
