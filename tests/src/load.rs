//! What the load programs share: what a process used, how long things took, tables for README.

mod table;
mod usage;

use std::time::Duration;

use hdrhistogram::Histogram;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tonic::{Code, Status};

pub use table::Table;
pub use usage::Usage;

/// Times that were taken, in microseconds.
#[derive(Debug)]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new(3).expect("three digits"))
    }
}

impl Times {
    /// Takes a time.
    pub fn add(&mut self, time: Duration) {
        self.0
            .record(time.as_micros() as u64)
            .expect("it grows as needed");
    }

    /// Takes the times of another.
    pub fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("the same digits");
    }

    /// Whether `percent` of all did not exceed a time.
    pub fn at_most(&self, percent: f64, limit: Duration) -> bool {
        u128::from(self.0.value_at_percentile(percent)) <= limit.as_micros()
    }

    /// How many were taken.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that `percent` of all did not exceed, in milliseconds.
    pub fn percentile(&self, percent: f64) -> String {
        format!(
            "{:.1} ms",
            self.0.value_at_percentile(percent) as f64 / 1000.0
        )
    }
}

/// Waits as long as a collector asks for that has too much to do; any other refusal is an error.
pub async fn wait_as_asked(refusal: Status) -> Result<(), Status> {
    let busy = matches!(refusal.code(), Code::ResourceExhausted | Code::Unavailable);
    let asked = refusal.metadata().get("retry-after-ms");
    let asked = asked
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .filter(|_| busy);
    tokio::time::sleep(Duration::from_millis(asked.ok_or(refusal)?)).await;
    Ok(())
}

/// Allows this process, and those it starts, as many open files as the system lets it have.
pub fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        eprintln!(
            "the number of open files stays at {:?}: {error}",
            limit.current
        );
    }
}

/// The computer this runs on, in a line.
pub fn this_computer() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{cores} cores of {}, Linux {}",
        model.unwrap_or("an unnamed processor"),
        kernel.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_times_that_were_taken() {
        let (mut one, mut other) = (Times::default(), Times::default());
        for millis in 1..=99 {
            one.add(Duration::from_millis(millis));
        }
        other.add(Duration::from_secs(10));
        one.merge(&other);
        assert_eq!(one.count(), 100);
        assert_eq!(one.percentile(50.0), "50.0 ms");
        assert!(
            one.percentile(100.0).starts_with("100"),
            "{}",
            one.percentile(100.0)
        );
    }
}
