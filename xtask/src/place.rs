//! Where things are. Everything that xtask makes lies below the target folder.

use std::{env, path::PathBuf};

/// The workspace's root. Cargo sets the variable for `cargo run`, so a moved checkout is found where it is now.
pub fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    manifest.parent().map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |named| root().join(named))
}

/// Tools and packages that tests need and the machine does not bring.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// The Python environment of the zeep client.
pub fn zeep() -> PathBuf {
    tools().join("zeep")
}

/// The Python environment of the mail server.
pub fn smtp() -> PathBuf {
    tools().join("smtp")
}

/// The server that speaks the protocol of S3 and keeps objects on the disk.
pub fn s3s_fs() -> PathBuf {
    tools().join("bin/s3s-fs")
}

/// The Python environment of another such server.
pub fn s3() -> PathBuf {
    tools().join("s3")
}

/// The npm project of the node-soap client: its manifest, its lock file and its modules.
pub fn node_soap() -> PathBuf {
    tools().join("node-soap")
}

/// The npm project of the pages' assets.
pub fn web_assets() -> PathBuf {
    tools().join("web-assets")
}

/// The npm project of the walks in a browser: its manifest, its lock file and its modules.
pub fn browser() -> PathBuf {
    tools().join("browser")
}
