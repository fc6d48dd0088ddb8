//! `accept`: CreateMessage of 10 kB, durable, over a thousand boxes, jobs running.

use std::time::Duration;

use crate::table::Row;
use crate::world::{BOXES, World};
use crate::{Outcome, ROUNDS, floor, load};

const TIME: Duration = Duration::from_secs(6);

/// Measures it against `pgbench -N`.
pub fn run(world: &World) -> Outcome<Row> {
    let letters = (0..BOXES)
        .map(|index| world.letter_to(index))
        .collect::<Outcome<Vec<_>>>()?;
    let mut senders = load::clients(|client| (client, world.sender(client)));
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    // A short round first: credentials are proven, statements prepared, folders warm.
    for (round, time) in std::iter::once(Duration::from_secs(1))
        .chain([TIME; ROUNDS])
        .enumerate()
    {
        let rate = load::closed_loop(&mut senders, time, |(client, sender), turn| {
            let index = (usize::try_from(turn).unwrap_or(0) * 7 + *client * 61) % BOXES;
            sender
                .send_body(&letters[index])
                .map(drop)
                .map_err(|error| format!("{error:?}"))
        })?;
        let drained = world.wait_for_jobs()?;
        if round > 0 {
            eprintln!("  {rate:.0}/s, drained in {:.1} s", drained.as_secs_f64());
            ours.push(rate);
            floors.push(floor::pgbench(world, &["-N", "-M", "simple"], TIME)?);
        }
    }
    Ok(Row::of_rates("accept", &ours, &floors, 0.25))
}
