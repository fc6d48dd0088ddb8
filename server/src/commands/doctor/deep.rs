//! `isds doctor --deep`: whether messages and objects belong together, all of them.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use isds_core::consistency::{Finding, Observer, Progress, Scope, examine as examine_all};
use isds_core::ids::MessageId;
use isds_core::ports::ObjectUpkeep;
use isds_core::time::Clock;

use super::DoctorOptions;
use crate::assemble;
use crate::clock::SystemClock;
use crate::commands::Problem;
use crate::config::Config;

/// How often it is said how far it has come: to somebody who looks on, and to a log.
const SAID_EVERY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// Examines everything; whether something is ill.
pub(super) async fn examine(config: &Config, options: &DoctorOptions) -> Result<bool, Problem> {
    let store = assemble::open_configured_store(config, None).await?;
    let objects = assemble::open_objects(&config.objects, &assemble::configured_keys(config)?).await?;
    let objects: Arc<dyn ObjectUpkeep> = objects;
    let scratch = tempfile::tempfile()
        .map_err(|error| Problem::caused("there is no room for notes in the folder for temporary files", error))?;
    let scope = Scope {
        from: MessageId(options.from),
        young_since: SystemClock::default()
            .real()
            .plus_seconds(-3600 * i64::from(options.orphan_age)),
        remove_orphans: options.remove_orphans,
        never_restored: options.never_restored,
    };
    let mut teller = Teller::new();
    let examined = examine_all(&*store, &objects, scope, scratch, &mut teller).await;
    teller.end_line();
    let Progress {
        messages,
        last,
        objects,
        ..
    } = teller.progress;
    let wrong = examined.map_err(|failure| {
        let from = last.map_or(options.from, |last| last.0.saturating_add(1));
        Problem::caused(
            format!("the examination was cut off; go on with --from {from}"),
            failure,
        )
    })?;
    let state = if wrong == 0 { "ok   " } else { "ILL  " };
    println!("{state} content: {messages} messages read, {objects} objects seen, {wrong} things wrong");
    Ok(wrong > 0)
}

/// Says what is found, and how far it has come.
struct Teller {
    progress: Progress,
    terminal: bool,
    said: Instant,
    open_line: bool,
}

impl Teller {
    fn new() -> Self {
        Self {
            progress: Progress::default(),
            terminal: std::io::stderr().is_terminal(),
            said: Instant::now(),
            open_line: false,
        }
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            eprintln!();
        }
    }
}

impl Observer for Teller {
    fn found(&mut self, finding: &Finding) {
        self.end_line();
        println!("{}", in_words(finding));
    }

    fn went_on(&mut self, progress: &Progress) {
        self.progress = *progress;
        if self.said.elapsed() < SAID_EVERY[usize::from(!self.terminal)] {
            return;
        }
        self.said = Instant::now();
        let last = progress.last.map_or(0, |last| last.0);
        let said = format!(
            "{} messages read, the last {last}; {} objects seen, {} of 256 parts",
            progress.messages, progress.objects, progress.parts
        );
        if self.terminal {
            eprint!("\r{said}\x1b[K");
            let _ = std::io::stderr().flush();
            self.open_line = true;
        } else {
            eprintln!("{said}");
        }
    }
}

fn in_words(finding: &Finding) -> String {
    let bytes = |length: &Option<u64>| length.map_or("of no possible length".to_owned(), |n| format!("of {n} bytes"));
    let fate = |removed: &bool| if *removed { "ok    removed" } else { "ILL  " };
    match finding {
        Finding::ContentMissing(message, object) => format!("ILL   message {message}: object {object} is missing"),
        Finding::ContentDamaged(message, object) => format!("ILL   message {message}: object {object} is damaged"),
        Finding::HashDiffers(message) => {
            format!("ILL   message {message}: its content is not what was hashed when it was accepted")
        }
        Finding::ObjectMissing(object, by) => format!("ILL   object {object} is missing, needed by {by:?}"),
        Finding::ObjectDamaged(object) => format!("ILL   object {object} is damaged"),
        Finding::Orphan(object, length, written, removed) => format!(
            "{} object {object} {}, written {written}, is named by nothing",
            fate(removed),
            bytes(length)
        ),
        Finding::OrphanOfAnUnknownTime(object, length, written) => format!(
            "ILL   object {object} {}, written {written}, is named by nothing and kept: by the account of this database \
             no node ran then, so it may have forgotten what names it",
            bytes(length)
        ),
        Finding::Leftover(name, written, removed) => {
            format!(
                "{} {name}: what is left of an object never finished, written {written}",
                fate(removed)
            )
        }
    }
}
