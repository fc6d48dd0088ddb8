//! `ChangeBoxesType` (XSD `tChangeDBsTypeInput` and `tChangeDBsTypeOutput`), which no WSDL of the contract has. Its
//! files are described nowhere: a box ID on each line goes in; box ID, code and text, divided by semicolons, come out.

use isds_core::Refusal;
use isds_core::TypeChange;
use isds_core::status::Status;

use super::reading::once;
use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

/// Longest file that is read: a thousand lines and some room.
const MAX_FILE: usize = 128 * 1024;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (mut reference, mut new_type, mut file) = (None, None, Vec::new());
    let mut seen = Vec::new();
    let reader = call.request.reader();
    while let Some(element) = reader.next_child().await? {
        match element.contract_name() {
            "refNumber" => {
                once(&mut seen, "refNumber")?;
                reference = reader.text("refNumber").await?;
            }
            "newDBType" => {
                once(&mut seen, "newDBType")?;
                new_type = reader.text("newDBType").await?;
            }
            "IDsFile" => {
                once(&mut seen, "IDsFile")?;
                while let Some(bytes) = reader.content().await? {
                    if file.len() + bytes.len() > MAX_FILE {
                        return Err(Refusal::about(Status::INVALID_STRUCTURE, "IDsFile je příliš dlouhý.").into());
                    }
                    file.extend_from_slice(bytes);
                }
            }
            _ => reader.skip().await?,
        }
    }
    call.request.finish().await?;
    let changes = call
        .isds
        .change_boxes_type(call.caller, new_type.as_deref(), &file, reference)
        .await?;
    let log: String = changes.iter().map(line).collect();
    let mut response = call.response();
    response.payload().base64("changeLogFile", log.as_bytes());
    Ok(Answer::xml(response.status(Status::OK)))
}

fn line(change: &TypeChange) -> String {
    let (code, text) = match &change.outcome {
        Ok(_) => (Status::OK.code(), Status::OK.text().to_owned()),
        Err(refusal) => (refusal.status().code(), refusal.text()),
    };
    // A line that is no box ID is repeated as it came, but for what would make two columns of it.
    format!("{};{code};{text}\r\n", change.line.replace(';', ","))
}
