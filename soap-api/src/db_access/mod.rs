//! `db_access.wsdl`, served at `/DS/DsManage`.

pub(crate) mod change_isds_password;
pub(crate) mod get_owner_info_from_login;
pub(crate) mod get_owner_info_from_login2;
pub(crate) mod get_password_info;
pub(crate) mod get_user_info_from_login;
pub(crate) mod get_user_info_from_login2;
