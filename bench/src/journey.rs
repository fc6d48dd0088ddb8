//! `journey`: create, delivered, list, signed download, delivery info.

use std::time::{Duration, Instant};

use e2e::persona::Persona;

use crate::table::Row;
use crate::world::World;
use crate::{Outcome, ROUNDS, floor, load};

const TIME: Duration = Duration::from_secs(8);
/// How long a message may take until it can be listed.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between looks at the list: often enough not to be what a journey waits for, and not so often that looking is what
/// the machine does.
const LOOK: Duration = Duration::from_millis(20);

struct Pair {
    sender: Persona,
    recipient: Persona,
    letter: Vec<u8>,
}

/// Measures it against the signatures that it costs.
pub fn run(world: &World) -> Outcome<Vec<Row>> {
    let mut letters = (0..crate::CLIENTS)
        .map(|index| world.letter_to(index))
        .collect::<Outcome<Vec<_>>>()?
        .into_iter();
    let mut pairs = load::clients(|client| Pair {
        sender: world.sender(client),
        recipient: world.recipient(client),
        letter: letters.next().unwrap_or_default(),
    });
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for (round, time) in std::iter::once(Duration::from_secs(1))
        .chain([TIME; ROUNDS])
        .enumerate()
    {
        let rate = load::closed_loop(&mut pairs, time, |pair, _| pair.journey())?;
        if round > 0 {
            eprintln!("  {rate:.0}/s");
            ours.push(rate);
            floors.push(floor::signatures(Duration::from_secs(2))? / 3.0);
        }
    }
    Ok(vec![Row::of_rates("journey", &ours, &floors, 0.35)])
}

impl Pair {
    fn journey(&mut self) -> Result<(), String> {
        let id = self
            .sender
            .send_body(&self.letter)
            .map_err(|e| format!("send: {e:?}"))?;
        let begin = Instant::now();
        loop {
            let list = self.recipient.list_received(10).map_err(|e| format!("list: {e:?}"))?;
            if list.iter().any(|record| record.id == id && record.status == 6) {
                break;
            }
            if begin.elapsed() > PATIENCE {
                return Err(format!(
                    "message {id} was not delivered within {} s",
                    PATIENCE.as_secs()
                ));
            }
            crate::pause(LOOK);
        }
        let sealed = self
            .recipient
            .download_signed(&id)
            .map_err(|e| format!("download: {e:?}"))?;
        if sealed.len() < crate::world::MESSAGE_BYTES {
            return Err(format!("the sealed message {id} has only {} bytes", sealed.len()));
        }
        self.sender
            .delivery_info(&id)
            .map(drop)
            .map_err(|e| format!("delivery info: {e:?}"))
    }
}
