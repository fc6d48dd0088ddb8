//! `memory`: how far the server grows while four large messages go there and back at once.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use e2e::persona::{Letter, Persona};
use harness::{Demo, DemoOptions};

use crate::large::{self, Attachment};
use crate::table::Row;
use crate::world::World;
use crate::{Outcome, ROUNDS};

const AT_ONCE: usize = 4;
const ALLOWED_MB: f64 = 64.0;
/// How long the first message may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between looks at the list.
const LOOK: Duration = Duration::from_millis(20);

/// Measures it. Every round is a server's first: one that has grown once has room for the next round.
pub fn run(world: &World) -> Outcome<Vec<Row>> {
    let attachment = Attachment::large();
    let mut growths = Vec::new();
    for round in 0..ROUNDS {
        let url = world.cluster().create_database(&format!("memory_{round}"))?;
        let demo = DemoOptions::default()
            .database(&url)
            .variable("RUST_LOG", "warn")
            .start()?;
        let growth = growth(&demo, &attachment).inspect_err(|_| {
            eprintln!("{}", std::fs::read_to_string(demo.log()).unwrap_or_default());
        })?;
        eprintln!("  grew by {growth:.1} MB");
        growths.push(growth);
    }
    let allowed = vec![ALLOWED_MB; growths.len()];
    Ok(vec![Row::of_costs("memory", "MB", &growths, &allowed, 1.0)])
}

fn growth(demo: &Demo, attachment: &Attachment) -> Outcome<f64> {
    warm_up(demo.address())?;
    let idle = demo.memory()?.resident;
    demo.reset_peak()?;
    all_at_once(demo.address(), attachment)?;
    let grown = demo.memory()?.peak.saturating_sub(idle);
    Ok(f64::from(u32::try_from(grown >> 10)?) / 1024.0)
}

/// An ordinary message first: threads, pools and caches are part of idling, buffers for large content are not.
fn warm_up(address: SocketAddr) -> Outcome<()> {
    let (mut sender, mut recipient) = (Persona::new(address, "mesto01"), Persona::new(address, "novak01"));
    let id = sender.send(&Letter::new("nvak22s", "Zkouška spojení"))?;
    let begun = Instant::now();
    while !recipient
        .list_received(10)?
        .iter()
        .any(|record| record.id == id && record.status == 6)
    {
        if begun.elapsed() > PATIENCE {
            return Err(format!("message {id} is not delivered").into());
        }
        crate::pause(LOOK);
    }
    recipient.download_signed(&id)?;
    Ok(())
}

fn all_at_once(address: SocketAddr, attachment: &Attachment) -> Result<(), String> {
    thread::scope(|scope| {
        let journeys: Vec<_> = (0..AT_ONCE)
            .map(|number| scope.spawn(move || large::journey(address, &format!("Velká zpráva {number}"), attachment)))
            .collect();
        journeys.into_iter().try_for_each(|journey| {
            journey
                .join()
                .unwrap_or_else(|_| Err("a client panicked".to_owned()))
                .map(drop)
        })
    })
}
