//! Pages for people. So far one: what runs here, with the accounts and addresses of a demo.

mod home;

pub use home::{Account, HomePage, router};
