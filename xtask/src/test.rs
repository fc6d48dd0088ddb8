//! `cargo xtask test`: sets up, runs, and closes with a table.

use std::{
    ffi::OsString,
    fs,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use harness::{BucketServer, Durability, PrivateCluster, database};

use crate::{
    assets, instructions, place,
    shell::{Failure, Outcome, cargo, command, seconds, step},
    suites::{Objects, SUITES, Step, Suite, When, other_end_to_end},
    tools::{Tool, ensure, environment},
};

/// Prints the suites.
pub fn list() -> Outcome<ExitCode> {
    for suite in SUITES {
        let long = match suite.when {
            When::Always => "",
            When::Long => " (long)",
            When::ByName => " (by name)",
        };
        println!("{:12} {}{long}", suite.name, suite.about);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs suites. A failed one does not keep the others from running.
pub fn run(suites: &[&'static Suite]) -> Outcome<ExitCode> {
    let begun = Instant::now();
    let mut built = false;
    let results: Vec<(&Suite, Outcome, Duration)> = suites
        .iter()
        .map(|suite| {
            println!("\n######## {}: {}", suite.name, suite.about);
            let begun = Instant::now();
            let result = run_suite(suite, &mut built);
            if let Err(failure) = &result {
                println!("{}: {failure}", suite.name);
            }
            (*suite, result, begun.elapsed())
        })
        .collect();
    Ok(close(&results, begun.elapsed()))
}

/// The suites of one length.
pub fn those(when: When) -> Vec<&'static Suite> {
    SUITES.iter().filter(|suite| suite.when == when).collect()
}

/// All suites, the longer ones last.
pub fn everything() -> Vec<&'static Suite> {
    let mut suites = those(When::Always);
    suites.extend(those(When::Long));
    suites
}

/// The suites of these names.
pub fn named(names: &[String]) -> Outcome<Vec<&'static Suite>> {
    let find = |name: &String| {
        SUITES.iter().find(|suite| suite.name == name).ok_or_else(|| {
            let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
            Failure(format!("there is no suite '{name}'; there are: {}", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

fn run_suite(suite: &Suite, built: &mut bool) -> Outcome {
    ensure(Tool::BuildTools)?;
    assets::build()?;
    for tool in suite.needs {
        ensure(*tool)?;
    }
    for part in suite.steps {
        match part {
            Step::Cargo(arguments) => {
                let shown = format!("cargo {arguments}");
                step(&shown, cargo().args(arguments.split(' ')).envs(environment()))?;
            }
            Step::Tests(filter) => tests(filter, built, &[])?,
            Step::Soap(all, both) => soap(all, both, built)?,
            Step::Elsewhere(filter, objects) => elsewhere(filter, *objects, built)?,
            Step::Walks => walks(*built)?,
            Step::OtherEndToEnd => tests(&other_end_to_end(), built, &[])?,
            Step::Instructions => instructions::run()?,
            Step::Note(note) => println!("==> note: {note}"),
        }
    }
    Ok(())
}

/// What was answered is written down meanwhile, and the table of operations compared with it when all is over.
fn soap(all: &str, both: &str, built: &mut bool) -> Outcome {
    let answers = place::target().join("answers");
    match fs::remove_dir_all(&answers) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::io(format!("empty {}", answers.display()))(error));
        }
        _ => {}
    }
    let record = ("ISDS_TEST_ANSWERS", answers.clone().into_os_string());
    tests(all, built, std::slice::from_ref(&record))?;
    let cluster = PrivateCluster::start_with(Durability::Unsynced).map_err(|error| Failure(error.to_string()))?;
    println!("==> the same on PostgreSQL");
    let engine = (database::ENGINE, cluster.url("postgres").into());
    tests(both, built, &[record, engine])?;
    drop(cluster);
    let recorded = ("ISDS_RECORDED_ANSWERS", answers.into_os_string());
    tests("package(soap-api) & test(/^operations_table::/)", built, &[recorded])
}

/// Each demo gets a database of its own in a cluster, and a folder of its own in a bucket.
fn elsewhere(filter: &str, objects: Objects, built: &mut bool) -> Outcome {
    let failed = |error: harness::Error| Failure(error.to_string());
    let cluster = PrivateCluster::start_with(Durability::Unsynced).map_err(failed)?;
    let mut variables = vec![(database::ENGINE, cluster.url("postgres").into())];
    let bucket = match objects {
        Objects::Folder => None,
        Objects::Bucket => Some(BucketServer::start_with(&place::s3s_fs()).map_err(failed)?),
    };
    if let Some(bucket) = &bucket {
        variables.push((database::OBJECTS, bucket.url("demos").into()));
    }
    println!("==> on PostgreSQL, objects in a {objects:?}");
    tests(filter, built, &variables)
}

/// Node's own runner over the walks, two files at a time. They start the debug build, which the other suites test as well.
/// Pictures go to docs/screens where ISDS_SCREENS=1 asks for them; otherwise the source tree stays as it is.
fn walks(built: bool) -> Outcome {
    if !built {
        let build = ["build", "--locked", "-p", "server", "--bin", "isds"];
        step("cargo build -p server", cargo().args(build))?;
    }
    let folder = place::root().join("tests/browser/walks");
    let entries = fs::read_dir(&folder).map_err(Failure::io(format!("read {}", folder.display())))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|suffix| suffix == "mjs"));
    files.sort();
    let failed = place::target().join("walks/failed.txt");
    fs::create_dir_all(place::target().join("walks")).map_err(Failure::io("make the folder of failed walks"))?;
    let mut node = command("node", &["--test", "--test-concurrency=2"]);
    node.args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=./tests/browser/lib/failures.mjs")
        .arg(format!("--test-reporter-destination={}", failed.display()))
        .args(files)
        .envs(environment())
        .env("ISDS_BINARY", place::target().join("debug/isds"));
    step("walks in the browser", &mut node).map_err(|failure| {
        let reasons = fs::read_to_string(&failed).unwrap_or_default();
        Failure(format!("{failure}\n{reasons}"))
    })
}

fn tests(filter: &str, built: &mut bool, variables: &[(&str, OsString)]) -> Outcome {
    if !*built {
        // Binaries as well: the end-to-end tests start `isds` from beside themselves.
        let build = ["build", "--locked", "--workspace", "--all-targets"];
        step("cargo build --workspace --all-targets", cargo().args(build))?;
        *built = true;
    }
    let mut nextest = cargo();
    nextest.args([
        "nextest",
        "run",
        "--locked",
        "--profile",
        "ci",
        "--workspace",
        "-E",
        filter,
    ]);
    nextest.envs(environment()).envs(variables.iter().cloned());
    if variables.iter().any(|(name, _)| *name == database::ENGINE) {
        // What the first engine answered is the record of both: the second must not write its own over it.
        nextest.env_remove("UPDATE_GOLDEN");
    }
    step(&format!("tests: {filter}"), &mut nextest)
}

/// The closing table. The very last line stands alone, in the form that CI systems look for.
fn close(results: &[(&Suite, Outcome, Duration)], total: Duration) -> ExitCode {
    println!("\n{:12} {:8} {:>10}", "suite", "result", "time");
    for (suite, result, time) in results {
        println!(
            "{:12} {:8} {:>10}",
            suite.name,
            if result.is_ok() { "passed" } else { "FAILED" },
            seconds(*time)
        );
    }
    println!("{:12} {:8} {:>10}", "all", "", seconds(total));
    for (suite, result, _) in results {
        if let Err(failure) = result {
            println!("{}: {failure}", suite.name);
        }
    }
    let failed = results.iter().filter(|(_, result, _)| result.is_err()).count();
    println!("\n{} passed, {failed} failed", results.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
