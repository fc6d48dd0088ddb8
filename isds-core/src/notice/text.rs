//! What mails say. Subjects are plain and tell no more than that something happened; the link leads to the box.

use super::{MailLanguage, NoticeDetail, NoticeEvent, NoticeSettings, UserNews};
use crate::ids::BoxId;
use crate::text::{clean, truncate};
use crate::time::Timestamp;

/// Most characters of somebody's name in a mail.
const MAX_NAME: usize = 120;
/// Most things that one mail lists.
const MAX_ITEMS: usize = 20;

/// Subject and text of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// Subject: one line.
    pub subject: String,
    /// Text: lines that end with a line feed.
    pub body: String,
}

/// One thing that a mail tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeItem {
    /// Legal time at which it happened, or (fiction) will.
    pub time: Timestamp,
    /// Number of the message, and who is on the other side of it; nobody for personal deliveries.
    pub message: Option<(i64, Option<String>)>,
    /// The user whom it is about.
    pub user: Option<String>,
    /// What is said of it.
    pub detail: NoticeDetail,
}

/// The mail about what happened in a box.
#[must_use]
pub fn text(
    settings: &NoticeSettings,
    language: MailLanguage,
    event: NoticeEvent,
    data_box: (BoxId, &str),
    items: &[NoticeItem],
) -> MailText {
    let (id, holder) = (data_box.0, line(data_box.1));
    let words = Words(language);
    let mut body = format!("{}\n\n", words.opening(event, &holder, id, items.len()));
    for item in items.iter().take(MAX_ITEMS) {
        body.push_str(&format!("  - {}\n", words.item(event, item)));
    }
    if let Some(more) = items.len().checked_sub(MAX_ITEMS).filter(|more| *more > 0) {
        body.push_str(&format!("  - {}\n", words.more(more)));
    }
    let advice = words.advice(event);
    if !advice.is_empty() {
        body.push_str(&format!("\n{advice}\n"));
    }
    let base = &settings.public_url;
    body.push_str(&format!("\n{}\n{base}/b/{id}/{}\n", words.link(), page(event)));
    body.push_str(&format!(
        "\n-- \n{}\n{base}/b/{id}/settings/notices\n",
        words.why(&line(&settings.sender_name))
    ));
    MailText {
        subject: words.subject(event, id),
        body,
    }
}

/// The mail with the code that confirms an address.
#[must_use]
pub fn confirmation(settings: &NoticeSettings, language: MailLanguage, box_id: BoxId, code: &str) -> MailText {
    let link = format!("{}/b/{box_id}/settings/notices?code={code}", settings.public_url);
    let name = line(&settings.sender_name);
    match language {
        MailLanguage::Czech => MailText {
            subject: format!("Potvrzení e-mailové adresy pro datovou schránku {box_id}"),
            body: format!(
                "Někdo zadal tuto adresu pro upozornění z datové schránky {box_id} ({name}).\n\n\
                 Jste-li to Vy, otevřete po přihlášení tuto stránku a adresu potvrďte:\n{link}\n\n\
                 Nebo tam opište kód: {code}\nPlatí 24 hodin.\n\n\
                 Pokud jste o nic nežádali, nedělejte nic: bez potvrzení sem nic dalšího nepřijde.\n"
            ),
        },
        MailLanguage::English => MailText {
            subject: format!("Confirm your e-mail address for data box {box_id}"),
            body: format!(
                "Somebody gave this address for notifications from data box {box_id} ({name}).\n\n\
                 If that was you, sign in, open this page and confirm the address:\n{link}\n\n\
                 Or type the code there: {code}\nIt is good for 24 hours.\n\n\
                 If you asked for nothing, do nothing: without confirmation nothing more will come here.\n"
            ),
        },
    }
}

/// Where the link leads.
fn page(event: NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::MessageWaits | NoticeEvent::FictionNear | NoticeEvent::SystemMessage => "received",
        NoticeEvent::SentDelivered | NoticeEvent::Undeliverable => "sent",
        NoticeEvent::UsersChanged => "settings/people",
        NoticeEvent::NewBrowser => "settings/activity",
        NoticeEvent::CreditLow => "settings/credit",
    }
}

/// One short clean line.
fn line(text: &str) -> String {
    let cleaned = clean(text);
    truncate(cleaned.trim(), MAX_NAME).to_owned()
}

/// Date and time as people read them.
fn time(at: Timestamp) -> String {
    // 2026-03-20T14:05:…
    let text = at.to_string();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    let mut parts = date.split('-').map(|part| part.trim_start_matches('0'));
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let clock = clock.get(..5).unwrap_or_default();
    format!(
        "{}. {}. {} {clock}",
        day.unwrap_or_default(),
        month.unwrap_or_default(),
        year.unwrap_or_default()
    )
}

fn crowns(hellers: i64) -> String {
    format!("{},{:02}", hellers / 100, hellers % 100)
}

struct Words(MailLanguage);

impl Words {
    fn pick(&self, czech: &str, english: &str) -> String {
        match self.0 {
            MailLanguage::Czech => czech.to_owned(),
            MailLanguage::English => english.to_owned(),
        }
    }

    fn subject(&self, event: NoticeEvent, id: BoxId) -> String {
        let what = match event {
            NoticeEvent::MessageWaits => self.pick("čeká datová zpráva", "a message waits"),
            NoticeEvent::FictionNear => self.pick("zpráva bude brzy doručena fikcí", "delivery by fiction is near"),
            NoticeEvent::SentDelivered => self.pick("odeslaná zpráva byla doručena", "a sent message was delivered"),
            NoticeEvent::Undeliverable => self.pick("zprávu nelze doručit", "a message cannot be delivered"),
            NoticeEvent::UsersChanged => self.pick("změna uživatelů", "users were changed"),
            NoticeEvent::NewBrowser => self.pick("přihlášení z nového prohlížeče", "sign-in from a new browser"),
            NoticeEvent::CreditLow => self.pick("dochází kredit", "credit is low"),
            NoticeEvent::SystemMessage => self.pick("čeká systémová zpráva", "a system message waits"),
        };
        match self.0 {
            MailLanguage::Czech => format!("Datová schránka {id}: {what}"),
            MailLanguage::English => format!("Data box {id}: {what}"),
        }
    }

    fn opening(&self, event: NoticeEvent, holder: &str, id: BoxId, count: usize) -> String {
        let of = match self.0 {
            MailLanguage::Czech => format!("Datová schránka {id} ({holder})"),
            MailLanguage::English => format!("Data box {id} ({holder})"),
        };
        let what = match event {
            NoticeEvent::MessageWaits if count > 1 => {
                self.pick("byly do ní dodány zprávy:", "messages were delivered into it:")
            }
            NoticeEvent::MessageWaits => self.pick("byla do ní dodána zpráva:", "a message was delivered into it:"),
            NoticeEvent::FictionNear => self.pick(
                "nikdo si dosud nepřevzal zprávu, která bude doručena fikcí:",
                "nobody has taken over a message that will be delivered by fiction:",
            ),
            NoticeEvent::SentDelivered => self.pick(
                "co z ní bylo odesláno, bylo doručeno:",
                "what was sent from it was delivered:",
            ),
            NoticeEvent::Undeliverable => self.pick(
                "co z ní bylo odesláno, nelze doručit:",
                "what was sent from it cannot be delivered:",
            ),
            NoticeEvent::UsersChanged => self.pick("změnily se osoby s přístupem:", "people with access were changed:"),
            NoticeEvent::NewBrowser => self.pick(
                "přihlásili jste se z prohlížeče, který dosud neznáme:",
                "you signed in from a browser that was not seen before:",
            ),
            NoticeEvent::CreditLow => self.pick("zbývá málo kreditu:", "little credit is left:"),
            NoticeEvent::SystemMessage => self.pick("napsal Vám správce systému:", "the system wrote to you:"),
        };
        format!("{of}: {what}")
    }

    fn item(&self, event: NoticeEvent, item: &NoticeItem) -> String {
        let at = time(item.time);
        let about = match &item.message {
            None => String::new(),
            Some((number, None)) => format!("{} {number}", self.pick("zpráva", "message")),
            Some((number, Some(name))) => {
                let from = match event {
                    NoticeEvent::SentDelivered | NoticeEvent::Undeliverable => self.pick("pro", "to"),
                    _ => self.pick("od", "from"),
                };
                format!("{} {number} {from}: {}", self.pick("zpráva", "message"), line(name))
            }
        };
        match (event, &item.detail) {
            (NoticeEvent::FictionNear, _) => match self.0 {
                MailLanguage::Czech => format!("{about} – fikce nastane {at}"),
                MailLanguage::English => format!("{about} – fiction strikes on {at}"),
            },
            (_, NoticeDetail::Delivered(None)) => format!("{at}  {about} ({})", self.pick("fikcí", "by fiction")),
            (_, NoticeDetail::Delivered(Some(_))) => {
                format!("{at}  {about} ({})", self.pick("přihlášením", "by a sign-in"))
            }
            (_, NoticeDetail::User(news)) => {
                let what = match news {
                    UserNews::Added => self.pick("přidán uživatel", "user added"),
                    UserNews::Changed => self.pick("změněn uživatel", "user changed"),
                    UserNews::Removed => self.pick("odebrán uživatel", "user removed"),
                    UserNews::AccessData => self.pick("vydány nové přístupové údaje", "new access data issued"),
                };
                format!("{at}  {what}: {}", line(item.user.as_deref().unwrap_or_default()))
            }
            (_, NoticeDetail::Browser(agent)) => format!("{at}  {}", line(agent)),
            (_, NoticeDetail::Credit(left)) => format!("{at}  {} Kč", crowns(*left)),
            (_, NoticeDetail::Nothing) => format!("{at}  {about}"),
        }
    }

    fn more(&self, more: usize) -> String {
        match self.0 {
            MailLanguage::Czech => format!("a další (počet: {more})"),
            MailLanguage::English => format!("and more ({more})"),
        }
    }

    fn advice(&self, event: NoticeEvent) -> String {
        match event {
            NoticeEvent::MessageWaits => self.pick(
                "Zpráva se doručí, až schránku otevřete; nejpozději desátý den po dodání nastává fikce doručení.",
                "It counts as delivered once you open the box; at the latest fiction strikes on the tenth day.",
            ),
            NoticeEvent::NewBrowser => self.pick(
                "Nebyli jste to Vy? Změňte si heslo a ukončete ostatní přihlášení.",
                "It was not you? Change your password and end other sessions.",
            ),
            _ => String::new(),
        }
    }

    fn link(&self) -> String {
        self.pick("Schránku otevřete zde:", "Open the box here:")
    }

    fn why(&self, name: &str) -> String {
        match self.0 {
            MailLanguage::Czech => format!("{name}. Upozornění si zapnete a vypnete zde:"),
            MailLanguage::English => format!("{name}. Switch notifications on and off here:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> NoticeSettings {
        NoticeSettings {
            public_url: "https://schranky.example".into(),
            sender_name: "Datové schránky".into(),
        }
    }

    fn item(name: Option<&str>) -> NoticeItem {
        NoticeItem {
            time: Timestamp::parse("2026-03-05T08:04:00").unwrap(),
            message: Some((1_000_123, name.map(str::to_owned))),
            user: None,
            detail: NoticeDetail::Nothing,
        }
    }

    #[test]
    fn tells_what_when_and_where() {
        let id = "nvak22s".parse().unwrap();
        let mail = text(
            &settings(),
            MailLanguage::Czech,
            NoticeEvent::MessageWaits,
            (id, "Jan Novák"),
            &[item(Some("Město Vzorov")), item(None)],
        );
        assert_eq!(mail.subject, "Datová schránka nvak22s: čeká datová zpráva");
        for part in [
            "Datová schránka nvak22s (Jan Novák): byly do ní dodány zprávy:",
            "  - 5. 3. 2026 08:04  zpráva 1000123 od: Město Vzorov\n",
            "  - 5. 3. 2026 08:04  zpráva 1000123\n",
            "https://schranky.example/b/nvak22s/received\n",
            "https://schranky.example/b/nvak22s/settings/notices\n",
        ] {
            assert!(mail.body.contains(part), "{part}\n{}", mail.body);
        }
    }

    #[test]
    fn names_stay_on_their_line() {
        let id = "nvak22s".parse().unwrap();
        let evil = "Vzor\r\nBcc: x@vzor.example\r\n\r\nJiný text";
        for language in [MailLanguage::Czech, MailLanguage::English] {
            for event in NoticeEvent::ALL {
                let mail = text(&settings(), language, event, (id, evil), &[item(Some(evil))]);
                assert!(!mail.subject.contains(['\r', '\n']) && mail.subject.contains("nvak22s"));
                assert!(
                    !mail.body.contains('\r') && !mail.body.contains("\nBcc"),
                    "{}",
                    mail.body
                );
            }
        }
    }

    #[test]
    fn a_long_list_is_cut() {
        let id = "nvak22s".parse().unwrap();
        let items = vec![item(None); 45];
        let mail = text(
            &settings(),
            MailLanguage::English,
            NoticeEvent::MessageWaits,
            (id, "x"),
            &items,
        );
        assert_eq!(mail.body.matches("1000123").count(), 20);
        assert!(mail.body.contains("and more (25)"));
    }

    #[test]
    fn a_confirmation_has_code_and_link() {
        let mail = confirmation(
            &settings(),
            MailLanguage::English,
            "nvak22s".parse().unwrap(),
            "abcd-efgh",
        );
        assert!(
            mail.body
                .contains("https://schranky.example/b/nvak22s/settings/notices?code=abcd-efgh\n")
        );
        assert!(mail.body.contains("type the code there: abcd-efgh\n"));
    }
}
