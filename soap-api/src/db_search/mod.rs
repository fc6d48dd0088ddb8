//! `db_search.wsdl`, served at `/DS/df`.

pub(crate) mod check_data_box;
pub(crate) mod find_data_box2;
