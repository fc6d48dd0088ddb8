//! The list of erased messages as a file: XML as clients parse it, or the same columns as CSV, in a ZIP.

use std::io::{self, Write};

use isds_core::message::SideOf;
use isds_core::ports::{ErasedListWriter, ListFormat, MessageRecord};
use jiff::civil::Date;

use crate::Writer;
use crate::names::{V20, XSI};
use crate::zip_stream::{ZipStream, csv_line};

/// What a record shows, in this order.
const COLUMNS: [&str; 10] = [
    "dmID",
    "dbIDSender",
    "dmSender",
    "dbIDRecipient",
    "dmRecipient",
    "dmAnnotation",
    "dmMessageStatus",
    "dmDeliveryTime",
    "dmAcceptanceTime",
    "dmType",
];

/// Begins a list.
pub(super) fn begin(format: ListFormat, side: SideOf, day: Date) -> io::Result<Box<dyn ErasedListWriter>> {
    let name = match format {
        ListFormat::Xml => "erased_messages.xml",
        ListFormat::Csv => "erased_messages.csv",
    };
    let mut zip = ZipStream::begin(name, day)?;
    match format {
        ListFormat::Xml => {
            let mut writer = Writer::new("q");
            writer
                .raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>")
                .start_with("dmRecords", &[("xmlns:q", V20), ("xmlns:xsi", XSI)]);
            zip.write_all(&writer.finish())?;
        }
        ListFormat::Csv => zip.write_all(&csv_line(COLUMNS)?)?,
    }
    Ok(Box::new(ErasedList { format, side, zip }))
}

struct ErasedList {
    format: ListFormat,
    side: SideOf,
    zip: ZipStream,
}

impl ErasedList {
    /// The columns' values; none is nil in XML and empty in CSV.
    fn values(&self, record: &MessageRecord) -> [Option<String>; 10] {
        let envelope = &record.envelope;
        [
            Some(record.id.to_string()),
            Some(envelope.sender.to_string()),
            Some(envelope.sender_name.clone()),
            Some(envelope.recipient.to_string()),
            Some(envelope.recipient_name.clone()),
            envelope.draft.annotation.clone(),
            Some(record.state.wire(self.side).to_string()),
            record.state.delivered_in.map(|time| time.to_string()),
            record.state.accepted.map(|time| time.to_string()),
            Some(record.kind.letter().to_string()),
        ]
    }
}

impl ErasedListWriter for ErasedList {
    fn add(&mut self, record: &MessageRecord) -> io::Result<()> {
        let values = self.values(record);
        let bytes = match self.format {
            ListFormat::Xml => {
                let mut writer = Writer::new("q");
                writer.start("dmRecord");
                for (name, value) in COLUMNS.iter().zip(values) {
                    writer.nillable(name, value);
                }
                writer.end("dmRecord");
                writer.finish()
            }
            ListFormat::Csv => csv_line(values.iter().map(|value| value.as_deref().unwrap_or("")))?,
        };
        self.zip.write_all(&bytes)
    }

    fn take(&mut self) -> Vec<u8> {
        self.zip.take()
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<u8>> {
        if self.format == ListFormat::Xml {
            self.zip.write_all(b"</q:dmRecords>")?;
        }
        self.zip.finish()
    }
}
