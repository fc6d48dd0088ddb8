//! Forms of the console: what follows from sending one, its fields, and what was wrong.

use std::borrow::Cow;
use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use isds_core::{Failure, Refusal};

use crate::page::{Page, PageError};

/// What was typed into a form. Fields that it lacks are empty ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed(HashMap<String, String>);

impl Typed {
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// What stands in a field, without white space around it.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// The same, where there is something.
    pub(super) fn given(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// As it was typed.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// How a field is filled in.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A line; the type of the input.
    Line(&'static str),
    /// Several lines.
    Area(u8),
    /// One of these: value and text.
    Choice(Vec<(String, String)>),
    /// A tick.
    Tick,
    /// Nothing to fill in: what the form is about.
    Hidden,
}

/// A field.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) value: String,
    pub(super) required: bool,
    pub(super) kind: Kind,
}

impl Field {
    /// A line called `name`, with the text `key` beside it.
    pub(super) fn line(page: &Page, name: &str, key: &str, typed: &Typed) -> Self {
        Self {
            name: name.to_owned(),
            label: page.t(key).into_owned(),
            help: String::new(),
            value: typed.raw(name).to_owned(),
            required: false,
            kind: Kind::Line("text"),
        }
    }

    pub(super) fn needed(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) fn needed_if(self, required: bool) -> Self {
        Self { required, ..self }
    }

    pub(super) fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// A value of ours that goes along.
    pub(super) fn hidden(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            label: String::new(),
            help: String::new(),
            value: value.into(),
            required: false,
            kind: Kind::Hidden,
        }
    }

    pub(super) fn date(self) -> Self {
        self.kind(Kind::Line("date"))
    }

    pub(super) fn help(self, help: Cow<'static, str>) -> Self {
        Self {
            help: help.into_owned(),
            ..self
        }
    }

    /// A value of ours where nothing was typed.
    pub(super) fn or(self, value: &str) -> Self {
        if self.value.is_empty() {
            Self {
                value: value.to_owned(),
                ..self
            }
        } else {
            self
        }
    }

    fn is_ticked(&self) -> bool {
        !self.value.is_empty()
    }
}

/// Fields with a heading of their own.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) legend: String,
    pub(super) fields: Vec<Field>,
}

impl Group {
    /// What the form is about, without anything to fill in.
    pub(super) fn hidden(name: &str, value: impl Into<String>) -> Self {
        Self {
            legend: String::new(),
            fields: vec![Field::hidden(name, value)],
        }
    }

    fn is_seen(&self) -> bool {
        self.fields.iter().any(|field| !matches!(field.kind, Kind::Hidden))
    }
}

/// A page with one form, asked once.
#[derive(Template)]
#[template(path = "admin/form.html")]
pub(super) struct FormPage<'a> {
    pub(super) page: &'a Page,
    pub(super) section: &'static str,
    pub(super) title: String,
    /// What follows from it, a paragraph each.
    pub(super) follows: Vec<String>,
    pub(super) action: String,
    pub(super) groups: Vec<Group>,
    pub(super) submit: String,
    pub(super) danger: bool,
    /// Where one goes who does not want it after all.
    pub(super) back: String,
    /// The refusal; in the words of the table, which are Czech.
    pub(super) error: String,
    /// Where else one may want to look: address and text.
    pub(super) links: Vec<(String, String)>,
}

impl FormPage<'_> {
    /// The form as it is asked.
    pub(super) fn show(&self) -> Result<Response, PageError> {
        self.page.render(self)
    }

    /// The form once more, with what was typed and why it was refused. What is no refusal goes its own way.
    pub(super) fn refused(mut self, failure: Failure) -> Result<Response, PageError> {
        match failure {
            Failure::Refused(refusal) if refusal.status() != isds_core::status::Status::NO_RIGHT => {
                self.error = refusal.text();
                let mut answer = self.page.render(&self)?;
                *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
                Ok(answer)
            }
            other => Err(other.into()),
        }
    }
}

/// A refusal about what a form says.
pub(super) fn refusal(text: &str) -> Failure {
    Refusal::about(isds_core::status::Status::INVALID_STRUCTURE, text).into()
}
