//! `GetDataBoxList`: files with all boxes, made once a day (manual V 2.4).

use jiff::civil::Date;

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::ports::{ListedBox, ListedBoxes};
use crate::principal::{Actor, Principal};
use crate::splice::Splice;
use crate::status::Status;

use super::Isds;
use super::data_file::{DataFileForm, Wanted, document};

/// Which list (`dblType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxListKind {
    /// `ALL`: all accessible boxes, as the list was before 2018.
    All,
    /// `ALL2`: all accessible boxes.
    All2,
    /// `POA`: accessible boxes of people who receive postal messages; those of others receive them anyway and are left
    /// out since 2021 (bulletin 2176).
    Poa,
    /// `UPG`: boxes raised to an authority; there have been none since 2017.
    Upg,
}

impl BoxListKind {
    /// The list with the name; without one, `ALL2`.
    fn parse(name: Option<&str>) -> Result<Self, Refusal> {
        match name.map(str::trim).filter(|name| !name.is_empty()) {
            None | Some("ALL2") => Ok(Self::All2),
            Some("ALL") => Ok(Self::All),
            Some("POA") => Ok(Self::Poa),
            Some("UPG") => Ok(Self::Upg),
            Some(_) => Err(Refusal::about(Status::INVALID_STRUCTURE, "neznámý dblType.")),
        }
    }

    /// Name of the file inside the ZIP.
    #[must_use]
    pub fn file_name(self, day: Date) -> String {
        let prefix = match self {
            Self::All | Self::All2 => "actds",
            Self::Poa => "puboa",
            Self::Upg => "effovm",
        };
        format!("{prefix}{:04}{:02}{:02}.csv", day.year(), day.month(), day.day())
    }

    fn key(self) -> &'static str {
        match self {
            Self::All => "list ALL",
            Self::All2 => "list ALL2",
            Self::Poa => "list POA",
            Self::Upg => "list UPG",
        }
    }

    /// The lists with personal data.
    fn is_confidential(self) -> bool {
        matches!(self, Self::All | Self::All2)
    }

    fn holds(self, listed: &ListedBox) -> bool {
        match self {
            Self::All | Self::All2 => true,
            Self::Poa => listed.data_box.box_type.is_fo() && listed.data_box.receives_postal(),
            Self::Upg => false,
        }
    }
}

impl Isds {
    /// The list that `dblType` names as a file of today; `form` writes it where there is none yet.
    ///
    /// # Errors
    /// 1004; lists with personal data are given to nobody but applications of authorities. 2007 for an unknown list.
    pub async fn data_box_list(
        &self,
        caller: &Principal,
        name: Option<&str>,
        form: impl FnOnce(BoxListKind, Date) -> std::io::Result<Box<dyn DataFileForm>> + Send,
    ) -> Result<Splice, Failure> {
        let own = caller.authorize(Operation::GetDataBoxList)?;
        let kind = BoxListKind::parse(name)?;
        let trusted = own.box_type.is_ovm() && matches!(caller.actor, Actor::Application);
        if kind.is_confidential() && !trusted {
            return Err(Failure::refused(Status::NO_RIGHT));
        }
        let today = self.clock.legal().local_date();
        let form = form(kind, today).map_err(|error| Failure::Broken("a list cannot be begun", Box::new(error)))?;
        let wanted = Wanted {
            kind: kind.key(),
            boxes: ListedBoxes::Accessible,
            fits: &|listed| kind.holds(listed),
            serves: &|made| made.local_date() == today,
        };
        Ok(document(&self.data_file(wanted, form).await?))
    }
}
