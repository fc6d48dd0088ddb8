//! Operations that no WSDL has any more and clients still have functions for (docs/decisions/0016).
use crate::common;

use common::World;

#[tokio::test]
async fn what_the_contract_gave_up_is_unknown_and_changes_nothing() {
    let world = World::new().await;
    let waiting = world.send_message("mesto01", "nvak22s", "Čeká").await;
    let id = format!("<dmID>{waiting}</dmID>");
    for (service, operation, inside) in [
        ("dx", "ConfirmDelivery", id.as_str()),
        (
            "DsManage",
            "Activate",
            "<dbAccessDataId>abcdefgh</dbAccessDataId><dbID>nvak22s</dbID>",
        ),
        ("DsManage", "SetEffectiveOVM", "<dbID>nvak22s</dbID>"),
        ("DsManage", "ClearEffectiveOVM", "<dbID>nvak22s</dbID>"),
        ("DsManage", "CreateDataBoxPFOInfo", "<dbOwnerInfo/><dbPrimaryUsers/>"),
        ("dz", "X-BogusOperation", ""),
    ] {
        for login in ["novak01", "spravce01"] {
            let reply = world.call(login, service, operation, inside).await;
            assert_eq!((reply.status, reply.code().as_str()), (200, "2006"), "{operation}");
            assert!(
                reply.body.contains(&format!("Unknown operation: {operation}<")),
                "{}",
                reply.body
            );
            assert!(reply.body.contains(&format!(":{operation}Response ")), "{}", reply.body);
        }
    }
    // Nothing was confirmed.
    let info = world.call("mesto01", "dx", "GetDeliveryInfo", &id).await;
    assert_eq!(info.value("dmMessageStatus"), "4");
}

#[tokio::test]
async fn what_was_ended_says_that_there_is_a_successor() {
    let world = World::new().await;
    for login in ["mesto01", "nikdo01", "spravce01"] {
        let reply = world
            .call(login, "DsManage", "GetDataBoxUsers", "<dbID>mesta2j</dbID>")
            .await;
        assert_eq!((reply.status, reply.code().as_str()), (200, "1301"), "{login}");
    }
}
