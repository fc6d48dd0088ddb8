//! `vodz`: a large message there and back, wall time.
//!
//! The floor is what nobody gets around: the content and its base64 through the digests (once for the upload, once for
//! the message and its seal), and its bytes on the disk.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::large::{self, Attachment};
use crate::table::Row;
use crate::world::World;
use crate::{Outcome, ROUNDS, sizes};

/// Measures it against `openssl dgst` and a synced copy.
pub fn run(world: &World) -> Outcome<Vec<Row>> {
    let attachment = Attachment::large();
    let floor = Floor::prepare()?;
    large::warm_up(world.address())?;
    floor.measure()?;
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let took = large::journey(world.address(), &format!("Velká zpráva {round}"), &attachment)?.as_secs_f64();
        world.wait_for_jobs()?;
        let floor = floor.measure()?;
        eprintln!("  {took:.2} s, floor {floor:.2} s");
        ours.push(took);
        floors.push(floor);
    }
    Ok(vec![Row::of_costs("vodz", "s", &ours, &floors, 2.0)])
}

/// Files of the sizes that are hashed and copied, beside the objects of the server.
struct Floor {
    folder: tempfile::TempDir,
}

impl Floor {
    fn prepare() -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("isds-bench-").tempdir()?;
        let megabyte: Vec<u8> = (0..1 << 20).map(|byte: u32| byte.to_le_bytes()[0]).collect();
        for (name, hundredths) in [("sha256", 370), ("sha3-256", 233), ("content", 100)] {
            let mut file = File::create(folder.path().join(name))?;
            let mut left = sizes::large_bytes() / 100 * hundredths;
            while left > 0 {
                let piece = left.min(megabyte.len());
                file.write_all(&megabyte[..piece])?;
                left -= piece;
            }
            // Nothing of this is to be written while something is measured.
            file.sync_all()?;
        }
        Ok(Self { folder })
    }

    fn measure(&self) -> Outcome<f64> {
        let folder = self.folder.path();
        let begun = Instant::now();
        for digest in ["sha256", "sha3-256"] {
            let mut openssl = Command::new("openssl");
            succeed(openssl.args(["dgst", &format!("-{digest}")]).arg(folder.join(digest)))?;
        }
        copy(folder)?;
        let took = begun.elapsed().as_secs_f64();
        std::fs::remove_file(folder.join("copy"))?;
        Ok(took)
    }
}

fn copy(folder: &Path) -> Outcome<()> {
    let mut dd = Command::new("dd");
    dd.arg(format!("if={}", folder.join("content").display()))
        .arg(format!("of={}", folder.join("copy").display()))
        .args(["bs=1M", "conv=fsync", "status=none"]);
    succeed(&mut dd)
}

fn succeed(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}
