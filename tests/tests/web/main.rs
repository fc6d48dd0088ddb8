//! The pages over HTTP, as a browser without JavaScript and as an attacker see them. One module an area.

mod admin;
mod attacks;
mod bulk;
mod lists;
mod messages;
mod settings;
mod sign_in;
mod verify;
mod write;
