//! `download`: the same sealed message of 10 kB again and again, rights checked each time.

use std::time::Duration;

use e2e::persona::{Persona, operation_body};

use crate::table::Row;
use crate::world::{MESSAGE_BYTES, World};
use crate::{Outcome, ROUNDS, floor, load};

const TIME: Duration = Duration::from_secs(6);

/// Clients that download one message.
pub struct Readers {
    body: Vec<u8>,
    readers: Vec<Persona>,
}

impl Readers {
    /// Sends a message, which everybody who reads in a world then downloads.
    pub fn of(world: &World) -> Outcome<Self> {
        let id = world.sender(0).send_body(&world.letter_to(0)?)?;
        world.wait_for_jobs()?;
        world.recipient(0).list_received(10)?;
        Ok(Self {
            body: operation_body("SignedMessageDownload", &format!("<dmID>{id}</dmID>")),
            readers: load::clients(|_| world.recipient(0)),
        })
    }

    /// Downloads for so long; how often, and how long it took.
    pub fn download(&mut self, time: Duration) -> Outcome<(u64, Duration)> {
        let body = &self.body;
        load::counted(&mut self.readers, time, |reader, _| {
            let answer = reader.call("/DS/dz", body).map_err(|error| format!("{error:?}"))?;
            if answer.len() > MESSAGE_BYTES {
                Ok(())
            } else {
                Err("a short answer".to_owned())
            }
        })
    }

    /// The same, in downloads per second.
    pub fn rate(&mut self, time: Duration) -> Outcome<f64> {
        let (count, took) = self.download(time)?;
        Ok(load::to_f64(count) / took.as_secs_f64())
    }

    /// Bytes of the answer.
    pub fn answer_bytes(&mut self) -> Outcome<usize> {
        let reader = self.readers.first_mut().ok_or("nobody reads")?;
        Ok(reader.call("/DS/dz", &self.body)?.len())
    }
}

/// Measures it against `pgbench -S`.
pub fn run(world: &World) -> Outcome<Vec<Row>> {
    let mut readers = Readers::of(world)?;
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    readers.rate(Duration::from_secs(1))?;
    for _ in 0..ROUNDS {
        let rate = readers.rate(TIME)?;
        eprintln!("  {rate:.0}/s");
        ours.push(rate);
        floors.push(floor::pgbench(world, &["-S", "-M", "prepared"], TIME)?);
    }
    Ok(vec![Row::of_rates("download", &ours, &floors, 0.15)])
}
