//! `Re-signISDSDocument`: a new seal for a document that was sealed before CAdES (manual M 2.3.3).

use std::fs::File;
use std::sync::Arc;

use jiff::civil::Date;

use crate::error::Failure;
use crate::ports::SealEvidence;
use crate::principal::Principal;
use crate::splice::Splice;
use crate::status::Status;

use super::Isds;
use super::archive_document::not_raised;

/// A document that was sealed anew.
#[derive(Debug, Clone)]
pub struct ResignedDocument {
    /// The whole document.
    pub splice: Splice,
    /// The day on which the certificate behind the new seal's timestamp ends: archived it must be until then.
    pub valid_to: Date,
}

impl Isds {
    /// Puts a seal of today, with a timestamp, around the content of the document in `file`. However old the document
    /// is does not matter; what has a CAdES seal needs none anew, but archiving. Anybody may, of whatever message.
    ///
    /// # Errors
    /// 2200, 2201, 2204, 2207, 2212, 2208.
    pub async fn resign_document(&self, _caller: &Principal, file: Arc<File>) -> Result<ResignedDocument, Failure> {
        let evidence = self.examine_own_document(&file).await?;
        if evidence != SealEvidence::Plain {
            return Err(Failure::refused(Status::NOT_TO_BE_SEALED_ANEW));
        }
        let raised = self
            .archiver
            .seal_anew(file, self.clock.legal())
            .await
            .map_err(|error| not_raised(&error))?;
        let valid_to = raised.stamp.expires.local_date();
        Ok(ResignedDocument {
            splice: raised.splice(),
            valid_to,
        })
    }
}
