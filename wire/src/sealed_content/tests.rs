use sha2::{Digest, Sha256};

use super::markup::MAX_MARKUP;
use super::node::MAX_VALUE;
use super::{SealedContent, SealedContentError, SealedContentReader, SealedEvent, SealedFile, SealedKind};

const DM: &str = r#"<p:dmDm xmlns:p="http://isds.czechpoint.cz/v20"><p:dmID>42</p:dmID><p:dmAnnotation a='>' b="/>">x &lt; y</p:dmAnnotation><p:dmFiles><p:dmFile/><!-- <p:dmDm> --></p:dmFiles></p:dmDm >"#;

fn message(dm: &str, hash: &str) -> String {
    format!(
        concat!(
            r#"<q:MessageDownloadResponse xmlns:q="http://isds.czechpoint.cz/v20/message" "#,
            r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><q:dmReturnedMessage>{}"#,
            r#"<q:dmHash algorithm="SHA-256">{}</q:dmHash><q:dmQTimestamp>AAEC&#10;Aw==</q:dmQTimestamp>"#,
            r#"<q:dmDeliveryTime>2018-04-25T17:26:34.400+02:00</q:dmDeliveryTime>"#,
            r#"<q:dmAcceptanceTime xsi:nil="true"/><q:dmMessageStatus>4</q:dmMessageStatus>"#,
            r#"</q:dmReturnedMessage></q:MessageDownloadResponse>"#
        ),
        dm, hash
    )
}

fn read(xml: &str, step: usize) -> Result<SealedContent, SealedContentError> {
    let mut reader = SealedContentReader::new();
    for slice in xml.as_bytes().chunks(step) {
        reader.feed(slice)?;
    }
    reader.finish()
}

#[test]
fn digest_covers_exactly_the_message_whatever_the_slices() {
    let hash = Sha256::digest(DM.as_bytes()).to_vec();
    let xml = message(DM, &base64_simd::STANDARD.encode_to_string(&hash));
    for step in [1, 2, 3, 7, 64, 1 << 20] {
        let content = read(&xml, step).unwrap();
        assert_eq!(content.kind, SealedKind::Received);
        assert_eq!(content.dm_id, "42");
        assert_eq!(content.hash, hash);
        assert_eq!(content.computed_hash.as_deref(), Some(hash.as_slice()), "step {step}");
        assert_eq!(content.timestamp.as_deref(), Some(&[0, 1, 2, 3][..]));
        assert_eq!(content.delivery_time, Some(1_524_669_994_400_000));
        assert_eq!(content.acceptance_time, None);
        assert_eq!(content.status, 4);
    }
}

#[test]
fn large_values_inside_the_message_pass_by() {
    let dm = DM.replace(
        "<p:dmFile/>",
        &format!(
            "<p:dmFile><p:dmEncodedContent>{}</p:dmEncodedContent></p:dmFile>",
            "QUJD\n".repeat(1 << 18)
        ),
    );
    let hash = Sha256::digest(dm.as_bytes()).to_vec();
    let content = read(&message(&dm, "AAAA"), 65_536).unwrap();
    assert_eq!(content.computed_hash, Some(hash));
    assert_eq!(content.hash, [0, 0, 0]);
}

#[test]
fn events_of_a_delivery_info() {
    let xml = message("<p:dmDm xmlns:p='http://isds.czechpoint.cz/v20'><p:dmID>7</p:dmID></p:dmDm>", "AAAA")
        .replace("MessageDownloadResponse", "GetDeliveryInfoResponse")
        .replace("v20/message", "v20/delivery")
        .replace("dmReturnedMessage", "dmDelivery")
        .replace("</q:dmDelivery>", "<q:dmEvents><q:dmEvent><q:dmEventTime>1970-01-01T00:00:01Z</q:dmEventTime><q:dmEventDescr>EV1: č &amp; <![CDATA[&d]]></q:dmEventDescr></q:dmEvent></q:dmEvents></q:dmDelivery>");
    let content = read(&xml, 5).unwrap();
    assert_eq!(content.kind, SealedKind::DeliveryInfo);
    assert_eq!(content.computed_hash, None);
    assert_eq!(
        content.events,
        [SealedEvent {
            time: 1_000_000,
            description: "EV1: č & &d".to_owned()
        }]
    );
}

#[test]
fn every_cut_is_noticed() {
    let xml = message(DM, "AAAA");
    for length in 0..xml.len() {
        let mut reader = SealedContentReader::new();
        let fed = reader.feed(&xml.as_bytes()[..length]);
        assert!(fed.is_err() || reader.finish().is_err(), "cut at {length}");
    }
}

#[test]
fn what_is_refused() {
    use SealedContentError as E;
    let good = message(DM, "AAAA");
    let cases: Vec<(String, E)> = vec![
        (format!("<!DOCTYPE x>{good}"), E::DocumentType),
        (good.replace("<q:dmHash", "<!ENTITY a 'b'><q:dmHash"), E::DocumentType),
        (
            format!("<?xml version='1.0' encoding='iso-8859-2'?>{good}"),
            E::Encoding,
        ),
        (good.replace("v20/message", "v20"), E::OtherDocument),
        (good.replace("dmReturnedMessage", "dmDelivery"), E::OtherDocument),
        (
            good.replace("<q:dmMessageStatus>4<", "<q:dmMessageStatus>11<"),
            E::Value("dmMessageStatus"),
        ),
        (
            good.replace("<q:dmMessageStatus>4</q:dmMessageStatus>", ""),
            E::Missing("dmMessageStatus"),
        ),
        (
            good.replace(
                "AAAA</q:dmHash>",
                "AAAA</q:dmHash><q:dmHash algorithm='SHA-1'>AA==</q:dmHash>",
            ),
            E::Duplicate("dmHash"),
        ),
        (good.replace("<p:dmFile/>", &"<p:x>".repeat(10_000)), E::TooDeep),
        (
            good.replace("<p:dmFile/>", &format!("<p:x {}/>", "a".repeat(MAX_MARKUP))),
            E::TooLarge("a tag"),
        ),
        (
            good.replace("<p:dmID>42", &format!("<p:dmID>{}", "4".repeat(MAX_VALUE + 1))),
            E::TooLarge("dmID"),
        ),
        (
            good.replace("</p:dmFiles>", "</p:dmFile>"),
            E::Malformed("an end tag of another element"),
        ),
        (
            good.replace("<p:dmFile/>", "<z:dmFile/>"),
            E::Malformed("undeclared prefix"),
        ),
        (
            good.replace("<p:dmFile/>", "<p:dmFile a='1' a='2'/>"),
            E::Malformed("attributes"),
        ),
        (format!("{good}x"), E::Malformed("text outside the root element")),
        (format!("{good}{good}"), E::Malformed("a second root element")),
        (good.replace(DM, ""), E::Missing("dmDm")),
        (
            good.replace("17:26:34.400+02:00", "25:26:34"),
            E::Value("dmDeliveryTime"),
        ),
    ];
    for (xml, expected) in cases {
        assert_eq!(read(&xml, 11).unwrap_err(), expected, "{}", &xml[..xml.len().min(300)]);
    }
}

#[test]
fn envelope_and_files() {
    let dm = DM.replace(
        "<p:dmFile/>",
        concat!(
            "<p:dmFile dmFileDescr='a &amp; b.pdf' dmMimeType='application/pdf' dmFileMetaType='main'>",
            "<p:dmEncodedContent>QUJD RA==\n</p:dmEncodedContent></p:dmFile>",
            "<p:dmFile dmFileDescr='c.xml' dmMimeType='' dmFileMetaType='enclosure'>",
            "<p:dmXMLContent><p:dmEncodedContent>QUJD</p:dmEncodedContent></p:dmXMLContent></p:dmFile>"
        ),
    );
    let dm = dm.replace(
        "<p:dmFiles>",
        "<p:dmSender>A &amp; B</p:dmSender><p:dmToHands/><p:dmFiles>",
    );
    let file = |name: &str, mime: &str, meta: &str, bytes| SealedFile {
        file_name: name.into(),
        mime_type: mime.into(),
        meta_type: meta.into(),
        bytes,
    };
    for step in [1, 5, 1 << 20] {
        let content = read(&message(&dm, "AAAA"), step).unwrap();
        assert_eq!(
            content.envelope,
            [("dmAnnotation", "x < y".to_owned()), ("dmSender", "A & B".to_owned())]
        );
        assert_eq!(content.file_count, 2);
        assert_eq!(
            content.files,
            [
                file("a & b.pdf", "application/pdf", "main", Some(4)),
                file("c.xml", "", "enclosure", None)
            ]
        );
    }
}

#[test]
fn more_files_than_are_listed_are_counted() {
    let file = "<p:dmFile dmFileDescr='a'><p:dmEncodedContent>QQ==</p:dmEncodedContent></p:dmFile>";
    let dm = DM.replace("<p:dmFile/>", &file.repeat(1200));
    let content = read(&message(&dm, "AAAA"), 4096).unwrap();
    assert_eq!((content.files.len(), content.file_count), (1000, 1200));
    assert!(content.files.iter().all(|file| file.bytes == Some(1)));
    let long = DM.replace(
        "<p:dmFile/>",
        &format!("<p:dmFile dmFileDescr='{}'/>", "ž".repeat(5000)),
    );
    let content = read(&message(&long, "AAAA"), 4096).unwrap();
    assert_eq!(content.files[0].file_name.chars().count(), 512);
}
