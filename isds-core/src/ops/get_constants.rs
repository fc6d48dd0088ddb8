//! `GetConstants`: limits and prices of this installation.

use jiff::civil::{Date, date};

use crate::error::{Failure, Refusal};
use crate::operation::Operation;
use crate::postal::{CREDIT_LIFE_YEARS, REPLY_LIFE_DAYS};
use crate::principal::Principal;
use crate::status::Status;
use crate::time::parse_date;

use super::Isds;

/// Day on which data boxes began (act 300/2008, section 32).
const FIRST_DAY: Date = date(2009, 7, 1);
/// No end is known.
const LAST_DAY: Date = date(9999, 12, 31);

/// A constant (`constRecord`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// `cName`.
    pub name: &'static str,
    /// `cValue`.
    pub value: String,
    /// `cFrom`: first day.
    pub from: Date,
    /// `cTo`: last day.
    pub to: Date,
}

impl Isds {
    /// Constants in force on a day, today where none is given. The contract does not tell their names, so they are our
    /// own. What the configuration sets has no history here: it stands for all days on which there were data boxes.
    ///
    /// # Errors
    /// 1004 for a caller without a box, 2017 for what is no date.
    pub fn get_constants(&self, caller: &Principal, day: Option<&str>) -> Result<Vec<Constant>, Failure> {
        caller.authorize(Operation::GetConstants)?;
        let day = match day.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => parse_date(text).map_err(|_| Refusal::about(Status::SYNTAX, text))?,
            None => self.clock.legal().local_date(),
        };
        if day < FIRST_DAY {
            return Ok(Vec::new());
        }
        let limits = &self.limits;
        let constants = [
            ("PDZ_PRICE", limits.prices.postal_message.to_string()),
            ("PDZ_VODZ_PRICE", limits.prices.large_postal_message.to_string()),
            ("ODZ_LIFE_DAYS", REPLY_LIFE_DAYS.to_string()),
            ("CREDIT_LIFE_YEARS", CREDIT_LIFE_YEARS.to_string()),
            ("DM_MAX_BYTES", limits.message_bytes.to_string()),
            ("VODZ_MIN_BYTES", limits.large_message_least_bytes.to_string()),
            ("VODZ_MAX_BYTES", limits.large_message_bytes.to_string()),
            ("DM_MAX_ATTACHMENTS", limits.attachments.to_string()),
            ("DM_MAX_CONTAINERS", limits.containers.to_string()),
        ];
        Ok(constants
            .into_iter()
            .map(|(name, value)| Constant {
                name,
                value,
                from: FIRST_DAY,
                to: LAST_DAY,
            })
            .collect())
    }
}
