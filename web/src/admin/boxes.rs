//! Founding a box of any type.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use isds_core::administration::{MAX_PRIMARY_USERS, primary_users};
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::user::UserContact;
use isds_core::{CreateDataBox, HolderData, UserDraft};
use serde::Deserialize;

use super::form::{Field, FormPage, Group, Kind, Typed};
use super::issued::{self, Issued};
use crate::page::{Administrator, Page, PageError, Posted};

/// Users that the form has room for; a table brings others, and so do web services.
const USERS: usize = 3;
const _: () = assert!(USERS <= MAX_PRIMARY_USERS);

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default, rename = "type")]
    box_type: String,
}

#[derive(Template)]
#[template(path = "admin/boxes.html")]
struct ChoicePage<'a> {
    page: &'a Page,
    section: &'static str,
    types: Vec<(&'static str, String)>,
}

/// Types that a box can be founded with.
fn types() -> impl Iterator<Item = BoxType> {
    BoxType::ALL.iter().copied().filter(|t| *t != BoxType::System)
}

fn named(name: &str) -> Option<BoxType> {
    types().find(|t| t.name() == name)
}

/// The choice of a type, or the form of the one that was chosen.
pub(super) async fn page(admin: Administrator, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let page = &admin.page;
    match named(&asked.box_type) {
        Some(box_type) => form(page, box_type, &Typed::default()).show(),
        None => page.render(&ChoicePage {
            page,
            section: "boxes",
            types: types().map(|t| (t.name(), super::type_text(page, t))).collect(),
        }),
    }
}

fn form<'a>(page: &'a Page, box_type: BoxType, typed: &Typed) -> FormPage<'a> {
    let mut groups = vec![Group {
        legend: page.t("admin-create-holder").into_owned(),
        fields: holder_fields(page, box_type, typed),
    }];
    let users = primary_users(box_type);
    for n in 1..=USERS.min(*users.end()) {
        groups.push(Group {
            legend: page.tn("admin-create-user", &(n as u64)).into_owned(),
            fields: user_fields(page, box_type, n, n <= *users.start(), typed),
        });
    }
    groups.push(Group {
        legend: String::new(),
        fields: vec![Field::line(page, "reference", "admin-reference", typed).help(page.t("admin-reference-help"))],
    });
    FormPage {
        page,
        section: "boxes",
        title: page
            .tv("admin-create-title", "kind", super::type_text(page, box_type))
            .into_owned(),
        follows: vec![page.t("admin-create-follows").into_owned()],
        action: format!("/admin/boxes?type={}", box_type.name()),
        groups,
        submit: page.t("admin-create-do").into_owned(),
        danger: false,
        back: "/admin/boxes".to_owned(),
        error: String::new(),
        links: Vec::new(),
    }
}

/// Data of the holder that a box of the type keeps (manual S 1.6.1).
pub(super) fn holder_fields(page: &Page, box_type: BoxType, typed: &Typed) -> Vec<Field> {
    let line = |name: &str| Field::line(page, name, &format!("admin-field-{}", dashed(name)), typed);
    let (person, fo) = (box_type.is_natural_person(), box_type.is_fo());
    let mut fields = Vec::new();
    if person {
        fields.push(line("pnGivenNames").needed());
        fields.push(line("pnLastName").needed());
        fields.push(line("biDate").date().needed_if(fo || box_type == BoxType::OvmFo));
        fields.push(line("biCity"));
        fields.push(line("biCounty"));
        fields.push(line("biState"));
    }
    if !fo {
        fields.push(line("firmName").needed_if(!person));
        let by_law = !matches!(box_type, BoxType::PoReq | BoxType::OvmReq | BoxType::OvmFo);
        fields.push(line("ic").needed_if(by_law));
    }
    for name in ["adStreet", "adNumberInMunicipality", "adNumberInStreet", "adDistrict"] {
        fields.push(line(name));
    }
    fields.push(line("adCity").needed());
    fields.push(line("adZipCode"));
    fields.push(line("adState").or("CZ"));
    if !box_type.is_ovm() {
        fields.push(line("nationality"));
    } else {
        fields.push(line("dbIdOVM"));
    }
    if box_type == BoxType::OvmReq {
        fields.push(line("dbUpperID").needed().help(page.t("admin-field-db-upper-id-help")));
    }
    if fo {
        let yes = |value: &str, key: &str| (value.to_owned(), page.t(key).into_owned());
        fields.push(line("PDZ").kind(Kind::Choice(vec![yes("1", "admin-yes"), yes("0", "admin-no")])));
    }
    fields
}

fn user_fields(page: &Page, box_type: BoxType, n: usize, needed: bool, typed: &Typed) -> Vec<Field> {
    let line = |name: &str| {
        let key = format!("admin-user-{}", dashed(name));
        Field::line(page, &format!("{name}-{n}"), &key, typed)
    };
    let mut fields = Vec::new();
    // Of a natural person's box the user is the holder; only where they are reached is asked.
    if !box_type.is_natural_person() {
        fields.push(line("givenNames").needed_if(needed));
        fields.push(line("lastName").needed_if(needed));
        fields.push(line("birthDate").date());
    }
    fields.extend(["street", "city", "zipCode"].map(line));
    fields
}

/// `adNumberInStreet` → `ad-number-in-street`.
fn dashed(name: &str) -> String {
    let mut text = String::new();
    let mut before = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && before {
            text.push('-');
        }
        before = character.is_ascii_lowercase();
        text.push(character.to_ascii_lowercase());
    }
    text
}

/// What was typed about the holder.
pub(super) fn holder_of(box_type: BoxType, typed: &Typed) -> HolderData {
    let text = |name: &str| typed.given(name);
    HolderData {
        box_id: None,
        box_type: Some(box_type.name().to_owned()),
        ic: text("ic"),
        given_names: text("pnGivenNames"),
        last_name: text("pnLastName"),
        firm_name: text("firmName"),
        birth_date: text("biDate"),
        birth_city: text("biCity"),
        birth_county: text("biCounty"),
        birth_state: text("biState"),
        address: Address {
            code: text("adCode"),
            city: text("adCity"),
            district: text("adDistrict"),
            street: text("adStreet"),
            number_in_street: text("adNumberInStreet"),
            number_in_municipality: text("adNumberInMunicipality"),
            zip_code: text("adZipCode"),
            state: text("adState"),
        },
        nationality: text("nationality"),
        ovm_id: text("dbIdOVM"),
        upper_id: text("dbUpperID"),
    }
}

/// The data of a box as its form has them.
pub(super) fn typed_of(data_box: &DataBox) -> Typed {
    let address = &data_box.address;
    let pairs = [
        ("ic", data_box.ic.clone()),
        ("pnGivenNames", data_box.given_names.clone()),
        ("pnLastName", data_box.last_name.clone()),
        ("firmName", data_box.firm_name.clone()),
        ("biDate", data_box.birth_date.map(|date| date.to_string())),
        ("biCity", data_box.birth_city.clone()),
        ("biCounty", data_box.birth_county.clone()),
        ("biState", data_box.birth_state.clone()),
        ("adCode", address.code.clone()),
        ("adCity", address.city.clone()),
        ("adDistrict", address.district.clone()),
        ("adStreet", address.street.clone()),
        ("adNumberInStreet", address.number_in_street.clone()),
        ("adNumberInMunicipality", address.number_in_municipality.clone()),
        ("adZipCode", address.zip_code.clone()),
        ("adState", address.state.clone()),
        ("nationality", data_box.nationality.clone()),
        ("dbIdOVM", data_box.ovm_id.clone()),
        ("dbUpperID", data_box.upper_id.map(|id| id.to_string())),
    ];
    let pairs = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Typed::of(pairs.collect())
}

fn users_of(box_type: BoxType, typed: &Typed) -> Vec<UserDraft> {
    let users = primary_users(box_type);
    let mut drafts = Vec::new();
    for n in 1..=USERS.min(*users.end()) {
        let text = |name: &str| typed.given(&format!("{name}-{n}"));
        let draft = UserDraft {
            given_names: text("givenNames"),
            last_name: text("lastName"),
            birth_date: text("birthDate"),
            contact: UserContact {
                street: text("street"),
                city: text("city"),
                zip_code: text("zipCode"),
                ..UserContact::default()
            },
            ..UserDraft::default()
        };
        let said = draft.given_names.is_some() || draft.last_name.is_some() || draft.birth_date.is_some();
        if said || n <= *users.start() {
            drafts.push(draft);
        }
    }
    drafts
}

/// Founds the box and shows the access data of its users, once.
pub(super) async fn create(
    admin: Administrator,
    Query(asked): Query<Asked>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let page = &admin.page;
    let box_type = named(&asked.box_type).ok_or(PageError::WrongForm)?;
    let typed = Typed::of(pairs);
    let input = CreateDataBox {
        holder: holder_of(box_type, &typed),
        postal: typed.given("PDZ"),
        users: users_of(box_type, &typed),
        approval: Approval {
            approved: None,
            extern_ref_number: typed.given("reference"),
        },
    };
    let isds = &admin.site.isds;
    let created = match isds
        .create_data_box(&admin.principal, Operation::CreateDataBox2, &input)
        .await
    {
        Ok(created) => created,
        Err(failure) => return form(page, box_type, &typed).refused(failure),
    };
    let view = isds.box_view(&admin.principal, created.id, None).await?;
    let names = view.users.iter().map(|user| user.person.full_name());
    let issued: Vec<Issued> = names
        .zip(created.access)
        .map(|(name, access)| Issued { name, access })
        .collect();
    issued::show(
        page,
        page.t("admin-created-title").into_owned(),
        (Some(created.id), &view.data_box.holder_name()),
        &issued,
        format!("/admin/boxes/{}", created.id),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_elements_become_keys() {
        assert_eq!(dashed("adNumberInStreet"), "ad-number-in-street");
        assert_eq!(dashed("dbIdOVM"), "db-id-ovm");
        assert_eq!(dashed("dbUpperID"), "db-upper-id");
        assert_eq!(dashed("PDZ"), "pdz");
    }
}
