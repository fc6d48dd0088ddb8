//! `AuthenticateMessage` (XSD `tAuthenticateMessageOutput`, manual M 2.3.1).
//!
//! The document goes to a file without a name as it is decoded: it is read more than once, and is too large to hold.

use isds_core::Refusal;
use isds_core::status::Status;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use crate::answer::Answer;
use crate::call::Call;
use crate::stop::Stop;

pub(crate) async fn serve(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let document = document(call, "dmMessage").await?;
    let authentic = call.isds.authenticate_message(call.caller, document).await?;
    let mut response = call.response();
    response.payload().element("dmAuthResult", authentic);
    Ok(Answer::xml(response.status(Status::OK)))
}

/// The sealed document in the element `name` of the request, which is read to its end.
pub(crate) async fn document(call: &mut Call<'_>, name: &str) -> Result<std::fs::File, Stop> {
    let mut document = None;
    while let Some(element) = call.request.reader().next_child().await? {
        if element.contract_name() != name {
            call.request.reader().skip().await?;
        } else if document.is_some() {
            return Err(Refusal::about(Status::INVALID_STRUCTURE, format!("{name} je uvedeno dvakrát.")).into());
        } else {
            document = Some(receive(call).await?);
        }
    }
    call.request.finish().await?;
    document.ok_or_else(|| Refusal::about(Status::INVALID_STRUCTURE, format!("chybí {name}.")).into())
}

async fn receive(call: &mut Call<'_>) -> Result<std::fs::File, Stop> {
    let broken = |error: std::io::Error| Stop::Broken("a temporary file could not be written", Box::new(error));
    let file = tokio::task::spawn_blocking(tempfile::tempfile)
        .await
        .map_err(|error| Stop::Broken("a temporary file could not be made", Box::new(error)))?
        .map_err(broken)?;
    let mut file = File::from_std(file);
    while let Some(bytes) = call.request.reader().content().await? {
        file.write_all(bytes).await.map_err(broken)?;
    }
    file.flush().await.map_err(broken)?;
    Ok(file.into_std().await)
}
