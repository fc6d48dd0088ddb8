//! `budget`: what one accepted message and one signed download cost, in time of the processors and bytes written.

use std::fs;
use std::time::Duration;

use crate::accept::Senders;
use crate::download::Readers;
use crate::table::Row;
use crate::world::World;
use crate::{Outcome, ROUNDS, load};

const TIME: Duration = Duration::from_secs(4);
/// Ticks of a second in `/proc/PID/stat`: fixed for programs, whatever the kernel's own clock does.
const TICKS: f64 = 100.0;

/// Measures both; the jobs that carry a message on count as its acceptance's.
pub fn run(world: &World) -> Outcome<Vec<Row>> {
    let mut senders = Senders::of(world)?;
    senders.rate(Duration::from_secs(1))?;
    world.wait_for_jobs()?;
    let mut rows = measure(world, "accept", || {
        let (count, _) = senders.send(TIME)?;
        world.wait_for_jobs()?;
        Ok(count)
    })?;
    let mut readers = Readers::of(world)?;
    readers.rate(Duration::from_secs(1))?;
    rows.extend(measure(world, "download", || Ok(readers.download(TIME)?.0))?);
    Ok(rows)
}

fn measure(world: &World, name: &str, mut operations: impl FnMut() -> Outcome<u64>) -> Outcome<Vec<Row>> {
    let mut values = vec![Vec::new(); 4];
    for _ in 0..ROUNDS {
        let before = Usage::of(world)?;
        let count = load::to_f64(operations()?);
        let after = Usage::of(world)?;
        for (values, (after, before)) in values.iter_mut().zip(after.iter().zip(before.iter())) {
            values.push((after.of_process - before.of_process) / count);
        }
    }
    let names = [
        ("CPU node", "ms"),
        ("CPU PostgreSQL", "ms"),
        ("written node", "kB"),
        ("written PostgreSQL", "kB"),
    ];
    Ok(names
        .iter()
        .zip(&values)
        .map(|((what, unit), values)| Row::information(&format!("{name} {what}"), unit, values, None))
        .collect())
}

/// One number of a process, as far as it has got.
struct Usage {
    of_process: f64,
}

impl Usage {
    /// Milliseconds of the node and of PostgreSQL, kilobytes written of the node and of PostgreSQL.
    fn of(world: &World) -> Outcome<[Self; 4]> {
        let node = world.demo().pid()?;
        let postmaster = world.cluster().pid()?;
        let mut database = vec![postmaster];
        database.extend(children(postmaster)?);
        let sum = |count: fn(u32) -> Outcome<f64>| database.iter().map(|pid| count(*pid)).sum::<Outcome<f64>>();
        Ok([cpu_ms(node)?, sum(cpu_ms)?, written_kb(node)?, sum(written_kb)?].map(|of_process| Self { of_process }))
    }
}

/// utime, stime, and those of children that ended.
fn cpu_ms(pid: u32) -> Outcome<f64> {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
        // A process that ended meanwhile is counted with its parent.
        return Ok(0.0);
    };
    let (_, fields) = stat.rsplit_once(") ").ok_or("no fields in /proc/PID/stat")?;
    let ticks: f64 = fields
        .split(' ')
        .skip(11)
        .take(4)
        .map(|field| field.parse::<f64>().unwrap_or(0.0))
        .sum();
    Ok(ticks * 1000.0 / TICKS)
}

fn written_kb(pid: u32) -> Outcome<f64> {
    let Ok(io) = fs::read_to_string(format!("/proc/{pid}/io")) else {
        return Ok(0.0);
    };
    let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(bytes.ok_or("no write_bytes in /proc/PID/io")?.trim().parse::<f64>()? / 1024.0)
}

fn children(parent: u32) -> Outcome<Vec<u32>> {
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
    Ok(list
        .split_ascii_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect())
}
