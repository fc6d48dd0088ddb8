//! The frame of every page: language, colours, navigation, form token, and what the page may load.

use std::borrow::Cow;

use askama::Template;
use askama::filters::Safe;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use fluent_bundle::FluentValue;
use isds_core::data_box::DataBox;
use isds_core::ids::BoxId;
use isds_core::operation::Operation;
use isds_core::principal::Principal;
use isds_core::session::SignedInPerson;
use isds_core::time::Timestamp;

use super::cookies::Cookies;
use super::notice::{self, Notice, Shown};
use super::preferences::{Density, Theme};
use super::{PageError, csrf, times};
use crate::words::{Language, Words};
use crate::{Site, assets};

/// What a page may load beyond its own styles, scripts, fonts and pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Policy {
    /// Nothing.
    #[default]
    Own,
    /// Frames of this site: previews, which are answered with a sandbox of their own.
    Frames,
}

impl Policy {
    /// `Content-Security-Policy`.
    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Own => {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                 connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
            Self::Frames => {
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                 connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
        })
    }
}

/// A box in the navigation.
#[derive(Debug, Clone)]
pub(crate) struct NavBox {
    pub(crate) id: BoxId,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
}

/// The box that a page is about, and what the person may do there.
#[derive(Debug, Clone)]
pub(crate) struct CurrentBox {
    pub(crate) id: BoxId,
    pub(crate) name: String,
    pub(crate) may_list: bool,
    pub(crate) may_send: bool,
}

/// The frame of a page.
pub(crate) struct Page {
    pub(crate) words: Words,
    pub(crate) theme: Theme,
    pub(crate) density: Density,
    /// Path and query of this page.
    pub(crate) here: String,
    /// The page answers a form: it cannot be opened anew in another language.
    pub(crate) is_answer: bool,
    /// Legal time at which the page is made.
    pub(crate) now: Timestamp,
    pub(crate) notice: Option<Shown>,
    /// Name of the person who is signed in.
    pub(crate) person: Option<String>,
    pub(crate) boxes: Vec<NavBox>,
    pub(crate) is_operator: bool,
    pub(crate) current: Option<CurrentBox>,
    pub(crate) policy: Policy,
    pub(crate) demo: bool,
    token: String,
    secure: bool,
}

impl Page {
    pub(super) fn of(site: &Site, cookies: &Cookies, parts: &Parts, secure: bool) -> Self {
        let words = language(cookies, parts);
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
        Self {
            words,
            theme: Theme::of(cookies),
            density: Density::of(cookies),
            here: here.to_owned(),
            is_answer: !matches!(parts.method, Method::GET | Method::HEAD),
            now: site.isds.clock.legal(),
            notice: notice::shown(cookies, words),
            person: None,
            boxes: Vec::new(),
            is_operator: false,
            current: None,
            policy: Policy::default(),
            demo: site.demo.is_some(),
            token: csrf::token(cookies).unwrap_or_default(),
            secure,
        }
    }

    pub(super) fn sign_in(&mut self, person: &SignedInPerson) {
        self.person = Some(person.person.full_name());
        self.is_operator = person.as_operator().is_some();
        let boxes = person.boxes().map(|(_, data_box)| NavBox {
            id: data_box.id,
            name: data_box.holder_name(),
            kind: data_box.box_type.name(),
        });
        self.boxes = boxes.collect();
    }

    pub(super) fn enter(&mut self, principal: &Principal, data_box: &DataBox) {
        self.current = Some(CurrentBox {
            id: data_box.id,
            name: data_box.holder_name(),
            may_list: principal.authorize(Operation::GetListOfReceivedMessages).is_ok(),
            may_send: principal.authorize(Operation::CreateMessage).is_ok(),
        });
    }

    /// The language of the page.
    pub(crate) fn language(&self) -> Language {
        self.words.0
    }

    /// A text.
    pub(crate) fn t(&self, key: &str) -> Cow<'static, str> {
        self.words.text(key)
    }

    /// A text with the number `$n`.
    pub(crate) fn tn<N: Copy + TryInto<i64>>(&self, key: &str, n: &N) -> Cow<'static, str> {
        let n: i64 = (*n).try_into().unwrap_or(i64::MAX);
        self.words.with(key, &[("n", n.into())])
    }

    /// A text with one named value.
    pub(crate) fn tv(&self, key: &str, name: &str, value: impl std::fmt::Display) -> Cow<'static, str> {
        self.words.with(key, &[(name, FluentValue::from(value.to_string()))])
    }

    /// A text with several named values.
    pub(crate) fn tvs(&self, key: &str, values: &[(&str, &dyn std::fmt::Display)]) -> Cow<'static, str> {
        let values: Vec<(&str, FluentValue<'_>)> = values
            .iter()
            .map(|(name, value)| (*name, FluentValue::from(value.to_string())))
            .collect();
        self.words.with(key, &values)
    }

    /// A date and time to the minute, exact on hover.
    pub(crate) fn time(&self, at: &Timestamp) -> Safe<String> {
        self.time_element(*at, &times::to_the_minute(*at, self.language()))
    }

    /// A time as people say it (today 14:05, 9. 1.), exact on hover.
    pub(crate) fn said(&self, at: &Timestamp) -> Safe<String> {
        self.time_element(*at, &times::said(*at, self.now, self.words))
    }

    /// A time to the second, as evidence has it.
    pub(crate) fn exact(&self, at: &Timestamp) -> Safe<String> {
        self.time_element(*at, &times::exact(*at, self.language()))
    }

    /// The day of a time.
    pub(crate) fn date(&self, at: &Timestamp) -> Safe<String> {
        self.time_element(*at, &times::date(at.local_date(), self.language()))
    }

    /// A day.
    pub(crate) fn day(&self, day: &jiff::civil::Date) -> String {
        times::date(*day, self.language())
    }

    fn time_element(&self, at: Timestamp, shown: &str) -> Safe<String> {
        // Nothing in it comes from anybody: digits, names of months, our own words.
        Safe(format!(
            "<time datetime=\"{}\" title=\"{}\">{shown}</time>",
            times::machine(at),
            times::exact(at, self.language()),
        ))
    }

    /// The hidden field that every form has.
    pub(crate) fn csrf_field(&self) -> Safe<String> {
        Safe(format!(
            "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
            csrf::FIELD,
            self.token
        ))
    }

    /// The form token for scripts, hexadecimal digits.
    pub(crate) fn csrf_token(&self) -> &str {
        &self.token
    }

    /// Where an asset is found.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether `id` is the box that the page is about.
    pub(crate) fn is_current(&self, id: &BoxId) -> bool {
        self.current.as_ref().is_some_and(|current| current.id == *id)
    }

    /// Whether this page is the part of the box that is called so, or below it.
    pub(crate) fn is_below(&self, part: &str) -> bool {
        let mut parts = self.here.split(['/', '?']).skip(3);
        self.current.is_some() && parts.next() == Some(part)
    }

    /// The page as an answer.
    pub(crate) fn render(&self, template: &impl Template) -> Result<Response, PageError> {
        let mut answer = Html(template.render()?).into_response();
        answer
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, self.policy.header());
        if self.notice.is_some()
            && let Some(cookie) = notice::forget(self.secure)
        {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(answer)
    }

    /// Sends the browser to another page of ours, which shows the notice.
    pub(crate) fn redirect(&self, to: &str, notice: Notice) -> Response {
        let mut answer = Redirect::to(to).into_response();
        if let Some(cookie) = notice.cookie(self.secure) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        answer
    }
}

/// The language that the visitor chose, or that their browser asks for.
pub(super) fn language(cookies: &Cookies, parts: &Parts) -> Words {
    let chosen = cookies
        .get(super::preferences::LANGUAGE_COOKIE)
        .and_then(Language::from_code);
    Words(chosen.unwrap_or_else(|| {
        let asked = parts.headers.get(header::ACCEPT_LANGUAGE);
        Language::of_browser(asked.and_then(|value| value.to_str().ok()).unwrap_or(""))
    }))
}
