//! Objects in a bucket of S3, or of a server that speaks its protocol.
//!
//! What a put or the completion of an upload answered is durable: that is what S3 promises, and what a server of one's
//! own has to be configured for. Requests are repeated by `object_store` where that does no harm; a put is conditional
//! (`If-None-Match: *`), so a repeated one never writes over anything.

mod address;
mod crypto;
mod read;
mod upkeep;
mod write;

use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use isds_core::ids::ObjectId;
use isds_core::ports::{ObjectWriter, Objects, StoreResult};
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::{
    ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, RetryConfig, UpdateVersion,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use self::address::Address;
use super::keys::MasterKeys;
use super::place::KEY_LABEL;
use super::seal_stream::seal_whole;
use super::{is_identifier, unavailable};
use crate::Error;

/// Objects that are written in pieces at the same time; each holds a part of 5 MiB in memory.
const WRITERS: usize = 32;
/// How long the next one waits for its place.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a single request may take: a part of 5 MiB at 1 Mbit/s.
const REQUEST_TIME: Duration = Duration::from_secs(60);
/// How long a request is repeated that the server did not answer properly.
const RETRY_TIME: Duration = Duration::from_secs(20);

/// A folder of a bucket, before anybody asks for a key.
pub(super) struct Connection {
    store: AmazonS3,
    prefix: String,
}

/// A bucket with what reading and writing it needs.
pub(super) struct Bucket {
    at: Connection,
    keys: MasterKeys,
    places: Arc<Semaphore>,
}

/// An identifier of ours; nothing else may become a name.
fn is_ours(id: &ObjectId) -> bool {
    is_identifier(&id.0)
}

impl Connection {
    /// What `s3://…` names. Access key and secret come from the file that the address names, or from the
    /// environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and the others of Amazon's tools), never from the
    /// address itself.
    pub(super) fn open(url: &str) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        let plain = address.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        let retry = RetryConfig {
            max_retries: 5,
            retry_timeout: RETRY_TIME,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&address.bucket)
            .with_region(&address.region)
            .with_allow_http(plain)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_crypto_provider(Arc::new(crypto::OpensslProvider))
            .with_client_options(ClientOptions::new().with_timeout(REQUEST_TIME).with_allow_http(plain))
            .with_retry(retry);
        if let Some(endpoint) = &address.endpoint {
            // The name of the bucket in the path: a server of one's own seldom has a name for each.
            builder = builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
        }
        if let Some(file) = &address.credentials {
            let (access, secret) = credentials(file)?;
            builder = builder
                .with_access_key_id(access)
                .with_secret_access_key(secret.as_str());
        }
        Ok(Self {
            store: builder.build().map_err(Error::Bucket)?,
            prefix: address.prefix,
        })
    }

    /// Where the label lies.
    fn place_of(&self, name: &str) -> Path {
        Path::from_iter(self.folders().chain([name]))
    }

    /// Where the object lies: two characters make a folder, as on a disk, so that a listing can be taken in parts.
    fn location(&self, id: &ObjectId) -> Path {
        Path::from_iter(self.folders().chain([&id.0[..2], id.0.as_str()]))
    }

    fn folders(&self) -> impl Iterator<Item = &str> {
        self.prefix.split('/').filter(|part| !part.is_empty())
    }

    /// What listings begin with.
    fn root(&self) -> Option<Path> {
        (!self.prefix.is_empty()).then(|| Path::from(self.prefix.as_str()))
    }

    /// The object at this place, where it is one of ours.
    fn object_at(&self, place: &Path) -> Option<ObjectId> {
        let id = ObjectId(place.filename()?.to_owned());
        (is_ours(&id) && self.location(&id) == *place).then_some(id)
    }

    /// Nothing lies here.
    pub(super) async fn is_empty(&self) -> Result<bool, Error> {
        let mut all = self.store.list(self.root().as_ref());
        Ok(all.try_next().await.map_err(Error::Bucket)?.is_none())
    }

    /// What the label says.
    pub(super) async fn label(&self, name: &str) -> Result<Option<String>, Error> {
        let got = match self.store.get(&self.place_of(name)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            got => got.map_err(Error::Bucket)?,
        };
        let text = got.bytes().await.map_err(Error::Bucket)?;
        Ok(Some(String::from_utf8_lossy(text.trim_ascii_end()).into_owned()))
    }

    /// Writes what `text` makes of a label over it, unless it is the same; what others make of it meanwhile is not lost.
    async fn change_label(&self, name: &str, text: impl Fn(&str) -> Result<String, Error>) -> Result<(), Error> {
        let place = self.place_of(name);
        loop {
            let got = self.store.get(&place).await.map_err(Error::Bucket)?;
            let version = version_of(&got.meta);
            let said = got.bytes().await.map_err(Error::Bucket)?;
            let said = String::from_utf8_lossy(said.trim_ascii_end()).into_owned();
            let new = text(&said)?;
            if new == said {
                return Ok(());
            }
            let payload = PutPayload::from(format!("{new}\n").into_bytes());
            match self
                .store
                .put_opts(&place, payload, PutMode::Update(version).into())
                .await
            {
                Ok(_) => return Ok(()),
                Err(object_store::Error::Precondition { .. }) => {}
                Err(error) => return Err(Error::Bucket(error)),
            }
        }
    }

    /// Writes the label where there is none.
    pub(super) async fn add_label(&self, name: &str, text: &str) -> Result<(), Error> {
        let payload = PutPayload::from(format!("{text}\n").into_bytes());
        match self.store.put_opts(&self.place_of(name), payload, new_only()).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(()),
            Err(error) => Err(Error::Bucket(error)),
        }
    }
}

impl Bucket {
    /// Opens what `s3://…` names.
    pub(super) async fn open(url: &str, keys: MasterKeys) -> Result<Self, Error> {
        let bucket = Self {
            at: Connection::open(url)?,
            keys,
            places: Arc::new(Semaphore::new(WRITERS)),
        };
        bucket.check_keys().await?;
        Ok(bucket)
    }

    /// Without this, a lost key file would be replaced in silence and every old object be called damaged.
    async fn check_keys(&self) -> Result<(), Error> {
        self.at.add_label(KEY_LABEL, &self.keys.current_name()).await?;
        self.at
            .change_label(KEY_LABEL, |said| self.keys.label(said).ok_or(Error::OtherMasterKey))
            .await
    }

    async fn put_sealed(&self, id: &ObjectId, sealed: Vec<u8>) -> StoreResult<()> {
        let place = self.at.location(id);
        match self
            .at
            .store
            .put_opts(&place, PutPayload::from(sealed), new_only())
            .await
        {
            Ok(_) => Ok(()),
            // Identifiers are random: what is there was put by a try of this very request that was not answered.
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn place(&self) -> StoreResult<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).acquire_owned();
        match tokio::time::timeout(PATIENCE, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(error)) => Err(unavailable(error)),
            Err(error) => Err(unavailable(error)),
        }
    }
}

/// Access key and secret, which nobody else may read.
fn credentials(file: &std::path::Path) -> Result<(String, Zeroizing<String>), Error> {
    let cannot = "the file of the bucket's credentials cannot be read";
    let mode = std::fs::metadata(file).map_err(Error::io(cannot))?.mode();
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(Error::io(cannot))?);
    match text.trim().split_once(':') {
        Some((access, secret)) if mode & 0o077 == 0 && !access.is_empty() && !secret.is_empty() => {
            Ok((access.to_owned(), Zeroizing::new(secret.to_owned())))
        }
        _ => Err(Error::Credentials),
    }
}

fn version_of(meta: &ObjectMeta) -> UpdateVersion {
    UpdateVersion {
        e_tag: meta.e_tag.clone(),
        version: meta.version.clone(),
    }
}

fn new_only() -> PutOptions {
    PutMode::Create.into()
}

/// Objects in a bucket.
pub(super) struct BucketObjects {
    bucket: Arc<Bucket>,
}

impl BucketObjects {
    pub(super) fn new(bucket: Bucket) -> Self {
        Self {
            bucket: Arc::new(bucket),
        }
    }
}

#[async_trait]
impl Objects for BucketObjects {
    async fn put(&self, bytes: Bytes) -> StoreResult<ObjectId> {
        let (id, key) = self.bucket.keys.new_object()?;
        let sealed = seal_whole(&key, &bytes)?;
        self.bucket.put_sealed(&id, sealed).await?;
        Ok(id)
    }

    async fn create(&self) -> StoreResult<Box<dyn ObjectWriter>> {
        Ok(Box::new(write::Writer::new(Arc::clone(&self.bucket)).await?))
    }

    async fn read(
        &self,
        id: &ObjectId,
        offset: u64,
        length: u64,
    ) -> StoreResult<BoxStream<'static, StoreResult<Bytes>>> {
        read::read(Arc::clone(&self.bucket), id.clone(), offset, length).await
    }

    async fn delete(&self, id: &ObjectId) -> StoreResult<()> {
        if !is_ours(id) {
            return Ok(());
        }
        match self.bucket.at.store.delete(&self.bucket.at.location(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// What is no object of ours stays, labels above all. Uploads that never ended are not listed; the bucket's own rule
    /// removes them.
    async fn clear(&self) -> StoreResult<()> {
        let at = &self.bucket.at;
        let mut all = at.store.list(at.root().as_ref());
        while let Some(object) = all.try_next().await.map_err(unavailable)? {
            if at.object_at(&object.location).is_some() {
                match at.store.delete(&object.location).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(unavailable(error)),
                }
            }
        }
        Ok(())
    }
}
