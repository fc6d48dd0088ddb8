//! What is broken: two nodes and what they stand on. One world keeps its objects on a disk that can be full, and has a
//! scanner and a mail server; the other keeps them in a bucket, and its database has a standby.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::harness::{BucketServer, Clamd, Fleet, FleetOptions, Forwarder, MailSink, Node, PrivateCluster};
use e2e::visitor::Visitor;

const DATABASE: &str = "faults";
/// Room of the objects' disk, in bytes.
const DISK: u64 = 1 << 30;
/// Largest file that the scanner takes, in megabytes.
const SCANNED: u32 = 110;
/// Where links in mails lead; nobody follows them.
const PUBLIC_URL: &str = "https://schranky.vzor.example";
const ADDRESS: &str = "jan@vzor.example";

/// The whole installation.
pub struct World {
    // Order matters: nodes end before what they stand on.
    pub fleet: Fleet,
    pub cluster: PrivateCluster,
    pub around: Around,
}

/// What stands around the nodes and their database.
pub enum Around {
    /// Objects on a disk of their own, scanned; mails.
    Disk {
        disk: Disk,
        scanner: Clamd,
        mails: MailSink,
    },
    /// Objects in a bucket, behind an address that can go away; a standby of the database, and the address that moves
    /// to it.
    Bucket {
        bucket: BucketServer,
        road: Forwarder,
        standby: Option<PrivateCluster>,
        address: Forwarder,
    },
}

impl World {
    /// Nodes with a disk, a scanner and a mail server.
    pub fn on_a_disk() -> Self {
        let (disk, scanner) = (Disk::mount(), Clamd::start(SCANNED).unwrap());
        let (mails, cluster) = (MailSink::start().unwrap(), PrivateCluster::start().unwrap());
        let fleet = Fleet::start(FleetOptions {
            database: cluster.create_database(DATABASE).unwrap(),
            objects: Some(format!("file:{}", disk.folder().join("objects").display())),
            nodes: 2,
            lines: format!(
                "clamd = \"{}\"\nsmtp = \"{}\"\npublic_url = \"{PUBLIC_URL}\"\n",
                scanner.address().display(),
                mails.url()
            ),
            ..FleetOptions::default()
        })
        .unwrap();
        wants_mails(fleet.node(0).address(), &mails);
        Self {
            fleet,
            cluster,
            around: Around::Disk { disk, scanner, mails },
        }
    }

    /// Nodes with a bucket and a standby of the database.
    pub fn on_a_bucket() -> Self {
        let (bucket, cluster) = (BucketServer::start().unwrap(), PrivateCluster::start().unwrap());
        let standby = cluster.standby().unwrap();
        let (road, address) = (
            Forwarder::start(bucket.address()).unwrap(),
            Forwarder::start(at(&cluster)).unwrap(),
        );
        let moved = |url: &str, from: SocketAddr, to: SocketAddr| {
            assert!(url.contains(&from.to_string()), "{url}");
            url.replace(&from.to_string(), &to.to_string())
        };
        let fleet = Fleet::start(FleetOptions {
            database: moved(
                &cluster.create_database(DATABASE).unwrap(),
                at(&cluster),
                address.address(),
            ),
            objects: Some(moved(&bucket.url("faults"), bucket.address(), road.address())),
            nodes: 2,
            ..FleetOptions::default()
        })
        .unwrap();
        Self {
            fleet,
            cluster,
            around: Around::Bucket {
                bucket,
                road,
                standby: Some(standby),
                address,
            },
        }
    }

    /// Where the nodes listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.fleet.nodes().iter().map(Node::address).collect()
    }

    /// Asks the database.
    pub fn sql(&self, sql: &str) -> String {
        self.cluster.execute(DATABASE, sql).unwrap()
    }

    /// Whether bad attachments are found.
    pub fn scans(&self) -> bool {
        matches!(self.around, Around::Disk { .. })
    }

    /// The mails that came, where any are sent.
    pub fn mails(&self) -> Option<Vec<String>> {
        let Around::Disk { mails, .. } = &self.around else {
            return None;
        };
        Some(mails.mails().unwrap().into_iter().map(|mail| mail.text).collect())
    }

    /// The primary is gone; its standby takes its place and its address.
    pub fn promote(&mut self) {
        let Around::Bucket { standby, address, .. } = &mut self.around else {
            return;
        };
        let Some(standby) = standby.take() else { return };
        self.cluster.kill_hard().unwrap();
        address.switch_to(None);
        standby.promote().unwrap();
        address.switch_to(Some(at(&standby)));
        self.cluster = standby;
    }
}

fn at(cluster: &PrivateCluster) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port()))
}

/// The recipient of all letters wants a mail for each: gives an address and confirms it by the code that comes.
fn wants_mails(node: SocketAddr, mails: &MailSink) {
    let mut novak = Visitor::new(node);
    novak.sign_in("novak01").unwrap();
    let page = novak.get("/b/nvak22s/settings/notices").unwrap();
    let form = page.form("input[name=address]").unwrap().fill("address", ADDRESS);
    novak.submit(&form).unwrap();
    let came = mails.wait_for(1).unwrap();
    let link = came[0].text.lines().find(|line| line.contains("?code=")).unwrap();
    let path = link.strip_prefix(PUBLIC_URL).unwrap();
    let page = novak.get(path).unwrap();
    let page = novak.submit(&page.form("input[name=code]").unwrap()).unwrap();
    assert!(page.says("Adresa je potvrzená"), "{page:?}");
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
