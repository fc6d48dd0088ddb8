//! The address of a bucket: `s3://BUCKET[/PREFIX][?endpoint=URL][&region=NAME][&credentials=FILE]`.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::Error;

/// Region of what has none, such as servers of one's own.
const REGION: &str = "us-east-1";

/// Where a bucket lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bucket: String,
    /// Before the names of all objects, without slashes around it; may be empty.
    pub(super) prefix: String,
    /// The server; none for that of Amazon.
    pub(super) endpoint: Option<String>,
    pub(super) region: String,
    /// File that holds `ACCESS-KEY:SECRET`; without one they are looked for where Amazon's tools do.
    pub(super) credentials: Option<PathBuf>,
}

impl Address {
    /// # Errors
    /// [`Error::Url`] where it is none.
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let wrong = Error::Url(
            "the address of a bucket is s3://BUCKET, with a folder, ?endpoint=URL, &region=NAME and &credentials=FILE where they are needed",
        );
        let Some(rest) = url.strip_prefix("s3://") else {
            return Err(wrong);
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let mut options = HashMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let known = pair
                .split_once('=')
                .filter(|(name, value)| matches!(*name, "endpoint" | "region" | "credentials") && !value.is_empty());
            match known {
                Some((name, value)) if options.insert(name, value.to_owned()).is_none() => {}
                _ => return Err(wrong),
            }
        }
        let is_name = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
        };
        let prefix = prefix.trim_matches('/');
        let endpoint = options.remove("endpoint");
        let is_url = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        let good = !bucket.is_empty()
            && is_name(bucket)
            && is_name(prefix)
            && !prefix.contains("//")
            && endpoint.as_ref().is_none_or(is_url);
        if !good {
            return Err(wrong);
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            endpoint,
            credentials: options.remove("credentials").map(PathBuf::from),
            region: options.remove("region").unwrap_or_else(|| REGION.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let plain = Address::parse("s3://messages").unwrap();
        assert_eq!((plain.bucket.as_str(), plain.prefix.as_str()), ("messages", ""));
        assert_eq!((plain.endpoint, plain.region.as_str()), (None, REGION));
        let full = Address::parse("s3://messages/isds/one/?endpoint=http://127.0.0.1:9000&region=eu-1").unwrap();
        assert_eq!(full.prefix, "isds/one");
        assert_eq!(full.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(full.region, "eu-1");
        for wrong in [
            "s3://",
            "s3:///x",
            "file:x",
            "s3://a b",
            "s3://a?endpoint=ftp://x",
            "s3://a?endpoint=",
            "s3://a?key=secret",
            "s3://a?region=x&region=y",
            "s3://a//b//c",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
