//! Why a call ended without a result.

use std::error::Error as StdError;
use std::io;

use http::StatusCode;
use isds_core::ports::StoreError;
use isds_core::{Failure, Refusal};
use wire::mtom::MtomError;
use wire::reader::{ReadError, SoapVersion};
use wire::soap::FaultCode;

/// Why a call ended without a result, by how it is answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// The request could not be read: a SOAP fault.
    #[error("the request could not be read")]
    Unreadable(#[source] ReadError),
    /// The rules refuse it: a status.
    #[error("the request was refused")]
    Refused(#[source] Refusal),
    /// Something of ours failed: the general status with a reference to the log.
    #[error("{0}")]
    Broken(&'static str, #[source] Box<dyn StdError + Send + Sync>),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Unreadable(other),
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Broken(what, source) => Self::Broken(what, source),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

/// A fault and the HTTP status that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub http: StatusCode,
    pub code: FaultCode,
    /// Of the text.
    pub language: &'static str,
    pub text: &'static str,
}

/// The fault that says what was wrong with a request. SOAP 1.1 wants 500 for every fault (section 6.2), SOAP 1.2 wants
/// 400 for one of the sender (part 2, section 7.5.2.2); size, time and type have HTTP's own statuses in both.
pub(crate) fn fault_of(error: &ReadError, version: SoapVersion) -> Fault {
    let sender = match version {
        SoapVersion::V11 => StatusCode::INTERNAL_SERVER_ERROR,
        SoapVersion::V12 => StatusCode::BAD_REQUEST,
    };
    let (http, code, text) = match error {
        ReadError::Malformed(_) => (
            sender,
            FaultCode::Client,
            "Požadavek není správně utvořený dokument XML.",
        ),
        ReadError::Truncated => (sender, FaultCode::Client, "Požadavek není úplný."),
        ReadError::DocumentType => (
            sender,
            FaultCode::Client,
            "Požadavek nesmí obsahovat deklaraci typu dokumentu.",
        ),
        ReadError::Encoding => (sender, FaultCode::Client, "Požadavek musí být v kódování UTF-8."),
        ReadError::TooDeep => (sender, FaultCode::Client, "Požadavek má příliš mnoho úrovní."),
        ReadError::TooManyElements => (sender, FaultCode::Client, "Požadavek má příliš mnoho elementů."),
        ReadError::TokenTooLong => (sender, FaultCode::Client, "Některá část požadavku je příliš dlouhá."),
        ReadError::NotSoap => (sender, FaultCode::Client, "Požadavek není obálka SOAP."),
        ReadError::Body => (
            sender,
            FaultCode::Client,
            "Obálka SOAP musí mít právě jedno tělo (Body) s právě jedním elementem.",
        ),
        ReadError::VersionMismatch => (
            StatusCode::INTERNAL_SERVER_ERROR,
            FaultCode::VersionMismatch,
            "Obálka SOAP není verze 1.1 ani 1.2.",
        ),
        ReadError::MustUnderstand => (
            StatusCode::INTERNAL_SERVER_ERROR,
            FaultCode::MustUnderstand,
            "Žádný blok hlavičky SOAP s atributem mustUnderstand není podporován.",
        ),
        ReadError::Mtom(error) => return mtom_fault(*error),
        ReadError::TooLarge => too_large(),
        ReadError::Io(error) => match error.kind() {
            io::ErrorKind::FileTooLarge => too_large(),
            io::ErrorKind::TimedOut => (
                StatusCode::REQUEST_TIMEOUT,
                FaultCode::Client,
                "Požadavek nepřišel ve stanovené době.",
            ),
            _ => (sender, FaultCode::Client, "Požadavek není úplný."),
        },
        // A refusal is answered as a status; it never comes here.
        ReadError::Refused(_) => (sender, FaultCode::Client, "Požadavek byl odmítnut."),
    };
    Fault {
        http,
        code,
        language: "cs",
        text,
    }
}

/// What is wrong with a package has an HTTP status of its own on the real system, 599 (B2175, section 3.4). The text for
/// the outer type that clients get wrong most is the real system's.
fn mtom_fault(error: MtomError) -> Fault {
    let (language, text) = match error {
        MtomError::OuterTypeSoap => (
            "en-US",
            "Outer Content-Type has type parameter=application/soap+xml, should be application/xop+xml. Use SOAP 1.2.",
        ),
        other => ("cs", mtom_text(other)),
    };
    Fault {
        http: invalid_mtom(),
        code: FaultCode::Client,
        language,
        text,
    }
}

/// 599, for which HTTP has no name.
fn invalid_mtom() -> StatusCode {
    StatusCode::from_u16(599).unwrap_or(StatusCode::BAD_REQUEST)
}

fn mtom_text(error: MtomError) -> &'static str {
    match error {
        MtomError::OuterTypeSoap | MtomError::OuterType => {
            "Content-Type požadavku MTOM musí být multipart/related s parametrem type=\"application/xop+xml\". Použijte \
             SOAP 1.2."
        }
        MtomError::Boundary => "Parametr boundary chybí nebo není platný (1 až 70 znaků podle RFC 2046).",
        MtomError::NoRoot => "Požadavek MTOM nemá kořenovou část s obálkou SOAP.",
        MtomError::Start => "První část požadavku MTOM musí být kořenová, tedy ta, kterou určuje parametr start.",
        MtomError::RootType => {
            "Kořenová část požadavku MTOM musí mít Content-Type application/xop+xml s parametrem \
             type=\"application/soap+xml\" v kódování UTF-8."
        }
        MtomError::Soap11 => "Obálka v požadavku MTOM musí být SOAP 1.2.",
        MtomError::Delimiter => "Za oddělovačem částí (boundary) je něco jiného než konec řádku.",
        MtomError::Truncated => "Požadavek MTOM není úplný, chybí závěrečný oddělovač částí.",
        MtomError::Head => "Hlavičky některé části požadavku MTOM nejsou platné nebo jsou příliš dlouhé.",
        MtomError::Outside => "Mimo části požadavku MTOM je příliš mnoho dat.",
        MtomError::Nested => "Část požadavku MTOM nesmí být sama složená (multipart).",
        MtomError::TransferEncoding => {
            "Content-Transfer-Encoding musí být binary, 8bit nebo 7bit, u přílohy též base64."
        }
        MtomError::WrongPart => {
            "Část, na kterou odkazuje xop:Include, chybí nebo není na řadě; části musí následovat v pořadí odkazů."
        }
        MtomError::Twice => "Dvě části požadavku MTOM nebo dva odkazy xop:Include mají stejný identifikátor.",
        MtomError::Unreferenced => "Na některou část požadavku MTOM neodkazuje žádný xop:Include.",
        MtomError::TooManyParts => "Požadavek MTOM má příliš mnoho částí.",
        MtomError::LongRest => "Obálka SOAP je za prvním odkazem xop:Include příliš dlouhá.",
        MtomError::Href => "Atribut href elementu xop:Include musí být odkaz cid:.",
        MtomError::Misplaced => "Element xop:Include je na místě, kam binární obsah nepatří.",
        MtomError::NotAlone => "Element xop:Include musí být v nadřazeném elementu sám.",
        MtomError::NoPackage => "Element xop:Include lze použít jen v požadavku MTOM (multipart/related).",
    }
}

fn too_large() -> (StatusCode, FaultCode, &'static str) {
    (
        StatusCode::PAYLOAD_TOO_LARGE,
        FaultCode::Client,
        "Požadavek je příliš velký.",
    )
}

/// The request's `Content-Type` is none of SOAP.
pub(crate) const WRONG_TYPE: Fault = Fault {
    http: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    code: FaultCode::Client,
    language: "cs",
    text: "Požadavek musí mít Content-Type text/xml nebo application/soap+xml v kódování UTF-8.",
};
