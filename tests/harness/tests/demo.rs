//! Starting, watching and killing a server, shown on a stand-in: a few lines of Perl that behave as `isds demo` promises.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use harness::{DemoOptions, Error, http};
use tempfile::TempDir;

/// Not ready at the first request, ready at every later one; `/echo` gives the body back. Remembers its starts in DIR.
const STAND_IN: &str = r#"#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET;
my ($demo, $data_option, $data, $listen_option, $listen, @rest) = @ARGV;
die "usage" unless "$demo $data_option $listen_option" eq "demo --data --listen";
$| = 1;
print "starting @rest\n";
exit 3 if grep { $_ eq "--die" } @rest;
mkdir $data;
open(my $starts, '>>', "$data/starts") or die; print $starts "x"; close $starts;
my $server = IO::Socket::INET->new(LocalAddr => $listen, Listen => 8, ReuseAddr => 1) or die "listen: $!";
my ($ready, $ballast) = (0);
while (my $client = $server->accept) {
    my ($length, $path) = (0, '');
    while (my $line = <$client>) {
        $path = $1 if $line =~ m{^\w+ (\S+) HTTP};
        $length = $1 if $line =~ /^content-length: (\d+)/i;
        last if $line =~ /^\r?\n$/;
    }
    my $body = '';
    read($client, $body, $length) if $length;
    if ($path eq '/grow') { vec($ballast, 32 << 20, 8) = 1; undef $ballast; }
    my $status = $path ne '/health/ready' || $ready++ ? '200 OK' : '503 Wait';
    print $client "HTTP/1.1 $status\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
    close $client;
}
"#;

fn stand_in() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("isds");
    fs::write(&file, STAND_IN).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, file)
}

const LIMIT: Duration = Duration::from_secs(5);

#[test]
fn it_starts_answers_is_killed_and_starts_again() {
    let (_folder, binary) = stand_in();
    let mut demo = DemoOptions::default()
        .binary(&binary)
        .database("sqlite:x")
        .start()
        .unwrap();
    let (address, data) = (demo.address(), demo.data());
    assert_eq!(
        http::post(address, "/echo", &[("X", "y")], b"body", LIMIT)
            .unwrap()
            .text(),
        "body"
    );
    assert!(
        fs::read_to_string(demo.log())
            .unwrap()
            .contains("starting --database sqlite:x")
    );

    demo.kill_hard().unwrap();
    assert!(matches!(demo.pid(), Err(Error::NotRunning(_))));
    assert!(matches!(http::get(address, "/", LIMIT), Err(Error::Io { .. })));
    demo.restart().unwrap();
    demo.terminate().unwrap();
    demo.restart().unwrap();
    demo.restart().unwrap();
    assert_eq!(fs::read_to_string(data.join("starts")).unwrap(), "xxxx");
    assert_eq!(demo.address(), address);
    assert!(demo.started_in() < LIMIT);

    let pid = demo.pid().unwrap();
    drop(demo);
    assert!(!data.exists() && !Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn a_folder_of_the_callers_stays() {
    let (folder, binary) = stand_in();
    let demo = DemoOptions::default()
        .binary(binary)
        .folder(folder.path())
        .start()
        .unwrap();
    assert_eq!(demo.data(), folder.path().join("data"));
    drop(demo);
    assert!(folder.path().join("data/starts").exists() && folder.path().join("server.log").exists());
}

#[test]
fn one_that_dies_says_why() {
    let (_folder, binary) = stand_in();
    let begun = Instant::now();
    let error = DemoOptions::default()
        .binary(binary)
        .argument("--die")
        .start()
        .unwrap_err();
    assert!(
        error.to_string().contains("starting --die") && error.to_string().contains("exit status: 3"),
        "{error}"
    );
    assert!(begun.elapsed() < LIMIT);
    let missing = DemoOptions::default().binary("/nonexistent/isds").start().unwrap_err();
    assert!(matches!(missing, Error::Io { .. }), "{missing}");
}

#[test]
fn memory_is_read_and_its_peak_can_be_reset() {
    let (_folder, binary) = stand_in();
    let demo = DemoOptions::default().binary(binary).start().unwrap();
    demo.reset_peak().unwrap();
    let idle = demo.memory().unwrap();
    assert!(idle.resident > 1 << 20 && idle.peak >= idle.resident, "{idle:?}");
    http::get(demo.address(), "/grow", LIMIT).unwrap();
    let grown = demo.memory().unwrap();
    assert!(grown.peak > idle.peak + (24 << 20), "{idle:?} {grown:?}");
    demo.reset_peak().unwrap();
    assert!(demo.memory().unwrap().peak < grown.peak, "the peak was not reset");
}
