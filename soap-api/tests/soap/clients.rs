//! Requests in the forms in which clients send them.

use crate::common;

use common::http::post;
use common::{World, authorization};

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const V20: &str = "http://isds.czechpoint.cz/v20";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Names of `gMessageEnvelopeSub` that are not given below.
const ABSENT: [&str; 14] = [
    "dmSenderOrgUnit",
    "dmSenderOrgUnitNum",
    "dmRecipientOrgUnit",
    "dmRecipientOrgUnitNum",
    "dmToHands",
    "dmRecipientRefNumber",
    "dmSenderRefNumber",
    "dmRecipientIdent",
    "dmSenderIdent",
    "dmLegalTitleLaw",
    "dmLegalTitleYear",
    "dmLegalTitleSect",
    "dmLegalTitlePar",
    "dmLegalTitlePoint",
];

/// What a client sends for what was not given, with its prefix.
fn envelope(prefix: &str, absent: impl Fn(&str) -> String) -> String {
    let absent: String = ABSENT.iter().map(|name| absent(name)).collect();
    format!(
        "<{prefix}dmEnvelope>{absent}<{prefix}dbIDRecipient>nvak22s</{prefix}dbIDRecipient>\
         <{prefix}dmAnnotation>Žádost</{prefix}dmAnnotation></{prefix}dmEnvelope>"
    )
}

async fn accepted(name: &str, headers: &str, media_type: &str, document: &str) {
    let world = World::new().await;
    let headers = authorization("mesto01") + headers;
    let reply = post(world.address, "/DS/dz", &headers, media_type, document.as_bytes()).await;
    assert_eq!(reply.code(), "0000", "{name}: {}", reply.body);
    world.settle().await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    let id = format!("<dmID>{}</dmID>", reply.value("dmID"));
    let message = world.call("novak01", "dz", "MessageDownload", &id).await;
    assert_eq!(
        message.value("dmEncodedContent"),
        base64_simd::STANDARD.encode_to_string([b'a'; 100]),
        "{name}"
    );
    assert_eq!(message.value("dmAnnotation"), "Žádost", "{name}");
}

/// 100 times the letter a, in lines of `width`, with `end` after each.
fn content(width: usize, end: &str) -> String {
    let text = base64_simd::STANDARD.encode_to_string([b'a'; 100]);
    text.as_bytes()
        .chunks(width)
        .map(|line| format!("{}{end}", String::from_utf8_lossy(line)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn default_namespaces_and_empty_elements() {
    // libdatovka
    let inside =
        envelope("", |name| format!("<{name}/>")).replace("</dmEnvelope>", "<dmOVM/><dmPublishOwnID/></dmEnvelope>");
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Envelope xmlns=\"{SOAP_11}\"><Body><CreateMessage xmlns=\"{V20}\">\
         {inside}<dmFiles><dmFile dmMimeType=\"text/plain\" dmFileMetaType=\"main\" dmFileGuid=\"\" dmUpFileGuid=\"\" \
         dmFileDescr=\"a.txt\"><dmEncodedContent>{}</dmEncodedContent></dmFile></dmFiles></CreateMessage></Body></Envelope>\n",
        content(72, "\n")
    );
    accepted("empty elements", "", "text/xml", &document).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prefixes_and_nil() {
    // zeep, PHP
    for (soap, media_type) in [
        (SOAP_11, "text/xml; charset=utf-8"),
        (SOAP_12, "application/soap+xml; charset=utf-8; action=\"\""),
    ] {
        let inside = envelope("ns0:", |name| format!("<ns0:{name} xsi:nil=\"true\"/>"));
        let document = format!(
            "<?xml version='1.0' encoding='utf-8'?>\n<soap-env:Envelope xmlns:soap-env=\"{soap}\"><soap-env:Header/>\
             <soap-env:Body><ns0:CreateMessage xmlns:ns0=\"{V20}\" xmlns:xsi=\"{XSI}\">{inside}<ns0:dmFiles>\n\
             <ns0:dmFile dmMimeType=\"\" dmFileMetaType=\"main\" dmFileDescr=\"a.txt\">\n\
             <ns0:dmEncodedContent>{}</ns0:dmEncodedContent>\n</ns0:dmFile></ns0:dmFiles></ns0:CreateMessage>\
             </soap-env:Body></soap-env:Envelope>",
            content(1000, "")
        );
        accepted("nil", "SOAPAction: \"\"\r\n", media_type, &document).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn left_out_elements_and_a_namespace_on_the_envelope() {
    // node-soap
    let inside = envelope("tns:", |_| String::new());
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{SOAP_11}\" xmlns:xsi=\"{XSI}\" \
         xmlns:tns=\"{V20}\"><soap:Body><tns:CreateMessage xmlns:tns=\"{V20}\" xmlns=\"{V20}\">{inside}<tns:dmFiles>\
         <tns:dmFile dmMimeType=\"pdf\" dmFileMetaType=\"main\" dmFileDescr=\"a.txt\"><tns:dmEncodedContent>{}\
         </tns:dmEncodedContent></tns:dmFile></tns:dmFiles></tns:CreateMessage></soap:Body></soap:Envelope>",
        content(76, "&#13;\n")
    );
    let document = document.replace("\"pdf\"", "\"txt\"");
    accepted("left out", "SOAPAction: \"\"\r\n", "text/xml; charset=utf-8", &document).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_in_no_namespace() {
    // gSOAP
    let inside = envelope("", |_| String::new());
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{SOAP_11}\" xmlns:ns1=\"{V20}\">\
         <SOAP-ENV:Body><ns1:CreateMessage>{inside}<dmFiles><dmFile dmMimeType=\"text/plain\" dmFileMetaType=\"main\" \
         dmFileDescr=\"a.txt\"><dmEncodedContent>{}</dmEncodedContent></dmFile></dmFiles></ns1:CreateMessage>\
         </SOAP-ENV:Body></SOAP-ENV:Envelope>",
        content(64, "\r\n")
    );
    accepted("no namespace", "SOAPAction:\r\n", "text/xml; charset=utf-8", &document).await;
}

#[tokio::test]
async fn an_attachment_may_be_an_xml_element() {
    let world = World::new().await;
    let document = format!(
        "<e:Envelope xmlns:e=\"{SOAP_11}\"><e:Body><CreateMessage xmlns=\"{V20}\" xmlns:f=\"urn:form\">{}<dmFiles>\
         <dmFile dmMimeType=\"text/xml\" dmFileMetaType=\"main\" dmFileDescr=\"form.xml\">\
         <dmXMLContent><f:form kind=\"1\"><f:field>a &amp; b</f:field></f:form></dmXMLContent></dmFile>\
         </dmFiles></CreateMessage></e:Body></e:Envelope>",
        envelope("", |name| format!("<{name}/>"))
    );
    let reply = post(
        world.address,
        "/DS/dz",
        &authorization("mesto01"),
        "text/xml",
        document.as_bytes(),
    )
    .await;
    assert_eq!(reply.code(), "0000", "{}", reply.body);
    world.settle().await;
    world.call("novak01", "dx", "GetListOfReceivedMessages", "").await;
    let id = format!("<dmID>{}</dmID>", reply.value("dmID"));
    let message = world.call("novak01", "dz", "MessageDownload", &id).await;
    let content = message.body.split("dmXMLContent>").nth(1).unwrap();
    assert!(content.starts_with("<f:form kind=\"1\""), "{content}");
    assert!(content.contains("xmlns:f=\"urn:form\""), "{content}");
    assert!(
        content.contains("><f:field>a &amp; b</f:field></f:form></p:"),
        "{content}"
    );
}
