//! `isds demo`.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use isds_core::Limits;
use storage::objects::Place;

use crate::assemble::{self, Parts};
use crate::clamd::ClamdAddress;
use crate::clock::SystemClock;
use crate::demo::{self, Demo, Keys, Mark, Tsa};
use crate::listen::{Callers, Network, Proxies};
use crate::logging;
use crate::mail;
use crate::metrics::Metrics;
use crate::node::{self, Bound, Node};
use crate::random::SystemRandom;
use crate::upkeep;

use super::Problem;

/// Options of the demo.
#[derive(Args)]
pub struct DemoOptions {
    /// Folder that holds everything; made where it is missing.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    data: PathBuf,
    /// Where to listen with plain HTTP; loopback only. Without it 127.0.0.1:8080 and [::1]:8080.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Where to listen with TLS, by a certificate of the demo's own authority for the names of --host.
    #[arg(long, value_name = "ADDR:PORT", requires = "host")]
    tls: Option<SocketAddr>,
    /// A name for the TLS certificate; may be given several times.
    #[arg(long, value_name = "NAME", requires = "tls")]
    host: Vec<String>,
    /// `postgres://…` or `sqlite:PATH`; without it a file in the folder.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// `file:DIR` or `s3://BUCKET/FOLDER?endpoint=URL&region=NAME&credentials=FILE`; without it a folder in the folder.
    #[arg(long, value_name = "URL")]
    objects: Option<String>,
    /// RFC 3161 authority to take timestamps from instead of the built-in one.
    #[arg(long, value_name = "URL", requires = "tsa_trust")]
    tsa: Option<String>,
    /// Root certificates that the authority's own leads to, PEM.
    #[arg(long, value_name = "PEM", requires = "tsa")]
    tsa_trust: Option<PathBuf>,
    /// Scanner: ClamAV's daemon at `HOST:PORT` or the path of its socket; without it messages are delivered unscanned.
    #[arg(long, value_name = "ADDR")]
    clamd: Option<ClamdAddress>,
    /// Mail server for notifications: `smtp://HOST:PORT`.
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// Collector of OpenTelemetry that traces are sent to, by OTLP over HTTP: `http://HOST:4318`.
    #[arg(long, value_name = "URL")]
    otlp: Option<String>,
    /// Most watched calls of one box at once (3008); 49 without it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4000))]
    parallel_calls: Option<u32>,
    /// Watched calls a day of one account, beyond which it is held back (3009).
    #[arg(long, value_name = "N")]
    daily_calls: Option<u64>,
    /// A reverse proxy, or a network of them, whose X-Forwarded-For and -Proto are believed; may be given several times.
    #[arg(long, value_name = "ADDR")]
    trusted_proxy: Vec<Network>,
}

/// Runs the demo until it is told to stop.
pub async fn run(options: DemoOptions) -> Result<ExitCode, Problem> {
    let telemetry = logging::start(options.otlp.as_deref())?;
    let listen = listen_addresses(options.listen)?;
    let _lock = lock_folder(&options.data)?;
    let clock = SystemClock::default();
    let random = Arc::new(SystemRandom);
    // Keys are made while the database is opened: on a new folder both take a while.
    let making = {
        let (data, hosts, now) = (
            options.data.clone(),
            options.host.clone(),
            isds_core::time::Clock::real(&clock),
        );
        tokio::task::spawn_blocking(move || Keys::load_or_make(&data, &hosts, now))
    };
    let mark = Mark::of_folder(&options.data, &*random)
        .map_err(|error| Problem::caused("the demo's identity cannot be kept", error))?;
    let database = options
        .database
        .unwrap_or_else(|| format!("sqlite:{}", options.data.join("isds.db").display()));
    let objects = options
        .objects
        .unwrap_or_else(|| format!("file:{}", options.data.join("objects").display()));
    let store = assemble::open_store(&database).await?;
    let place = Place::at(&objects).map_err(|error| Problem::caused("the object storage cannot be opened", error))?;
    let claimed = mark.claim(&*store, &place).await;
    if !claimed.map_err(|error| Problem::caused("database and objects cannot be examined", error))? {
        return Err(Problem::new(
            "database or objects are neither empty nor this demo's own; a demo touches no others",
        ));
    }
    let master_keys = assemble::master_keys(&options.data.join("master.key"), &[])?;
    let content = assemble::open_objects(&objects, &master_keys).await?;
    let secrets = assemble::secrets(&objects, &master_keys, &*store).await?;
    let tsa = match options.tsa.zip(options.tsa_trust) {
        Some((url, trust)) => Some(Tsa {
            url,
            roots: assemble::certificates(&trust)?,
        }),
        None => None,
    };
    let keys = joined(making.await)?.map_err(|error| Problem::caused("the keys of the demo cannot be made", error))?;
    let keys = keys.split(tsa, options.tls.is_some(), random.clone())?;
    let demo = {
        let (random, mark, application) = (Arc::clone(&random), mark.clone(), keys.application);
        tokio::task::spawn_blocking(move || Demo::new(mark, &application, &*random))
    };
    let origins = origins(&listen, options.tls, &options.host);
    let mail = match options.smtp {
        Some(smtp) => Some(mail::road(&smtp, None, &origins.first().unwrap_or_default())?),
        None => None,
    };
    let metrics: Arc<Metrics> = Arc::default();
    let (isds, clock) = assemble::isds(Parts {
        store,
        objects: content,
        secrets,
        seal: keys.seal,
        judge: keys.judge,
        clamd: options.clamd,
        limits: Limits {
            restraint: assemble::restraint(options.parallel_calls, options.daily_calls),
            ..Limits::default()
        },
        notices: mail.as_ref().map(|road| road.settings.clone()),
        certificates: keys.certificates,
        metrics: Arc::clone(&metrics),
    })
    .await?;
    let demo = Arc::new(joined(demo.await)?.map_err(|error| Problem::caused("the demo cannot be prepared", error))?);
    demo.fill(&isds, &clock)
        .await
        .map_err(|error| Problem::caused("the demo cannot be filled", error))?;

    let mut bound: Vec<Bound> = Vec::new();
    for address in &listen {
        bound.push(node::bind(*address, None).await?);
    }
    if let Some(address) = options.tls {
        bound.push(node::bind(address, Some(keys.acceptor)).await?);
    }
    announce(&options.data, &listen, options.tls, &options.host);
    let accounts = web::Demo {
        accounts: demo::accounts().into_iter().map(shown).collect(),
        password: demo::PASSWORD.to_owned(),
    };
    Node {
        id: upkeep::new_id(&*random),
        isds,
        clock,
        accounts: Some(accounts),
        disk: Some(options.data),
        origins,
        callers: Callers {
            proxies: Proxies::new(options.trusted_proxy),
            ..Callers::default()
        },
        mail,
        // Nobody stands before a demo who would have to turn away.
        drain: Duration::ZERO,
        test_clock: true,
        demo: Some(demo),
        metrics,
    }
    .run(bound, None)
    .await?;
    if let Some(telemetry) = telemetry {
        telemetry.end().await;
    }
    Ok(ExitCode::SUCCESS)
}

fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T, Problem> {
    result.map_err(|error| Problem::caused("a part of the start was interrupted", error))
}

/// The demo's passwords are published, so plain HTTP stays on this machine.
fn listen_addresses(given: Option<SocketAddr>) -> Result<Vec<SocketAddr>, Problem> {
    match given {
        Some(address) if address.ip().is_loopback() => Ok(vec![address]),
        Some(address) => Err(Problem::new(format!(
            "{address} is no loopback address; elsewhere the demo listens only with --tls"
        ))),
        None => {
            let mut addresses = vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)];
            // A machine without IPv6 has no ::1.
            if std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
                addresses.push(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 8080));
            }
            Ok(addresses)
        }
    }
}

/// Makes the folder and locks it: two demos in one folder would reset each other.
fn lock_folder(data: &Path) -> Result<File, Problem> {
    let broken = |error| Problem::caused(format!("the folder {} cannot be used", data.display()), error);
    // Others on this machine need not read the messages in it.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(broken)?;
    let lock = File::create(data.join("lock")).map_err(broken)?;
    lock.try_lock()
        .map_err(|_| Problem::new(format!("another demo runs in {}", data.display())))?;
    Ok(lock)
}

/// Where browsers find the demo: `localhost`, and the names of the certificate.
fn origins(listen: &[SocketAddr], tls: Option<SocketAddr>, hosts: &[String]) -> web::Origins {
    let plain = listen
        .iter()
        .map(|address| format!("http://localhost:{}", address.port()));
    let encrypted = tls.into_iter().flat_map(|address| {
        hosts
            .iter()
            .map(move |host| format!("https://{host}:{}", address.port()))
    });
    let mut origins = web::Origins::default();
    for origin in plain.chain(encrypted) {
        if origins.add(&origin).is_err() {
            tracing::info!(origin, "there are no passkeys under this address");
        }
    }
    origins
}

fn shown(account: demo::Account) -> web::Account {
    let (box_id, holder) = account.data_box.unzip();
    web::Account {
        login: account.login.to_owned(),
        person: account.person,
        box_id: box_id.map(str::to_owned),
        holder: holder.unwrap_or_else(|| "správce systému".to_owned()),
        user_type: account.user_type.to_owned(),
    }
}

fn announce(data: &Path, listen: &[SocketAddr], tls: Option<SocketAddr>, hosts: &[String]) {
    for address in listen {
        let default = address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST);
        println!(
            "http://{}",
            if default {
                format!("localhost:{}", address.port())
            } else {
                address.to_string()
            }
        );
    }
    if let Some(address) = tls {
        println!("https on {address} for {}", hosts.join(", "));
    }
    println!("trust anchor: {}", data.join("trust/ca.pem").display());
    println!(
        "system certificate of {}: {} (key beside it), below /cert on hosts ws1c.…, ws2c.… and cert.…",
        demo::APPLICATION_BOX,
        data.join("keys/application.cert.pem").display()
    );
    println!("password of every account: {}", demo::PASSWORD);
    for account in demo::accounts() {
        let (box_id, holder) = account.data_box.unwrap_or(("–", "správce systému".to_owned()));
        println!("  {:<10} {:<8} {holder}", account.login, box_id);
    }
}
