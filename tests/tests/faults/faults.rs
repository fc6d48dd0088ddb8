//! What breaks, and how it is mended.

use std::time::Duration;

use e2e::harness::Mood;

use crate::load::Load;
use crate::world::{Content, World};

/// How many letters are sent, however that ends, while something is broken.
const WHILE_BROKEN: usize = 24;
/// The same while nothing can be accepted: each call waits for a connection to the database for some seconds.
const WHILE_NOTHING_WORKS: usize = 6;
/// After how many bytes a connection to the database is cut: in the middle of a statement, or of its answer.
const STATEMENTS: u64 = 6_000;
/// The same of the bucket: in the middle of a part of an upload, or of an object that is read.
const PARTS: u64 = 150_000;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: the measure of the others.
    None,
    /// SIGKILL of a node.
    NodeKilled(usize),
    /// SIGTERM of a node, as in a rolling restart.
    NodeRestarted(usize),
    /// SIGKILL of the whole database server.
    DatabaseKilled,
    /// A database that drops everybody but goes on.
    DatabaseDropsConnections,
    /// Every connection to the database is cut after so many bytes, wherever that is.
    DatabaseCut,
    /// The host of the database is gone without a word: what is sent there is lost, and nothing comes from it.
    DatabaseVanished,
    /// SIGKILL of the database; its standby takes over, and gets a standby of its own.
    DatabaseLost,
    /// The timestamp authority takes three seconds.
    AuthoritySlow,
    /// It answers 503.
    AuthorityFailing,
    /// It takes requests and says nothing.
    AuthoritySilent,
    /// The disk of the objects is full.
    DiskFull,
    /// SIGKILL of the server of the objects.
    BucketKilled,
    /// The server of the objects cannot be reached for a while, and whoever talked to it is cut.
    BucketGone,
    /// Every connection to it is cut after so many bytes, wherever that is.
    BucketCut,
    /// SIGKILL of the scanner.
    ScannerKilled,
    /// The scanner takes files and says nothing.
    ScannerHangs,
    /// The mail server refuses recipients for a while.
    MailsRefused,
    /// Legal time goes on by eleven days at once: everything delivered becomes fiction.
    ClockJump,
}

/// What a world must have for a fault to strike it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// What every world has: two nodes, a database, an authority, a scanner, a mail server.
    Nothing,
    /// Objects on a disk of their own.
    Disk,
    /// Objects in a bucket.
    Bucket,
    /// A standby of the database.
    Standby,
}

use Fault::{
    AuthorityFailing, AuthoritySilent, AuthoritySlow, BucketCut, BucketGone, BucketKilled, ClockJump, DatabaseCut,
    DatabaseDropsConnections, DatabaseKilled, DatabaseLost, DatabaseVanished, DiskFull, MailsRefused, NodeKilled,
    NodeRestarted, ScannerHangs, ScannerKilled,
};

/// The faults, with what a world must have for each.
const FAULTS: [(Fault, Needs); 19] = [
    (NodeKilled(0), Needs::Nothing),
    (NodeKilled(1), Needs::Nothing),
    (NodeRestarted(0), Needs::Nothing),
    (DatabaseKilled, Needs::Nothing),
    (DatabaseDropsConnections, Needs::Nothing),
    (DatabaseCut, Needs::Nothing),
    (DatabaseVanished, Needs::Nothing),
    (DatabaseLost, Needs::Standby),
    (AuthoritySlow, Needs::Nothing),
    (AuthorityFailing, Needs::Nothing),
    (AuthoritySilent, Needs::Nothing),
    (DiskFull, Needs::Disk),
    (BucketKilled, Needs::Bucket),
    (BucketGone, Needs::Bucket),
    (BucketCut, Needs::Bucket),
    (ScannerKilled, Needs::Nothing),
    (ScannerHangs, Needs::Nothing),
    (MailsRefused, Needs::Nothing),
    (ClockJump, Needs::Nothing),
];

impl Fault {
    /// All that can strike this world.
    pub fn of(world: &World) -> Vec<Self> {
        let possible = FAULTS.into_iter().filter(|(_, needs)| world.has(*needs));
        possible.map(|(fault, _)| fault).collect()
    }

    /// Breaks something under load and mends it again.
    pub fn strike(self, world: &mut World, load: &Load<'_>) {
        match (self, &mut world.content) {
            (NodeKilled(number), _) => {
                world.fleet.node_mut(number).kill_hard().unwrap();
                self.is_borne(load);
                world.fleet.node_mut(number).start().unwrap();
            }
            (NodeRestarted(number), _) => {
                let status = world.fleet.node_mut(number).terminate().unwrap();
                assert!(
                    status.is_some_and(|status| status.success()),
                    "a node that is asked to end says {status:?}"
                );
                self.is_borne(load);
                world.fleet.node_mut(number).start().unwrap();
            }
            (DatabaseKilled, _) => {
                world.cluster.kill_hard().unwrap();
                self.is_answered(load, WHILE_NOTHING_WORKS);
                world.cluster.restart().unwrap();
            }
            (DatabaseDropsConnections, _) => {
                world.sql(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                );
            }
            (DatabaseCut, _) => {
                world.database.cut_after(Some(STATEMENTS));
                self.is_answered(load, WHILE_BROKEN);
                world.database.cut_after(None);
            }
            (DatabaseVanished, _) => {
                world.database.vanish();
                self.is_answered(load, WHILE_NOTHING_WORKS);
                world.database.come_back();
            }
            (DatabaseLost, _) => {
                world.promote();
                self.is_borne(load);
                world.follow();
            }
            (AuthoritySlow, _) => self.of_the_authority(world, load, Mood::Slow(Duration::from_secs(3))),
            (AuthorityFailing, _) => self.of_the_authority(world, load, Mood::Failing),
            (AuthoritySilent, _) => self.of_the_authority(world, load, Mood::Silent),
            (DiskFull, Content::Disk(disk)) => {
                disk.fill();
                self.is_answered(load, WHILE_BROKEN);
                disk.free();
            }
            (BucketKilled, Content::Bucket { server, .. }) => {
                server.kill_hard().unwrap();
                self.is_answered(load, WHILE_NOTHING_WORKS);
                server.restart().unwrap();
            }
            (BucketGone, Content::Bucket { server, road }) => {
                road.switch_to(None);
                self.is_answered(load, WHILE_NOTHING_WORKS);
                road.switch_to(Some(server.address()));
            }
            (BucketCut, Content::Bucket { road, .. }) => {
                road.cut_after(Some(PARTS));
                self.is_answered(load, WHILE_BROKEN);
                road.cut_after(None);
            }
            (ScannerKilled, _) => {
                world.scanner.kill_hard().unwrap();
                self.is_borne(load);
                world.scanner.serve().unwrap();
            }
            (ScannerHangs, _) => {
                world.scanner.hang().unwrap();
                self.is_borne(load);
                world.scanner.go_on().unwrap();
            }
            (MailsRefused, _) => {
                world.mails.refuse(Some(451)).unwrap();
                self.is_borne(load);
                world.mails.refuse(None).unwrap();
            }
            // The clock answers when nothing is due any more, which a machine that is busy never comes to under load.
            (ClockJump, _) => load.while_senders_rest(|| world.fleet.advance(0, 11 * 86_400).unwrap()),
            (Fault::None | DiskFull | BucketKilled | BucketGone | BucketCut, _) => {}
        }
    }

    /// The authority holds up neither acceptance nor the nodes.
    fn of_the_authority(self, world: &World, load: &Load<'_>, mood: Mood) {
        world.fleet.authority().set_mood(mood);
        self.is_borne(load);
        world.fleet.authority().set_mood(Mood::Well);
    }

    fn is_borne(self, load: &Load<'_>) {
        assert!(
            load.wait_for_accepted(WHILE_BROKEN),
            "nothing is accepted any more under {self:?}"
        );
    }

    fn is_answered(self, load: &Load<'_>, letters: usize) {
        assert!(load.wait_for_attempts(letters), "nobody is answered under {self:?}");
    }
}
