//! `nginx`, `postfix`, `sqlite`: others beside ours, as information.

mod nginx;
mod postfix;

use std::time::Duration;

use e2e::persona::{Letter, Persona};
use harness::DemoOptions;

use crate::accept::Senders;
use crate::download::Readers;
use crate::table::Row;
use crate::world::{MESSAGE_BYTES, World};
use crate::{Outcome, ROUNDS, load};

const TIME: Duration = Duration::from_secs(3);
/// Messages of one round of Postfix.
const MAILS: u32 = 1500;
/// Receiving boxes of the demo.
const RECIPIENTS: [&str; 7] = [
    "nvak22s", "maria2f", "kraj227", "firma2x", "banka2q", "advka2c", "zivna27",
];

/// Signed downloads, by how often nginx gives out a file of the same size.
pub fn nginx(world: &World) -> Outcome<Vec<Row>> {
    let mut readers = Readers::of(world)?;
    let size = readers.answer_bytes()?;
    let Some(server) = nginx::Server::start(size)? else {
        eprintln!("  nginx is missing: no row (Debian: apt-get install nginx)");
        return Ok(Vec::new());
    };
    let mut clients = load::clients(|_| server.connection());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    readers.rate(Duration::from_secs(1))?;
    for _ in 0..ROUNDS {
        ours.push(readers.rate(TIME)?);
        theirs.push(load::closed_loop(&mut clients, TIME, |client, _| {
            let answer = client.get(nginx::PATH).map_err(|error| error.to_string())?;
            if answer.status == 200 && answer.body.len() == size {
                Ok(())
            } else {
                Err(format!(
                    "nginx answered {} with {} bytes",
                    answer.status,
                    answer.body.len()
                ))
            }
        })?);
    }
    Ok(vec![Row::information("download : nginx", "/s", &ours, Some(&theirs))])
}

/// Accepted and delivered messages, by what Postfix delivers locally.
pub fn postfix(world: &World) -> Outcome<Vec<Row>> {
    let Some(server) = postfix::Server::start()? else {
        eprintln!("  postfix is missing: no row (Debian: apt-get install postfix)");
        return Ok(Vec::new());
    };
    let mut senders = Senders::of(world)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    senders.rate(Duration::from_secs(1))?;
    world.wait_for_jobs()?;
    server.deliver(MAILS / 10, MESSAGE_BYTES)?;
    for _ in 0..ROUNDS {
        let (count, took) = senders.send(TIME)?;
        let drained = world.wait_for_jobs()?;
        ours.push(load::to_f64(count) / (took + drained).as_secs_f64());
        theirs.push(server.deliver(MAILS, MESSAGE_BYTES)?);
    }
    Ok(vec![Row::information("deliver : postfix", "/s", &ours, Some(&theirs))])
}

/// What the demo accepts on SQLite, as it comes.
pub fn sqlite(_: &World) -> Outcome<Vec<Row>> {
    let demo = DemoOptions::default().variable("RUST_LOG", "warn").start()?;
    let letters = RECIPIENTS.map(|to| {
        Letter::new(to, "Vyrozumění o zahájení řízení")
            .of_size(MESSAGE_BYTES)
            .to_soap()
    });
    let mut senders = load::clients(|_| Persona::new(demo.address(), "mesto01"));
    let mut rates = Vec::new();
    for time in [Duration::from_secs(1), TIME, TIME, TIME] {
        rates.push(load::closed_loop(&mut senders, time, |sender, turn| {
            let letter = &letters[usize::try_from(turn).unwrap_or(0) % letters.len()];
            sender.send_body(letter).map(drop).map_err(|error| format!("{error:?}"))
        })?);
    }
    Ok(vec![Row::information("accept on SQLite", "/s", &rates[1..], None)])
}
