//! A box that is closed between the look at it and the delivery of a message into it.

#![expect(clippy::unwrap_used, reason = "helpers outside of tests")]

use crate::common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use common::doubles::FixedClock;
use common::{World, file, message};
use futures::stream::BoxStream;
use isds_core::administration::{AdministrationRequest, BoxChange, BoxClosing, BoxClosingId};
use isds_core::box_state::BoxState;
use isds_core::ids::MessageId;
use isds_core::message::Phase;
use isds_core::ports::{FileVerdict, JobKind, ScanError, Scanner, StoreResult};
use isds_core::time::{Clock, Timestamp};
use isds_core::{Isds, Limits, SignInBounds};

/// Arms the clock when a message has been judged: what asks for the time next is about to date its delivery.
struct Arming(Arc<AtomicBool>);

#[async_trait]
impl Scanner for Arming {
    async fn scan(&self, _: BoxStream<'static, StoreResult<Bytes>>) -> Result<FileVerdict, ScanError> {
        self.0.store(true, Ordering::SeqCst);
        Ok(FileVerdict::Clean)
    }

    async fn probe(&self) -> Result<(), ScanError> {
        Ok(())
    }
}

/// A clock that, once armed, lets another node close the box and end its closing before it tells the time.
struct ClosingClock {
    clock: Arc<FixedClock>,
    armed: Arc<AtomicBool>,
    database: String,
}

impl Clock for ClosingClock {
    fn legal(&self) -> Timestamp {
        if self.armed.swap(false, Ordering::SeqCst) {
            let (database, now) = (self.database.clone(), self.clock.legal());
            let other_node = std::thread::spawn(move || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(close(&database, now));
            });
            other_node.join().unwrap();
        }
        self.clock.legal()
    }

    fn real(&self) -> Timestamp {
        self.clock.real()
    }
}

async fn close(database: &str, now: Timestamp) {
    let store = storage::connect(database).await.unwrap();
    let record = store
        .lookup_box_record("nvak22s".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let request = AdministrationRequest {
        operation: "DisableDataBoxExternally2",
        caller: None,
        approved: None,
        reference: None,
        at: now,
    };
    let mut change = BoxChange::of(&record, request).into_state(BoxState::DisabledByLaw, now);
    change.closing = Some(BoxClosing {
        id: BoxClosingId(0),
        box_id: record.data_box.id,
        disabled: now,
        done: now,
        on_request: false,
    });
    store.change_box(&change).await.unwrap();
    // Its job finds nothing to do, since the message is not in the box yet.
    for job in store.claim_jobs(Timestamp(1), Timestamp(2), 10).await.unwrap() {
        assert!(matches!(job.kind, JobKind::CloseBox(_)), "{:?}", job.kind);
        store.finish_job(job.id).await.unwrap();
    }
}

#[tokio::test]
async fn a_message_that_slips_into_a_closed_box_is_found() {
    let world = World::new().await;
    let content = message("nvak22s", "Na poslední chvíli", &file("a.txt", "main", "YWhvag=="));
    let sent = world.call("mesto01", "dz", "CreateMessage", &content).await;
    let id = MessageId(sent.value("dmID").parse().unwrap());
    let mut node = common::system(
        Arc::clone(&world.isds.store),
        Arc::clone(&world.isds.objects),
        &world.clock,
        &world.authority,
        Limits::default(),
        SignInBounds::default(),
    );
    let armed = Arc::new(AtomicBool::new(false));
    let inner: &mut Isds = Arc::get_mut(&mut node).unwrap();
    inner.scanner = Arc::new(Arming(Arc::clone(&armed)));
    inner.clock = Arc::new(ClosingClock {
        clock: Arc::clone(&world.clock),
        armed: Arc::clone(&armed),
        database: world.database(),
    });
    let phase = async || world.isds.store.lookup_message(id).await.unwrap().unwrap().state.phase;

    node.run_due_jobs().await.unwrap();
    node.run_due_scans().await.unwrap();
    assert_eq!(
        phase().await,
        Phase::DeliveredIn,
        "the closing came too late to be seen"
    );
    world.settle().await;
    assert_eq!(phase().await, Phase::Undeliverable, "and was looked for again");
}
