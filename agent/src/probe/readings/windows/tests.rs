//! All rows here are written from documentation; none was recorded on a real Windows.

use super::*;
use crate::rows::{Unread, volume::Content};

fn volume(mount: &str, content: Content) -> Volume {
    Volume {
        device: String::new(),
        mounts: vec![mount.into()],
        kind: 3,
        content: Ok(content),
    }
}

fn neighbour(address: &str, mac: [u8; 6], state: i32) -> network::Neighbour {
    network::Neighbour {
        address: address.parse().unwrap(),
        adapter: 12,
        mac: mac.to_vec(),
        state,
    }
}

fn adapter() -> Adapter {
    Adapter {
        index: 12,
        id: "{WIFI}".into(),
        name: "WLAN".into(),
        ..Adapter::default()
    }
}

#[test]
fn values_are_quantised() {
    let space = Content {
        space: Some((100_000, 12_345)),
        ..Content::default()
    };
    let battery =
        Row::of([("Full", 45_600_u32), ("Charge", 37_900), ("Cycles", 0)]).with("Relative", false);
    let readings = assemble(&Rows {
        uptime: Some(125),
        memory: Some((52, 100)),
        volumes: vec![
            volume(r"C:\", space),
            Volume {
                content: Err(Unread::Failed { code: 21 }),
                ..volume(r"D:\", Content::default())
            },
        ],
        batteries: vec![Row {
            name: r"\\?\acpi#pnp0c0a#1#{72631e54-78a4-11d0-bcf7-00aa00b7b32a}".into(),
            ..battery
        }],
        ..Rows::default()
    });
    assert_eq!(readings.uptime_seconds, Some(120));
    assert_eq!(readings.memory_used_percent, Some(50));
    assert_eq!(readings.volumes.len(), 1);
    assert_eq!(
        (
            readings.volumes[0].mount.as_str(),
            readings.volumes[0].free_bytes
        ),
        ("C:", 12_000)
    );
    let battery = &readings.batteries[0];
    assert_eq!(battery.name, "ACPI#PNP0C0A#1");
    assert_eq!(
        (battery.percent, battery.full_mwh, battery.cycles),
        (Some(85), Some(45_600), None)
    );
}

#[test]
fn neighbours_are_single_devices_that_answered() {
    let mac = [0x3c, 0x52, 0x82, 0, 0, 1];
    let readings = assemble(&Rows {
        adapters: vec![adapter()],
        neighbours: vec![
            neighbour("192.168.1.9", mac, 4),
            neighbour("192.168.1.8", mac, 1),
            neighbour("192.168.1.7", mac, 0),
            neighbour("192.168.1.255", [0xff; 6], 6),
            neighbour("224.0.0.22", [1, 0, 0x5e, 0, 0, 0x16], 6),
            neighbour("192.168.1.6", [0; 6], 6),
        ],
        ..Rows::default()
    });
    assert_eq!(readings.neighbours.len(), 1);
    assert_eq!(readings.neighbours[0].address, "192.168.1.9");
    assert_eq!(readings.neighbours[0].mac, "3c:52:82:00:00:01");
    assert_eq!(readings.neighbours[0].adapter, "WLAN");
}

#[test]
fn people_and_signals_are_read() {
    let readings = assemble(&Rows {
        adapters: vec![adapter()],
        sessions: vec![session::Session {
            domain: "PRAXIS".into(),
            account: "Jürgen".into(),
            station: "RDP-Tcp#3".into(),
            since: Some(1_709_280_000),
        }],
        wireless: vec![
            Wireless {
                id: "{wifi}".into(),
                network: b"Praxis".to_vec(),
                signal: 78,
            },
            Wireless {
                id: "{other}".into(),
                network: Vec::new(),
                signal: 0,
            },
        ],
        ..Rows::default()
    });
    assert_eq!(readings.sessions[0].account, r"PRAXIS\Jürgen");
    assert_eq!(readings.sessions[0].terminal, "RDP-Tcp#3");
    assert_eq!(
        (readings.signals.len(), readings.signals[0].percent),
        (1, 80)
    );
}
