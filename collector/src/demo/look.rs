//! A computer of the demo, looked at: what it reports, and when.

use std::time::Duration;

use freehold_proto::v1::HardwareFingerprint;

use super::{
    catalogue::{Ago, Fault},
    condition::Condition,
    reporter::{Habits, Look},
    sections,
};
use crate::clock::UnixMillis;

/// What a computer's reports say of it, before anything goes wrong.
pub(super) fn habits(condition: &Condition) -> Habits {
    Habits {
        version: sections::version(condition),
        clock_offset: 0,
        renews: true,
    }
}

/// A computer as it is, ready to be reported.
pub(super) fn look(
    condition: &Condition,
    at: UnixMillis,
    age: Duration,
    fault: Option<Fault>,
) -> Look {
    let taken = at.minus(age);
    Look {
        sections: sections::all(condition, taken),
        readings: sections::readings(condition, taken),
        at,
        age: age.as_millis() as u64,
        lost: match fault {
            Some(Fault::Lost(reports)) => reports,
            _ => 0,
        },
    }
}

/// What a computer sees from then on until it reports, while a program opens one port after the other.
pub(super) fn restless(look: &Look) -> Vec<Look> {
    const FIRST_PORT: u32 = 20_000;
    let times = 0..super::VERSIONS_A_DAY;
    let seen = times.map(|time| Look {
        sections: sections::with_port(&look.sections, FIRST_PORT + time)
            .into_iter()
            .collect(),
        readings: look.readings.clone(),
        at: look.at.plus(Duration::from_secs(time.into())),
        age: look.age - look.age / u64::from(super::VERSIONS_A_DAY) * u64::from(time),
        lost: 0,
    });
    seen.collect()
}

/// How long before it reports a computer was looked at: some have been offline for hours.
pub(super) fn age(host: &str, ago: Ago) -> Duration {
    if ago == 0 {
        return Duration::from_secs(20);
    }
    let spread = host.bytes().map(u64::from).sum::<u64>() * 7 + u64::from(ago) * 13;
    Duration::from_secs(spread % 240 * 60)
}

/// What identifies the hardware.
pub(super) fn fingerprint(condition: &Condition) -> HardwareFingerprint {
    let hash = |what: &str| {
        blake3::hash(condition.number(what, 16).as_bytes())
            .as_bytes()
            .to_vec()
    };
    HardwareFingerprint {
        firmware: hash("firmware"),
        adapters: vec![hash("network")],
        machine_id: hash("machine id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::catalogue::{COMPUTERS, FIRST};

    #[test]
    fn no_report_is_older_than_the_step_before_it() {
        for host in COMPUTERS.iter().map(|computer| computer.host) {
            for ago in 0..=FIRST {
                assert!(age(host, ago) < Duration::from_secs(4 * 60 * 60));
            }
        }
    }
}
