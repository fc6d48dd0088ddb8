//! Addresses for mails.

use std::fmt;
use std::str::FromStr;

/// Longest address (RFC 5321).
const MAX_ADDRESS: usize = 254;
/// Longest part before the at sign.
const MAX_LOCAL: usize = 64;
/// Longest label of a domain.
const MAX_LABEL: usize = 63;

/// An e-mail address of plain ASCII: whatever else stands in one breaks on some server, and what would break a header
/// cannot stand in it at all.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MailAddress(String);

/// Text that is no address for mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct MailAddressError;

impl MailAddress {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailAddress {
    type Err = MailAddressError;

    fn from_str(text: &str) -> Result<Self, MailAddressError> {
        let (local, domain) = text.rsplit_once('@').ok_or(MailAddressError)?;
        let atom = |atom: &str| {
            !atom.is_empty()
                && atom
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        };
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= MAX_LABEL
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let fits = text.len() <= MAX_ADDRESS && local.len() <= MAX_LOCAL && domain.contains('.');
        if fits && local.split('.').all(atom) && domain.split('.').all(label) {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(MailAddressError)
        }
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Addresses are nobody's business in logs.
impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "jan.vzor@vzor.example",
            "a@b.c",
            "jan+ds@Vzor.Example",
            "o'neil_1@x-y.example",
        ] {
            assert!(good.parse::<MailAddress>().is_ok(), "{good}");
        }
        assert_eq!(
            "Jan@Vzor.Example".parse::<MailAddress>().unwrap().as_str(),
            "Jan@vzor.example"
        );
        let long = format!("{}@vzor.example", "a".repeat(65));
        for bad in [
            "",
            "jan",
            "@vzor.example",
            "jan@vzor",
            "jan@@vzor.example",
            "jan vzor@vzor.example",
            "jan@-vzor.example",
            "jan@vzor..example",
            ".jan@vzor.example",
            "jan@vzor.example\r\nBcc: other@vzor.example",
            "jan@vzor.example\n",
            "\"jan\r\n\"@vzor.example",
            "Jan Vzor <jan@vzor.example>",
            "jan@vzor.example,other@vzor.example",
            "jan@[127.0.0.1]",
            "žluťoučký@vzor.example",
            "jan@vzor.example\0",
            &long,
        ] {
            assert_eq!(bad.parse::<MailAddress>(), Err(MailAddressError), "{bad}");
        }
    }
}
