//! What a value of the configuration refers to instead of naming it: passwords stand in files or in the environment.
//!
//! `${NAME}` is a variable of the environment, `${file:PATH}` the content of a file without its last line break,
//! `${credential:NAME}` the file of that name in the folder that systemd hands to a service (`LoadCredential=`). Where a
//! reference is only a part of a value, what it stands for is a part of a URL and is encoded as one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Longest secret.
const LONGEST: u64 = 16 * 1024;
/// Where systemd says which folder it is.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Why a reference leads to nothing. Never the value itself.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// No closing brace.
    #[error("a reference that is begun with ${{ and not ended")]
    Open,
    /// Another kind than those that are known, or no name.
    #[error("{0} is no reference: ${{NAME}}, ${{file:PATH}} and ${{credential:NAME}} are")]
    Unknown(String),
    /// A variable that is not set, or is no text.
    #[error("the variable {0} is not set")]
    NoVariable(String),
    /// A file that cannot be read, or is none of a secret.
    #[error("{0} cannot be read as a secret")]
    Unreadable(PathBuf),
}

/// Where references lead: the environment of the process, or one that a test makes up.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The value with what its references stand for.
pub fn resolved(value: &str, environment: Environment<'_>) -> Result<String, ReferenceError> {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, begun)) = rest.split_once("${") {
        let (reference, after) = begun.split_once('}').ok_or(ReferenceError::Open)?;
        let found = look_up(reference, environment)?;
        let is_whole = before.is_empty() && after.is_empty() && out.is_empty();
        out.push_str(before);
        if is_whole {
            out.push_str(&found);
        } else {
            encode(&found, &mut out);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn look_up(reference: &str, environment: Environment<'_>) -> Result<String, ReferenceError> {
    let variable = |name: &str| environment(name).ok_or_else(|| ReferenceError::NoVariable(name.to_owned()));
    let unknown = || ReferenceError::Unknown(format!("${{{reference}}}"));
    match reference.split_once(':') {
        Some(("file", path)) if !path.is_empty() => content(Path::new(path)),
        // A name, and no way out of the folder.
        Some(("credential", name)) if !name.is_empty() && !name.contains('/') && name != ".." => {
            content(&Path::new(&variable(CREDENTIALS)?).join(name))
        }
        Some(_) => Err(unknown()),
        None if reference.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !reference.is_empty() => {
            variable(reference)
        }
        None => Err(unknown()),
    }
}

fn content(path: &Path) -> Result<String, ReferenceError> {
    let unreadable = || ReferenceError::Unreadable(path.to_owned());
    let length = std::fs::metadata(path).map_err(|_| unreadable())?.len();
    if length > LONGEST {
        return Err(unreadable());
    }
    let text = std::fs::read_to_string(path).map_err(|_| unreadable())?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains(['\n', '\0']) {
        return Err(unreadable());
    }
    Ok(line.to_owned())
}

/// RFC 3986: everything but unreserved characters, so that no password ends the part of the URL in which it stands.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_stand_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "he:sl@o/2026\n").unwrap();
        let environment = |name: &str| match name {
            "DB_PASSWORD" => Some("p%w".to_owned()),
            CREDENTIALS => Some(folder.path().display().to_string()),
            _ => None,
        };
        let file = format!("${{file:{}}}", path.display());
        for (value, expected) in [
            ("plain", "plain".to_owned()),
            ("$not {one}", "$not {one}".to_owned()),
            ("${DB_PASSWORD}", "p%w".to_owned()),
            ("a:${DB_PASSWORD}@b", "a:p%25w@b".to_owned()),
            (&format!("a:{file}@b"), "a:he%3Asl%40o%2F2026@b".to_owned()),
            (&file, "he:sl@o/2026".to_owned()),
            ("${credential:password}", "he:sl@o/2026".to_owned()),
            (
                "x${DB_PASSWORD}${credential:password}",
                "xp%25whe%3Asl%40o%2F2026".to_owned(),
            ),
        ] {
            assert_eq!(resolved(value, &environment), Ok(expected), "{value}");
        }
        std::fs::write(folder.path().join("two"), "tajne\ndruhe\n").unwrap();
        std::fs::write(folder.path().join("none"), "\n").unwrap();
        for wrong in [
            "${",
            "${}",
            "${NOT_SET}",
            "${file:}",
            "${file:/nonexistent}",
            "${credential:two}",
            "${credential:none}",
            "${credential:../password}",
            "${vault:x}",
            "${A B}",
        ] {
            let error = resolved(wrong, &environment).unwrap_err();
            assert!(
                !error.to_string().contains("p%w") && !error.to_string().contains("tajne"),
                "{error}"
            );
        }
    }
}
