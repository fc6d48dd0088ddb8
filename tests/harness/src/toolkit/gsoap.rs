//! gSOAP's way: a C++ client is generated from the published WSDL, compiled, and then sent on its journey.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::run;
use crate::{Demo, Error, Result};

const WSDLS: [&str; 7] = [
    "dm_operations",
    "dm_info",
    "dm_VoDZ",
    "dm_arch",
    "db_search",
    "db_access",
    "db_manipulations",
];
/// Operations in [`WSDLS`].
const OPERATIONS: usize = 76;
/// How soapcpp2 names what it makes of a service called after the first WSDL's binding.
const PROXY: &str = "soapdmOperationsBindingProxy.cpp";

/// Generates and compiles `journey` from what the demo publishes, in `folder`; returns the program.
pub(super) fn build(demo: &Demo, source: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).map_err(Error::io("make a folder for the generated client"))?;
    let urls = WSDLS.map(|name| format!("{}/wsdl/v20/{name}.wsdl", demo.url()));
    run(Command::new("wsdl2h")
        .args(["-o", "isds.h"])
        .args(urls)
        .current_dir(folder))?;
    let header = fs::read_to_string(folder.join("isds.h")).map_err(Error::io("read the generated header"))?;
    let operations = header.lines().filter(|line| line.starts_with("int __ns1__")).count();
    if operations != OPERATIONS {
        return Err(Error::Tool {
            tool: "wsdl2h".to_owned(),
            status: format!("{operations} operations"),
            output: format!("the published WSDLs have {OPERATIONS}"),
        });
    }
    run(Command::new("soapcpp2")
        .args(["-j", "-C", "-L", "-w", "-x", "-I/usr/share/gsoap/import", "isds.h"])
        .current_dir(folder))?;
    let program = folder.join("journey");
    run(Command::new("c++")
        .args(["-std=c++17", "-O0", "-I."])
        .args([&source.join("journey.cpp"), Path::new(PROXY), Path::new("soapC.cpp")])
        .args(["-lgsoap++", "-o"])
        .arg(&program)
        .current_dir(folder))?;
    Ok(program)
}
