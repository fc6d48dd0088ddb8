//! Calls about boxes: `/DS/df`, and the administration of boxes on `/DS/DsManage`.

use isds_core::box_state::BoxState;

use super::Call;
use super::callers::Caller;
use super::ground::Ground;

fn named(id: &str) -> String {
    format!("<dbID>{id}</dbID>")
}

/// As the first generation names a box.
fn owner(id: &str) -> String {
    format!("<dbOwnerInfo>{}</dbOwnerInfo>", named(id))
}

/// `dbOwnerInfo` of a citizen nobody knows yet.
fn citizen(ground: &Ground, given_names: &str) -> String {
    format!(
        "<dbOwnerInfo><dbType>FO</dbType><{given_names}>Karel</{given_names}><pnLastName>Vzorný-{}</pnLastName>\
         <biDate>1990-04-30</biDate><adCity>Vzorov</adCity><adZipCode>10000</adZipCode></dbOwnerInfo><dbPrimaryUsers/>",
        ground.next()
    )
}

/// What may be changed of a firm.
fn description(element: &str) -> String {
    format!(
        "<{element}><dbType>PO</dbType><ic>{{}}</ic><firmName>Vzor, s.r.o.</firmName><adCity>Vzorov</adCity></{element}>"
    )
}

pub async fn calls(ground: &Ground, operation: &'static str, caller: &Caller) -> Option<Vec<Call>> {
    if let Some(inside) = searches(operation, caller) {
        return Some(vec![("", inside)]);
    }
    if operation == "GetDataBoxList" {
        let list = |kind: &str| format!("<dblType>{kind}</dblType>");
        return Some(vec![("ALL2", list("ALL2")), ("POA", list("POA"))]);
    }
    let state = match operation {
        "EnableOwnDataBox" | "EnableOwnDataBox2" => BoxState::TemporarilyDisabled,
        _ => BoxState::Accessible,
    };
    let today = |name: &str| format!("<{name}>2026-06-01</{name}>");
    let inside = match operation {
        "CreateDataBox" => citizen(ground, "pnFirstName"),
        "CreateDataBox2" => citizen(ground, "pnGivenNames"),
        "DeleteDataBox" => owner(&ground.data_box(caller, state).await) + &today("dbOwnerTerminationDate"),
        "DeleteDataBox2" => named(&ground.data_box(caller, state).await) + &today("dbOwnerTerminationDate"),
        "DisableDataBoxExternally" => owner(&ground.data_box(caller, state).await) + &today("dbOwnerDisableDate"),
        "DisableDataBoxExternally2" => named(&ground.data_box(caller, state).await) + &today("dbOwnerDisableDate"),
        "DisableOwnDataBox" | "EnableOwnDataBox" => owner(&ground.data_box(caller, state).await),
        "DeleteDataBoxPromptly" | "DisableOwnDataBox2" | "EnableOwnDataBox2" => {
            named(&ground.data_box(caller, state).await)
        }
        "SetOpenAddressing" | "ClearOpenAddressing" => {
            let about = "of an authority (1012)";
            return Some(vec![(about, named(&ground.data_box(caller, state).await))]);
        }
        "UpdateDataBoxDescr" => {
            let (id, ic) = ground.firm().await;
            let new = description("dbNewOwnerInfo").replace("{}", &ic);
            format!("<dbOldOwnerInfo>{}</dbOldOwnerInfo>{new}", named(&id))
        }
        "UpdateDataBoxDescr2" => {
            let (id, ic) = ground.firm().await;
            named(&id) + &description("dbNewOwnerInfo").replace("{}", &ic)
        }
        "ChangeBoxesType" => {
            let file = base64_simd::STANDARD.encode_to_string(ground.firm().await.0);
            format!("<refNumber>1</refNumber><newDBType>PO_REQ</newDBType><IDsFile>{file}</IDsFile>")
        }
        "NumOfMessages" => "<statType>0</statType>".into(),
        _ => return None,
    };
    Some(vec![("", inside)])
}

fn searches(operation: &str, caller: &Caller) -> Option<String> {
    let own = caller.target;
    Some(match operation {
        "FindDataBox" | "FindDataBox2" => owner("kraj227"),
        "FindPersonalDataBox" => {
            "<dbOwnerInfo><pnLastName>Novák</pnLastName><pnFirstName>Jan</pnFirstName><biDate>1980-02-29</biDate>\
             </dbOwnerInfo>"
                .into()
        }
        "ISDSSearch2" | "ISDSSearch3" => "<searchText>kraj227</searchText><searchType>DBID</searchType>".into(),
        "CheckDataBox" | "GetDataBoxAddress" => named("kraj227"),
        "GetDataBoxActivityStatus" => named("nvak22s"),
        "PDZInfo" => format!("<PDZSender>{own}</PDZSender>"),
        "PDZSendInfo" => "<dbId>maria2f</dbId><PDZType>Normal</PDZType>".into(),
        "DataBoxCreditInfo" => named(own) + "<ciFromDate/><ciTodate/>",
        "DTInfo" => format!("<dbId>{own}</dbId>"),
        "GetConstants" => "<constDate/>".into(),
        _ => return None,
    })
}
