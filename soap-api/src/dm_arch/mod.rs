//! `dm_arch.wsdl`, evidence for archives, served at `/DS/arch`.

pub(crate) mod archive_isds_document;
