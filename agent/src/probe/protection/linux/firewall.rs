//! Firewalls: the rules in the kernel, whoever made them, and the programs that manage them.

mod kernel;
mod ruleset;

use freehold_proto::v1::protection::Firewall;

use crate::order;
use crate::parse::{key_value, netfilter::Verdict, settings};
use crate::probe::section::Diagnostics;

use super::{Scene, state};
use kernel::Kernel;
use ruleset::Inbound;

/// Units of programs that manage the rules.
pub(super) const UNITS: [&str; 3] = ["firewalld.service", "nftables.service", "ufw.service"];

const MISSING: &str = "which firewall is active is";

/// The firewalls, ordered by name.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<Firewall> {
    let kernel = Kernel::read(scene.root, diagnostics);
    let mut firewalls = Vec::new();
    firewalls.extend(firewalld(scene, diagnostics));
    firewalls.extend(kernel.firewalls());
    firewalls.extend(ufw(scene, &kernel, diagnostics));
    order::sort_by(&mut firewalls, |a, b| a.name.cmp(&b.name));
    firewalls
}

/// firewalld manages the rules while it runs.
fn firewalld(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<Firewall> {
    const FILE: &str = "/etc/firewalld/firewalld.conf";
    let unit = "firewalld.service";
    let runs = scene.runs(unit, "firewalld");
    let settings = diagnostics.read_optional(scene.root, FILE, MISSING);
    if settings.is_none() && scene.units.file(unit).is_none() && runs != Some(true) {
        return None;
    }
    let settings = settings.unwrap_or_default();
    let zone = settings::values(&settings, "DefaultZone")
        .last()
        .unwrap_or("public");
    let target = zone_target(scene, zone, diagnostics);
    Some(Firewall {
        name: "firewalld".into(),
        enabled: state(runs).into(),
        source: FILE.into(),
        inbound: if runs == Some(true) { target } else { "" }.into(),
    })
}

/// What the default zone does with what no rule speaks of. A zone says so unless it rejects.
fn zone_target(scene: &Scene<'_>, zone: &str, diagnostics: &mut Diagnostics) -> &'static str {
    if zone.contains('/') || zone.starts_with('.') {
        return "";
    }
    for folder in ["/etc/firewalld/zones", "/usr/lib/firewalld/zones"] {
        let path = format!("{folder}/{zone}.xml");
        let missing = "what the firewall lets in is";
        let Some(bytes) = diagnostics.read_optional(scene.root, &path, missing) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        let element = text.split_once("<zone").map_or("", |(_, rest)| rest);
        let element = element.split_once('>').map_or("", |(element, _)| element);
        return if element.contains("\"ACCEPT\"") {
            "accept"
        } else if element.contains("\"DROP\"") {
            "drop"
        } else {
            "reject"
        };
    }
    ""
}

/// ufw writes its rules into the kernel and is done; whether they are there, the kernel knows.
fn ufw(scene: &Scene<'_>, kernel: &Kernel, diagnostics: &mut Diagnostics) -> Option<Firewall> {
    const FILE: &str = "/etc/ufw/ufw.conf";
    const DEFAULTS: &str = "/etc/default/ufw";
    let missing = "whether ufw is switched on is";
    let settings = match scene.root.read(FILE) {
        Ok(bytes) => Some(bytes),
        Err(error) if crate::probe::root::is_absent(&error) => return None,
        Err(error) => {
            diagnostics.unreadable(FILE, &error, missing);
            None
        }
    };
    let value = |bytes: &[u8], key| key_value::value(&String::from_utf8_lossy(bytes), key);
    let wanted = settings.and_then(|bytes| {
        let enabled = value(&bytes, "ENABLED").unwrap_or_default();
        let wanted = word(&enabled);
        if wanted.is_none() {
            let reason = format_args!("says neither yes nor no, so {missing} missing");
            diagnostics.note(FILE, "ENABLED", reason);
        }
        wanted
    });
    let there = kernel.has_chain("ufw-user-input");
    let enabled = match (wanted, there) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    if (wanted, there) == (Some(true), Some(false)) {
        let reason = "ufw is switched on in its settings, but its rules are not in the kernel";
        diagnostics.remark(FILE, "ENABLED", reason);
    }
    let defaults = diagnostics.read_optional(scene.root, DEFAULTS, "what ufw lets in is");
    let known = defaults.and_then(|bytes| {
        let policy = value(&bytes, "DEFAULT_INPUT_POLICY").unwrap_or_default();
        let policy = policy.to_lowercase();
        let mut all = ["accept", "drop", "reject"].into_iter();
        let known = all.find(|known| *known == policy);
        if known.is_none() {
            let reason = "names no policy, so what ufw lets in is missing";
            diagnostics.note(DEFAULTS, "DEFAULT_INPUT_POLICY", reason);
        }
        known
    });
    Some(Firewall {
        name: "ufw".into(),
        enabled: state(enabled).into(),
        source: FILE.into(),
        inbound: known
            .filter(|_| enabled != Some(false))
            .unwrap_or_default()
            .into(),
    })
}

/// "yes" and "no", as ufw writes them.
fn word(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// What happens to a connection that no rule speaks of.
fn inbound(inbound: Inbound) -> String {
    let word = |verdict: Verdict| match verdict {
        Verdict::Accept => "accept",
        Verdict::Drop => "drop",
        Verdict::Reject => "reject",
    };
    let (four, six) = (word(inbound.four), word(inbound.six));
    if four == six {
        four.to_owned()
    } else {
        format!("{four} (IPv4), {six} (IPv6)")
    }
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::toggle::State;

    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn a_firewall_whose_rules_are_not_in_the_kernel_is_off_whatever_its_settings_say() {
        let (_directory, root) = root_with(&[
            ("/etc/ufw/ufw.conf", b"ENABLED=yes\n"),
            ("/etc/default/ufw", b"DEFAULT_INPUT_POLICY=\"DROP\"\n"),
        ]);
        let mut diagnostics = Diagnostics::new();
        let scene = Scene::read(&root, &mut diagnostics);
        let ufw = ufw(&scene, &Kernel::without_rules(), &mut diagnostics).unwrap();
        assert_eq!((ufw.enabled(), ufw.inbound.as_str()), (State::Off, ""));
        let said = diagnostics.finish();
        let remarked = said
            .iter()
            .any(|one| one.reason.contains("rules are not in the kernel"));
        assert!(remarked, "{said:?}");
    }
}
