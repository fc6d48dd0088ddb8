//! What people add to name and password: passkeys, one-time codes, recovery codes. They belong to the person, who may
//! have access data to several boxes.

use std::fmt;

use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::ids::PersonId;
use crate::ports::Random;
use crate::session::{SessionId, SessionToken};
use crate::time::Timestamp;

/// Most passkeys of one person.
pub const MAX_PASSKEYS: u64 = 20;
/// Most characters of a passkey's name.
pub const MAX_PASSKEY_NAME: usize = 60;
/// Longest description of a passkey, or state of a ceremony, in bytes.
pub const MAX_OPAQUE: usize = 16 * 1024;
/// How many recovery codes somebody gets at once.
pub const RECOVERY_CODES: usize = 10;
/// Wrong one-time codes in an hour after which no more are looked at.
pub const MAX_WRONG_CODES: i64 = 5;
/// How long a step of a sign-in may take, in real seconds.
pub const CEREMONY_SECONDS: i64 = 5 * 60;
/// How long somebody may take to set up one-time codes, in real seconds.
pub const SET_UP_SECONDS: i64 = 15 * 60;
/// Purpose under which secrets of codes are sealed.
pub(crate) const CODES_PURPOSE: &str = "one-time codes";
/// Purpose under which recovery codes are digested.
pub(crate) const RECOVERY_PURPOSE: &str = "recovery codes";

/// Bytes of a code's secret: what RFC 4226 recommends.
const SECRET_LENGTH: usize = 20;
/// Characters of a recovery code: 50 bits, of which nobody tries more than a few an hour.
const RECOVERY_LENGTH: usize = 10;
/// Letters and digits that people do not mistake for one another, the same as in access data.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Internal key of a passkey; names it on its owner's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PasskeyId(pub i64);

/// A passkey of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRecord {
    /// Its key.
    pub id: PasskeyId,
    /// Whose it is.
    pub person: PersonId,
    /// What it is.
    pub passkey: NewPasskey,
    /// Real time at which it was added.
    pub created: Timestamp,
    /// Real time at which it was last used.
    pub last_used: Option<Timestamp>,
}

/// A passkey as it was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// Under which the browser knows it.
    pub credential_id: Vec<u8>,
    /// By what name its owner's device knows the person: 16 bytes that say nothing.
    pub user_handle: [u8; 16],
    /// Public key, counter and flags, as whoever examines passkeys writes them.
    pub credential: String,
    /// What its owner calls it.
    pub name: String,
}

/// A person's one-time codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeCodes {
    /// The secret, sealed.
    pub sealed_secret: Vec<u8>,
    /// Step of the last code taken: none before it is taken again.
    pub last_step: i64,
    /// Real time at which they were switched on.
    pub switched_on: Timestamp,
    /// Real time at which one was last taken.
    pub last_used: Option<Timestamp>,
    /// Recovery codes that were not used yet.
    pub recovery_left: u64,
}

/// What a person has set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInFactors {
    /// Passkeys, the first added first.
    pub passkeys: Vec<PasskeyRecord>,
    /// One-time codes, where they are switched on.
    pub codes: Option<OneTimeCodes>,
}

/// A step that waits for its second half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyKind {
    /// A password was right, a code is asked for.
    Code = 1,
    /// A passkey was asked to sign in.
    PasskeySignIn = 2,
    /// A passkey is being made.
    PasskeyRegistration = 3,
    /// One-time codes are being set up.
    CodesSetUp = 4,
}

impl CeremonyKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [
        Self::Code,
        Self::PasskeySignIn,
        Self::PasskeyRegistration,
        Self::CodesSetUp,
    ];

    /// Number kept in the database.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The kind with the number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Under which a ceremony is kept: a digest of what the browser holds, so that nobody else can end what it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CeremonyKey(pub [u8; 32]);

impl CeremonyKey {
    /// Of a browser in which nobody is signed in.
    #[must_use]
    pub fn of_browser(token: &SessionToken, kind: CeremonyKind) -> Self {
        Self::of_session(&token.id(), kind)
    }

    /// Of a session: one of a kind at a time.
    #[must_use]
    pub fn of_session(session: &SessionId, kind: CeremonyKind) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"ceremony");
        hash.update(kind.code().to_be_bytes());
        hash.update(session.0);
        Self(hash.finalize().into())
    }
}

/// A ceremony as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Its key.
    pub key: CeremonyKey,
    /// Its kind.
    pub kind: CeremonyKind,
    /// Of whom, where that is known.
    pub person: Option<PersonId>,
    /// What was said in its first half.
    pub state: String,
    /// Real time at which it is over.
    pub expires: Timestamp,
}

impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ceremony")
            .field("kind", &self.kind)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// The secret that one-time codes are computed from (RFC 6238: SHA-1, six digits, 30 seconds, which every program
/// knows). What `Debug` shows of it is harmless.
#[derive(Clone)]
pub struct CodeSecret(Totp);

impl fmt::Debug for CodeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeSecret")
    }
}

impl CodeSecret {
    /// A new secret.
    #[must_use]
    pub fn random(random: &dyn Random) -> Option<Self> {
        let mut bytes = vec![0; SECRET_LENGTH];
        random.fill(&mut bytes);
        Self::from_bytes(bytes)
    }

    /// The secret of its bytes, where they are one.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        Builder::new().with_secret(Secret::from(bytes)).build().ok().map(Self)
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.secret().as_ref()
    }

    /// In the letters that people type into a program.
    #[must_use]
    pub fn base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// Number of the step whose code this is, one step early or late at the real time `now`.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.0 / 1_000_000).ok()?;
        i64::try_from(self.0.check(code, seconds)?).ok()
    }
}

/// What somebody typed as a code: digits of a one-time code, or a recovery code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TypedCode {
    OneTime(String),
    Recovery(String),
}

impl TypedCode {
    /// Without the spaces and dashes that people put in or copy along.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut code = String::new();
        for c in text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(RECOVERY_LENGTH + 1)
        {
            code.push(c.to_ascii_lowercase());
        }
        if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
            return Some(Self::OneTime(code));
        }
        let is_recovery = code.len() == RECOVERY_LENGTH && code.bytes().all(|b| ALPHABET.contains(&b));
        is_recovery.then_some(Self::Recovery(code))
    }
}

/// New recovery codes, as they are digested; [`shown_recovery_code`] is how people see them.
pub(crate) fn new_recovery_codes(random: &dyn Random) -> Vec<String> {
    let code = |_| {
        let mut bytes = [0; RECOVERY_LENGTH];
        random.fill(&mut bytes);
        bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect()
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// A recovery code in two halves.
pub(crate) fn shown_recovery_code(code: &str) -> String {
    let (first, second) = code.split_at(code.len() / 2);
    format!("{first}-{second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B, and its codes shortened to six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = CodeSecret::from_bytes(b"12345678901234567890".to_vec()).unwrap();
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let at = |seconds: i64| Timestamp(seconds * 1_000_000);
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.step_of(code, at(seconds)), Some(seconds / 30), "{seconds}");
            assert_eq!(
                secret.step_of(code, at(seconds + 30)),
                Some(seconds / 30),
                "a step late"
            );
            assert_eq!(secret.step_of(code, at(seconds + 61)), None, "too late");
        }
        for wrong in ["", "287081", "0287082", "28708", "287082 "] {
            assert_eq!(secret.step_of(wrong, at(59)), None, "{wrong}");
        }
        assert_eq!(format!("{secret:?}"), "CodeSecret");
        assert!(CodeSecret::from_bytes(vec![1; 4]).is_none(), "too short to be one");
    }

    #[test]
    fn what_people_type_is_understood() {
        let one_time = |text: &str| Some(TypedCode::OneTime(text.into()));
        let recovery = |text: &str| Some(TypedCode::Recovery(text.into()));
        for (typed, expected) in [
            ("123456", one_time("123456")),
            (" 123 456\n", one_time("123456")),
            ("abcde-fghij", recovery("abcdefghij")),
            ("ABCDE FGHIJ", recovery("abcdefghij")),
            ("12345", None),
            ("1234567", None),
            ("abcde-fghil", None),
            ("abcde-fghij-k", None),
            ("", None),
            ("１２３４５６", None),
        ] {
            assert_eq!(TypedCode::of(typed), expected, "{typed}");
        }
        assert_eq!(TypedCode::of(&"9".repeat(1_000_000)), None);
    }

    #[test]
    fn keys_differ_by_session_and_kind() {
        let one = SessionId([1; 32]);
        let key = CeremonyKey::of_session(&one, CeremonyKind::Code);
        assert_ne!(key, CeremonyKey::of_session(&one, CeremonyKind::CodesSetUp));
        assert_ne!(key, CeremonyKey::of_session(&SessionId([2; 32]), CeremonyKind::Code));
        for kind in CeremonyKind::ALL {
            assert_eq!(CeremonyKind::from_code(kind.code()), Some(kind));
        }
    }
}
