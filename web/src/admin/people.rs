//! A person: memberships, access data, locks.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use isds_core::account::Failures;
use isds_core::ids::IsdsId;
use isds_core::operation::Operation;
use isds_core::ports::{Approval, LockedAddress};
use isds_core::time::Timestamp;
use isds_core::{Failure, MemberAccess, PersonView, UserRef};

use super::accounts::AccountAction;
use super::form::{Field, FormPage, Group, Typed};
use super::issued::{self, Issued};
use super::rights;
use crate::page::{Administrator, Notice, Page, PageError, Posted};

#[derive(Template)]
#[template(path = "admin/person.html")]
struct PersonPage<'a> {
    page: &'a Page,
    section: &'static str,
    id: String,
    view: &'a PersonView,
    real: Timestamp,
}

impl PersonPage<'_> {
    fn user_kind(&self, member: &MemberAccess) -> String {
        let key = member.user.membership.user_type.name().to_lowercase().replace('_', "-");
        self.page.t(&format!("admin-user-type-{key}")).into_owned()
    }

    fn rights(&self, member: &MemberAccess) -> String {
        rights::in_words(self.page, member.user.membership.privileges)
    }

    /// The membership by which the person is named in addresses.
    fn named(&self) -> &str {
        &self.id
    }

    fn actions(&self) -> Vec<AccountAction> {
        AccountAction::of(self.view)
    }

    fn account(&self, action: &AccountAction) -> String {
        self.page.t(&format!("admin-account-{}", action.name())).into_owned()
    }

    fn locked(&self, failures: &Failures) -> Option<Timestamp> {
        failures.locked(self.real)
    }
}

pub(super) async fn page(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let isds = &admin.site.isds;
    let view = isds.person_view(&admin.principal, &IsdsId(id.clone())).await?;
    admin.page.render(&PersonPage {
        page: &admin.page,
        section: "search",
        id,
        view: &view,
        real: isds.clock.real(),
    })
}

/// The membership that an address names.
pub(super) async fn member(admin: &Administrator, id: &str) -> Result<MemberAccess, PageError> {
    let view = admin
        .site
        .isds
        .person_view(&admin.principal, &IsdsId(id.to_owned()))
        .await?;
    let mut memberships = view.memberships.into_iter();
    memberships
        .find(|member| member.user.membership.isds_id.0 == id)
        .ok_or(PageError::NoSuchPage)
}

fn asked<'a>(page: &'a Page, member: &MemberAccess, what: &str, danger: bool, typed: &Typed) -> FormPage<'a> {
    let id = &member.user.membership.isds_id;
    let name = member.user.person.full_name();
    FormPage {
        page,
        section: "search",
        title: format!("{} – {name}", page.t(&format!("admin-{what}-title"))),
        follows: vec![
            page.t(&format!("admin-{what}-follows")).into_owned(),
            match &member.holder {
                Some(holder) => page.tv("admin-in-box", "holder", holder).into_owned(),
                None => page.t("admin-no-box").into_owned(),
            },
        ],
        action: format!("/admin/people/{id}/{what}"),
        groups: vec![Group {
            legend: String::new(),
            fields: vec![Field::line(page, "reference", "admin-reference", typed).help(page.t("admin-reference-help"))],
        }],
        submit: page.t(&format!("admin-{what}-do")).into_owned(),
        danger,
        back: format!("/admin/people/{id}"),
        error: String::new(),
        links: Vec::new(),
    }
}

pub(super) async fn ask_access(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let member = member(&admin, &id).await?;
    asked(&admin.page, &member, "access", false, &Typed::default()).show()
}

pub(super) async fn issue_access(
    admin: Administrator,
    Path(id): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let member = member(&admin, &id).await?;
    let page = &admin.page;
    let box_id = member.user.membership.box_id;
    let named = box_id.map(|id| id.to_string());
    let user = UserRef::IsdsId(Some(id.clone()));
    let approval = Approval {
        approved: None,
        extern_ref_number: typed.given("reference"),
    };
    let isds = &admin.site.isds;
    let operation = Operation::NewAccessData2;
    match isds
        .new_access_data(&admin.principal, operation, named.as_deref(), &user, &approval)
        .await
    {
        Ok((_, access)) => issued::show(
            page,
            page.t("admin-access-issued").into_owned(),
            (box_id, member.holder.as_deref().unwrap_or_default()),
            &[Issued {
                name: member.user.person.full_name(),
                access,
            }],
            format!("/admin/people/{id}"),
        ),
        Err(failure) => asked(page, &member, "access", false, &typed).refused(failure),
    }
}

pub(super) async fn ask_removal(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let member = member(&admin, &id).await?;
    asked(&admin.page, &member, "remove", true, &Typed::default()).show()
}

pub(super) async fn remove(
    admin: Administrator,
    Path(id): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let member = member(&admin, &id).await?;
    let named = member.user.membership.box_id.map(|id| id.to_string());
    let user = UserRef::IsdsId(Some(id));
    let approval = Approval {
        approved: None,
        extern_ref_number: typed.given("reference"),
    };
    let isds = &admin.site.isds;
    let operation = Operation::DeleteDataBoxUser2;
    let removed: Result<_, Failure> = isds
        .delete_data_box_user(&admin.principal, operation, named.as_deref(), &user, &approval)
        .await;
    match removed {
        Ok(_) => {
            let back = named.map_or_else(|| "/admin".to_owned(), |id| format!("/admin/boxes/{id}"));
            Ok(admin.page.redirect(&back, Notice::done("admin-removed")))
        }
        Err(failure) => asked(&admin.page, &member, "remove", true, &typed).refused(failure),
    }
}

#[derive(Template)]
#[template(path = "admin/locks.html")]
struct LocksPage<'a> {
    page: &'a Page,
    section: &'static str,
    addresses: &'a [LockedAddress],
}

pub(super) async fn locks(admin: Administrator) -> Result<Response, PageError> {
    let addresses = admin.site.isds.locked_addresses(&admin.principal).await?;
    admin.page.render(&LocksPage {
        page: &admin.page,
        section: "locks",
        addresses: &addresses,
    })
}

/// Lifts the lock of an account or of an address.
pub(super) async fn lift(
    admin: Administrator,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let isds = &admin.site.isds;
    match typed.given("address") {
        Some(address) => isds.lift_lock_of_address(&admin.principal, &address).await?,
        None => isds.lift_lock(&admin.principal, typed.text("login")).await?,
    }
    Ok(admin.page.redirect("/admin/locks", Notice::done("admin-lifted")))
}
