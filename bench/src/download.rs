//! `download`: the same sealed message of 10 kB again and again, rights checked each time.

use std::time::Duration;

use crate::table::Row;
use crate::world::World;
use crate::{Outcome, ROUNDS, floor, load};

const TIME: Duration = Duration::from_secs(6);

/// Measures it against `pgbench -S`.
pub fn run(world: &World) -> Outcome<Row> {
    let id = world.sender(0).send_body(&world.letter_to(0)?)?;
    world.wait_for_jobs()?;
    world.recipient(0).list_received(10)?;
    let body = e2e::persona::operation_body("SignedMessageDownload", &format!("<dmID>{id}</dmID>"));
    let mut recipients = load::clients(|_| world.recipient(0));
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for (round, time) in std::iter::once(Duration::from_secs(1))
        .chain([TIME; ROUNDS])
        .enumerate()
    {
        let rate = load::closed_loop(&mut recipients, time, |recipient, _| {
            let answer = recipient.call("/DS/dz", &body).map_err(|error| format!("{error:?}"))?;
            if answer.len() > crate::world::MESSAGE_BYTES {
                Ok(())
            } else {
                Err("a short answer".to_owned())
            }
        })?;
        if round > 0 {
            eprintln!("  {rate:.0}/s");
            ours.push(rate);
            floors.push(floor::pgbench(world, &["-S", "-M", "prepared"], TIME)?);
        }
    }
    Ok(Row::of_rates("download", &ours, &floors, 0.15))
}
