//! The fields of the form, as they were typed, and what they mean.

use std::collections::BTreeMap;

use isds_core::envelope::{EnvelopeDraft, MAX_ANNOTATION, MAX_REFERENCE, MAX_TO_HANDS};
use isds_core::ids::BoxId;
use isds_core::ports::{Draft, DraftContent, DraftId};

use crate::words::Words;

/// Longest of the texts that the contract leaves unbounded.
const MAX_FREE: usize = 255;

/// What is wrong, by the field.
#[derive(Debug, Clone, Default)]
pub(super) struct Errors(BTreeMap<&'static str, String>);

impl Errors {
    pub(super) fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.entry(field).or_insert_with(|| text.into());
    }

    /// The text beside a field; empty where nothing is wrong.
    pub(super) fn of(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn pairs(&self) -> &BTreeMap<&'static str, String> {
        &self.0
    }
}

/// A message as it stands in the form.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageForm {
    /// Chosen when the form was first shown: it makes its draft once.
    pub(super) key: String,
    pub(super) draft: Option<DraftId>,
    /// Version of the content that the form was made from.
    pub(super) version: i64,
    /// What attachments a new draft begins with: `forward:…` or `template:…`.
    pub(super) source: String,
    pub(super) recipients: Vec<String>,
    /// What is typed to find a recipient.
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) to_hands: String,
    pub(super) sender_ref: String,
    pub(super) sender_ident: String,
    pub(super) recipient_ref: String,
    pub(super) recipient_ident: String,
    pub(super) law: String,
    pub(super) year: String,
    pub(super) sect: String,
    pub(super) par: String,
    pub(super) point: String,
    pub(super) personal: bool,
    pub(super) no_fiction: bool,
    pub(super) publish: bool,
    pub(super) wish: String,
    /// Name of the template that the form is, or is to be kept as.
    pub(super) template_name: String,
}

impl MessageForm {
    pub(super) fn of(pairs: &[(String, String)]) -> Self {
        let text = |wanted: &str| {
            let found = pairs.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let recipients = pairs.iter().filter(|(name, _)| name == "recipient");
        Self {
            key: text("key"),
            draft: text("draft").parse().ok().map(DraftId),
            version: text("version").parse().unwrap_or(0),
            source: text("source"),
            recipients: recipients.map(|(_, value)| value.trim().to_owned()).collect(),
            to: text("to"),
            subject: text("subject"),
            to_hands: text("to_hands"),
            sender_ref: text("sender_ref"),
            sender_ident: text("sender_ident"),
            recipient_ref: text("recipient_ref"),
            recipient_ident: text("recipient_ident"),
            law: text("law"),
            year: text("year"),
            sect: text("sect"),
            par: text("par"),
            point: text("point"),
            personal: !text("personal").is_empty(),
            no_fiction: !text("no_fiction").is_empty(),
            publish: !text("publish").is_empty(),
            wish: text("wish"),
            template_name: text("template_name"),
        }
    }

    pub(super) fn of_draft(draft: &Draft) -> Self {
        Self {
            draft: Some(draft.id),
            version: draft.version.content,
            template_name: draft.template.clone().unwrap_or_default(),
            ..Self::of_content(&draft.content)
        }
    }

    pub(super) fn of_content(content: &DraftContent) -> Self {
        let envelope = &content.envelope;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<i64>| value.map(|number| number.to_string()).unwrap_or_default();
        Self {
            recipients: content.recipients.iter().map(BoxId::to_string).collect(),
            subject: text(&envelope.annotation),
            to_hands: text(&envelope.to_hands),
            sender_ref: text(&envelope.sender_ref_number),
            sender_ident: text(&envelope.sender_ident),
            recipient_ref: text(&envelope.recipient_ref_number),
            recipient_ident: text(&envelope.recipient_ident),
            law: number(envelope.legal_title_law),
            year: number(envelope.legal_title_year),
            sect: text(&envelope.legal_title_sect),
            par: text(&envelope.legal_title_par),
            point: text(&envelope.legal_title_point),
            personal: envelope.personal_delivery.unwrap_or(false),
            no_fiction: !envelope.allow_subst_delivery.unwrap_or(true),
            publish: envelope.publish_own_id.unwrap_or(false),
            wish: text(&envelope.message_type),
            ..Self::default()
        }
    }

    /// Puts a recipient in, once.
    pub(super) fn add_recipient(&mut self, id: BoxId) {
        let id = id.to_string();
        if !self.recipients.contains(&id) {
            self.recipients.push(id);
        }
        self.to.clear();
    }

    /// What is meant; what cannot be meant is told by the field.
    pub(super) fn content(&self, words: Words, errors: &mut Errors) -> DraftContent {
        let mut recipients = Vec::with_capacity(self.recipients.len());
        for recipient in &self.recipients {
            match recipient.parse() {
                Ok(id) => recipients.push(id),
                Err(_) => errors.add("to", words.text("write-error-box")),
            }
        }
        let mut text = |field, value: &str, most: usize| {
            if value.chars().count() > most {
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                errors.add(field, words.with("write-error-long", &[("n", most.into())]));
            }
            Some(value.to_owned()).filter(|value| !value.is_empty())
        };
        let mut envelope = EnvelopeDraft {
            annotation: text("subject", &self.subject, MAX_ANNOTATION),
            to_hands: text("to_hands", &self.to_hands, MAX_TO_HANDS),
            sender_ref_number: text("sender_ref", &self.sender_ref, MAX_REFERENCE),
            sender_ident: text("sender_ident", &self.sender_ident, MAX_REFERENCE),
            recipient_ref_number: text("recipient_ref", &self.recipient_ref, MAX_REFERENCE),
            recipient_ident: text("recipient_ident", &self.recipient_ident, MAX_REFERENCE),
            legal_title_sect: text("sect", &self.sect, MAX_FREE),
            legal_title_par: text("par", &self.par, MAX_FREE),
            legal_title_point: text("point", &self.point, MAX_FREE),
            message_type: text("wish", &self.wish, 1),
            personal_delivery: Some(self.personal),
            allow_subst_delivery: Some(!self.no_fiction),
            publish_own_id: Some(self.publish),
            ..EnvelopeDraft::default()
        };
        let mut number = |field, value: &str| {
            if value.is_empty() {
                return None;
            }
            let number = value.parse::<i64>().ok().filter(|number| (1..=9999).contains(number));
            if number.is_none() {
                errors.add(field, words.text("write-error-number"));
            }
            number
        };
        envelope.legal_title_law = number("law", &self.law);
        envelope.legal_title_year = number("year", &self.year);
        DraftContent { recipients, envelope }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn pairs(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn what_is_typed_comes_back_as_it_was_meant() {
        let form = MessageForm::of(&pairs(&[
            ("recipient", "nvak22s"),
            ("recipient", "maria2f"),
            ("subject", " Výzva "),
            ("law", "300"),
            ("year", "2008"),
            ("personal", "1"),
            ("wish", "K"),
        ]));
        let mut errors = Errors::default();
        let content = form.content(Words(Language::Cs), &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(content.envelope.annotation.as_deref(), Some("Výzva"));
        assert_eq!(content.envelope.legal_title_law, Some(300));
        assert_eq!(content.envelope.allow_subst_delivery, Some(true));
        let again = MessageForm::of_content(&content);
        assert_eq!(
            (again.recipients, again.law, again.personal),
            (form.recipients, form.law, true)
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_its_field() {
        let long = "ž".repeat(256);
        let form = MessageForm::of(&pairs(&[
            ("recipient", "nvak22x"),
            ("subject", &long),
            ("law", "třista"),
            ("year", "-1"),
            ("sender_ref", &long[..102]),
        ]));
        let mut errors = Errors::default();
        form.content(Words(Language::Cs), &mut errors);
        let fields: Vec<_> = errors.pairs().keys().copied().collect();
        assert_eq!(fields, ["law", "sender_ref", "subject", "to", "year"]);
    }
}
