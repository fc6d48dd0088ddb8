//! A mail server that nobody here wrote (aiosmtpd), which keeps what it gets.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::toolkit::tool;
use crate::{Error, Result, free_port, pause};

/// How long a mail may be on its way.
const WITHIN: Duration = Duration::from_secs(60);

/// The server. It ends with the process that started it: it reads its input until that is closed.
#[derive(Debug)]
pub struct MailSink {
    port: u16,
    folder: TempDir,
    server: Option<Child>,
}

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Head, unfolded, one field a line.
    pub head: String,
    /// Text, decoded.
    pub text: String,
}

impl Mail {
    /// A field of the head.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let wanted = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&wanted))
    }
}

impl MailSink {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// [`Error::Tool`] where it is not set up, [`Error::Io`].
    pub fn start() -> Result<Self> {
        let mut sink = Self::stopped()?;
        sink.serve()?;
        Ok(sink)
    }

    /// One that does not listen yet: what is sent there now does not arrive.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn stopped() -> Result<Self> {
        Ok(Self {
            port: free_port()?,
            folder: tempfile::tempdir().map_err(Error::io("make the folder of mails"))?,
            server: None,
        })
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// [`Error::Tool`] where it is not set up, [`Error::Io`].
    pub fn serve(&mut self) -> Result<()> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients/smtp/sink.py");
        let mut server = Command::new(tool("ISDS_SMTP_PYTHON", "smtp/bin/python")?)
            .arg(script)
            .arg(self.port.to_string())
            .arg(self.folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::io("start the mail server"))?;
        let said = server.stdout.take();
        self.server = Some(server);
        let mut line = String::new();
        if let Some(said) = said {
            BufReader::new(said)
                .read_line(&mut line)
                .map_err(Error::io("wait for the mail server"))?;
        }
        if line.trim() == "ready" {
            Ok(())
        } else {
            Err(Error::Tool {
                tool: "aiosmtpd".to_owned(),
                status: "did not start".to_owned(),
                output: line,
            })
        }
    }

    /// Where it listens: `smtp://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on recipients are refused with this code; none takes them again.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn refuse(&self, code: Option<u16>) -> Result<()> {
        let file = self.folder.path().join("refuse");
        match code {
            Some(code) => fs::write(file, code.to_string()),
            None => fs::remove_file(file),
        }
        .map_err(Error::io("tell the mail server whom to refuse"))
    }

    /// The mails so far, in the order in which they came.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn mails(&self) -> Result<Vec<Mail>> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path())
            .map_err(Error::io("read the folder of mails"))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| Ok(mail(&fs::read_to_string(file).map_err(Error::io("read a mail"))?)))
            .collect()
    }

    /// The mails, once there are so many.
    ///
    /// # Errors
    /// [`Error::Tool`] where fewer came in time.
    pub fn wait_for(&self, count: usize) -> Result<Vec<Mail>> {
        let until = Instant::now() + WITHIN;
        loop {
            let mails = self.mails()?;
            if mails.len() >= count {
                return Ok(mails);
            }
            if Instant::now() > until {
                return Err(Error::Tool {
                    tool: "aiosmtpd".to_owned(),
                    status: format!("{} of {count} mails came", mails.len()),
                    output: format!("{mails:?}"),
                });
            }
            pause();
        }
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            drop(server.stdin.take());
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// Takes a mail of one text part apart.
fn mail(source: &str) -> Mail {
    let source = source.replace("\r\n", "\n");
    let (head, body) = source.split_once("\n\n").unwrap_or((&source, ""));
    let head = head.replace("\n ", " ");
    let encoded: String = body.split_whitespace().collect();
    let text = if head.contains("Content-Transfer-Encoding: base64") {
        decoded(&encoded)
    } else {
        body.to_owned()
    };
    Mail {
        head,
        text: text.replace("\r\n", "\n"),
    }
}

/// Base64 by hand: this crate has no other use for it.
fn decoded(text: &str) -> String {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for six in text.bytes().filter_map(value) {
        held = (held << 6) | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits).to_le_bytes()[0]);
            held &= (1 << bits) - 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
