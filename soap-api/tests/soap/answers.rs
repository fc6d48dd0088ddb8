//! Every answer of every operation, as bytes on the wire, compared with the files in `golden/` and validated against the
//! published schemas. `UPDATE_GOLDEN=1` writes the files anew; read what changed before you keep it.

use crate::common;

use std::sync::atomic::Ordering;

use common::golden::Golden;
use common::http::post;
use common::{World, authorization, decoded, envelope, file};

fn id(id: &str) -> String {
    format!("<dmID>{id}</dmID>")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_recorded() {
    let world = World::new().await;
    let mut golden = Golden::new();
    message_operations(&world, &mut golden).await;
    box_operations(&world, &mut golden).await;
    faults(&world, &mut golden).await;
    golden.finish();
}

async fn message_operations(world: &World, golden: &mut Golden) {
    let send = async |files: &str| {
        let envelope = "<dmEnvelope><dmSenderOrgUnit/><dmSenderOrgUnitNum>7</dmSenderOrgUnitNum>\
            <dbIDRecipient>nvak22s</dbIDRecipient><dmRecipientOrgUnit/><dmRecipientOrgUnitNum/><dmToHands/>\
            <dmAnnotation>Výzva &lt;k&gt; doplnění &amp; &quot;úhradě&quot;</dmAnnotation><dmRecipientRefNumber/>\
            <dmSenderRefNumber>Č.j. 5/2026</dmSenderRefNumber><dmRecipientIdent/><dmSenderIdent>ZN 1</dmSenderIdent>\
            <dmLegalTitleLaw>500</dmLegalTitleLaw><dmLegalTitleYear>2004</dmLegalTitleYear>\
            <dmLegalTitleSect>37</dmLegalTitleSect><dmLegalTitlePar>3</dmLegalTitlePar><dmLegalTitlePoint/>\
            <dmPersonalDelivery>false</dmPersonalDelivery><dmAllowSubstDelivery>true</dmAllowSubstDelivery>\
            <dmOVM/><dmPublishOwnID IdLevel=\"3\">true</dmPublishOwnID></dmEnvelope>";
        world
            .call(
                "mesto01",
                "dz",
                "CreateMessage",
                &format!("{envelope}<dmFiles>{files}</dmFiles>"),
            )
            .await
    };
    let empty = world
        .call(
            "novak01",
            "dx",
            "GetListOfReceivedMessages",
            "<dmStatusFilter>-1</dmStatusFilter>",
        )
        .await;
    golden.answer("list_received_empty", "dx", &empty);
    let files = file("výzva.txt", "main", "YWhvag==\n") + &file("příloha.pdf", "enclosure", "JVBERi0xLjcK");
    let created = send(&files).await;
    golden.answer("create_message", "dz", &created);
    let number = created.value("dmID");
    golden.answer("create_message_refused", "dz", &send("").await);
    let early = world
        .call("mesto01", "dz", "SignedSentMessageDownload", &id(&number))
        .await;
    golden.answer("signed_sent_message_download_too_early", "dz", &early);
    world.clock.advance(1);
    world.settle().await;

    let early = world.call("novak01", "dz", "MessageDownload", &id(&number)).await;
    golden.answer("message_download_before_login", "dz", &early);
    world.clock.advance(3600);
    let sent = "<dmFromTime/><dmToTime/><dmSenderOrgUnitNum/><dmStatusFilter>2046</dmStatusFilter><dmOffset>1</dmOffset><dmLimit/>";
    golden.answer(
        "list_sent_before_login",
        "dx",
        &world.call("mesto01", "dx", "GetListOfSentMessages", sent).await,
    );
    golden.answer(
        "list_received",
        "dx",
        &world.call("novak01", "dx", "GetListOfReceivedMessages", sent).await,
    );
    golden.answer(
        "list_sent",
        "dx",
        &world.call("mesto01", "dx", "GetListOfSentMessages", sent).await,
    );
    let backwards = "<dmFromTime>2026-07-01T00:00:00</dmFromTime><dmToTime>2026-06-01T00:00:00</dmToTime>";
    let backwards = world
        .call("novak01", "dx", "GetListOfReceivedMessages", backwards)
        .await;
    golden.answer("list_received_backwards", "dx", &backwards);

    // Before any stamped form was made, which would be kept and answered again.
    world.authority.off.store(true, Ordering::SeqCst);
    let unstamped = world.call("novak01", "dz", "SignedMessageDownload", &id(&number)).await;
    assert_eq!(unstamped.code(), "0005");
    golden.answer("signed_message_download_unstamped", "dz", &unstamped);
    let unstamped = world.call("novak01", "dx", "GetSignedDeliveryInfo", &id(&number)).await;
    assert_eq!(
        unstamped.code(),
        "0000",
        "a delivery info is sealed without a timestamp anyway"
    );
    world.authority.off.store(false, Ordering::SeqCst);

    for (name, login, service, operation) in [
        ("message_download", "novak01", "dz", "MessageDownload"),
        ("message_download_wrong_direction", "mesto01", "dz", "MessageDownload"),
        ("signed_message_download", "novak01", "dz", "SignedMessageDownload"),
        (
            "signed_sent_message_download",
            "mesto01",
            "dz",
            "SignedSentMessageDownload",
        ),
        ("message_envelope_download", "novak01", "dx", "MessageEnvelopeDownload"),
        (
            "sent_message_envelope_download",
            "mesto01",
            "dx",
            "SentMessageEnvelopeDownload",
        ),
        ("get_delivery_info_received", "novak01", "dx", "GetDeliveryInfo"),
        ("get_signed_delivery_info", "mesto01", "dx", "GetSignedDeliveryInfo"),
        ("verify_message", "novak01", "dx", "VerifyMessage"),
        ("verify_message_no_right", "mesto02", "dx", "VerifyMessage"),
        ("mark_message_as_downloaded", "novak01", "dx", "MarkMessageAsDownloaded"),
        ("message_download_read", "novak01", "dz", "MessageDownload"),
        ("get_delivery_info_sent", "mesto01", "dx", "GetDeliveryInfo"),
    ] {
        golden.answer(
            name,
            service,
            &world.call(login, service, operation, &id(&number)).await,
        );
    }
    golden.answer(
        "message_download_unknown",
        "dz",
        &world.call("novak01", "dz", "MessageDownload", &id("999")).await,
    );
    golden.answer(
        "message_download_no_id",
        "dz",
        &world.call("novak01", "dz", "MessageDownload", "<dmID/>").await,
    );
    let changes = world
        .call("mesto01", "dx", "GetMessageStateChanges", "<dmFromTime/><dmToTime/>")
        .await;
    golden.answer("get_message_state_changes", "dx", &changes);
    golden.answer(
        "dummy_operation",
        "dz",
        &world.call("novak01", "dz", "DummyOperation", "").await,
    );
    authentication(world, golden, &number).await;
}

async fn authentication(world: &World, golden: &mut Golden, number: &str) {
    let sealed = world
        .call("novak01", "dz", "SignedMessageDownload", &id(number))
        .await
        .value("dmSignature");
    let check = async |base64: &str| {
        world
            .call(
                "mesto02",
                "dz",
                "AuthenticateMessage",
                &format!("<dmMessage>{base64}</dmMessage>"),
            )
            .await
    };
    golden.answer("authenticate_message", "dz", &check(&sealed).await);
    let forged = decoded(&sealed).replace("Vzorov", "forged");
    let forged = base64_simd::STANDARD.encode_to_string(forged);
    golden.answer("authenticate_message_forged", "dz", &check(&forged).await);
    golden.answer("authenticate_message_not_sealed", "dz", &check("YWhvag==").await);
    golden.answer("authenticate_message_not_base64", "dz", &check("ahoj, světe").await);
}

async fn box_operations(world: &World, golden: &mut Golden) {
    let find = async |login: &str, conditions: &str| {
        world
            .call(
                login,
                "df",
                "FindDataBox2",
                &format!("<dbOwnerInfo>{conditions}</dbOwnerInfo>"),
            )
            .await
    };
    let person = "<dbType>FO</dbType><pnLastName>Nov</pnLastName>";
    golden.answer("find_data_box2", "df", &find("mesto01", person).await);
    golden.answer(
        "find_data_box2_by_id",
        "df",
        &find("novak01", "<dbID>mesta2j</dbID>").await,
    );
    golden.answer(
        "find_data_box2_nobody",
        "df",
        &find("mesto01", "<dbType>FO</dbType><pnLastName>Xyz</pnLastName>").await,
    );
    golden.answer("find_data_box2_no_right", "df", &find("mesto02", person).await);
    golden.answer(
        "find_data_box2_no_postal",
        "df",
        &find("novak01", "<dbID>nvak22s</dbID>").await,
    );
    for (name, login, input) in [
        (
            "check_data_box",
            "novak01",
            "<dbID>zrus22r</dbID><dbApproved/><dbExternRefNumber/>",
        ),
        ("check_data_box_unknown", "novak01", "<dbID>aydaadk</dbID>"),
        ("check_data_box_malformed", "novak01", "<dbID>NVAK</dbID>"),
    ] {
        golden.answer(name, "df", &world.call(login, "df", "CheckDataBox", input).await);
    }
    for (name, login, operation) in [
        ("get_owner_info_from_login2", "mesto01", "GetOwnerInfoFromLogin2"),
        ("get_owner_info_from_login2_person", "novak01", "GetOwnerInfoFromLogin2"),
        (
            "get_owner_info_from_login2_no_box",
            "spravce01",
            "GetOwnerInfoFromLogin2",
        ),
        ("get_user_info_from_login2", "mesto02", "GetUserInfoFromLogin2"),
        (
            "get_user_info_from_login2_internal",
            "spravce01",
            "GetUserInfoFromLogin2",
        ),
        ("get_password_info", "mesto02", "GetPasswordInfo"),
        ("get_password_info_never", "mesto01", "GetPasswordInfo"),
    ] {
        golden.answer(
            name,
            "DsManage",
            &world.call(login, "DsManage", operation, "<dbDummy/>").await,
        );
    }
}

async fn faults(world: &World, golden: &mut Golden) {
    let unknown = world.call("novak01", "dz", "X-BogusOperation", "").await;
    assert_eq!(unknown.status, 200);
    golden.compare("unknown_operation", &unknown.body);
    let unknown = world.call("novak01", "DsManage", "ISDSSearch3", "").await;
    golden.compare("unknown_operation_of_boxes", &unknown.body);
    golden.fault("fault_malformed", 500, &world.send("novak01", "dz", "<a><b></a>").await);
    golden.fault("fault_not_soap", 500, &world.send("novak01", "dz", "<a/>").await);
    golden.fault("fault_truncated", 500, &world.send("novak01", "dz", "<Envelope").await);
    let twice = envelope("<DummyOperation xmlns=\"http://isds.czechpoint.cz/v20\"/>");
    let twice = twice.replace("</Body>", "</Body><Body/>");
    golden.fault("fault_two_bodies", 500, &world.send("novak01", "dz", &twice).await);
    let with_type = envelope("<a/>").replace("\n<Envelope", "<!DOCTYPE a [<!ENTITY b \"c\">]><Envelope");
    golden.fault(
        "fault_document_type",
        500,
        &world.send("novak01", "dz", &with_type).await,
    );
    let deep = envelope(&format!("<o:DummyOperation xmlns:o=\"urn:x\">{}", "<a>".repeat(10_000)));
    let deep = deep.replace("urn:x", "http://isds.czechpoint.cz/v20");
    golden.fault("fault_too_deep", 500, &world.send("novak01", "dz", &deep).await);
    let latin = envelope("<a/>").replace("utf-8", "iso-8859-2");
    golden.fault("fault_encoding", 500, &world.send("novak01", "dz", &latin).await);
    let other = envelope("<a/>").replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:other");
    golden.fault(
        "fault_version_mismatch",
        500,
        &world.send("novak01", "dz", &other).await,
    );
    let understand = envelope("<a/>").replace(
        "<Body>",
        "<Header><t:T xmlns:t=\"urn:t\" xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" e:mustUnderstand=\"1\"/></Header><Body>",
    );
    golden.fault(
        "fault_must_understand",
        500,
        &world.send("novak01", "dz", &understand).await,
    );
    let long = envelope(&format!("<DummyOperation a=\"{}\"/>", "x".repeat(70_000)));
    golden.fault("fault_token_too_long", 500, &world.send("novak01", "dz", &long).await);
    let soap_12 = |document: String| {
        document.replace(
            "http://schemas.xmlsoap.org/soap/envelope/",
            "http://www.w3.org/2003/05/soap-envelope",
        )
    };
    let post_12 = async |service: &str, document: String| {
        let path = format!("/DS/{service}");
        post(
            world.address,
            &path,
            &authorization("novak01"),
            "application/soap+xml; action=\"\"",
            document.as_bytes(),
        )
        .await
    };
    golden.fault(
        "fault_soap12",
        400,
        &post_12("vodz", soap_12(envelope("").replace("<Body>", "<Body/><Body>"))).await,
    );
    golden.fault("fault_soap12_not_xml", 400, &post_12("dz", "a".into()).await);
    let dummy = soap_12(envelope("<DummyOperation xmlns=\"http://isds.czechpoint.cz/v20\"/>"));
    golden.answer("dummy_operation_soap12", "dz", &post_12("dz", dummy).await);
    let wrong_type = post(
        world.address,
        "/DS/dz",
        &authorization("novak01"),
        "application/json",
        b"{}",
    )
    .await;
    golden.fault("fault_media_type", 415, &wrong_type);
    let large = format!(
        "POST /DS/dz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}Content-Type: text/xml\r\n\
         Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n",
        authorization("novak01")
    );
    golden.fault(
        "fault_too_large",
        413,
        &common::http::exchange(world.address, &[large.as_bytes()]).await,
    );
    let nobody = post(world.address, "/DS/dz", "", "text/xml", b"").await;
    golden.fault("unauthorized", 401, &nobody);
    assert_eq!(nobody.header("www-authenticate"), Some("Basic realm=\"ISDS test\""));
}
