//! What is broken: two nodes, their database, their objects on a disk of their own, their timestamp authority.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::harness::{Fleet, FleetOptions, Node, PrivateCluster};

const DATABASE: &str = "faults";
/// Room of the objects' disk, in bytes.
const DISK: u64 = 1 << 30;

/// The whole installation.
pub struct World {
    // Order matters: nodes end before what they stand on.
    pub fleet: Fleet,
    pub cluster: PrivateCluster,
    pub disk: Disk,
}

impl World {
    /// Starts it.
    pub fn start() -> Self {
        let disk = Disk::mount();
        let cluster = PrivateCluster::start().unwrap();
        let fleet = Fleet::start(FleetOptions {
            database: cluster.create_database(DATABASE).unwrap(),
            objects: Some(format!("file:{}", disk.folder().join("objects").display())),
            nodes: 2,
            ..FleetOptions::default()
        })
        .unwrap();
        Self { fleet, cluster, disk }
    }

    /// Where the nodes listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.fleet.nodes().iter().map(Node::address).collect()
    }

    /// Asks the database.
    pub fn sql(&self, sql: &str) -> String {
        self.cluster.execute(DATABASE, sql).unwrap()
    }
}

/// A small disk in memory, which can be full.
pub struct Disk {
    mounted: tempfile::TempDir,
}

impl Disk {
    fn mount() -> Self {
        let mounted = tempfile::tempdir().unwrap();
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={DISK}"), "isds-faults"])
            .arg(mounted.path())
            .status()
            .unwrap();
        assert!(
            status.success(),
            "a disk that can be full has to be mounted, which takes root"
        );
        Self { mounted }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.mounted.path()
    }

    fn ballast(&self) -> PathBuf {
        self.folder().join("ballast")
    }

    /// Leaves no room.
    pub fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.ballast()).unwrap();
        let block = vec![0; 1 << 20];
        while file.write_all(&block).is_ok() {}
        // The last bytes, too few for a block.
        while file.write_all(&[0; 512]).is_ok() {}
    }

    /// Leaves room again.
    pub fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a node that a failed test left behind may still have files open there.
        let _ = Command::new("umount").arg("--lazy").arg(self.folder()).status();
    }
}
