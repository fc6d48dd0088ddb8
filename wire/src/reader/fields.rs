//! Small requests as a list of named values.

use isds_core::Refusal;
use isds_core::ids::MessageId;
use isds_core::status::Status;
use isds_core::time::Timestamp;
use tokio::io::AsyncBufRead;

use super::{ReadError, XmlReader};

/// Values of the children of an element. Order does not matter, unknown children are passed over, nil and empty ones
/// are not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(&'static str, Option<String>)>);

impl Fields {
    /// Reads the children of the open element up to its end, keeping those named.
    ///
    /// # Errors
    /// 2007 for a child that comes twice: no schema of the contract allows it, and which of the two was meant cannot be
    /// told. Other [`ReadError`]s.
    pub async fn read<R: AsyncBufRead + Unpin>(
        reader: &mut XmlReader<R>,
        names: &[&'static str],
    ) -> Result<Self, ReadError> {
        let mut fields = Self::default();
        while let Some(element) = reader.next_child().await? {
            match names.iter().find(|name| **name == element.contract_name()) {
                Some(name) => fields.add(name, reader.text(name).await?)?,
                None => reader.skip().await?,
            }
        }
        Ok(fields)
    }

    /// Adds a value.
    ///
    /// # Errors
    /// 2007 where the name is there already.
    pub fn add(&mut self, name: &'static str, value: Option<String>) -> Result<(), ReadError> {
        if self.0.iter().any(|(other, _)| *other == name) {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, format!("{name} je uvedeno dvakrát.")).into());
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value as it was written.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| *other == name)
            .and_then(|(_, value)| value.as_deref())
    }

    /// The value, taken out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0
            .iter_mut()
            .find(|(other, _)| *other == name)
            .and_then(|(_, value)| value.take())
    }

    /// The value without white space around it, as the schema types other than strings have it.
    fn token(&self, name: &str) -> Option<&str> {
        self.text(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// An `xs:integer` of up to 64 bits.
    ///
    /// # Errors
    /// 2007 for anything else.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.token(name).map(|value| integer(name, value)).transpose()
    }

    /// An `xs:boolean`.
    ///
    /// # Errors
    /// 2007 for anything else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.token(name) {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(Refusal::about(
                Status::INVALID_STRUCTURE,
                format!("{name} není true ani false."),
            )),
        }
    }

    /// An `xs:dateTime`; without a zone it is Czech local time.
    ///
    /// # Errors
    /// 2017 for anything else.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        self.token(name)
            .map(|value| Timestamp::parse(value).map_err(|_| Refusal::about(Status::SYNTAX, name)))
            .transpose()
    }

    /// A message number that must be there.
    ///
    /// # Errors
    /// 2007 where it is not or is no number, 1219 for a number that no message can have.
    pub fn message_id(&self, name: &str) -> Result<MessageId, Refusal> {
        message_id(name, self.token(name))
    }
}

/// An `xs:integer` of up to 64 bits.
///
/// # Errors
/// 2007 for anything else.
pub fn integer(name: &str, value: &str) -> Result<i64, Refusal> {
    value.trim().parse().map_err(|_| {
        Refusal::about(
            Status::INVALID_STRUCTURE,
            format!("{name} není celé číslo v povoleném rozsahu."),
        )
    })
}

/// A message number (`tIdDm`) that must be there.
///
/// # Errors
/// 2007 where it is not or is no number, 1219 for a number that no message can have.
pub fn message_id(name: &str, value: Option<&str>) -> Result<MessageId, Refusal> {
    let value = value.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, format!("chybí {name}.")))?;
    if value.len() > 20 || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::about(
            Status::INVALID_STRUCTURE,
            format!("{name} není číslo zprávy."),
        ));
    }
    value.parse().map_err(|_| Refusal::of(Status::NO_MESSAGE))
}
