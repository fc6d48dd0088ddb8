//! Identifiers of the contract. Each entity has a type of its own, so that a box is never taken for a user.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ports::Random;

/// The 32 characters of a box ID: no `l`, `o`, `0`, `1`, which people mistake for one another (manual M 1.3.3).
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Length of a box ID: six characters of data and a check character (XSD `tIdDb`).
const BOX_ID_LEN: usize = 7;

/// Identifier of a data box, always with a valid check character (XSD `tIdDb`, manual M 1.3.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BoxId([u8; BOX_ID_LEN]);

/// Text that is not a box ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoxIdError {
    /// Not exactly seven characters.
    #[error("a box ID has seven characters")]
    Length,
    /// A character outside the alphabet.
    #[error("a box ID has only the letters a-z without l and o, and the digits 2-9")]
    Character,
    /// The seventh character does not fit the first six.
    #[error("the check character of the box ID is wrong")]
    CheckCharacter,
}

impl BoxId {
    /// The system administrator's box, sender of system messages.
    pub const ADMINISTRATOR: Self = Self(*b"aaaaaaa");
    /// The operator's box, sender of notices about vault, credit and certificates.
    pub const OPERATOR: Self = Self(*b"zzzzzzq");

    /// Makes the ID whose first six characters are `data`.
    ///
    /// # Errors
    /// [`BoxIdError`] where `data` is not six characters of the alphabet.
    pub fn from_data(data: &str) -> Result<Self, BoxIdError> {
        let data: [u8; BOX_ID_LEN - 1] = data.as_bytes().try_into().map_err(|_| BoxIdError::Length)?;
        let mut id = [0; BOX_ID_LEN];
        id[..BOX_ID_LEN - 1].copy_from_slice(&data);
        id[BOX_ID_LEN - 1] = check_character(&data)?;
        Ok(Self(id))
    }

    /// An ID chosen at random; whether somebody has it already only the directory knows.
    #[must_use]
    pub fn random(random: &dyn Random) -> Self {
        let mut data = [0; BOX_ID_LEN - 1];
        random.fill(&mut data);
        // 256 is a multiple of 32, so each character is as likely as the other.
        let data = data.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]);
        let mut id = [0; BOX_ID_LEN];
        id[..BOX_ID_LEN - 1].copy_from_slice(&data);
        // Only characters of the alphabet are among the data, so there is a check character.
        id[BOX_ID_LEN - 1] = check_character(&data).unwrap_or(ALPHABET[0]);
        Self(id)
    }

    /// The seven characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only characters of the ASCII alphabet ever get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Boxes of the system itself: nobody sends to them (manual M 2.1).
    #[must_use]
    pub fn is_system(&self) -> bool {
        *self == Self::ADMINISTRATOR || *self == Self::OPERATOR
    }
}

/// Luhn's scheme modulo 32: positions counted from 0, odd ones doubled, digits of base 32 summed (manual M 1.3.3).
fn check_character(data: &[u8]) -> Result<u8, BoxIdError> {
    let mut sum = 0;
    for (position, character) in data.iter().enumerate() {
        let value = ALPHABET
            .iter()
            .position(|c| c == character)
            .ok_or(BoxIdError::Character)?;
        let n = if position % 2 == 1 { value * 2 } else { value };
        sum += n / 32 + n % 32;
    }
    Ok(ALPHABET[(32 - sum % 32) % 32])
}

impl FromStr for BoxId {
    type Err = BoxIdError;

    fn from_str(text: &str) -> Result<Self, BoxIdError> {
        let bytes: [u8; BOX_ID_LEN] = text.as_bytes().try_into().map_err(|_| BoxIdError::Length)?;
        if check_character(&bytes[..BOX_ID_LEN - 1])? != bytes[BOX_ID_LEN - 1] {
            return Err(if ALPHABET.contains(&bytes[BOX_ID_LEN - 1]) {
                BoxIdError::CheckCharacter
            } else {
                BoxIdError::Character
            });
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for BoxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for BoxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoxId({})", self.as_str())
    }
}

impl Serialize for BoxId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for BoxId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Number of a data message: a decimal number that grows with every message of this system (XSD `tIdDm`, at most 20
/// characters; clients hold at most 19, which an `i64` never exceeds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub i64);

/// Text that is not a message number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message number has only decimal digits")]
pub struct MessageIdError;

impl FromStr for MessageId {
    type Err = MessageIdError;

    fn from_str(text: &str) -> Result<Self, MessageIdError> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(MessageIdError);
        }
        text.parse().map(Self).map_err(|_| MessageIdError)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Identifier of a person's membership in a box (`isdsID`, e.g. `DS_wexphsydx`): stays the same when access data are
/// issued anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IsdsId(pub String);

impl fmt::Display for IsdsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Internal key of a person, who may be a member of several boxes. Never shown outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonId(pub i64);

/// Internal key of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MembershipId(pub i64);

/// Key of an object in the object storage: 32 hexadecimal digits, chosen at random.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectId(pub String);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_character_as_in_the_manual() {
        assert_eq!(BoxId::from_data("aydaad").unwrap().as_str(), "aydaadk");
        for valid in [
            "zzzzzzq", "aaaaaaa", "mesta2j", "kraj227", "firma2x", "banka2q", "advka2c", "zivna27", "nvak22s",
            "maria2f", "zrus22r",
        ] {
            assert_eq!(valid.parse::<BoxId>().unwrap().as_str(), valid);
        }
    }

    #[test]
    fn random_ids_are_ids() {
        struct Counting(std::sync::atomic::AtomicU8);
        impl Random for Counting {
            fn fill(&self, bytes: &mut [u8]) {
                for byte in bytes {
                    *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::SeqCst);
                }
            }
        }
        let random = Counting(Default::default());
        for _ in 0..500 {
            let id = BoxId::random(&random);
            assert_eq!(id.as_str().parse(), Ok(id));
        }
    }

    #[test]
    fn every_single_wrong_character_is_found() {
        for position in 0..BOX_ID_LEN {
            for character in ALPHABET {
                let mut id = *b"nvak22s";
                if id[position] == *character {
                    continue;
                }
                id[position] = *character;
                let text = std::str::from_utf8(&id).unwrap();
                assert_eq!(text.parse::<BoxId>(), Err(BoxIdError::CheckCharacter), "{text}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_box_id() {
        assert_eq!("".parse::<BoxId>(), Err(BoxIdError::Length));
        assert_eq!("nvak22sx".parse::<BoxId>(), Err(BoxIdError::Length));
        assert_eq!("NVAK22S".parse::<BoxId>(), Err(BoxIdError::Character));
        assert_eq!("nvak2ž".parse::<BoxId>(), Err(BoxIdError::Character));
        assert_eq!("nvak220".parse::<BoxId>(), Err(BoxIdError::Character));
    }

    #[test]
    fn message_numbers_are_decimal() {
        assert_eq!("170272".parse(), Ok(MessageId(170_272)));
        for wrong in ["", "-1", "+1", "1 ", "12a", "99999999999999999999"] {
            assert_eq!(wrong.parse::<MessageId>(), Err(MessageIdError), "{wrong}");
        }
    }
}
