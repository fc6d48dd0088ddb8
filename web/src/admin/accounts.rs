//! What can be done about a person's signing in: each action has one page that says what follows.

use axum::extract::Path;
use axum::response::Response;
use isds_core::PersonView;
use isds_core::ids::IsdsId;

use super::form::FormPage;
use crate::page::{Administrator, Notice, Page, PageError, Posted};

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountAction {
    Lock,
    Unlock,
    EndSessions,
    RemoveFactors,
}

impl AccountAction {
    const ALL: [Self; 4] = [Self::Lock, Self::Unlock, Self::EndSessions, Self::RemoveFactors];

    /// Name in the address and in the keys of texts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::EndSessions => "end-sessions",
            Self::RemoveFactors => "remove-factors",
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Lock => "admin-account-done-lock",
            Self::Unlock => "admin-account-done-unlock",
            Self::EndSessions => "admin-account-done-end-sessions",
            Self::RemoveFactors => "admin-account-done-remove-factors",
        }
    }

    /// What there is to do about a person.
    pub(super) fn of(view: &PersonView) -> Vec<Self> {
        let is_open = |action: &Self| match action {
            Self::Lock => view.locked.is_none(),
            Self::Unlock => view.locked.is_some(),
            Self::EndSessions => view.sessions > 0,
            Self::RemoveFactors => view.passkeys > 0 || view.codes,
        };
        Self::ALL.into_iter().filter(is_open).collect()
    }
}

fn action(name: &str) -> Result<AccountAction, PageError> {
    let found = AccountAction::ALL.into_iter().find(|action| action.name() == name);
    found.ok_or(PageError::NoSuchPage)
}

fn form<'a>(page: &'a Page, action: AccountAction, id: &IsdsId, view: &PersonView) -> FormPage<'a> {
    let key = |what: &str| page.t(&format!("admin-account-{what}{}", action.name())).into_owned();
    FormPage {
        page,
        section: "search",
        title: format!("{} – {}", key(""), view.person.full_name()),
        follows: vec![key("follows-")],
        action: format!("/admin/people/{id}/account/{}", action.name()),
        groups: Vec::new(),
        submit: key(""),
        danger: action != AccountAction::Unlock,
        back: format!("/admin/people/{id}"),
        error: String::new(),
        links: Vec::new(),
    }
}

pub(super) async fn ask(admin: Administrator, Path((id, name)): Path<(String, String)>) -> Result<Response, PageError> {
    let (action, id) = (action(&name)?, IsdsId(id));
    let view = admin.site.isds.person_view(&admin.principal, &id).await?;
    form(&admin.page, action, &id, &view).show()
}

pub(super) async fn act(
    admin: Administrator,
    Path((id, name)): Path<(String, String)>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (action, id) = (action(&name)?, IsdsId(id));
    let (isds, caller) = (&admin.site.isds, &admin.principal);
    let done = match action {
        AccountAction::Lock => isds.lock_account(caller, &id).await,
        AccountAction::Unlock => isds.unlock_account(caller, &id).await,
        AccountAction::EndSessions => isds.end_sessions_of(caller, &id).await.map(drop),
        AccountAction::RemoveFactors => isds.remove_lost_factors(caller, &id).await,
    };
    match done {
        Ok(()) => Ok(admin
            .page
            .redirect(&format!("/admin/people/{id}"), Notice::done(action.notice()))),
        Err(failure) => {
            let view = isds.person_view(caller, &id).await?;
            form(&admin.page, action, &id, &view).refused(failure)
        }
    }
}
