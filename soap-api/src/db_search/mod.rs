//! `db_search.wsdl`, served at `/DS/df`.

pub(crate) mod check_data_box;
pub(crate) mod data_box_credit_info;
pub(crate) mod dt_info;
pub(crate) mod find_data_box;
pub(crate) mod find_data_box2;
pub(crate) mod find_personal_data_box;
pub(crate) mod get_constants;
pub(crate) mod get_data_box_activity_status;
pub(crate) mod get_data_box_address;
pub(crate) mod get_data_box_list;
pub(crate) mod isds_search2;
pub(crate) mod isds_search3;
mod owner;
pub(crate) mod pdz_info;
pub(crate) mod pdz_send_info;
mod search;
