//! Where a caller calls from.

use std::net::IpAddr;

tokio::task_local! {
    /// Set around the whole of a request, so that no operation has to hand it on.
    static CALLER: IpAddr;
}

/// Works in the name of somebody who called from an address: records that are made meanwhile, in the same task, hold it.
pub async fn called_from<F: Future>(address: IpAddr, work: F) -> F::Output {
    CALLER.scope(address.to_canonical(), work).await
}

/// The address from which the caller calls for whom this task works.
pub(crate) fn caller_address() -> Option<IpAddr> {
    CALLER.try_with(|address| *address).ok()
}
