//! A ZIP archive of one file, written as its content comes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Takes the bytes of one file; gives the bytes of the archive, which is never held whole.
///
/// The archive's headers carry no time: what was made of the same content is the same.
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
    /// An archive with the file `name`.
    ///
    /// # Errors
    /// Never for a name of our own: writing goes to memory.
    pub fn begin(name: &str) -> io::Result<Self> {
        let outlet = Outlet::default();
        let mut zip = ZipWriter::new_stream(outlet.clone());
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
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

impl Write for ZipStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.zip.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}
