//! Where the demo's keys and certificates lie. All of them appear at once, or none: a start that was cut off begins anew.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

use super::{AuthorityError, Issued};

/// Owner only: whoever reads a key can seal messages.
const KEY_MODE: u32 = 0o600;
const CERTIFICATE_MODE: u32 = 0o644;

pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub fn exist(&self) -> bool {
        self.folder.join("keys").is_dir()
    }

    /// Writes all files into a folder beside, and renames that when every byte is on disk.
    pub fn create(&self, issued: &Issued) -> Result<(), AuthorityError> {
        const NEW: &str = "keys.new";
        let new = self.folder.join(NEW);
        match fs::remove_dir_all(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(NEW)(error)),
            _ => {}
        }
        fs::create_dir_all(&self.folder).map_err(failed(""))?;
        fs::DirBuilder::new().mode(0o700).create(&new).map_err(failed(NEW))?;
        for (name, key, certificate) in &issued.0 {
            let file = format!("{NEW}/{name}.key.pem");
            self.write_new(&file, &key.private_key_to_pem_pkcs8()?, KEY_MODE)
                .map_err(failed(&file))?;
            let file = format!("{NEW}/{name}.cert.pem");
            self.write_new(&file, &certificate.to_pem()?, CERTIFICATE_MODE)
                .map_err(failed(&file))?;
        }
        sync_folder(&new).map_err(failed(NEW))?;
        fs::rename(&new, self.folder.join("keys")).map_err(failed("keys"))?;
        sync_folder(&self.folder).map_err(failed(""))
    }

    pub fn key(&self, name: &str) -> Result<PKey<Private>, AuthorityError> {
        Ok(PKey::private_key_from_pem(
            &self.read(&format!("keys/{name}.key.pem"))?,
        )?)
    }

    pub fn certificate(&self, name: &str) -> Result<X509, AuthorityError> {
        Ok(X509::from_pem(&self.read(&format!("keys/{name}.cert.pem"))?)?)
    }

    /// The key, made and kept where the folder has none of this name.
    pub fn key_or_new(
        &self,
        name: &str,
        generate: impl FnOnce() -> Result<PKey<Private>, ErrorStack>,
    ) -> Result<PKey<Private>, AuthorityError> {
        let file = format!("keys/{name}.key.pem");
        if !self.folder.join(&file).exists() {
            let key = generate()?;
            self.replace(
                "keys",
                &format!("{name}.key.pem"),
                &key.private_key_to_pem_pkcs8()?,
                KEY_MODE,
            )?;
        }
        self.key(name)
    }

    pub fn has_certificate(&self, name: &str) -> bool {
        self.folder.join(format!("keys/{name}.cert.pem")).exists()
    }

    pub fn replace_certificate(&self, name: &str, certificate: &X509) -> Result<(), AuthorityError> {
        self.replace(
            "keys",
            &format!("{name}.cert.pem"),
            &certificate.to_pem()?,
            CERTIFICATE_MODE,
        )
    }

    /// The root where readers of `trust/ca.pem` expect it.
    pub fn publish_root(&self, root: &X509) -> Result<(), AuthorityError> {
        let pem = root.to_pem()?;
        let trust = self.folder.join("trust");
        if fs::read(trust.join("ca.pem")).is_ok_and(|stored| stored == pem) {
            return Ok(());
        }
        fs::create_dir_all(&trust).map_err(failed("trust"))?;
        self.replace("trust", "ca.pem", &pem, CERTIFICATE_MODE)?;
        sync_folder(&self.folder).map_err(failed(""))
    }

    /// Replaces a file whole: written beside, synced, renamed.
    fn replace(&self, folder: &str, name: &str, content: &[u8], mode: u32) -> Result<(), AuthorityError> {
        let file = format!("{folder}/{name}");
        let beside = format!("{file}.new");
        match fs::remove_file(self.folder.join(&beside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&beside)(error)),
            _ => {}
        }
        self.write_new(&beside, content, mode).map_err(failed(&beside))?;
        fs::rename(self.folder.join(&beside), self.folder.join(&file)).map_err(failed(&file))?;
        sync_folder(&self.folder.join(folder)).map_err(failed(folder))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, AuthorityError> {
        fs::read(self.folder.join(name)).map_err(failed(name))
    }

    fn write_new(&self, name: &str, content: &[u8], mode: u32) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(self.folder.join(name))?;
        file.write_all(content)?;
        file.sync_all()
    }
}

fn failed(name: &str) -> impl FnOnce(io::Error) -> AuthorityError {
    move |source| AuthorityError::File {
        name: name.to_owned(),
        source,
    }
}

/// A new or renamed name is durable only when its folder is synced as well.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
