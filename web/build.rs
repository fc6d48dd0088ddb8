//! Lists what is embedded: the built assets and the texts of both languages.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("assets.rs"), assets(&root.join("assets/dist"))?)?;
    fs::write(out.join("locales.rs"), locales(&root.join("locales"))?)?;
    Ok(())
}

/// `ASSETS`: path below the folder, content.
fn assets(dist: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(dist, &mut files).map_err(|_| "the assets are not built yet: run `cargo xtask assets` first")?;
    files.sort();
    let mut list = String::from("pub(super) static ASSETS: &[(&str, &[u8])] = &[\n");
    for file in files {
        let name = file
            .strip_prefix(dist)?
            .to_str()
            .ok_or("a name of an asset is no text")?;
        println!("cargo::rerun-if-changed={}", file.display());
        writeln!(list, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    list.push_str("];\n");
    Ok(list)
}

/// `LOCALES`: language, name of the file, content.
fn locales(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut list = String::from("pub(super) static LOCALES: &[(&str, &str, &str)] = &[\n");
    for language in ["cs", "en"] {
        let folder = folder.join(language);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(&folder, &mut files)?;
        files.sort();
        for file in files {
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .ok_or("a name of a file of texts is no text")?;
            println!("cargo::rerun-if-changed={}", file.display());
            writeln!(list, "    ({language:?}, {name:?}, include_str!({file:?})),")?;
        }
    }
    list.push_str("];\n");
    Ok(list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
