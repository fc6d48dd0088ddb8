//! SOAP envelopes and faults as the real server writes them.

use isds_core::status::Status;

use crate::Writer;
use crate::names::{SOAP_11, SOAP_12, V20, XSD, XSI};
use crate::reader::SoapVersion;

/// What stands around the body's element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    version: SoapVersion,
}

impl Frame {
    /// The envelope of a version.
    #[must_use]
    pub fn new(version: SoapVersion) -> Self {
        Self { version }
    }

    /// From the declaration to the start tag of the body.
    #[must_use]
    pub fn head(self) -> String {
        let namespace = match self.version {
            SoapVersion::V11 => SOAP_11,
            SoapVersion::V12 => SOAP_12,
        };
        format!(
            "<?xml version='1.0' encoding='utf-8'?><SOAP-ENV:Envelope xmlns:SOAP-ENV=\"{namespace}\" \
             xmlns:xsd=\"{XSD}\"><SOAP-ENV:Body>"
        )
    }

    /// From the end tag of the body on.
    #[must_use]
    pub fn tail(self) -> &'static str {
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    }
}

/// How the status at the end of an answer is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusStyle {
    /// `dmStatus`: message operations.
    Message,
    /// `dbStatus`: operations on boxes and users.
    DataBox,
}

/// The element of an answer: `NAMEResponse` in the contract's namespace, with the status as its last child.
#[derive(Debug)]
pub struct Response {
    name: String,
    style: StatusStyle,
    prefix: &'static str,
    writer: Writer,
    reference: Option<String>,
}

impl Response {
    /// The answer to the operation `name`. The prefix is `q` for messages, `p` for creating them and for boxes, as on
    /// the real server.
    #[must_use]
    pub fn begin(name: &str, style: StatusStyle) -> Self {
        let creates = matches!(name, "CreateMessage" | "CreateMultipleMessage" | "CreateBigMessage");
        let prefix = if style == StatusStyle::DataBox || creates {
            "p"
        } else {
            "q"
        };
        let mut writer = Writer::new(prefix);
        let name = format!("{name}Response");
        writer.start_with(&name, &[(&format!("xmlns:{prefix}"), V20), ("xmlns:xsi", XSI)]);
        Self {
            name,
            style,
            prefix,
            writer,
            reference: None,
        }
    }

    /// Number of the request for administration, which the status carries (`dbStatusRefNumber`).
    #[must_use]
    pub fn reference(mut self, number: Option<impl std::fmt::Display>) -> Self {
        self.reference = number.map(|number| number.to_string());
        self
    }

    /// Where the payload is written.
    pub fn payload(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// What was written so far; what follows is written anew after it.
    #[must_use]
    pub fn split(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.writer, Writer::new(self.prefix)).finish()
    }

    /// A writer for a part of the payload that is written later, between two pieces of this.
    #[must_use]
    pub fn part(&self) -> Writer {
        Writer::new(self.prefix)
    }

    /// Ends the answer with a status of the table.
    #[must_use]
    pub fn status(self, status: Status) -> Vec<u8> {
        self.refuse(status.code(), status.text())
    }

    /// Ends the answer with a code and a completed text.
    #[must_use]
    pub fn refuse(mut self, code: &str, text: &str) -> Vec<u8> {
        let (status, status_code, message) = match self.style {
            StatusStyle::Message => ("dmStatus", "dmStatusCode", "dmStatusMessage"),
            StatusStyle::DataBox => ("dbStatus", "dbStatusCode", "dbStatusMessage"),
        };
        self.writer
            .start(status)
            .element(status_code, code)
            .element(message, text);
        if let (StatusStyle::DataBox, Some(number)) = (self.style, &self.reference) {
            self.writer.element("dbStatusRefNumber", number);
        }
        self.writer.end(status).end(&self.name);
        self.writer.finish()
    }
}

/// Whose fault it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultCode {
    /// The request was wrong: `Client`, in SOAP 1.2 `Sender`.
    Client,
    /// The server failed: `Server`, in SOAP 1.2 `Receiver`.
    Server,
    /// The envelope is of another version.
    VersionMismatch,
    /// A header block was not understood.
    MustUnderstand,
}

/// A whole fault message (SOAP 1.1, section 4.4; SOAP 1.2, part 1, section 5.4).
#[must_use]
pub fn fault(version: SoapVersion, code: FaultCode, text: &str) -> Vec<u8> {
    fault_in("cs", version, code, text)
}

/// The same in a language other than Czech, of which SOAP 1.2 has the caller told.
#[must_use]
pub fn fault_in(language: &str, version: SoapVersion, code: FaultCode, text: &str) -> Vec<u8> {
    let frame = Frame::new(version);
    let mut writer = Writer::new("SOAP-ENV");
    writer.raw(frame.head()).start("Fault");
    match version {
        SoapVersion::V11 => {
            let code = match code {
                FaultCode::Client => "Client",
                FaultCode::Server => "Server",
                FaultCode::VersionMismatch => "VersionMismatch",
                FaultCode::MustUnderstand => "MustUnderstand",
            };
            // These two are in no namespace (SOAP 1.1, section 4.4): clients look for them there.
            writer
                .raw("<faultcode>SOAP-ENV:")
                .text(code)
                .raw("</faultcode><faultstring>");
            writer.text(text).raw("</faultstring>");
        }
        SoapVersion::V12 => {
            let code = match code {
                FaultCode::Client => "SOAP-ENV:Sender",
                FaultCode::Server => "SOAP-ENV:Receiver",
                FaultCode::VersionMismatch => "SOAP-ENV:VersionMismatch",
                FaultCode::MustUnderstand => "SOAP-ENV:MustUnderstand",
            };
            writer.start("Code").element("Value", code).end("Code");
            writer
                .start("Reason")
                .start_with("Text", &[("xml:lang", language)])
                .text(text)
                .end("Text")
                .end("Reason");
        }
    }
    writer.end("Fault").raw(frame.tail());
    writer.finish()
}
