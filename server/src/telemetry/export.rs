//! Sending spans to the collector.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use tokio::sync::{mpsc, watch};

use super::collect::Ended;
use super::{DROPPED, EXPORTED, count, otlp};

/// Most spans of one request.
const BATCH: usize = 512;
/// How long spans wait for others to go with.
const GATHER: Duration = Duration::from_secs(1);
/// How long a request to the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where a collector takes spans, below its address.
const PATH: &str = "v1/traces";

/// Why an address is none of a collector.
#[derive(Debug, thiserror::Error)]
pub(super) enum AddressError {
    #[error("an http:// or https:// address is needed")]
    Address,
    #[error("no client can be made")]
    Client(#[source] reqwest::Error),
}

/// Sends spans to one collector.
pub(super) struct Exporter {
    client: Client,
    url: Url,
    /// The last request failed, and that was told.
    failing: bool,
}

impl Exporter {
    /// To the collector at an address, as others name it too: `http://HOST:4318`.
    pub fn to(address: &str) -> Result<Self, AddressError> {
        let mut url = Url::parse(address).map_err(|_| AddressError::Address)?;
        let plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
            return Err(AddressError::Address);
        }
        url.set_path(&format!("{}/{PATH}", url.path().trim_end_matches('/')));
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .build()
            .map_err(AddressError::Client)?;
        Ok(Self {
            client,
            url,
            failing: false,
        })
    }

    /// Sends what comes until it is told to end, then what is left.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Ended>, mut stop: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut ended = false;
        while !ended {
            tokio::select! {
                received = queue.recv_many(&mut batch, BATCH) => ended = received == 0,
                _ = stop.wait_for(|stop| *stop) => ended = true,
            }
            if !ended && batch.len() < BATCH {
                tokio::select! {
                    () = tokio::time::sleep(GATHER) => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            }
            while batch.len() < BATCH
                && let Ok(span) = queue.try_recv()
            {
                batch.push(span);
            }
            while !batch.is_empty() {
                self.send(&batch).await;
                batch.clear();
                // Nothing may be left behind where this is the end.
                while ended
                    && batch.len() < BATCH
                    && let Ok(span) = queue.try_recv()
                {
                    batch.push(span);
                }
            }
        }
    }

    /// Whatever is not taken is dropped: a collector that is away costs nobody memory.
    async fn send(&mut self, spans: &[Ended]) {
        let request = self.client.post(self.url.clone());
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .body(otlp::request(spans));
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        let number = spans.len() as u64;
        match answer {
            Ok(_) => {
                count(EXPORTED, number);
                if self.failing {
                    tracing::info!("traces are taken again");
                }
                self.failing = false;
            }
            Err(error) => {
                count(DROPPED, number);
                if !self.failing {
                    // With the address it might name somebody's secrets.
                    tracing::warn!(error = %isds_core::error::Chain(&error.without_url()), "traces cannot be sent and are dropped");
                }
                self.failing = true;
            }
        }
    }
}
