//! Sealing secrets in the database anew, when one master key takes another's place.

use crate::error::Failure;
use crate::ids::PersonId;
use crate::ports::{Secrets, Store};
use crate::sign_in_factors::CODES_PURPOSE;

/// People of a page.
const PAGE: u64 = 200;

/// Seals the secrets of one-time codes under the current master key, where they are under another one; answers how many
/// were. One that is changed meanwhile is under the current key already.
///
/// # Errors
/// Failures of the database; secrets that none of the keys opens.
pub async fn reseal_secrets(store: &dyn Store, secrets: &dyn Secrets) -> Result<u64, Failure> {
    let (mut after, mut resealed) = (PersonId(0), 0);
    loop {
        let page = store.list_code_secrets(after, PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(resealed);
        };
        after = *last;
        for (person, sealed) in &page {
            let new = secrets
                .reseal(CODES_PURPOSE, sealed)
                .map_err(|error| Failure::Broken("a secret cannot be sealed anew", Box::new(error)))?;
            if let Some(new) = new {
                store.replace_code_secret(*person, sealed, &new).await?;
                resealed += 1;
            }
        }
    }
}
