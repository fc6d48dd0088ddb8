//! Kinds of boxes, users and sign-ins as people say them.

use isds_core::box_type::BoxType;
use isds_core::principal::Method;
use isds_core::user::UserType;

/// Text of a kind of user.
pub(super) fn user_type_key(user_type: UserType) -> &'static str {
    match user_type {
        UserType::PrimaryUser => "sign-in-user-primary",
        UserType::EntrustedUser => "sign-in-user-entrusted",
        UserType::Administrator => "sign-in-user-administrator",
        UserType::Official | UserType::OfficialCert => "sign-in-user-official",
        UserType::Liquidator => "sign-in-user-liquidator",
        UserType::Receiver => "sign-in-user-receiver",
        UserType::Guardian => "sign-in-user-guardian",
    }
}

/// Text of a kind of box: whose it is.
pub(super) fn box_type_key(box_type: BoxType) -> &'static str {
    let name = box_type.name();
    if name.starts_with("OVM") {
        "sign-in-box-authority"
    } else if name.starts_with("PFO") {
        "sign-in-box-self-employed"
    } else if name.starts_with("PO") {
        "sign-in-box-firm"
    } else {
        "sign-in-box-person"
    }
}

/// Text of how somebody signed in.
pub(super) fn method_key(method: Method) -> &'static str {
    match method {
        Method::Password => "sign-in-method-password",
        Method::PasswordAndCode => "sign-in-method-code",
        Method::Passkey => "sign-in-method-passkey",
        Method::SystemCertificate => "sign-in-method-certificate",
    }
}
