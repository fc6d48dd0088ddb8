use super::*;

use futures::FutureExt;
use std::io::Cursor;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

use crate::names::{SOAP_11, SOAP_12, V20};

fn envelope(soap: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<e:Envelope xmlns:e=\"{soap}\"><e:Body>{body}</e:Body></e:Envelope>\n"
    )
}

fn check(document: &str) -> Result<(), ReadError> {
    read_all_for_check(document.as_bytes())
}

fn check_body(body: &str) -> Result<(), ReadError> {
    check(&envelope(SOAP_11, body))
}

/// Hands out one byte at a time, as the slowest of clients would.
struct Dribble<'a>(&'a [u8]);

impl AsyncRead for Dribble<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if let Some((first, rest)) = self.0.split_first() {
            buf.put_slice(&[*first]);
            self.0 = rest;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncBufRead for Dribble<'_> {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<&[u8]>> {
        let bytes = self.get_mut().0;
        Poll::Ready(Ok(&bytes[..bytes.len().min(1)]))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.0 = &self.0[amount..];
    }
}

fn fields_of(body: &str) -> Result<Fields, ReadError> {
    let document = envelope(SOAP_11, body);
    let whole = read_fields(document.as_bytes());
    let dribbled = read_fields(Dribble(document.as_bytes()));
    assert_eq!(whole.as_ref().ok(), dribbled.as_ref().ok());
    whole
}

fn read_fields<R: AsyncBufRead + Unpin>(source: R) -> Result<Fields, ReadError> {
    async {
        let mut request = Request::open(source, 1_000_000).await.map_err(|(_, error)| error)?;
        let fields = Fields::read(request.reader(), &["a", "b", "c"]).await?;
        request.finish().await?;
        Ok(fields)
    }
    .now_or_never()
    .unwrap()
}

fn content_of(inside: &str) -> Result<Vec<u8>, ReadError> {
    let document = envelope(SOAP_12, &format!("<X xmlns=\"{V20}\">{inside}</X>"));
    let whole = read_content(document.as_bytes());
    let dribbled = read_content(Dribble(document.as_bytes()));
    assert_eq!(whole.as_ref().ok(), dribbled.as_ref().ok());
    whole
}

fn read_content<R: AsyncBufRead + Unpin>(source: R) -> Result<Vec<u8>, ReadError> {
    async {
        let mut request = Request::open(source, u64::MAX).await.map_err(|(_, error)| error)?;
        let mut bytes = Vec::new();
        while let Some(_element) = request.reader().next_child().await? {
            while let Some(piece) = request.reader().content().await? {
                bytes.extend_from_slice(piece);
            }
        }
        request.finish().await?;
        Ok(bytes)
    }
    .now_or_never()
    .unwrap()
}

#[test]
fn values_in_any_order_namespace_or_none() {
    let qualified =
        format!("<p:X xmlns:p=\"{V20}\"><p:b> 2 </p:b><p:a>x &amp; &#x17E;<![CDATA[<]]><!-- c -->y</p:a></p:X>");
    let fields = fields_of(&qualified).unwrap();
    assert_eq!(fields.text("a"), Some("x & ž<y"));
    assert_eq!(fields.integer("b").unwrap(), Some(2));
    let unqualified = format!("<p:X xmlns:p=\"{V20}\"><a>1</a><p:unknown><deep><a>7</a></deep></p:unknown></p:X>");
    assert_eq!(fields_of(&unqualified).unwrap().text("a"), Some("1"));
    let foreign = format!("<X xmlns=\"{V20}\"><a xmlns=\"urn:other\">1</a></X>");
    assert_eq!(fields_of(&foreign).unwrap().text("a"), None);
}

#[test]
fn nil_empty_and_missing_are_alike() {
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    for body in [
        "<X/>",
        "<X><a/><b></b></X>",
        &format!("<X {xsi}><a xsi:nil=\"true\"/><b xsi:nil=\"1\"></b></X>"),
    ] {
        let fields = fields_of(body).unwrap();
        assert_eq!((fields.text("a"), fields.text("b")), (None, None), "{body}");
        assert_eq!(fields.integer("a").unwrap(), None);
        assert_eq!(fields.boolean("b").unwrap(), None);
        assert_eq!(fields.time("b").unwrap(), None);
    }
}

#[test]
fn a_value_given_twice_is_refused() {
    let refusal = refused(fields_of("<X><a>1</a><a>2</a></X>"));
    assert_eq!(refusal.status(), Status::INVALID_STRUCTURE);
    assert_eq!(
        refused(fields_of("<X><a>1</a><a/></X>")).status(),
        Status::INVALID_STRUCTURE
    );
    assert_eq!(
        refused(fields_of("<X><a><z/></a></X>")).status(),
        Status::INVALID_STRUCTURE
    );
}

fn refused<T: std::fmt::Debug>(result: Result<T, ReadError>) -> Refusal {
    match result {
        Err(ReadError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_of_their_types() {
    let fields = fields_of("<X><a> 1</a><b>2026-07-01T10:00:00</b><c>0</c></X>").unwrap();
    assert_eq!(fields.boolean("a").unwrap(), Some(true));
    assert_eq!(fields.boolean("c").unwrap(), Some(false));
    assert_eq!(
        fields.time("b").unwrap().unwrap().to_string(),
        "2026-07-01T10:00:00.000+02:00"
    );
    assert_eq!(fields.time("a").unwrap_err().status(), Status::SYNTAX);
    assert_eq!(fields.integer("b").unwrap_err().status(), Status::INVALID_STRUCTURE);
    assert_eq!(fields.boolean("b").unwrap_err().status(), Status::INVALID_STRUCTURE);
    assert_eq!(fields.message_id("b").unwrap_err().status(), Status::INVALID_STRUCTURE);
    assert_eq!(message_id("x", None).unwrap_err().status(), Status::INVALID_STRUCTURE);
    assert_eq!(
        message_id("x", Some("99999999999999999999")).unwrap_err().status(),
        Status::NO_MESSAGE
    );
    assert_eq!(message_id("x", Some("17")).unwrap().0, 17);
}

#[test]
fn content_is_decoded_as_it_comes() {
    assert_eq!(
        content_of("<f>YWJj\n ZGVm&#13;&#10;\r\nZw==\n</f>").unwrap(),
        b"abcdefg"
    );
    assert_eq!(content_of("<f>YW<!-- x -->Jj<![CDATA[ZGVm]]></f>").unwrap(), b"abcdef");
    assert_eq!(content_of("<f/><f></f><f>\n</f>").unwrap(), b"");
    for wrong in [
        "<f>YWJ</f>",
        "<f>YW=j</f>",
        "<f>YWJj=</f>",
        "<f>Zw==YWJj</f>",
        "<f>žžžž</f>",
        "<f>YW<g/>Jj</f>",
        "<f>&lt;</f>",
    ] {
        assert_eq!(refused(content_of(wrong)).status(), Status::INVALID_DOCUMENT, "{wrong}");
    }
    assert!(matches!(content_of("<f>YW&nbsp;Jj</f>"), Err(ReadError::Malformed(_))));
}

#[test]
fn large_content_passes_where_large_text_does_not() {
    let raw = vec![0x5A; 300_000];
    let text = base64_simd::STANDARD.encode_to_string(&raw);
    assert_eq!(content_of(&format!("<f>{text}</f>")).unwrap(), raw);
    assert!(matches!(
        fields_of(&format!("<X><a>{text}</a></X>")),
        Err(ReadError::TokenTooLong)
    ));
    let many = "x<!-- -->".repeat(MAX_TOKEN + 1);
    assert!(matches!(
        fields_of(&format!("<X><a>{many}</a></X>")),
        Err(ReadError::TokenTooLong)
    ));
    assert!(matches!(
        check_body(&format!("<X a=\"{text}\"/>")),
        Err(ReadError::TokenTooLong)
    ));
    assert!(matches!(
        check_body(&format!("<X><!-- {text} --></X>")),
        Err(ReadError::TokenTooLong)
    ));
}

#[test]
fn versions_of_soap() {
    for (namespace, version) in [(SOAP_11, SoapVersion::V11), (SOAP_12, SoapVersion::V12)] {
        let document = envelope(namespace, &format!("<Op xmlns=\"{V20}\"/>"));
        let request = Request::open(document.as_bytes(), 10_000)
            .now_or_never()
            .unwrap()
            .ok()
            .unwrap();
        assert_eq!(
            (request.version(), request.operation().contract_name()),
            (version, "Op")
        );
    }
    assert!(matches!(
        check(&envelope("urn:soap", "<X/>")),
        Err(ReadError::VersionMismatch)
    ));
    assert!(matches!(
        check(&envelope("", "<X/>").replace("e:", "").replace(":e", "")),
        Err(ReadError::VersionMismatch)
    ));
    assert!(matches!(check("<a/>"), Err(ReadError::NotSoap)));
}

#[test]
fn one_body_with_one_element() {
    let body = |inside: &str| format!("<Envelope xmlns=\"{SOAP_11}\">{inside}</Envelope>");
    for wrong in [
        "",
        "<Body/>",
        "<Body><a/><b/></Body>",
        "<Body><a/></Body><Body><a/></Body>",
        "<Body><a/></Body><Header/>",
        "<Header/>",
        "<Header/><Header/><Body><a/></Body>",
        "<Body xmlns=\"urn:x\"><a/></Body>",
    ] {
        assert!(matches!(check(&body(wrong)), Err(ReadError::Body)), "{wrong}");
    }
    check(&body(
        "<Header><t xmlns=\"urn:t\">x</t></Header><Body>\n<a/>\n</Body>\n<!-- x -->",
    ))
    .unwrap();
    check(&body("<Body><a/></Body><trailer xmlns=\"urn:t\"/>")).unwrap();
}

#[test]
fn header_blocks_that_must_be_understood() {
    let with = |attributes: &str| {
        check(&format!(
            "<e:Envelope xmlns:e=\"{SOAP_11}\"><e:Header><t {attributes}/></e:Header><e:Body><a/></e:Body></e:Envelope>"
        ))
    };
    assert!(matches!(with("e:mustUnderstand=\"1\""), Err(ReadError::MustUnderstand)));
    assert!(matches!(
        with("e:mustUnderstand='true' e:actor=''"),
        Err(ReadError::MustUnderstand)
    ));
    with("e:mustUnderstand=\"0\"").unwrap();
    with("mustUnderstand=\"1\"").unwrap();
    with("e:mustUnderstand=\"1\" e:actor=\"urn:somebody-else\"").unwrap();
}

#[test]
fn what_is_not_xml_is_refused() {
    for wrong in [
        "",
        "text",
        "<",
        "<a",
        "<a>",
        "<a></b>",
        "<a b></a>",
        "<a b=c/>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<1/>",
        "<a/><b/>",
        "<a/>text",
        "</a>",
        "<a>&b;</a>",
        "<a>&#0;</a>",
        "<a>&#1;</a>",
        "<a>\u{1}</a>",
        "<a b='&c;'/>",
        "<a>& </a>",
        "<a><![CDATA[x</a>",
        "<a><!-- x</a>",
        "<?xml version='1.1'?><a/>",
        " <?xml version='1.0'?><a/>",
    ] {
        let error = check(wrong).unwrap_err();
        assert!(
            matches!(
                error,
                ReadError::Malformed(_) | ReadError::Truncated | ReadError::NotSoap
            ),
            "{wrong}: {error}"
        );
        // The same inside an envelope, where it is not hidden by what the root should have been.
        let error = check_body(&format!("<X>{wrong}</X>"));
        let harmless = ["", "text", "<a/><b/>", "<a/>text"].contains(&wrong);
        assert_eq!(error.is_ok(), harmless, "{wrong}: {error:?}");
    }
    let mut latin = envelope(SOAP_11, "<X>").into_bytes();
    latin.extend_from_slice(b"\xE1</X>");
    assert!(matches!(read_all_for_check(&latin), Err(ReadError::Malformed(_))));
}

#[test]
fn encodings_and_document_types() {
    let document = envelope(SOAP_11, "<X/>");
    check(&format!("\u{FEFF}{document}")).unwrap();
    assert!(read_fields(Dribble(format!("\u{FEFF}{document}").as_bytes())).is_ok());
    check(&document.replace("utf-8", "UTF-8")).unwrap();
    assert!(matches!(
        check(&document.replace("utf-8", "windows-1250")),
        Err(ReadError::Encoding)
    ));
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(document.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(read_all_for_check(&utf16).is_err());
    let with_type = |declaration: &str| check(&document.replace("\n<e:Env", &format!("{declaration}<e:Env")));
    assert!(matches!(with_type("<!DOCTYPE x>"), Err(ReadError::DocumentType)));
    assert!(matches!(
        with_type("<!DOCTYPE x [<!ENTITY a \"b\">]>"),
        Err(ReadError::DocumentType)
    ));
    assert!(matches!(
        with_type("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"),
        Err(ReadError::DocumentType)
    ));
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| check_body(&format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels)));
    nested(MAX_DEPTH - 2).unwrap();
    assert!(matches!(nested(MAX_DEPTH - 1), Err(ReadError::TooDeep)));
    assert!(matches!(nested(10_000), Err(ReadError::TooDeep)));
}

#[test]
fn elements_are_bounded() {
    // Envelope, body and the operation count as well.
    check_body(&format!("<X>{}</X>", "<a/>".repeat(MAX_ELEMENTS - 3))).unwrap();
    let many = check_body(&format!("<X>{}</X>", "<a/>".repeat(MAX_ELEMENTS - 2)));
    assert!(matches!(many, Err(ReadError::TooManyElements)));
}

#[test]
fn attributes_are_bounded() {
    let with = |count: usize| {
        let attributes: String = (0..count).map(|n| format!(" a{n}=\"\"")).collect();
        check_body(&format!("<X{attributes}/>"))
    };
    with(MAX_ATTRIBUTES).unwrap();
    assert!(matches!(with(MAX_ATTRIBUTES + 1), Err(ReadError::TokenTooLong)));
    assert!(with(5_000).is_err());
    let bindings: String = (0..2_000).map(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    assert!(check_body(&format!("<X{bindings}/>")).is_err());
}

#[test]
fn the_whole_is_bounded() {
    let document = envelope(SOAP_11, &format!("<X>{}</X>", "<a/>".repeat(1000)));
    let read = |total: usize| {
        async {
            let mut request = Request::open(document.as_bytes(), total as u64)
                .await
                .map_err(|(_, error)| error)?;
            request.reader().skip().await?;
            request.finish().await
        }
        .now_or_never()
        .unwrap()
    };
    read(document.len()).unwrap();
    assert!(matches!(read(document.len() - 1), Err(ReadError::TooLarge)));
    assert!(matches!(read(500), Err(ReadError::TooLarge)));
}

#[test]
fn a_request_cut_anywhere_is_not_accepted() {
    let document = envelope(
        SOAP_11,
        &format!("<X xmlns=\"{V20}\" a='1'><dmID>5 &amp;</dmID><dmMessage>YWJj</dmMessage><!-- c --></X>"),
    );
    check(&document).unwrap();
    for end in 0..document.trim_end().len() {
        assert!(read_all_for_check(&document.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn errors_never_echo_the_request() {
    let secret = "tajemstvi".repeat(20);
    for document in [
        format!("<a></{secret}>"),
        format!("<a>&{secret};</a>"),
        format!("<!DOCTYPE {secret}>"),
        format!("<{secret}:a/>"),
        format!("<?xml version=\"{secret}\"?><a/>"),
        format!("<?xml version=\"1.0\" encoding=\"{secret}\"?><a/>"),
    ] {
        let error = check(&document).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("tajemstvi"), "{error:?}");
    }
}

#[test]
fn a_source_that_fails_is_told_apart() {
    struct Broken;
    impl AsyncRead for Broken {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(std::io::ErrorKind::TimedOut.into()))
        }
    }
    let start = Cursor::new(format!("<Envelope xmlns=\"{SOAP_11}\"><Body><X>").into_bytes());
    let source = tokio::io::BufReader::new(tokio::io::AsyncReadExt::chain(start, Broken));
    match read_fields(source) {
        Err(ReadError::Io(error)) => assert_eq!(error.kind(), std::io::ErrorKind::TimedOut),
        other => panic!("{other:?}"),
    }
}

fn as_written(content: &str) -> Result<String, ReadError> {
    let document = envelope(
        SOAP_11,
        &format!("<op xmlns=\"{V20}\" xmlns:f=\"urn:form\"><x>{content}</x><y/></op>"),
    );
    async {
        let mut request = Request::open(document.as_bytes(), 10_000_000)
            .await
            .map_err(|(_, error)| error)?;
        let reader = request.reader();
        reader.next_child().await?;
        let element = reader.child_as_written().await?;
        assert_eq!(reader.next_child().await?.map(|child| child.name), Some("y".to_owned()));
        Ok(String::from_utf8(element).unwrap())
    }
    .now_or_never()
    .unwrap()
}

#[test]
fn an_element_is_kept_as_written_with_its_scope() {
    let written = as_written(" <f:a xmlns=\"\" b='&lt;1'><c/><!-- k --><![CDATA[<d>]]>&amp;</f:a>\n").unwrap();
    assert!(written.starts_with("<f:a xmlns=\"\" b='&lt;1'"), "{written}");
    assert!(
        written.ends_with("><c/><!-- k --><![CDATA[<d>]]>&amp;</f:a>"),
        "{written}"
    );
    let head = &written[..written.find('>').unwrap()];
    assert!(
        head.contains("xmlns:f=\"urn:form\"") && head.matches("xmlns=").count() == 1,
        "{head}"
    );
    // The default namespace of the request goes along with an element that stands in it.
    assert_eq!(
        as_written("<a/>").unwrap().matches(&format!("xmlns=\"{V20}\"")).count(),
        1
    );
}

#[test]
fn only_one_element_is_kept() {
    for content in ["", "text", "<a/><b/>"] {
        assert!(matches!(as_written(content), Err(ReadError::Refused(_))), "{content}");
    }
    let long = format!("<a>{}</a>", "<b/>".repeat(300_000));
    assert!(matches!(
        as_written(&long),
        Err(ReadError::TooManyElements | ReadError::TokenTooLong)
    ));
}
