//! Attacks that are tried on every page and every form, whatever area they belong to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::harness::{Demo, DemoOptions, free_port, http};
use e2e::persona::{Letter, Persona};
use e2e::visitor::{Form, Page, Visitor};

/// Most addresses of one shape that are looked at.
const OF_ONE_SHAPE: usize = 2;
const LIMIT: Duration = Duration::from_secs(30);

/// A demo in which the boxes that are looked at have something in them.
fn demo() -> Demo {
    let demo = Demo::start().unwrap();
    for (from, to) in [("mesto01", "nvak22s"), ("novak01", "mesta2j"), ("kraj01", "mesta2j")] {
        let mut sender = Persona::new(demo.address(), from);
        sender.send(&Letter::new(to, "Ke kontrole stránek")).unwrap();
    }
    // Opened by other programs: pages with received messages can be reached by links alone.
    for login in ["novak01", "mesto01"] {
        Persona::new(demo.address(), login).list_received(10).unwrap();
    }
    demo
}

fn signed_in(demo: &Demo, login: &str) -> Visitor {
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in(login).unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    assert!(visitor.jar().get("isds_session").is_some(), "{page:?}");
    visitor
}

/// Every page that links lead to, from the first one on.
fn crawl(visitor: &mut Visitor, from: &str) -> Vec<Page> {
    let mut waiting = VecDeque::from([from.to_owned()]);
    let mut seen = BTreeSet::from([from.to_owned()]);
    let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let count = shapes.entry(shape(&path)).or_default();
        *count += 1;
        if *count > OF_ONE_SHAPE {
            continue;
        }
        let page = visitor.get(&path).unwrap();
        for (_, address) in page.links() {
            // Links to other hosts have no place here, but that is for another test to say.
            let Ok(path) = visitor.resolve(&page.path, &address) else {
                continue;
            };
            if seen.insert(path.clone()) {
                waiting.push_back(path);
            }
        }
        pages.push(page);
    }
    pages
}

/// The address without what differs between pages of one kind: numbers, ids of boxes, values in the query.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let part = |part: &str| {
        let varies = part.bytes().any(|b| b.is_ascii_digit()) || part.len() > 24;
        if varies { "*".to_owned() } else { part.to_owned() }
    };
    let path: Vec<String> = path.split('/').map(part).collect();
    let query: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", path.join("/"), query.join("&"))
}

fn is_html(page: &Page) -> bool {
    let kind = page.header("content-type");
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

/// What every page has to say to browsers, and must not hold.
fn judge(page: &Page, signed_in: bool) {
    let at = &page.path;
    assert!(page.status < 500, "{page:?}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{at}");
    if !is_html(page) {
        // Downloads, previews, pictures: never run as a page of ours.
        let kind = page.header("content-type").unwrap_or("");
        let policy = page.header("content-security-policy").unwrap_or("");
        let kept = page.header("content-disposition").unwrap_or("");
        assert!(
            policy.contains("sandbox") || policy.contains("default-src 'none'") || kept.starts_with("attachment"),
            "{at}: {kind}, {policy}, {kept}"
        );
        return;
    }
    let policy = page.header("content-security-policy").unwrap_or("");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{at}: no {part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{at}: {policy}");
    assert!(page.header("referrer-policy").is_some(), "{at}");
    if signed_in {
        assert_eq!(page.header("cache-control"), Some("no-store"), "{at}");
    }
    for header in ["server", "x-powered-by"] {
        assert_eq!(page.header(header), None, "{at}");
    }
    let source = page.source();
    assert!(
        !page.has("script:not([src])") && !page.has("style") && !page.has("[style]"),
        "{at}: {source}"
    );
    for handler in [
        "onclick", "onload", "onerror", "onsubmit", "onchange", "onfocus", "oninput",
    ] {
        assert!(!page.has(&format!("[{handler}]")), "{at}: {handler}");
    }
    let loaded = [
        ("script[src]", "src"),
        ("link[href]", "href"),
        ("img[src]", "src"),
        ("iframe[src]", "src"),
        ("form[action]", "action"),
    ];
    for (selector, attribute) in loaded {
        for address in page.attributes(selector, attribute) {
            let own = address.starts_with('/') && !address.starts_with("//");
            let inside = address.starts_with("data:image/") || address.starts_with('?') || address.is_empty();
            assert!(own || inside, "{at}: {selector} {address}");
        }
    }
    for (name, value) in &page.headers {
        if name == "set-cookie" {
            assert!(
                value.contains("HttpOnly") && value.contains("SameSite="),
                "{at}: {value}"
            );
        }
    }
    for form in page.forms().iter().filter(|form| form.method == "post") {
        assert!(
            form.names().contains(&"csrf"),
            "{at}: a form to {} without a token",
            form.action
        );
    }
}

#[test]
fn every_page_says_what_browsers_may_do_with_it() {
    let demo = demo();
    let mut looked_at = BTreeSet::new();
    for login in [
        None,
        Some("novak01"),
        Some("mesto01"),
        Some("firma02"),
        Some("advok01"),
        Some("spravce01"),
    ] {
        let mut visitor = Visitor::new(demo.address());
        if let Some(login) = login {
            visitor = signed_in(&demo, login);
        }
        for cookie in visitor.jar().all() {
            assert!(cookie.http_only, "{cookie:?}");
            assert!(
                matches!(cookie.same_site.as_deref(), Some("Lax" | "Strict")),
                "{cookie:?}"
            );
            assert!(!cookie.secure && cookie.domain.is_none(), "{cookie:?}");
        }
        let start = if login.is_some() { "/home" } else { "/" };
        let pages = crawl(&mut visitor, start);
        for page in &pages {
            if !page.path.starts_with("/wsdl/") {
                judge(page, login.is_some());
                assert!(page.status < 400, "{login:?}: a link leads to {page:?}");
            }
            looked_at.insert(shape(&page.path));
        }
    }
    println!("{} kinds of pages: {looked_at:#?}", looked_at.len());
    for needed in ["/?", "/verify?", "/sign-in?", "/home?", "/b/*/received?"] {
        assert!(looked_at.contains(needed), "{needed} was not reached: {looked_at:#?}");
    }
}

/// Every address that takes something else than GET, as the sources of the pages declare them.
fn declared_posts() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    let mut posts = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for declared in text.split(".route(").skip(1) {
            let mut quoted = declared.split('"');
            let (Some(before), Some(path)) = (quoted.next(), quoted.next()) else {
                continue;
            };
            let handlers: String = quoted.collect::<Vec<_>>().join("\"");
            let end = handlers.find(".route(").unwrap_or(handlers.len());
            let handlers = handlers[..end].split(".merge(").next().unwrap();
            let writes = ["post(", "put(", "delete(", "patch("]
                .iter()
                .any(|method| handlers.contains(method));
            if before.trim().is_empty() && path.starts_with('/') && writes {
                posts.insert(path.to_owned());
            }
        }
    }
    posts.into_iter().collect()
}

/// The address with something in place of its variables.
fn filled(path: &str, data_box: &str) -> String {
    let part = |part: &str| match part {
        "{box}" | "{box_id}" => data_box.to_owned(),
        _ if part.starts_with('{') => "1".to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn no_address_takes_what_another_site_sends() {
    let demo = demo();
    let posts = declared_posts();
    println!("{posts:#?}");
    assert!(
        posts.len() >= 5 && posts.iter().any(|path| path == "/sign-in"),
        "{posts:?}"
    );
    for (login, data_box) in [("novak01", "nvak22s"), ("spravce01", "nvak22s")] {
        let own = signed_in(&demo, login);
        for path in posts.iter().map(|path| filled(path, data_box)) {
            for (name, value) in [
                ("Sec-Fetch-Site", "cross-site"),
                ("Sec-Fetch-Site", "same-site"),
                ("Sec-Fetch-Site", "none"),
            ] {
                let page = own.clone().with_header(name, value).post(&path, &[("a", "b")]).unwrap();
                assert_eq!(page.status, 403, "{login} {path} {value}: {page:?}");
            }
            let old = own.clone().without_header("Sec-Fetch-Site");
            for origin in ["https://evil.example", "null", &own.origin().replace("http:", "https:")] {
                let page = old
                    .clone()
                    .with_header("Origin", origin)
                    .post(&path, &[("a", "b")])
                    .unwrap();
                assert_eq!(page.status, 403, "{login} {path} {origin}: {page:?}");
            }
            // Nobody says where it comes from, and the token is missing: refused all the same.
            let mut bare = old.without_header("Origin").without_redirects();
            for fields in [
                &[("a", "b")][..],
                &[("csrf", ""), ("a", "b")],
                &[("csrf", "00"), ("a", "b")],
            ] {
                let page = bare.post(&path, fields).unwrap();
                assert!((400..500).contains(&page.status), "{login} {path} {fields:?}: {page:?}");
            }
        }
    }
}

#[test]
fn no_form_of_any_page_works_without_its_token() {
    let demo = demo();
    let mut tried = BTreeSet::new();
    for login in ["novak01", "mesto01", "spravce01"] {
        let mut visitor = signed_in(&demo, login);
        for page in crawl(&mut visitor, "/home") {
            for form in page.forms().into_iter().filter(|form| form.method == "post") {
                if !tried.insert((login, shape(&form.action))) {
                    continue;
                }
                let mut thief = visitor.clone().without_redirects();
                for attempt in [
                    form.clone().without("csrf"),
                    form.clone().force("csrf", &"0".repeat(64)),
                ] {
                    refused(&mut thief, &attempt, &page);
                }
            }
        }
        // Signing out is one of the forms: none of them was carried out.
        assert_eq!(visitor.get("/home").unwrap().path, "/home", "{login}");
    }
    println!("{tried:#?}");
    assert!(tried.len() >= 6, "{tried:?}");
}

fn refused(visitor: &mut Visitor, form: &Form, page: &Page) {
    let answer = visitor.submit(form).unwrap();
    assert!(
        (400..500).contains(&answer.status),
        "a form of {} to {} was taken: {answer:?}",
        page.path,
        form.action
    );
}

#[test]
fn what_is_not_there_is_a_page_that_says_so() {
    let demo = Demo::start().unwrap();
    for login in [None, Some("novak01")] {
        let mut visitor = login.map_or_else(|| Visitor::new(demo.address()), |login| signed_in(&demo, login));
        for path in [
            "/nothing/here",
            "/b",
            "/b/nothing",
            "/index.php",
            "/.git/config",
            "/b/nvak22s/nothing",
            "/%00",
            "/%ff%fe",
            "/..%2f..%2fetc%2fpasswd",
            "/a%0d%0aSet-Cookie:%20a=b",
            "/<script>alert(1)</script>",
        ] {
            let page = visitor.get(path).unwrap();
            assert!(
                (400..500).contains(&page.status) || page.path.starts_with("/sign-in"),
                "{path}: {page:?}"
            );
            assert!(!page.source().contains("<script>alert"), "{path}: {}", page.source());
            assert!(
                page.headers.iter().all(|(_, value)| !value.starts_with("a=b")),
                "{path}"
            );
            if page.status == 404 && is_html(&page) {
                judge(&page, login.is_some());
                assert!(page.says("Stránka tu není"), "{path}: {page:?}");
            }
        }
        let page = visitor.get("/nothing/here").unwrap();
        assert!(page.status == 404 && page.says("Stránka tu není"), "{page:?}");
        let page = visitor.clone().english().get("/nothing/here").unwrap();
        assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
        for method in ["DELETE", "PUT", "PATCH", "TRACE", "OPTIONS", "PROPFIND"] {
            for path in ["/", "/verify", "/sign-in", "/home"] {
                let page = visitor.request(method, path, None, b"").unwrap();
                assert!((400..500).contains(&page.status), "{method} {path}: {page:?}");
            }
        }
    }
}

#[test]
fn assets_lead_nowhere_else() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.get("/").unwrap();
    let style = page.attribute("link[rel=stylesheet]", "href").unwrap();
    let answer = visitor.get(&style).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(answer.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let folder = &style[..style.rfind('/').unwrap()];
    for path in [
        "/../../Cargo.toml",
        "/%2e%2e/%2e%2e/Cargo.toml",
        "/..%2f..%2fCargo.toml",
        "/....//....//etc/passwd",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/js/../../../../etc/passwd",
        "/site.css%00.js",
        "/",
        "",
    ] {
        let answer = visitor.get(&format!("{folder}{path}")).unwrap();
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            !answer.source().contains("[workspace]") && !answer.source().contains("root:"),
            "{path}"
        );
    }
}

#[test]
fn a_foreign_host_name_leads_nobody_astray() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address()).without_redirects();
    for host in [
        "evil.example",
        "evil.example:80",
        "localhost\"><script>alert(1)</script>",
        "a b",
        "",
        &"a".repeat(5000),
    ] {
        let mut lured = visitor.clone().with_header("Host", host);
        for path in ["/", "/sign-in", "/verify", "/home", "/sign-in?next=/home"] {
            let page = lured.get(path).unwrap();
            assert!(page.status < 500, "{host} {path}: {page:?}");
            assert!(
                !page.source().contains("<script>alert"),
                "{host} {path}: {}",
                page.source()
            );
            if let Some(location) = page.header("location") {
                assert!(
                    location.starts_with('/') && !location.starts_with("//"),
                    "{host} {path}: {location}"
                );
            }
            for (selector, attribute) in [
                ("link[href]", "href"),
                ("script[src]", "src"),
                ("form[action]", "action"),
            ] {
                let addresses = page.attributes(selector, attribute);
                assert!(
                    addresses.iter().all(|address| !address.contains("evil")),
                    "{addresses:?}"
                );
            }
        }
    }
    let page = visitor
        .clone()
        .with_header("X-Forwarded-Host", "evil.example")
        .get("/")
        .unwrap();
    assert!(!page.says("evil.example"), "{page:?}");
    // Who names another host than the origin is not of this site.
    let form = visitor
        .get("/sign-in")
        .unwrap()
        .form("input[autocomplete~=\"current-password\"]")
        .unwrap();
    let mut lured = visitor
        .clone()
        .without_header("Sec-Fetch-Site")
        .with_header("Host", "evil.example");
    assert_eq!(lured.submit(&form).unwrap().status, 403);
}

#[test]
fn long_addresses_and_fields_are_refused_and_the_server_goes_on() {
    let demo = Demo::start().unwrap();
    let mut visitor = signed_in(&demo, "novak01");
    for path in [
        format!("/{}", "a".repeat(60_000)),
        format!("/{}", "a".repeat(200_000)),
        format!("/?{}", "a=b&".repeat(20_000)),
        format!("/{}", "../".repeat(20_000)),
        format!("/b/{}/received", "1".repeat(20_000)),
        format!("/b/nvak22s/received?q={}", "ž".repeat(6000)),
    ] {
        let begin = &path[..20];
        match visitor.get(&path) {
            Ok(page) => assert!(page.status < 500, "{begin}: {}", page.status),
            // The header did not fit: an answer need not arrive whole.
            Err(error) => println!("{begin}: {error}"),
        }
    }
    let mut many = visitor.clone();
    for n in 0..200 {
        many = many.with_header(&format!("X-Vzor-{n}"), "x");
    }
    if let Ok(page) = many.get("/") {
        assert!(page.status < 500, "{}", page.status);
    }
    let page = visitor.get("/sign-in").unwrap();
    let token = page
        .field("csrf")
        .or_else(|| page.attribute("meta[name=csrf]", "content"))
        .unwrap();
    let long = "x".repeat(2 << 20);
    for path in ["/sign-in", "/preferences", "/sign-out"] {
        let page = visitor.post(path, &[("csrf", &token), ("next", &long)]).unwrap();
        assert_eq!(page.status, 413, "{path}: {}", page.status);
        judge(&page, false);
    }
    let fields: Vec<(String, String)> = (0..5000).map(|n| (format!("f{n}"), String::new())).collect();
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push(("csrf", &token));
    fields.push(("language", "en"));
    let page = visitor
        .clone()
        .without_redirects()
        .post("/preferences", &fields)
        .unwrap();
    assert!(page.status < 500, "{}", page.status);
    assert_eq!(http::get(demo.address(), "/health/ready", LIMIT).unwrap().status, 200);
    assert_eq!(visitor.get("/home").unwrap().path, "/home");
}

#[test]
fn nobody_is_led_to_another_site() {
    let demo = Demo::start().unwrap();
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aLocation:%20https://evil.example",
        "http:evil.example",
    ] {
        let mut visitor = Visitor::new(demo.address()).without_redirects();
        let page = visitor.get(&format!("/sign-in?next={next}")).unwrap();
        let form = page.form("input[autocomplete~=\"current-password\"]").unwrap();
        let name = |kind: &str| {
            page.attribute(&format!("input[autocomplete~=\"{kind}\"]"), "name")
                .unwrap()
        };
        let form = form
            .fill(&name("username"), "novak01")
            .fill(&name("current-password"), "DemoHeslo2026");
        for form in [form.clone(), form.force("next", next)] {
            let page = visitor.clone().submit(&form).unwrap();
            let location = page.header("location").unwrap_or("/");
            assert!(page.status < 400, "{next}: {page:?}");
            assert!(
                visitor.resolve("/", location).is_ok() && !location.contains("evil.example/"),
                "{next}: {location}"
            );
            assert!(
                !location.starts_with("//") && !location.contains('\\'),
                "{next}: {location}"
            );
        }
        let token = page.field("csrf").unwrap();
        let page = visitor
            .post("/preferences", &[("csrf", &token), ("language", "en"), ("next", next)])
            .unwrap();
        let location = page.header("location").unwrap();
        assert!(visitor.resolve("/", location).is_ok(), "{next}: {location}");
    }
}

#[test]
fn cookies_are_secure_under_tls() {
    let port = free_port().unwrap();
    let tls = SocketAddr::from(([127, 0, 0, 1], port));
    let options = DemoOptions::default();
    let demo = options
        .argument("--tls")
        .argument(tls.to_string())
        .argument("--host")
        .argument("schranky.test")
        .start()
        .unwrap();
    let mut visitor = Visitor::over_tls(tls, "schranky.test", &demo.ca());
    let page = visitor.sign_in("novak01").unwrap();
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.header("strict-transport-security").is_some());
    let cookies = visitor.jar().all();
    assert!(
        cookies.iter().any(|cookie| cookie.name.contains("session")),
        "{cookies:?}"
    );
    for cookie in cookies {
        assert!(
            cookie.secure && cookie.http_only && cookie.same_site.is_some(),
            "{cookie:?}"
        );
    }
    let page = visitor.get("/").unwrap();
    assert!(page.says(&format!("https://schranky.test:{port}/DS/dz")), "{page:?}");
    assert!(!page.source().contains("http://schranky"), "{}", page.source());
}
