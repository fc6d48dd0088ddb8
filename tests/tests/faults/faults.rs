//! What breaks, and how it is mended.

use std::time::Duration;

use e2e::harness::Mood;

use crate::load::Load;
use crate::world::{Around, World};

/// How many letters are sent, however that ends, while something is broken.
const WHILE_BROKEN: usize = 24;
/// The same while nothing can be accepted: each call waits for a connection to the database for some seconds.
const WHILE_NOTHING_WORKS: usize = 6;

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
    /// SIGKILL of the database; its standby takes over.
    DatabaseLost,
    /// The timestamp authority takes three seconds.
    AuthoritySlow,
    /// It answers 503.
    AuthorityFailing,
    /// It takes requests and says nothing.
    AuthoritySilent,
    /// The disk of the objects is full.
    DiskFull,
    /// The server of the objects is gone for a while, and cut whoever talked to it.
    BucketGone,
    /// SIGKILL of the scanner.
    ScannerKilled,
    /// The scanner takes files and says nothing.
    ScannerHangs,
    /// The mail server refuses recipients for a while.
    MailsRefused,
    /// Legal time goes on by eleven days at once: everything delivered becomes fiction.
    ClockJump,
}

use Fault::{
    AuthorityFailing, AuthoritySilent, AuthoritySlow, BucketGone, ClockJump, DatabaseDropsConnections, DatabaseKilled,
    DatabaseLost, DiskFull, MailsRefused, NodeKilled, NodeRestarted, ScannerHangs, ScannerKilled,
};

/// What breaks around nodes with a disk, a scanner and a mail server.
pub const ON_A_DISK: [Fault; 13] = [
    NodeKilled(0),
    NodeKilled(1),
    NodeRestarted(0),
    DatabaseKilled,
    DatabaseDropsConnections,
    AuthoritySlow,
    AuthorityFailing,
    AuthoritySilent,
    DiskFull,
    ScannerKilled,
    ScannerHangs,
    MailsRefused,
    ClockJump,
];

/// What breaks around nodes with a bucket and a standby of the database. The primary is lost once only.
pub const ON_A_BUCKET: [Fault; 4] = [NodeKilled(0), NodeRestarted(1), BucketGone, DatabaseLost];

impl Fault {
    /// Breaks something under load and mends it again.
    pub fn strike(self, world: &mut World, load: &Load<'_>) {
        match (self, &mut world.around) {
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
            (DatabaseLost, _) => world.promote(),
            (AuthoritySlow, _) => self.of_the_authority(world, load, Mood::Slow(Duration::from_secs(3))),
            (AuthorityFailing, _) => self.of_the_authority(world, load, Mood::Failing),
            (AuthoritySilent, _) => self.of_the_authority(world, load, Mood::Silent),
            (DiskFull, Around::Disk { disk, .. }) => {
                disk.fill();
                self.is_answered(load, WHILE_BROKEN);
                disk.free();
            }
            (BucketGone, Around::Bucket { bucket, road, .. }) => {
                road.switch_to(None);
                self.is_answered(load, WHILE_NOTHING_WORKS);
                road.switch_to(Some(bucket.address()));
            }
            (ScannerKilled, Around::Disk { scanner, .. }) => {
                scanner.kill_hard().unwrap();
                self.is_borne(load);
                scanner.serve().unwrap();
            }
            (ScannerHangs, Around::Disk { scanner, .. }) => {
                scanner.hang().unwrap();
                self.is_borne(load);
                scanner.go_on().unwrap();
            }
            (MailsRefused, Around::Disk { mails, .. }) => {
                mails.refuse(Some(451)).unwrap();
                self.is_borne(load);
                mails.refuse(None).unwrap();
            }
            (ClockJump, _) => world.fleet.advance(0, 11 * 86_400).unwrap(),
            _ => {}
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
