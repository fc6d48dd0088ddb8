//! An answer, and what a person or a program finds on it.

use std::fmt;

use scraper::{ElementRef, Html, Selector};

use super::VisitError;
use super::form::{self, Form};
use crate::harness::http::Response;

/// A page, or whatever else was answered.
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Path and query of the address that answered, after redirects.
    pub path: String,
    /// Header names in lower case with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
    html: Html,
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.path, self.words())
    }
}

impl Page {
    pub(super) fn new(path: String, answer: Response) -> Self {
        let html = answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        let text = if html { answer.text() } else { String::new() };
        Self {
            status: answer.status,
            path,
            headers: answer.headers,
            body: answer.body,
            html: Html::parse_document(&text),
        }
    }

    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text, markup included.
    pub fn source(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a person reads: texts of the body without markup, scripts and styles, white space made one blank. Where the
    /// answer is not HTML, its text.
    pub fn words(&self) -> String {
        match self.html.select(&BODY).next() {
            Some(body) if !self.body.is_empty() && self.is_html() => words_of(body),
            _ => self.source(),
        }
    }

    /// Whether a person reads `text` on the page.
    pub fn says(&self, text: &str) -> bool {
        self.words().contains(text)
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.text("title").unwrap_or_default()
    }

    /// Whether something matches.
    pub fn has(&self, selector: &str) -> bool {
        !self.select(selector).is_empty()
    }

    /// The text of the first match.
    pub fn text(&self, selector: &str) -> Option<String> {
        self.select(selector).first().map(|element| words_of(*element))
    }

    /// The texts of all matches.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.select(selector).into_iter().map(words_of).collect()
    }

    /// An attribute of the first match that has it.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let matches = self.select(selector);
        let found = matches.iter().find_map(|element| element.attr(name));
        found.map(str::to_owned)
    }

    /// An attribute of every match that has it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let matches = self.select(selector);
        let found = matches.iter().filter_map(|element| element.attr(name));
        found.map(str::to_owned).collect()
    }

    /// Text and address of every link.
    pub fn links(&self) -> Vec<(String, String)> {
        let links = self.select("a[href]").into_iter();
        links
            .filter_map(|link| Some((words_of(link), link.attr("href")?.to_owned())))
            .collect()
    }

    /// The address of the first link whose text contains `text`.
    ///
    /// # Errors
    /// [`VisitError::NoLink`].
    pub fn link(&self, text: &str) -> Result<String, VisitError> {
        let found = self.links().into_iter().find(|(words, _)| words.contains(text));
        found.map(|(_, address)| address).ok_or_else(|| VisitError::NoLink {
            wanted: text.to_owned(),
            page: format!("{self:?}"),
        })
    }

    /// All forms.
    pub fn forms(&self) -> Vec<Form> {
        let forms = self.select("form").into_iter();
        forms
            .map(|element| form::read(&self.html, element, &self.path))
            .collect()
    }

    /// A form: the first that a CSS selector matches (or that contains a match of it), else the first with a button of
    /// this label; that button is pressed when it is submitted.
    ///
    /// # Errors
    /// [`VisitError::NoForm`].
    pub fn form(&self, wanted: &str) -> Result<Form, VisitError> {
        if let Ok(selector) = Selector::parse(wanted) {
            let element = self.html.select(&selector).next().and_then(form::around);
            if let Some(element) = element {
                return Ok(form::read(&self.html, element, &self.path));
            }
        }
        let labelled = self.forms().into_iter().find(|form| form.has_button(wanted));
        labelled
            .map(|form| form.press(wanted))
            .ok_or_else(|| VisitError::NoForm {
                wanted: wanted.to_owned(),
                page: format!("{self:?}"),
            })
    }

    /// The value of the form field with this name as it came.
    pub fn field(&self, name: &str) -> Option<String> {
        let forms = self.forms();
        forms.iter().find_map(|form| form.value(name)).map(str::to_owned)
    }

    fn is_html(&self) -> bool {
        let kind = self.header("content-type");
        kind.is_some_and(|kind| kind.starts_with("text/html"))
    }

    /// What matches; a selector that is none matches nothing, which the asserting test shows.
    fn select(&self, selector: &str) -> Vec<ElementRef<'_>> {
        match Selector::parse(selector) {
            Ok(selector) => self.html.select(&selector).collect(),
            Err(_) => Vec::new(),
        }
    }
}

#[expect(clippy::unwrap_used, reason = "the selector is written here")]
static BODY: std::sync::LazyLock<Selector> = std::sync::LazyLock::new(|| Selector::parse("body").unwrap());

/// The texts below an element, as one line.
pub(super) fn words_of(element: ElementRef<'_>) -> String {
    let mut words = String::new();
    for node in element.descendants() {
        let Some(text) = node.value().as_text() else { continue };
        let hidden = node
            .ancestors()
            .filter_map(ElementRef::wrap)
            .any(|around| matches!(around.value().name(), "script" | "style" | "template"));
        if !hidden {
            words.push_str(text);
            words.push(' ');
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
