//! The domain of a data-box system (ISDS) and its rules.
//!
//! This crate knows no HTTP, no XML, no SQL and has no clock or randomness of its own: whatever reaches outside comes
//! in through the traits of [`ports`]. A rule is written once, here, and every way in (SOAP, mailbox, jobs) calls it.
//!
//! Operations of the contract are methods of [`Isds`], one file each in `ops`, named as the operation in snake case.

pub mod access_data;
pub mod account;
pub mod administration;
pub mod attachment;
pub mod audit;
pub mod author;
pub mod box_state;
pub mod box_type;
pub mod bulk;
pub mod consistency;
pub mod data_box;
pub mod deadline;
pub mod ending;
pub mod envelope;
pub mod error;
pub mod event;
pub mod examination;
pub mod ids;
pub mod mailbox;
pub mod message;
pub mod notice;
pub mod operation;
mod ops;
pub mod own_certificate;
pub mod password;
pub mod ports;
pub mod postal;
pub mod principal;
pub mod privileges;
pub mod restraint;
pub mod search;
pub mod session;
pub mod sign_in_factors;
pub mod splice;
pub mod status;
pub mod system_message;
pub mod text;
pub mod time;
pub mod under_way;
pub mod user;
pub mod vault;

pub use error::{Failure, Refusal};
pub use ops::*;
