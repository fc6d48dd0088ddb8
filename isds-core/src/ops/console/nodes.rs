//! Which nodes live, and how the parts are that they stand on.

use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use tokio::time::timeout;

use crate::error::{Chain, Failure};
use crate::own_certificate::{CertificateTerm, OwnCertificate};
use crate::ports::{NodeState, Queue, Stamping, StoreResult, TroubledJob};
use crate::principal::Principal;

use super::super::Isds;
use super::operator_only;

/// A node that was not heard of for so many real seconds is not counted as living: three times what it takes to tell.
pub const HEARD_SECONDS: i64 = 6;
/// After so many seconds it is forgotten.
const FORGOTTEN_SECONDS: i64 = 86_400;
/// Most nodes that are shown.
const NODES: u64 = 200;
/// How long the object storage is given to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// What is written and read to see whether the object storage answers.
const PROBE: &[u8] = b"probe of the administration console";

/// A node, and whether it was heard of lately.
#[derive(Debug, Clone)]
pub struct NodeReport {
    /// What it told.
    pub node: NodeState,
    /// It was heard of lately.
    pub alive: bool,
}

/// What came of writing, reading and removing a small object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectsProbe {
    /// It worked.
    Answers,
    /// It answered with an error, or with something else than was written.
    Fails,
    /// It did not answer in time.
    Silent,
}

/// The state of the house.
#[derive(Debug, Clone)]
pub struct SystemHealth {
    /// Object storage.
    pub objects: ObjectsProbe,
    /// Timestamps of the newest messages.
    pub stamping: Stamping,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Jobs in trouble.
    pub troubled: Vec<TroubledJob>,
    /// Nodes.
    pub nodes: Vec<NodeReport>,
    /// Certificates of the installation that the node uses that was asked, and how near their ends are.
    pub certificates: Vec<(OwnCertificate, CertificateTerm)>,
}

impl Isds {
    /// Notes that a node lives.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn beat(&self, node: &NodeState) -> Result<(), Failure> {
        let forgotten = self.clock.real().plus_seconds(-FORGOTTEN_SECONDS);
        Ok(self.store.beat(node, forgotten).await?)
    }

    /// How many nodes live whose legal time does not run ahead by `offset` seconds yet.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn nodes_behind(&self, offset: i64) -> Result<usize, Failure> {
        let since = self.clock.real().plus_seconds(-HEARD_SECONDS);
        let nodes = self.store.list_nodes(NODES).await?;
        let behind = |node: &&NodeState| node.last_seen >= since && node.clock_offset.is_some_and(|own| own < offset);
        Ok(nodes.iter().filter(behind).count())
    }

    /// The nodes of the system.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn nodes(&self, caller: &Principal) -> Result<Vec<NodeReport>, Failure> {
        operator_only(caller)?;
        let since = self.clock.real().plus_seconds(-HEARD_SECONDS);
        let nodes = self.store.list_nodes(NODES).await?;
        let report = |node: NodeState| NodeReport {
            alive: node.last_seen >= since,
            node,
        };
        Ok(nodes.into_iter().map(report).collect())
    }

    /// The state of the house at a glance. That it can be told at all shows that the database answers.
    ///
    /// # Errors
    /// 1004 for anybody but the administrator of the system.
    pub async fn system_health(&self, caller: &Principal) -> Result<SystemHealth, Failure> {
        operator_only(caller)?;
        Ok(SystemHealth {
            objects: self.probe_objects().await,
            stamping: self.store.stamping().await?,
            queues: self.queues(caller).await?,
            troubled: self.troubled_jobs(caller).await?,
            nodes: self.nodes(caller).await?,
            certificates: self.own_certificate_terms(),
        })
    }

    /// Certificates of the installation that this node uses, and how near their ends are. By real time, since TLS knows
    /// no other.
    #[must_use]
    pub fn own_certificate_terms(&self) -> Vec<(OwnCertificate, CertificateTerm)> {
        let now = self.clock.real();
        let of = |own: &OwnCertificate| (*own, own.term(now));
        self.own_certificates.iter().map(of).collect()
    }

    async fn probe_objects(&self) -> ObjectsProbe {
        match timeout(PATIENCE, self.write_and_read()).await {
            Ok(Ok(true)) => ObjectsProbe::Answers,
            Ok(Ok(false)) => ObjectsProbe::Fails,
            Ok(Err(error)) => {
                tracing::error!(error = %Chain(&error), "the object storage fails");
                ObjectsProbe::Fails
            }
            Err(_) => ObjectsProbe::Silent,
        }
    }

    async fn write_and_read(&self) -> StoreResult<bool> {
        let id = self.objects.put(Bytes::from_static(PROBE)).await?;
        let pieces: StoreResult<Vec<Bytes>> =
            async { self.objects.read(&id, 0, PROBE.len() as u64).await?.try_collect().await }.await;
        self.objects.delete(&id).await?;
        Ok(pieces?.concat() == PROBE)
    }
}
