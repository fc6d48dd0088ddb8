//! The contract's XML: requests read as a stream, answers and sealed documents written byte for byte. No HTTP.

pub mod forms;
pub mod names;
pub mod reader;
pub mod sealed_content;
pub mod soap;
mod writer;

pub use writer::Writer;
