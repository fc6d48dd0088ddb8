//! The pages over HTTP, as a browser without JavaScript and as an attacker see them. One module an area.

mod admin;
mod admin_more;
mod attacks;
mod audit_trail;
mod bulk;
mod lists;
mod messages;
mod settings;
mod sign_in;
mod vault;
mod verify;
mod write;
