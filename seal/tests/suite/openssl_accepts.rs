//! What is made here, judged by the system's `openssl` (another build and version than the one linked in) and by our own reader.

use std::fs;

use crate::support::{Keys, NOW, message, openssl_cli, openssl_ok, text};
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use der::{Decode, Encode};
use openssl::sha::sha256;
use seal::keys::{KeyKind, Scheme};
use seal::tsp::StampRequest;
use seal::verify::{TrustRoots, Verdict, verify_sealed};

/// `openssl` judges certificates by its own clock, which the tests' legal time has nothing to do with.
fn at() -> String {
    (NOW / 1_000_000).to_string()
}

fn check_all(seal: (KeyKind, Scheme), timestamps: (KeyKind, Scheme)) {
    let keys = Keys::new(seal, timestamps);
    for content in [Vec::new(), b"x<y>\r\n\0".repeat(1400), vec![0xa5; 5_000_000]] {
        check_seal(&keys, &content);
    }
    check_message(&keys);
    check_query(&keys);
}

fn check_seal(keys: &Keys, content: &[u8]) {
    let frame = keys.frame(content);
    assert!(frame.stamped);
    let sealed = crate::support::whole(&frame, content);
    let file = keys.write("sealed.zfo", &sealed);
    let out = keys.path("content");
    let ca = keys.ca_file();
    let verify = [
        "cms",
        "-verify",
        "-cades",
        "-inform",
        "DER",
        "-in",
        text(&file),
        "-CAfile",
        text(&ca),
        "-attime",
        &at(),
        "-out",
        text(&out),
    ];
    assert!(openssl_ok(&verify).contains("CAdES Verification successful"));
    assert_eq!(fs::read(&out).unwrap(), content);

    // A reader that knows DER only gets back the very same bytes.
    let info = ContentInfo::from_der(&sealed).unwrap();
    assert_eq!(info.to_der().unwrap(), sealed);
    let data = info.content.decode_as::<SignedData>().unwrap();
    let signer = data.signer_infos.0.as_ref()[0].clone();
    assert_eq!(signer.to_der().unwrap(), signer_octets(&sealed));
    let token = signer.unsigned_attrs.unwrap().as_ref()[0].values.as_ref()[0]
        .to_der()
        .unwrap();
    check_token(keys, &token, signer.signature.as_bytes());
}

/// The SignerInfo is what stands last in the file.
fn signer_octets(sealed: &[u8]) -> &[u8] {
    let info = ContentInfo::from_der(sealed)
        .unwrap()
        .content
        .decode_as::<SignedData>()
        .unwrap();
    let length = usize::try_from(info.signer_infos.0.as_ref()[0].encoded_len().unwrap()).unwrap();
    &sealed[sealed.len() - length..]
}

fn check_token(keys: &Keys, token: &[u8], data: &[u8]) {
    let token = keys.write("token.der", token);
    let data = keys.write("stamped", data);
    let ca = keys.ca_file();
    let verify = [
        "ts",
        "-verify",
        "-data",
        text(&data),
        "-in",
        text(&token),
        "-token_in",
        "-CAfile",
        text(&ca),
        "-attime",
        &at(),
    ];
    assert!(openssl_ok(&verify).contains("Verification: OK"));
    // And not over anything else.
    let other = keys.write("other", b"other");
    assert!(
        !openssl_cli(&[
            "ts",
            "-verify",
            "-data",
            text(&other),
            "-in",
            text(&token),
            "-token_in",
            "-CAfile",
            text(&ca),
            "-attime",
            &at()
        ])
        .status
        .success()
    );
}

fn check_message(keys: &Keys) {
    let content = message(keys, "QUJD\n");
    let start = content.find("<p:dmDm").unwrap();
    let end = content.find("</p:dmDm>").unwrap() + "</p:dmDm>".len();
    let token = content
        .split("<q:dmQTimestamp>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    check_token(
        keys,
        &openssl::base64::decode_block(token).unwrap(),
        &content.as_bytes()[start..end],
    );

    let sealed = keys.sealed(content.as_bytes());
    let trust = TrustRoots::new(vec![keys.root.clone()]).unwrap();
    let trusted = verify_sealed(sealed.as_slice(), Some(&trust));
    assert_eq!(
        trusted.verdict,
        Verdict::Trusted,
        "{}",
        seal::report::text("file", &trusted)
    );
    assert_eq!(trusted.found.signature_timestamps[0].gen_time.0, NOW - 456);
    assert_eq!(trusted.found.message_timestamp.as_ref().unwrap().gen_time.0, NOW - 456);
    assert_eq!(trusted.found.signing_time, Some(NOW - 123_456));
    assert_eq!(verify_sealed(sealed.as_slice(), None).verdict, Verdict::Intact);
    let stranger = TrustRoots::new(vec![Keys::quick().root]).unwrap();
    assert_eq!(
        verify_sealed(sealed.as_slice(), Some(&stranger)).verdict,
        Verdict::Invalid
    );
}

/// `openssl ts` asks, the built-in authority answers, `openssl ts` checks the answer against the question.
fn check_query(keys: &Keys) {
    let data = keys.write("data", b"to be stamped");
    let query = keys.path("query.tsq");
    let ca = keys.ca_file();
    for (digest, with_certificate) in [
        ("-sha256", true),
        ("-sha384", true),
        ("-sha512", true),
        ("-sha256", false),
    ] {
        let mut ask = vec!["ts", "-query", "-data", text(&data), digest, "-out", text(&query)];
        if with_certificate {
            ask.push("-cert");
        }
        openssl_ok(&ask);
        let answer = keys
            .timestamps
            .answer(&fs::read(&query).unwrap(), NOW, [0x80; 16])
            .unwrap();
        assert!(
            x509_tsp::TimeStampResp::from_der(&answer)
                .unwrap()
                .time_stamp_token
                .is_some()
        );
        let reply = keys.write("reply.tsr", &answer);
        let signer = keys.path("keys/tsa.cert.pem");
        let mut verify = vec![
            "ts",
            "-verify",
            "-queryfile",
            text(&query),
            "-in",
            text(&reply),
            "-CAfile",
            text(&ca),
        ];
        let at = at();
        verify.extend(["-attime", &at]);
        if !with_certificate {
            verify.extend(["-untrusted", text(&signer)]);
        }
        assert!(openssl_ok(&verify).contains("Verification: OK"), "{digest}");
    }
    openssl_ok(&["ts", "-query", "-data", text(&data), "-sha1", "-out", text(&query)]);
    let refused = keys
        .timestamps
        .answer(&fs::read(&query).unwrap(), NOW, [1; 16])
        .unwrap();
    let reply = keys.write("reply.tsr", &refused);
    assert!(
        openssl_ok(&["ts", "-reply", "-in", text(&reply), "-text"]).contains("unrecognized or unsupported algorithm")
    );
    openssl_ok(&[
        "ts",
        "-query",
        "-data",
        text(&data),
        "-sha256",
        "-tspolicy",
        "1.2.3",
        "-out",
        text(&query),
    ]);
    let refused = keys
        .timestamps
        .answer(&fs::read(&query).unwrap(), NOW, [1; 16])
        .unwrap();
    let reply = keys.write("reply.tsr", &refused);
    assert!(
        openssl_ok(&["ts", "-reply", "-in", text(&reply), "-text"]).contains("requested TSA policy is not supported")
    );
    assert_eq!(keys.timestamps.answer(b"nonsense", NOW, [1; 16]).unwrap().len(), 11);
}

#[test]
fn rsa_2048_pss() {
    check_all((KeyKind::Rsa2048, Scheme::RsaPss), (KeyKind::Rsa2048, Scheme::RsaPkcs1));
}

#[test]
fn rsa_2048_pkcs1() {
    check_all((KeyKind::Rsa2048, Scheme::RsaPkcs1), (KeyKind::P256, Scheme::EcdsaP256));
}

#[test]
fn rsa_3072_pss() {
    check_all((KeyKind::Rsa3072, Scheme::RsaPss), (KeyKind::Rsa3072, Scheme::RsaPkcs1));
}

#[test]
fn rsa_3072_pkcs1() {
    check_all(
        (KeyKind::Rsa3072, Scheme::RsaPkcs1),
        (KeyKind::Rsa2048, Scheme::RsaPkcs1),
    );
}

#[test]
fn p256() {
    check_all((KeyKind::P256, Scheme::EcdsaP256), (KeyKind::P256, Scheme::EcdsaP256));
}

#[test]
fn requests_are_what_the_standard_says() {
    let keys = Keys::quick();
    let request = StampRequest {
        imprint: sha256(b"x"),
        time: NOW,
        random: [0xff; 16],
    };
    let token = keys.timestamps.stamp(&request).unwrap();
    let info = ContentInfo::from_der(&token.der).unwrap();
    assert_eq!(info.to_der().unwrap(), token.der);
    assert_eq!(token.gen_time, NOW - 456);
}

#[test]
fn keys_that_do_not_belong_together_are_refused() {
    use seal::keys::{KeyError, SigningKey};
    let keys = Keys::quick();
    let (key, certificate) = (keys.stored_key("seal"), keys.stored_certificate("seal"));
    let new = |certificates, scheme| SigningKey::new(key.clone(), certificates, scheme);
    assert!(matches!(new(vec![], Scheme::EcdsaP256), Err(KeyError::NoCertificate)));
    assert!(matches!(
        new(vec![keys.root.clone()], Scheme::EcdsaP256),
        Err(KeyError::KeyMismatch)
    ));
    assert!(matches!(
        new(vec![certificate.clone()], Scheme::RsaPss),
        Err(KeyError::SchemeMismatch(Scheme::RsaPss))
    ));
    let pem = key.private_key_to_pem_pkcs8().unwrap();
    assert!(SigningKey::from_pem(&pem, &certificate.to_pem().unwrap(), Scheme::EcdsaP256).is_ok());
    assert!(SigningKey::from_pem(b"nonsense", &pem, Scheme::EcdsaP256).is_err());
}
