//! Services and databases.

use freehold_proto::v1::{
    Services,
    section::Kind,
    services::{Database, ListeningSocket, Service, service::StartKind},
    toggle::State,
};

use super::{Condition, extent};
use crate::demo::catalogue::Quirk;

const WINDOWS: [&str; 6] = [
    "Dhcp",
    "EventLog",
    "LanmanWorkstation",
    "Spooler",
    "W32Time",
    "WinDefend",
];
const LINUX: [&str; 6] = [
    "cron",
    "dbus",
    "networking",
    "rsyslog",
    "ssh",
    "systemd-timesyncd",
];

pub(super) fn of(condition: &Condition) -> Services {
    let (status, diagnostics) = extent(condition, Kind::Services, "services");
    let (names, suffix, source): (&[&str], &str, &str) = if condition.is_windows() {
        (&WINDOWS, "", "service manager")
    } else {
        (&LINUX, ".service", "systemd")
    };
    let services = names.iter().map(|name| Service {
        name: format!("{name}{suffix}"),
        running: State::On.into(),
        start: StartKind::Automatic.into(),
        account: if condition.is_windows() {
            "LocalSystem"
        } else {
            "root"
        }
        .into(),
        source: source.into(),
        ..Service::default()
    });
    let database = condition
        .computer
        .quirks
        .iter()
        .find_map(|quirk| match quirk {
            Quirk::Database(product) => Some(*product),
            _ => None,
        });
    let port = if condition.is_windows() { 445 } else { 22 };
    Services {
        status: status.into(),
        diagnostics,
        services: services.collect(),
        listening_sockets: vec![socket(port)],
        databases: database
            .map(|product| Database {
                product: product.into(),
                instance: "CHAIRSIDE".into(),
                version: "15.0.4420.2".into(),
                data_path: "C:\\Chairside\\Data".into(),
                running: State::On.into(),
                source: "registry".into(),
            })
            .into_iter()
            .collect(),
        ..Services::default()
    }
}

/// Something on the computer can be reached from others on a port.
pub(super) fn socket(port: u32) -> ListeningSocket {
    ListeningSocket {
        protocol: "tcp".into(),
        address: "0.0.0.0".into(),
        port,
        source: "sockets".into(),
        ..ListeningSocket::default()
    }
}
