//! Against a daemon that behaves as it is told.

use std::io;

use isds_core::ports::StoreError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What the daemon says of a file.
#[derive(Debug, Clone, Copy)]
enum Says {
    /// This, once the file has ended.
    AtTheEnd(&'static str),
    /// This, once so many bytes of it have come, and hangs up.
    After(usize, &'static str),
    /// Nothing.
    Nothing,
}

/// A daemon that finds harmless what Clamd tries it with, or not, and says something of every other file. Answers its
/// address and the files that it got whole.
async fn daemon(well: bool, says: Says) -> (Clamd, std::sync::Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = ClamdAddress::Tcp(listener.local_addr().unwrap().to_string());
    let files = std::sync::Arc::new(Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&files);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(converse(connection, well, says, std::sync::Arc::clone(&kept)));
        }
    });
    let clamd = Clamd {
        address,
        base: Duration::from_secs(1),
        whole: Duration::from_secs(3),
    };
    (clamd, files)
}

async fn converse(
    mut connection: TcpStream,
    well: bool,
    says: Says,
    kept: std::sync::Arc<Mutex<Vec<Vec<u8>>>>,
) -> io::Result<()> {
    let mut command = [0; 10];
    connection.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut file = Vec::new();
    loop {
        let length = connection.read_u32().await?;
        if length == 0 {
            break;
        }
        assert!(length <= 64 << 10);
        let mut piece = vec![0; length as usize];
        connection.read_exact(&mut piece).await?;
        file.extend_from_slice(&piece);
        if let Says::After(bytes, text) = says
            && file.len() >= bytes
        {
            return connection.write_all(text.as_bytes()).await;
        }
    }
    let harmless = file == HARMLESS;
    kept.lock().unwrap().push(file);
    match says {
        _ if harmless && well => connection.write_all(b"stream: OK\0").await,
        Says::AtTheEnd(text) => connection.write_all(text.as_bytes()).await,
        Says::After(..) => Ok(()),
        Says::Nothing => {
            let mut rest = Vec::new();
            connection.read_to_end(&mut rest).await.map(|_| ())
        }
    }
}

fn content(pieces: Vec<StoreResult<Bytes>>) -> BoxStream<'static, StoreResult<Bytes>> {
    stream::iter(pieces).boxed()
}

/// A file of this many bytes, in pieces of odd lengths.
fn file(length: usize) -> (Vec<u8>, BoxStream<'static, StoreResult<Bytes>>) {
    let bytes: Vec<u8> = (0..length).map(|at| (at % 251).to_le_bytes()[0]).collect();
    let pieces = bytes
        .chunks(100_003)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    (bytes, content(pieces))
}

#[tokio::test]
async fn what_it_says_of_a_whole_file_is_the_verdict() {
    let (clamd, files) = daemon(true, Says::AtTheEnd("stream: OK\0")).await;
    let (bytes, pieces) = file(1_000_000);
    assert_eq!(clamd.scan(pieces).await.unwrap(), FileVerdict::Clean);
    assert!(files.lock().unwrap()[0] == bytes);
    clamd.probe().await.unwrap();
    let (clamd, _) = daemon(true, Says::AtTheEnd("stream: Vzor.Test-1.UNOFFICIAL FOUND\0")).await;
    let found = clamd.scan(file(10).1).await.unwrap();
    assert_eq!(found, FileVerdict::Found("Vzor.Test-1.UNOFFICIAL".to_owned()));
}

#[tokio::test]
async fn anything_else_is_none() {
    // Of a daemon that judges other files it is a failure on this one; else it is out of order.
    for says in [
        Says::AtTheEnd("hello\0"),
        Says::AtTheEnd("stream: OK, more or less\0"),
        Says::AtTheEnd("OK\0"),
        Says::AtTheEnd("\0"),
        Says::AtTheEnd("stream: Can't allocate memory ERROR\0"),
        Says::AtTheEnd("\u{1}\u{7f}\n\n\n"),
        Says::AtTheEnd(""),
        Says::After(100_000, "stream: OK\0"),
        Says::After(100_000, ""),
        Says::After(100_000, "ERROR\0"),
    ] {
        let (clamd, _) = daemon(true, says).await;
        // More than the sockets take between them: what is said in the middle is said before all was sent.
        let error = clamd.scan(file(32 << 20).1).await.unwrap_err();
        assert!(matches!(error, ScanError::Failed(_)), "{says:?}: {error:?}");
        clamd.probe().await.unwrap();
        if let Says::AtTheEnd(_) = says {
            let (clamd, _) = daemon(false, says).await;
            let error = clamd.scan(file(1_000).1).await.unwrap_err();
            assert!(matches!(error, ScanError::OutOfOrder(_)), "{says:?}: {error:?}");
            assert!(matches!(clamd.probe().await, Err(ScanError::OutOfOrder(_))), "{says:?}");
        }
    }
    // Finding malware in everything is no verdict either.
    let (clamd, _) = daemon(false, Says::AtTheEnd("stream: Everything FOUND\0")).await;
    assert!(matches!(clamd.probe().await, Err(ScanError::OutOfOrder(_))));
}

#[tokio::test]
async fn more_than_it_takes_is_not_clean() {
    for says in [
        Says::After(100_000, "INSTREAM size limit exceeded. ERROR\0"),
        Says::AtTheEnd("INSTREAM size limit exceeded. ERROR\0"),
    ] {
        let (clamd, _) = daemon(true, says).await;
        let error = clamd.scan(file(200_000).1).await.unwrap_err();
        assert!(matches!(error, ScanError::TooLarge), "{says:?}: {error:?}");
    }
}

#[tokio::test]
async fn silence_is_waited_out_only_where_others_are_answered() {
    let (clamd, _) = daemon(true, Says::Nothing).await;
    let begun = Instant::now();
    let error = clamd.scan(file(1_000).1).await.unwrap_err();
    assert!(matches!(error, ScanError::TooLong(_)), "{error:?}");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let (clamd, _) = daemon(false, Says::Nothing).await;
    let begun = Instant::now();
    let error = clamd.scan(file(1_000).1).await.unwrap_err();
    assert!(matches!(error, ScanError::OutOfOrder(_)), "{error:?}");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    // Nobody is there at all.
    let nobody = Clamd::new(ClamdAddress::Unix("/nonexistent/clamd.ctl".into()));
    assert!(matches!(nobody.scan(file(1).1).await, Err(ScanError::OutOfOrder(_))));
    assert!(matches!(nobody.version().await, Err(ScanError::OutOfOrder(_))));
}

#[tokio::test]
async fn content_that_does_not_come_is_no_fault_of_the_file() {
    let (clamd, _) = daemon(true, Says::AtTheEnd("stream: OK\0")).await;
    let beginning = content(vec![Ok(Bytes::from_static(b"begun"))]);
    let error = clamd
        .scan(beginning.chain(stream::pending()).boxed())
        .await
        .unwrap_err();
    assert!(matches!(error, ScanError::Failed(_)), "{error:?}");
    let broken = content(vec![
        Ok(Bytes::from_static(b"begun")),
        Err(StoreError::Inconsistent("lost".into())),
    ]);
    let error = clamd.scan(broken).await.unwrap_err();
    assert!(matches!(error, ScanError::Content(_)), "{error:?}");
}
