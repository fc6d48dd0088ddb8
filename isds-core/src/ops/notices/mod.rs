//! E-mail about what happens in boxes, see [`crate::notice`].

mod happenings;
mod mails;
mod settings;
mod turning;

pub(super) use happenings::Before;
pub use settings::NoticeChoice;

use super::Isds;
