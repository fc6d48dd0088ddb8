//! Signing in, sessions, the account chooser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;

use e2e::harness::{Demo, DemoOptions, free_port, http};
use e2e::persona::{DEMO_PASSWORD, Persona, operation_body};
use e2e::visitor::{Cookie, Page, Visitor};
use sqlx::{Connection, SqliteConnection};

const SESSION: &str = "isds_session";

/// The code of a secret, so many steps of 30 seconds away from now.
#[expect(
    clippy::disallowed_methods,
    reason = "the server takes codes by the real time of this machine"
)]
fn code(secret: &str, steps: i64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(now.as_secs().saturating_add_signed(30 * steps))
        .to_string()
}

/// Switches one-time codes on; answers the secret and the recovery codes. The code of the step before now is used up.
fn with_codes(visitor: &mut Visitor) -> (String, Vec<String>) {
    let page = visitor.get("/settings/sign-in/codes").unwrap();
    let secret: String = page.text(".sign-in-secret").unwrap().split_whitespace().collect();
    let form = page.form("input[name=code]").unwrap().fill("code", &code(&secret, -1));
    let page = visitor.submit(&form).unwrap();
    let recovery = page.texts(".sign-in-recovery code");
    assert_eq!(recovery.len(), 10, "{page:?}");
    (secret, recovery)
}

/// Name and password of somebody who is then asked for a code.
fn first_step(demo: &Demo, login: &str) -> (Visitor, Page) {
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in(login).unwrap();
    assert!(page.has("input[autocomplete='one-time-code']"), "{page:?}");
    assert!(visitor.jar().get(SESSION).is_none(), "the password alone opens nothing");
    (visitor, page)
}

fn show_code(visitor: &mut Visitor, page: &Page, code: &str) -> Page {
    let form = page.form("input[name=code]").unwrap().fill("code", code);
    visitor.submit(&form).unwrap()
}

fn is_in(visitor: &mut Visitor) -> bool {
    let page = visitor.clone().without_redirects().get("/settings/sessions").unwrap();
    page.status == 200
}

#[test]
fn one_person_chooses_among_their_boxes_and_switches() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in("advok01").unwrap();
    assert_eq!(page.path, "/boxes");
    for words in [
        "advka2c",
        "maria2f",
        "Oprávněná osoba",
        "Fyzická osoba",
        "dvora01",
        "advok01",
    ] {
        assert!(page.says(words), "{words}: {page:?}");
    }
    assert!(page.links().iter().any(|(_, to)| to == "/b/advka2c/received"));
    assert!(page.links().iter().any(|(_, to)| to == "/b/maria2f/received"));
    assert!(page.links().iter().any(|(_, to)| to == "/all/received"));
    // Somebody with one box is not asked.
    let mut other = Visitor::new(demo.address());
    assert_ne!(other.sign_in("novak01").unwrap().path, "/boxes");
    assert!(!other.get("/boxes").unwrap().says("maria2f"));
}

#[test]
fn a_session_is_always_a_new_one() {
    let demo = Demo::start().unwrap();
    let planted = "ab".repeat(32);
    let mut victim = Visitor::new(demo.address());
    victim.jar_mut().keep(Cookie::new(SESSION, &planted));
    victim.sign_in("novak01").unwrap();
    let own = victim.jar().get(SESSION).unwrap().value.clone();
    assert_ne!(own, planted);
    let mut attacker = Visitor::new(demo.address());
    attacker.jar_mut().keep(Cookie::new(SESSION, &planted));
    assert!(!is_in(&mut attacker), "what was planted leads nowhere");
    // Signing in again: another token, and the one from before is worth nothing.
    let mut thief = victim.clone();
    assert!(is_in(&mut thief));
    victim.sign_in("novak01").unwrap();
    assert_ne!(victim.jar().get(SESSION).unwrap().value, own);
    assert!(!is_in(&mut thief) && is_in(&mut victim));
}

#[test]
fn signing_in_leads_to_own_pages_only() {
    let demo = Demo::start().unwrap();
    for next in [
        "//example.org/",
        "/\\example.org",
        "https://example.org/",
        "/%09/example.org\t",
        "\u{9}//example.org",
        "javascript:alert(1)",
        "/\n/example.org",
        "example.org",
    ] {
        let mut visitor = Visitor::new(demo.address());
        let page = visitor.get("/sign-in").unwrap();
        let form = page
            .form("input[autocomplete~=current-password]")
            .unwrap()
            .fill("login", "novak01")
            .fill("password", DEMO_PASSWORD)
            .force("next", next);
        let answer = visitor.without_redirects().submit(&form).unwrap();
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/home")),
            "{next:?}"
        );
    }
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.get("/settings/sessions").unwrap();
    assert!(page.path.starts_with("/sign-in?next="), "{page:?}");
    let form = page
        .form("input[autocomplete~=current-password]")
        .unwrap()
        .fill("login", "novak01")
        .fill("password", DEMO_PASSWORD);
    assert_eq!(
        visitor.submit(&form).unwrap().path,
        "/settings/sessions",
        "where they wanted to go"
    );
}

#[test]
fn names_cannot_be_found_out() {
    let demo = Demo::start().unwrap();
    let told = |login: &str| {
        let mut visitor = Visitor::new(demo.address());
        let page = visitor.sign_in_with(login, "SpatneHeslo2026").unwrap();
        assert!(visitor.jar().get(SESSION).is_none());
        (page.status, page.words().replace(login, ""))
    };
    assert_eq!(told("novak01"), told("nikdo99"));
}

#[test]
fn guessing_is_slowed_per_account() {
    let demo = Demo::start().unwrap();
    for login in ["novak01", "nikdo99"] {
        for attempt in 1..=4 {
            let page = Visitor::new(demo.address())
                .sign_in_with(login, "SpatneHeslo2026")
                .unwrap();
            assert!(page.says("Jméno nebo heslo nesouhlasí"), "{login} {attempt}: {page:?}");
        }
        for password in ["SpatneHeslo2026", DEMO_PASSWORD] {
            let mut visitor = Visitor::new(demo.address());
            let page = visitor.sign_in_with(login, password).unwrap();
            assert!(
                page.says("přihlášení pozastaveno do") && page.has("time"),
                "{login}: {page:?}"
            );
            assert!(visitor.jar().get(SESSION).is_none());
            assert_eq!(page.field("login").as_deref(), Some(login), "what was typed is there");
        }
    }
    // Others come in.
    let mut other = Visitor::new(demo.address());
    other.sign_in("firma01").unwrap();
    assert!(is_in(&mut other));
}

#[test]
fn guessing_is_slowed_per_address() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    for attempt in 0..50 {
        let page = visitor
            .sign_in_with(&format!("nikdo{attempt}"), "SpatneHeslo2026")
            .unwrap();
        assert!(page.status < 500, "{page:?}");
    }
    let page = visitor.sign_in("novak01").unwrap();
    assert!(page.says("Z vaší adresy přišlo příliš mnoho"), "{page:?}");
    assert!(visitor.jar().get(SESSION).is_none());
}

#[test]
fn codes_are_asked_for_and_taken_once() {
    let demo = Demo::start().unwrap();
    let mut owner = Visitor::new(demo.address());
    owner.sign_in("novak01").unwrap();
    let (secret, recovery) = with_codes(&mut owner);

    let (mut visitor, page) = first_step(&demo, "novak01");
    assert!(!is_in(&mut visitor));
    let used_up = show_code(&mut visitor, &page, &code(&secret, -1));
    assert!(
        used_up.says("Kód nesouhlasí"),
        "the code that switched them on: {used_up:?}"
    );
    let now = code(&secret, 0);
    show_code(&mut visitor, &page, &now);
    assert!(is_in(&mut visitor));

    let (mut replay, page) = first_step(&demo, "novak01");
    assert!(
        show_code(&mut replay, &page, &now).says("Kód nesouhlasí"),
        "a replayed code"
    );
    show_code(&mut replay, &page, &recovery[0]);
    assert!(is_in(&mut replay), "a recovery code");
    let (mut again, page) = first_step(&demo, "novak01");
    assert!(
        show_code(&mut again, &page, &recovery[0]).says("Kód nesouhlasí"),
        "it serves once"
    );
    // The step belongs to the browser in which the password was given.
    let mut other = Visitor::new(demo.address());
    let token = page.field("csrf").unwrap();
    let fields = [("csrf", token.as_str()), ("code", recovery[1].as_str())];
    let page = other.post("/sign-in/code", &fields).unwrap();
    assert!(page.status == 400 || page.status == 409, "{page:?}");
    assert!(!is_in(&mut other));
    // Signing in over SOAP stays as the contract has it.
    Persona::new(demo.address(), "novak01").list_sent(1).unwrap();
}

#[test]
fn wrong_codes_lock_although_the_password_is_right_each_time() {
    let demo = Demo::start().unwrap();
    let mut owner = Visitor::new(demo.address());
    owner.sign_in("novak01").unwrap();
    let (secret, _) = with_codes(&mut owner);
    let right = code(&secret, 0);
    let wrong = if right == "000000" { "111111" } else { "000000" };
    for attempt in 1..=4 {
        let (mut visitor, page) = first_step(&demo, "novak01");
        let page = show_code(&mut visitor, &page, wrong);
        assert!(page.says("Kód nesouhlasí"), "{attempt}: {page:?}");
    }
    let (mut visitor, page) = first_step(&demo, "novak01");
    for code in [wrong, &code(&secret, 0)] {
        let page = show_code(&mut visitor, &page, code);
        assert!(page.says("přihlášení pozastaveno do"), "{page:?}");
    }
    assert!(!is_in(&mut visitor));
    assert!(is_in(&mut owner), "who is in stays in");
}

#[test]
fn signing_out_everywhere_ends_the_others() {
    let demo = Demo::start().unwrap();
    let mut browsers: Vec<Visitor> = (0..4).map(|_| Visitor::new(demo.address())).collect();
    for browser in &mut browsers {
        browser.sign_in("novak01").unwrap();
    }
    let mut stranger = Visitor::new(demo.address());
    stranger.sign_in("firma01").unwrap();
    let [first, second, third, fourth] = &mut browsers[..] else {
        unreachable!("four")
    };
    let page = first.get("/settings/sessions").unwrap();
    assert_eq!(page.texts("tbody tr").len(), 4, "one's own alone: {page:?}");
    assert_eq!(page.texts("tbody .gov-tag"), ["toto zařízení"]);
    assert!(page.says("127.0.0.1") && page.says("heslem"));

    // One of them.
    let ended = page.form("form[action='/settings/sessions/end']").unwrap();
    let id = ended.value("id").unwrap().to_owned();
    first.submit(&ended).unwrap();
    assert_eq!(first.get("/settings/sessions").unwrap().texts("tbody tr").len(), 3);
    // Nobody ends another's by its name.
    let own = stranger.get("/settings/sessions").unwrap();
    let left = first.get("/settings/sessions").unwrap();
    let name = left
        .attribute("form[action='/settings/sessions/end'] input[name=id]", "value")
        .unwrap();
    let forged = own
        .form("form[action='/settings/sessions/end-all']")
        .unwrap()
        .to("/settings/sessions/end")
        .force("id", &name);
    stranger.submit(&forged).unwrap();
    assert_ne!(id, name);
    assert_eq!(first.get("/settings/sessions").unwrap().texts("tbody tr").len(), 3);

    let page = first.get("/settings/sessions").unwrap();
    first.submit(&page.form("Odhlásit všude jinde").unwrap()).unwrap();
    assert!(is_in(first) && !is_in(second) && !is_in(third) && !is_in(fourth));
    assert!(is_in(&mut stranger));
    second.sign_in("novak01").unwrap();
    let page = first.get("/settings/sessions").unwrap();
    first.submit(&page.form("Odhlásit všude").unwrap()).unwrap();
    assert!(!is_in(first) && !is_in(second));

    // Signing out ends the session itself, not only the cookie.
    third.sign_in("novak01").unwrap();
    let mut copied = third.clone();
    let page = third.get("/settings/sessions").unwrap();
    third.submit(&page.form("form[action='/sign-out']").unwrap()).unwrap();
    assert!(third.jar().get(SESSION).is_none());
    assert!(!is_in(&mut copied), "a copied cookie");
}

/// Every form of this area, sent without its token, with another's, and from another site: nothing happens.
#[test]
fn forms_of_other_sites_are_refused() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in("novak01").unwrap();
    let mut stranger = Visitor::new(demo.address());
    stranger.sign_in("firma01").unwrap();
    let foreign = stranger.get("/settings/sessions").unwrap().field("csrf").unwrap();
    let own = visitor.get("/settings/sessions").unwrap().field("csrf").unwrap();
    let paths = [
        "/sign-in",
        "/sign-in/code",
        "/sign-in/passkey",
        "/sign-in/passkey/options",
        "/sign-in/password",
        "/sign-out",
        "/boxes/activate",
        "/settings/sign-in/prove",
        "/settings/sign-in/password",
        "/settings/sign-in/expiry",
        "/settings/sign-in/passkeys",
        "/settings/sign-in/passkeys/options",
        "/settings/sign-in/passkeys/rename",
        "/settings/sign-in/passkeys/remove",
        "/settings/sign-in/codes",
        "/settings/sign-in/codes/abandon",
        "/settings/sign-in/codes/recovery",
        "/settings/sign-in/codes/off",
        "/settings/sessions/end",
        "/settings/sessions/end-all",
    ];
    for path in paths {
        let fields = [
            ("which", "all"),
            ("login", "novak01"),
            ("expires", "true"),
            ("id", "1"),
            ("box", "nvak22s"),
        ];
        let status = |visitor: &mut Visitor, token: Option<&str>| {
            let mut fields = fields.to_vec();
            fields.extend(token.map(|token| ("csrf", token)));
            visitor.post(path, &fields).unwrap().status
        };
        assert_eq!(status(&mut visitor, None), 409, "{path} without a token");
        assert_eq!(status(&mut visitor, Some(&foreign)), 409, "{path} with another's token");
        for site in ["cross-site", "same-site"] {
            let mut framed = visitor.clone().with_header("Sec-Fetch-Site", site);
            assert_eq!(status(&mut framed, Some(&own)), 403, "{path} from {site}");
        }
        let mut old = visitor
            .clone()
            .without_header("Sec-Fetch-Site")
            .with_header("Origin", "https://example.org");
        assert_eq!(
            status(&mut old, Some(&own)),
            403,
            "{path} from an old browser at another site"
        );
    }
    assert!(is_in(&mut visitor) && is_in(&mut stranger));
}

#[test]
fn cookies_are_kept_from_scripts_and_other_sites() {
    let tls = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let demo = DemoOptions::default()
        .argument("--tls")
        .argument(tls.to_string())
        .argument("--host")
        .argument("www.czebox.cz")
        .start()
        .unwrap();
    let mut plain = Visitor::new(demo.address());
    let mut secure = Visitor::over_tls(tls, "www.czebox.cz", &demo.ca());
    for (visitor, is_secure) in [(&mut plain, false), (&mut secure, true)] {
        visitor.sign_in("novak01").unwrap();
        assert!(is_in(visitor));
        with_codes(visitor);
        let page = visitor.get("/settings/sign-in").unwrap();
        visitor.submit(&page.form("Vypnout kódy").unwrap()).unwrap();
        assert!(visitor.jar().all().len() >= 2);
        for cookie in visitor.jar().all() {
            assert!(cookie.http_only, "{cookie:?}");
            assert_eq!(cookie.same_site.as_deref(), Some("Lax"), "{cookie:?}");
            assert_eq!(
                (cookie.secure, cookie.domain.as_deref()),
                (is_secure, None),
                "{cookie:?}"
            );
        }
        let session = visitor.jar().get(SESSION).unwrap();
        assert_eq!(
            (session.max_age, session.expires.as_deref()),
            (None, None),
            "goes with the browser"
        );
    }
    let page = secure.get("/settings/sessions").unwrap();
    assert!(page.header("strict-transport-security").is_some());
    assert_eq!(page.header("cache-control"), Some("no-store"));
}

#[test]
fn the_step_cookie_is_kept_from_scripts_too() {
    let demo = Demo::start().unwrap();
    let mut owner = Visitor::new(demo.address());
    owner.sign_in("novak01").unwrap();
    with_codes(&mut owner);
    let (visitor, _) = first_step(&demo, "novak01");
    let step = visitor.jar().get("isds_step").unwrap();
    assert!(step.http_only && step.same_site.as_deref() == Some("Lax"), "{step:?}");
}

#[test]
fn a_password_is_changed_by_its_owner() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in("novak01").unwrap();
    let mut elsewhere = Visitor::new(demo.address());
    elsewhere.sign_in("novak01").unwrap();
    let page = visitor.get("/settings/sign-in/password").unwrap();
    let filled = |old: &str, new: &str, again: &str| {
        let form = page.form("input[name=old]").unwrap();
        form.fill("old", old).fill("new", new).fill("again", again)
    };
    for (form, says) in [
        (
            filled("Spatne2026", "NoveHeslo2027", "NoveHeslo2027"),
            "Zadané staré heslo není aktuálně platné",
        ),
        (
            filled(DEMO_PASSWORD, "NoveHeslo2027", "JineHeslo2027"),
            "Hesla se neshodují",
        ),
        (
            filled(DEMO_PASSWORD, "kratke", "kratke"),
            "Délka hesla musí být mezi 8 a 64 znaky",
        ),
        (
            filled(DEMO_PASSWORD, DEMO_PASSWORD, DEMO_PASSWORD),
            "Nové heslo nesmí být stejné jako staré",
        ),
        (
            filled(DEMO_PASSWORD, "NoveHeslo2027", "NoveHeslo2027").force("login", "firma01"),
            "Nemáte právo provést tuto akci",
        ),
    ] {
        let page = visitor.submit(&form).unwrap();
        assert!(page.says(says), "{says}: {page:?}");
        assert!(!page.source().contains("NoveHeslo2027"), "a password is not sent back");
    }
    let page = visitor
        .submit(&filled(DEMO_PASSWORD, "NoveHeslo2027", "NoveHeslo2027"))
        .unwrap();
    assert_eq!(page.path, "/settings/sign-in");
    assert!(
        is_in(&mut visitor) && !is_in(&mut elsewhere),
        "what the old one opened is over"
    );
    let mut back = Visitor::new(demo.address());
    back.sign_in("novak01").unwrap();
    assert!(!is_in(&mut back), "the old one");
    back.sign_in_with("novak01", "NoveHeslo2027").unwrap();
    assert!(is_in(&mut back));
}

/// Options for a passkey look alike for a name that has none and for one that nobody has, and stay the same.
#[test]
fn passkeys_tell_nothing_about_names() {
    let demo = Demo::start().unwrap();
    let asked = |login: &str| {
        // Passkeys go by the name of the host.
        let port = demo.address().port();
        let mut visitor = Visitor::new(demo.address())
            .with_header("Host", &format!("localhost:{port}"))
            .with_header("Origin", &format!("http://localhost:{port}"));
        let page = visitor.get("/sign-in/passkey").unwrap();
        let token = page.field("csrf").unwrap();
        let options = visitor
            .post(
                "/sign-in/passkey/options",
                &[("csrf", token.as_str()), ("login", login)],
            )
            .unwrap();
        assert_eq!(options.status, 200, "{options:?}");
        let source = options.source();
        let allowed = source.split("\"allowCredentials\":").nth(1).unwrap();
        allowed.split(']').next().unwrap().to_owned()
    };
    for login in ["novak01", "nikdo99", "firma01", "nikdo98", "mesto01", "nikdo97"] {
        assert!(asked(login).contains("\"id\":"), "{login}");
        assert_eq!(asked(login), asked(login), "{login}");
    }
    assert_ne!(asked("novak01"), asked("nikdo99"));
    assert!(!asked("").contains("\"id\":"), "without a name nothing is named");
}

#[test]
fn a_host_that_is_not_ours_gets_no_passkeys() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.get("/sign-in/passkey").unwrap();
    let port = demo.address().port();
    assert!(
        page.says(&format!("http://localhost:{port}/sign-in/passkey")),
        "{page:?}"
    );
    let mut forged = Visitor::new(demo.address())
        .with_header("Host", "example.org")
        .with_header("Origin", "http://example.org");
    let page = forged.get("/sign-in").unwrap();
    let token = page.field("csrf").unwrap();
    let options = forged
        .post("/sign-in/passkey/options", &[("csrf", token.as_str())])
        .unwrap();
    assert_eq!(options.status, 404, "{options:?}");
}

#[test]
fn broken_answers_of_devices_are_refused() {
    let demo = Demo::start().unwrap();
    let port = demo.address().port();
    let mut visitor = Visitor::new(demo.address())
        .with_header("Host", &format!("localhost:{port}"))
        .with_header("Origin", &format!("http://localhost:{port}"));
    let page = visitor.get("/sign-in/passkey").unwrap();
    let token = page.field("csrf").unwrap();
    let long = format!("{{\"id\":\"{}\"}}", "A".repeat(100_000));
    let shaped = "{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"response\":{\"authenticatorData\":\"AAAA\",\
                  \"clientDataJSON\":\"AAAA\",\"signature\":\"AAAA\"},\"clientExtensionResults\":{}}";
    for credential in ["", "{}", "[", "null", &long, shaped] {
        visitor
            .post("/sign-in/passkey/options", &[("csrf", token.as_str())])
            .unwrap();
        let fields = [("csrf", token.as_str()), ("credential", credential)];
        let page = visitor.post("/sign-in/passkey", &fields).unwrap();
        assert!(
            page.status == 200 && page.says("Tímto klíčem se nelze přihlásit"),
            "{page:?}"
        );
        let again = visitor.post("/sign-in/passkey", &fields).unwrap();
        assert!(again.status == 200, "{again:?}");
    }
    assert!(!is_in(&mut visitor));
}

/// A visitor under the name by which passkeys go.
fn under_its_name(demo: &Demo) -> Visitor {
    let port = demo.address().port();
    Visitor::new(demo.address())
        .with_header("Host", &format!("localhost:{port}"))
        .with_header("Origin", &format!("http://localhost:{port}"))
}

#[test]
fn one_address_asks_for_passkeys_now_and_then_and_no_more() {
    let demo = Demo::start().unwrap();
    let mut visitor = under_its_name(&demo);
    let page = visitor.get("/sign-in/passkey").unwrap();
    let token = page.field("csrf").unwrap();
    let begun = std::time::Instant::now();
    let mut asked = 0;
    let refused = loop {
        let answer = visitor
            .post("/sign-in/passkey/options", &[("csrf", token.as_str())])
            .unwrap();
        if answer.status != 200 {
            break answer;
        }
        asked += 1;
        assert!(asked <= 60, "more than sixty in {:?}", begun.elapsed());
    };
    assert_eq!((asked, refused.status), (60, 429), "{refused:?}");
    assert!(refused.header("retry-after").is_some());
    // The pages themselves are there, and so is the password.
    visitor.sign_in("novak01").unwrap();
    assert!(is_in(&mut visitor));
}

#[test]
fn who_has_very_many_sessions_loses_the_oldest() {
    let demo = Demo::start().unwrap();
    let mut first = Visitor::new(demo.address());
    first.sign_in("novak01").unwrap();
    let mut second = Visitor::new(demo.address());
    second.sign_in("novak01").unwrap();
    for _ in 0..49 {
        Visitor::new(demo.address()).sign_in("novak01").unwrap();
    }
    assert!(!is_in(&mut first));
    assert!(is_in(&mut second));
    let page = second.get("/settings/sessions").unwrap();
    assert_eq!(page.texts("tbody tr").len(), 50, "{page:?}");
    // Others have their own.
    let mut other = Visitor::new(demo.address());
    other.sign_in("firma01").unwrap();
    assert!(is_in(&mut other));
}

#[test]
fn behind_a_trusted_proxy_each_client_has_its_own_address() {
    let demo = DemoOptions::default()
        .argument("--trusted-proxy")
        .argument("127.0.0.0/8")
        .start()
        .unwrap();
    let from = |forwarded: &str| Visitor::new(demo.address()).with_header("X-Forwarded-For", forwarded);
    for attempt in 0..50 {
        // What the client writes itself stands before what the proxy adds, and helps nobody.
        let page = from(&format!("198.51.100.{attempt}, 192.0.2.7"))
            .sign_in_with(&format!("nikdo{attempt}"), "SpatneHeslo2026")
            .unwrap();
        assert!(page.status < 500, "{page:?}");
    }
    for guesser in ["192.0.2.7", "192.0.2.7:4711", "127.0.0.1, 192.0.2.7, 127.0.0.9"] {
        let page = from(guesser).sign_in("novak01").unwrap();
        assert!(page.says("Z vaší adresy přišlo příliš mnoho"), "{guesser}: {page:?}");
    }
    let page = from("192.0.2.8").sign_in("novak01").unwrap();
    assert!(!page.says("Z vaší adresy"), "{page:?}");
    let mut seen = from("2001:db8::8");
    seen.sign_in("novak01").unwrap();
    let page = seen.get("/settings/sessions").unwrap();
    for address in ["192.0.2.8", "2001:db8::8"] {
        assert!(page.says(address), "{address}: {page:?}");
    }
    assert!(!page.says("127.0.0.1"), "{page:?}");
    // Applications are told apart as well.
    let soap = |forwarded: &str| {
        let headers = [
            // kraj01, whose password nobody has shown yet: one that was right a moment ago is not looked at again.
            ("Authorization", "Basic a3JhajAxOkRlbW9IZXNsbzIwMjY="),
            ("Content-Type", "text/xml"),
            ("X-Forwarded-For", forwarded),
        ];
        let limit = std::time::Duration::from_secs(20);
        let body = operation_body("GetOwnerInfoFromLogin2", "<dbDummy/>");
        http::post(demo.address(), "/DS/DsManage", &headers, &body, limit)
            .unwrap()
            .status
    };
    assert_eq!(soap("192.0.2.7"), 401);
    assert_eq!(soap("192.0.2.8"), 200);
    // The test clock is for this machine alone, also through the proxy.
    let page = from("192.0.2.8").get("/test/clock").unwrap();
    assert_eq!(page.status, 403, "{page:?}");
}

#[test]
fn the_proxy_says_whether_the_client_speaks_tls() {
    let proxied = DemoOptions::default()
        .argument("--trusted-proxy")
        .argument("127.0.0.1")
        .start()
        .unwrap();
    let direct = Demo::start().unwrap();
    for (demo, secure) in [(&proxied, true), (&direct, false)] {
        let mut visitor = Visitor::new(demo.address())
            .with_header("X-Forwarded-Proto", "https")
            .with_header("X-Forwarded-For", "192.0.2.8");
        let page = visitor.get("/sign-in").unwrap();
        assert_eq!(page.header("strict-transport-security").is_some(), secure);
        assert!(visitor.jar().all().iter().all(|cookie| cookie.secure == secure));
    }
}

/// Without trusted proxies nobody says for whom they call: guesses count for the connection.
#[test]
fn strangers_do_not_choose_their_address() {
    let demo = Demo::start().unwrap();
    for attempt in 0..50 {
        let page = Visitor::new(demo.address())
            .with_header("X-Forwarded-For", &format!("192.0.2.{attempt}"))
            .with_header("Forwarded", &format!("for=192.0.2.{attempt}"))
            .with_header("X-Real-IP", &format!("192.0.2.{attempt}"))
            .sign_in_with(&format!("nikdo{attempt}"), "SpatneHeslo2026")
            .unwrap();
        assert!(page.status < 500, "{page:?}");
    }
    let mut visitor = Visitor::new(demo.address()).with_header("X-Forwarded-For", "192.0.2.99");
    let page = visitor.sign_in("novak01").unwrap();
    assert!(page.says("Z vaší adresy přišlo příliš mnoho"), "{page:?}");
}

#[test]
fn what_was_typed_outlives_the_session() {
    let demo = Demo::start().unwrap();
    let mut admin = Visitor::new(demo.address());
    admin.sign_in("mesto03").unwrap();
    let page = admin.get("/b/mesta2j/settings/people/add").unwrap();
    let form = page
        .form("input[name=last_name]")
        .unwrap()
        .fill("given_names", "Karel")
        .fill("last_name", "Vzorný \"<x>\"");
    // The session ends in another tab.
    let mut elsewhere = admin.clone();
    elsewhere.get("/home").unwrap();
    let home = elsewhere.get("/home").unwrap();
    elsewhere
        .submit(&home.form("form[action='/sign-out']").unwrap())
        .unwrap();
    let page = admin.submit(&form).unwrap();
    assert_eq!(page.status, 401, "{page:?}");
    assert!(page.says("Přihlaste se prosím v nové kartě"), "{page:?}");
    assert!(page.links().iter().any(|(_, to)| to == "/sign-in"), "{page:?}");
    assert_eq!(page.field("last_name").as_deref(), Some("Vzorný \"<x>\""));
    let kept = page.form("input[name=last_name]").unwrap();
    assert_eq!(kept.action, "/b/mesta2j/settings/people/add");
    // Signing in, then sending it again, which is asked for once more: the form is from before.
    admin.sign_in("mesto03").unwrap();
    let page = admin.submit(&kept).unwrap();
    let page = admin.submit(&page.form("input[name=last_name]").unwrap()).unwrap();
    assert!(page.has("#access-login") && page.says("Karel Vzorný"), "{page:?}");
}

#[test]
fn passwords_do_not_come_back_when_the_session_is_over() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    visitor.sign_in("novak01").unwrap();
    let page = visitor.get("/settings/sign-in/password").unwrap();
    let form = page.form("input[name=old]").unwrap();
    let form = form
        .fill("old", DEMO_PASSWORD)
        .fill("new", "TajneHeslo2027")
        .fill("again", "TajneHeslo2027");
    let mut elsewhere = visitor.clone();
    let home = elsewhere.get("/home").unwrap();
    elsewhere
        .submit(&home.form("form[action='/sign-out']").unwrap())
        .unwrap();
    let page = visitor.submit(&form).unwrap();
    assert_eq!(page.status, 401, "{page:?}");
    assert!(!page.source().contains("TajneHeslo") && !page.source().contains(DEMO_PASSWORD));
    assert!(page.says("Přihlaste se prosím znovu"), "{page:?}");
    // Nor does what another site sends.
    let mut evil = Visitor::new(demo.address()).with_header("Sec-Fetch-Site", "cross-site");
    let page = evil
        .post("/b/mesta2j/settings/people/add", &[("last_name", "Vzor")])
        .unwrap();
    assert_eq!((page.status, page.field("last_name")), (403, None), "{page:?}");
}

#[test]
fn wrong_queries_are_told_on_a_page() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    for login in [None, Some("novak01")] {
        if let Some(login) = login {
            visitor.sign_in(login).unwrap();
        }
        for path in [
            "/sign-in?next=a&next=b",
            "/sign-in/passkey?next=a&next=b",
            "/settings/sign-in/password?login=a&login=b",
            "/b/nvak22s/messages/1?preview=abc",
            "/b/nvak22s/settings/credit?from=a&from=b",
        ] {
            let page = visitor.get(path).unwrap();
            if page.path.starts_with("/sign-in?next=") && login.is_none() && !path.starts_with("/sign-in") {
                continue;
            }
            assert_eq!(page.status, 400, "{path}: {page:?}");
            assert!(page.says("Formuláři nerozumíme"), "{path}: {page:?}");
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        }
    }
}

#[test]
fn a_page_that_answers_a_form_does_not_offer_to_be_opened_anew() {
    let demo = Demo::start().unwrap();
    let mut visitor = Visitor::new(demo.address());
    let page = visitor.sign_in_with("novak01", "SpatneHeslo2026").unwrap();
    assert!(page.says("nesouhlasí") && !page.has("form.preferences"), "{page:?}");
    assert!(visitor.get("/sign-in").unwrap().has("form.preferences"));
}

/// The proof grows old while the page of a new passkey is open: the script is told where to go, with the name that was typed.
#[test]
fn a_passkey_after_an_old_proof_leads_to_a_new_one() {
    let demo = Demo::start().unwrap();
    let mut visitor = under_its_name(&demo);
    visitor.sign_in("novak01").unwrap();
    let page = visitor.get("/settings/sign-in/passkeys/new").unwrap();
    let token = page.field("csrf").unwrap();
    let fields = [("csrf", token.as_str()), ("name", "Můj telefon & klíč")];
    let ask = |visitor: &mut Visitor| visitor.post("/settings/sign-in/passkeys/options", &fields).unwrap();
    let fresh = ask(&mut visitor);
    assert!(
        fresh.status == 200 && fresh.source().contains("\"challenge\""),
        "{fresh:?}"
    );
    let_proofs_grow_old(&demo);
    let answer = ask(&mut visitor);
    assert_eq!(answer.status, 409, "{answer:?}");
    let source = answer.source();
    let address = source.split('"').nth(3).unwrap();
    assert!(address.starts_with("/settings/sign-in/passkeys/new?name="), "{source}");
    let page = visitor.get(address).unwrap();
    assert!(page.path.starts_with("/settings/sign-in/prove?next="), "{page:?}");
    let form = page
        .form("input[name=password]")
        .unwrap()
        .fill("password", DEMO_PASSWORD);
    let page = visitor.submit(&form).unwrap();
    assert!(page.path.starts_with("/settings/sign-in/passkeys/new"), "{page:?}");
    assert_eq!(page.field("name").as_deref(), Some("Můj telefon & klíč"));
    assert_eq!(ask(&mut visitor).status, 200);
}

fn let_proofs_grow_old(demo: &Demo) {
    let address = format!("sqlite:{}", demo.data().join("isds.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut db = SqliteConnection::connect(&address).await.unwrap();
        sqlx::query("UPDATE sessions SET proven = 0")
            .execute(&mut db)
            .await
            .unwrap();
    });
}
