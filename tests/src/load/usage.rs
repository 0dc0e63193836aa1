//! What a process used, from /proc.

use std::{fs, time::Duration};

/// What a process used up to now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time, user and system together.
    pub cpu: Duration,
    /// Memory it holds now, in bytes.
    pub resident: u64,
    /// Most memory it ever held, in bytes.
    pub peak: u64,
}

impl Usage {
    /// Of a running process; zero when it is gone.
    pub fn of(process: u32) -> Self {
        let read = |file| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let status = read("status");
        let kib = |label: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(label));
            let number = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            number.unwrap_or(0) * 1024
        };
        Self {
            cpu: cpu(&read("stat")),
            resident: kib("VmRSS:"),
            peak: kib("VmHWM:"),
        }
    }

    /// Memory it holds now and held at most.
    pub fn memory(&self) -> String {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        format!("{:.1} MiB, peak {:.1}", mib(self.resident), mib(self.peak))
    }
}

/// Fields 14 and 15, counted after the program's name, which may hold anything.
fn cpu(stat: &str) -> Duration {
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = fields
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok());
    let per_second = rustix::param::clock_ticks_per_second();
    Duration::from_millis(ticks.sum::<u64>() * 1000 / per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_does_not_shift_the_fields() {
        let stat = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(
            cpu(stat),
            Duration::from_secs(300 / rustix::param::clock_ticks_per_second())
        );
    }

    #[test]
    fn this_process_uses_something() {
        let usage = Usage::of(std::process::id());
        assert!(
            usage.resident > 0 && usage.peak >= usage.resident,
            "{usage:?}"
        );
    }
}
