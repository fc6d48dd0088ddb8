//! `dm_VoDZ.wsdl`, large messages, served at `/DS/vodz`.

pub(crate) mod authenticate_big_message;
pub(crate) mod big_message_download;
pub(crate) mod create_big_message;
pub(crate) mod download_attachment;
pub(crate) mod signed_big_message_download;
pub(crate) mod signed_sent_big_message_download;
pub(crate) mod upload_attachment;
