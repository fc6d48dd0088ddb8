//! Who lacks the privilege may not: every operation of the table, so that none is added without this case.

use crate::common;

use common::World;
use isds_core::operation::{Endpoint, Need, Operation};

/// What any of the operations needs to get as far as its privilege; what it does not know it passes over.
const INSIDE: &str = "<dmRecipients><dmRecipient><dbIDRecipient>nvak22s</dbIDRecipient></dmRecipient></dmRecipients>\
    <dmEnvelope><dbIDRecipient>nvak22s</dbIDRecipient></dmEnvelope><dmID>1000001</dmID>\
    <dmIncoming>true</dmIncoming><dmYear>2026</dmYear><dmMessageType>SENT</dmMessageType><dmOutFormat>XML</dmOutFormat>\
    <asyncID>1</asyncID><asyncReqType>LIST_ERASED</asyncReqType>\
    <dbOwnerInfo><dbID>nvak22s</dbID></dbOwnerInfo><dbID>nvak22s</dbID>\
    <dmFile dmMimeType=\"text/plain\" dmFileDescr=\"a.txt\"/><attNum>0</attNum><PDZSender>nvak22s</PDZSender><dbId>nvak22s</dbId>";

fn service(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Dz => "dz",
        Endpoint::Dx => "dx",
        Endpoint::Df => "df",
        Endpoint::DsManage => "DsManage",
        Endpoint::Vodz => "vodz",
        Endpoint::Arch => "arch",
    }
}

#[tokio::test]
async fn every_operation_asks_for_its_privilege() {
    let world = World::new().await;
    for operation in Operation::ALL {
        let reply = world
            .call("nikdo01", service(operation.endpoint()), operation.name(), INSIDE)
            .await;
        let code = reply.code();
        match operation.privilege() {
            // 'nikdo01' has no privilege in any box, and the call names another's.
            Need::Operator | Need::OwnBoxOrOperator(_) => assert_eq!(code, "1004", "{}", operation.name()),
            Need::Nothing => assert!(code != "1004" && code != "2006", "{}: {code}", operation.name()),
            Need::All(_) | Need::AllOrOperator(_) | Need::Either(..) | Need::Read | Need::Certificate(_) => {
                assert_eq!(code, operation.refusal().code(), "{}", operation.name());
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_in_the_table_is_unknown() {
    let world = World::new().await;
    for (service, operation) in [
        ("df", "ISDSSearch"),
        ("DsManage", "ChangePasswordOTP"),
        // Known, but not here.
        ("dx", "CreateMessage"),
        ("dz", "X-BogusOperation"),
    ] {
        let reply = world.call("mesto01", service, operation, INSIDE).await;
        assert_eq!(reply.code(), "2006", "{operation} on {service}");
    }
}
