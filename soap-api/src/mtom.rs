//! What the headers of a request say about the form of its body and of its answer.

use http::{HeaderMap, HeaderValue, header};
use isds_core::operation::Endpoint;
use wire::mtom::{MediaType, MtomError, Related, XOP_MEDIA_TYPE};
use wire::reader::SoapVersion;

/// The form of a request's body, by its `Content-Type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Announced {
    /// An envelope. What it says of its version counts; this one is for answers to what has no envelope.
    Document(SoapVersion),
    /// An envelope of SOAP 1.2 with its content in parts beside it.
    Package(Related),
    /// A package that is not one of MTOM.
    WrongPackage(MtomError),
    /// Nothing of SOAP.
    Nothing,
}

impl Announced {
    /// Looks at the headers. Packages are taken where large content is; elsewhere they are nothing of SOAP.
    pub fn of(endpoint: Endpoint, headers: &HeaderMap) -> Self {
        let packages = takes_packages(endpoint);
        let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
        let Some(Ok(value)) = value else { return Self::Nothing };
        let Some(media_type) = MediaType::parse(value) else {
            return if packages && is_multipart(value) {
                Self::WrongPackage(MtomError::OuterType)
            } else {
                Self::Nothing
            };
        };
        if packages && media_type.is_multipart() {
            return Related::of(&media_type).map_or_else(Self::WrongPackage, Self::Package);
        }
        match () {
            () if !media_type.is_utf8() => Self::Nothing,
            () if media_type.is("text/xml") || media_type.is("application/xml") => Self::Document(SoapVersion::V11),
            () if media_type.is("application/soap+xml") => Self::Document(SoapVersion::V12),
            // A XOP document without a package around it (B2175, section 3.4, lets clients name it so).
            () if packages && media_type.is(XOP_MEDIA_TYPE) => Self::Document(SoapVersion::V12),
            () => Self::Nothing,
        }
    }

    /// Version of SOAP to answer in where there is no envelope that says it.
    pub fn version(&self) -> SoapVersion {
        match self {
            Self::Document(version) => *version,
            Self::Package(_) | Self::WrongPackage(_) => SoapVersion::V12,
            Self::Nothing => SoapVersion::V11,
        }
    }
}

fn is_multipart(value: &str) -> bool {
    let main = value.trim_start().get(..10);
    main.is_some_and(|main| main.eq_ignore_ascii_case("multipart/"))
}

/// Endpoints of large content, which alone have MTOM.
fn takes_packages(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Vodz | Endpoint::Arch)
}

/// Whether the answer's binary content is to come in a part of its own: the request is of SOAP 1.2, and its `Accept`
/// names packages (B2175, section 3.4). `*/*` does not: base64 is what every client can read.
pub(crate) fn asks_for_package(endpoint: Endpoint, version: SoapVersion, headers: &HeaderMap) -> bool {
    takes_packages(endpoint)
        && version == SoapVersion::V12
        && headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(names_package)
}

/// Whether a list of media ranges has `multipart/related`, whatever its parameters, unless with a weight of zero.
fn names_package(accept: &str) -> bool {
    let mut quoted = false;
    let ranges = accept.split(|character: char| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    ranges
        .filter_map(MediaType::parse)
        .any(|range| range.is("multipart/related") && range.parameter("q").is_none_or(|weight| !is_zero(weight)))
}

fn is_zero(weight: &str) -> bool {
    weight.parse::<f32>().is_ok_and(|weight| weight == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_bytes(value.as_bytes()).unwrap())])
    }

    #[test]
    fn media_types_of_soap() {
        for endpoint in [Endpoint::Dz, Endpoint::Vodz] {
            let announced = |value: &str| Announced::of(endpoint, &headers(header::CONTENT_TYPE, value));
            for of_11 in [
                "text/xml",
                "Text/XML; charset=\"UTF-8\"",
                "application/xml;charset=us-ascii",
            ] {
                assert_eq!(announced(of_11), Announced::Document(SoapVersion::V11), "{of_11}");
            }
            let of_12 = "application/soap+xml; charset=utf-8; action=\"\"";
            assert_eq!(announced(of_12), Announced::Document(SoapVersion::V12));
            for other in [
                "text/xml; charset=windows-1250",
                "text/plain",
                "application/json",
                "",
                "multipart",
                "text/xml; charset",
                "text/xml; name=\"ž\"",
            ] {
                assert_eq!(announced(other), Announced::Nothing, "{other}");
            }
            assert_eq!(Announced::of(endpoint, &HeaderMap::new()), Announced::Nothing);
        }
    }

    #[test]
    fn packages_are_known_where_large_content_is() {
        let good = "multipart/related; type=\"application/xop+xml\"; boundary=b";
        let wrong = [
            (
                "multipart/related; type=\"application/soap+xml\"; boundary=b",
                MtomError::OuterTypeSoap,
            ),
            ("multipart/related; type=\"text/xml\"; boundary=b", MtomError::OuterType),
            ("multipart/form-data; boundary=b", MtomError::OuterType),
            ("Multipart/Related; a; b", MtomError::OuterType),
            ("multipart/related; type=\"application/xop+xml\"", MtomError::Boundary),
        ];
        for endpoint in [Endpoint::Vodz, Endpoint::Arch] {
            let announced = |value: &str| Announced::of(endpoint, &headers(header::CONTENT_TYPE, value));
            assert!(matches!(announced(good), Announced::Package(_)));
            assert_eq!(announced(XOP_MEDIA_TYPE), Announced::Document(SoapVersion::V12));
            for (value, error) in wrong {
                assert_eq!(announced(value), Announced::WrongPackage(error), "{value}");
            }
        }
        for endpoint in [Endpoint::Dz, Endpoint::Dx, Endpoint::Df, Endpoint::DsManage] {
            let announced = |value: &str| Announced::of(endpoint, &headers(header::CONTENT_TYPE, value));
            for value in [good, XOP_MEDIA_TYPE].into_iter().chain(wrong.map(|(value, _)| value)) {
                assert_eq!(announced(value), Announced::Nothing, "{value}");
            }
        }
    }

    #[test]
    fn packages_are_sent_to_those_who_ask() {
        let asks =
            |endpoint, version, accept: &str| asks_for_package(endpoint, version, &headers(header::ACCEPT, accept));
        for accept in [
            "multipart/related",
            "Multipart/Related",
            "application/soap+xml, multipart/related",
            "text/xml;q=0.5,multipart/related; type=\"application/xop+xml\";q=0.1 , */*",
            "a/b; c=\"d,e\", multipart/related",
        ] {
            assert!(asks(Endpoint::Vodz, SoapVersion::V12, accept), "{accept}");
            assert!(asks(Endpoint::Arch, SoapVersion::V12, accept), "{accept}");
            assert!(!asks(Endpoint::Vodz, SoapVersion::V11, accept), "{accept}");
            assert!(!asks(Endpoint::Dz, SoapVersion::V12, accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "multipart/*",
            "application/soap+xml,application/xml,text/xml",
            "multipart/related;q=0",
            "multipart/related; q=0.000",
            "a/b; c=\", multipart/related\"",
        ] {
            assert!(!asks(Endpoint::Vodz, SoapVersion::V12, accept), "{accept}");
        }
        assert!(!asks_for_package(Endpoint::Vodz, SoapVersion::V12, &HeaderMap::new()));
        let mut two = headers(header::ACCEPT, "text/xml");
        two.append(header::ACCEPT, HeaderValue::from_static("multipart/related"));
        assert!(asks_for_package(Endpoint::Vodz, SoapVersion::V12, &two));
    }
}
