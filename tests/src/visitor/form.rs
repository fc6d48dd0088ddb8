//! A form of a page: taken over with everything hidden in it, filled in, encoded as a browser encodes it.

use scraper::{ElementRef, Html, Selector};

use super::VisitError;
use super::page::words_of;

/// A file to be chosen in a form.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, with whatever a hostile client would put there.
    pub name: String,
    /// MIME type that the browser would say.
    pub mime: String,
    /// Content.
    pub content: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Value {
    Text(String),
    File(File),
}

/// A control that sends something.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: Value,
    /// Values that the control offers (radio, checkbox, select); `None` where anything can be typed.
    offered: Option<Vec<String>>,
    /// Whether it is sent: a box that is not ticked is not.
    sent: bool,
    /// More than one of these may be sent (checkboxes, select with `multiple`).
    several: bool,
}

#[derive(Debug, Clone)]
struct Button {
    label: String,
    name: Option<String>,
    value: String,
    action: Option<String>,
}

/// A form. What cannot be done with it is said when it is submitted.
#[derive(Debug, Clone)]
pub struct Form {
    /// Path of the page that it stands on.
    pub(super) page: String,
    /// `get` or `post`.
    pub method: String,
    /// Where it goes, as written.
    pub action: String,
    multipart: bool,
    fields: Vec<Field>,
    buttons: Vec<Button>,
    pressed: Option<Button>,
    problem: Option<String>,
}

impl Form {
    /// A form that no page offered.
    pub(super) fn bare(action: &str, fields: &[(&str, &str)]) -> Self {
        let form = Self {
            page: action.to_owned(),
            method: "post".to_owned(),
            action: action.to_owned(),
            multipart: false,
            fields: Vec::new(),
            buttons: Vec::new(),
            pressed: None,
            problem: None,
        };
        fields.iter().fold(form, |form, (name, value)| form.force(name, value))
    }

    /// Types into a field.
    #[must_use]
    pub fn fill(mut self, name: &str, text: &str) -> Self {
        let field = self
            .fields
            .iter_mut()
            .find(|field| field.name == name && field.offered.is_none());
        match field {
            Some(field) => {
                field.value = Value::Text(text.to_owned());
                field.sent = true;
            }
            None => self.complain(format!("no field '{name}' to fill in")),
        }
        self
    }

    /// Chooses one of the values that a select or a group of radio buttons offers, or ticks the box with this value.
    #[must_use]
    pub fn choose(mut self, name: &str, value: &str) -> Self {
        let offers = |field: &Field| {
            field.name == name
                && field
                    .offered
                    .as_ref()
                    .is_some_and(|values| values.iter().any(|offered| offered == value))
        };
        let Some(chosen) = self.fields.iter().position(offers) else {
            self.complain(format!("'{name}' does not offer '{value}'"));
            return self;
        };
        if !self.fields[chosen].several {
            for field in self.fields.iter_mut().filter(|field| field.name == name) {
                field.sent = false;
            }
        }
        self.fields[chosen].value = Value::Text(value.to_owned());
        self.fields[chosen].sent = true;
        self
    }

    /// Ticks the first box with this name.
    #[must_use]
    pub fn tick(self, name: &str) -> Self {
        self.set_box(name, true)
    }

    /// Takes the tick from every box with this name.
    #[must_use]
    pub fn untick(self, name: &str) -> Self {
        self.set_box(name, false)
    }

    /// Chooses a file; a second one is added to the first.
    #[must_use]
    pub fn file(mut self, name: &str, file: File) -> Self {
        let is_file = |field: &Field| field.name == name && matches!(field.value, Value::File(_));
        let Some(at) = self.fields.iter().position(is_file) else {
            self.complain(format!("no place for a file '{name}'"));
            return self;
        };
        if self.fields[at].sent {
            let mut next = self.fields[at].clone();
            next.value = Value::File(file);
            let last = self.fields.iter().rposition(is_file).unwrap_or(at);
            self.fields.insert(last + 1, next);
        } else {
            self.fields[at].value = Value::File(file);
            self.fields[at].sent = true;
        }
        self
    }

    /// Sends this value whatever the form offers: what an attacker does. Takes the place of all fields of the name.
    #[must_use]
    pub fn force(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self.fields.push(Field {
            name: name.to_owned(),
            value: Value::Text(value.to_owned()),
            offered: None,
            sent: true,
            several: false,
        });
        self
    }

    /// Leaves a field out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|field| field.name != name);
        self
    }

    /// Submits with the button of this label (or of this value), where there are several.
    #[must_use]
    pub fn press(mut self, label: &str) -> Self {
        match self.button(label).cloned() {
            Some(button) => self.pressed = Some(button),
            None => self.complain(format!("no button '{label}'")),
        }
        self
    }

    /// Goes to another address than the form says.
    #[must_use]
    pub fn to(mut self, action: &str) -> Self {
        action.clone_into(&mut self.action);
        for button in self.buttons.iter_mut().chain(&mut self.pressed) {
            button.action = None;
        }
        self
    }

    /// The value that would be sent for a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut sent = self.fields.iter().filter(|field| field.sent && field.name == name);
        sent.find_map(|field| match &field.value {
            Value::Text(text) => Some(text.as_str()),
            Value::File(_) => None,
        })
    }

    /// Names of all its fields, in order.
    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|field| field.name.as_str()).collect()
    }

    /// Labels of all its buttons.
    pub fn labels(&self) -> Vec<&str> {
        self.buttons.iter().map(|button| button.label.as_str()).collect()
    }

    pub(super) fn has_button(&self, label: &str) -> bool {
        self.button(label).is_some()
    }

    fn button(&self, label: &str) -> Option<&Button> {
        let exact = self
            .buttons
            .iter()
            .find(|button| button.label == label || button.value == label);
        exact.or_else(|| self.buttons.iter().find(|button| button.label.contains(label)))
    }

    fn set_box(mut self, name: &str, sent: bool) -> Self {
        let mut boxes = self
            .fields
            .iter_mut()
            .filter(|field| field.name == name && field.several)
            .peekable();
        if boxes.peek().is_none() {
            self.complain(format!("no box '{name}' to tick"));
            return self;
        }
        for field in boxes.take(if sent { 1 } else { usize::MAX }) {
            field.sent = sent;
        }
        self
    }

    fn complain(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    /// Where it goes, of what type its body is, and the body; a `get` form has its fields in the address.
    pub(super) fn encode(&self) -> Result<(String, String, Vec<u8>), VisitError> {
        if let Some(problem) = &self.problem {
            return Err(VisitError::Form {
                problem: problem.clone(),
                fields: self.names().join(", "),
                page: self.page.clone(),
            });
        }
        let pressed = self.pressed.as_ref().or(self.buttons.first());
        let action = pressed
            .and_then(|button| button.action.as_ref())
            .unwrap_or(&self.action);
        let mut sent: Vec<(&str, Value)> = self
            .fields
            .iter()
            .filter(|field| field.sent || matches!(field.value, Value::File(_)))
            .map(|field| (field.name.as_str(), field.value.clone()))
            .collect();
        if let Some(Button {
            name: Some(name),
            value,
            ..
        }) = pressed
        {
            sent.push((name, Value::Text(value.clone())));
        }
        if self.method == "get" {
            let query = urlencode(&sent);
            let path = action.split('?').next().unwrap_or("");
            return Ok((format!("{path}?{query}"), String::new(), Vec::new()));
        }
        if self.multipart {
            let (kind, body) = multipart(&sent);
            return Ok((action.clone(), kind, body));
        }
        let kind = "application/x-www-form-urlencoded".to_owned();
        Ok((action.clone(), kind, urlencode(&sent).into_bytes()))
    }
}

/// The form that an element is, stands in, or contains.
pub(super) fn around(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let is_form = |element: &ElementRef<'_>| element.value().name() == "form";
    if is_form(&element) {
        return Some(element);
    }
    element.ancestors().filter_map(ElementRef::wrap).find(is_form)
}

/// Reads a form with its controls, those that name it by the attribute `form` among them.
pub(super) fn read(html: &Html, form: ElementRef<'_>, page: &str) -> Form {
    let id = form.attr("id");
    let mut fields = Vec::new();
    let mut buttons = Vec::new();
    let Ok(controls) = Selector::parse("input, textarea, select, button") else {
        unreachable!("the selector is written here")
    };
    for control in html.select(&controls) {
        let belongs = match control.attr("form") {
            Some(named) => Some(named) == id,
            None => around(control).is_some_and(|around| around.id() == form.id()),
        };
        if belongs && control.attr("disabled").is_none() {
            read_control(control, &mut fields, &mut buttons);
        }
    }
    let lower = |name: &str| form.attr(name).map(str::to_ascii_lowercase);
    Form {
        page: page.to_owned(),
        method: lower("method").unwrap_or_else(|| "get".to_owned()),
        action: form.attr("action").unwrap_or("").to_owned(),
        multipart: lower("enctype").as_deref() == Some("multipart/form-data"),
        fields,
        buttons,
        pressed: None,
        problem: None,
    }
}

fn read_control(control: ElementRef<'_>, fields: &mut Vec<Field>, buttons: &mut Vec<Button>) {
    let tag = control.value().name();
    let kind = control.attr("type").unwrap_or("").to_ascii_lowercase();
    let name = control.attr("name").filter(|name| !name.is_empty());
    let value = control.attr("value");
    if (tag == "button" && (kind.is_empty() || kind == "submit")) || (tag == "input" && kind == "submit") {
        buttons.push(Button {
            label: match tag {
                "button" => words_of(control),
                _ => value.unwrap_or("").to_owned(),
            },
            name: name.map(str::to_owned),
            value: value.unwrap_or("").to_owned(),
            action: control.attr("formaction").map(str::to_owned),
        });
        return;
    }
    let Some(name) = name else { return };
    let mut field = Field {
        name: name.to_owned(),
        value: Value::Text(value.unwrap_or("").to_owned()),
        offered: None,
        sent: true,
        several: false,
    };
    match (tag, kind.as_str()) {
        ("button", _) | ("input", "button" | "reset" | "image") => return,
        ("input", "file") => {
            field.sent = false;
            field.value = Value::File(File {
                name: String::new(),
                mime: "application/octet-stream".to_owned(),
                content: Vec::new(),
            });
        }
        ("input", "checkbox" | "radio") => {
            let value = value.unwrap_or("on").to_owned();
            field.sent = control.attr("checked").is_some();
            field.several = kind == "checkbox";
            field.offered = Some(vec![value.clone()]);
            field.value = Value::Text(value);
        }
        ("textarea", _) => {
            let text: String = control.text().collect();
            field.value = Value::Text(text.strip_prefix('\n').unwrap_or(&text).to_owned());
        }
        ("select", _) => {
            read_select(control, &field, fields);
            return;
        }
        _ => {}
    }
    fields.push(field);
}

/// A select of one value is one field; one of several is like a group of boxes.
fn read_select(control: ElementRef<'_>, blank: &Field, fields: &mut Vec<Field>) {
    let Ok(options) = Selector::parse("option:not([disabled])") else {
        unreachable!("the selector is written here")
    };
    let mut offered = Vec::new();
    let mut selected = Vec::new();
    for option in control.select(&options) {
        let value = option.attr("value").map_or_else(|| words_of(option), str::to_owned);
        if option.attr("selected").is_some() {
            selected.push(value.clone());
        }
        offered.push(value);
    }
    if control.attr("multiple").is_some() {
        fields.extend(offered.into_iter().map(|value| Field {
            sent: selected.contains(&value),
            several: true,
            offered: Some(vec![value.clone()]),
            value: Value::Text(value),
            ..blank.clone()
        }));
        return;
    }
    let value = selected.pop().or_else(|| offered.first().cloned());
    fields.push(Field {
        sent: value.is_some(),
        value: Value::Text(value.unwrap_or_default()),
        offered: Some(offered),
        ..blank.clone()
    });
}

/// Browsers send line ends as CR LF.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn urlencode(fields: &[(&str, Value)]) -> String {
    let mut encoded = String::new();
    for (name, value) in fields {
        let text = match value {
            Value::Text(text) => lines(text),
            Value::File(file) => file.name.clone(),
        };
        if !encoded.is_empty() {
            encoded.push('&');
        }
        percent(name, &mut encoded);
        encoded.push('=');
        percent(&text, &mut encoded);
    }
    encoded
}

fn percent(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => into.push(char::from(byte)),
            b' ' => into.push('+'),
            _ => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// The end of one part and the beginning of the next; long enough that no content holds it by chance.
const BOUNDARY: &str = "----VisitorFormBoundary7Qx3vJ0aZk5Lw9Tn";

fn multipart(fields: &[(&str, Value)]) -> (String, Vec<u8>) {
    // As browsers write names into a header: these three characters and no others.
    let quote = |name: &str| name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let mut body = Vec::new();
    for (name, value) in fields {
        let name = quote(name);
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
        match value {
            Value::Text(text) => {
                body.extend_from_slice(b"\r\n\r\n");
                body.extend_from_slice(lines(text).as_bytes());
            }
            Value::File(file) => {
                let head = format!(
                    "; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                    quote(&file.name),
                    file.mime
                );
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(&file.content);
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}
