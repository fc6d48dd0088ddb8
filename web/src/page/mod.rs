//! What all pages stand on: who visits, in which language, what a page may load, how errors look.

mod cookies;
mod csrf;
pub(crate) mod error;
mod form;
pub(crate) mod guard;
mod layout;
mod lent;
mod notice;
pub(crate) mod pace;
pub(crate) mod preferences;
pub(crate) mod times;
mod visitor;

pub(crate) use cookies::set_cookie;
pub(crate) use error::PageError;
pub(crate) use form::Posted;
pub(crate) use layout::{Page, Policy};
pub(crate) use notice::Notice;
pub(crate) use visitor::{Administrator, InBox, SESSION_COOKIE, SignedIn, Visitor};

pub use visitor::Connection;
