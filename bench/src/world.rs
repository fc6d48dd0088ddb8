//! What is measured: a server on PostgreSQL with many boxes.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2e::persona::{Letter, Persona};
use harness::{Demo, DemoOptions, PrivateCluster};
use isds_core::box_state::BoxState;
use isds_core::box_type::BoxType;
use isds_core::data_box::{Address, DataBox};
use isds_core::ids::{BoxId, IsdsId, MembershipId, PersonId};
use isds_core::ports::Store;
use isds_core::privileges::Privileges;
use isds_core::user::{Membership, Person, UserType};
use tokio::runtime::Runtime;

use crate::{CLIENTS, Outcome, settled};

/// Boxes over which messages are spread.
pub const BOXES: usize = 1000;
/// Size of the attachment of every message, in bytes.
pub const MESSAGE_BYTES: usize = 10_000;
/// How long the jobs may take to catch up after a load.
const DRAIN: Duration = Duration::from_secs(10);
const FLOOR_DATABASE: &str = "floor";
const SYMBOLS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The server with its database, and the data that loads need.
pub struct World {
    // The server ends before its database does.
    demo: Demo,
    database: String,
    cluster: Arc<PrivateCluster>,
    runtime: Runtime,
    store: Arc<dyn Store>,
}

impl World {
    /// Starts everything on a cluster of its own and adds the boxes.
    ///
    /// # Errors
    /// Where a part cannot be started.
    pub fn prepare() -> Outcome<Self> {
        let cluster = Arc::new(PrivateCluster::start()?);
        cluster.create_database("isds")?;
        cluster.create_database(FLOOR_DATABASE)?;
        let initialised = Command::new(cluster.bin().join("pgbench"))
            .args(["-h", "127.0.0.1", "-U", "postgres", "-p", &cluster.port().to_string()])
            .args(["-i", "-q", "-s", "10", FLOOR_DATABASE])
            .output()?;
        if !initialised.status.success() {
            return Err(String::from_utf8_lossy(&initialised.stderr).into_owned().into());
        }
        let world = Self::open(cluster, "isds", None)?;
        world.add_boxes()?;
        settled::wait(&world.demo.data().join("objects"))?;
        Ok(world)
    }

    /// Ends the server and its database, and leaves their files until this is dropped: whatever is measured next would come upon
    /// what was deleted.
    ///
    /// # Errors
    /// Where one of them does not run any more.
    pub fn end(&mut self) -> Outcome<()> {
        self.demo.terminate()?;
        let cluster = Arc::get_mut(&mut self.cluster).ok_or("somebody else uses the cluster")?;
        Ok(cluster.kill_hard()?)
    }

    /// Starts a server on a database of the cluster, with its other data in a folder of its own or this one.
    ///
    /// # Errors
    /// Where a part cannot be started.
    pub fn open(cluster: Arc<PrivateCluster>, database: &str, folder: Option<&Path>) -> Outcome<Self> {
        let url = cluster.url(database);
        let mut options = DemoOptions::default().database(&url).variable("RUST_LOG", "warn");
        if let Some(folder) = folder {
            options = options.folder(folder);
        }
        let demo = options.start()?;
        let runtime = Runtime::new()?;
        let store = runtime.block_on(storage::connect(&url))?;
        Ok(Self {
            demo,
            database: database.to_owned(),
            cluster,
            runtime,
            store,
        })
    }

    /// Adds the boxes that messages are sent between, and people who sign in to some of them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn add_boxes(&self) -> Outcome<()> {
        self.add_group('s', "sender", CLIENTS, |id, index| data_box(id, BoxType::Ovm, index))?;
        self.add_group('r', "recipient", BOXES, |id, index| data_box(id, BoxType::Po, index))
    }

    /// Adds boxes whose numbers begin with a letter; to the first of them somebody has access.
    ///
    /// # Errors
    /// Those of the store.
    pub fn add_group(
        &self,
        letter: char,
        login: &str,
        count: usize,
        make: impl Fn(BoxId, usize) -> DataBox,
    ) -> Outcome<()> {
        self.runtime
            .block_on(add_group(&*self.store, letter, login, count, make))
    }

    /// The cluster.
    pub fn cluster(&self) -> &PrivateCluster {
        &self.cluster
    }

    /// Its database there.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Database of the floor's own on the same cluster.
    pub fn floor_database(&self) -> &str {
        FLOOR_DATABASE
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.demo.address()
    }

    /// What the server said so far.
    pub fn server_log(&self) -> String {
        std::fs::read_to_string(self.demo.log()).unwrap_or_default()
    }

    /// The server.
    pub fn demo(&self) -> &Demo {
        &self.demo
    }

    /// Somebody of an office that sends.
    pub fn sender(&self, client: usize) -> Persona {
        Persona::new(self.address(), &format!("sender{client:02}"))
    }

    /// Somebody of the `client`-th box that receives.
    pub fn recipient(&self, client: usize) -> Persona {
        Persona::new(self.address(), &format!("recipient{client:02}"))
    }

    /// Body of CreateMessage to the `index`-th receiving box.
    ///
    /// # Errors
    /// Never for an index below [`BOXES`].
    pub fn letter_to(&self, index: usize) -> Outcome<Vec<u8>> {
        let to = box_id('r', index)?;
        Ok(Letter::new(to.as_str(), "Vyrozumění o zahájení řízení")
            .of_size(MESSAGE_BYTES)
            .to_soap())
    }

    /// Waits until no job is left.
    ///
    /// # Errors
    /// Where the jobs do not catch up within ten seconds: then the load before does not count.
    pub fn wait_for_jobs(&self) -> Outcome<Duration> {
        let begin = Instant::now();
        loop {
            let left = self.runtime.block_on(self.store.count_jobs())?;
            if left == 0 {
                return Ok(begin.elapsed());
            }
            if begin.elapsed() > DRAIN {
                return Err(format!(
                    "{left} jobs were left {} s after the load: it does not count",
                    DRAIN.as_secs()
                )
                .into());
            }
            crate::pause(Duration::from_millis(20));
        }
    }
}

/// The number of the `index`-th box of those that begin with a letter.
///
/// # Errors
/// Never for a letter of the alphabet of box numbers.
pub fn box_id(first: char, index: usize) -> Outcome<BoxId> {
    let mut data = vec![u8::try_from(first)?];
    let mut rest = index;
    for _ in 0..5 {
        data.push(SYMBOLS[rest % SYMBOLS.len()]);
        rest /= SYMBOLS.len();
    }
    Ok(BoxId::from_data(std::str::from_utf8(&data)?)?)
}

async fn add_group(
    store: &dyn Store,
    letter: char,
    login: &str,
    count: usize,
    make: impl Fn(BoxId, usize) -> DataBox,
) -> Outcome<()> {
    // Everybody has the password of the demo, and so its hash.
    let hash = store
        .lookup_login("mesto01")
        .await?
        .ok_or("the demo lacks a login")?
        .password_hash;
    let person = Person {
        id: PersonId(0),
        given_names: "Zátěž".into(),
        last_name: "Zkušební".into(),
        birth_date: None,
        address: Address::default(),
        aifo_known: false,
    };
    let person_id = store.add_person(&person).await?;
    for index in 0..count {
        let id = box_id(letter, index)?;
        store.add_box(&make(id, index)).await?;
        if index >= CLIENTS {
            continue;
        }
        let membership = Membership {
            id: MembershipId(0),
            isds_id: IsdsId(format!("DS_{login}{index:02}")),
            box_id: Some(id),
            person_id,
            user_type: UserType::PrimaryUser,
            privileges: Privileges::ALL,
        };
        let membership = store.add_membership(&membership).await?;
        store
            .add_password(&format!("{login}{index:02}"), membership, &hash, None)
            .await?;
    }
    Ok(())
}

/// A firm or an office, the `index`-th of its kind.
pub fn data_box(id: BoxId, box_type: BoxType, index: usize) -> DataBox {
    DataBox {
        id,
        box_type,
        state: BoxState::Accessible,
        ic: Some(format!("{:08}", 98_000_000 + index)),
        given_names: None,
        last_name: None,
        firm_name: Some(format!("Zátěžová {index}")),
        birth_date: None,
        birth_city: None,
        birth_county: None,
        birth_state: None,
        address: Address {
            city: Some("Vzorov".into()),
            zip_code: Some("99900".into()),
            ..Address::default()
        },
        nationality: None,
        ovm_id: None,
        open_addressing: false,
        postal_contract: false,
        upper_id: None,
        aifo_known: false,
    }
}
