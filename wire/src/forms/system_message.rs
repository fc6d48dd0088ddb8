//! The two attachments of a system message (manual M 1.11.1.1).

use isds_core::system_message::{SystemMessage, SystemMessageForm, UndeliverableNotice, UserNotice};

use crate::Writer;

/// Writes both attachments.
pub(super) fn form(message: &SystemMessage) -> SystemMessageForm {
    SystemMessageForm {
        html: html(message),
        xml: xml(message),
    }
}

fn html(message: &SystemMessage) -> Vec<u8> {
    let mut writer = Writer::new("");
    writer
        .raw("<!DOCTYPE html>\n<html lang=\"cs\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .text(message.annotation())
        .raw("</title>\n</head>\n<body>\n<h1>")
        .text(message.annotation())
        .raw("</h1>\n");
    for paragraph in message.explanation() {
        writer.raw("<p>").text(paragraph).raw("</p>\n");
    }
    writer.raw("</body>\n</html>\n");
    writer.finish()
}

/// The elements have neither namespace nor prefix, unlike everything else in the contract.
fn xml(message: &SystemMessage) -> Vec<u8> {
    let mut writer = Writer::new("");
    writer
        .raw("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<SystemMessage type=\"")
        .text(message.number())
        .raw("\">\n");
    match message {
        SystemMessage::MalwareFound { message, recipient } => {
            plain(&mut writer, "dmID", message.to_string());
            plain(&mut writer, "dbIDRecipient", recipient.to_string());
        }
        SystemMessage::UserAdded(user) | SystemMessage::PrivilegesChanged(user) | SystemMessage::UserRemoved(user) => {
            about_user(&mut writer, user);
        }
        SystemMessage::Undeliverable(notice) => undeliverable(&mut writer, notice),
        SystemMessage::DisabledOnRequest
        | SystemMessage::DisabledByLaw
        | SystemMessage::DisabledByInterruption
        | SystemMessage::DisabledForGood
        | SystemMessage::EnabledAgain
        | SystemMessage::Announcement(_) => {}
    }
    writer.raw("</SystemMessage>\n");
    writer.finish()
}

fn about_user(writer: &mut Writer, user: &UserNotice) {
    plain(writer, "isdsID", user.isds_id.to_string());
    plain(writer, "userName", user.name.clone());
}

/// Every element stands there, empty where the message has nothing of the kind: programs read them by name.
fn undeliverable(writer: &mut Writer, notice: &UndeliverableNotice) {
    plain(writer, "dmID", notice.message.to_string());
    plain(writer, "dbIDRecipient", notice.recipient.to_string());
    plain(writer, "dbName", notice.recipient_name.clone());
    plain(writer, "undelivDate", notice.disabled.to_string());
    plain(writer, "actionDate", notice.done.to_string());
    plain(writer, "dmAnnotation", notice.annotation.clone().unwrap_or_default());
    let reference = notice.sender_ref_number.clone().unwrap_or_default();
    plain(writer, "dmSenderRefNumber", reference);
    plain(writer, "dmSenderIdent", notice.sender_ident.clone().unwrap_or_default());
}

fn plain(writer: &mut Writer, name: &str, value: String) {
    writer
        .raw("  <")
        .raw(name)
        .raw(">")
        .text(value)
        .raw("</")
        .raw(name)
        .raw(">\n");
}

#[cfg(test)]
mod tests {
    use isds_core::ids::IsdsId;

    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_programs_read() {
        let about_user = SystemMessage::UserAdded(UserNotice {
            isds_id: IsdsId("DS_vzor00001".into()),
            name: "Jana <Vzorová> & syn".into(),
        });
        assert_eq!(
            text(form(&about_user).xml),
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<SystemMessage type=\"2\">\n  \
             <isdsID>DS_vzor00001</isdsID>\n  \
             <userName>Jana &lt;Vzorová&gt; &amp; syn</userName>\n</SystemMessage>\n"
        );
        assert_eq!(
            text(form(&SystemMessage::DisabledForGood).xml),
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<SystemMessage type=\"10\">\n</SystemMessage>\n"
        );
    }

    #[test]
    fn what_people_read_is_escaped() {
        let about_user = SystemMessage::UserRemoved(UserNotice {
            isds_id: IsdsId("DS_vzor00001".into()),
            name: "<script>".into(),
        });
        let html = text(form(&about_user).html);
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"), "{html}");
        assert!(html.starts_with("<!DOCTYPE html>"));
    }
}
