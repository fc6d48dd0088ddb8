//! What breaks, and how it is mended.

use std::time::Duration;

use e2e::harness::Mood;

use crate::load::Load;
use crate::world::World;

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
    /// The timestamp authority takes three seconds.
    AuthoritySlow,
    /// It answers 503.
    AuthorityFailing,
    /// It takes requests and says nothing.
    AuthoritySilent,
    /// The disk of the objects is full.
    DiskFull,
    /// Legal time goes on by eleven days at once: everything delivered becomes fiction.
    ClockJump,
}

/// All of them, for nodes 0 and 1.
pub const ALL: [Fault; 11] = [
    Fault::NodeKilled(0),
    Fault::NodeKilled(1),
    Fault::NodeRestarted(0),
    Fault::NodeRestarted(1),
    Fault::DatabaseKilled,
    Fault::DatabaseDropsConnections,
    Fault::AuthoritySlow,
    Fault::AuthorityFailing,
    Fault::AuthoritySilent,
    Fault::DiskFull,
    Fault::ClockJump,
];

impl Fault {
    /// Breaks something under load and mends it again.
    pub fn strike(self, world: &mut World, load: &Load<'_>) {
        match self {
            Self::None => {}
            Self::NodeKilled(number) => {
                world.fleet.node_mut(number).kill_hard().unwrap();
                goes_on(load, self);
                world.fleet.node_mut(number).start().unwrap();
            }
            Self::NodeRestarted(number) => {
                let status = world.fleet.node_mut(number).terminate().unwrap();
                assert!(
                    status.is_some_and(|status| status.success()),
                    "a node that is asked to end says {status:?}"
                );
                goes_on(load, self);
                world.fleet.node_mut(number).start().unwrap();
            }
            Self::DatabaseKilled => {
                world.cluster.kill_hard().unwrap();
                assert!(
                    load.wait_for_attempts(WHILE_NOTHING_WORKS),
                    "callers get no answers while the database is down"
                );
                world.cluster.restart().unwrap();
            }
            Self::DatabaseDropsConnections => {
                world
                    .sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'faults' AND pid <> pg_backend_pid()");
            }
            Self::AuthoritySlow => under(world, load, self, Mood::Slow(Duration::from_secs(3))),
            Self::AuthorityFailing => under(world, load, self, Mood::Failing),
            Self::AuthoritySilent => under(world, load, self, Mood::Silent),
            Self::DiskFull => {
                world.disk.fill();
                assert!(
                    load.wait_for_attempts(WHILE_BROKEN),
                    "callers get no answers while the disk is full"
                );
                world.disk.free();
            }
            Self::ClockJump => world.fleet.advance(0, 11 * 86_400).unwrap(),
        }
    }
}

/// The authority holds up neither acceptance nor the nodes.
fn under(world: &World, load: &Load<'_>, fault: Fault, mood: Mood) {
    world.fleet.authority().set_mood(mood);
    goes_on(load, fault);
    world.fleet.authority().set_mood(Mood::Well);
}

fn goes_on(load: &Load<'_>, fault: Fault) {
    assert!(
        load.wait_for_accepted(WHILE_BROKEN),
        "nothing is accepted any more under {fault:?}"
    );
}
