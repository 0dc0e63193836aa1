//! What a computer of the demo reports: its condition as the schema has it.

mod accounts;
mod antivirus;
mod hardware;
mod network;
mod protection;
mod services;
mod software;

use std::time::Duration;

use freehold_agent::snapshot::Collected;
use freehold_proto::v1::{
    Diagnostic, Domain, Readings, Services, System, domain,
    readings::{Session, SignatureAge, VolumeFree},
    section::{Kind, Status},
    toggle::State,
};
use prost::Message;

use super::condition::Condition;
use crate::clock::UnixMillis;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Every section at a moment.
pub(super) fn all(condition: &Condition, at: UnixMillis) -> Vec<Collected> {
    vec![
        encoded(Kind::System, &system(condition)),
        encoded(Kind::Hardware, &hardware::of(condition)),
        encoded(Kind::Software, &software::of(condition, at)),
        encoded(Kind::Antivirus, &antivirus::of(condition)),
        encoded(Kind::Accounts, &accounts::of(condition)),
        encoded(Kind::Network, &network::of(condition)),
        encoded(Kind::Services, &services::of(condition)),
        encoded(Kind::Protection, &protection::of(condition, at)),
    ]
}

/// The services of a computer that also listens on a port.
pub(super) fn with_port(sections: &[Collected], port: u32) -> Option<Collected> {
    let services = sections
        .iter()
        .find(|section| section.kind == Kind::Services)?;
    let mut services = Services::decode(services.body.as_slice()).ok()?;
    services.listening_sockets.push(services::socket(port));
    Some(encoded(Kind::Services, &services))
}

/// What changes by itself, at a moment.
pub(super) fn readings(condition: &Condition, at: UnixMillis) -> Readings {
    let user = condition.computer.user;
    let sessions = (!user.is_empty()).then(|| Session {
        account: user.to_owned(),
        since: Some(at.minus(Duration::from_secs(2 * 60 * 60)).timestamp()),
        ..Session::default()
    });
    Readings {
        volumes: vec![VolumeFree {
            mount: hardware::mount(condition).to_owned(),
            free_bytes: hardware::disk_bytes(condition) / 100 * condition.free,
        }],
        sessions: sessions.into_iter().collect(),
        uptime_seconds: Some(5 * 60 * 60),
        memory_used_percent: Some(40),
        signature_ages: antivirus::products(condition)
            .into_iter()
            .map(|product| SignatureAge {
                product: product.name,
                hours: 5,
            })
            .collect(),
        ..Readings::default()
    }
}

fn system(condition: &Condition) -> System {
    let (host, is_windows) = (condition.computer.host, condition.is_windows());
    let join = if is_windows {
        domain::Join::Workgroup
    } else {
        domain::Join::Standalone
    };
    System {
        status: Status::Complete.into(),
        host_name: host.to_owned(),
        fqdn: format!("{}.quillfeather.example", host.to_lowercase()),
        machine_id: condition.machine_id(),
        operating_system: Some(condition.system.to_proto()),
        kernel: if is_windows {
            format!("10.0.{}", condition.system.build)
        } else {
            "6.1.0-37-amd64".to_owned()
        },
        architecture: "x86_64".to_owned(),
        installed_at: Some(days_before(condition, 400).timestamp()),
        booted_at: Some(days_before(condition, 370).timestamp()),
        time_zone: "Europe/London".to_owned(),
        locale: "en-GB".to_owned(),
        domain: Some(Domain {
            name: if is_windows { "WORKGROUP" } else { "" }.to_owned(),
            join: join.into(),
            ..Domain::default()
        }),
        virtualization: "none".to_owned(),
        chassis: condition.computer.chassis.into(),
        pending_reboot: state(condition.restart_pending).into(),
        agent_version: version(condition).to_owned(),
        ..System::default()
    }
}

/// Version of its agent: one of them was forgotten when the others were updated.
pub(super) fn version(condition: &Condition) -> &'static str {
    if condition.computer.host == "lab" {
        "0.0.9"
    } else {
        env!("CARGO_PKG_VERSION")
    }
}

/// How much of a section could be read, and what it says when that is nothing.
fn extent(condition: &Condition, kind: Kind, source: &str) -> (Status, Vec<Diagnostic>) {
    if !condition.unreadable.contains(&kind) {
        return (Status::Complete, Vec::new());
    }
    let diagnostic = Diagnostic {
        source: source.to_owned(),
        reason: "access is denied".to_owned(),
        ..Diagnostic::default()
    };
    (Status::Unreadable, vec![diagnostic])
}

fn encoded(kind: Kind, section: &impl Message) -> Collected {
    Collected::now(kind, section.encode_to_vec())
}

fn state(is_on: bool) -> State {
    if is_on { State::On } else { State::Off }
}

fn days_before(condition: &Condition, days: u32) -> UnixMillis {
    condition.made_at.minus(DAY * days)
}

/// The beginning of the day: a moment that does not differ from look to look.
fn day(at: UnixMillis) -> UnixMillis {
    let day = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
    UnixMillis(at.0.div_euclid(day) * day)
}
