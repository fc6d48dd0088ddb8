//! The contract over HTTP: SOAP 1.1 and 1.2, one file for each operation in a folder named as its WSDL.
//!
//! A request is authenticated by its headers before its body is looked at, then read as a stream; what it carries goes
//! to the domain, and what the domain answers is written as a stream. No rule of the contract is decided here.

mod access;
mod answer;
mod body;
mod call;
mod config;
mod db_access;
mod db_manipulations;
mod db_search;
mod dispatch;
mod dm_arch;
mod dm_info;
mod dm_operations;
mod dm_vodz;
mod held;
mod isds_stat;
mod mtom;
mod router;
mod sds;
mod serve;
mod stop;
mod wsdl;

pub use config::SoapConfig;
pub use router::{ConnectionScheme, PeerAddress, PeerCertificate, router};
