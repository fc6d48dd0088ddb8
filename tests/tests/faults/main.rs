//! Things break, in an order that a seed decides, under a steady load. After each: what was answered 0000 is there once
//! and whole, states and events agree, nothing is stuck, nothing leaks.
//!
//! `ISDS_FAULTS_SEED` replays an order, `ISDS_FAULTS_MINUTES` goes on with further orders for so long, `ISDS_FAULTS_ONLY`
//! takes those whose names begin so (`|` between several).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod check;
mod dice;
mod faults;
mod load;
mod world;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dice::Dice;
use faults::Fault;
use load::{Known, Load};
use world::World;

/// Letters that are accepted before something breaks, and after it was mended.
const AROUND: usize = 12;

#[test]
fn what_was_accepted_survives_with_objects_on_a_disk() {
    survives(World::on_a_disk());
}

#[test]
fn what_was_accepted_survives_with_objects_in_a_bucket() {
    survives(World::on_a_bucket());
}

fn survives(mut world: World) {
    let seed = number("ISDS_FAULTS_SEED").unwrap_or_else(by_the_clock);
    let long = number("ISDS_FAULTS_MINUTES").map(|minutes| Duration::from_secs(minutes * 60));
    let only = std::env::var("ISDS_FAULTS_ONLY").unwrap_or_default();
    println!("ISDS_FAULTS_SEED={seed}");
    let mut dice = Dice::new(seed);
    let mut faults = Fault::of(&world);
    faults.retain(|fault| only.split('|').any(|name| format!("{fault:?}").starts_with(name)));
    let begin = Instant::now();
    let mut all = Known::default();
    let mut at_first = None;
    for turn in 0.. {
        dice.shuffle(&mut faults);
        let nothing = (turn == 0).then_some(Fault::None);
        for (number, fault) in nothing.into_iter().chain(faults.iter().copied()).enumerate() {
            let begun = Instant::now();
            let known = strike(&mut world, fault, format!("r{turn}.{number}"));
            check::all_is_well(&world, &known, at_first.as_deref());
            println!(
                "{:6.1} s  {fault:?}: {} accepted, {} open, {} downloads, {} failures, in {:.1} s",
                begin.elapsed().as_secs_f64(),
                known.accepted.len(),
                known.unknown.len(),
                known.downloads,
                known.failures,
                begun.elapsed().as_secs_f64()
            );
            at_first.get_or_insert_with(|| check::holds(&world));
            all.extend(known);
        }
        if long.is_none_or(|long| begin.elapsed() > long) {
            break;
        }
    }
    check::all_is_well(&world, &all, at_first.as_deref());
}

fn strike(world: &mut World, fault: Fault, round: String) -> Known {
    let nodes = world.addresses();
    let load = Load::new(&nodes, round);
    load.during(|| {
        assert!(load.wait_for_accepted(AROUND), "nothing is accepted before {fault:?}");
        fault.strike(world, &load);
        assert!(load.wait_for_accepted(AROUND), "nothing is accepted after {fault:?}");
    })
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "an order that nobody chose; it is printed")]
fn by_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
