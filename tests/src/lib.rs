//! End-to-end tests: the parts that several of them share. The tests themselves stand in `tests/`.

pub mod connection;
pub mod package;
pub mod persona;
pub mod sealed;
pub mod visitor;
pub mod xsd_model;

pub use harness;
