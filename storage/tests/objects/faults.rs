//! A bucket whose server fails, or whose connections do: what was answered is there, what is there is whole.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::BucketServer;
use isds_core::ports::{Objects, StoreError};
use storage::objects::{MasterKey, open, open_for_upkeep};

use crate::{pattern, read, stream_in};

/// Plain bytes in a part of an upload.
const PART: usize = 81 * 65_536;

/// What happens to a request.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The server says this status.
    Says(u16),
    /// The connection is cut before the server hears of it.
    Unheard,
    /// The server does it, and its answer is lost.
    Unanswered,
    /// So many bytes of the answer come, and then the connection is cut.
    Cut(usize),
    /// The answer stands still for a while in its middle.
    Slow,
}

/// Which requests it happens to: by what their first line contains, and how often.
type Rules = Arc<Mutex<HashMap<&'static str, (Fault, usize)>>>;

/// A server before the server, which hands on one request a connection.
struct Proxy {
    address: SocketAddr,
    rules: Rules,
}

impl Proxy {
    fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let rules = Rules::default();
        let own = Arc::clone(&rules);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let rules = Arc::clone(&own);
                // A client that goes away in the middle is what this is about.
                std::thread::spawn(move || drop(hand_on(client, server, &rules)));
            }
        });
        Self { address, rules }
    }

    fn does(&self, to: &'static str, fault: Fault, times: usize) {
        self.rules.lock().unwrap().insert(to, (fault, times));
    }

    /// Everything went wrong that was to.
    fn is_done(&self) -> bool {
        self.rules.lock().unwrap().values().all(|(_, left)| *left == 0)
    }
}

fn next_fault(rules: &Rules, line: &str) -> Option<Fault> {
    let mut rules = rules.lock().unwrap();
    let (fault, left) = rules
        .iter_mut()
        .find(|(to, (_, left))| *left > 0 && line.contains(**to))?
        .1;
    *left -= 1;
    Some(*fault)
}

fn hand_on(client: TcpStream, server: SocketAddr, rules: &Rules) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut client = client;
    let fault = next_fault(rules, head.lines().next().unwrap_or(""));
    match fault {
        Some(Fault::Unheard) => return client.shutdown(Shutdown::Both),
        Some(Fault::Says(status)) => {
            let text = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
            let length = text.len();
            return write!(
                client,
                "HTTP/1.1 {status} Slow Down\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}"
            );
        }
        _ => {}
    }
    let mut upstream = TcpStream::connect(server)?;
    write!(upstream, "{head}Connection: close\r\n\r\n")?;
    upstream.write_all(&body)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    match fault {
        Some(Fault::Unanswered) => client.shutdown(Shutdown::Both),
        Some(Fault::Cut(after)) => {
            client.write_all(&answer[..after.min(answer.len())])?;
            client.shutdown(Shutdown::Both)
        }
        Some(Fault::Slow) => {
            let (first, rest) = answer.split_at(answer.len() / 2);
            client.write_all(first)?;
            // Longer than any buffer hides, shorter than anybody's patience.
            std::sync::mpsc::channel::<()>()
                .1
                .recv_timeout(Duration::from_secs(2))
                .unwrap_err();
            client.write_all(rest)
        }
        _ => client.write_all(&answer),
    }
}

struct Bucket {
    server: BucketServer,
    proxy: Proxy,
    objects: Arc<dyn Objects>,
    key: MasterKey,
}

impl Bucket {
    async fn new() -> Self {
        let server = tokio::task::spawn_blocking(|| BucketServer::start().unwrap())
            .await
            .unwrap();
        let proxy = Proxy::before(server.address());
        let key = MasterKey::generate().unwrap();
        let url = server.url("isds/one");
        let own = format!("127.0.0.1:{}", server.address().port());
        let objects = open(&url.replace(&own, &proxy.address.to_string()), key.clone())
            .await
            .unwrap();
        Self {
            server,
            proxy,
            objects,
            key,
        }
    }

    /// The objects that the server has, each whole.
    async fn whole_objects(&self) -> usize {
        let direct = open_for_upkeep(&self.server.url("isds/one"), self.key.clone())
            .await
            .unwrap();
        let names = tokio::task::block_in_place(|| self.server.names("isds/one").unwrap());
        let mut count = 0;
        for part in names
            .iter()
            .filter_map(|name| name.strip_prefix("isds/one/")?.split_once('/'))
        {
            let part = u8::from_str_radix(part.0, 16).unwrap();
            let found = direct.list_part(part).await.unwrap();
            for found in futures::TryStreamExt::try_collect::<Vec<_>>(found).await.unwrap() {
                let isds_core::ports::Found::Object(object) = found else {
                    continue;
                };
                let reader = Arc::clone(&direct) as Arc<dyn Objects>;
                let length = object.length.unwrap();
                assert_eq!(read(&reader, &object.id, 0, length).await.unwrap().len() as u64, length);
                count += 1;
            }
        }
        count
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_is_repeated_and_done_once() {
    let bucket = Bucket::new().await;
    let faults = [
        Fault::Says(500),
        Fault::Says(503),
        Fault::Unheard,
        Fault::Unanswered,
        Fault::Cut(5),
        Fault::Slow,
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        bucket.proxy.does("PUT", fault, 2);
        let id = bucket.objects.put(pattern(40_000 + n)).await;
        let id = id.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!(
            read(&bucket.objects, &id, 0, 40_000).await.unwrap(),
            pattern(40_000),
            "{fault:?}"
        );
        bucket.proxy.does("PUT", fault, 0);
    }
    assert_eq!(bucket.whole_objects().await, faults.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_where_it_was_cut() {
    let bucket = Bucket::new().await;
    let bytes = pattern(3_000_000);
    let id = stream_in(&bucket.objects, &bytes, 100_000).await;
    for fault in [Fault::Says(503), Fault::Unheard, Fault::Cut(1_200_000), Fault::Slow] {
        for (from, length) in [(0, 3_000_000), (500_000, 2_000_000)] {
            bucket.proxy.does("GET", fault, 1);
            let got = read(&bucket.objects, &id, from, length).await;
            let got = got.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
            assert!(got == bytes[from as usize..(from + length) as usize], "{fault:?}");
            assert!(bucket.proxy.is_done(), "{fault:?}");
        }
    }
    bucket.proxy.does("GET", Fault::Says(503), usize::MAX);
    let refused = read(&bucket.objects, &id, 0, 10).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

/// Beginning, parts and end of an upload fail for a while.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_parts_bears_faults() {
    let bucket = Bucket::new().await;
    let bytes = pattern(3 * PART + 1000);
    for (to, fault) in [
        ("uploads", Fault::Says(503)),
        ("partNumber=2", Fault::Says(500)),
        ("partNumber=2", Fault::Unheard),
        ("partNumber=3", Fault::Unanswered),
        ("partNumber=1", Fault::Slow),
        ("POST", Fault::Says(503)),
    ] {
        bucket.proxy.does(to, fault, 1);
        let id = stream_in(&bucket.objects, &bytes, 900_000).await;
        assert!(bucket.proxy.is_done(), "{to} {fault:?}");
        assert!(
            read(&bucket.objects, &id, 0, bytes.len() as u64).await.unwrap() == bytes,
            "{to} {fault:?}"
        );
    }
}

/// What cannot be ended is no object; of an end whose answer was lost the object is whole, or there is none.
#[tokio::test(flavor = "multi_thread")]
async fn half_an_upload_is_never_read() {
    let bucket = Bucket::new().await;
    let before = bucket.whole_objects().await;
    for to in ["partNumber=2", "uploadId"] {
        bucket.proxy.does(to, Fault::Says(503), usize::MAX);
        let mut writer = bucket.objects.create().await.unwrap();
        let written = writer.write(&pattern(3 * PART)).await;
        let ended = match written {
            Ok(()) => writer.finish().await.map(drop),
            Err(error) => Err(error),
        };
        assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{to}: {ended:?}");
        bucket.proxy.does(to, Fault::Says(503), 0);
        assert_eq!(bucket.whole_objects().await, before, "{to}");
    }
    // Only the end is a POST that names its upload.
    bucket.proxy.does("POST", Fault::Says(503), 0);
    let mut writer = bucket.objects.create().await.unwrap();
    writer.write(&pattern(3 * PART)).await.unwrap();
    bucket.proxy.does("POST", Fault::Unanswered, 1);
    match writer.finish().await {
        Ok((id, length)) => assert!(read(&bucket.objects, &id, 0, length).await.unwrap() == pattern(3 * PART)),
        Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}"),
    }
    // Either way what the server has is whole.
    assert!(bucket.whole_objects().await <= before + 1);
}
