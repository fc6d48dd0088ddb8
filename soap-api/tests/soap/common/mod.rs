//! A whole system in a temporary folder behind real HTTP on the loopback; only clock, randomness and the keys' work are
//! doubles.

pub mod answered;
pub mod contract;
pub mod doubles;
pub mod golden;
pub mod http;
pub mod people;
pub mod postal;
pub mod vodz;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Extension;
use harness::TestDatabase;
use isds_core::message::SideOf;
use isds_core::ports::{MessageListQuery, NoScanner, Objects, Store};
use isds_core::time::Timestamp;
use isds_core::{ArchivingSlots, Isds, Limits, PasswordCheck, SealedForms, SignInBounds};
use soap_api::{PeerAddress, PeerCertificate, SoapConfig, router};
use sqlx::Connection;
use storage::objects::MasterKey;
use storage::secrets::MasterSecrets;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use doubles::{
    CountedObjects, FixedClock, SteadyRandom, TestArchiver, TestAuthenticator, TestAuthority, TestScanner, TestSealer,
    Writers,
};
use http::{Reply, post};

/// When tests begin.
pub const START: &str = "2026-06-01T08:00:00.123Z";

/// A running system.
pub struct World {
    pub isds: Arc<Isds>,
    pub clock: Arc<FixedClock>,
    pub authority: Arc<TestAuthority>,
    pub scanner: Arc<TestScanner>,
    pub writers: Arc<Writers>,
    pub address: SocketAddr,
    folder: tempfile::TempDir,
    server: JoinHandle<()>,
    // The last to go: everything else may hold connections to it.
    database: Option<TestDatabase>,
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
        Self::with_sign_ins(config, limits, SignInBounds::default()).await
    }

    /// A system with limits of its own, also for sign-ins.
    pub async fn with_sign_ins(config: SoapConfig, limits: Limits, sign_ins: SignInBounds) -> Self {
        let database = tokio::task::spawn_blocking(|| TestDatabase::from_environment().unwrap());
        Self::over(database.await.unwrap(), config, limits, sign_ins).await
    }

    /// The system with its default limits and always on SQLite, for tests that look into the file of the database.
    pub async fn on_sqlite() -> Self {
        let config = SoapConfig::default();
        Self::over(None, config, Limits::default(), SignInBounds::default()).await
    }

    /// A system over a PostgreSQL database, or over a SQLite file of its own.
    async fn over(database: Option<TestDatabase>, config: SoapConfig, limits: Limits, sign_ins: SignInBounds) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let url = match &database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite:{path}/isds.db"),
        };
        let store = storage::connect(&url).await.unwrap();
        let objects = storage::objects::open(&format!("file:{path}/objects"), MasterKey::generate().unwrap()).await;
        let writers = Arc::new(Writers::default());
        let clock = Arc::new(FixedClock::at(Timestamp::parse(START).unwrap()));
        let authority = Arc::new(TestAuthority::default());
        let objects = Arc::new(CountedObjects {
            inner: objects.unwrap(),
            writers: Arc::clone(&writers),
        });
        let mut isds = system(store, objects, &clock, &authority, limits, sign_ins);
        let scanner = Arc::new(TestScanner::default());
        Arc::get_mut(&mut isds).unwrap().scanner = Arc::clone(&scanner) as _;
        people::add(&isds).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router(Arc::clone(&isds), config)
            .layer(axum::middleware::map_request(show_certificate))
            .layer(axum::middleware::map_response(answered::watch))
            .layer(Extension(PeerAddress(IpAddr::V4(Ipv4Addr::LOCALHOST))));
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            isds,
            clock,
            authority,
            scanner,
            writers,
            address,
            folder,
            server,
            database,
        }
    }

    /// Calls an operation; `inside` is what stands in the operation's element.
    pub async fn call(&self, login: &str, service: &str, operation: &str, inside: &str) -> Reply {
        let body = format!("<{operation} xmlns=\"http://isds.czechpoint.cz/v20\">{inside}</{operation}>");
        self.send(login, service, &envelope(&body)).await
    }

    /// Calls an operation as an application of the office, with its certificate.
    pub async fn call_as_application(&self, service: &str, operation: &str, inside: &str) -> Reply {
        let body = format!("<{operation} xmlns=\"http://isds.czechpoint.cz/v20\">{inside}</{operation}>");
        let header = format!("{CERTIFICATE_HEADER}: {}\r\n", people::APPLICATION);
        let document = envelope(&body);
        let path = format!("/cert/DS/{service}");
        post(self.address, &path, &header, "text/xml", document.as_bytes()).await
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
        while self.isds.run_due_jobs().await.unwrap().taken + self.isds.run_due_scans().await.unwrap().taken > 0 {}
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
            after: None,
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

    /// URL of the database, for what goes behind the store's back.
    pub fn database(&self) -> String {
        match &self.database {
            Some(database) => database.url().to_owned(),
            None => format!("sqlite:{}", self.folder.path().join("isds.db").display()),
        }
    }

    /// Runs SQL behind the store's back, on either engine.
    pub async fn execute(&self, sql: &'static str) {
        match &self.database {
            Some(database) => {
                let mut db = sqlx::PgConnection::connect(database.url()).await.unwrap();
                sqlx::query(sql).execute(&mut db).await.unwrap();
            }
            None => {
                let mut db = sqlx::SqliteConnection::connect(&self.database()).await.unwrap();
                sqlx::query(sql).execute(&mut db).await.unwrap();
            }
        }
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

/// A system over stores that are open; everything else of it is a double.
pub fn system(
    store: Arc<dyn Store>,
    objects: Arc<dyn Objects>,
    clock: &Arc<FixedClock>,
    authority: &Arc<TestAuthority>,
    limits: Limits,
    sign_ins: SignInBounds,
) -> Arc<Isds> {
    let random = Arc::new(SteadyRandom::default());
    Arc::new(Isds {
        store,
        objects,
        form: Arc::new(wire::forms::DmDmForm),
        authority: Arc::clone(authority) as _,
        sealer: Arc::new(TestSealer(Arc::clone(authority))),
        authenticator: Arc::new(TestAuthenticator),
        archiver: Arc::new(TestArchiver(Arc::clone(authority))),
        scanner: Arc::new(NoScanner),
        scanning: isds_core::Scanning::default(),
        clock: Arc::clone(clock) as _,
        secrets: Arc::new(MasterSecrets::new(&MasterKey::generate().unwrap()).unwrap()),
        passwords: PasswordCheck::within(&*random, sign_ins).unwrap(),
        sealed_forms: SealedForms::default(),
        archiving: ArchivingSlots::default(),
        random,
        limits,
        audit: isds_core::audit::AuditBuffer::default(),
        life_cycle: isds_core::LifeCycleSweep::default(),
        certificates: Arc::new(isds_core::ports::NoCertificateReader),
        own_certificates: Vec::new(),
        notices: None,
        restraint: isds_core::RestraintBook::default(),
        observer: Arc::new(isds_core::ports::NoObserver),
        mail_added: tokio::sync::Notify::new(),
        job_added: tokio::sync::Notify::new(),
        calls: isds_core::under_way::UnderWay::default(),
        ending: isds_core::ending::Ending::default(),
    })
}

/// What stands here for a certificate that the TLS connection was made with.
pub const CERTIFICATE_HEADER: &str = "X-Test-Certificate";

/// Tests speak plain HTTP: a header stands for the certificate, as the accept loop would have put it there.
async fn show_certificate(mut request: axum::extract::Request) -> axum::extract::Request {
    if let Some(certificate) = request.headers().get(CERTIFICATE_HEADER).cloned() {
        let der = axum::body::Bytes::copy_from_slice(certificate.as_bytes());
        request.extensions_mut().insert(PeerCertificate(der));
    }
    request
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
