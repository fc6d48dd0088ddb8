//! SQL (PostgreSQL, SQLite) and object storage behind the traits of `isds_core::ports`.
//!
//! Both engines share their statements: the modules below `shared` are compiled once inside `postgres` and once inside
//! `sqlite`, each time against the types that the engine's `dialect` module names. Only what the two say differently is
//! written twice: giving out numbers, accepting a message, writing transitions, claiming jobs, emptying the tables.

mod connect;
mod error;
pub mod objects;
mod postgres;
mod rows;
pub mod secrets;
mod sqlite;

pub use connect::{PostgresOptions, connect, connect_with};
pub use error::Error;
