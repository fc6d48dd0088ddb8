//! What is inside containers: each rule with the text of its refusal, and containers that pass, in every operation that
//! takes attachments.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use crate::common;

use std::io::{Cursor, Write};

use common::golden::Golden;
use common::http::Reply;
use common::{World, vodz};
use isds_core::Limits;
use soap_api::SoapConfig;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A system that takes large messages of any size, and an upload, which each of them needs.
struct Office {
    world: World,
    uploaded: String,
}

impl Office {
    async fn new() -> Self {
        let limits = Limits {
            large_message_least_bytes: 1,
            ..Limits::default()
        };
        let world = World::with(SoapConfig::default(), limits).await;
        let uploaded = vodz::uploads(&world, "mesto01", b"ano").await.reference();
        Self { world, uploaded }
    }

    /// There is nothing but the upload.
    async fn assert_nothing_stored(&self) {
        assert_eq!(self.world.messages().await, 0);
        assert_eq!(self.world.isds.store.count_jobs().await.unwrap(), 0);
        assert_eq!(self.world.objects().len(), 1);
        let sender = "mesta2j".parse().unwrap();
        assert_eq!(self.world.isds.store.unused_upload_bytes(sender).await.unwrap(), 3);
    }
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    CreateMessage,
    CreateMultipleMessage,
    CreateBigMessage,
    UploadAttachment,
}

const OPERATIONS: [Operation; 4] = [
    Operation::CreateMessage,
    Operation::CreateMultipleMessage,
    Operation::CreateBigMessage,
    Operation::UploadAttachment,
];

impl Operation {
    fn service(self) -> &'static str {
        match self {
            Self::CreateMessage | Self::CreateMultipleMessage => "dz",
            Self::CreateBigMessage | Self::UploadAttachment => "vodz",
        }
    }

    async fn call(self, office: &Office, files: &[File]) -> Reply {
        let files = files.iter().map(File::element).collect::<String>();
        let inside = match self {
            Self::CreateMessage => format!("{}<dmFiles>{files}</dmFiles>", envelope(ONE)),
            Self::CreateMultipleMessage => format!(
                "<dmRecipients><dmRecipient>{ONE}<dmToHands/></dmRecipient></dmRecipients>{}<dmFiles>{files}</dmFiles>",
                envelope("")
            ),
            Self::CreateBigMessage => format!("{}<dmFiles>{}{files}</dmFiles>", envelope(ONE), office.uploaded),
            Self::UploadAttachment => files.replace(" dmFileMetaType=\"main\"", ""),
        };
        let name = format!("{self:?}");
        office.world.call("mesto01", self.service(), &name, &inside).await
    }
}

const ONE: &str = "<dbIDRecipient>nvak22s</dbIDRecipient>";

fn envelope(recipient: &str) -> String {
    format!("<dmEnvelope>{recipient}<dmAnnotation>Spis</dmAnnotation></dmEnvelope>")
}

/// An attachment.
#[derive(Clone)]
struct File {
    name: &'static str,
    content: Vec<u8>,
}

impl File {
    fn of(name: &'static str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self { name, content }
    }

    fn element(&self) -> String {
        let mime = match self.name.rsplit('.').next().unwrap() {
            "asice" => "application/vnd.etsi.asic-e+zip",
            "asics" => "application/vnd.etsi.asic-s+zip",
            "txt" => "text/plain",
            _ => "application/zip",
        };
        format!(
            "<dmFile dmMimeType=\"{mime}\" dmFileMetaType=\"main\" dmFileDescr=\"{}\">\
             <dmEncodedContent>{}</dmEncodedContent></dmFile>",
            self.name,
            base64_simd::STANDARD.encode_to_string(&self.content)
        )
    }
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method)
}

fn write<W: Write + std::io::Seek, N: AsRef<str>>(mut writer: ZipWriter<W>, entries: &[(N, &[u8])]) -> W {
    for (name, content) in entries {
        writer
            .start_file(name.as_ref(), options(CompressionMethod::Stored))
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap()
}

fn archive<N: AsRef<str>>(entries: &[(N, &[u8])]) -> Vec<u8> {
    write(ZipWriter::new(Cursor::new(Vec::new())), entries).into_inner()
}

/// A field of the only file, in its local header and in the directory.
fn patched(mut archive: Vec<u8>, local: usize, bytes: &[u8]) -> Vec<u8> {
    let directory = archive.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    for at in [local, directory + local + 2] {
        archive[at..at + bytes.len()].copy_from_slice(bytes);
    }
    archive
}

fn one() -> Vec<u8> {
    archive(&[("smlouva.txt", &b"ano"[..])])
}

fn many(count: usize, folder: &str) -> Vec<u8> {
    let names: Vec<_> = (0..count).map(|i| (format!("{folder}{i}.txt"), &b""[..])).collect();
    archive(&names)
}

/// A file that is said to have more than 3 GB, as a good compression would make them out of this length.
fn huge() -> Vec<u8> {
    let length: u32 = 3 << 30;
    let content = vec![0; length as usize / 1032 + 1];
    let plain = archive(&[("data.csv", content.as_slice())]);
    let compressed = patched(plain, 8, &8_u16.to_le_bytes());
    patched(compressed, 22, &(length + 1).to_le_bytes())
}

fn split() -> Vec<u8> {
    let mut archive = one();
    let end = archive.len() - 22;
    archive[end + 4] = 1;
    archive
}

/// For each rule a container that breaks it.
fn wrong() -> Vec<(&'static str, File)> {
    let without_length = || {
        let mut writer = ZipWriter::new_stream(Vec::new());
        writer.start_file("a.txt", options(CompressionMethod::Stored)).unwrap();
        writer.write_all(b"ano").unwrap();
        writer.finish().unwrap().into_inner()
    };
    let named = |name: &str| archive(&[(name, &b"x"[..])]);
    let zip = |rule, content| (rule, File::of("spis.zip", content));
    vec![
        zip("encrypted", patched(one(), 6, &[1])),
        zip("split", split()),
        zip("unsupported", patched(one(), 8, &14_u16.to_le_bytes())),
        zip("no_length", without_length()),
        zip("nested", named("přílohy/další.zip")),
        zip("forbidden", named("přílohy/faktura.pdf.exe")),
        zip("too_many_files", many(1001, "")),
        zip("too_many_entries", many(1000, "složka/")),
        zip("too_large", huge()),
        zip("too_deep", named("1/2/3/4/5/a.txt")),
        ("asic", File::of("podepsáno.asice", named("smlouva.pdf"))),
        zip("broken", named("../a.txt")),
        zip("unidentified", b"%PDF-1.7".to_vec()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_rule_in_each_operation() {
    let office = Office::new().await;
    let mut golden = Golden::of("containers");
    for (rule, file) in wrong() {
        let first = Operation::CreateMessage
            .call(&office, std::slice::from_ref(&file))
            .await;
        golden.answer(rule, "dz", &first);
        assert_eq!(first.code(), "1214", "{rule}");
        for operation in &OPERATIONS[1..] {
            let reply = operation.call(&office, std::slice::from_ref(&file)).await;
            assert_eq!(
                (reply.code(), reply.value("dmStatusMessage")),
                (first.code(), first.value("dmStatusMessage")),
                "{rule} in {operation:?}"
            );
        }
        office.assert_nothing_stored().await;
    }
    golden.finish();
}

/// Objects of attachments that came before the wrong one, and that one's own, are removed as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_what_came_before() {
    let office = Office::new().await;
    let spilled = File::of("příloha.txt", vec![b'a'; 300_000]);
    let big = archive(&[("a.txt", vec![b'a'; 300_000].as_slice()), ("b.exe", b"x")]);
    for files in [
        [spilled.clone(), File::of("spis.zip", split())],
        [File::of("spis.zip", one()), File::of("další.zip", big)],
    ] {
        for operation in &OPERATIONS[..3] {
            let reply = operation.call(&office, &files).await;
            assert_eq!(reply.code(), "1214", "{operation:?}: {}", reply.body);
            office.assert_nothing_stored().await;
        }
    }
}

/// As programs for signing write it: the media type first and uncompressed, the rest compressed.
fn signed() -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, method, content: &[u8]| {
        writer.start_file(name, options(method)).unwrap();
        writer.write_all(content).unwrap();
    };
    add(
        "mimetype",
        CompressionMethod::Stored,
        b"application/vnd.etsi.asic-e+zip",
    );
    add("smlouva.pdf", CompressionMethod::Deflated, b"%PDF-1.7 ...");
    add("přílohy/rozpočet.xlsx", CompressionMethod::Deflated, b"PK");
    add("META-INF/manifest.xml", CompressionMethod::Deflated, b"<manifest/>");
    add(
        "META-INF/signatures001.xml",
        CompressionMethod::Deflated,
        b"<XAdESSignatures/>",
    );
    writer.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_containers_pass() {
    let office = Office::new().await;
    let simple = archive(&[("smlouva.pdf", &b"%PDF-1.7"[..]), ("META-INF/signature.p7s", b"\x30")]);
    let content = vec![b'a'; 300_000];
    let large = archive(&[("1/2/3/4/data.csv", content.as_slice()), ("foto.JPG", b"\xFF\xD8\xFF")]);
    let files = [
        File::of("spis.zip", one()),
        File::of("podepsáno.asice", signed()),
        File::of("podepsáno.asics", simple),
        // From here on attachments of an ordinary message lie in objects.
        File::of("data.zip", large),
        File::of("spis2.zip", many(1000, "")),
    ];
    for operation in OPERATIONS {
        for file in &files {
            let reply = operation.call(&office, std::slice::from_ref(file)).await;
            assert_eq!(reply.code(), "0000", "{operation:?} {}: {}", file.name, reply.body);
        }
        if !matches!(operation, Operation::UploadAttachment) {
            // All of them in one message.
            let reply = operation.call(&office, &files).await;
            assert_eq!(reply.code(), "0000", "{operation:?}: {}", reply.body);
        }
    }
    office.world.settle().await;
    assert_eq!(office.world.messages().await, 3 * 6);
}
