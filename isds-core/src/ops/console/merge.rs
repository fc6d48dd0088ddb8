//! Two boxes of one holder become one. The contract has no operation for it.

use crate::administration::{AdministrationRequest, HolderClass, RequestNumber};
use crate::audit::{AuditAction, AuditSubject};
use crate::box_state::BoxState;
use crate::data_box::DataBox;
use crate::error::{Failure, Refusal};
use crate::ids::BoxId;
use crate::ports::{BoxMerge, StoreError};
use crate::principal::Principal;
use crate::status::Status;
use crate::system_message::{AnnouncementText, DueSystemMessage, SystemMessage};
use crate::user::BoxUser;

use super::super::Isds;
use super::super::delete_data_box::terminate;
use super::operator_only;

/// How often the merge is computed anew where others change one of the boxes.
const TRIES: usize = 16;
/// Most users that move.
const MAX_USERS: u64 = 1_000;
/// What stands among the requests of both boxes.
const OPERATION: &str = "console: merge boxes";

impl Isds {
    /// Closes `duplicate` for good as of today and moves its users, with the access data that they have, and its credit
    /// to `survivor`, all at once. Who is a user of both already stays in the closed one as well; the credit lasts as
    /// long as the later top-up of the two boxes made it last. Messages stay where they were sent: what waited in the
    /// duplicate is undeliverable, and its senders are told.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system, 5001, 1011 where the survivor is not accessible or the
    /// duplicate has ended, 2007 for boxes that cannot be of one holder or hold too many users.
    pub async fn merge_boxes(
        &self,
        caller: &Principal,
        duplicate: BoxId,
        survivor: BoxId,
        reference: Option<&str>,
    ) -> Result<RequestNumber, Failure> {
        operator_only(caller)?;
        let subject = AuditSubject::in_box(duplicate).with_box(survivor);
        let number = self
            .recorded(
                caller,
                AuditAction::BoxesMerged,
                subject,
                self.merge_over_changes(caller, duplicate, survivor, reference),
            )
            .await?;
        self.job_added.notify_one();
        Ok(number)
    }

    async fn merge_over_changes(
        &self,
        caller: &Principal,
        duplicate: BoxId,
        survivor: BoxId,
        reference: Option<&str>,
    ) -> Result<RequestNumber, Failure> {
        for _ in 0..TRIES {
            let merge = self.planned_merge(caller, duplicate, survivor, reference).await?;
            match self.store.merge_boxes(&merge).await {
                Ok(number) => return Ok(number),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict.into())
    }

    async fn planned_merge(
        &self,
        caller: &Principal,
        duplicate: BoxId,
        survivor: BoxId,
        reference: Option<&str>,
    ) -> Result<BoxMerge, Failure> {
        let duplicate_users = self.version_of_users(duplicate).await?;
        let survivor_users = self.version_of_users(survivor).await?;
        let (closed, kept) = (self.box_record(duplicate).await?, self.box_record(survivor).await?);
        refuse_strangers(&closed.data_box, &kept.data_box)?;
        let moving = self.users_to_move(duplicate, survivor).await?;
        let now = self.clock.legal().to_millis();
        let request = AdministrationRequest {
            operation: OPERATION,
            caller: caller.membership.as_ref().map(|membership| membership.isds_id.clone()),
            approved: None,
            reference: Some(match reference {
                Some(text) => format!("{duplicate} -> {survivor}; {}", crate::text::truncate(text, 200)),
                None => format!("{duplicate} -> {survivor}"),
            }),
            at: now,
        };
        let told = DueSystemMessage {
            recipient: survivor,
            message: SystemMessage::Announcement(what_happened(&closed.data_box, &moving)),
        };
        Ok(BoxMerge {
            close: terminate(&closed, now.local_date(), now, request.clone()),
            duplicate_users,
            survivor,
            survivor_users,
            moves: moving.iter().map(|user| user.membership.id).collect(),
            system_messages: vec![told],
            request,
        })
    }

    async fn version_of_users(&self, id: BoxId) -> Result<i64, Failure> {
        let version = self.store.lookup_users_version(id).await?;
        Ok(version.ok_or_else(|| Refusal::of(Status::BOX_NOT_FOUND))?)
    }

    /// Users of the duplicate who are not users of the survivor, by name and day of birth.
    async fn users_to_move(&self, duplicate: BoxId, survivor: BoxId) -> Result<Vec<BoxUser>, Failure> {
        let users = self.store.list_users(duplicate, None, MAX_USERS + 1).await?;
        if users.len() as u64 > MAX_USERS {
            let rule = format!("schránka má více než {MAX_USERS} uživatelů.");
            return Err(Refusal::about(Status::INVALID_STRUCTURE, rule).into());
        }
        let mut moving = Vec::new();
        for user in users {
            let namesakes = self.store.find_namesakes(survivor, &user.person).await?;
            let same = |other: &BoxUser| other.person.birth_date == user.person.birth_date;
            if !namesakes.iter().any(same) {
                moving.push(user);
            }
        }
        Ok(moving)
    }
}

/// Two boxes can be of one holder where their types are of one class of holders, and what tells holders apart does not
/// tell these two apart: the identification number, for people the day of birth.
fn refuse_strangers(duplicate: &DataBox, survivor: &DataBox) -> Result<(), Refusal> {
    let different = |what: &str| Refusal::about(Status::INVALID_STRUCTURE, what);
    if duplicate.id == survivor.id {
        return Err(different("schránku nelze sloučit samu se sebou."));
    }
    if matches!(duplicate.state, BoxState::PermanentlyDisabled | BoxState::Deleted) || !survivor.state.is_accessible() {
        return Err(Refusal::of(Status::BOX_STATE_NOT_ALLOWED));
    }
    let class = HolderClass::of(duplicate.box_type);
    if class.is_none() || class != HolderClass::of(survivor.box_type) {
        return Err(different("schránky nejsou téhož druhu držitele."));
    }
    let numbers = (duplicate.ic.as_deref(), survivor.ic.as_deref());
    if matches!(numbers, (Some(one), Some(other)) if one != other) {
        return Err(different("schránky mají různá IČO."));
    }
    let births = (duplicate.birth_date, survivor.birth_date);
    if matches!(births, (Some(one), Some(other)) if one != other) {
        return Err(different("držitelé schránek mají různá data narození."));
    }
    Ok(())
}

fn what_happened(closed: &DataBox, moved: &[BoxUser]) -> AnnouncementText {
    let mut paragraphs = vec![format!(
        "Datová schránka {} ({}) byla sloučena s Vaší datovou schránkou a trvale znepřístupněna. Datové zprávy do ní již nelze dodávat.",
        closed.id,
        closed.holder_name()
    )];
    if !moved.is_empty() {
        let names: Vec<String> = moved.iter().take(20).map(|user| user.person.full_name()).collect();
        let rest = if moved.len() > names.len() { " a další" } else { "" };
        paragraphs.push(format!(
            "Do Vaší datové schránky byly převedeny tyto osoby se svými přístupovými údaji a oprávněními: {}{rest}.",
            names.join(", ")
        ));
    }
    AnnouncementText {
        subject: "Sloučení datových schránek".to_owned(),
        paragraphs,
    }
}
