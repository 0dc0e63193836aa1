//! Windows: free space, batteries, neighbours, people signed in, uptime, memory, wireless signals.

#[cfg(test)]
mod tests;

use freehold_proto::v1::{
    Readings,
    readings::{BatteryCharge, Neighbour, Session, Signal, VolumeFree},
};

use super::quantum::{percent, steps_of_a_hundredth};
use crate::{
    probe::{
        hardware::{battery_id, energy_of_battery, percent_of_battery, volume_name},
        section::{cut, seconds},
    },
    rows::{
        Row,
        network::{self, Adapter, Wireless},
        session,
        volume::Volume,
    },
};

/// Most items in each list.
const ITEMS: usize = 5_000;
const MINUTE: u64 = 60;

/// What the system answers; what it does not tell is empty, as readings are of a moment and have no
/// diagnostics.
#[derive(Debug, Default)]
struct Rows {
    uptime: Option<u64>,
    /// Bytes of memory in use and in all.
    memory: Option<(u64, u64)>,
    volumes: Vec<Volume>,
    batteries: Vec<Row>,
    sessions: Vec<session::Session>,
    adapters: Vec<Adapter>,
    neighbours: Vec<network::Neighbour>,
    wireless: Vec<Wireless>,
}

/// Reads the values of the running machine.
#[cfg(windows)]
pub(super) fn collect(_root: &crate::probe::Root) -> Readings {
    use crate::sys::windows::{adapters, machine, power, sessions, volumes, wireless};
    const WIRELESS: u32 = 71;
    let adapters = adapters::all().unwrap_or_default();
    let has_wireless = adapters.iter().any(|adapter| adapter.kind == WIRELESS);
    let memory = machine::memory().ok();
    assemble(&Rows {
        uptime: Some(machine::uptime()),
        memory: memory.map(|memory| (memory.size.saturating_sub(memory.available), memory.size)),
        volumes: volumes::all().unwrap_or_default(),
        batteries: power::batteries().unwrap_or_default(),
        sessions: sessions::all().unwrap_or_default(),
        neighbours: adapters::neighbours().unwrap_or_default(),
        wireless: has_wireless
            .then(|| wireless::all().unwrap_or_default())
            .unwrap_or_default(),
        adapters,
    })
}

fn assemble(rows: &Rows) -> Readings {
    Readings {
        uptime_seconds: rows.uptime.map(|uptime| uptime / MINUTE * MINUTE),
        memory_used_percent: rows
            .memory
            .and_then(|(used, whole)| percent(used, whole, 5)),
        volumes: volumes(&rows.volumes),
        batteries: batteries(&rows.batteries),
        neighbours: neighbours(&rows.neighbours, &rows.adapters),
        sessions: sessions(&rows.sessions),
        signals: signals(&rows.wireless, &rows.adapters),
        ..Readings::default()
    }
}

fn volumes(volumes: &[Volume]) -> Vec<VolumeFree> {
    let mut found: Vec<VolumeFree> = volumes
        .iter()
        .take(ITEMS)
        .filter_map(|volume| {
            let (size, free) = volume.content.as_ref().ok()?.space?;
            let mount = cut(volume_name(volume)?).0;
            let free_bytes = steps_of_a_hundredth(free, size);
            (size > 0).then_some(VolumeFree { mount, free_bytes })
        })
        .collect();
    found.sort_by(|a, b| a.mount.cmp(&b.mount));
    found
}

fn batteries(rows: &[Row]) -> Vec<BatteryCharge> {
    let mut found: Vec<BatteryCharge> = rows
        .iter()
        .take(ITEMS)
        .map(|row| BatteryCharge {
            name: battery_id(row),
            percent: percent_of_battery(row).and_then(|exact| percent(exact.into(), 100, 5)),
            full_mwh: energy_of_battery(row, "Full"),
            // Batteries that do not count answer 0.
            cycles: row.number("Cycles").filter(|cycles| *cycles > 0),
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Devices that answered once, without groups and without entries that somebody set by hand for nobody.
fn neighbours(rows: &[network::Neighbour], adapters: &[Adapter]) -> Vec<Neighbour> {
    const UNREACHABLE: i32 = 0;
    const INCOMPLETE: i32 = 1;
    let mut seen: Vec<_> = rows
        .iter()
        .filter(|row| row.state != UNREACHABLE && row.state != INCOMPLETE)
        .filter(|row| !row.address.is_multicast() && !row.address.is_loopback())
        .filter_map(|row| {
            let mac = <[u8; 6]>::try_from(row.mac.as_slice()).ok()?;
            // The lowest bit of the first byte marks addresses of groups and of everybody.
            let is_single = mac[0] & 1 == 0 && mac != [0; 6];
            is_single.then_some((row.address, row.adapter, mac))
        })
        .collect();
    seen.sort_unstable();
    seen.truncate(ITEMS);
    seen.into_iter()
        .map(|(address, adapter, mac)| {
            let own = |one: &&Adapter| match address {
                std::net::IpAddr::V4(_) => one.index == adapter,
                std::net::IpAddr::V6(_) => one.index_v6 == adapter,
            };
            let adapter = adapters.iter().find(own);
            Neighbour {
                address: address.to_string(),
                mac: mac.map(|byte| format!("{byte:02x}")).join(":"),
                adapter: adapter.map_or_else(String::new, |adapter| cut(adapter.name.clone()).0),
                ..Neighbour::default()
            }
        })
        .collect()
}

/// People of a domain are written as such; those of this machine by their name alone would look the same.
fn sessions(rows: &[session::Session]) -> Vec<Session> {
    let mut found: Vec<Session> = rows
        .iter()
        .take(ITEMS)
        .map(|row| {
            let account = match row.domain.as_str() {
                "" => row.account.clone(),
                domain => format!(r"{domain}\{}", row.account),
            };
            Session {
                account: cut(account).0,
                since: row.since.map(seconds),
                terminal: cut(row.station.clone()).0,
            }
        })
        .collect();
    let key = |session: &Session| {
        let since = session.since.map(|time| time.seconds);
        (session.account.clone(), since, session.terminal.clone())
    };
    found.sort_by_key(key);
    found
}

fn signals(wireless: &[Wireless], adapters: &[Adapter]) -> Vec<Signal> {
    let mut found: Vec<Signal> = wireless
        .iter()
        .filter(|one| !one.network.is_empty())
        .filter_map(|one| {
            let own = |adapter: &&Adapter| adapter.id.eq_ignore_ascii_case(&one.id);
            Some(Signal {
                adapter: cut(adapters.iter().find(own)?.name.clone()).0,
                percent: percent(one.signal.into(), 100, 10)?,
            })
        })
        .collect();
    found.sort_by(|a, b| a.adapter.cmp(&b.adapter));
    found
}
