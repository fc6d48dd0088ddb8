//! Progress of a job as server-sent events. The page works without them, by being loaded anew.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::Path;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use isds_core::BulkError;
use isds_core::bulk::BulkJobId;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Named;
use super::shown::Numbers;
use crate::page::{InBox, PageError};

/// How often is looked.
const STEP: Duration = Duration::from_millis(700);
/// How often in one connection: the browser then asks anew, and is looked at anew.
const MOST_STEPS: u32 = 85;
/// How many pages are kept up to date at once.
const MOST_PAGES: usize = 200;

static PAGES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(MOST_PAGES)));

/// What a page shows of the progress.
#[derive(Serialize, PartialEq, Eq)]
struct Progress {
    state: i16,
    done: i64,
    total: i64,
    sent: i64,
    refused: i64,
    ready: i64,
}

struct Watch {
    in_box: InBox,
    job: BulkJobId,
    steps: u32,
    last: Option<Progress>,
    _permit: OwnedSemaphorePermit,
}

pub(super) async fn stream(in_box: InBox, Path(named): Path<Named>) -> Result<Response, PageError> {
    let job = named.job()?;
    // What cannot be watched is told as a page.
    progress(&in_box, job).await?;
    let permit = Arc::clone(&PAGES).try_acquire_owned();
    let watch = Watch {
        in_box,
        job,
        steps: 0,
        last: None,
        _permit: permit.map_err(|_| PageError::TooMany(30))?,
    };
    let events = stream::unfold(Some(watch), |watch| async move { next(watch?).await });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// The next event, once something has changed; the end once nothing will by itself.
async fn next(mut watch: Watch) -> Option<(Result<Event, Infallible>, Option<Watch>)> {
    loop {
        if watch.steps >= MOST_STEPS {
            return None;
        }
        if watch.steps > 0 {
            tokio::time::sleep(STEP).await;
        }
        watch.steps += 1;
        let (now, works) = progress(&watch.in_box, watch.job).await.ok()?;
        if watch.last.as_ref() == Some(&now) {
            continue;
        }
        let event = Event::default().json_data(&now).ok()?;
        watch.last = Some(now);
        return Some((Ok(event), works.then_some(watch)));
    }
}

async fn progress(in_box: &InBox, id: BulkJobId) -> Result<(Progress, bool), BulkError> {
    let (isds, caller) = (&in_box.site.isds, &in_box.principal);
    let job = isds.bulk_job(caller, id).await?;
    let numbers = Numbers::of(&isds.bulk_tally(caller, id).await?);
    let (done, total) = numbers.progress(&job);
    let progress = Progress {
        state: job.state.code(),
        done,
        total,
        sent: numbers.sent,
        refused: numbers.refused,
        ready: numbers.ready,
    };
    Ok((progress, job.state.is_working()))
}
