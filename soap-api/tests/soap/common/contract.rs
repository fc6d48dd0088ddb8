//! The table of operations in the words of the contract.

use isds_core::operation::{Endpoint, Need, Operation};
use isds_core::privileges::Privileges;

/// Last part of the endpoint's path.
pub fn service(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Dz => "dz",
        Endpoint::Dx => "dx",
        Endpoint::Df => "df",
        Endpoint::DsManage => "DsManage",
        Endpoint::Vodz => "vodz",
        Endpoint::Arch => "arch",
    }
}

/// What the operation needs, in the numbers of the contract.
pub fn need(operation: Operation) -> String {
    let number = |privileges: Privileges| privileges.0.to_string();
    let with = |who: &str, privileges: Privileges| match privileges {
        Privileges::NONE => who.to_owned(),
        needed => format!("{who} with {}", number(needed)),
    };
    match operation.privilege() {
        Need::Nothing => "nothing".into(),
        Need::All(needed) => number(needed),
        Need::AllOrOperator(needed) => format!("{}, or system", number(needed)),
        Need::Either(one, other) => format!("{} or {}", number(one), number(other)),
        Need::Certificate(needed) => with("certificate", needed),
        Need::Read => "1 or 2, by message".into(),
        Need::Operator => "system".into(),
        Need::OwnBoxOrOperator(needed) => with("system, own box", needed),
    }
}
