//! A ZIP archive of one file, written as its content comes; lines of CSV for it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Takes the bytes of one file; gives the bytes of the archive, which is never held whole.
pub struct ZipStream {
    zip: ZipWriter<StreamWriter<Outlet>>,
    outlet: Outlet,
}

/// Where the archive's bytes gather until they are taken.
#[derive(Clone, Default)]
struct Outlet(Arc<Mutex<Vec<u8>>>);

impl Outlet {
    fn take(&self) -> Vec<u8> {
        // Nobody panics while holding it; if somebody did, the bytes would still be those that were written.
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ZipStream {
    /// An archive with the file `name`, dated with the day that its content is of: the machine's time does not matter,
    /// and what is made of the same content is the same.
    ///
    /// # Errors
    /// Never for a name of our own: writing goes to memory.
    pub fn begin(name: &str, day: Date) -> io::Result<Self> {
        let outlet = Outlet::default();
        let mut zip = ZipWriter::new_stream(outlet.clone());
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(midnight(day))
            // The length is not known when the header is written, and may pass 4 GiB.
            .large_file(true);
        zip.start_file(name, options)?;
        Ok(Self { zip, outlet })
    }

    /// Bytes of the archive that are ready.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.outlet.take()
    }

    /// Ends the archive; answers what was not taken yet.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.zip.finish()?;
        Ok(self.outlet.take())
    }
}

/// ZIP knows no year before 1980; its earliest day stands for those.
fn midnight(day: Date) -> DateTime {
    let parts = (
        u16::try_from(day.year()),
        u8::try_from(day.month()),
        u8::try_from(day.day()),
    );
    match parts {
        (Ok(year), Ok(month), Ok(day)) => DateTime::from_date_and_time(year, month, day, 0, 0, 0).unwrap_or_default(),
        _ => DateTime::default(),
    }
}

/// A line of a CSV file (RFC 4180): commas, quotes where they are needed, CRLF.
///
/// # Errors
/// Never: writing goes to memory.
pub fn csv_line<'a>(values: impl IntoIterator<Item = &'a str>) -> io::Result<Vec<u8>> {
    let mut line = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    line.write_record(values).map_err(io::Error::other)?;
    line.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

impl Write for ZipStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.zip.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_where_they_are_needed() {
        let line = csv_line(["PO Hotel \"Sun\"", "Vzor, s.r.o.", "Vzor", ""]).unwrap();
        assert_eq!(line, b"\"PO Hotel \"\"Sun\"\"\",\"Vzor, s.r.o.\",Vzor,\r\n");
    }
}
