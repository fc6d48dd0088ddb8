//! Somebody at a browser without JavaScript: cookies, redirects, pages, forms, over real HTTP to a running `isds`.
//!
//! ```no_run
//! # use e2e::{harness::Demo, visitor::Visitor};
//! let demo = Demo::start().unwrap();
//! let mut visitor = Visitor::new(demo.address());
//! let page = visitor.sign_in("novak01").unwrap();
//! assert!(page.says("Jan Novák"));
//! ```

pub mod cookies;
mod form;
mod page;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use openssl::ssl::{SslConnector, SslMethod};

pub use self::cookies::{Cookie, Jar};
pub use self::form::{File, Form};
pub use self::page::Page;
use crate::harness::{self, http};
use crate::persona::DEMO_PASSWORD;

/// How long the server may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Redirects that are followed in a row.
const MAX_REDIRECTS: usize = 10;

/// What went wrong. A test unwraps it, so it says what the page looked like.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// No HTTP answer came.
    #[error("no answer")]
    Http(#[from] harness::Error),
    /// The TLS handshake failed.
    #[error("no TLS: {0}")]
    Tls(String),
    /// The server redirects to another host, which nobody follows.
    #[error("redirected to another host: {0}")]
    Elsewhere(String),
    /// It redirects again and again.
    #[error("redirected {MAX_REDIRECTS} times, at last to {0}")]
    Circle(String),
    /// The page has no such form.
    #[error("no form '{wanted}' on {page}")]
    NoForm {
        /// Selector or label.
        wanted: String,
        /// What the page says.
        page: String,
    },
    /// The page has no such link.
    #[error("no link '{wanted}' on {page}")]
    NoLink {
        /// Its text.
        wanted: String,
        /// What the page says.
        page: String,
    },
    /// The form cannot be filled in so.
    #[error("{problem} on {page}; its fields: {fields}")]
    Form {
        /// What cannot be done.
        problem: String,
        /// Names of the form's fields.
        fields: String,
        /// Path of its page.
        page: String,
    },
}

#[derive(Debug, Clone)]
struct Tls {
    host: String,
    authority: PathBuf,
}

/// A browser with a jar of cookies. A clone is a second browser with the same cookies.
#[derive(Debug, Clone)]
pub struct Visitor {
    server: SocketAddr,
    tls: Option<Tls>,
    jar: Jar,
    follow: bool,
    headers: Vec<(String, Option<String>)>,
}

impl Visitor {
    /// A Czech one with an empty jar, who follows redirects.
    pub fn new(server: SocketAddr) -> Self {
        Self {
            server,
            tls: None,
            jar: Jar::default(),
            follow: true,
            headers: Vec::new(),
        }
    }

    /// The same over TLS: `host` is asked for, `authority` (PEM) is trusted.
    pub fn over_tls(server: SocketAddr, host: &str, authority: &Path) -> Self {
        let tls = Tls {
            host: host.to_owned(),
            authority: authority.to_owned(),
        };
        Self {
            tls: Some(tls),
            ..Self::new(server)
        }
    }

    /// Shows redirects instead of following them.
    #[must_use]
    pub fn without_redirects(mut self) -> Self {
        self.follow = false;
        self
    }

    /// Sends this header with each request, in place of what a browser would send.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// Leaves out a header that a browser would send.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.push((name.to_owned(), None));
        self
    }

    /// Prefers English.
    #[must_use]
    pub fn english(self) -> Self {
        self.with_header("Accept-Language", "en")
    }

    /// The cookies.
    pub fn jar(&self) -> &Jar {
        &self.jar
    }

    /// The cookies, to plant, steal or forget some.
    pub fn jar_mut(&mut self) -> &mut Jar {
        &mut self.jar
    }

    /// Scheme, host and port of the server as this visitor sees it.
    pub fn origin(&self) -> String {
        match &self.tls {
            Some(tls) => format!("https://{}:{}", tls.host, self.server.port()),
            None => format!("http://{}", self.server),
        }
    }

    /// Opens a page.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn get(&mut self, path: &str) -> Result<Page, VisitError> {
        self.request("GET", path, None, &[])
    }

    /// Follows the first link with this text.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn click(&mut self, page: &Page, text: &str) -> Result<Page, VisitError> {
        let address = page.link(text)?;
        let path = self.resolve(&page.path, &address)?;
        self.get(&path)
    }

    /// Submits a form.
    ///
    /// # Errors
    /// [`VisitError`], [`VisitError::Form`] where it was filled in with what it does not have.
    pub fn submit(&mut self, form: &Form) -> Result<Page, VisitError> {
        let (action, kind, body) = form.encode()?;
        let path = self.resolve(&form.page, &action)?;
        if form.method == "get" {
            return self.get(&path);
        }
        self.request("POST", &path, Some(&kind), &body)
    }

    /// Posts urlencoded pairs that no form was asked for: what an attacker does.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page, VisitError> {
        let form = Form::bare(path, fields);
        self.submit(&form)
    }

    /// Signs in with the password of the demo. The page that follows is the answer.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn sign_in(&mut self, login: &str) -> Result<Page, VisitError> {
        self.sign_in_with(login, DEMO_PASSWORD)
    }

    /// Signs in with a password. Refused or not: the page that follows is the answer.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn sign_in_with(&mut self, login: &str, password: &str) -> Result<Page, VisitError> {
        let page = self.get("/sign-in")?;
        let name = |autocomplete: &str| {
            let selector = format!("input[autocomplete~=\"{autocomplete}\"]");
            page.attribute(&selector, "name").unwrap_or_default()
        };
        let form = page
            .form("input[autocomplete~=\"current-password\"]")?
            .fill(&name("username"), login)
            .fill(&name("current-password"), password);
        self.submit(&form)
    }

    /// Any request with any body.
    ///
    /// # Errors
    /// [`VisitError`].
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Page, VisitError> {
        let (mut method, mut path) = (method.to_owned(), path.to_owned());
        let (mut content_type, mut body) = (content_type, body);
        for _ in 0..=MAX_REDIRECTS {
            let page = self.exchange(&method, &path, content_type, body)?;
            let location = match page.header("location") {
                Some(location) if self.follow && (300..400).contains(&page.status) => location,
                _ => return Ok(page),
            };
            path = self.resolve(&page.path, location)?;
            if !matches!(page.status, 307 | 308) {
                "GET".clone_into(&mut method);
                (content_type, body) = (None, &[]);
            }
        }
        Err(VisitError::Circle(path))
    }

    fn exchange(
        &mut self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Page, VisitError> {
        let headers = self.headers(method, path, content_type);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let stream = http::connect(self.server, SILENCE)?;
        let answer = match &self.tls {
            None => http::exchange(stream, method, path, &headers, body)?,
            Some(tls) => {
                let wrong = |error: &dyn std::fmt::Display| VisitError::Tls(error.to_string());
                let mut connector = SslConnector::builder(SslMethod::tls_client()).map_err(|error| wrong(&error))?;
                connector.set_ca_file(&tls.authority).map_err(|error| wrong(&error))?;
                let connected = connector.build().connect(&tls.host, stream);
                http::exchange(connected.map_err(|error| wrong(&error))?, method, path, &headers, body)?
            }
        };
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some(cookie) = Cookie::parse(value) {
                self.jar.keep(cookie);
            }
        }
        let path = path.split('#').next().unwrap_or("").to_owned();
        Ok(Page::new(path, answer))
    }

    /// What a browser sends, with what this visitor was told to send otherwise.
    fn headers(&self, method: &str, path: &str, content_type: Option<&str>) -> Vec<(String, String)> {
        let origin = self.origin();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let mut headers = vec![
            ("Host", host.to_owned()),
            ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8".to_owned()),
            ("Accept-Language", "cs,en;q=0.5".to_owned()),
            ("Sec-Fetch-Site", "same-origin".to_owned()),
            ("Sec-Fetch-Mode", "navigate".to_owned()),
        ];
        if method != "GET" {
            headers.push(("Origin", origin.clone()));
        }
        headers.extend(content_type.map(|kind| ("Content-Type", kind.to_owned())));
        headers.extend(
            self.jar
                .header(path, self.tls.is_some())
                .map(|cookies| ("Cookie", cookies)),
        );
        let mut headers: Vec<(String, String)> = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        for (name, value) in &self.headers {
            headers.retain(|(sent, _)| !sent.eq_ignore_ascii_case(name));
            headers.extend(value.clone().map(|value| (name.clone(), value)));
        }
        headers
    }

    /// The path that an address on the page at `from` leads to.
    ///
    /// # Errors
    /// [`VisitError::Elsewhere`] for another host.
    pub fn resolve(&self, from: &str, address: &str) -> Result<String, VisitError> {
        let address = address.split('#').next().unwrap_or("");
        let own = address
            .strip_prefix(&self.origin())
            .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        let address = match own {
            Some("") => "/",
            Some(rest) => rest,
            None => address,
        };
        let scheme = address
            .split(['/', '?'])
            .next()
            .is_some_and(|first| first.contains(':'));
        if scheme || address.starts_with("//") || address.starts_with("/\\") {
            return Err(VisitError::Elsewhere(address.to_owned()));
        }
        let page = from.split('?').next().unwrap_or("/");
        Ok(match address.as_bytes().first() {
            None => from.to_owned(),
            Some(b'/') => address.to_owned(),
            Some(b'?') => format!("{page}{address}"),
            Some(_) => {
                let folder = page.rfind('/').map_or("/", |end| &page[..=end]);
                format!("{folder}{address}")
            }
        })
    }
}

#[cfg(test)]
mod tests;
