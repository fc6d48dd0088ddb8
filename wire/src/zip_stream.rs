//! A ZIP archive, written as the content of its files comes; lines of CSV for such a file.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Takes the bytes of files, one after the other; gives the bytes of the archive, which is never held whole.
pub struct ZipStream {
    zip: ZipWriter<StreamWriter<Outlet>>,
    outlet: Outlet,
    options: SimpleFileOptions,
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
    /// An archive without files yet. They are dated with the day that their content is of: the machine's time does not
    /// matter, and what is made of the same content is the same.
    #[must_use]
    pub fn new(day: Date) -> Self {
        let outlet = Outlet::default();
        Self {
            zip: ZipWriter::new_stream(outlet.clone()),
            outlet,
            options: SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .last_modified_time(midnight(day))
                // The length is not known when the header is written, and may pass 4 GiB.
                .large_file(true),
        }
    }

    /// An archive with the file `name`.
    ///
    /// # Errors
    /// As [`file`](Self::file).
    pub fn begin(name: &str, day: Date) -> io::Result<Self> {
        let mut archive = Self::new(day);
        archive.file(name)?;
        Ok(archive)
    }

    /// Begins the next file; what is written from now on is its content.
    ///
    /// # Errors
    /// Never for a name of less than 64 kB that is not there yet: writing goes to memory.
    pub fn file(&mut self, name: &str) -> io::Result<()> {
        self.zip.start_file(name, self.options)?;
        Ok(())
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
    fn every_file_comes_out_again() {
        let files = [
            ("a.txt", b"one".repeat(10_000)),
            ("ž (2).pdf", Vec::new()),
            ("b", b"two".to_vec()),
        ];
        let mut archive = ZipStream::new(Date::constant(2026, 11, 22));
        let mut bytes = Vec::new();
        for (name, content) in &files {
            archive.file(name).unwrap();
            for piece in content.chunks(1000) {
                archive.write_all(piece).unwrap();
                bytes.extend(archive.take());
            }
        }
        bytes.extend(archive.finish().unwrap());
        let mut read = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        assert_eq!(read.len(), 3);
        for (index, (name, content)) in files.iter().enumerate() {
            let mut file = read.by_index(index).unwrap();
            assert_eq!(file.name().unwrap(), *name);
            let mut found = Vec::new();
            io::Read::read_to_end(&mut file, &mut found).unwrap();
            assert_eq!(found, *content);
        }
        drop(read);
    }

    #[test]
    fn quotes_where_they_are_needed() {
        let line = csv_line(["PO Hotel \"Sun\"", "Vzor, s.r.o.", "Vzor", ""]).unwrap();
        assert_eq!(line, b"\"PO Hotel \"\"Sun\"\"\",\"Vzor, s.r.o.\",Vzor,\r\n");
    }
}
