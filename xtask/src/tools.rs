//! What builds and tests need beyond Rust: found, or installed, or asked for in a sentence.

use std::{env, ffi::OsString, fs, os::unix::fs::MetadataExt, path::Path, sync::Once};

use crate::{
    place,
    shell::{Failure, Outcome, cargo, command, step, works},
};

/// Used where the machine has none; the same versions stand in `xtask/cargo-*.txt`.
const CARGO_DENY: &str = "0.20.2";
const CARGO_NEXTEST: &str = "0.9.148";
/// The newest that the Rust of this workspace builds.
const S3S_FS: &str = "0.14.1";

/// Something that a build or a suite needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// What the vendored OpenSSL is built with.
    BuildTools,
    /// Each test in a process of its own, time limits, filters.
    Nextest,
    /// Licences, sources and versions of dependencies.
    CargoDeny,
    /// The server's binaries; the tests start private clusters from them.
    Postgres,
    /// The OpenSSL command line, as a second opinion.
    Openssl,
    /// XSD validation.
    Xmllint,
    /// Python with zeep.
    Zeep,
    /// Python with aiosmtpd, a mail server.
    Smtp,
    /// ClamAV's daemon; the tests give it signatures of their own.
    Clamd,
    /// s3s-fs, a server that speaks the protocol of S3 and keeps objects on the disk.
    S3sFs,
    /// Python with moto, another one, which keeps them in memory.
    Moto,
    /// Node with the npm package soap.
    NodeSoap,
    /// PHP with SoapClient.
    Php,
    /// The browser that people's ways are walked in.
    Chromium,
    /// What drives it: Node with playwright-core and axe.
    Browser,
    /// The reverse proxy that the documents have a configuration for.
    Nginx,
    /// What the bench stands beside, for information.
    Postfix,
    /// Counts instructions.
    Valgrind,
    /// Another time for a single program.
    Faketime,
    /// SQLite's own command line, which copies a database that is in use.
    Sqlite,
    /// gSOAP's generators and library, and a C++ compiler for what they generate.
    Gsoap,
}

/// Makes sure that a tool is there.
pub fn ensure(tool: Tool) -> Outcome {
    match tool {
        Tool::BuildTools => build_tools(),
        Tool::Nextest => cargo_command("nextest", CARGO_NEXTEST),
        Tool::CargoDeny => cargo_command("deny", CARGO_DENY),
        Tool::Postgres => package(has_postgres, "postgresql", "the PostgreSQL server"),
        Tool::Openssl => package(|| works("openssl", &["version"]), "openssl", "the openssl command line"),
        Tool::Xmllint => package(|| works("xmllint", &["--version"]), "libxml2-utils", "xmllint"),
        Tool::Zeep => zeep(),
        Tool::Smtp => virtual_environment(
            &place::smtp(),
            &place::root().join("tests/clients/smtp/requirements.txt"),
            &[],
        ),
        Tool::Clamd => package(
            || Path::new("/usr/sbin/clamd").exists(),
            "clamav-daemon",
            "ClamAV's daemon (/usr/sbin/clamd)",
        ),
        Tool::S3sFs => s3s_fs(),
        Tool::Moto => virtual_environment(
            &place::s3(),
            &place::root().join("tests/clients/s3/requirements.txt"),
            &[],
        ),
        Tool::NodeSoap => npm_project("tests/clients/node-soap", &place::node_soap()),
        Tool::Chromium => package(
            || works(chromium(), &["--version"]),
            "chromium",
            "Chromium (or another one, named by ISDS_CHROMIUM)",
        ),
        Tool::Browser => npm_project("tests/browser", &place::browser()),
        Tool::Php => php(),
        Tool::Nginx => package(|| Path::new("/usr/sbin/nginx").exists(), "nginx", "nginx"),
        Tool::Postfix => postfix(),
        Tool::Valgrind => package(|| works("valgrind", &["--version"]), "valgrind", "valgrind"),
        Tool::Faketime => package(|| works("faketime", &["--version"]), "faketime", "libfaketime"),
        Tool::Sqlite => package(
            || works("sqlite3", &["--version"]),
            "sqlite3",
            "the sqlite3 command line",
        ),
        Tool::Gsoap => gsoap(),
    }
}

/// What steps are started with: where xtask put things, after what the machine has.
pub fn environment() -> Vec<(&'static str, OsString)> {
    let own = ["bin", "cargo-deny/bin", "cargo-nextest/bin"].map(|folder| place::tools().join(folder));
    let path = env::var_os("PATH").unwrap_or_default();
    // After the machine's own: these folders hold a `python` as well.
    let path = env::join_paths(env::split_paths(&path).chain(own)).unwrap_or(path);
    vec![
        ("PATH", path),
        ("ISDS_ZEEP_PYTHON", place::zeep().join("bin/python").into()),
        ("ISDS_SMTP_PYTHON", place::smtp().join("bin/python").into()),
        ("ISDS_S3_PYTHON", place::s3().join("bin/python").into()),
        ("ISDS_S3S_FS", place::s3s_fs().into()),
        ("ISDS_NODE_SOAP", place::node_soap().into()),
        ("ISDS_BROWSER", place::browser().into()),
        ("ISDS_CHROMIUM", chromium()),
    ]
}

/// The browser: the one that is named, or the first of its name; the walks want it with its folder.
fn chromium() -> OsString {
    if let Some(named) = env::var_os("ISDS_CHROMIUM") {
        return named;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found = env::split_paths(&path).map(|folder| folder.join("chromium"));
    found
        .find(|program| program.is_file())
        .map_or_else(|| "/usr/bin/chromium".into(), Into::into)
}

fn build_tools() -> Outcome {
    let perl = ["-MPod::Usage", "-MIPC::Cmd", "-MData::Dumper", "-e", "1"];
    package(
        || works("cc", &["--version"]),
        "gcc",
        "a C compiler (for OpenSSL and SQLite)",
    )?;
    package(has_libc_headers, "libc6-dev", "the C library's headers")?;
    package(
        || works("perl", &perl),
        "perl",
        "perl with its standard modules (configures OpenSSL)",
    )?;
    package(|| works("make", &["--version"]), "make", "make (builds OpenSSL)")
}

fn has_libc_headers() -> bool {
    works("cc", &["-E", "-include", "stdlib.h", "-x", "c", "/dev/null"])
}

fn has_postgres() -> bool {
    let Ok(versions) = fs::read_dir("/usr/lib/postgresql") else {
        return false;
    };
    versions
        .flatten()
        .any(|version| version.path().join("bin/initdb").exists())
}

/// A cargo subcommand: the machine's own, or one below the target folder.
///
/// The wheel holds the very program, built by a third party and pinned by its hash; it is there in seconds, building
/// from source takes minutes. Where there is no wheel for the machine, the source it is.
fn cargo_command(subcommand: &str, version: &str) -> Outcome {
    let mut asked = cargo();
    asked.args([subcommand, "--version"]).envs(environment());
    if asked.output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let name = format!("cargo-{subcommand}");
    let wheel = place::root().join(format!("xtask/{name}.txt"));
    virtual_environment(&place::tools().join(&name), &wheel, &["--require-hashes"]).or_else(|failure| {
        println!("no wheel of {name} ({failure}); from source then");
        let mut install = cargo();
        install
            .args(["install", "--locked", &name, "--version", version, "--root"])
            .arg(place::tools());
        step(&format!("cargo install {name} {version}"), &mut install)
    })
}

/// From source: there is no other way to get it. Little is optimised, and nothing kept for a debugger, so that it takes a
/// minute or two.
fn s3s_fs() -> Outcome {
    let mut asked = command(place::s3s_fs(), &["--version"]);
    let there = asked.output().is_ok_and(|output| {
        let said = String::from_utf8_lossy(&output.stdout);
        said.split_ascii_whitespace().nth(1) == Some(S3S_FS)
    });
    if there {
        return Ok(());
    }
    let mut install = cargo();
    install
        .args([
            "install",
            "--locked",
            "--debug",
            "--force",
            "s3s-fs",
            "--features",
            "binary",
        ])
        .args(["--version", S3S_FS, "--jobs", "2", "--root"])
        .arg(place::tools())
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    step(&format!("cargo install s3s-fs {S3S_FS}"), &mut install)
}

fn zeep() -> Outcome {
    virtual_environment(
        &place::zeep(),
        &place::root().join("tests/clients/zeep/requirements.txt"),
        &[],
    )
}

/// `npm ci` of a folder's lock file in a folder below target, so that the source tree stays as it is in git.
fn npm_project(source: &str, home: &Path) -> Outcome {
    if !works("node", &["--version"]) || !works("npm", &["--version"]) {
        return Err(Failure("Node and npm are needed; install Node 20 or newer".to_owned()));
    }
    let from = place::root().join(source);
    let lock = read(&from.join("package-lock.json"))?;
    let stamp = home.join("installed.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    fs::create_dir_all(home).map_err(Failure::io(format!("make {}", home.display())))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(from.join(name), home.join(name)).map_err(Failure::io(format!("copy {name}")))?;
    }
    step(
        &format!("npm ci ({source})"),
        command("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(home),
    )?;
    fs::write(&stamp, lock).map_err(Failure::io(format!("write {}", stamp.display())))
}

fn php() -> Outcome {
    package(|| works("php", &["--version"]), "php-cli", "PHP's command line")?;
    let knows_soap = || works("php", &["-r", "exit(class_exists('SoapClient') ? 0 : 1);"]);
    package(knows_soap, "php-soap", "PHP's SoapClient")
}

/// Without a configuration of the machine's own: then nothing of it is started when it is installed, nor later.
fn postfix() -> Outcome {
    let present = || Path::new("/usr/sbin/postfix").exists() && Path::new("/usr/sbin/smtp-source").exists();
    if !present() && works("debconf-set-selections", &["--help"]) {
        let answer = "echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections";
        step("no configuration for Postfix", &mut command("sh", &["-c", answer]))?;
    }
    package(present, "postfix", "Postfix")
}

fn gsoap() -> Outcome {
    package(|| works("wsdl2h", &["-V"]), "gsoap", "gSOAP's generators")?;
    package(|| works("c++", &["--version"]), "g++", "a C++ compiler")?;
    let has_library = || {
        works(
            "c++",
            &["-include", "stdsoap2.h", "-x", "c++", "-fsyntax-only", "/dev/null"],
        )
    };
    package(has_library, "libgsoap-dev", "gSOAP's library")
}

/// A Python environment with exactly what the file lists; kept until the list changes.
fn virtual_environment(home: &Path, requirements: &Path, options: &[&str]) -> Outcome {
    let wanted = read(requirements)?;
    let stamp = home.join("installed.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    package(
        || works("python3", &["-c", "import ensurepip, venv"]),
        "python3-venv",
        "Python 3 with venv",
    )?;
    let name = home.file_name().unwrap_or_default().to_string_lossy();
    step(
        &format!("python3 -m venv ({name})"),
        command("python3", &["-m", "venv", "--clear"]).arg(home),
    )?;
    let mut pip = command(
        home.join("bin/pip"),
        &["install", "--quiet", "--disable-pip-version-check", "--no-input"],
    );
    step(
        &format!("pip install ({name})"),
        pip.args(options).arg("--requirement").arg(requirements),
    )?;
    fs::write(&stamp, wanted).map_err(Failure::io(format!("write {}", stamp.display())))
}

/// Installs a Debian package when its presence cannot be shown and this is root on a Debian; asks for it otherwise.
fn package(present: impl Fn() -> bool, name: &str, what: &str) -> Outcome {
    if present() {
        return Ok(());
    }
    let ask = || Failure(format!("{what} is needed; install it (Debian: apt-get install {name})"));
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !root || !works("apt-get", &["--version"]) {
        return Err(ask());
    }
    static LISTS: Once = Once::new();
    let mut lists = Ok(());
    LISTS.call_once(|| lists = step("apt-get update", &mut command("apt-get", &["update", "--quiet=2"])));
    lists.map_err(|_| ask())?;
    let mut install = command(
        "apt-get",
        &["install", "--yes", "--quiet=2", "--no-install-recommends", name],
    );
    step(
        &format!("apt-get install {name}"),
        install.env("DEBIAN_FRONTEND", "noninteractive"),
    )
    .map_err(|_| ask())?;
    if present() { Ok(()) } else { Err(ask()) }
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(Failure::io(format!("read {}", path.display())))
}
