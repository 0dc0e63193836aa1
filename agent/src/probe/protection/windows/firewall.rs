//! Windows Firewall by profile, and firewalls that are registered with Security Center.

use freehold_proto::v1::{protection::Firewall, toggle::State};

use crate::{
    probe::{
        section::Diagnostics,
        windows::{
            Provider,
            center::{self, Activity, Registered},
            optional_key, state,
        },
    },
    rows::Row,
};

use super::Scene;

/// Service without which nothing is filtered.
const SERVICE: &str = "MpsSvc";

/// Profiles, as they are called here and in the registry.
const PROFILES: [(&str, &str); 3] = [
    ("Windows Firewall: domain", "DomainProfile"),
    ("Windows Firewall: private", "StandardProfile"),
    ("Windows Firewall: public", "PublicProfile"),
];

/// Where settings stand, the one that counts first: group policy, Intune, the computer's own.
const PLACES: [&str; 3] = [
    r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall",
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\Mdm",
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy",
];

const MISSING: &str = "whether the firewall is on is";

/// The firewalls, ordered by name.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<Firewall> {
    let mut firewalls: Vec<_> = PROFILES
        .iter()
        .map(|(name, key)| profile(scene, name, key, diagnostics))
        .collect();
    firewalls.extend(others(scene, diagnostics));
    firewalls.sort_by(|a, b| a.name.cmp(&b.name));
    firewalls
}

fn profile(scene: &Scene<'_>, name: &str, key: &str, diagnostics: &mut Diagnostics) -> Firewall {
    let own = format!(r"{}\{key}", PLACES[2]);
    let places = places(scene, key, diagnostics);
    let first = |value: &str| {
        let mut found = places.iter().flatten();
        found.find_map(|(path, row)| Some((path.as_str(), row.number::<u32>(value)?)))
    };
    let switched_on = first("EnableFirewall");
    let services = scene.services.as_ref();
    let runs = services.map(|services| services.any_runs(&[SERVICE]));
    let enabled = match (runs, switched_on) {
        (Some(false), _) | (_, Some((_, 0))) => Some(false),
        (Some(true), Some(_)) => Some(true),
        (None, _) | (_, None) => None,
    };
    if enabled.is_none() && switched_on.is_none() && places.is_some() {
        let reason = format_args!("holds no EnableFirewall, so {MISSING} missing");
        diagnostics.note(&own, "", reason);
    }
    // What nobody set is to block.
    let inbound = match (enabled, first("DefaultInboundAction")) {
        (Some(true), Some((_, 0))) => "accept",
        (Some(true), _) => "drop",
        _ => "",
    };
    let source = switched_on.map_or(own.as_str(), |(path, _)| path);
    Firewall {
        name: name.into(),
        enabled: state(enabled).into(),
        source: source.into(),
        inbound: inbound.into(),
    }
}

/// The settings of a profile in each place; `None` when one is closed, because it could hold what counts.
fn places(
    scene: &Scene<'_>,
    key: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Row)>> {
    let places = PLACES.iter().map(|place| {
        let path = format!(r"{place}\{key}");
        let row = optional_key(scene.machine, &path, MISSING, diagnostics)?;
        Some((path, row))
    });
    places.collect()
}

/// Firewalls of others.
fn others(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<Firewall> {
    let missing = "which firewalls of other makers there are is";
    let found = center::products(scene.machine, Provider::Firewall, missing, diagnostics);
    let mut found = found.unwrap_or_default();
    diagnostics.limit("Security Center", "registered firewalls", &mut found, 100);
    let others = found
        .into_iter()
        .filter(|it| !it.name.starts_with("Windows"));
    let mut firewall = |it: Registered| Firewall {
        name: diagnostics.fit(&it.source, "", it.name),
        enabled: match it.activity {
            Some(Activity::On) => State::On,
            Some(Activity::Off | Activity::Snoozed | Activity::Expired) => State::Off,
            None => State::Unknown,
        }
        .into(),
        source: it.source,
        inbound: String::new(),
    };
    others.map(&mut firewall).collect()
}
