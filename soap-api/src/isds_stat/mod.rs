//! `isds_stat.wsdl`, served at `/DS/DsManage`.

pub(crate) mod num_of_messages;
