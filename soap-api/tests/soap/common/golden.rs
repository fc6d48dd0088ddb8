//! Answers as they were recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::http::Reply;

const SOAP_11_HEAD: &str = "<?xml version='1.0' encoding='utf-8'?><SOAP-ENV:Envelope \
    xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><SOAP-ENV:Body>";
const SOAP_12_HEAD: &str = "<?xml version='1.0' encoding='utf-8'?><SOAP-ENV:Envelope \
    xmlns:SOAP-ENV=\"http://www.w3.org/2003/05/soap-envelope\" \
    xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><SOAP-ENV:Body>";
const TAIL: &str = "</SOAP-ENV:Body></SOAP-ENV:Envelope>";

/// Compares, and remembers which files were asked for.
pub struct Golden {
    folder: PathBuf,
    update: bool,
    seen: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Golden {
    /// Nothing compared yet.
    pub fn new() -> Self {
        Self::of("")
    }

    /// Nothing compared yet of a subject, which has a folder of its own in `golden/`.
    pub fn of(subject: &str) -> Self {
        Self {
            folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(subject),
            update: std::env::var_os("UPDATE_GOLDEN").is_some(),
            seen: BTreeSet::new(),
            wrong: Vec::new(),
        }
    }

    /// An answer: 200, the envelope of its version, the recorded bytes, valid by the schema of its service.
    pub fn answer(&mut self, name: &str, service: &str, reply: &Reply) {
        let inside = inside(name, reply);
        self.compare(name, &reply.body);
        validate(name, &schema(service), inside);
    }

    /// A fault or a page: this HTTP status, the recorded bytes, well-formed.
    pub fn fault(&mut self, name: &str, status: u16, reply: &Reply) {
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        self.compare(name, &reply.body);
        lint(name, &[], &reply.body);
    }

    /// The recorded bytes.
    pub fn compare(&mut self, name: &str, body: &str) {
        let path = self.folder.join(format!("{name}.xml"));
        assert!(self.seen.insert(format!("{name}.xml")), "{name} is used twice");
        let body = format!("{body}\n");
        if self.update {
            std::fs::create_dir_all(&self.folder).unwrap();
            std::fs::write(path, body).unwrap();
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&body) {
            self.wrong.push(format!("{name}.xml is not\n{body}"));
        }
    }

    /// Nothing differed, and no file is left that nothing asks for.
    pub fn finish(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        for entry in std::fs::read_dir(&self.folder).unwrap() {
            let entry = entry.unwrap();
            // The folder of a subject is looked at by that subject's test.
            if entry.file_type().unwrap().is_dir() {
                continue;
            }
            let name = entry.file_name().into_string().unwrap();
            assert!(self.seen.contains(&name), "{name} is used by no test");
        }
    }
}

/// What stands in the body of an answer, around which are the status and the envelope of its version.
fn inside<'a>(name: &str, reply: &'a Reply) -> &'a str {
    assert_eq!(reply.status, 200, "{name}: {}", reply.body);
    let soap_12 = reply.header("content-type") == Some("application/soap+xml; charset=utf-8");
    if !soap_12 {
        assert_eq!(reply.header("content-type"), Some("text/xml; charset=utf-8"), "{name}");
    }
    let head = if soap_12 { SOAP_12_HEAD } else { SOAP_11_HEAD };
    let inside = reply.body.strip_prefix(head).and_then(|rest| rest.strip_suffix(TAIL));
    inside.unwrap_or_else(|| panic!("{name}: {}", reply.body))
}

fn schema(service: &str) -> PathBuf {
    let name = match service {
        "df" | "DsManage" => "dbTypes.xsd",
        "stat" => "IsdsStat.xsd",
        _ => "dmBaseTypes.xsd",
    };
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wsdl").join(name)
}

/// Answers of which nothing is recorded but that each is valid by the schema of its service.
#[derive(Default)]
pub struct Validity(BTreeMap<PathBuf, Vec<tempfile::NamedTempFile>>);

impl Validity {
    pub fn add(&mut self, name: &str, service: &str, reply: &Reply) {
        let mut file = tempfile::Builder::new().prefix(name).suffix(".xml").tempfile().unwrap();
        std::io::Write::write_all(&mut file, inside(name, reply).as_bytes()).unwrap();
        self.0.entry(schema(service)).or_default().push(file);
    }

    /// All at once: a process for each would take longer than the calls.
    pub fn assert(self) {
        for (schema, files) in self.0 {
            let paths: Vec<&Path> = files.iter().map(tempfile::NamedTempFile::path).collect();
            let output = Command::new("xmllint")
                .args(["--noout", "--nonet", "--schema", schema.to_str().unwrap()])
                .args(paths)
                .output()
                .expect("xmllint (package libxml2-utils) is needed");
            let told = String::from_utf8_lossy(&output.stderr);
            let wrong: Vec<&str> = told.lines().filter(|line| !line.ends_with(" validates")).collect();
            assert!(output.status.success(), "{}", wrong.join("\n"));
        }
    }
}

fn validate(name: &str, schema: &Path, document: &str) {
    lint(name, &["--schema", schema.to_str().unwrap()], document);
}

fn lint(name: &str, arguments: &[&str], document: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, document.as_bytes()).unwrap();
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet"])
        .args(arguments)
        .arg(file.path())
        .output()
        .expect("xmllint (package libxml2-utils) is needed");
    assert!(
        output.status.success(),
        "{name}: {}\n{document}",
        String::from_utf8_lossy(&output.stderr)
    );
}
