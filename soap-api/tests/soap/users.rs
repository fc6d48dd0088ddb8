//! Users of a box and their access data: who may do what, every code, and that it counts at once.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod access_data;
mod adding;
mod answers;
mod calls;
mod changing;
mod listing;
mod rights;
