//! Linux: free space, batteries, neighbours, people signed in, uptime, memory, wireless signals.

use freehold_proto::v1::{
    Readings,
    readings::{BatteryCharge, Neighbour, Session, Signal, VolumeFree},
};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::quantum::{percent, steps_of_a_hundredth};
use crate::{
    order,
    parse::{
        key_value,
        netlink::{self, GET_NEIGHBOURS},
        utmp,
    },
    probe::{
        Root,
        hardware::{battery_energy, battery_names, local_volumes},
        network::adapter_names,
        section::{Diagnostics, cut, seconds},
        sysfs,
    },
    sys,
};

/// Most items in each list.
const ITEMS: usize = 5_000;
const MINUTE: u64 = 60;

/// Reads the values of the running machine.
pub(super) fn collect(root: &Root) -> Readings {
    Readings {
        uptime_seconds: System::uptime().ok().map(|uptime| uptime / MINUTE * MINUTE),
        memory_used_percent: memory_used(),
        neighbours: neighbours(root),
        ..read(root)
    }
}

/// What files below a root tell.
fn read(root: &Root) -> Readings {
    Readings {
        volumes: volumes(root),
        batteries: battery_names(root, &mut Diagnostics::new())
            .into_iter()
            .map(|name| battery(root, name))
            .collect(),
        sessions: sessions(root),
        signals: signals(root),
        ..Readings::default()
    }
}

fn volumes(root: &Root) -> Vec<VolumeFree> {
    let volumes = local_volumes(root).into_iter().take(ITEMS);
    volumes
        .map(|(mount, space)| VolumeFree {
            free_bytes: steps_of_a_hundredth(space.free, space.size),
            mount,
        })
        .collect()
}

fn memory_used() -> Option<u32> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory).ok()?;
    percent(system.used_memory(), system.total_memory(), 5)
}

fn battery(root: &Root, name: String) -> BatteryCharge {
    let path = format!("/sys/class/power_supply/{name}");
    let capacity = sysfs::number::<u64>(root, &format!("{path}/capacity"));
    let cycles = sysfs::number::<u32>(root, &format!("{path}/cycle_count"));
    BatteryCharge {
        percent: capacity.and_then(|capacity| percent(capacity, 100, 5)),
        full_mwh: battery_energy(root, &path, "full"),
        // Batteries that do not count answer 0.
        cycles: cycles.filter(|cycles| *cycles > 0),
        name,
    }
}

/// Devices that this machine has talked to, from the kernel's own table: nothing is sent to find them.
fn neighbours(root: &Root) -> Vec<Neighbour> {
    let names = adapter_names(root);
    let answer = sys::netlink::dump(GET_NEIGHBOURS, ITEMS, netlink::neighbour);
    let mut seen = answer.map(|(seen, _)| seen).unwrap_or_default();
    order::sort(&mut seen);
    seen.into_iter()
        .map(|neighbour| Neighbour {
            address: neighbour.address.to_string(),
            mac: neighbour.mac.map(|byte| format!("{byte:02x}")).join(":"),
            adapter: names.get(&neighbour.adapter).cloned().unwrap_or_default(),
            ..Neighbour::default()
        })
        .collect()
}

/// People signed in, from the sign-in service where there is one, else from utmp.
fn sessions(root: &Root) -> Vec<Session> {
    let mut sessions = logind(root);
    if sessions.is_empty() {
        sessions = utmp(root);
    }
    sessions.truncate(ITEMS);
    let key = |session: &Session| {
        let since = session.since.map(|time| time.seconds);
        (session.account.clone(), since, session.terminal.clone())
    };
    order::sort_by_key(&mut sessions, key);
    sessions
}

/// The sessions of systemd-logind; its own files say that they are private, so what they lack is
/// passed over.
fn logind(root: &Root) -> Vec<Session> {
    const FOLDER: &str = "/run/systemd/sessions";
    const MICROSECONDS: i64 = 1_000_000;
    let names = sysfs::names(root, FOLDER);
    let sessions = names.iter().filter_map(|name| {
        let text = sysfs::value(root, &format!("{FOLDER}/{name}"))?;
        let field = |key| key_value::value(&text, key);
        let is_person = field("CLASS").is_none_or(|class| class.starts_with("user"));
        let is_open = field("STATE").is_none_or(|state| state != "closing");
        let since = field("REALTIME").and_then(|time| time.parse::<i64>().ok());
        Some(Session {
            account: field("USER").filter(|_| is_person && is_open)?,
            since: since.map(|time| seconds(time / MICROSECONDS)),
            terminal: field("TTY").or_else(|| field("SEAT")).unwrap_or_default(),
        })
    });
    sessions.collect()
}

fn utmp(root: &Root) -> Vec<Session> {
    let bytes = root.read("/run/utmp").unwrap_or_default();
    utmp::logins(&bytes)
        .into_iter()
        .filter(|login| sysfs::exists(root, &format!("/proc/{}", login.process)))
        .map(|login| Session {
            account: cut(login.account).0,
            since: Some(seconds(login.since)),
            terminal: cut(login.terminal).0,
        })
        .collect()
}

/// Strengths of wireless signals; the kernel's old interface counts the quality up to 70.
fn signals(root: &Root) -> Vec<Signal> {
    const BEST: u64 = 70;
    let text = sysfs::value(root, "/proc/net/wireless").unwrap_or_default();
    let mut signals: Vec<Signal> = text
        .lines()
        .filter_map(|line| {
            let (adapter, values) = line.split_once(':')?;
            let quality = values.split_whitespace().nth(1)?.trim_end_matches('.');
            Some(Signal {
                adapter: adapter.trim().to_owned(),
                percent: percent(quality.parse().ok()?, BEST, 10)?,
            })
        })
        .collect();
    order::sort_by(&mut signals, |a, b| a.adapter.cmp(&b.adapter));
    signals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn people_batteries_and_signals_are_read() {
        let (_directory, root) = root_with(&[
            (
                "/run/systemd/sessions/3",
                b"# private\nUID=1000\nUSER=anna\nCLASS=user\nSTATE=active\nTTY=tty2\nREALTIME=1772352900000000\n",
            ),
            ("/run/systemd/sessions/c1", b"USER=gdm\nCLASS=greeter\n"),
            ("/sys/class/power_supply/BAT0/type", b"Battery\n"),
            ("/sys/class/power_supply/BAT0/capacity", b"83\n"),
            ("/sys/class/power_supply/BAT0/charge_full", b"4000000\n"),
            ("/sys/class/power_supply/BAT0/voltage_min_design", b"11400000\n"),
            ("/sys/class/power_supply/hid-1/type", b"Battery\n"),
            ("/sys/class/power_supply/hid-1/scope", b"Device\n"),
            (
                "/proc/net/wireless",
                b"Inter-| sta-|   Quality\n face | tus | link level\n wlan0: 0000   49.  -61.  -256\n",
            ),
        ]);
        let readings = read(&root);
        assert_eq!(readings.sessions.len(), 1);
        assert_eq!(readings.sessions[0].account, "anna");
        assert_eq!(readings.sessions[0].since.unwrap().seconds, 1_772_352_900);
        assert_eq!(readings.batteries.len(), 1);
        assert_eq!(readings.batteries[0].percent, Some(85));
        assert_eq!(readings.batteries[0].full_mwh, Some(45_600));
        assert_eq!(readings.signals[0].percent, 70);
    }

    #[test]
    fn the_running_machine_has_readings() {
        let live = collect(&Root::live());
        assert!(live.uptime_seconds.is_some_and(|uptime| uptime % 60 == 0));
        assert!(
            live.memory_used_percent
                .is_some_and(|percent| percent <= 100)
        );
        assert!(live.volumes.iter().any(|volume| volume.mount == "/"));
    }
}
