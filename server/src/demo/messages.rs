//! A few messages that make a new demo worth a look.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use isds_core::envelope::EnvelopeDraft;
use isds_core::{AttachmentDraft, Credentials, Failure, Isds};

use super::PASSWORD;

struct DemoMessage {
    from: &'static str,
    to: &'static str,
    subject: &'static str,
    reference: &'static str,
    /// File name and the lines that stand in it.
    files: &'static [(&'static str, &'static str)],
}

const MESSAGES: &[DemoMessage] = &[
    DemoMessage {
        from: "mesto01",
        to: "firma2x",
        subject: "Rozhodnutí o povolení uzavírky Tovární ulice",
        reference: "MUV/2026/0117",
        files: &[
            ("rozhodnuti.pdf", "Rozhodnuti o povoleni uzavirky Tovarni ulice"),
            ("poznamka.txt", "Uzavírka platí od 7 do 15 hodin.\n"),
        ],
    },
    DemoMessage {
        from: "firma01",
        to: "mesta2j",
        subject: "Žádost o stavební povolení – hala č. 4",
        reference: "SV-2026-88",
        files: &[("zadost.pdf", "Zadost o stavebni povoleni, hala c. 4")],
    },
    DemoMessage {
        from: "mesto01",
        to: "maria2f",
        subject: "Výzva k doplnění žádosti o parkovací oprávnění",
        reference: "MUV/2026/0121",
        files: &[("vyzva.pdf", "Vyzva k doplneni zadosti o parkovaci opravneni")],
    },
    DemoMessage {
        from: "truhl01",
        to: "mesta2j",
        subject: "Nabídka na výrobu lavic do obřadní síně",
        reference: "N-14",
        files: &[("nabidka.pdf", "Nabidka na vyrobu lavic do obradni sine")],
    },
    DemoMessage {
        from: "banka01",
        to: "firma2x",
        subject: "Výpis z úvěrového účtu",
        reference: "VB-5512",
        files: &[("vypis.pdf", "Vypis z uveroveho uctu")],
    },
];

/// Sends them, in the name of the people of the directory.
pub(super) async fn send(isds: &Arc<Isds>) -> Result<(), Failure> {
    for message in MESSAGES {
        let credentials = Credentials {
            login: message.from.to_owned(),
            password: PASSWORD.to_owned(),
        };
        let caller = isds
            .authenticate_user(&credentials, IpAddr::V4(Ipv4Addr::LOCALHOST))
            .await
            .map_err(|error| Failure::Broken("a person of the demo cannot sign in", Box::new(error)))?;
        let draft = EnvelopeDraft {
            recipient: Some(message.to.to_owned()),
            annotation: Some(message.subject.to_owned()),
            sender_ref_number: Some(message.reference.to_owned()),
            ..EnvelopeDraft::default()
        };
        let mut submission = isds.create_message(&caller, draft).await?;
        for (index, (file_name, text)) in message.files.iter().enumerate() {
            let attachment = AttachmentDraft {
                meta_type: Some(if index == 0 { "main" } else { "enclosure" }.to_owned()),
                file_name: Some((*file_name).to_owned()),
                ..AttachmentDraft::default()
            };
            let content = if file_name.ends_with(".pdf") {
                pdf(text)
            } else {
                text.as_bytes().to_vec()
            };
            submission.add_attachment(attachment, &content).await?;
        }
        submission.accept().await?;
    }
    Ok(())
}

/// A PDF of one page with one line of plain letters.
fn pdf(line: &str) -> Vec<u8> {
    let text = format!("BT /F1 16 Tf 60 760 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let xref = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        file += &format!("{offset:010} 00000 n \n");
    }
    file += &format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n",
        objects.len() + 1
    );
    file.into_bytes()
}
