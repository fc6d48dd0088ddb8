//! What the requests of this service have in common: a box, its holder, an approval given elsewhere.

use isds_core::data_box::Address;
use isds_core::ports::Approval;
use isds_core::status::Status;
use isds_core::{HolderData, Refusal};
use wire::reader::Fields;

use crate::call::Call;
use crate::stop::Stop;

/// Children of `dbOwnerInfo` that are looked at, of both generations: `pnFirstName`, `pnMiddleName`, `adAMCode` and
/// `identifier` are what `pnGivenNames`, `adCode` and `dbIdOVM` were called before.
pub(super) const OWNER_INFO: [&str; 26] = [
    "dbID",
    "dbType",
    "ic",
    "pnGivenNames",
    "pnFirstName",
    "pnMiddleName",
    "pnLastName",
    "firmName",
    "biDate",
    "biCity",
    "biCounty",
    "biState",
    "adCode",
    "adAMCode",
    "adCity",
    "adDistrict",
    "adStreet",
    "adNumberInStreet",
    "adNumberInMunicipality",
    "adZipCode",
    "adState",
    "nationality",
    "dbIdOVM",
    "identifier",
    "dbState",
    "dbUpperID",
];

/// How a request names its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `dbID`: the second generation.
    Id,
    /// `dbID` inside the element: the first generation, which describes the box and means the one with that ID.
    Inside(&'static str),
}

/// A request about a box that exists.
#[derive(Debug, Default)]
pub(super) struct BoxRequest {
    /// The box.
    pub box_id: Option<String>,
    /// Other values.
    pub fields: Fields,
    /// Holder's data in the element `dbNewOwnerInfo`.
    pub holder: HolderData,
    /// Group `gExtApproval`.
    pub approval: Approval,
}

impl BoxRequest {
    /// Reads a request to its end.
    pub async fn read(call: &mut Call<'_>, naming: Naming, names: &[&'static str]) -> Result<Self, Stop> {
        let mut request = Self::default();
        let mut seen: Vec<&'static str> = Vec::new();
        let mut approval = Fields::default();
        let reader = call.request.reader();
        while let Some(element) = reader.next_child().await? {
            let name = element.contract_name();
            match (name, naming) {
                ("dbID", Naming::Id) => {
                    once(&mut seen, "dbID")?;
                    request.box_id = reader.text("dbID").await?;
                }
                (inside, Naming::Inside(wanted)) if inside == wanted => {
                    once(&mut seen, wanted)?;
                    request.box_id = Fields::read(reader, &["dbID"]).await?.take("dbID");
                }
                ("dbNewOwnerInfo", _) => {
                    once(&mut seen, "dbNewOwnerInfo")?;
                    request.holder = holder(&mut Fields::read(reader, &OWNER_INFO).await?);
                }
                ("dbApproved", _) => approval.add("dbApproved", reader.text("dbApproved").await?)?,
                ("dbExternRefNumber", _) => {
                    approval.add("dbExternRefNumber", reader.text("dbExternRefNumber").await?)?;
                }
                _ => match names.iter().find(|wanted| **wanted == name) {
                    Some(wanted) => request.fields.add(wanted, reader.text(wanted).await?)?,
                    None => reader.skip().await?,
                },
            }
        }
        call.request.finish().await?;
        request.approval = approved(&mut approval)?;
        Ok(request)
    }
}

/// An element that may stand there once.
pub(super) fn once(seen: &mut Vec<&'static str>, name: &'static str) -> Result<(), Refusal> {
    if seen.contains(&name) {
        return Err(Refusal::about(
            Status::INVALID_STRUCTURE,
            format!("{name} je uvedeno dvakrát."),
        ));
    }
    seen.push(name);
    Ok(())
}

/// Group `gExtApproval`.
pub(super) fn approved(fields: &mut Fields) -> Result<Approval, Refusal> {
    Ok(Approval {
        approved: fields.boolean("dbApproved")?,
        extern_ref_number: fields.take("dbExternRefNumber"),
    })
}

/// Holder's data of either generation.
pub(super) fn holder(fields: &mut Fields) -> HolderData {
    HolderData {
        box_id: fields.take("dbID"),
        box_type: fields.take("dbType"),
        ic: fields.take("ic"),
        given_names: given_names(fields),
        last_name: fields.take("pnLastName"),
        firm_name: fields.take("firmName"),
        birth_date: fields.take("biDate"),
        birth_city: fields.take("biCity"),
        birth_county: fields.take("biCounty"),
        birth_state: fields.take("biState"),
        address: address(fields),
        nationality: fields.take("nationality"),
        ovm_id: fields.take("dbIdOVM").or_else(|| fields.take("identifier")),
        upper_id: fields.take("dbUpperID"),
    }
}

/// All given names, which the first generation splits into the first and the others.
pub(super) fn given_names(fields: &mut Fields) -> Option<String> {
    let (first, middle) = (fields.take("pnFirstName"), fields.take("pnMiddleName"));
    let split = [first, middle].into_iter().flatten().collect::<Vec<_>>().join(" ");
    fields
        .take("pnGivenNames")
        .or_else(|| Some(split).filter(|names| !names.is_empty()))
}

/// Address of either generation.
pub(super) fn address(fields: &mut Fields) -> Address {
    Address {
        code: fields.take("adCode").or_else(|| fields.take("adAMCode")),
        city: fields.take("adCity"),
        district: fields.take("adDistrict"),
        street: fields.take("adStreet"),
        number_in_street: fields.take("adNumberInStreet"),
        number_in_municipality: fields.take("adNumberInMunicipality"),
        zip_code: fields.take("adZipCode"),
        state: fields.take("adState"),
    }
}
