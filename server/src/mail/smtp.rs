//! Talking to a mail server step by step. What a refusal means depends on the step: only one of the recipient or of the
//! mail is about the mail. Whoever refuses the greeting, the password or the sender refuses us, and may not tomorrow.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use isds_core::ports::MailError;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(30);
/// How long all of a mail may take, from the connection to the last answer. Less than the lease of a mail divided by how
/// many come one after the other.
const SENDING: Duration = Duration::from_secs(100);
/// How long a connection is kept for the next mail. One takes about 23 mails a second.
const KEPT: Duration = Duration::from_secs(15);

/// What is no address of a mail server.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// No URL at all.
    #[error("it is no URL")]
    Url(#[from] url::ParseError),
    /// It names no host.
    #[error("it names no host")]
    NoHost,
    /// Neither smtp nor smtps, or another `tls` than required and opportunistic.
    #[error("it begins with neither smtp:// nor smtps://, or its tls is neither required nor opportunistic")]
    Scheme,
    /// Name or password are no text.
    #[error("name or password are not UTF-8")]
    Credentials(#[from] std::str::Utf8Error),
    /// TLS to this host cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] Error),
}

/// The time for a mail was over.
#[derive(Debug, thiserror::Error)]
#[error("the mail server took too long")]
struct TookTooLong;

/// A mail server.
pub struct MailServer {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
    sending: Duration,
    idle: Arc<Mutex<Vec<Idle>>>,
}

/// A connection that waits for the next mail.
struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl MailServer {
    /// `smtp://[NAME:PASSWORD@]HOST[:PORT][/HELLO][?tls=required|opportunistic]`, or `smtps://…`.
    pub fn at(address: &str) -> Result<Self, AddressError> {
        let url = Url::parse(address)?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(AddressError::NoHost)?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls");
        let parameters = || TlsParameters::new(host.to_owned());
        let (tls, port) = match (url.scheme(), tls.as_ref().map(|(_, tls)| &**tls)) {
            ("smtp", None) => (Tls::None, SMTP_PORT),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), SUBMISSION_PORT),
            ("smtps", _) => (Tls::Wrapper(parameters()?), SUBMISSIONS_PORT),
            _ => return Err(AddressError::Scheme),
        };
        let decoded = |text| percent_decode_str(text).decode_utf8().map(String::from);
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        let hello = url.path().trim_matches('/');
        Ok(Self {
            // An IPv6 address stands in brackets in a URL alone.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            tls,
            hello: if hello.is_empty() {
                ClientId::default()
            } else {
                ClientId::Domain(hello.to_owned())
            },
            credentials,
            sending: SENDING,
            idle: Arc::default(),
        })
    }

    /// Hands a mail over.
    pub async fn send(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), MailError> {
        match timeout(self.sending, self.hand_over(envelope, mail)).await {
            Ok(sent) => sent,
            // The connection goes with what was done on it.
            Err(_) => Err(MailError::Later(Box::new(TookTooLong))),
        }
    }

    async fn hand_over(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), MailError> {
        let mut connection = self.connection().await.map_err(refused_us)?;
        let handed = say(&mut connection, envelope, mail).await;
        match &handed {
            Ok(()) => self.keep(connection),
            Err(_) => connection.abort().await,
        }
        handed
    }

    /// One that was kept and still answers, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        while let Some(mut connection) = self.take() {
            if connection.test_connected().await {
                return Ok(connection);
            }
        }
        self.connect().await
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let place = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(CONNECTING), &self.hello, at_once, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(Idle::is_fresh);
        idle.pop().map(|idle| idle.connection)
    }

    /// Keeps a connection for the next mail. The first one that is kept brings a task along that lets go of what nobody
    /// took, and ends when nothing is left.
    fn keep(&self, connection: AsyncSmtpConnection) {
        let since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { connection, since });
        if idle.len() > 1 {
            return;
        }
        let kept = Arc::downgrade(&self.idle);
        tokio::spawn(async move {
            loop {
                sleep(KEPT).await;
                let Some(idle) = kept.upgrade() else { return };
                let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.retain(Idle::is_fresh);
                if idle.is_empty() {
                    return;
                }
            }
        });
    }
}

impl Idle {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < KEPT && !self.connection.has_broken()
    }
}

async fn say(connection: &mut AsyncSmtpConnection, envelope: &Envelope, mail: &[u8]) -> Result<(), MailError> {
    connection
        .command(Mail::new(envelope.from().cloned(), Vec::new()))
        .await
        .map_err(refused_us)?;
    for to in envelope.to() {
        connection
            .command(Rcpt::new(to.clone(), Vec::new()))
            .await
            .map_err(refused_the_mail)?;
    }
    connection.command(Data).await.map_err(refused_the_mail)?;
    connection.message(mail).await.map_err(refused_the_mail)?;
    Ok(())
}

/// Whatever the answer was, it was about us.
fn refused_us(error: Error) -> MailError {
    MailError::Later(Box::new(error))
}

/// 550 to 554 are about the recipient or the mail (RFC 5321, section 4.2.3); other answers say that something is wrong
/// between the two servers.
fn refused_the_mail(error: Error) -> MailError {
    let is_final = error
        .status()
        .is_some_and(|code| (550..=554).contains(&u16::from(code)));
    if is_final {
        MailError::Never(Box::new(error))
    } else {
        MailError::Later(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use lettre::Address;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// What a server says to each step; where nothing is said, what is usual.
    #[derive(Clone, Copy, Default)]
    struct Script {
        greeting: Option<&'static str>,
        hello: Option<&'static str>,
        login: Option<&'static str>,
        from: Option<&'static str>,
        to: Option<&'static str>,
        data: Option<&'static str>,
        end: Option<&'static str>,
    }

    /// Says nothing and keeps the connection.
    const SILENCE: &str = "";

    async fn converse(stream: TcpStream, script: Script) {
        let mut stream = BufReader::new(stream);
        let mut in_data = false;
        let mut answer = script.greeting.or(Some("220 mail.vzor.example"));
        loop {
            if let Some(answer) = answer.filter(|answer| *answer != SILENCE) {
                stream
                    .write_all(format!("{answer}\r\n").as_bytes())
                    .await
                    .unwrap_or_default();
            }
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let verb = line.get(..4).unwrap_or_default().to_owned();
            answer = match (in_data, verb.as_str()) {
                (true, _) if line == ".\r\n" => {
                    in_data = false;
                    script.end.or(Some("250 kept"))
                }
                (true, _) => None,
                (false, "EHLO") => script.hello.or(Some("250-mail.vzor.example\r\n250 AUTH PLAIN")),
                (false, "AUTH") => script.login.or(Some("235 come in")),
                (false, "MAIL") => script.from.or(Some("250 OK")),
                (false, "RCPT") => script.to.or(Some("250 OK")),
                (false, "DATA") => {
                    in_data = script.data.is_none();
                    script.data.or(Some("354 go on"))
                }
                (false, "QUIT") => Some("221 bye"),
                (false, _) => Some("250 OK"),
            };
        }
    }

    /// A server that follows the script, and the road to it.
    async fn server(script: Script) -> (MailServer, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, script));
            }
        });
        let server = MailServer::at(&format!("smtp://jan:heslo@127.0.0.1:{port}")).unwrap();
        (server, serving)
    }

    async fn sent(script: Script) -> Result<(), MailError> {
        let (server, serving) = server(script).await;
        let address = |text: &str| -> Address { text.parse().unwrap() };
        let envelope = Envelope::new(Some(address("isds@vzor.example")), vec![address("jan@vzor.example")]).unwrap();
        let sent = server.send(&envelope, b"Subject: x\r\n\r\ntext\r\n").await;
        serving.abort();
        sent
    }

    #[tokio::test]
    async fn only_what_is_said_of_the_mail_is_final() {
        let usual = Script::default();
        assert!(sent(usual).await.is_ok());
        let refuses = |change: fn(&mut Script, &'static str), answer| {
            let mut script = usual;
            change(&mut script, answer);
            script
        };
        // Who refuses us, whatever the code.
        for answer in [
            "554 no service",
            "530 5.7.0 authentication required",
            "550 not from here",
            "421 later",
        ] {
            for step in [
                (|script, answer| script.greeting = Some(answer)) as fn(&mut Script, _),
                |script, answer| script.hello = Some(answer),
                |script, answer| script.login = Some(answer),
                |script, answer| script.from = Some(answer),
            ] {
                let result = sent(refuses(step, answer)).await;
                assert!(matches!(result, Err(MailError::Later(_))), "{answer}: {result:?}");
            }
        }
        let about_the_mail: [fn(&mut Script, &'static str); 3] = [
            |script, answer| script.to = Some(answer),
            |script, answer| script.data = Some(answer),
            |script, answer| script.end = Some(answer),
        ];
        for step in about_the_mail {
            for answer in ["550 5.1.1 nobody here", "552 full", "554 no"] {
                let result = sent(refuses(step, answer)).await;
                assert!(matches!(result, Err(MailError::Never(_))), "{answer}: {result:?}");
            }
            for answer in ["450 later", "451 trouble", "452 full", "503 wrong order", "530 no"] {
                let result = sent(refuses(step, answer)).await;
                assert!(matches!(result, Err(MailError::Later(_))), "{answer}: {result:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_holds_nobody_for_long() {
        for step in [
            (|script, answer| script.greeting = Some(answer)) as fn(&mut Script, _),
            |script, answer| script.end = Some(answer),
        ] {
            let mut script = Script::default();
            step(&mut script, SILENCE);
            let (mut server, serving) = server(script).await;
            server.sending = Duration::from_millis(300);
            let address: Address = "jan@vzor.example".parse().unwrap();
            let envelope = Envelope::new(None, vec![address]).unwrap();
            let begun = Instant::now();
            let result = server.send(&envelope, b"Subject: x\r\n\r\ntext\r\n").await;
            assert!(matches!(result, Err(MailError::Later(_))), "{result:?}");
            assert!(begun.elapsed() < Duration::from_secs(20));
            serving.abort();
        }
    }

    #[tokio::test]
    async fn a_connection_takes_one_mail_after_the_other() {
        let (server, serving) = server(Script::default()).await;
        let address: Address = "jan@vzor.example".parse().unwrap();
        let envelope = Envelope::new(None, vec![address]).unwrap();
        for _ in 0..3 {
            server.send(&envelope, b"Subject: x\r\n\r\n.text\r\n").await.unwrap();
            assert_eq!(server.idle.lock().unwrap().len(), 1);
        }
        // One that the server has closed meanwhile is no reason to fail.
        serving.abort();
        let mut kept = server.take().unwrap();
        kept.abort().await;
        server.keep(kept);
        assert!(server.take().is_none());
    }

    #[test]
    fn addresses_of_servers() {
        let server = MailServer::at("smtp://jan%40vzor.example:he%3Aslo@mail.example/my.example?tls=required").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("mail.example", 587));
        assert_eq!(server.hello, ClientId::Domain("my.example".into()));
        let expected = Credentials::new("jan@vzor.example".into(), "he:slo".into());
        assert_eq!(server.credentials, Some(expected));
        assert!(matches!(server.tls, Tls::Required(_)));
        let server = MailServer::at("smtps://mail.example").unwrap();
        assert_eq!((server.port, server.credentials), (465, None));
        assert_eq!(MailServer::at("smtp://127.0.0.1:2525").unwrap().port, 2525);
        for bad in [
            "http://mail.example",
            "smtp://mail.example?tls=perhaps",
            "mail.example",
            "smtp:",
        ] {
            assert!(MailServer::at(bad).is_err(), "{bad}");
        }
    }
}
