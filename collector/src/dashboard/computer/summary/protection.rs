//! What an owner wants to know about a computer's protection: a sentence for each question.

use freehold_proto::v1::{
    Protection,
    protection::{Firewall, Updates, VolumeEncryption},
    section::Status,
    toggle::State,
};

use super::{Block, Verdict, time};
use crate::{
    clock::UnixMillis,
    dashboard::{markup::Markup, text::computer as t, tone::Tone},
};

/// Volumes that a computer starts from; they hold nothing of its owner and are rarely encrypted.
const START: [&str; 4] = ["/boot", "/boot/efi", "/boot/firmware", "/efi"];

/// Most volumes and programs that are named: a machine may send any number.
const NAMES: usize = 8;

/// The line behind as many as are named.
fn more(count: usize) -> Option<Markup> {
    (count > NAMES).then(|| Markup::text(t::AND_MORE))
}

pub(super) fn of(section: &Protection, now: UnixMillis) -> Vec<Block> {
    // The status above says that nothing is known; a verdict would say more than that.
    if matches!(section.status(), Status::Unsupported | Status::Unreadable) {
        return Vec::new();
    }
    let verdicts = [
        encryption(&section.volume_encryption),
        firewall(&section.firewalls),
        section
            .updates
            .as_ref()
            .map(|updates| self::updates(updates, now)),
        Some(backup(section, now)),
        remote(section),
    ];
    verdicts.into_iter().flatten().map(Block::Verdict).collect()
}

fn verdict(tone: Tone, sentence: Markup) -> Verdict {
    Verdict {
        tone,
        sentence,
        lines: Vec::new(),
    }
}

fn encryption(volumes: &[VolumeEncryption]) -> Option<Verdict> {
    let volumes: Vec<_> = volumes
        .iter()
        .filter(|volume| !START.contains(&volume.mount.as_str()))
        .collect();
    if volumes.is_empty() {
        return None;
    }
    let named = |state: State| {
        let meant = volumes.iter().filter(|volume| volume.encrypted() == state);
        Markup::first(meant, NAMES, |volume| Markup::code(&volume.mount))
    };
    let any = |state: State| volumes.iter().any(|volume| volume.encrypted() == state);
    Some(if any(State::Off) {
        let volumes = named(State::Off);
        verdict(
            Tone::Warn,
            Markup::fill(t::NOT_ENCRYPTED, &[("volumes", volumes)]),
        )
    } else if any(State::Unknown) {
        let volumes = named(State::Unknown);
        verdict(
            Tone::Unknown,
            Markup::fill(t::ENCRYPTION_UNKNOWN, &[("volumes", volumes)]),
        )
    } else {
        verdict(Tone::Good, Markup::text(t::ENCRYPTED))
    })
}

fn firewall(firewalls: &[Firewall]) -> Option<Verdict> {
    if firewalls.is_empty() {
        return None;
    }
    let on = firewalls.iter().filter(|it| it.enabled() == State::On);
    let refuses = |it: &Firewall| !it.inbound.is_empty() && !it.inbound.contains("accept");
    let (tone, sentence) = if on.clone().any(refuses) {
        (Tone::Good, t::FIREWALL)
    } else if on.clone().next().is_some() {
        (Tone::Warn, t::FIREWALL_OPEN)
    } else if firewalls.iter().any(|it| it.enabled() == State::Unknown) {
        (Tone::Unknown, t::FIREWALL_UNKNOWN)
    } else {
        (Tone::Warn, t::FIREWALL_OFF)
    };
    Some(verdict(tone, Markup::text(sentence)))
}

fn updates(updates: &Updates, now: UnixMillis) -> Verdict {
    let mut told = match updates.automatic() {
        State::On => {
            let product = super::value(&updates.product);
            verdict(
                Tone::Good,
                Markup::fill(t::UPDATES, &[("product", product)]),
            )
        }
        State::Off => verdict(Tone::Warn, Markup::text(t::UPDATES_OFF)),
        _ => verdict(Tone::Unknown, Markup::text(t::UPDATES_UNKNOWN)),
    };
    if let Some(at) = time(updates.last_success_at.as_ref()) {
        let when = Markup::time(at, now);
        told.lines
            .push(Markup::fill(t::UPDATES_LAST, &[("when", when)]));
    }
    if let Some(count) = updates.pending_security.filter(|count| *count > 0) {
        told.tone = Tone::Warn;
        let count = Markup::value(&count.to_string());
        told.lines
            .push(Markup::fill(t::UPDATES_MISSING, &[("count", count)]));
    }
    if !updates.problem.is_empty() {
        let problem = Markup::value(&updates.problem);
        told.lines
            .push(Markup::fill(t::PROBLEM, &[("problem", problem)]));
    }
    told
}

fn backup(section: &Protection, now: UnixMillis) -> Verdict {
    let products = &section.backup_products;
    if products.is_empty() {
        return match section.status() {
            Status::Complete => verdict(Tone::Warn, Markup::text(t::NO_BACKUP)),
            _ => verdict(Tone::Unknown, Markup::text(t::NO_BACKUP_UNKNOWN)),
        };
    }
    let names = Markup::names(products.iter().map(|product| product.name.as_str()), NAMES);
    let lines = products.iter().take(NAMES).map(|product| {
        let name = Markup::name(&product.name);
        match time(product.last_success_at.as_ref()) {
            Some(at) => {
                let when = Markup::time(at, now);
                Markup::fill(t::BACKUP_LAST, &[("product", name), ("when", when)])
            }
            None => Markup::fill(t::BACKUP_UNKNOWN, &[("product", name)]),
        }
    });
    Verdict {
        // That a program is there proves no backup.
        tone: Tone::Plain,
        sentence: Markup::fill(t::BACKUPS, &[("names", names)]),
        lines: lines.chain(more(products.len())).collect(),
    }
}

fn remote(section: &Protection) -> Option<Verdict> {
    let on = section.remote_access.iter();
    let on = on.filter(|program| program.enabled() == State::On);
    on.clone().next()?;
    let names = Markup::names(on.clone().map(|program| program.name.as_str()), NAMES);
    let mut tone = Tone::Plain;
    let mut lines = Vec::new();
    let mut told = 0;
    for program in on {
        let sentence = if program.root_password_sign_in() == State::On {
            tone = Tone::Warn;
            t::REMOTE_ROOT
        } else if program.password_sign_in() == State::On {
            t::REMOTE_PASSWORD
        } else {
            continue;
        };
        told += 1;
        if told <= NAMES {
            let product = Markup::name(&program.name);
            lines.push(Markup::fill(sentence, &[("product", product)]));
        }
    }
    lines.extend(more(told));
    Some(Verdict {
        tone,
        sentence: Markup::fill(t::REMOTE, &[("names", names)]),
        lines,
    })
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::protection::{BackupProduct, RemoteAccess};

    use super::*;

    fn volume(mount: &str, encrypted: State) -> VolumeEncryption {
        VolumeEncryption {
            mount: mount.into(),
            encrypted: encrypted.into(),
            ..VolumeEncryption::default()
        }
    }

    fn wall(enabled: State, inbound: &str) -> Firewall {
        Firewall {
            enabled: enabled.into(),
            inbound: inbound.into(),
            ..Firewall::default()
        }
    }

    #[test]
    fn the_volume_it_starts_from_does_not_spoil_the_verdict() {
        let told = |volumes: &[VolumeEncryption]| encryption(volumes).map(|it| it.tone);
        let start = volume("/boot/efi", State::Off);
        assert_eq!(
            told(&[volume("/", State::On), start.clone()]),
            Some(Tone::Good)
        );
        assert_eq!(
            told(&[volume("/", State::Off), start.clone()]),
            Some(Tone::Warn)
        );
        assert_eq!(told(&[volume("/", State::Unknown)]), Some(Tone::Unknown));
        assert_eq!(told(&[start]), None);
    }

    #[test]
    fn a_firewall_is_good_only_when_it_refuses_by_default() {
        let told = |walls: &[Firewall]| firewall(walls).map(|it| it.tone);
        assert_eq!(told(&[wall(State::On, "drop")]), Some(Tone::Good));
        assert_eq!(told(&[wall(State::On, "accept")]), Some(Tone::Warn));
        assert_eq!(
            told(&[wall(State::On, "drop (IPv4), accept (IPv6)")]),
            Some(Tone::Warn)
        );
        assert_eq!(told(&[wall(State::Off, "accept")]), Some(Tone::Warn));
        let unknown = [wall(State::Unknown, ""), wall(State::Off, "accept")];
        assert_eq!(told(&unknown), Some(Tone::Unknown));
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn nothing_is_judged_that_was_not_read() {
        let section = Protection {
            status: Status::Unsupported.into(),
            ..Protection::default()
        };
        assert!(of(&section, UnixMillis(0)).is_empty());
    }

    #[test]
    fn a_machine_that_sends_any_number_of_things_makes_no_long_page() {
        let section = Protection {
            status: Status::Complete.into(),
            volume_encryption: (0..9_000)
                .map(|number| volume(&format!("/mnt/{number}"), State::Off))
                .collect(),
            backup_products: (0..9_000)
                .map(|number| BackupProduct {
                    name: format!("backup {number}"),
                    ..BackupProduct::default()
                })
                .collect(),
            remote_access: (0..9_000)
                .map(|number| RemoteAccess {
                    name: format!("remote {number}"),
                    enabled: State::On.into(),
                    password_sign_in: State::On.into(),
                    ..RemoteAccess::default()
                })
                .collect(),
            ..Protection::default()
        };
        let mut length = 0;
        for block in of(&section, UnixMillis(0)) {
            let Block::Verdict(verdict) = block else {
                continue;
            };
            assert!(verdict.lines.len() <= NAMES + 1);
            length += verdict.sentence.to_string().len();
            length += verdict
                .lines
                .iter()
                .map(|line| line.to_string().len())
                .sum::<usize>();
        }
        assert!(length < 20_000, "{length}");
    }
}
