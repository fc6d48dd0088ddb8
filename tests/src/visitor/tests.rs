//! The visitor against one canned answer after another.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use super::{File, Visitor};

/// Answers each of the connections that come with one of `answers`, and tells what was asked.
fn server(answers: Vec<String>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut request, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    length = value.trim().parse().unwrap();
                }
                request += &line;
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            request += &String::from_utf8(body).unwrap();
            asked.push(request);
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
        }
        asked
    });
    (address, asked)
}

fn html(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nSet-Cookie: s=1; HttpOnly; SameSite=Lax\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

const SIGN_IN: &str = "<html><head><title>Vstup</title><style>x</style></head><body><h1>Vítejte</h1>
    <form method=post action='?next=%2Fhome'><input type=hidden name=csrf value='a&amp;b'>
    <input name=login autocomplete='section-a username'><input type=password name=word autocomplete=current-password>
    <input type=checkbox name=stay value=yes><select name=lang><option value=cs>cs<option value=en selected>en</select>
    <button name=how value=password>Přihlásit se</button><button name=how value=key formaction=/key>Klíč</button>
    </form></body></html>";

#[test]
fn signs_in_with_what_the_form_holds() {
    let (address, asked) = server(vec![
        html(SIGN_IN),
        "HTTP/1.1 303 See Other\r\nLocation: /home\r\nContent-Length: 0\r\n\r\n".to_owned(),
        html("<body><p>Jan <b>Novák</b><script>no()</script>"),
    ]);
    let mut visitor = Visitor::new(address);
    let page = visitor.sign_in_with("novak01", "ž š").unwrap();
    assert_eq!((page.status, page.path.as_str()), (200, "/home"));
    assert_eq!(page.words(), "Jan Novák");
    let cookie = visitor.jar().get("s").unwrap();
    assert!(cookie.http_only && !cookie.secure);
    let asked = asked.join().unwrap();
    let posted = &asked[1];
    assert!(
        posted.starts_with("POST /sign-in?next=%2Fhome HTTP/1.1\r\n"),
        "{posted}"
    );
    assert!(posted.contains(&format!("Origin: http://{address}\r\n")), "{posted}");
    assert!(posted.contains("Cookie: s=1\r\n"), "{posted}");
    assert!(
        posted.ends_with("\r\n\r\ncsrf=a%26b&login=novak01&word=%C5%BE+%C5%A1&lang=en&how=password"),
        "{posted}"
    );
    assert!(asked[2].starts_with("GET /home "), "{}", asked[2]);
}

#[test]
fn fills_in_what_is_there_and_says_what_is_not() {
    let (address, asked) = server(vec![
        html(
            "<form method=post enctype=multipart/form-data action=send><textarea name=t>\n a</textarea>
            <input type=file name=f><input type=radio name=r value=1 checked><input type=radio name=r value=2>
            <input type=checkbox name=c><button>Odeslat</button></form>",
        ),
        html("<p>ok</p>"),
    ]);
    let mut visitor = Visitor::new(address)
        .without_header("Origin")
        .with_header("Host", "evil.example");
    let page = visitor.get("/b/x/write").unwrap();
    assert!(page.form("Smazat").is_err());
    assert_eq!(page.field("t").as_deref(), Some(" a"));
    let form = page.form("Odeslat").unwrap();
    for wrong in [
        form.clone().fill("nothing", "x"),
        form.clone().choose("r", "3"),
        form.clone().fill("r", "1"),
        form.clone().tick("t"),
    ] {
        assert!(visitor.submit(&wrong).is_err(), "{wrong:?}");
    }
    let file = File {
        name: "a\"\r\nb.txt".to_owned(),
        mime: "text/plain".to_owned(),
        content: b"obsah".to_vec(),
    };
    let form = form.fill("t", "x\ny").choose("r", "2").tick("c").file("f", file);
    assert!(visitor.submit(&form).unwrap().says("ok"));
    let posted = asked.join().unwrap().remove(1);
    assert!(posted.starts_with("POST /b/x/send HTTP/1.1\r\n"), "{posted}");
    assert!(
        posted.contains("Host: evil.example\r\n") && !posted.contains("Origin:"),
        "{posted}"
    );
    for part in [
        "name=\"t\"\r\n\r\nx\r\ny\r\n--",
        "name=\"f\"; filename=\"a%22%0D%0Ab.txt\"\r\nContent-Type: text/plain\r\n\r\nobsah\r\n--",
        "name=\"r\"\r\n\r\n2\r\n--",
        "name=\"c\"\r\n\r\non\r\n--",
    ] {
        assert!(posted.contains(part), "{part}: {posted}");
    }
    assert!(!posted.contains("\r\n\r\n1\r\n"), "{posted}");
}

#[test]
fn goes_to_no_other_host() {
    let visitor = Visitor::new("127.0.0.1:80".parse().unwrap());
    let to = |address: &str| visitor.resolve("/b/x/list?page=2", address).ok();
    assert_eq!(to("").as_deref(), Some("/b/x/list?page=2"));
    assert_eq!(to("?page=3").as_deref(), Some("/b/x/list?page=3"));
    assert_eq!(to("messages/1#top").as_deref(), Some("/b/x/messages/1"));
    assert_eq!(to("http://127.0.0.1:80/home?a=b:c").as_deref(), Some("/home?a=b:c"));
    for foreign in [
        "http://127.0.0.1:8080/",
        "//evil.example",
        "/\\evil.example",
        "javascript:x",
    ] {
        assert_eq!(to(foreign), None, "{foreign}");
    }
}
