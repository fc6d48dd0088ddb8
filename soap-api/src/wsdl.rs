//! The published contract: WSDL and XSD, with the address that the client asked.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use isds_core::operation::Endpoint;

use crate::ConnectionScheme;

macro_rules! files {
    ($($name:literal)*) => {
        const FILES: &[(&str, &str)] = &[ $( ($name, include_str!(concat!("../../wsdl/", $name))), )* ];
    };
}

files! {
    "db_access.wsdl"
    "db_manipulations.wsdl"
    "db_search.wsdl"
    "dm_VoDZ.wsdl"
    "dm_arch.wsdl"
    "dm_info.wsdl"
    "dm_operations.wsdl"
    "isds_stat.wsdl"
    "dbTypes.xsd"
    "dmBaseTypes.xsd"
    "IsdsStat.xsd"
}

/// What every address in the files begins with (`wsdl/README.md`).
const PLACEHOLDER: &str = "http://localhost:8080";

/// A file of `/wsdl/v20/`; its references to other files stay relative.
pub(crate) fn file(name: &str, base: &str) -> Option<String> {
    let (_, text) = FILES.iter().find(|(other, _)| *other == name)?;
    Some(text.replace(PLACEHOLDER, base))
}

/// What an endpoint answers to `?wsdl`. Several WSDLs share `/DS/DsManage`; the first is the one that every client
/// needs. The schemas are named by their full address, since they do not lie beside the endpoint.
pub(crate) fn of_endpoint(endpoint: Endpoint, base: &str) -> Option<String> {
    let name = match endpoint {
        Endpoint::Dz => "dm_operations.wsdl",
        Endpoint::Dx => "dm_info.wsdl",
        Endpoint::Df => "db_search.wsdl",
        Endpoint::DsManage => "db_access.wsdl",
        Endpoint::Vodz => "dm_VoDZ.wsdl",
        Endpoint::Arch => "dm_arch.wsdl",
    };
    Some(file(name, base)?.replace("schemaLocation=\"", &format!("schemaLocation=\"{base}/wsdl/v20/")))
}

/// Scheme and authority of the request; nothing where the `Host` is none, which would let a client write what it likes
/// into the file.
pub(crate) fn base(scheme: ConnectionScheme, host: Option<&HeaderValue>) -> Option<String> {
    let host = host?.to_str().ok()?;
    let fine = !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_'));
    fine.then(|| format!("{}://{host}", scheme.name()))
}

/// A file as a response.
pub(crate) fn respond(text: Option<String>) -> Response {
    let Some(text) = text else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_those_of_the_request() {
        let text = file("dm_operations.wsdl", "https://ws1.example").unwrap();
        assert!(text.contains("location=\"https://ws1.example/DS/dz\""));
        assert!(text.contains("schemaLocation=\"dmBaseTypes.xsd\""));
        assert!(!text.contains("localhost"));
        let text = of_endpoint(Endpoint::DsManage, "http://127.0.0.1:8080").unwrap();
        assert!(text.contains("schemaLocation=\"http://127.0.0.1:8080/wsdl/v20/dbTypes.xsd\""));
        assert_eq!(file("../Cargo.toml", "http://x"), None);
    }

    #[test]
    fn a_host_is_looked_at() {
        let base = |host: &str| base(ConnectionScheme::Https, Some(&HeaderValue::from_str(host).unwrap()));
        assert_eq!(base("[::1]:8443").as_deref(), Some("https://[::1]:8443"));
        for wrong in ["", "a\"b", "a<b", "a/b", "a b", "a@b"] {
            assert_eq!(base(wrong), None, "{wrong}");
        }
    }
}
