//! The foreign SOAP clients in `clients/`: where they are, and how one is sent on its journey.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Demo, Error, Result};

/// A SOAP toolkit that nobody here wrote, with the script that drives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolkit {
    /// Python's zeep.
    Zeep,
    /// npm's soap.
    NodeSoap,
}

impl Toolkit {
    /// Walks the journey against a demo and answers what the script printed. What openssl shall judge lies in `out`
    /// afterwards: `received.zfo`, `sent.zfo`, `delivery.zfo`, `dmDm.bin` and `dmQTimestamp.tst`.
    ///
    /// # Errors
    /// [`Error::Tool`] with the script's sentence when the server did something wrong, or when the toolkit is not set up.
    pub fn walk(self, demo: &Demo, out: &Path) -> Result<String> {
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients");
        let (program, script) = match self {
            Self::Zeep => (
                tool("ISDS_ZEEP_PYTHON", "zeep/bin/python")?,
                clients.join("zeep/journey.py"),
            ),
            Self::NodeSoap => (PathBuf::from("node"), clients.join("node-soap/journey.mjs")),
        };
        let mut command = Command::new(&program);
        command
            .arg(script)
            .env("ISDS_URL", demo.url())
            .env("OUT", out)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if self == Self::NodeSoap {
            command.env("ISDS_NODE_SOAP", tool("ISDS_NODE_SOAP", "node-soap")?);
        }
        let output = command
            .output()
            .map_err(Error::io(format!("run {}", program.display())))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(printed);
        }
        let sentence = String::from_utf8_lossy(&output.stderr);
        Err(Error::Tool {
            tool: format!("{self:?}"),
            status: output.status.to_string(),
            output: printed + &sentence,
        })
    }
}

/// Where `cargo xtask test` put a tool: what the variable names, or its usual place below the target folder.
fn tool(variable: &str, usual: &str) -> Result<PathBuf> {
    let path = env::var_os(variable).map_or_else(
        || {
            env::current_exe().map(|test| {
                test.ancestors()
                    .nth(3)
                    .unwrap_or(Path::new(""))
                    .join("tools")
                    .join(usual)
            })
        },
        |named: OsString| Ok(PathBuf::from(named)),
    );
    let path = path.map_err(Error::io("find the test binary"))?;
    if path.exists() {
        return Ok(path);
    }
    Err(Error::Tool {
        tool: path.display().to_string(),
        status: "not set up".to_owned(),
        output: "run `cargo xtask test toolkits`, which sets it up".to_owned(),
    })
}
