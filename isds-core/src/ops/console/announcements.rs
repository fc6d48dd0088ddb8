//! Announcements of the administrator to chosen boxes, or to all of some types (manual M 1.11.3).

use std::collections::BTreeSet;

use crate::audit::{AuditAction, AuditSubject};
use crate::box_state::BoxState;
use crate::box_type::BoxType;
use crate::error::{Failure, Refusal};
use crate::ids::{BoxId, BoxIdError};
use crate::ports::{AnnouncementId, AnnouncementProgress, JobId, KeptAnnouncement};
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};
use crate::text::clean;

use super::super::Isds;
use super::operator_only;

/// Most boxes that are named in one announcement: each gets a message of its own, all promised in one transaction.
const MAX_BOXES: usize = 1_000;
/// Boxes of a type that are promised it in a turn.
const PROMISED_AT_ONCE: u64 = 200;
/// Longest subject (`dmAnnotation`).
const MAX_SUBJECT: usize = 255;
/// Longest text, in characters.
const MAX_TEXT: usize = 10_000;
/// Longest key of a form.
const MAX_KEY: usize = 64;
/// Announcements on a page.
const LISTED: u64 = 50;

/// What is announced to whom, as the administrator wrote it.
#[derive(Debug, Clone, Default)]
pub struct Announcement {
    /// Key of the form: one that is sent twice announces once.
    pub form_key: String,
    /// Box IDs, divided by anything that is not part of one.
    pub boxes: String,
    /// Or types: every box of them that is accessible.
    pub types: Vec<BoxType>,
    /// Subject.
    pub subject: String,
    /// Text; empty lines divide paragraphs.
    pub text: String,
}

/// What came of an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// So many boxes were promised it.
    Promised(usize),
    /// The boxes are looked for by a job.
    Begun,
    /// This form was sent before; nothing was announced by it now.
    Before,
}

/// A page of announcements, newest first.
#[derive(Debug, Clone)]
pub struct AnnouncementPage {
    /// Announcements.
    pub announcements: Vec<KeptAnnouncement>,
    /// The next page is of those before this one.
    pub next: Option<AnnouncementId>,
}

impl Announcement {
    /// The boxes that are named, each once.
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
            let rule = format!("zprávu lze poslat do 1 až {MAX_BOXES} vyjmenovaných schránek, nebo podle typu.");
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

    fn checked_key(&self) -> Result<&str, Refusal> {
        let key = self.form_key.as_str();
        if (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(key)
        } else {
            Err(Refusal::about(Status::INVALID_STRUCTURE, "formulář nemá platný klíč."))
        }
    }

    /// The types, each once, by their codes.
    fn chosen_types(&self) -> Result<Vec<BoxType>, Refusal> {
        let types: BTreeSet<BoxType> = self.types.iter().copied().filter(|t| *t != BoxType::System).collect();
        if !types.is_empty() && !self.boxes.trim().is_empty() {
            let rule = "schránky lze buď vyjmenovat, nebo vybrat podle typu.";
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule));
        }
        Ok(types.into_iter().collect())
    }
}

impl Isds {
    /// Sends an announcement as a system message to boxes that are accessible. Of those that are named it reaches all or
    /// none; those of a type are looked for by a job.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 1007, 2007 for a subject, text or choice of boxes, naming a
    /// box that is missing or not accessible.
    pub async fn announce(&self, caller: &Principal, announcement: &Announcement) -> Result<Announced, Failure> {
        operator_only(caller)?;
        let key = announcement.checked_key()?;
        let types = announcement.chosen_types()?;
        let boxes = match types.as_slice() {
            [] => announcement.recipients()?,
            _ => Vec::new(),
        };
        let text = announcement.text()?;
        let subject = AuditSubject::none().detail(match types.as_slice() {
            [] => format!("{} boxes", boxes.len()),
            types => types.iter().map(|t| t.name()).collect::<Vec<_>>().join(", "),
        });
        let announced = self
            .recorded(caller, AuditAction::SystemMessageSent, subject, async {
                self.refuse_unreachable(&boxes).await?;
                let by_type = !types.is_empty();
                let kept = KeptAnnouncement {
                    id: AnnouncementId(0),
                    by: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
                    at: self.clock.legal().to_millis(),
                    types: by_type.then_some(types),
                    done: !by_type,
                    progress: AnnouncementProgress {
                        boxes: boxes.len() as u64,
                        ..AnnouncementProgress::default()
                    },
                    text,
                };
                let due = promises(&boxes, &kept.text);
                Ok(match self.store.add_announcement(key, &kept, &due).await? {
                    None => Announced::Before,
                    Some(_) if by_type => Announced::Begun,
                    Some(_) => Announced::Promised(due.len()),
                })
            })
            .await?;
        self.job_added.notify_one();
        Ok(announced)
    }

    /// What was announced, those before `before`.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn announcements(
        &self,
        caller: &Principal,
        before: Option<AnnouncementId>,
    ) -> Result<AnnouncementPage, Failure> {
        operator_only(caller)?;
        let mut announcements = self.store.list_announcements(before, LISTED + 1).await?;
        let more = announcements.len() as u64 > LISTED;
        announcements.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
        let next = announcements.last().filter(|_| more).map(|last| last.id);
        Ok(AnnouncementPage { announcements, next })
    }

    /// Promises an announcement to some more boxes of its types; answers whether there may be others. What is promised is
    /// noted with the promises, so that whoever goes on after a crash leaves nobody out and tells nobody twice.
    pub(in crate::ops) async fn work_on_announcement(&self, id: AnnouncementId, job: JobId) -> Result<bool, Failure> {
        let Some(announcement) = self.store.lookup_announcement(id).await? else {
            return Ok(false);
        };
        let types = announcement.types.filter(|_| !announcement.done).unwrap_or_default();
        let before = announcement.progress;
        for box_type in types.into_iter().filter(|t| t.code() >= before.done_type) {
            let behind = match box_type.code() == before.done_type {
                true => before.done_box.as_str(),
                false => "",
            };
            let boxes = self
                .store
                .list_boxes_of(box_type, BoxState::Accessible, behind, PROMISED_AT_ONCE)
                .await?;
            let Some(last) = boxes.last() else { continue };
            let after = AnnouncementProgress {
                boxes: before.boxes + boxes.len() as u64,
                done_type: box_type.code(),
                done_box: last.to_string(),
            };
            let due = promises(&boxes, &announcement.text);
            self.store.promise_announcement(id, &before, &after, &due).await?;
            return Ok(true);
        }
        self.store.finish_announcement(id, job).await?;
        Ok(false)
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

fn promises(boxes: &[BoxId], text: &AnnouncementText) -> Vec<DueSystemMessage> {
    boxes
        .iter()
        .map(|recipient| DueSystemMessage {
            recipient: *recipient,
            message: SystemMessage::Announcement(text.clone()),
        })
        .collect()
}
