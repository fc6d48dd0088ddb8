//! `accept`: CreateMessage of 10 kB, durable, over a thousand boxes, jobs running.

use std::time::Duration;

use e2e::persona::Persona;

use crate::table::Row;
use crate::world::{BOXES, World};
use crate::{Outcome, ROUNDS, floor, load};

const TIME: Duration = Duration::from_secs(6);

/// Clients with their letters.
pub struct Senders {
    letters: Vec<Vec<u8>>,
    senders: Vec<(usize, Persona)>,
}

impl Senders {
    /// Everybody who sends in a world.
    pub fn of(world: &World) -> Outcome<Self> {
        Ok(Self {
            letters: (0..BOXES).map(|index| world.letter_to(index)).collect::<Outcome<_>>()?,
            senders: load::clients(|client| (client, world.sender(client))),
        })
    }

    /// Sends for so long; how many messages were accepted, and how long it took.
    pub fn send(&mut self, time: Duration) -> Outcome<(u64, Duration)> {
        let letters = &self.letters;
        load::counted(&mut self.senders, time, |(client, sender), turn| {
            let index = (usize::try_from(turn).unwrap_or(0) * 7 + *client * 61) % BOXES;
            sender
                .send_body(&letters[index])
                .map(drop)
                .map_err(|error| format!("{error:?}"))
        })
    }

    /// The same, in messages per second.
    pub fn rate(&mut self, time: Duration) -> Outcome<f64> {
        let (count, took) = self.send(time)?;
        Ok(load::to_f64(count) / took.as_secs_f64())
    }
}

/// Measures it against `pgbench -N`. Messages are stamped and delivered in the time that calls leave, so what both take
/// together stands beside it.
pub fn run(world: &World) -> Outcome<Vec<Row>> {
    let mut senders = Senders::of(world)?;
    let (mut ours, mut delivered, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    // A short round first: credentials are proven, statements prepared, folders warm.
    senders.rate(Duration::from_secs(1))?;
    world.wait_for_jobs()?;
    for _ in 0..ROUNDS {
        let (count, took) = senders.send(TIME)?;
        let drained = world.wait_for_jobs()?;
        let (count, took, drained) = (load::to_f64(count), took.as_secs_f64(), drained.as_secs_f64());
        eprintln!("  {:.0}/s, drained in {drained:.1} s", count / took);
        ours.push(count / took);
        delivered.push(count / (took + drained));
        floors.push(floor::pgbench(world, &["-N", "-M", "simple"], TIME)?);
    }
    Ok(vec![
        Row::of_rates("accept", &ours, &floors, 0.25),
        Row::information("accept to delivery", "/s", &delivered, None),
    ])
}
