//! Mails to people, over SMTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use isds_core::Isds;
use isds_core::error::Chain;
use isds_core::notice::{MailAddress, NewMail, NoticeSettings};
use isds_core::ports::{MailError, Mailer};
use isds_core::time::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox, SinglePart};
use lettre::{Address, Message};
use tokio::sync::{RwLock, watch};

use crate::commands::Problem;
use crate::health::Health;

mod smtp;

use smtp::MailServer;

/// What the system calls itself in mails.
const SENDER_NAME: &str = "Datové schránky";
/// How often a node looks for mails that others wrote or gave back. Its own new ones wake it at once.
const LOOK_AROUND: Duration = Duration::from_millis(500);

/// How mails leave, and what they say of where they come from.
#[derive(Clone)]
pub struct MailRoad {
    /// Who sends them.
    pub mailer: Arc<dyn Mailer>,
    /// What stands in them.
    pub settings: NoticeSettings,
}

/// Mails over a mail server.
struct SmtpMailer {
    server: MailServer,
    from: Mailbox,
    domain: String,
}

/// The road to a mail server: `smtp://HOST:PORT`, with `?tls=required` or `?tls=opportunistic`, or `smtps://HOST`; name
/// and password before the host. Links in mails begin with `public_url`; `from` is the address that they come from.
pub fn road(smtp: &str, from: Option<&str>, public_url: &str) -> Result<MailRoad, Problem> {
    if sends_password_in_the_clear(smtp) {
        return Err(Problem::new(
            "smtp: a password is given, so ?tls=required (or smtps://) is needed as well",
        ));
    }
    let server =
        MailServer::at(smtp).map_err(|error| Problem::caused("smtp: this is no address of a mail server", error))?;
    let host = public_url.split("://").last().unwrap_or_default();
    let host = host.split([':', '/']).next().unwrap_or_default().to_owned();
    let from = from.map_or_else(|| format!("isds@{host}"), str::to_owned);
    let address: Address = from
        .parse()
        .map_err(|error| Problem::caused("mail_from: this is no e-mail address", error))?;
    let domain = address.domain().to_owned();
    Ok(MailRoad {
        mailer: Arc::new(SmtpMailer {
            server,
            from: Mailbox::new(Some(SENDER_NAME.to_owned()), address),
            domain,
        }),
        settings: NoticeSettings {
            public_url: public_url.trim_end_matches('/').to_owned(),
            sender_name: SENDER_NAME.to_owned(),
        },
    })
}

/// A password before the host, over a connection that need not be encrypted.
fn sends_password_in_the_clear(smtp: &str) -> bool {
    let Some(rest) = smtp.strip_prefix("smtp://") else {
        return false;
    };
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    authority.contains('@') && !query.split('&').any(|part| part == "tls=required")
}

impl SmtpMailer {
    fn message(
        &self,
        to: &MailAddress,
        mail: &NewMail,
        reference: &str,
        written: Timestamp,
    ) -> Result<Message, MailError> {
        let never = |error: Box<dyn std::error::Error + Send + Sync>| MailError::Never(error);
        let to: Address = to.as_str().parse().map_err(|error| never(Box::new(error)))?;
        let body = SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .header(ContentTransferEncoding::Base64)
            .body(mail.text.body.replace('\n', "\r\n"));
        let since_epoch = Duration::from_micros(u64::try_from(written.0).unwrap_or_default());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.text.subject.as_str())
            // One that is sent twice has the same name, by which mail programs know it again.
            .message_id(Some(format!("<{reference}@{}>", self.domain)))
            .date(std::time::UNIX_EPOCH + since_epoch)
            .header(AutoSubmitted)
            .singlepart(body)
            .map_err(|error| never(Box::new(error)))
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834): nobody's absence is to be told to a machine.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(
        &self,
        to: &MailAddress,
        mail: &NewMail,
        reference: &str,
        written: Timestamp,
    ) -> Result<(), MailError> {
        let message = self.message(to, mail, reference, written)?;
        self.server.send(message.envelope(), &message.formatted()).await
    }
}

/// Sends due mails until the node stops. Every turn happens under a read lock of `gate`, so that a reset can wait for
/// it to end.
pub async fn run(
    isds: Arc<Isds>,
    health: Arc<Health>,
    mailer: Arc<dyn Mailer>,
    gate: Arc<RwLock<()>>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let sent = {
            let _turn = gate.read().await;
            match health.is_clock_off() {
                true => Ok(0),
                false => isds.send_due_mails(&mailer).await,
            }
        };
        match sent {
            Ok(count) if count > 0 => continue,
            Ok(_) => {}
            Err(failure) => tracing::error!(error = %Chain(&failure), "mails cannot be sent"),
        }
        tokio::select! {
            () = isds.mail_added.notified() => {}
            () = tokio::time::sleep(LOOK_AROUND) => {}
            _ = stop.changed() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isds_core::ids::MembershipId;
    use isds_core::notice::{MailLanguage, MailText};

    #[test]
    fn passwords_do_not_travel_in_the_clear() {
        for bad in [
            "smtp://jan:heslo@mail.example",
            "smtp://jan:heslo@mail.example:587?tls=opportunistic",
        ] {
            assert!(sends_password_in_the_clear(bad), "{bad}");
            assert!(road(bad, None, "https://schranky.example").is_err());
        }
        for good in [
            "smtp://127.0.0.1:2525",
            "smtp://jan:heslo@mail.example:587?tls=required",
            "smtps://jan:heslo@mail.example",
        ] {
            assert!(!sends_password_in_the_clear(good), "{good}");
        }
        assert!(road("http://mail.example", None, "https://schranky.example").is_err());
        assert!(road("smtp://mail.example", Some("nobody"), "https://schranky.example").is_err());
    }

    #[test]
    fn headers_are_what_they_should_be() {
        let mailer = SmtpMailer {
            server: MailServer::at("smtp://127.0.0.1:1").unwrap(),
            from: Mailbox::new(Some(SENDER_NAME.to_owned()), "isds@schranky.example".parse().unwrap()),
            domain: "schranky.example".into(),
        };
        let address: MailAddress = "jan@vzor.example".parse().unwrap();
        let mail = NewMail {
            membership: MembershipId(1),
            address: address.clone(),
            language: MailLanguage::Czech,
            text: MailText {
                subject: "Zpráva\r\nBcc: jiny@vzor.example".into(),
                body: "Text\n".into(),
            },
        };
        let message = mailer
            .message(&address, &mail, "7.8", Timestamp(1_790_000_000_000_000))
            .unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(head.contains("Message-ID: <7.8@schranky.example>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(head.contains("To: jan@vzor.example"), "{head}");
        assert!(head.contains("Date: Mon, 21 Sep 2026"), "{head}");
    }
}
