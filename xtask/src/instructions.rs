//! The suite `instructions`: what the parts that only compute cost, in instructions that callgrind counts, by the table
//! that is committed.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    build::release,
    place,
    shell::{Failure, Outcome, command},
};

/// The committed table, from the workspace's root: name and instructions of one repetition.
const TABLE: &str = "bench/instructions.txt";
/// Where it is set, the table is written anew.
const UPDATE: &str = "UPDATE_INSTRUCTIONS";
/// How many parts of a hundred a count may grow by; with fewer by as much, the table is out of date as well, which is said.
const TOLERANCE: u64 = 5;
/// Repetitions whose difference is counted: the start of the program falls out.
const FEW: u32 = 1;
const MANY: u32 = 6;

/// Counts all parts and compares.
pub fn run() -> Outcome {
    release(&["-p", "pure"])?;
    let binary = place::target().join("release/pure");
    let listed = said(&mut command(&binary, &[]))?.0;
    let mut counts = BTreeMap::new();
    for name in listed.lines() {
        let many = count(&binary, name, MANY)?;
        let few = count(&binary, name, FEW)?;
        counts.insert(name.to_owned(), many.saturating_sub(few) / u64::from(MANY - FEW));
    }
    let file = place::root().join(TABLE);
    if std::env::var_os(UPDATE).is_some() {
        return write(&file, &counts);
    }
    let committed = fs::read_to_string(&file).map_err(Failure::io(format!("read {TABLE}")))?;
    compare(&read(&committed)?, &counts)
}

/// Instructions of so many repetitions, with the start of the program.
fn count(binary: &Path, name: &str, repetitions: u32) -> Outcome<u64> {
    let mut valgrind = command("valgrind", &["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(binary).args([name, &repetitions.to_string()]);
    // The environment lies on the stack of the program: it is the same everywhere.
    valgrind.env_clear().env("PATH", "/usr/bin:/bin");
    let (_, errors) = said(&mut valgrind)?;
    let collected = errors.lines().find_map(|line| line.split_once("Collected :"));
    collected
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| Failure(format!("callgrind counted nothing of {name}: {errors}")))
}

fn said(command: &mut std::process::Command) -> Outcome<(String, String)> {
    let output = command
        .output()
        .map_err(Failure::io(format!("run {}", command.get_program().display())))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok((text(&output.stdout), text(&output.stderr)))
    } else {
        Err(Failure(text(&output.stderr)))
    }
}

fn read(table: &str) -> Outcome<BTreeMap<String, u64>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (name, count) = line.split_once(' ').unwrap_or((line, ""));
            let count = count.trim().parse();
            count
                .map(|count| (name.to_owned(), count))
                .map_err(|_| Failure(format!("{TABLE} has a line without a number: {line}")))
        })
        .collect()
}

fn write(file: &Path, counts: &BTreeMap<String, u64>) -> Outcome {
    let mut table = format!(
        "# Instructions of one repetition, counted by callgrind: cargo xtask test instructions. More than {TOLERANCE} % above\n\
         # these fails. Where that is meant, or they have become fewer: {UPDATE}=1 cargo xtask test instructions\n"
    );
    for (name, count) in counts {
        table += &format!("{name} {count}\n");
    }
    fs::write(file, table).map_err(Failure::io(format!("write {TABLE}")))?;
    println!("==> {TABLE} was written anew");
    Ok(())
}

fn compare(committed: &BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) -> Outcome {
    println!("{:14} {:>12} {:>12}", "part", "committed", "now");
    let mut wrong = Vec::new();
    for (name, now) in counts {
        let before = committed.get(name).copied();
        let remark = judge(before, *now);
        println!(
            "{name:14} {:>12} {now:>12} {}",
            before.unwrap_or(0),
            remark.unwrap_or("")
        );
        if remark.is_some_and(|remark| remark != FEWER) {
            wrong.push(name.as_str());
        }
    }
    wrong.extend(
        committed
            .keys()
            .filter(|name| !counts.contains_key(*name))
            .map(String::as_str),
    );
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure(format!(
            "not as {TABLE} has it: {}; where that is meant: {UPDATE}=1 cargo xtask test instructions",
            wrong.join(", ")
        )))
    }
}

const FEWER: &str = "fewer: the table may be written anew";

fn judge(before: Option<u64>, now: u64) -> Option<&'static str> {
    match before {
        None => Some("not in the table"),
        Some(before) if now * 100 > before * (100 + TOLERANCE) => Some("grown"),
        Some(before) if now * 100 < before * (100 - TOLERANCE) => Some(FEWER),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_grew_by_more_than_a_twentieth_is_wrong() {
        let committed = read("# remark\na 1000\nb 20\n").unwrap();
        let counts = |a: u64| BTreeMap::from([("a".to_owned(), a), ("b".to_owned(), 20)]);
        assert!(compare(&committed, &counts(1050)).is_ok());
        assert!(compare(&committed, &counts(500)).is_ok());
        assert!(compare(&committed, &counts(1051)).is_err());
        assert!(compare(&committed, &BTreeMap::from([("a".to_owned(), 1000)])).is_err());
        assert!(compare(&BTreeMap::new(), &counts(1)).is_err());
        assert!(read("a many\n").is_err());
    }
}
