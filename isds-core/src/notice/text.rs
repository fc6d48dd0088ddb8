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
    /// What the message waits for; none where it is not about one that waits.
    pub waits_for: Option<WaitsFor>,
}

/// What a message in a box waits for to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// Nothing: to an authority it was delivered by being put into the box.
    Nothing,
    /// That somebody opens the box.
    Opening,
    /// The same, or fiction, which strikes at this legal time.
    OpeningOrFiction(Timestamp),
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
    let advice = words.advice(event, items);
    if !advice.is_empty() {
        body.push_str(&format!("\n{advice}\n"));
    }
    let base = &settings.public_url;
    body.push_str(&format!("\n{}\n{base}/{}\n", words.link(event), page(event, id)));
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
fn page(event: NoticeEvent, id: BoxId) -> String {
    let page = match event {
        NoticeEvent::PasswordEnds => return "settings/sign-in".to_owned(),
        NoticeEvent::MessageWaits | NoticeEvent::FictionNear | NoticeEvent::SystemMessage => "received",
        NoticeEvent::SentDelivered | NoticeEvent::Undeliverable => "sent",
        NoticeEvent::UsersChanged => "settings/people",
        NoticeEvent::NewBrowser => "settings/activity",
        NoticeEvent::CreditLow => "settings/credit",
    };
    format!("b/{id}/{page}")
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

/// Money as it is written in the language: the sign stands before it all, whatever the crowns are.
fn money(hellers: i64, language: MailLanguage) -> String {
    let sign = if hellers < 0 { "\u{2212}" } else { "" };
    let (separator, point) = match language {
        MailLanguage::Czech => ('\u{A0}', ','),
        MailLanguage::English => (',', '.'),
    };
    let whole = (hellers.unsigned_abs() / 100).to_string();
    let mut crowns = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            crowns.push(separator);
        }
        crowns.push(digit);
    }
    let hellers = hellers.unsigned_abs() % 100;
    match language {
        MailLanguage::Czech => format!("{sign}{crowns}{point}{hellers:02} Kč"),
        MailLanguage::English => format!("CZK {sign}{crowns}{point}{hellers:02}"),
    }
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
            NoticeEvent::PasswordEnds => self.pick("končí platnost hesla", "a password is about to end"),
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
            NoticeEvent::FictionNear if count > 1 => self.pick(
                "nikdo si dosud nepřevzal zprávy, které budou doručeny fikcí:",
                "nobody has taken over messages that will be delivered by fiction:",
            ),
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
            NoticeEvent::SystemMessage if count > 1 => {
                self.pick("správce systému Vám poslal zprávy:", "the system sent you messages:")
            }
            NoticeEvent::SystemMessage => self.pick("napsal Vám správce systému:", "the system wrote to you:"),
            NoticeEvent::PasswordEnds => {
                self.pick("končí platnost Vašeho hesla:", "a password of yours is about to end:")
            }
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
            (_, NoticeDetail::UserRemoved(name)) => {
                format!(
                    "{at}  {}: {}",
                    self.pick("odebrán uživatel", "user removed"),
                    line(name)
                )
            }
            (_, NoticeDetail::Credit(left)) => format!("{at}  {}", money(*left, self.0)),
            (_, NoticeDetail::Password(_, opens)) => {
                let of = opens.map(|id| format!(" {} {id}", self.pick("ke schránce", "of box")));
                let until = self.pick("platí do", "is good until");
                format!(
                    "{}{} {until} {at}",
                    self.pick("heslo", "the password"),
                    of.unwrap_or_default()
                )
            }
            (_, NoticeDetail::Nothing) => format!("{at}  {about}{}", self.until(item.waits_for)),
        }
    }

    /// When a message is delivered where nobody opens the box.
    fn until(&self, waits_for: Option<WaitsFor>) -> String {
        match waits_for {
            Some(WaitsFor::OpeningOrFiction(at)) => match self.0 {
                MailLanguage::Czech => format!(" – jinak fikcí {}", time(at)),
                MailLanguage::English => format!(" – otherwise by fiction on {}", time(at)),
            },
            Some(WaitsFor::Nothing) => self.pick(
                " – orgánu veřejné moci doručena dodáním",
                " – delivered to the authority by being put into its box",
            ),
            Some(WaitsFor::Opening) | None => String::new(),
        }
    }

    fn more(&self, more: usize) -> String {
        match self.0 {
            MailLanguage::Czech => format!("a další (počet: {more})"),
            MailLanguage::English => format!("and more ({more})"),
        }
    }

    fn advice(&self, event: NoticeEvent, items: &[NoticeItem]) -> String {
        let waiting =
            |item: &&NoticeItem| matches!(item.waits_for, Some(WaitsFor::Opening | WaitsFor::OpeningOrFiction(_)));
        let waiting = items.iter().filter(waiting).count();
        match event {
            NoticeEvent::MessageWaits if waiting == 0 => String::new(),
            NoticeEvent::MessageWaits if waiting < items.len() => self.pick(
                "Ostatní zprávy se doručí, až schránku otevřete.",
                "The other messages are delivered once you open the box.",
            ),
            NoticeEvent::MessageWaits if waiting > 1 => self.pick(
                "Zprávy se doručí, až schránku otevřete.",
                "The messages are delivered once you open the box.",
            ),
            NoticeEvent::MessageWaits => self.pick(
                "Zpráva se doručí, až schránku otevřete.",
                "The message is delivered once you open the box.",
            ),
            NoticeEvent::NewBrowser => self.pick(
                "Nebyli jste to Vy? Změňte si heslo a ukončete ostatní přihlášení.",
                "It was not you? Change your password and end other sessions.",
            ),
            NoticeEvent::PasswordEnds => self.pick(
                "Programy, které se jím hlásí, se poté nepřihlásí; Vy si při přihlášení zvolíte nové.",
                "After that, programs that use it cannot sign in; you choose another one when you sign in.",
            ),
            _ => String::new(),
        }
    }

    fn link(&self, event: NoticeEvent) -> String {
        match event {
            NoticeEvent::PasswordEnds => self.pick("Heslo změníte zde:", "Change the password here:"),
            _ => self.pick("Schránku otevřete zde:", "Open the box here:"),
        }
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
            waits_for: None,
        }
    }

    fn body(language: MailLanguage, event: NoticeEvent, items: &[NoticeItem]) -> String {
        let id = "nvak22s".parse().unwrap();
        text(&settings(), language, event, (id, "Jan Novák"), items).body
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
    fn a_day_of_fiction_is_told_where_there_is_one() {
        let waiting = |waits_for| NoticeItem {
            waits_for,
            ..item(None)
        };
        let fiction = waiting(Some(WaitsFor::OpeningOrFiction(
            Timestamp::parse("2026-03-17T00:00:00").unwrap(),
        )));
        let waits = NoticeEvent::MessageWaits;
        let one = body(MailLanguage::Czech, waits, std::slice::from_ref(&fiction));
        assert!(
            one.contains("zpráva 1000123 – jinak fikcí 17. 3. 2026 00:00\n"),
            "{one}"
        );
        assert!(one.contains("\nZpráva se doručí, až schránku otevřete.\n"), "{one}");
        // Where fiction is ruled out, none is promised.
        let ruled_out = body(MailLanguage::Czech, waits, &[waiting(Some(WaitsFor::Opening))]);
        assert!(
            ruled_out.contains("až schránku otevřete") && !ruled_out.contains("fikc"),
            "{ruled_out}"
        );
        // To an authority it is delivered already.
        let authority = waiting(Some(WaitsFor::Nothing));
        let none = body(MailLanguage::English, waits, &[authority.clone(), authority.clone()]);
        assert!(
            none.contains("delivered to the authority") && !none.contains("open the box."),
            "{none}"
        );
        let both = body(MailLanguage::English, waits, &[authority, fiction]);
        assert!(both.contains("\nThe other messages are delivered once"), "{both}");
        assert!(!both.contains("tenth"), "{both}");
    }

    #[test]
    fn several_messages_are_spoken_of_as_several() {
        let two = [item(None), item(None)];
        for (event, one, several) in [
            (
                NoticeEvent::MessageWaits,
                "byla do ní dodána zpráva:",
                "byly do ní dodány zprávy:",
            ),
            (
                NoticeEvent::FictionNear,
                "zprávu, která bude doručena",
                "zprávy, které budou doručeny",
            ),
        ] {
            assert!(body(MailLanguage::Czech, event, &two[..1]).contains(one));
            assert!(body(MailLanguage::Czech, event, &two).contains(several));
        }
        let text = body(MailLanguage::English, NoticeEvent::FictionNear, &two);
        assert!(text.contains("messages that will be delivered"), "{text}");
    }

    #[test]
    fn a_removed_user_is_named_and_money_is_written_as_in_the_language() {
        let told = |language, event, detail| {
            body(
                language,
                event,
                &[NoticeItem {
                    detail,
                    message: None,
                    ..item(None)
                }],
            )
        };
        let removed = NoticeDetail::UserRemoved("Karel Vzorný".into());
        let mail = told(MailLanguage::Czech, NoticeEvent::UsersChanged, removed);
        assert!(mail.contains("odebrán uživatel: Karel Vzorný\n"), "{mail}");
        for (hellers, czech, english) in [
            (1250, "12,50 Kč", "CZK 12.50"),
            (-50, "\u{2212}0,50 Kč", "CZK \u{2212}0.50"),
            (123_456_789, "1\u{A0}234\u{A0}567,89 Kč", "CZK 1,234,567.89"),
        ] {
            for (language, shown) in [(MailLanguage::Czech, czech), (MailLanguage::English, english)] {
                let mail = told(language, NoticeEvent::CreditLow, NoticeDetail::Credit(hellers));
                assert!(mail.contains(&format!("  {shown}\n")), "{shown}: {mail}");
            }
        }
    }

    #[test]
    fn of_a_password_the_box_is_named_and_never_the_login_name() {
        let until = Timestamp::parse("2026-06-03T08:04:00").unwrap();
        let ends = NoticeItem {
            time: until,
            message: None,
            detail: NoticeDetail::Password(until, Some("nvak22s".parse().unwrap())),
            ..item(None)
        };
        let own = body(
            MailLanguage::Czech,
            NoticeEvent::PasswordEnds,
            std::slice::from_ref(&ends),
        );
        assert!(
            own.contains("  - heslo ke schránce nvak22s platí do 3. 6. 2026 08:04\n"),
            "{own}"
        );
        assert!(own.contains("https://schranky.example/settings/sign-in\n"), "{own}");
        let english = body(MailLanguage::English, NoticeEvent::PasswordEnds, &[ends]);
        assert!(
            english.contains("the password of box nvak22s is good until 3. 6. 2026 08:04\n"),
            "{english}"
        );
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
