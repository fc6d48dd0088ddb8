//! The demo's authority on disk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use seal::authority::{AuthorityError, DemoAuthority, DemoOptions};
use seal::keys::{KeyKind, Scheme};

use crate::support::{BEGINNING, counting, openssl_ok, text};

fn quick() -> DemoOptions {
    DemoOptions {
        seal: (KeyKind::P256, Scheme::EcdsaP256),
        timestamps: (KeyKind::P256, Scheme::EcdsaP256),
        not_before: BEGINNING,
    }
}

fn open(folder: &Path, hosts: &[&str]) -> Result<DemoAuthority, AuthorityError> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    DemoAuthority::open_or_create(folder, &quick(), &hosts, &mut counting())
}

#[test]
fn a_second_start_finds_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), &[]).unwrap();
    let second = open(folder.path(), &[]).unwrap();
    assert_eq!(first.root.to_der().unwrap(), second.root.to_der().unwrap());
    assert_eq!(
        first.seal.chain()[0].to_der().unwrap(),
        second.seal.chain()[0].to_der().unwrap()
    );
    assert_eq!(
        first.tls.certificate.to_der().unwrap(),
        second.tls.certificate.to_der().unwrap()
    );
    let published = fs::read(folder.path().join("trust/ca.pem")).unwrap();
    assert_eq!(published, first.root.to_pem().unwrap());
}

#[test]
fn keys_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &[]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("keys")), 0o700);
    let mut keys = BTreeSet::new();
    for entry in fs::read_dir(folder.path().join("keys")).unwrap() {
        let path = entry.unwrap().path();
        if text(&path).ends_with(".key.pem") {
            assert_eq!(mode(&path), 0o600, "{path:?}");
            keys.insert(path);
        }
    }
    // Root, seal, timestamps, web server, application.
    assert_eq!(keys.len(), 5);
}

#[test]
fn a_start_that_was_cut_off_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let left_over = folder.path().join("keys.new");
    fs::create_dir_all(&left_over).unwrap();
    fs::write(left_over.join("ca.key.pem"), b"half a k").unwrap();
    open(folder.path(), &[]).unwrap();
    assert!(!left_over.exists());
}

#[test]
fn the_server_certificate_follows_its_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let names = |authority: &DemoAuthority| {
        let names = authority.tls.certificate.subject_alt_names().unwrap();
        names
            .iter()
            .filter_map(|name| name.dnsname().map(str::to_owned))
            .collect::<BTreeSet<_>>()
    };
    let first = open(folder.path(), &[]).unwrap();
    assert_eq!(names(&first), ["localhost".to_owned()].into());
    let second = open(folder.path(), &["WS1.example.cz", "127.0.0.1", "0:0::1"]).unwrap();
    assert_eq!(names(&second), ["ws1.example.cz".to_owned()].into());
    assert!(first.tls.key.public_eq(&second.tls.key));
    let third = open(folder.path(), &["127.0.0.1", "::1", "ws1.example.cz"]).unwrap();
    assert_eq!(
        second.tls.certificate.to_der().unwrap(),
        third.tls.certificate.to_der().unwrap()
    );
    let path = |name: &str| folder.path().join(name);
    let verify = |purpose: &str, extra: &[&str], certificate: &str| {
        let (ca, certificate) = (path("trust/ca.pem"), path(certificate));
        let mut arguments = vec!["verify", "-x509_strict", "-CAfile", text(&ca), "-purpose", purpose];
        arguments.extend_from_slice(extra);
        arguments.push(text(&certificate));
        assert!(openssl_ok(&arguments).contains(": OK"));
    };
    verify(
        "sslserver",
        &["-verify_hostname", "ws1.example.cz", "-verify_ip", "::1"],
        "keys/tls.cert.pem",
    );
    verify("timestampsign", &[], "keys/tsa.cert.pem");
    verify("smimesign", &[], "keys/seal.cert.pem");
}

#[test]
fn certificates_last_thirty_years() {
    let folder = tempfile::tempdir().unwrap();
    let authority = open(folder.path(), &[]).unwrap();
    let seal = authority.seal.chain()[0].clone();
    for certificate in [&authority.root, &seal, &authority.tls.certificate] {
        let lasted = certificate.not_before().diff(certificate.not_after()).unwrap();
        assert_eq!(lasted.days, 10_957);
        assert_eq!(certificate.not_before().to_string(), "Jan  1 00:00:00 2020 GMT");
    }
}

#[test]
fn a_key_of_another_kind_than_asked_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &[]).unwrap();
    let other = DemoOptions::new(BEGINNING);
    let refused = DemoAuthority::open_or_create(folder.path(), &other, &[], &mut counting());
    assert!(matches!(refused, Err(AuthorityError::Key(_))));
}
