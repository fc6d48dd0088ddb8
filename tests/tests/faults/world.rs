//! What is broken: two nodes, and what they stand on: a database, an authority, a scanner, a mail server. One world keeps its
//! objects on a disk that can be full; the other keeps them in a bucket, and its database has a standby.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::harness::{BucketServer, Clamd, Fleet, FleetOptions, Forwarder, MailSink, Node, PrivateCluster};
use e2e::visitor::Visitor;

use crate::faults::Needs;

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
    standby: Option<PrivateCluster>,
    /// The address of the database, which moves with it.
    pub database: Forwarder,
    pub content: Content,
    pub scanner: Clamd,
    pub mails: MailSink,
}

/// Where the objects lie.
pub enum Content {
    /// On a disk of their own.
    Disk(Disk),
    /// In a bucket, behind an address that can go away.
    Bucket { server: BucketServer, road: Forwarder },
}

impl Content {
    fn on_a_disk() -> Self {
        Self::Disk(Disk::mount())
    }

    fn in_a_bucket() -> Self {
        let server = BucketServer::start().unwrap();
        let road = Forwarder::start(server.address()).unwrap();
        Self::Bucket { server, road }
    }

    fn url(&self) -> String {
        match self {
            Self::Disk(disk) => format!("file:{}", disk.folder().join("objects").display()),
            Self::Bucket { server, road } => moved(&server.url("faults"), server.address(), road.address()),
        }
    }
}

impl World {
    /// Objects on a disk that can be full.
    pub fn on_a_disk() -> Self {
        Self::of(Content::on_a_disk(), false)
    }

    /// Objects in a bucket, and a standby of the database.
    pub fn on_a_bucket() -> Self {
        Self::of(Content::in_a_bucket(), true)
    }

    fn of(content: Content, with_standby: bool) -> Self {
        let (scanner, mails) = (Clamd::start(SCANNED).unwrap(), MailSink::start().unwrap());
        let cluster = PrivateCluster::start().unwrap();
        let standby = with_standby.then(|| cluster.standby().unwrap());
        let database = Forwarder::start(at(&cluster)).unwrap();
        let url = cluster.create_database(DATABASE).unwrap();
        let fleet = Fleet::start(FleetOptions {
            database: moved(&url, at(&cluster), database.address()),
            objects: Some(content.url()),
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
            standby,
            database,
            content,
            scanner,
            mails,
        }
    }

    /// Whether the world has what a fault strikes.
    pub fn has(&self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Disk => matches!(self.content, Content::Disk(_)),
            Needs::Bucket => matches!(self.content, Content::Bucket { .. }),
            Needs::Standby => self.standby.is_some(),
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

    /// The mails that came.
    pub fn texts_of_mails(&self) -> Vec<String> {
        self.mails.mails().unwrap().into_iter().map(|mail| mail.text).collect()
    }

    /// The primary is gone; its standby takes its place and its address.
    pub fn promote(&mut self) {
        let standby = self.standby.take().unwrap();
        self.cluster.kill_hard().unwrap();
        self.database.switch_to(None);
        standby.promote().unwrap();
        self.database.switch_to(Some(at(&standby)));
        self.cluster = standby;
    }

    /// The database has a standby again.
    pub fn follow(&mut self) {
        self.standby = Some(self.cluster.standby().unwrap());
    }
}

/// The URL with another address in it.
fn moved(url: &str, from: SocketAddr, to: SocketAddr) -> String {
    assert!(url.contains(&from.to_string()), "{url}");
    url.replace(&from.to_string(), &to.to_string())
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
