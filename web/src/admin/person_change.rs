//! Changing the data of a user, what they are in a box, and what they may do there.

use axum::extract::Path;
use axum::response::Response;
use isds_core::data_box::Address;
use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::user::{BoxUser, UserContact, UserType};
use isds_core::{Failure, MemberAccess, UserDraft, UserRef};

use super::form::{Field, FormPage, Group, Kind, Typed};
use super::people::member;
use super::rights;
use crate::page::{Administrator, Notice, Page, PageError, Posted};

/// The kinds of users among which the law lets somebody choose.
const CHOOSABLE: [UserType; 2] = [UserType::EntrustedUser, UserType::Administrator];

/// The data of a user as their form has them.
fn typed_of(user: &BoxUser) -> Typed {
    let (person, contact) = (&user.person, &user.contact);
    let address = &person.address;
    let pairs = [
        ("givenNames", Some(person.given_names.clone())),
        ("lastName", Some(person.last_name.clone())),
        ("birthDate", person.birth_date.map(|date| date.to_string())),
        ("adStreet", address.street.clone()),
        ("adNumberInMunicipality", address.number_in_municipality.clone()),
        ("adNumberInStreet", address.number_in_street.clone()),
        ("adDistrict", address.district.clone()),
        ("adCity", address.city.clone()),
        ("adZipCode", address.zip_code.clone()),
        ("adState", address.state.clone()),
        ("street", contact.street.clone()),
        ("city", contact.city.clone()),
        ("zipCode", contact.zip_code.clone()),
        ("userType", Some(user.membership.user_type.name().to_owned())),
    ];
    let pairs = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Typed::of(pairs.chain(rights::ticked(user.membership.privileges)).collect())
}

fn form<'a>(page: &'a Page, member: &MemberAccess, typed: &Typed) -> FormPage<'a> {
    let user = &member.user;
    let id = &user.membership.isds_id;
    let line = |name: &str, key: &str| Field::line(page, name, key, typed);
    let group = |key: &str, fields: Vec<Field>| Group {
        legend: page.t(key).into_owned(),
        fields,
    };
    let mut groups = Vec::new();
    // What the register of inhabitants says is not changed by hand.
    if !user.person.aifo_known {
        let fields = vec![
            line("givenNames", "admin-user-given-names"),
            line("lastName", "admin-user-last-name").needed(),
            line("birthDate", "admin-user-birth-date").date(),
            line("adStreet", "admin-field-ad-street"),
            line("adNumberInMunicipality", "admin-field-ad-number-in-municipality"),
            line("adNumberInStreet", "admin-field-ad-number-in-street"),
            line("adDistrict", "admin-field-ad-district"),
            line("adCity", "admin-field-ad-city"),
            line("adZipCode", "admin-field-ad-zip-code"),
            line("adState", "admin-field-ad-state"),
        ];
        groups.push(group("admin-change-person", fields));
    }
    let contact = vec![
        line("street", "admin-user-street"),
        line("city", "admin-user-city"),
        line("zipCode", "admin-user-zip-code"),
    ];
    groups.push(group("admin-change-contact", contact));
    if CHOOSABLE.contains(&user.membership.user_type) {
        let option = |kind: UserType| {
            let key = kind.name().to_lowercase().replace('_', "-");
            let text = page.t(&format!("admin-user-type-{key}"));
            (kind.name().to_owned(), text.into_owned())
        };
        let mut fields =
            vec![line("userType", "admin-user-type").kind(Kind::Choice(CHOOSABLE.into_iter().map(option).collect()))];
        fields.extend(rights::ticks(page, typed));
        groups.push(group("admin-change-rights", fields));
    }
    let reference = Field::line(page, "reference", "admin-reference", typed).help(page.t("admin-reference-help"));
    groups.push(Group {
        legend: String::new(),
        fields: vec![reference],
    });
    FormPage {
        page,
        section: "search",
        title: format!("{} – {}", page.t("admin-change-title"), user.person.full_name()),
        follows: vec![page.t("admin-change-follows").into_owned()],
        action: format!("/admin/people/{id}/change"),
        groups,
        submit: page.t("admin-change-do").into_owned(),
        danger: false,
        back: format!("/admin/people/{id}"),
        error: String::new(),
        links: Vec::new(),
    }
}

pub(super) async fn ask(admin: Administrator, Path(id): Path<String>) -> Result<Response, PageError> {
    let member = member(&admin, &id).await?;
    form(&admin.page, &member, &typed_of(&member.user)).show()
}

/// What was typed, with what the form does not ask for as it is.
fn draft(user: &BoxUser, typed: &Typed) -> UserDraft {
    let contact = &user.contact;
    let user_type = typed
        .given("userType")
        .unwrap_or_else(|| user.membership.user_type.name().to_owned());
    let mut draft = UserDraft {
        last_name: Some(user.person.last_name.clone()),
        privileges: rights::sum(&user_type, typed),
        user_type: Some(user_type),
        contact: UserContact {
            street: typed.given("street"),
            city: typed.given("city"),
            zip_code: typed.given("zipCode"),
            ..contact.clone()
        },
        ..UserDraft::default()
    };
    if !user.person.aifo_known {
        draft.given_names = typed.given("givenNames");
        draft.last_name = typed.given("lastName");
        draft.birth_date = typed.given("birthDate");
        draft.address = Address {
            code: None,
            city: typed.given("adCity"),
            district: typed.given("adDistrict"),
            street: typed.given("adStreet"),
            number_in_street: typed.given("adNumberInStreet"),
            number_in_municipality: typed.given("adNumberInMunicipality"),
            zip_code: typed.given("adZipCode"),
            state: typed.given("adState"),
        };
    }
    draft
}

pub(super) async fn change(
    admin: Administrator,
    Path(id): Path<String>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = Typed::of(pairs);
    let member = member(&admin, &id).await?;
    let named = member.user.membership.box_id.map(|id| id.to_string());
    let approval = Approval {
        approved: None,
        extern_ref_number: typed.given("reference"),
    };
    let changed: Result<_, Failure> = admin
        .site
        .isds
        .update_data_box_user(
            &admin.principal,
            Operation::UpdateDataBoxUser2,
            named.as_deref(),
            &UserRef::IsdsId(Some(id.clone())),
            Some(&draft(&member.user, &typed)),
            &approval,
        )
        .await;
    match changed {
        Ok(number) => {
            let notice = match number {
                Some(_) => "admin-person-changed",
                None => "admin-person-same",
            };
            Ok(admin
                .page
                .redirect(&format!("/admin/people/{id}"), Notice::done(notice)))
        }
        Err(failure) => form(&admin.page, &member, &typed).refused(failure),
    }
}
