//! What can be done about a box: each action has one page that says what follows and asks once.

use axum::extract::Path;
use axum::response::Response;
use isds_core::administration::HolderClass;
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::ports::Approval;
use isds_core::postal::{Subsidy, SubsidyId, SubsidyKind, VaultTerm};
use isds_core::principal::Principal;
use isds_core::user::UserType;
use isds_core::vault::{Vault, VaultKind};
use isds_core::{BoxView, Failure, Isds, UserDraft};

use super::box_page::box_id;
use super::boxes::{holder_fields, holder_of, typed_of};
use super::credit::hellers;
use super::form::{Field, FormPage, Group, Kind, Typed, refusal};
use super::issued::{self, Issued};
use super::rights;
use crate::page::{Administrator, Notice, Page, PageError, Posted};

macro_rules! box_actions {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// What can be done about a box.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum BoxAction { $($variant),* }

        impl BoxAction {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Name in the address and in the keys of texts.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What the page says when it was done.
            fn notice(self) -> &'static str {
                match self { $(Self::$variant => concat!("admin-done-", $name)),* }
            }
        }
    };
}

box_actions! {
    Change "change",
    ChangeType "type",
    AddUser "add-user",
    DisableByLaw "disable-by-law",
    DisableOnRequest "disable-on-request",
    Enable "enable",
    Terminate "terminate",
    Delete "delete",
    Merge "merge",
    ReceivePostal "receive-postal",
    RefusePostal "refuse-postal",
    List "list",
    Unlist "unlist",
    BeginContract "begin-contract",
    EndContract "end-contract",
    TopUp "top-up",
    Withdraw "withdraw",
    Grant "grant",
    EndSubsidy "end-subsidy",
    GrantVault "grant-vault",
}

/// The term of a vault as it was typed.
fn vault_of(typed: &Typed) -> Result<Vault, Failure> {
    let term = || {
        Some(Vault {
            kind: VaultKind::from_code(typed.text("kind").parse().ok()?)?,
            term: VaultTerm {
                capacity: typed.text("capacity").parse().ok()?,
                from: typed.text("from").parse().ok()?,
                to: typed.text("to").parse().ok()?,
            },
        })
    };
    term().ok_or_else(|| refusal("kapacita je číslo, první a poslední den jsou dny."))
}

impl BoxAction {
    /// What the state and the type of a box leave open. The core judges again.
    pub(super) fn of(view: &BoxView) -> Vec<Self> {
        let data_box = &view.data_box;
        let (state, t) = (data_box.state, data_box.box_type);
        let open = matches!(state, BoxState::Accessible | BoxState::NotActivated);
        let ended = matches!(state, BoxState::PermanentlyDisabled | BoxState::Deleted);
        let on_request = matches!(
            t,
            BoxType::Fo | BoxType::Pfo | BoxType::PfoReq | BoxType::PoReq | BoxType::OvmReq
        );
        let deleted = state == BoxState::Deleted;
        let is_open = |action: &Self| match action {
            Self::Change => !deleted && !matches!(t, BoxType::Fo | BoxType::OvmFo),
            Self::ChangeType | Self::AddUser | Self::TopUp => !deleted,
            Self::DisableByLaw => open && t.is_natural_person(),
            Self::DisableOnRequest => open && on_request,
            Self::Enable => !open && !deleted,
            Self::Terminate | Self::Merge => !ended,
            Self::Delete => !deleted,
            Self::ReceivePostal => !deleted && t == BoxType::Fo && !data_box.open_addressing,
            Self::RefusePostal => !deleted && t == BoxType::Fo && data_box.open_addressing,
            Self::List => !deleted && !t.is_public() && !view.listed,
            Self::Unlist => !deleted && !t.is_public() && view.listed,
            Self::BeginContract => !deleted && !data_box.postal_contract,
            Self::EndContract => data_box.postal_contract,
            Self::Withdraw => view.credit.is_some_and(|credit| credit.balance > 0),
            Self::Grant | Self::GrantVault => !deleted,
            // Reached from the list of subsidies, which names which.
            Self::EndSubsidy => false,
        };
        Self::ALL.iter().copied().filter(is_open).collect()
    }

    fn takes_away(self) -> bool {
        matches!(
            self,
            Self::DisableByLaw
                | Self::DisableOnRequest
                | Self::Terminate
                | Self::Delete
                | Self::Merge
                | Self::EndContract
                | Self::Withdraw
                | Self::EndSubsidy
        )
    }

    fn fields(self, page: &Page, view: &BoxView, typed: &Typed) -> Vec<Field> {
        let line = |name: &str| Field::line(page, name, &format!("admin-act-field-{name}"), typed);
        let reference =
            || Field::line(page, "reference", "admin-reference", typed).help(page.t("admin-reference-help"));
        let t = view.data_box.box_type;
        match self {
            Self::Change => {
                let mut fields = holder_fields(page, t, typed);
                fields.push(reference());
                fields
            }
            Self::ChangeType => {
                let same = |other: &&BoxType| **other != t && HolderClass::of(**other) == HolderClass::of(t);
                let types = BoxType::ALL.iter().filter(same);
                let options = types
                    .map(|t| (t.name().to_owned(), super::type_text(page, *t)))
                    .collect();
                vec![line("type").kind(Kind::Choice(options)), reference()]
            }
            Self::AddUser => user_fields(page, t, typed),
            Self::DisableByLaw | Self::Terminate => vec![line("date").date().needed(), reference()],
            Self::DisableOnRequest | Self::Delete => vec![reference()],
            Self::Enable => vec![line("approved").kind(Kind::Tick), reference()],
            Self::Merge => vec![
                line("survivor").help(page.t("admin-act-field-survivor-help")).needed(),
                reference(),
            ],
            Self::TopUp | Self::Withdraw => vec![
                line("amount").help(page.t("admin-act-field-amount-help")).needed(),
                line("transaction").needed(),
            ],
            Self::Grant => {
                let kinds = [SubsidyKind::Limited, SubsidyKind::Global, SubsidyKind::External];
                let option = |kind: SubsidyKind| {
                    let text = page.t(&format!("admin-subsidy-{}", kind.code())).into_owned();
                    (kind.code().to_string(), text)
                };
                vec![
                    line("kind").kind(Kind::Choice(kinds.map(option).to_vec())),
                    line("donor").help(page.t("admin-act-field-donor-help")),
                    line("recipient").help(page.t("admin-act-field-recipient-help")),
                    line("remaining").kind(Kind::Line("number")),
                    line("expires").date(),
                ]
            }
            Self::EndSubsidy => vec![line("subsidy").needed()],
            Self::GrantVault => {
                let kinds = [VaultKind::Trial, VaultKind::Flat, VaultKind::Promotion];
                let option = |kind: VaultKind| {
                    let text = page.t(&format!("admin-vault-{}", kind.code())).into_owned();
                    (kind.code().to_string(), text)
                };
                vec![
                    line("kind").kind(Kind::Choice(kinds.map(option).to_vec())),
                    line("capacity").kind(Kind::Line("number")).needed(),
                    line("from").date().needed(),
                    line("to").date().needed(),
                ]
            }
            Self::ReceivePostal
            | Self::RefusePostal
            | Self::List
            | Self::Unlist
            | Self::BeginContract
            | Self::EndContract => Vec::new(),
        }
    }

    fn form<'a>(self, page: &'a Page, view: &BoxView, typed: &Typed) -> FormPage<'a> {
        let data_box = &view.data_box;
        let name = self.name();
        let holder = format!("{} ({})", data_box.holder_name(), data_box.id);
        FormPage {
            page,
            section: "boxes",
            title: format!("{} – {holder}", page.t(&format!("admin-act-{name}"))),
            follows: vec![page.t(&format!("admin-follows-{name}")).into_owned()],
            action: format!("/admin/boxes/{}/act/{name}", data_box.id),
            groups: match self.fields(page, view, typed) {
                none if none.is_empty() => Vec::new(),
                fields => vec![Group {
                    legend: String::new(),
                    fields,
                }],
            },
            submit: page.t(&format!("admin-act-{name}")).into_owned(),
            danger: self.takes_away(),
            back: format!("/admin/boxes/{}", data_box.id),
            error: String::new(),
            links: Vec::new(),
        }
    }

    async fn run(self, isds: &Isds, caller: &Principal, view: &BoxView, typed: &Typed) -> Result<(), Failure> {
        let id = view.data_box.id;
        let text = id.to_string();
        let named = Some(text.as_str());
        let approval = Approval {
            approved: typed.is_ticked("approved").then_some(true),
            extern_ref_number: typed.given("reference"),
        };
        match self {
            Self::Change => {
                let holder = holder_of(view.data_box.box_type, typed);
                let operation = Operation::UpdateDataBoxDescr2;
                isds.update_data_box_descr(caller, operation, named, &holder, &approval)
                    .await?;
            }
            Self::ChangeType => {
                let reference = typed.given("reference");
                let changes = isds
                    .change_boxes_type(caller, Some(typed.text("type")), text.as_bytes(), reference)
                    .await?;
                for change in changes {
                    change.outcome?;
                }
            }
            Self::DisableByLaw => {
                let (operation, date) = (Operation::DisableDataBoxExternally2, Some(typed.text("date")));
                isds.disable_data_box_externally(caller, operation, named, date, &approval)
                    .await?;
            }
            Self::DisableOnRequest => {
                isds.disable_own_data_box(caller, Operation::DisableOwnDataBox2, named, &approval)
                    .await?;
            }
            Self::Enable => {
                isds.enable_own_data_box(caller, Operation::EnableOwnDataBox2, named, &approval)
                    .await?;
            }
            Self::Terminate => {
                let (operation, date) = (Operation::DeleteDataBox2, Some(typed.text("date")));
                isds.delete_data_box(caller, operation, named, date, &approval).await?;
            }
            Self::Delete => {
                isds.delete_data_box_promptly(caller, named, &approval).await?;
            }
            Self::Merge => {
                let survivor = typed.text("survivor").parse().map_err(|_| no_box())?;
                isds.merge_boxes(caller, id, survivor, approval.extern_ref_number.as_deref())
                    .await?;
            }
            Self::ReceivePostal => {
                isds.set_open_addressing(caller, true, named, &approval).await?;
            }
            Self::RefusePostal => {
                isds.set_open_addressing(caller, false, named, &approval).await?;
            }
            Self::List => isds.set_box_listed(caller, id, true).await?,
            Self::Unlist => isds.set_box_listed(caller, id, false).await?,
            Self::BeginContract => isds.set_postal_contract(caller, id, true).await?,
            Self::EndContract => isds.set_postal_contract(caller, id, false).await?,
            Self::TopUp => {
                let amount = hellers(typed.text("amount"))?;
                isds.top_up_credit(caller, id, amount, typed.text("transaction"))
                    .await?;
            }
            Self::GrantVault => {
                isds.grant_vault(caller, id, vault_of(typed)?).await?;
            }
            Self::Withdraw => {
                let amount = hellers(typed.text("amount"))?;
                isds.withdraw_credit(caller, id, amount, typed.text("transaction"))
                    .await?;
            }
            Self::Grant => {
                isds.grant_subsidy(caller, &subsidy(id, typed)?).await?;
            }
            Self::EndSubsidy => {
                let number = typed
                    .text("subsidy")
                    .parse()
                    .map_err(|_| refusal("taková dotace není."))?;
                isds.end_subsidy(caller, SubsidyId(number)).await?;
            }
            // Answers with access data and goes its own way.
            Self::AddUser => {}
        }
        Ok(())
    }
}

fn no_box() -> Failure {
    Failure::refused(isds_core::status::Status::MALFORMED_BOX_ID)
}

fn subsidy(sender: BoxId, typed: &Typed) -> Result<Subsidy, Failure> {
    let code = typed.text("kind").parse().ok();
    let kind = code
        .and_then(SubsidyKind::from_code)
        .ok_or_else(|| refusal("neznámý druh dotace."))?;
    let named = |name: &str| -> Result<Option<BoxId>, Failure> {
        typed
            .given(name)
            .map(|text| text.parse().map_err(|_| no_box()))
            .transpose()
    };
    let donor = match named("donor")? {
        Some(donor) => donor,
        None if kind == SubsidyKind::External => BoxId::OPERATOR,
        None => return Err(no_box()),
    };
    let remaining = typed.given("remaining").map(|text| text.parse::<i64>());
    let remaining = remaining
        .transpose()
        .map_err(|_| refusal("počet zpráv je celé číslo."))?;
    let day = typed.given("expires").map(|text| isds_core::time::parse_date(&text));
    let day = day.transpose().map_err(|_| refusal("datum není platné."))?;
    Ok(Subsidy {
        id: SubsidyId(0),
        kind,
        donor,
        sender,
        recipient: named("recipient")?,
        remaining,
        expires: day.map(isds_core::time::start_of_day),
    })
}

fn user_fields(page: &Page, box_type: BoxType, typed: &Typed) -> Vec<Field> {
    let line = |name: &str, key: &str| Field::line(page, name, key, typed);
    let kinds: &[UserType] = if box_type.is_natural_person() {
        &[UserType::EntrustedUser, UserType::Administrator]
    } else {
        &[
            UserType::PrimaryUser,
            UserType::EntrustedUser,
            UserType::Administrator,
            UserType::Liquidator,
            UserType::Receiver,
            UserType::Guardian,
        ]
    };
    let option = |kind: &UserType| {
        let key = kind.name().to_lowercase().replace('_', "-");
        (
            kind.name().to_owned(),
            page.t(&format!("admin-user-type-{key}")).into_owned(),
        )
    };
    let mut fields = vec![
        line("userType", "admin-user-type").kind(Kind::Choice(kinds.iter().map(option).collect())),
        line("givenNames", "admin-user-given-names"),
        line("lastName", "admin-user-last-name").needed(),
        line("birthDate", "admin-user-birth-date").date(),
        line("street", "admin-user-street"),
        line("city", "admin-user-city"),
        line("zipCode", "admin-user-zip-code"),
    ];
    fields.extend(rights::ticks(page, typed));
    fields
}

fn draft(typed: &Typed) -> UserDraft {
    UserDraft {
        given_names: typed.given("givenNames"),
        last_name: typed.given("lastName"),
        birth_date: typed.given("birthDate"),
        user_type: typed.given("userType"),
        privileges: rights::sum(typed.text("userType"), typed),
        contact: isds_core::user::UserContact {
            street: typed.given("street"),
            city: typed.given("city"),
            zip_code: typed.given("zipCode"),
            ..Default::default()
        },
        ..UserDraft::default()
    }
}

fn action(name: &str) -> Result<BoxAction, PageError> {
    let found = BoxAction::ALL.iter().copied().find(|action| action.name() == name);
    found.ok_or(PageError::NoSuchPage)
}

pub(super) async fn form(
    admin: Administrator,
    Path((id, name)): Path<(String, String)>,
    axum::extract::Query(asked): axum::extract::Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let action = action(&name)?;
    let view = admin.site.isds.box_view(&admin.principal, box_id(&id)?, None).await?;
    let typed = match action {
        BoxAction::Change => typed_of(&view.data_box),
        // Which one the list of subsidies meant.
        BoxAction::EndSubsidy => Typed::of(asked),
        _ => Typed::default(),
    };
    action.form(&admin.page, &view, &typed).show()
}

pub(super) async fn act(
    admin: Administrator,
    Path((id, name)): Path<(String, String)>,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let action = action(&name)?;
    let (isds, caller, page) = (&admin.site.isds, &admin.principal, &admin.page);
    let view = isds.box_view(caller, box_id(&id)?, None).await?;
    let typed = Typed::of(pairs);
    if action == BoxAction::AddUser {
        return add_user(&admin, &view, &typed).await;
    }
    match action.run(isds, caller, &view, &typed).await {
        Ok(()) => Ok(page.redirect(
            &format!("/admin/boxes/{}", view.data_box.id),
            Notice::done(action.notice()),
        )),
        Err(failure) => action.form(page, &view, &typed).refused(failure),
    }
}

async fn add_user(admin: &Administrator, view: &BoxView, typed: &Typed) -> Result<Response, PageError> {
    let (page, id) = (&admin.page, view.data_box.id);
    let draft = draft(typed);
    let (operation, approval) = (Operation::AddDataBoxUser2, Approval::default());
    let added = admin
        .site
        .isds
        .add_data_box_user(&admin.principal, operation, Some(id.as_str()), Some(&draft), &approval)
        .await;
    match added {
        Ok((_, access)) => {
            let names = [draft.given_names, draft.last_name].into_iter().flatten();
            let name = names.collect::<Vec<_>>().join(" ");
            issued::show(
                page,
                page.t("admin-user-added-title").into_owned(),
                (Some(id), &view.data_box.holder_name()),
                &[Issued { name, access }],
                format!("/admin/boxes/{id}"),
            )
        }
        Err(failure) => BoxAction::AddUser.form(page, view, typed).refused(failure),
    }
}
