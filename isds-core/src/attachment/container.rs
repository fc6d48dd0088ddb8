//! What is inside containers (bulletin 2175, chapters 4 and 5): a ZIP archive is judged by its directory and the headers
//! of its files; nothing is ever unpacked.
//!
//! Programs read archives in two ways: some by the directory at the end, some from the beginning on. An archive that
//! says one thing to the ones and another to the others would show the recipient what nobody judged. So every byte has
//! to be accounted for: files one behind another from the first byte on, each as the directory describes it, then the
//! directory, then its end.

mod asic;
mod content;
mod directory;
mod files;
mod headers;
mod names;
#[cfg(test)]
mod tests;

pub use content::ContainerContent;
use content::Window;

use crate::error::{Failure, Refusal};
use crate::ports::StoreError;
use crate::status::Status;

use directory::Directory;

/// Most files.
pub const MAX_FILES: usize = 1000;
/// Most files and folders together.
pub const MAX_ENTRIES: usize = 1000;
/// Most folders one inside another.
pub const MAX_DEPTH: usize = 4;
/// Most bytes of all the files unpacked.
pub const MAX_UNPACKED: u64 = 3 * 1024 * 1024 * 1024;

/// Which container a file says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerKind {
    /// A plain archive.
    Zip,
    /// ASiC-S: one file with signatures or timestamps (ETSI EN 319 162-1).
    AsicSimple,
    /// ASiC-E: any number of them.
    AsicExtended,
}

/// What a container that was found good has inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// Files.
    pub files: usize,
    /// Folders, also those that have no entry of their own.
    pub folders: usize,
    /// Bytes of all the files unpacked.
    pub unpacked: u64,
}

/// What is wrong with a container; the texts are those of bulletin 2175, section 4.4.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// No archive at all: what other contents that are not what their name says are answered.
    NoArchive,
    Encrypted,
    Split,
    Unsupported,
    /// A file is neither compressed nor says before its content how long it is.
    NoLength,
    Nested(String),
    Forbidden(String),
    TooManyFiles,
    TooManyEntries,
    TooLarge,
    TooDeep,
    Asic(&'static str),
    /// The structure is broken or ambiguous.
    Broken(&'static str),
}

impl Fault {
    fn text(&self) -> String {
        match self {
            Self::NoArchive => "Obsah souboru nebyl identifikován.".into(),
            Self::Encrypted => "Soubor je šifrovaný, nemůžete jej vložit jako přílohu datové zprávy.".into(),
            Self::Split => "Přílohy v ZIP formátu nesmí být rozděleny do více částí (split).".into(),
            Self::Unsupported => "Použita nepodporovaná vlastnost kompresního formátu.".into(),
            Self::NoLength => {
                "Použita nepodporovaná vlastnost kompresního formátu - chybějící délka nekomprimované položky.".into()
            }
            Self::Nested(name) => {
                format!(
                    "Uvnitř komprimované přílohy nesmí být komprimovaný soubor: ({}).",
                    shown(name)
                )
            }
            Self::Forbidden(name) => {
                format!(
                    "Uvnitř komprimované přílohy je soubor {} nepovoleného formátu.",
                    shown(name)
                )
            }
            Self::TooManyFiles => format!("Překročen maximální počet {MAX_FILES} souborů v komprimované příloze."),
            Self::TooManyEntries => {
                format!("Překročen maximální počet {MAX_ENTRIES} souborů nebo složek v komprimované příloze.")
            }
            Self::TooLarge => "Překročena maximální povolená velikost příloh po rozbalení.".into(),
            Self::TooDeep => format!("Hloubka zanoření adresářové struktury nesmí překročit {MAX_DEPTH} úrovně."),
            Self::Asic(_) => "Chyba ve struktuře ASiC přílohy.".into(),
            Self::Broken(_) => "Nespecifický problém s formátem komprimovaného souboru.".into(),
        }
    }

    fn refusal(&self, file_name: &str) -> Refusal {
        match self {
            Self::NoArchive => return super::format_refusal(&self.text(), file_name),
            // The contract has one sentence for all of these; which of them it was, the operator finds in the log.
            Self::Asic(reason) | Self::Broken(reason) => tracing::debug!(reason, "container refused"),
            _ => {}
        }
        Refusal::about(Status::ATTACHMENT_FORMAT, self.text())
    }
}

/// How many characters of a name inside a container an answer repeats: the sentence around it stays whole.
const SHOWN_NAME: usize = 55;

/// The end of a name, which tells the most of a path.
fn shown(name: &str) -> String {
    let surplus = name.chars().count().saturating_sub(SHOWN_NAME);
    if surplus == 0 {
        return name.to_owned();
    }
    let end: String = name.chars().skip(surplus + 1).collect();
    format!("…{end}")
}

/// Why a container did not pass.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("the container was refused")]
    Fault(Fault),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Judges the container `file_name`.
///
/// Takes at most some hundred kilobytes of memory, and reads each part of the content at most twice.
///
/// # Errors
/// 1214 with the text of the rule that the container breaks; failures of the object storage.
pub async fn examine(kind: ContainerKind, content: ContainerContent<'_>, file_name: &str) -> Result<Inside, Failure> {
    match inspect(kind, Window::over(content)).await {
        Ok(inside) => Ok(inside),
        Err(Stop::Fault(fault)) => Err(fault.refusal(file_name).into()),
        Err(Stop::Store(error)) => Err(error.into()),
    }
}

async fn inspect(kind: ContainerKind, mut window: Window<'_>) -> Result<Inside, Stop> {
    let place = directory::locate(&mut window).await?;
    let Directory { entries, inside } = directory::read(&mut window, &place, kind).await?;
    files::compare(&mut window, &entries, place.begin).await?;
    if kind != ContainerKind::Zip {
        asic::check(&mut window, &entries, kind).await?;
    }
    Ok(inside)
}

/// Judges an archive that is at hand, for checks of the reader: `None` where it is refused. Reads in pieces of `step`
/// bytes.
#[must_use]
pub fn examine_for_check(kind: ContainerKind, archive: &[u8], step: usize) -> Option<Inside> {
    use futures::FutureExt;
    let window = Window::in_pieces(ContainerContent::Held(archive), step);
    // What lies in memory is never waited for.
    inspect(kind, window).now_or_never()?.ok()
}
