//! `list`, `search` and `flat`: what an operation costs in a large system, by what it costs in a small one.

use std::time::Duration;

use e2e::persona::{Persona, operation_body};

use crate::accept::Senders;
use crate::download::Readers;
use crate::table::{Row, median, quantile};
use crate::towns::{PER_BOX, Town, Towns};
use crate::{Outcome, ROUNDS, load};

/// Records of a page.
const PAGE: usize = 1000;
/// Pages of one round.
const PAGES: usize = 60;
/// Searches of one round: twenty are slower than the one that counts.
const SEARCHES: usize = 2000;
/// The same where all operations are compared with each other.
const FEWER_PAGES: usize = 25;
const FEWER_SEARCHES: usize = 400;
/// Different searches there: in a system of 10,000 boxes there are no more. All operations are the same load in each system,
/// as pages and downloads of the same boxes are; how the caches of a processor take ever new searches is seen in `search`.
const DIFFERENT: usize = 200;
const INTERVALS: usize = 100;
/// How long a load lasts there.
const TIME: Duration = Duration::from_millis(1500);
/// What one operation may cost more in the largest system.
const GROWTH: f64 = 1.2;

/// One page of a list: the middle of the times.
pub fn list(towns: &Towns) -> Outcome<Vec<Row>> {
    compare(towns.ends()?, "list", "ms", 1.2, |town| {
        Ok(median(&pages(town, PAGES)?))
    })
}

/// Searches by words: what one in a hundred is slower than.
pub fn search(towns: &Towns) -> Outcome<Vec<Row>> {
    compare(towns.ends()?, "search", "ms", 2.0, |town| {
        Ok(quantile(&searches(town, SEARCHES, SEARCHES)?, 0.99))
    })
}

fn compare(
    [small, large]: [&Town; 2],
    name: &str,
    unit: &'static str,
    target: f64,
    measure: impl Fn(&Town) -> Outcome<f64>,
) -> Outcome<Vec<Row>> {
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    // A round that does not count: credentials are proven, statements prepared, pages read.
    measure(large)?;
    measure(small)?;
    for _ in 0..ROUNDS {
        let (at_large, at_small) = (measure(large)?, measure(small)?);
        eprintln!("  {at_large:.3} {unit}, floor {at_small:.3} {unit}");
        ours.push(at_large);
        floors.push(at_small);
    }
    Ok(vec![Row::of_costs(name, unit, &ours, &floors, target)])
}

type Measure<'a> = Box<dyn FnMut() -> Outcome<f64> + 'a>;

/// Every operation in every town, in turn.
pub fn flat(towns: &Towns) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, unit, make) in [
        ("accept", "ms", accept as fn(&Town) -> Outcome<Measure<'_>>),
        ("list", "ms", |town| {
            Ok(Box::new(|| Ok(median(&pages(town, FEWER_PAGES)?))))
        }),
        ("download", "ms", download),
        ("search", "ms", |town| {
            Ok(Box::new(|| Ok(median(&searches(town, FEWER_SEARCHES, DIFFERENT)?))))
        }),
        ("state changes", "ms", |town| {
            Ok(Box::new(|| Ok(median(&state_changes(town)?))))
        }),
    ] {
        let mut measures = towns.all.iter().map(make).collect::<Outcome<Vec<_>>>()?;
        let mut values = vec![Vec::new(); measures.len()];
        for round in 0..=ROUNDS {
            for (measure, values) in measures.iter_mut().zip(&mut values) {
                let value = measure()?;
                if round > 0 {
                    values.push(value);
                }
            }
        }
        drop(measures);
        let last = values.len() - 1;
        for (town, number) in towns.all.iter().zip(0..).skip(1) {
            let name = format!("flat {name} {}", short(town.size));
            rows.push(if number == last {
                Row::of_costs(&name, unit, &values[number], &values[0], GROWTH)
            } else {
                Row::information(&name, unit, &values[number], Some(&values[0]))
            });
        }
    }
    Ok(rows)
}

fn short(size: usize) -> String {
    match size {
        1_000_000.. if size.is_multiple_of(1_000_000) => format!("{}M", size / 1_000_000),
        1000.. if size.is_multiple_of(1000) => format!("{}k", size / 1000),
        _ => size.to_string(),
    }
}

/// Milliseconds of the machine for one operation of a load.
fn cost(rate: f64) -> f64 {
    1000.0 / rate
}

fn accept(town: &Town) -> Outcome<Measure<'_>> {
    let mut senders = Senders::of(&town.world)?;
    Ok(Box::new(move || {
        let rate = senders.rate(TIME)?;
        town.world.wait_for_jobs()?;
        Ok(cost(rate))
    }))
}

fn download(town: &Town) -> Outcome<Measure<'_>> {
    let mut readers = Readers::of(&town.world)?;
    Ok(Box::new(move || Ok(cost(readers.rate(TIME)?))))
}

/// Times of pages of a thousand records, of several boxes by turns.
fn pages(town: &Town, count: usize) -> Outcome<Vec<f64>> {
    let body = operation_body(
        "GetListOfReceivedMessages",
        &format!(
            "<dmFromTime/><dmToTime/><dmRecipientOrgUnitNum/><dmStatusFilter>-1</dmStatusFilter>\
             <dmOffset>1</dmOffset><dmLimit>{PAGE}</dmLimit>"
        ),
    );
    let expected = PAGE.min(PER_BOX).min(town.size);
    let mut residents: Vec<Persona> = (0..town.busy_boxes().min(4))
        .map(|index| town.resident(index))
        .collect();
    ask(
        &mut residents,
        "/DS/dx",
        count,
        |_| body.clone(),
        |_, answer| {
            let records = answer.matches("dmAnnotation>").count() / 2;
            if records == expected {
                Ok(())
            } else {
                Err(format!("a page of {records} records instead of {expected}"))
            }
        },
    )
}

/// Times of searches of several people by turns, each with at most a hundred boxes found; after so many `different` ones they
/// begin again.
fn searches(town: &Town, count: usize, different: usize) -> Outcome<Vec<f64>> {
    let mut residents: Vec<Persona> = (0..4).map(|index| town.resident(index)).collect();
    let body = |turn| {
        operation_body(
            "ISDSSearch3",
            &format!(
                "<searchText>{}</searchText><searchType>GENERAL</searchType><searchScope>ALL</searchScope>\
                 <page>0</page><pageSize>100</pageSize><highlighting>false</highlighting>",
                town.query(turn % different).text
            ),
        )
    };
    ask(&mut residents, "/DS/df", count, body, |turn, answer| {
        let query = town.query(turn % different);
        let found = e2e::persona::first_text(answer, "totalCount>").unwrap_or("");
        if found == query.matches.to_string() {
            Ok(())
        } else {
            Err(format!("{query:?}, found: {found}"))
        }
    })
}

/// Times of asking for the changes of one day.
fn state_changes(town: &Town) -> Outcome<Vec<f64>> {
    let end = town.last_change()? - jiff::SignedDuration::from_hours(48);
    let begin = end - jiff::SignedDuration::from_hours(24);
    let body = operation_body(
        "GetMessageStateChanges",
        &format!("<dmFromTime>{begin:.0}</dmFromTime><dmToTime>{end:.0}</dmToTime>"),
    );
    let mut residents: Vec<Persona> = (0..4).map(|index| town.resident(index)).collect();
    ask(
        &mut residents,
        "/DS/dx",
        INTERVALS,
        |_| body.clone(),
        |_, answer| {
            let changes = answer.matches("dmEventTime>").count() / 2;
            // A tenth of the thousand messages of ten days, two or more changes each.
            if (100..=500).contains(&changes) {
                Ok(())
            } else {
                Err(format!("{changes} changes of one day: {answer}"))
            }
        },
    )
}

fn ask(
    people: &mut [Persona],
    path: &str,
    count: usize,
    body: impl Fn(usize) -> Vec<u8>,
    check: impl Fn(usize, &str) -> Result<(), String>,
) -> Outcome<Vec<f64>> {
    let turns = people.len();
    let bodies: Vec<Vec<u8>> = (0..count).map(body).collect();
    load::times(
        count,
        |turn| {
            people[turn % turns]
                .call(path, &bodies[turn])
                .map_err(|error| format!("{error:?}"))
        },
        |turn, answer| check(turn, &answer),
    )
}
