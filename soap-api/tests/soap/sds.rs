//! The public list of holders: its service and its files, over HTTP and without signing in.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::path::Path;
use std::process::Command;

use common::World;
use common::http::{Reply, exchange, post};
use isds_core::box_type::BoxType;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;

/// Answers that the descriptor allows, whatever they say.
fn valid(schema: &str, document: &str) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wsdl/sds").join(schema);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, document.as_bytes()).unwrap();
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([schema.as_path(), file.path()])
        .output()
        .expect("xmllint (package libxml2-utils) is needed");
    assert!(
        output.status.success(),
        "{}\n{document}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn call(world: &World, request: &str, inside: &str) -> String {
    let document = format!("<{request} xmlns=\"http://seznam.gov.cz/ovm/ws/v1\">{inside}</{request}>");
    let reply = post(world.address, "/sds/ws/call", "", "text/xml", document.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("content-type"), Some("text/xml; charset=utf-8"));
    valid("descriptor.xsd", &reply.body);
    let body = reply.body.split_once('\n').unwrap().1;
    body.replace(" xmlns=\"http://seznam.gov.cz/ovm/ws/v1\"", "")
}

async fn get(world: &World, path: &str) -> Reply {
    let request = format!("GET {path} HTTP/1.1\r\nHost: isds.test\r\nConnection: close\r\n\r\n");
    exchange(world.address, &[request.as_bytes()]).await
}

/// A self-employed person who did not ask to stand in the list, and one who did.
async fn world() -> World {
    let world = World::new().await;
    let office = world
        .isds
        .store
        .lookup_box("mesta2j".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let trader = |id: &str, name: &str| DataBox {
        id: id.parse().unwrap(),
        box_type: BoxType::Pfo,
        given_names: Some("Petr".into()),
        last_name: Some("Vzorek".into()),
        firm_name: Some(name.into()),
        ic: Some("00012351".into()),
        ovm_id: None,
        upper_id: None,
        ..office.clone()
    };
    for data_box in [
        trader("zivna27", "Petr Vzorek – truhlářství"),
        trader("firma2x", "Petr Vzorek – pila"),
    ] {
        world.isds.store.add_box(&data_box).await.unwrap();
    }
    let listed: BoxId = "zivna27".parse().unwrap();
    assert!(world.isds.store.set_listed(listed, true).await.unwrap());
    world
}

#[tokio::test]
async fn one_holder() {
    let world = world().await;
    let town = "<Osoba><Ico>00000019</Ico><NazevOsoby>Město Vzorov &amp; okolí</NazevOsoby><ISDS>mesta2j</ISDS>\
        <PDZ>false</PDZ><TypSubjektu>OVM</TypSubjektu>";
    let seat = "<AdresaSidla><AdresaTextem>Náměstí 1, Vzorov-město, 10000 Vzorov</AdresaTextem>\
        <ObecNazev>Vzorov</ObecNazev><CastObceNazev>Vzorov-město</CastObceNazev><UliceNazev>Náměstí</UliceNazev>\
        <PostaKod>10000</PostaKod><CisloDomovni>1</CisloDomovni></AdresaSidla></Osoba>";
    assert_eq!(
        call(&world, "GetInfoRequest", "<DataboxId>mesta2j</DataboxId>").await,
        format!("<GetInfoResponse>{town}{seat}</GetInfoResponse>")
    );
    assert_eq!(
        call(&world, "GetInfo2Request", "<DataboxId>mesta2j</DataboxId>").await,
        format!("<GetInfo2Response>{town}<IdOVM>00000019</IdOVM>{seat}</GetInfo2Response>")
    );
    let main = call(&world, "GetInfoRequest", "<Ico>00000019</Ico>").await;
    assert!(main.contains("<ISDS>kraj227</ISDS>"), "the main box of several: {main}");
    let by_ovm = call(&world, "GetInfo2Request", "<IdOVM>00000019</IdOVM>").await;
    assert!(by_ovm.contains("<ISDS>kraj227</ISDS>"), "{by_ovm}");
    // Who did not ask to stand there, who is closed, and who does not exist are all nobody.
    for id in ["nvak22s", "firma2x", "zrus22r", "aydaadk", "nonsense"] {
        let nobody = call(&world, "GetInfoRequest", &format!("<DataboxId>{id}</DataboxId>")).await;
        assert_eq!(nobody, "<GetInfoResponse></GetInfoResponse>", "{id}");
    }
    let asked = call(&world, "GetInfoRequest", "<DataboxId>zivna27</DataboxId>").await;
    assert!(asked.contains("<TypSubjektu>PFO</TypSubjektu>"), "{asked}");
}

#[tokio::test]
async fn several_holders() {
    let world = world().await;
    let found = async |inside: &str| {
        let answer = call(&world, "SearchSubject2Request", inside).await;
        let ids: Vec<String> = answer
            .split("<ISDS>")
            .skip(1)
            .map(|rest| rest[..7].to_owned())
            .collect();
        ids
    };
    assert_eq!(found("<Ico>00000019</Ico>").await, ["kraj227", "mesta2j"]);
    assert_eq!(found("<Ico>12351</Ico>").await, ["zivna27"]);
    assert_eq!(found("<Nazev>truhlářství</Nazev>").await, ["zivna27"]);
    assert_eq!(found("<Nazev>pila</Nazev>").await, [""; 0]);
    assert_eq!(found("<Nazev>Novák</Nazev>").await, [""; 0]);
    assert_eq!(found("<Nazev></Nazev>").await, [""; 0]);
    assert_eq!(found("<Nazev>náměstí</Nazev>").await, [""; 0], "the name alone");
    assert_eq!(found("<Ulice>Náměstí</Ulice><Mesto>Vzorov</Mesto>").await.len(), 3);
    assert_eq!(found("<Mesto>Vzorov</Mesto>").await.len(), 3);
    assert_eq!(found("<IdOVM>00000019</IdOVM>").await, ["kraj227", "mesta2j"]);
    assert_eq!(
        found("<TypSubjektu>PFO OVM_REQ</TypSubjektu><Mesto>Vzorov</Mesto>").await,
        ["zivna27"]
    );
    assert_eq!(
        found("<TypSubjektu>XYZ</TypSubjektu><Mesto>Vzorov</Mesto>").await,
        [""; 0]
    );
    assert_eq!(
        call(&world, "SearchSubjectRequest", "<Nazev>truhlářství</Nazev>").await,
        "<SearchSubjectResponse><ResultList><Osoba><Ico>00012351</Ico>\
         <NazevOsoby>Petr Vzorek – truhlářství</NazevOsoby><ISDS>zivna27</ISDS><PDZ>true</PDZ></Osoba></ResultList>\
         </SearchSubjectResponse>"
    );
}

#[tokio::test]
async fn what_is_no_request() {
    let world = World::new().await;
    let error = "<ErrorResponse><Message>Invalid request format according to descriptor.</Message></ErrorResponse>";
    assert_eq!(call(&world, "GetInfoRequest", "").await, error);
    assert_eq!(call(&world, "GetInfo3Request", "<Ico>1</Ico>").await, error);
    assert_eq!(
        call(&world, "SearchSubjectRequest", "<Nazev>a</Nazev><Ico>1</Ico>").await,
        error
    );
    let long = "x".repeat(20_000);
    assert_eq!(
        call(&world, "SearchSubjectRequest", &format!("<Nazev>{long}</Nazev>")).await,
        error
    );
    let bomb = b"<!DOCTYPE a [<!ENTITY b \"c\">]><GetInfoRequest xmlns=\"http://seznam.gov.cz/ovm/ws/v1\"/>";
    let reply = post(world.address, "/sds/ws/call", "", "text/xml", bomb).await;
    assert!(reply.body.ends_with("</ErrorResponse>"), "{}", reply.body);
    assert_eq!(get(&world, "/sds/ws/call").await.status, 405);
}

const ONE: &[u8] = b"<GetInfoRequest xmlns=\"http://seznam.gov.cz/ovm/ws/v1\"><Ico>19</Ico></GetInfoRequest>";

/// Whoever sends slowly keeps nobody else waiting.
#[tokio::test]
async fn slow_senders_take_no_places() {
    let world = World::new().await;
    let unfinished =
        b"POST /sds/ws/call HTTP/1.1\r\nHost: isds.test\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<";
    let mut slow = Vec::new();
    for _ in 0..64 {
        let mut stream = common::http::connect(world.address).await;
        tokio::io::AsyncWriteExt::write_all(&mut stream, unfinished)
            .await
            .unwrap();
        slow.push(stream);
    }
    for _ in 0..50 {
        let reply = post(world.address, "/sds/ws/call", "", "text/xml", ONE).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    drop(slow);
}

/// Of many who come at once some are told to come later, the others are answered.
#[tokio::test]
async fn places_are_limited() {
    let world = World::new().await;
    let mut busy = 0;
    // How many of a crowd meet inside is the scheduler's business; one crowd will do almost always.
    for _ in 0..50 {
        let crowd = (0..200).map(|_| post(world.address, "/sds/ws/call", "", "text/xml", ONE));
        for reply in futures::future::join_all(crowd).await {
            if reply.status == 503 {
                if busy == 0 {
                    valid("descriptor.xsd", &reply.body);
                }
                assert_eq!(reply.header("retry-after"), Some("5"));
                busy += 1;
            } else {
                assert!(reply.body.contains("<ISDS>kraj227</ISDS>"), "{}", reply.body);
            }
        }
        if busy > 0 {
            break;
        }
    }
    assert!(busy > 0);
    let reply = post(world.address, "/sds/ws/call", "", "text/xml", ONE).await;
    assert_eq!(reply.status, 200, "places are free again: {}", reply.body);
}

#[tokio::test]
async fn files_of_the_list() {
    let world = world().await;
    let file = async |service: &str| {
        let reply = get(&world, &format!("/sds/datafile.do?format=xml&service={service}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        valid("datafile.xsd", &reply.body);
        reply.body
    };
    let authorities = file("seznam_ds_ovm").await;
    assert_eq!(authorities.matches("<box>").count(), 2);
    assert!(authorities.contains(
        "<box><id>mesta2j</id><type>OVM</type><subtype>10</subtype><name><tradeName>Město Vzorov &amp; okolí</tradeName>\
         </name><ico>00000019</ico><address><city>Vzorov</city><district>Vzorov-město</district><street>Náměstí</street>\
         <cp>1</cp><zip>10000</zip><addressPoint>21726100</addressPoint><state>CZ</state>\
         <fullAddress>Náměstí 1, Vzorov-město, 10000 Vzorov</fullAddress></address><pdz>false</pdz><ovm>true</ovm>\
         <hierarchy><isMaster>false</isMaster><masterId>kraj227</masterId></hierarchy><idOVM>00000019</idOVM></box>"
    ));
    let traders = file("seznam_ds_pfo").await;
    assert_eq!(traders.matches("<box>").count(), 1);
    assert!(traders.contains("<person><firstName>Petr</firstName><lastName>Vzorek</lastName></person>"));
    assert_eq!(
        file("seznam_ds_po").await.matches("<box>").count(),
        0,
        "the only firm is closed"
    );
    let schema = get(&world, "/sds/datafile.do?format=xsd&service=seznam_ds").await;
    assert!(
        schema
            .body
            .contains("targetNamespace=\"http://seznam.gov.cz/ovm/datafile/seznam_ds/v1\"")
    );
    let descriptor = get(&world, "/sds/ws/descriptor").await;
    assert!(
        descriptor
            .body
            .contains("targetNamespace=\"http://seznam.gov.cz/ovm/ws/v1\"")
    );
    for missing in [
        "?format=xml&service=seznam_ds_fo",
        "?format=csv&service=seznam_ds_po",
        "?format=xml",
        "",
        "?format=xml&format=xml&service=seznam_ds_po",
    ] {
        assert_eq!(
            get(&world, &format!("/sds/datafile.do{missing}")).await.status,
            404,
            "{missing}"
        );
    }

    // Files are up to three hours old, whatever happens meanwhile.
    let objects = world.objects().len();
    assert_eq!(objects, 3);
    let other: BoxId = "firma2x".parse().unwrap();
    world.isds.store.set_listed(other, true).await.unwrap();
    world.clock.advance(3 * 3600 - 60);
    assert_eq!(file("seznam_ds_pfo").await, traders);
    assert_eq!(world.objects().len(), objects);
    world.clock.advance(60);
    assert_eq!(file("seznam_ds_pfo").await.matches("<box>").count(), 2);
    assert_eq!(world.objects().len(), objects + 1);
}
