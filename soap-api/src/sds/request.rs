//! Requests to the public list (descriptor of the service, manual of the list 2.1–2.4).

use isds_core::{HolderQuery, HolderSearch};
use tokio::io::AsyncBufRead;
use wire::forms::Generation;
use wire::names::Namespace;
use wire::reader::{ReadError, XmlReader};

/// Longest value, in characters.
const MAX_VALUE: usize = 255;

/// What is asked; nothing to look for where a number has no form that a number could have: then nobody is found.
pub(super) enum Asked {
    /// `GetInfoRequest`, `GetInfo2Request`.
    Holder(Generation, Option<HolderQuery>),
    /// `SearchSubjectRequest`, `SearchSubject2Request`.
    Holders {
        generation: Generation,
        types: String,
        search: Option<HolderSearch>,
    },
}

/// Not a request of the descriptor.
#[derive(Debug)]
pub(super) struct Invalid;

impl From<ReadError> for Invalid {
    fn from(_: ReadError) -> Self {
        Self
    }
}

/// Children of the request that the descriptor knows.
#[derive(Default)]
struct Values {
    types: Option<String>,
    ico: Option<String>,
    box_id: Option<String>,
    ovm_id: Option<String>,
    name: Option<String>,
    street: Option<String>,
    town: Option<String>,
}

/// Reads a request to its end.
pub(super) async fn read<R: AsyncBufRead + Unpin>(source: R) -> Result<Asked, Invalid> {
    let mut reader = XmlReader::new(source, super::MAX_REQUEST);
    let root = reader.root().await?;
    if root.namespace != Namespace::Holders {
        return Err(Invalid);
    }
    let mut values = Values::default();
    while let Some(element) = reader.next_child().await? {
        if element.namespace != Namespace::Holders {
            return Err(Invalid);
        }
        let value = match element.name.as_str() {
            "TypSubjektu" => &mut values.types,
            "Ico" => &mut values.ico,
            "DataboxId" => &mut values.box_id,
            "IdOVM" => &mut values.ovm_id,
            "Nazev" => &mut values.name,
            "Ulice" => &mut values.street,
            "Mesto" => &mut values.town,
            _ => return Err(Invalid),
        };
        let text = reader.text(&element.name).await?.unwrap_or_default();
        let text = text.trim();
        if value.is_some() || text.chars().count() > MAX_VALUE {
            return Err(Invalid);
        }
        *value = Some(text.to_owned());
    }
    reader.end().await?;
    values.asked(&root.name)
}

impl Values {
    fn asked(self, request: &str) -> Result<Asked, Invalid> {
        let (generation, one) = match request {
            "GetInfoRequest" => (Generation::First, true),
            "GetInfo2Request" => (Generation::Second, true),
            "SearchSubjectRequest" => (Generation::First, false),
            "SearchSubject2Request" => (Generation::Second, false),
            _ => return Err(Invalid),
        };
        if self.ovm_id.is_some() && generation == Generation::First {
            return Err(Invalid);
        }
        if one {
            match self {
                Self {
                    types: None,
                    name: None,
                    street: None,
                    town: None,
                    ..
                } => Ok(Asked::Holder(generation, self.number()?)),
                _ => Err(Invalid),
            }
        } else {
            self.search(generation)
        }
    }

    /// The one number that there is.
    fn number(&self) -> Result<Option<HolderQuery>, Invalid> {
        match (&self.ico, &self.box_id, &self.ovm_id) {
            (Some(ico), None, None) => Ok(digits(ico).then(|| HolderQuery::Ic(ico.clone()))),
            (None, Some(id), None) => Ok(id.parse().ok().map(HolderQuery::Box)),
            (None, None, Some(id)) => Ok((!id.is_empty()).then(|| HolderQuery::OvmId(id.clone()))),
            _ => Err(Invalid),
        }
    }

    /// Exactly one of number, name, and address in one or two parts.
    fn search(self, generation: Generation) -> Result<Asked, Invalid> {
        if self.box_id.is_some() {
            return Err(Invalid);
        }
        let number = self.ico.is_some() || self.ovm_id.is_some();
        let address = self.street.is_some() || self.town.is_some();
        let search = match (number, &self.name, address) {
            (true, None, false) => self.number()?.map(HolderSearch::Number),
            (false, Some(name), false) => Some(HolderSearch::Name(name.clone())),
            (false, None, true) => {
                let parts = [self.street.as_deref(), self.town.as_deref()];
                let parts: Vec<&str> = parts.into_iter().flatten().collect();
                // A line end between them, so that the end of one and the beginning of the other make no word.
                Some(HolderSearch::Address(parts.join(",\n")))
            }
            _ => return Err(Invalid),
        };
        Ok(Asked::Holders {
            generation,
            types: self.types.unwrap_or_default(),
            search,
        })
    }
}

fn digits(ico: &str) -> bool {
    (1..=8).contains(&ico.len()) && ico.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(xml: &str) -> Option<Asked> {
        read(xml.as_bytes()).await.ok()
    }

    fn request(name: &str, inside: &str) -> String {
        format!("<{name} xmlns=\"http://seznam.gov.cz/ovm/ws/v1\">{inside}</{name}>")
    }

    #[tokio::test]
    async fn exactly_one_thing_is_asked() {
        let two = "<Ico>00000019</Ico><DataboxId>mesta2j</DataboxId>";
        for (name, inside) in [
            ("GetInfoRequest", ""),
            ("GetInfoRequest", two),
            ("GetInfoRequest", "<IdOVM>00000019</IdOVM>"),
            ("GetInfoRequest", "<Nazev>Vzorov</Nazev>"),
            ("GetInfoRequest", "<Ico>1</Ico><Ico>2</Ico>"),
            ("GetInfoRequest", "<Other>1</Other>"),
            ("GetInfoRequest", "<Ico><b/></Ico>"),
            ("SearchSubjectRequest", "<TypSubjektu>OVM</TypSubjektu>"),
            ("SearchSubjectRequest", "<Nazev>a</Nazev><Mesto>b</Mesto>"),
            ("SearchSubjectRequest", "<DataboxId>mesta2j</DataboxId>"),
            ("SearchSubjectRequest", "<IdOVM>00000019</IdOVM>"),
            ("OtherRequest", "<Ico>00000019</Ico>"),
        ] {
            assert!(asked(&request(name, inside)).await.is_none(), "{name} {inside}");
        }
        let long = "x".repeat(256);
        assert!(
            asked(&request("SearchSubjectRequest", &format!("<Nazev>{long}</Nazev>")))
                .await
                .is_none()
        );
        for wrong in [
            "",
            "x",
            "<GetInfoRequest><Ico>1</Ico></GetInfoRequest>",
            "<a",
            "<!DOCTYPE a><a/>",
        ] {
            assert!(asked(wrong).await.is_none(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_is_asked() {
        let one = asked(&request("GetInfo2Request", "<IdOVM> 00007064.001 </IdOVM>")).await;
        assert!(matches!(
            one,
            Some(Asked::Holder(Generation::Second, Some(HolderQuery::OvmId(id)))) if id == "00007064.001"
        ));
        let nobody = asked(&request("GetInfoRequest", "<DataboxId>nonsense</DataboxId>")).await;
        assert!(matches!(nobody, Some(Asked::Holder(Generation::First, None))));
        let address = asked(&request(
            "SearchSubjectRequest",
            "<Ulice>Dlouhá 5</Ulice><Mesto>Vzorov</Mesto>",
        ))
        .await;
        assert!(matches!(
            address,
            Some(Asked::Holders { search: Some(HolderSearch::Address(text)), .. }) if text == "Dlouhá 5,\nVzorov"
        ));
    }
}
