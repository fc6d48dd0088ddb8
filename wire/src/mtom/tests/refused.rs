//! What is refused, and why.

use super::*;

use crate::names::SOAP_11;

#[test]
fn outer_types_that_are_no_package_of_xop() {
    let body = one(b"a");
    let outer = |from: &str, to: &str| wrong_with(&OUTER.replace(from, to), &body);
    let xop = "application/xop+xml";
    assert_eq!(outer(xop, "application/soap+xml"), MtomError::OuterTypeSoap);
    assert_eq!(outer(xop, "application/soap+xml; action=a"), MtomError::OuterTypeSoap);
    assert_eq!(outer(xop, "text/xml"), MtomError::OuterType);
    assert_eq!(outer("type=", "kind="), MtomError::OuterType);
    assert_eq!(outer("multipart/related", "multipart/mixed"), MtomError::OuterType);
    assert_eq!(outer("multipart/related", "multipart"), MtomError::OuterType);
    assert_eq!(
        outer("multipart/related;", "multipart/related; type=x;"),
        MtomError::OuterType
    );
    assert_eq!(outer("boundary=\"b\"", ""), MtomError::Boundary);
    assert_eq!(outer("\"b\"", "\"\""), MtomError::Boundary);
    assert_eq!(outer("\"b\"", "\"b\\\r\""), MtomError::Boundary);
    assert_eq!(outer("\"b\"", "\"b "), MtomError::OuterType, "a quote that never ends");
    assert_eq!(outer("\"b\"", "\"b \""), MtomError::Boundary, "a blank at the end");
    assert_eq!(outer("\"b\"", "\"b\" x"), MtomError::OuterType);
    let without_start = OUTER.replace("start=", "x-start=");
    assert_eq!(read_package_for_check(&without_start, &body, usize::MAX).unwrap(), b"a");
}

#[test]
fn root_parts_that_are_none() {
    let good = one(b"a");
    let instead = |from: &str, to: &str| wrong(&replace(&good, from.as_bytes(), to.as_bytes()));
    assert_eq!(wrong(b""), MtomError::NoRoot);
    assert_eq!(wrong(b"<Envelope/>"), MtomError::NoRoot);
    assert_eq!(wrong(b"--b--\r\n"), MtomError::NoRoot);
    assert_eq!(wrong(b"\r\n--b--"), MtomError::NoRoot);
    assert_eq!(wrong(b"--c\r\n\r\n"), MtomError::NoRoot);
    assert_eq!(wrong(&good[1..]), MtomError::Start, "the second part is found first");
    assert_eq!(instead("<root@x>", "<other@x>"), MtomError::Start);
    assert_eq!(instead("Content-ID: <root@x>\r\n", ""), MtomError::Start);
    assert_eq!(
        instead("Content-Type: application/xop+xml", "Content-Type: text/xml"),
        MtomError::RootType
    );
    assert_eq!(
        instead("type=\"application/soap+xml\"", "type=\"text/xml\""),
        MtomError::RootType
    );
    assert_eq!(instead("charset=UTF-8", "charset=windows-1250"), MtomError::RootType);
    assert_eq!(
        instead("Content-Type: application", "X-Type: application"),
        MtomError::RootType
    );
    assert_eq!(instead("application/xop+xml", "multipart/related"), MtomError::Nested);
    assert_eq!(instead(SOAP_12, SOAP_11), MtomError::Soap11);
    let of_11 = replace(
        &replace(&good, SOAP_12.as_bytes(), SOAP_11.as_bytes()),
        b"<Op ",
        b"<Op><?",
    );
    assert_eq!(wrong(&of_11), MtomError::Soap11, "whatever else is wrong with it");
    let before = [vec![b' '; MAX_OUTSIDE + 1], good.clone()].concat();
    assert_eq!(wrong(&before), MtomError::Outside);
    let roots = [&root(&envelope("")), &b"\r\n"[..], &root(&envelope("")), LAST].concat();
    assert_eq!(wrong(&roots), MtomError::Unreferenced, "two roots");
    // The envelope itself is judged as any other.
    let declared = replace(&good, b"<Envelope", b"<!DOCTYPE x><Envelope");
    assert!(matches!(read(&declared), Err(ReadError::DocumentType)));
    assert!(matches!(
        read(&replace(&good, b"</Op>", b"")),
        Err(ReadError::Malformed(_))
    ));
    let cut = [
        &root("<Envelope xmlns=\"http://www.w3.org/2003/05/soap-envelope\"><Body>"),
        LAST,
    ]
    .concat();
    assert!(matches!(read(&cut), Err(ReadError::Truncated)));
}

#[test]
fn boundaries_with_something_behind_them() {
    let good = one(b"a");
    let last = |to: &[u8]| [&good[..good.len() - LAST.len()], to].concat();
    assert_eq!(wrong(&last(b"\r\n--b-x")), MtomError::Delimiter);
    assert_eq!(wrong(&last(b"\r\n--bc--\r\n")), MtomError::Delimiter);
    assert_eq!(wrong(&last(b"\r\n--b\n\n")), MtomError::Delimiter);
    assert_eq!(wrong(&last(b"\r\n--b")), MtomError::Truncated);
    assert_eq!(wrong(&last(b"\r\n--b-")), MtomError::Truncated);
    assert_eq!(
        wrong(&last(b"\n--b--\r\n")),
        MtomError::Truncated,
        "no line break of its own"
    );
    let padded = |blanks: usize| {
        replace(
            &good,
            b"--b\r\nContent-Type: text",
            &[b"--b", &*vec![b' '; blanks], b"\r\nContent-Type: text"].concat(),
        )
    };
    assert_eq!(read(&padded(60)).unwrap(), b"a");
    assert_eq!(wrong(&padded(100)), MtomError::Delimiter);
    let after = [&good[..], &vec![b' '; MAX_OUTSIDE + 1]].concat();
    assert_eq!(wrong(&after), MtomError::Outside);
}

#[test]
fn heads_of_parts_are_bounded_and_checked() {
    let with = |line: &str| {
        replace(
            &one(b"a"),
            b"\r\nContent-ID: <a>",
            format!("\r\n{line}\r\nContent-ID: <a>").as_bytes(),
        )
    };
    let long = |bytes: usize| with(&format!("X-A: {}", "a".repeat(bytes)));
    assert_eq!(read(&long(MAX_HEAD - 100)).unwrap(), b"a");
    assert_eq!(wrong(&long(MAX_HEAD)), MtomError::Head);
    assert_eq!(wrong(&with(&"X: a\r\n".repeat(MAX_HEAD))), MtomError::Head);
    for malformed in [
        "no colon",
        ": no name",
        "n\u{1}: a",
        "a b: c",
        "X: a\n",
        "Content-ID: <a>",
        "Content-Type: a/b",
    ] {
        assert_eq!(wrong(&with(malformed)), MtomError::Head, "{malformed}");
    }
    let continued = replace(&one(b"a"), b"Content-Type: text/plain", b" text/plain");
    assert_eq!(wrong(&continued), MtomError::Head);
    assert_eq!(
        wrong(&replace(&one(b"a"), b"text/plain", b"Multipart/mixed; boundary=c")),
        MtomError::Nested
    );
    assert_eq!(read(&with("X-Folded: a\r\n b\r\n\tc")).unwrap(), b"a");
    assert_eq!(read(&with("X-Name: \u{17E}\u{E1}")).unwrap(), b"a");
}

#[test]
fn includes_that_do_not_fit() {
    let with = |inside: &str| wrong(&[&root(&envelope(inside)), &*part("a", b"ab"), LAST].concat());
    let good = include("a");
    assert_eq!(with(""), MtomError::Unreferenced);
    assert_eq!(
        with("<dmEncodedContent>YWI=</dmEncodedContent>"),
        MtomError::Unreferenced
    );
    assert_eq!(with(&include("b")), MtomError::WrongPart);
    assert_eq!(with(&(good.clone() + &include("a"))), MtomError::Twice);
    assert_eq!(with(&include("root@x")), MtomError::Twice);
    for href in [
        "href=\"\"",
        "href=\"a\"",
        "href=\"cid:\"",
        "href=\"http://a\"",
        "href=\"cid:%FF\"",
        "x=\"cid:a\"",
    ] {
        assert_eq!(with(&good.replace("href=\"cid:a\"", href)), MtomError::Href, "{href}");
    }
    let encoded = |inside: &str| with(&good.replace("<i:", &format!("{inside}<i:")));
    assert_eq!(encoded("YQ"), MtomError::NotAlone);
    assert_eq!(encoded("YWJj"), MtomError::NotAlone);
    assert_eq!(encoded("&#65;"), MtomError::NotAlone);
    assert_eq!(with(&good.replace("/></dm", "/>YQ==</dm")), MtomError::NotAlone);
    let again = format!("/><i:Include xmlns:i=\"{XOP}\" href=\"cid:b\"/></dm");
    assert_eq!(with(&good.replace("/></dm", &again)), MtomError::NotAlone);
    for place in ["dmID", "dmAnnotation", "dmXMLContent", "other"] {
        assert_eq!(
            with(&good.replace("dmEncodedContent", place)),
            MtomError::Misplaced,
            "{place}"
        );
    }
    let nested = format!("><i:Include xmlns:i=\"{XOP}\" href=\"cid:b\"/></i:Include></dm");
    assert_eq!(with(&good.replace("/></dm", &nested)), MtomError::Misplaced);
    assert_eq!(wrong(&[&root(&envelope(&good)), LAST].concat()), MtomError::WrongPart);
    let nameless = replace(&one(b"a"), b"Content-ID: <a>", b"X-ID: <a>");
    assert_eq!(wrong(&nameless), MtomError::WrongPart);
    // In a document that is no package it stands for nothing.
    let document = envelope(&good);
    let read = crate::reader::read_all_for_check(document.as_bytes());
    assert!(matches!(read, Err(ReadError::Mtom(MtomError::NoPackage))));
    let other = good.replace("dmEncodedContent", "other");
    crate::reader::read_all_for_check(envelope(&other).as_bytes()).unwrap();
}

#[test]
fn what_has_to_be_kept_is_bounded() {
    let rest = |bytes: usize| {
        // Short comments, since a long one is too long by itself.
        let comments = "<!---->".repeat(bytes / 7);
        [&root(&envelope(&(include("a") + &comments))), &*part("a", b"ab"), LAST].concat()
    };
    assert_eq!(read(&rest(MAX_REST - 100)).unwrap(), b"ab");
    assert_eq!(wrong(&rest(MAX_REST + 100)), MtomError::LongRest);
    let many = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let inside: String = names.iter().map(|name| include(name)).collect();
        let parts: Vec<u8> = names.iter().flat_map(|name| part(name, b"x")).collect();
        [&root(&envelope(&inside)), &*parts, LAST].concat()
    };
    assert_eq!(read(&many(MAX_PARTS)).unwrap().len(), MAX_PARTS);
    assert_eq!(wrong(&many(MAX_PARTS + 1)), MtomError::TooManyParts);
}

#[test]
fn envelope_and_parts_are_bounded_together() {
    let body = one(&[b'a'; 5_000]);
    let related = Related::of(&MediaType::parse(OUTER).unwrap()).unwrap();
    let read = |total: u64| {
        let read = async {
            let mut request = Request::open_package(&*body, total, &related).await?;
            read_on(&mut request, |_| ()).await
        };
        read.now_or_never().unwrap()
    };
    let envelope = envelope(&include("a")).len() as u64;
    read(envelope + 5_000).unwrap();
    assert!(matches!(read(envelope + 4_999), Err(ReadError::TooLarge)));
    assert!(matches!(read(envelope - 1), Err(ReadError::TooLarge)));
}

#[test]
fn errors_never_echo_the_package() {
    let secret = "tajemstvi".repeat(20);
    for (outer, body) in [
        (OUTER.replace("xop+xml", &secret), one(b"a")),
        (OUTER.to_owned(), secret.clone().into_bytes()),
        (OUTER.to_owned(), replace(&one(b"a"), b"cid:a", secret.as_bytes())),
        (OUTER.to_owned(), replace(&one(b"a"), b"Content-ID", secret.as_bytes())),
        (OUTER.to_owned(), replace(&one(b"a"), b"<a>", secret.as_bytes())),
        (
            OUTER.to_owned(),
            replace(&one(b"a"), b"text/plain", secret.as_bytes())[..400].to_owned(),
        ),
    ] {
        let error = read_package_for_check(&outer, &body, usize::MAX).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("tajemstvi"), "{error:?}");
    }
}
