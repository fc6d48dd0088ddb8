//! What a browser keeps of `Set-Cookie`, with the attributes, so that tests can judge them.

/// A cookie as the server set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// `Path`; `/` where none was given.
    pub path: String,
    /// `Domain`; a cookie of the host alone has none.
    pub domain: Option<String>,
    /// Out of reach of scripts.
    pub http_only: bool,
    /// Over TLS alone.
    pub secure: bool,
    /// `SameSite`, as written.
    pub same_site: Option<String>,
    /// `Max-Age` in seconds; without it and `Expires` the cookie ends with the browser.
    pub max_age: Option<i64>,
    /// `Expires`, as written.
    pub expires: Option<String>,
}

impl Cookie {
    /// Reads the value of a `Set-Cookie` header; `None` where it names no cookie.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let mut cookie = Self::new(name.trim(), value.trim());
        for part in parts {
            let (attribute, value) = part.split_once('=').unwrap_or((part, ""));
            match attribute.to_ascii_lowercase().as_str() {
                "path" => value.clone_into(&mut cookie.path),
                "domain" => cookie.domain = Some(value.to_owned()),
                "httponly" => cookie.http_only = true,
                "secure" => cookie.secure = true,
                "samesite" => cookie.same_site = Some(value.to_owned()),
                "max-age" => cookie.max_age = value.parse().ok(),
                "expires" => cookie.expires = Some(value.to_owned()),
                _ => {}
            }
        }
        (!cookie.name.is_empty()).then_some(cookie)
    }

    /// A cookie that somebody planted, without attributes.
    pub fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            path: "/".to_owned(),
            domain: None,
            http_only: false,
            secure: false,
            same_site: None,
            max_age: None,
            expires: None,
        }
    }

    /// Whether setting it takes it away.
    fn deletes(&self) -> bool {
        match self.max_age {
            Some(age) => age <= 0,
            None => self.expires.as_deref().is_some_and(|date| date.contains(" 1970 ")),
        }
    }

    fn covers(&self, path: &str) -> bool {
        let path = path.split(['?', '#']).next().unwrap_or("");
        path.strip_prefix(self.path.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}

/// The cookies of one browser.
#[derive(Debug, Clone, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

impl Jar {
    /// Keeps a cookie in place of one with the same name and path, or drops it when that is what it says.
    pub fn keep(&mut self, cookie: Cookie) {
        self.cookies
            .retain(|kept| kept.name != cookie.name || kept.path != cookie.path);
        if !cookie.deletes() {
            self.cookies.push(cookie);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// All that are kept.
    pub fn all(&self) -> &[Cookie] {
        &self.cookies
    }

    /// The one with this name.
    pub fn get(&self, name: &str) -> Option<&Cookie> {
        self.cookies.iter().find(|cookie| cookie.name == name)
    }

    /// The value of the header `Cookie` for a request; `None` where there is nothing to send.
    pub fn header(&self, path: &str, tls: bool) -> Option<String> {
        let sent: Vec<String> = self
            .cookies
            .iter()
            .filter(|cookie| cookie.covers(path) && (tls || !cookie.secure))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!sent.is_empty()).then(|| sent.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_attributes_and_sends_by_path_and_scheme() {
        let mut jar = Jar::default();
        jar.keep(Cookie::parse("session=abc; Path=/b; HttpOnly; SameSite=Lax; Secure; Max-Age=60").unwrap());
        jar.keep(Cookie::parse("language=cs").unwrap());
        let session = jar.get("session").unwrap();
        assert!(session.http_only && session.secure);
        assert_eq!(session.same_site.as_deref(), Some("Lax"));
        assert_eq!(jar.header("/b/x?y", true).as_deref(), Some("session=abc; language=cs"));
        assert_eq!(jar.header("/b", false).as_deref(), Some("language=cs"));
        assert_eq!(jar.header("/bc", true).as_deref(), Some("language=cs"));
        jar.keep(Cookie::parse("session=; Path=/b; Max-Age=0").unwrap());
        assert!(jar.get("session").is_none());
    }
}
