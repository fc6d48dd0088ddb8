//! Parts of the system that only compute, on fixed input, as often as it is told: `pure NAME COUNT`. Run under callgrind,
//! which counts instructions; the difference between two counts of repetitions is what one costs. Without arguments it
//! lists the names.
//!
//! Nothing here has threads, clocks or hash seeds. Digests are kept small: valgrind knows no SHA-NI and no AVX-512, so it
//! counts other code for them than what runs.

mod objects;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use isds_core::ids::ObjectId;
use isds_core::message::Segment;
use isds_core::splice::Splice;
use isds_core::text::fold_case;
use seal::archive::SealedDocument;

use objects::Fixed;

/// A sealed document with timestamps of signature and archive, of three certificates.
const SEALED: &[u8] = include_bytes!("../../../fuzz/corpus/cms_reader/archived");

type Part = fn(&Input) -> Result<usize, String>;

const PARTS: &[(&str, Part)] = &[
    ("parse_10_kB", |input| parse(&input.small)),
    ("parse_1_MB", |input| parse(&input.large)),
    ("splice_10_kB", |input| splice(input, SMALL)),
    ("splice_1_MB", |input| splice(input, LARGE)),
    ("der_read", |_| der_read()),
    ("der_write", |input| der_write(&input.document)),
    ("search_terms", |_| Ok(search_terms())),
];

/// Bytes of an attachment.
const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;

/// What the parts work on.
struct Input {
    small: Vec<u8>,
    large: Vec<u8>,
    objects: Arc<Fixed>,
    document: SealedDocument,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for (name, _) in PARTS {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    };
    let count = arguments.next().and_then(|count| count.parse().ok());
    let part = PARTS.iter().find(|(known, _)| *known == name);
    let done = match (part, count) {
        (Some((_, part)), Some(count)) => repeat(*part, count),
        _ => Err("usage: pure NAME COUNT".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn repeat(part: Part, count: u32) -> Result<(), String> {
    let input = Input {
        small: request(SMALL),
        large: request(LARGE),
        objects: Arc::new(Fixed(Bytes::from(text(LARGE)))),
        document: SealedDocument::read(SEALED, |_| Ok(())).map_err(|error| error.to_string())?,
    };
    for _ in 0..count {
        if black_box(part(black_box(&input))?) == 0 {
            return Err("nothing came out".to_owned());
        }
    }
    Ok(())
}

fn text(bytes: usize) -> Vec<u8> {
    let line = b"Vazeni, v priloze zasilame podklady k Vasemu podani.\n";
    line.iter().copied().cycle().take(bytes).collect()
}

/// A CreateMessage with one attachment.
fn request(bytes: usize) -> Vec<u8> {
    // The base64 of three letters, which is as good as any for a reader.
    let content = "QWhv".repeat(bytes / 3);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
         <CreateMessage xmlns=\"http://isds.czechpoint.cz/v20\"><dmEnvelope><dmSenderOrgUnit/><dmSenderOrgUnitNum/>\
         <dbIDRecipient>nvak22s</dbIDRecipient><dmAnnotation>Vyrozumění o zahájení řízení</dmAnnotation>\
         <dmSenderRefNumber>1/2026</dmSenderRefNumber><dmPersonalDelivery>false</dmPersonalDelivery></dmEnvelope>\
         <dmFiles><dmFile dmMimeType=\"text/plain\" dmFileMetaType=\"main\" dmFileDescr=\"dopis.txt\">\
         <dmEncodedContent>{content}</dmEncodedContent></dmFile></dmFiles></CreateMessage></soap:Body></soap:Envelope>\n"
    )
    .into_bytes()
}

/// The reader goes through a request to its end, decoding what it carries.
fn parse(request: &[u8]) -> Result<usize, String> {
    wire::reader::read_all_for_check(request).map_err(|error| error.to_string())?;
    Ok(request.len())
}

/// A document out of a head, an attachment in base64 and an end.
fn splice(input: &Input, bytes: usize) -> Result<usize, String> {
    let content = Segment::Base64 {
        object: ObjectId("pure".to_owned()),
        offset: 0,
        length: bytes as u64,
    };
    let document = Splice::default()
        .then(Bytes::from_static(b"<p:dmEncodedContent>"))
        .then_segments(&[content])
        .then(Bytes::from_static(b"</p:dmEncodedContent>"));
    let objects: Arc<Fixed> = Arc::clone(&input.objects);
    // Objects in memory never wait.
    let whole = document.collect(objects).now_or_never().ok_or("an object waits")?;
    Ok(whole.map_err(|error| error.to_string())?.len())
}

/// A signed document is taken apart to its last attribute.
fn der_read() -> Result<usize, String> {
    let mut content = 0;
    let data = seal::parse::signed_data(SEALED, |slice| {
        content += slice.len();
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    Ok(content + data.certificates().count())
}

/// A signed document is written anew around its content, with one attribute more.
fn der_write(document: &SealedDocument) -> Result<usize, String> {
    let frame = document
        .with_signature_timestamp(&[0x30, 0])
        .map_err(|error| error.to_string())?;
    Ok(frame.prefix.len() + frame.suffix.len())
}

/// The terms under which the name of a box is found.
fn search_terms() -> usize {
    let name = black_box("Strojírny a opravny Vzor Kroměříž, společnost s ručením omezeným");
    isds_core::search::words(name)
        .map(|word| isds_core::search::terms_of_word(&word.text).count())
        .sum::<usize>()
        + isds_core::search::trigrams(&fold_case(name)).len()
}
