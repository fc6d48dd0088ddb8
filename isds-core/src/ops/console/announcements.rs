//! Announcements of the administrator to chosen boxes (manual M 1.11.3).

use std::collections::BTreeSet;

use crate::audit::{AuditAction, AuditSubject};
use crate::box_state::BoxState;
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError};
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};
use crate::text::clean;

use super::super::Isds;
use super::operator_only;

/// Most boxes of one announcement: each gets a message of its own, all promised in one transaction.
const MAX_BOXES: usize = 1_000;
/// Longest subject (`dmAnnotation`).
const MAX_SUBJECT: usize = 255;
/// Longest text, in characters.
const MAX_TEXT: usize = 10_000;

/// What is announced to whom, as the administrator wrote it.
#[derive(Debug, Clone, Default)]
pub struct Announcement {
    /// Box IDs, divided by anything that is not part of one.
    pub boxes: String,
    /// Subject.
    pub subject: String,
    /// Text; empty lines divide paragraphs.
    pub text: String,
}

impl Announcement {
    /// The boxes, each once.
    ///
    /// # Errors
    /// 1007 naming what is no box ID, 2007 for none or too many.
    pub fn recipients(&self) -> Result<Vec<BoxId>, Refusal> {
        let mut boxes = BTreeSet::new();
        for name in self.boxes.split(|c: char| !c.is_ascii_alphanumeric()) {
            if name.is_empty() {
                continue;
            }
            let id = name
                .parse()
                .map_err(|_: BoxIdError| Refusal::of(Status::MALFORMED_BOX_ID))?;
            boxes.insert(id);
            if boxes.len() > MAX_BOXES {
                break;
            }
        }
        if boxes.is_empty() || boxes.len() > MAX_BOXES {
            let rule = format!("zprávu lze poslat do 1 až {MAX_BOXES} schránek.");
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule));
        }
        Ok(boxes.into_iter().collect())
    }

    fn text(&self) -> Result<AnnouncementText, Refusal> {
        let wrong = |rule: String| Refusal::about(Status::INVALID_STRUCTURE, rule);
        let subject = clean(&self.subject).trim().to_owned();
        if subject.is_empty() || subject.chars().count() > MAX_SUBJECT {
            return Err(wrong(format!("předmět má 1 až {MAX_SUBJECT} znaků.")));
        }
        if self.text.chars().count() > MAX_TEXT {
            return Err(wrong(format!("text má nejvýše {MAX_TEXT} znaků.")));
        }
        let text = self.text.replace("\r\n", "\n");
        let paragraphs: Vec<String> = text
            .split("\n\n")
            .map(|paragraph| clean(paragraph).trim().to_owned())
            .filter(|paragraph| !paragraph.is_empty())
            .collect();
        if paragraphs.is_empty() {
            return Err(wrong("chybí text.".to_owned()));
        }
        Ok(AnnouncementText { subject, paragraphs })
    }
}

impl Isds {
    /// Sends an announcement as a system message to boxes that are accessible, all or none; answers to how many.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1007, 2007 for a subject, text or number of boxes, 5001 and
    /// 1011 naming the box that is missing or not accessible.
    pub async fn announce(&self, caller: &Principal, announcement: &Announcement) -> Result<usize, Failure> {
        operator_only(caller)?;
        let boxes = announcement.recipients()?;
        let text = announcement.text()?;
        let subject = AuditSubject::none().detail(format!("{} boxes", boxes.len()));
        let sent = self
            .recorded(caller, AuditAction::SystemMessageSent, subject, async {
                self.refuse_unreachable(&boxes).await?;
                let due: Vec<DueSystemMessage> = boxes
                    .iter()
                    .map(|recipient| DueSystemMessage {
                        recipient: *recipient,
                        message: SystemMessage::Announcement(text.clone()),
                    })
                    .collect();
                self.store.promise_system_messages(&due).await?;
                Ok(due.len())
            })
            .await?;
        self.job_added.notify_one();
        Ok(sent)
    }

    async fn refuse_unreachable(&self, boxes: &[BoxId]) -> Result<(), Failure> {
        for id in boxes {
            let state = self.store.lookup_box(*id).await?.map(|data_box| data_box.state);
            let refusal = match state {
                Some(BoxState::Accessible) => continue,
                None => Refusal::about(Status::INVALID_STRUCTURE, format!("schránka {id} neexistuje.")),
                Some(_) => Refusal::about(Status::INVALID_STRUCTURE, format!("schránka {id} není přístupná.")),
            };
            return Err(refusal.into());
        }
        Ok(())
    }
}
