//! The local network.

use freehold_proto::v1::{
    Network,
    network::{Adapter, NameServer, Route, adapter},
    section::Status,
    system::ChassisKind,
    toggle::State,
};

use super::Condition;
use crate::demo::catalogue::COMPUTERS;

pub(super) fn of(condition: &Condition) -> Network {
    let (name, kind) = match (condition.is_windows(), condition.computer.chassis) {
        (_, ChassisKind::Laptop) => ("Wi-Fi", adapter::Kind::Wifi),
        (true, _) => ("Ethernet", adapter::Kind::Ethernet),
        (false, _) => ("enp1s0", adapter::Kind::Ethernet),
    };
    let place = COMPUTERS
        .iter()
        .position(|it| it.host == condition.computer.host);
    let number = condition.number("network", 3);
    let (first, rest) = number.split_at(2);
    let (second, third) = rest.split_at(2);
    let source = "network adapters";
    Network {
        status: Status::Complete.into(),
        adapters: vec![Adapter {
            name: name.into(),
            kind: kind.into(),
            mac: format!("02:00:5e:{first}:{second}:{third}"),
            up: State::On.into(),
            speed_mbps: Some(1000),
            addresses: vec![format!("192.168.20.{}/24", place.unwrap_or(0) + 11)],
            source: source.into(),
            ..Adapter::default()
        }],
        routes: vec![Route {
            destination: "0.0.0.0/0".into(),
            gateway: "192.168.20.1".into(),
            adapter: name.into(),
            source: source.into(),
            ..Route::default()
        }],
        name_servers: vec![NameServer {
            address: "192.168.20.1".into(),
            source: source.into(),
        }],
        ..Network::default()
    }
}
