//! Users of a box and their access data: who may do what, every code, and that it counts at once.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

#[path = "users/access_data.rs"]
mod access_data;
#[path = "users/adding.rs"]
mod adding;
#[path = "users/answers.rs"]
mod answers;
#[path = "users/calls.rs"]
mod calls;
#[path = "users/changing.rs"]
mod changing;
#[cfg(test)]
mod common;
#[path = "users/listing.rs"]
mod listing;
#[path = "users/rights.rs"]
mod rights;
