//! What tests need around the code under test: a private PostgreSQL cluster, a running `isds`, a tiny HTTP client,
//! foreign SOAP toolkits, and the OpenSSL command line as a second opinion.
//!
//! This crate depends on no other crate of the workspace, so that each of them may use it in its own tests.
//! Everything it starts listens on loopback, is ended by its own process id, and goes away with the test process
//! however that ends: [`guard`] outlives a test that panics, is killed or never drops its statics.

pub mod authority;
pub mod bucket;
pub mod clamd;
pub mod collector;
pub mod copies;
pub mod database;
pub mod error;
pub mod fleet;
pub mod forwarder;
pub mod guard;
pub mod http;
pub mod mail;
pub mod nginx;
pub mod openssl;
pub mod postgres;
pub mod server;
pub mod service;
pub mod toolkit;

pub use authority::{AuthorityServer, Mood};
pub use bucket::BucketServer;
pub use clamd::Clamd;
pub use collector::{Collector, Export};
pub use copies::Copies;
pub use database::TestDatabase;
pub use error::{Error, Result};
pub use fleet::{Fleet, FleetOptions, Node};
pub use forwarder::Forwarder;
pub use guard::pause;
pub use mail::{Mail, MailSink};
pub use nginx::{Nginx, Upstream};
pub use postgres::{Durability, PrivateCluster};
pub use server::{Demo, DemoOptions};
pub use service::{Memory, Service};
pub use toolkit::Toolkit;

use std::net::{Ipv4Addr, TcpListener};

/// A loopback port that was free a moment ago.
///
/// Another process may take it before the caller binds it, so callers that start a server on it try again with another.
///
/// # Errors
/// [`Error::Io`] when the system gives out no port.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::io("bind a loopback port"))?;
    Ok(listener.local_addr().map_err(Error::io("read the bound port"))?.port())
}
