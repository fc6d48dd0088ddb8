//! Who visits: the extractors that handlers begin with.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::principal::Principal;
use isds_core::session::{SessionToken, SignedInPerson};

use super::cookies::Cookies;
use super::layout::Page;
use super::{PageError, csrf};
use crate::Site;

/// Holds the token of the session.
pub(crate) const SESSION_COOKIE: &str = "isds_session";
/// Holds what forms of visitors without a session are bound to.
pub(crate) const VISITOR_COOKIE: &str = "isds_visitor";

/// What is known of the connection that a request came over; an extension of the request, put there by the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Address of the other end.
    pub address: IpAddr,
    /// It is encrypted.
    pub secure: bool,
}

impl Connection {
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get().copied().unwrap_or(Self {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            secure: false,
        })
    }
}

/// Anybody who asks for a page.
pub(crate) struct Visitor {
    pub(crate) site: Arc<Site>,
    /// The frame of the page that answers.
    pub(crate) page: Page,
    /// The person, where they are signed in.
    pub(crate) person: Option<SignedInPerson>,
    pub(crate) token: Option<SessionToken>,
    pub(crate) cookies: Cookies,
    pub(crate) connection: Connection,
    pub(crate) headers: HeaderMap,
}

impl Visitor {
    /// What the browser calls itself.
    pub(crate) fn agent(&self) -> &str {
        self.headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// Whether the form token, from a field or from the header of a script, belongs to this visitor.
    pub(crate) fn is_own_form(&self, shown: &str) -> bool {
        csrf::fits(&self.cookies, shown)
    }

    /// The form token that a script sends along with what is no form (uploads).
    pub(crate) fn header_token(&self) -> &str {
        self.headers
            .get(csrf::HEADER)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// Refuses what a script of another page sent.
    pub(crate) fn check_header_token(&self) -> Result<(), PageError> {
        if self.is_own_form(self.header_token()) {
            Ok(())
        } else {
            Err(PageError::ForeignForm)
        }
    }
}

impl FromRequestParts<Arc<Site>> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, PageError> {
        let cookies: Cookies = parts.extensions.get().cloned().unwrap_or_default();
        let token = cookies.get(SESSION_COOKIE).and_then(SessionToken::parse);
        let person = match &token {
            Some(token) => site.isds.session(token).await?,
            None => None,
        };
        let connection = Connection::of(parts);
        let mut page = Page::of(site, &cookies, parts, connection.secure);
        if let Some(person) = &person {
            page.sign_in(person);
        }
        Ok(Self {
            site: Arc::clone(site),
            page,
            person,
            token,
            cookies,
            connection,
            headers: parts.headers.clone(),
        })
    }
}

/// Somebody who is signed in and has a password of their own.
pub(crate) struct SignedIn {
    pub(crate) visitor: Visitor,
    pub(crate) person: SignedInPerson,
}

impl Deref for SignedIn {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl FromRequestParts<Arc<Site>> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, PageError> {
        let mut visitor = Visitor::from_request_parts(parts, site).await?;
        let Some(person) = visitor.person.take() else {
            return Err(PageError::SignIn {
                next: (parts.method == Method::GET).then(|| visitor.page.here.clone()),
            });
        };
        if person.must_choose_password(site.isds.clock.legal()) {
            return Err(PageError::ChoosePassword);
        }
        Ok(Self { visitor, person })
    }
}

/// Somebody who acts in the box that the address names (`{box}`).
pub(crate) struct InBox {
    pub(crate) signed_in: SignedIn,
    pub(crate) principal: Principal,
    pub(crate) data_box: DataBox,
}

impl Deref for InBox {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.signed_in
    }
}

impl InBox {
    /// The frame of the page.
    pub(crate) fn page(&self) -> &Page {
        &self.signed_in.visitor.page
    }
}

impl FromRequestParts<Arc<Site>> for InBox {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, PageError> {
        let named = RawPathParams::from_request_parts(parts, site)
            .await
            .ok()
            .and_then(|params| {
                params
                    .iter()
                    .find(|(name, _)| *name == "box")
                    .map(|(_, id)| id.to_owned())
            });
        let mut signed_in = SignedIn::from_request_parts(parts, site).await?;
        // A box that is not theirs and a box that is none are answered alike.
        let id: BoxId = named.and_then(|id| id.parse().ok()).ok_or(PageError::NoSuchPage)?;
        let principal = signed_in.person.in_box(id).ok_or(PageError::NoSuchPage)?;
        let data_box = principal.data_box.clone().ok_or(PageError::NoSuchPage)?;
        signed_in.visitor.page.enter(&principal, &data_box);
        Ok(Self {
            signed_in,
            principal,
            data_box,
        })
    }
}

/// An administrator of the system.
pub(crate) struct Administrator {
    pub(crate) signed_in: SignedIn,
    pub(crate) principal: Principal,
}

impl Deref for Administrator {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.signed_in
    }
}

impl FromRequestParts<Arc<Site>> for Administrator {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, PageError> {
        let signed_in = SignedIn::from_request_parts(parts, site).await?;
        let Some(principal) = signed_in.person.as_operator() else {
            site.isds.record_console_refusal(&signed_in.person);
            return Err(PageError::NoRight);
        };
        Ok(Self { signed_in, principal })
    }
}
