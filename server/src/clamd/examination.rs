//! Whether the daemon is set up for this system: it has to know malware, in the largest file that a message may hold.

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use isds_core::ports::{FileVerdict, ScanError, Scanner, StoreResult};

use super::Clamd;

/// The harmless file by which everybody tries scanners (EICAR), in two parts: whole it would be found in this program.
const TEST_FILE: [&str; 2] = [
    "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD",
    "-ANTIVIRUS-TEST-FILE!$H+H*",
];
const BLOCK: u64 = 512;
const ZEROS: usize = 64 << 10;

/// Why a daemon that answers is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It gives no verdict.
    #[error("it gives no verdict")]
    NoVerdict(#[from] ScanError),
    /// It has no signatures worth the name.
    #[error("it does not know the test file of EICAR: are its signatures there?")]
    Ignorant,
    /// It takes larger files for clean without looking into them.
    #[error("it does not look into a file of {0} bytes: raise MaxFileSize and MaxScanSize")]
    LooksAway(u64),
    /// It refuses larger files.
    #[error("it does not take a file of {0} bytes: raise StreamMaxLength")]
    TooSmall(u64),
}

/// Tries the test file alone, and at the end of an archive of about `largest` bytes.
pub async fn examine(clamd: &Clamd, largest: u64) -> Result<String, Unfit> {
    let version = clamd.version().await?;
    clamd.probe().await?;
    let alone = Bytes::from(TEST_FILE.concat());
    match clamd.scan(pieces(vec![Part::Bytes(alone.clone())])).await? {
        FileVerdict::Found(_) => {}
        FileVerdict::Clean => return Err(Unfit::Ignorant),
    }
    match clamd.scan(pieces(archive(largest, alone))).await {
        Ok(FileVerdict::Found(finding)) if finding.contains("Limits.Exceeded") => Err(Unfit::LooksAway(largest)),
        Ok(FileVerdict::Found(_)) => Ok(version),
        Ok(FileVerdict::Clean) => Err(Unfit::LooksAway(largest)),
        Err(ScanError::TooLarge) => Err(Unfit::TooSmall(largest)),
        Err(error) => Err(error.into()),
    }
}

enum Part {
    Bytes(Bytes),
    Zeros(u64),
}

/// A tar archive of zeros and the test file.
fn archive(largest: u64, file: Bytes) -> Vec<Part> {
    let frame = 6 * BLOCK;
    let zeros = largest.saturating_sub(frame) / BLOCK * BLOCK;
    let length = file.len() as u64;
    vec![
        Part::Bytes(header("zeros", zeros)),
        Part::Zeros(zeros),
        Part::Bytes(header("test", length)),
        Part::Bytes(file),
        Part::Zeros(length.next_multiple_of(BLOCK) - length),
        Part::Zeros(2 * BLOCK),
    ]
}

/// The head of a file in an archive (POSIX, ustar).
fn header(name: &str, length: u64) -> Bytes {
    let mut block = [0_u8; BLOCK as usize];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{length:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Bytes::copy_from_slice(&block)
}

fn pieces(parts: Vec<Part>) -> BoxStream<'static, StoreResult<Bytes>> {
    static BLANK: [u8; ZEROS] = [0; ZEROS];
    stream::iter(parts)
        .flat_map(|part| {
            let (first, zeros) = match part {
                Part::Bytes(bytes) => (Some(bytes), 0),
                Part::Zeros(zeros) => (None, zeros),
            };
            let blanks = (0..zeros).step_by(ZEROS).map(move |at| {
                let length = usize::try_from(zeros - at).unwrap_or(ZEROS).min(ZEROS);
                Bytes::from_static(&BLANK[..length])
            });
            stream::iter(first.into_iter().chain(blanks)).map(Ok)
        })
        .boxed()
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn the_archive_is_a_little_smaller_than_the_largest_file() {
        for largest in [1 << 20, (1 << 20) + 700] {
            let file = Bytes::from(TEST_FILE.concat());
            assert_eq!(file.len(), 68);
            let all: Vec<Bytes> = pieces(archive(largest, file.clone())).try_collect().await.unwrap();
            let all = all.concat();
            assert!(
                all.len() as u64 <= largest && all.len() as u64 + 3 * BLOCK > largest,
                "{}",
                all.len()
            );
            assert_eq!(all.len() % 512, 0);
            assert_eq!(&all[all.len() - 3 * 512..][..68], &file);
        }
    }
}
