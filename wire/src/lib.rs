//! The contract's XML and its MIME packages: requests read as a stream, answers and sealed documents written byte for
//! byte. No HTTP.

pub mod forms;
pub mod mtom;
pub mod names;
pub mod reader;
pub mod sealed_content;
pub mod soap;
mod writer;
mod zip_stream;

pub use writer::Writer;
pub use zip_stream::ZipStream;
