//! The published contract in `wsdl/` against the original, as component models.
//!
//! The original is not part of this repository. Its folder comes from the environment variable `ISDS_REFERENCE` (a
//! relative path counts from the workspace); without it the comparison is skipped, and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use e2e::xsd_model::{Difference, Schema, Wsdl, compare_schemas, compare_wsdls};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Names the folder that holds the original's `wsdl/`.
const REFERENCE: &str = "ISDS_REFERENCE";
/// Where the original lies beside a checkout, if it does. In a CI run the comparison must not be forgotten then.
const REFERENCE_BESIDE: &str = "../shared/contract";

/// What every address begins with, for the server to replace.
const ADDRESS_PREFIX: &str = "http://localhost:8080";

/// Each WSDL with its path on the server and its number of operations.
const WSDLS: [(&str, &str, usize); 8] = [
    ("dm_operations.wsdl", "/DS/dz", 8),
    ("dm_info.wsdl", "/DS/dx", 17),
    ("dm_VoDZ.wsdl", "/DS/vodz", 7),
    ("dm_arch.wsdl", "/DS/arch", 1),
    ("db_search.wsdl", "/DS/df", 14),
    ("db_access.wsdl", "/DS/DsManage", 6),
    ("db_manipulations.wsdl", "/DS/DsManage", 23),
    ("isds_stat.wsdl", "/DS/DsManage", 1),
];

const XSDS: [&str; 3] = ["dmBaseTypes.xsd", "dbTypes.xsd", "IsdsStat.xsd"];

/// Files of the original without a counterpart here, and why. The list may only shrink.
const NOT_YET_PUBLISHED: [(&str, &str); 6] = [
    (
        "ChangePassword.wsdl",
        "one-time passwords: the service of /asws/changePassword is not there yet",
    ),
    ("ChangePasswordTypes.xsd", "types of ChangePassword.wsdl"),
    ("ExtWs.wsdl", "the sending gateway is not there yet"),
    (
        "GetCredential.wsdl",
        "the authentication service and the access interface are not there yet",
    ),
    ("SetConcept.wsdl", "the sending gateway is not there yet"),
    ("SetConcept.xsd", "types of SetConcept.wsdl"),
];

/// The named deviations: where, and what stands there in ours. Reasons: `wsdl/README.md`.
///
/// An entry that no longer meets a difference fails the test: then delete it here and in the README.
fn deviations() -> Vec<(String, &'static str)> {
    let mut list: Vec<_> = WSDLS
        .iter()
        .map(|(file, ..)| {
            (
                format!("{file}/types/schema:http://isds.czechpoint.cz/v20/@elementFormDefault"),
                "qualified",
            )
        })
        .collect();
    list.push((
        "dbTypes.xsd/type:tGetAddressOutput/dbStatus".to_owned(),
        "it after adFullAddress2",
    ));
    list
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(folder: &Path, file: &str) -> Outcome<String> {
    let path = folder.join(file);
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn schema(folder: &Path, file: &str) -> Outcome<Schema> {
    Schema::parse(&read(folder, file)?).map_err(|error| format!("{file}: {error}").into())
}

fn wsdl(folder: &Path, file: &str) -> Outcome<Wsdl> {
    Wsdl::parse(&read(folder, file)?).map_err(|error| format!("{file}: {error}").into())
}

/// Names of the WSDL and XSD files in a folder.
fn contract_files(folder: &Path) -> Outcome<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry?.path();
        let is_contract = path
            .extension()
            .is_some_and(|suffix| suffix == "wsdl" || suffix == "xsd");
        if let Some(name) = path.file_name().filter(|_| is_contract) {
            names.insert(name.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

fn published() -> BTreeSet<String> {
    WSDLS
        .iter()
        .map(|(file, ..)| *file)
        .chain(XSDS)
        .map(str::to_owned)
        .collect()
}

/// All differences between the published files and the original in `reference`.
fn differences(ours: &Path, reference: &Path) -> Outcome<Vec<Difference>> {
    let mut found = Vec::new();
    for (file, ..) in WSDLS {
        found.extend(compare_wsdls(file, &wsdl(reference, file)?, &wsdl(ours, file)?));
    }
    for file in XSDS {
        found.extend(compare_schemas(file, &schema(reference, file)?, &schema(ours, file)?));
    }
    Ok(found)
}

#[test]
fn the_published_contract_is_the_original() -> Outcome {
    let Some(folder) = env::var_os(REFERENCE).filter(|value| !value.is_empty()) else {
        let forgotten = env::var_os("CI").is_some() && workspace().join(REFERENCE_BESIDE).is_dir();
        assert!(
            !forgotten,
            "{REFERENCE} is not set, though this is a CI run and {REFERENCE_BESIDE} exists"
        );
        eprintln!("skipped: {REFERENCE} is not set, so there is no original to compare with");
        return Ok(());
    };
    let reference = workspace().join(folder).join("wsdl");

    let accounted: BTreeSet<String> = published()
        .into_iter()
        .chain(NOT_YET_PUBLISHED.map(|(file, _)| file.to_owned()))
        .collect();
    assert_eq!(
        contract_files(&reference)?,
        accounted,
        "every file of the original is either compared or listed"
    );

    let found = differences(&workspace().join("wsdl"), &reference)?;
    let allowed = deviations();
    let is_allowed = |difference: &Difference| {
        allowed
            .iter()
            .any(|(path, ours)| *path == difference.path && *ours == difference.ours)
    };
    let mut faults: Vec<String> = found
        .iter()
        .filter(|d| !is_allowed(d))
        .map(Difference::to_string)
        .collect();
    for (path, ours) in &allowed {
        if !found
            .iter()
            .any(|difference| difference.path == *path && difference.ours == *ours)
        {
            faults.push(format!("{path}: listed as a deviation, but there is none"));
        }
    }
    assert!(
        faults.is_empty(),
        "{} differences from the original:\n{}",
        faults.len(),
        faults.join("\n")
    );
    Ok(())
}

#[test]
fn every_published_file_is_listed_here() -> Outcome {
    assert_eq!(contract_files(&workspace().join("wsdl"))?, published());
    Ok(())
}

#[test]
fn each_wsdl_has_its_operations_and_address() -> Outcome {
    let folder = workspace().join("wsdl");
    for (file, path, count) in WSDLS {
        let wsdl = wsdl(&folder, file)?;
        let ports: Vec<_> = wsdl.services.values().flat_map(BTreeMap::values).collect();
        let locations: Vec<&str> = ports.iter().map(|port| port.location.as_str()).collect();
        assert_eq!(locations, [format!("{ADDRESS_PREFIX}{path}")], "{file}");
        let mentions = read(&folder, file)?.matches(ADDRESS_PREFIX).count();
        assert_eq!(mentions, 1, "{file}: the server would replace the others as well");

        let declared: Vec<&String> = wsdl.port_types.values().flat_map(BTreeMap::keys).collect();
        let bound: Vec<&String> = wsdl
            .bindings
            .values()
            .flat_map(|binding| binding.operations.keys())
            .collect();
        assert_eq!(declared, bound, "{file}");
        assert_eq!(declared.len(), count, "{file}");
    }
    Ok(())
}

#[test]
fn each_message_is_one_element_that_the_schema_declares() -> Outcome {
    let folder = workspace().join("wsdl");
    for (file, ..) in WSDLS {
        let wsdl = wsdl(&folder, file)?;
        let mut elements = BTreeSet::new();
        for include in wsdl.schemas.values().flat_map(|inline| &inline.includes) {
            elements.extend(
                schema(&folder, include)?
                    .elements
                    .into_values()
                    .map(|element| element.name),
            );
        }
        let operations = wsdl.port_types.values().flat_map(BTreeMap::values);
        for message in operations.flat_map(BTreeMap::values) {
            let parts = wsdl
                .messages
                .get(&message.local)
                .ok_or_else(|| format!("{file}: no message {message}"))?;
            let [part] = parts.as_slice() else {
                return Err(format!("{file}: {message} has {} parts", parts.len()).into());
            };
            let element = part
                .element
                .as_ref()
                .ok_or_else(|| format!("{file}: {message} has no element"))?;
            assert_eq!(part.name, "parameter", "{file}: {message}");
            assert!(
                elements.contains(element),
                "{file}: {message} is made of {element}, which no schema declares"
            );
        }
    }
    Ok(())
}
