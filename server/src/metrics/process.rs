//! The process itself, under the names that all monitoring knows.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

pub(super) fn register(registry: &mut Registry) {
    registry.register_collector(Box::new(Process));
}

#[derive(Debug)]
struct Process;

/// What `/proc` tells; nought where it tells nothing.
#[derive(Debug, Default)]
struct Figures {
    cpu_seconds: f64,
    resident_bytes: i64,
    virtual_bytes: i64,
    threads: i64,
    started: f64,
    open_files: i64,
    most_files: i64,
}

impl Figures {
    fn read() -> Self {
        let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
        let stat = read("/proc/self/stat");
        // The name of the program stands in brackets and may hold anything.
        let fields: Vec<i64> = stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .split(' ')
            .map(|field| field.trim().parse().unwrap_or(0))
            .collect();
        // `proc(5)` counts from 1, and two fields stand before the state.
        let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
        let ticks = rustix::param::clock_ticks_per_second().max(1) as f64;
        let page = i64::try_from(rustix::param::page_size()).unwrap_or(4096);
        let booted: f64 = read("/proc/stat")
            .lines()
            .find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
            .unwrap_or(0.0);
        let files = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        Self {
            cpu_seconds: (field(14) + field(15)) as f64 / ticks,
            threads: field(20),
            started: booted + field(22) as f64 / ticks,
            virtual_bytes: field(23),
            resident_bytes: field(24) * page,
            open_files: i64::try_from(files).unwrap_or(0),
            most_files: most.and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let figures = Figures::read();
        let cpu = ConstCounter::new(figures.cpu_seconds);
        let help = "Seconds of processor time.";
        cpu.encode(encoder.encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?)?;
        let start = ConstGauge::new(figures.started);
        let help = "When the process started, in seconds since 1970.";
        start.encode(encoder.encode_descriptor("process_start_time_seconds", help, None, MetricType::Gauge)?)?;
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Memory in use.",
                figures.resident_bytes,
            ),
            ("process_virtual_memory_bytes", "Address space.", figures.virtual_bytes),
            ("process_threads", "Threads.", figures.threads),
            ("process_open_fds", "Descriptors that are open.", figures.open_files),
            ("process_max_fds", "Descriptors that may be open.", figures.most_files),
        ] {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_told() {
        let figures = Figures::read();
        assert!(figures.resident_bytes > 1 << 20, "{figures:?}");
        assert!(figures.virtual_bytes >= figures.resident_bytes, "{figures:?}");
        assert!(figures.threads >= 1 && figures.open_files >= 3, "{figures:?}");
        assert!(figures.most_files >= figures.open_files, "{figures:?}");
        // After 2020, and not in the future by more than a day: the clock of the machine is nobody's here.
        assert!(figures.started > 1_577_000_000.0, "{figures:?}");
    }
}
