//! A whole system in a temporary folder behind real HTTP on the loopback; only clock, randomness and the keys' work are
//! doubles.

#![expect(dead_code, reason = "each test file uses its own part")]

pub mod doubles;
pub mod golden;
pub mod http;
pub mod people;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Extension;
use isds_core::message::SideOf;
use isds_core::ports::{MessageListQuery, NoScanner};
use isds_core::time::Timestamp;
use isds_core::{Isds, Limits, PasswordCheck, SealedForms};
use soap_api::{PeerAddress, SoapConfig, router};
use storage::objects::MasterKey;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use doubles::{CountedObjects, FixedClock, SteadyRandom, TestAuthenticator, TestAuthority, TestSealer, Writers};
use http::{Reply, post};

/// When tests begin.
pub const START: &str = "2026-06-01T08:00:00.123Z";

/// A running system.
pub struct World {
    pub isds: Arc<Isds>,
    pub clock: Arc<FixedClock>,
    pub authority: Arc<TestAuthority>,
    pub writers: Arc<Writers>,
    pub address: SocketAddr,
    folder: tempfile::TempDir,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    /// The system with its default limits.
    pub async fn new() -> Self {
        Self::with(
            SoapConfig {
                realm: "ISDS test".into(),
                ..SoapConfig::default()
            },
            Limits::default(),
        )
        .await
    }

    /// A system with limits of its own.
    pub async fn with(config: SoapConfig, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let store = storage::connect(&format!("sqlite:{path}/isds.db")).await.unwrap();
        let objects = storage::objects::open(&format!("file:{path}/objects"), MasterKey::generate().unwrap()).await;
        let writers = Arc::new(Writers::default());
        let clock = Arc::new(FixedClock::at(Timestamp::parse(START).unwrap()));
        let random = Arc::new(SteadyRandom::default());
        let authority = Arc::new(TestAuthority::default());
        let isds = Arc::new(Isds {
            store,
            objects: Arc::new(CountedObjects {
                inner: objects.unwrap(),
                writers: Arc::clone(&writers),
            }),
            form: Arc::new(wire::forms::DmDmForm),
            authority: Arc::clone(&authority) as _,
            sealer: Arc::new(TestSealer(Arc::clone(&authority))),
            authenticator: Arc::new(TestAuthenticator),
            scanner: Arc::new(NoScanner),
            clock: Arc::clone(&clock) as _,
            passwords: PasswordCheck::new(&*random).unwrap(),
            sealed_forms: SealedForms::default(),
            random,
            limits,
            job_added: tokio::sync::Notify::new(),
        });
        people::add(&isds).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router(Arc::clone(&isds), config).layer(Extension(PeerAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))));
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            isds,
            clock,
            authority,
            writers,
            address,
            folder,
            server,
        }
    }

    /// Calls an operation; `inside` is what stands in the operation's element.
    pub async fn call(&self, login: &str, service: &str, operation: &str, inside: &str) -> Reply {
        let body = format!("<{operation} xmlns=\"http://isds.czechpoint.cz/v20\">{inside}</{operation}>");
        self.send(login, service, &envelope(&body)).await
    }

    /// Sends a document.
    pub async fn send(&self, login: &str, service: &str, document: &str) -> Reply {
        post(
            self.address,
            &format!("/DS/{service}"),
            &authorization(login),
            "text/xml",
            document.as_bytes(),
        )
        .await
    }

    /// Does what is due, as the server's jobs would.
    pub async fn settle(&self) {
        while self.isds.run_due_jobs().await.unwrap().taken > 0 {}
    }

    /// Sends a small message and has it delivered in; returns its number.
    pub async fn send_message(&self, from: &str, to: &str, subject: &str) -> String {
        let reply = self
            .call(
                from,
                "dz",
                "CreateMessage",
                &message(to, subject, &file("a.txt", "main", "YWhvag==")),
            )
            .await;
        assert_eq!(reply.code(), "0000", "{}", reply.body);
        self.settle().await;
        reply.value("dmID")
    }

    /// How many messages the office has sent, whatever became of them.
    pub async fn messages(&self) -> usize {
        let query = MessageListQuery {
            box_id: "mesta2j".parse().unwrap(),
            side: SideOf::Sender,
            from: None,
            to: None,
            status_bits: u32::MAX,
            offset: 0,
            limit: 1000,
        };
        self.isds.store.list_messages(&query).await.unwrap().len()
    }

    /// Nothing was stored: no message, no job, and no object was left behind.
    pub async fn assert_nothing_stored(&self) {
        assert_eq!(self.messages().await, 0);
        assert_eq!(self.isds.store.count_jobs().await.unwrap(), 0);
        assert_eq!(self.objects(), Vec::<String>::new());
    }

    /// Objects that lie in the folder.
    pub fn objects(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().join("objects")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else if name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
                    found.push(name);
                }
            }
        }
        found
    }
}

/// `Authorization` of a login with everybody's password.
pub fn authorization(login: &str) -> String {
    let pair = format!("{login}:{}", people::PASSWORD);
    format!(
        "Authorization: Basic {}\r\n",
        base64_simd::STANDARD.encode_to_string(pair)
    )
}

/// SOAP 1.1 around a body.
pub fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body>{body}</Body></Envelope>\n"
    )
}

/// Inside of a `CreateMessage`.
pub fn message(to: &str, subject: &str, files: &str) -> String {
    format!(
        "<dmEnvelope><dbIDRecipient>{to}</dbIDRecipient><dmAnnotation>{subject}</dmAnnotation></dmEnvelope>\
         <dmFiles>{files}</dmFiles>"
    )
}

/// A `dmFile` with content in base64.
pub fn file(name: &str, meta: &str, base64: &str) -> String {
    format!(
        "<dmFile dmMimeType=\"\" dmFileMetaType=\"{meta}\" dmFileDescr=\"{name}\">\
         <dmEncodedContent>{base64}</dmEncodedContent></dmFile>"
    )
}

/// Text in base64.
pub fn decoded(base64: &str) -> String {
    String::from_utf8(base64_simd::STANDARD.decode_to_vec(base64).unwrap()).unwrap()
}
