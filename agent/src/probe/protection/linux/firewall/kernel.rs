//! The rules in the kernel. Nothing is asked that would make the kernel load a module.

use std::{io, path::Path, process::Command, time::Duration};

use freehold_proto::v1::{protection::Firewall, toggle::State};

use crate::parse::netfilter::{self, GET_CHAINS, GET_RULES};
use crate::probe::{Root, program, root::is_absent, section::Diagnostics};
use crate::sys;

use super::{inbound, ruleset::Ruleset};

const NFTABLES: &str = "nftables";
const IPTABLES: &str = "iptables";

/// Most chains or rules that are read.
const LIMIT: usize = 200_000;

/// Longest time iptables-save may take, and its longest answer.
const TIME: Duration = Duration::from_secs(5);
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Programs that print the rules of the older kind, with the table that tells whether there are any.
const LEGACY: [(&str, u8, [&str; 2]); 2] = [
    (
        "/proc/net/ip_tables_names",
        2,
        ["/usr/sbin/iptables-legacy-save", "/usr/sbin/iptables-save"],
    ),
    (
        "/proc/net/ip6_tables_names",
        10,
        [
            "/usr/sbin/ip6tables-legacy-save",
            "/usr/sbin/ip6tables-save",
        ],
    ),
];

/// What could be read of a set of rules: `None` when it is not used here.
enum Reading {
    Absent,
    Rules(Ruleset),
    Unknown,
}

/// All rules in the kernel.
pub(super) struct Kernel {
    nftables: Reading,
    iptables: Reading,
}

impl Kernel {
    /// One that filters nothing.
    #[cfg(test)]
    pub(super) fn without_rules() -> Self {
        Self {
            nftables: Reading::Absent,
            iptables: Reading::Absent,
        }
    }

    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        if !root.is_live() {
            let reason = "only the running machine has it, so which rules are active is missing";
            diagnostics.note("firewall", "", reason);
            return Self {
                nftables: Reading::Unknown,
                iptables: Reading::Absent,
            };
        }
        Self {
            nftables: nftables(root, diagnostics),
            iptables: iptables(root, diagnostics),
        }
    }

    /// What there is; that nothing filters is told, too.
    pub(super) fn firewalls(&self) -> Vec<Firewall> {
        let readings = [(NFTABLES, &self.nftables), (IPTABLES, &self.iptables)];
        readings
            .into_iter()
            .filter_map(|(name, reading)| {
                let (enabled, inbound) = match reading {
                    // Nothing else may be there at all, so that one has to say it.
                    Reading::Absent if name == IPTABLES => return None,
                    Reading::Absent => (State::Off, "accept".to_owned()),
                    Reading::Unknown => (State::Unknown, String::new()),
                    Reading::Rules(rules) => {
                        let enabled = if rules.filters() {
                            State::On
                        } else {
                            State::Off
                        };
                        (enabled, inbound(rules.inbound()))
                    }
                };
                Some(Firewall {
                    name: name.into(),
                    enabled: enabled.into(),
                    source: "kernel".into(),
                    inbound,
                })
            })
            .collect()
    }

    /// Whether a chain is there; `None` when that could not be read.
    pub(super) fn has_chain(&self, name: &str) -> Option<bool> {
        let mut unknown = false;
        for reading in [&self.nftables, &self.iptables] {
            match reading {
                Reading::Rules(rules) if rules.chains.iter().any(|chain| chain.name == name) => {
                    return Some(true);
                }
                Reading::Unknown => unknown = true,
                _ => {}
            }
        }
        (!unknown).then_some(false)
    }
}

fn nftables(root: &Root, diagnostics: &mut Diagnostics) -> Reading {
    const MISSING: &str = "which rules of nftables are active is";
    match is_loaded(root) {
        Ok(Some(false)) => return Reading::Absent,
        Ok(_) => {}
        Err(error) => {
            diagnostics.unreadable("/proc/modules", &error, MISSING);
            return Reading::Unknown;
        }
    }
    match ask_kernel() {
        Ok((rules, more)) => {
            if more {
                let reason = format_args!("holds more than {LIMIT} rules; the others are not read");
                diagnostics.note(NFTABLES, "", reason);
            }
            Reading::Rules(rules)
        }
        Err(error) if is_not_there(&error) => Reading::Absent,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let reason =
                format_args!("only administrators may read the rules, so {MISSING} missing");
            diagnostics.note(NFTABLES, "", reason);
            Reading::Unknown
        }
        Err(error) => {
            diagnostics.unreadable(NFTABLES, &error, MISSING);
            Reading::Unknown
        }
    }
}

fn ask_kernel() -> io::Result<(Ruleset, bool)> {
    let (chains, more_chains) = sys::netlink::firewall(GET_CHAINS, LIMIT, netfilter::chain)?;
    // Without a chain that packets pass through there are no rules that matter.
    if chains.is_empty() {
        return Ok((Ruleset::default(), more_chains));
    }
    let (rules, more_rules) = sys::netlink::firewall(GET_RULES, LIMIT, netfilter::rule)?;
    Ok((Ruleset { chains, rules }, more_chains || more_rules))
}

/// The kernel has no `nf_tables`: it knows neither the protocol nor the question.
fn is_not_there(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    let none = [libc::EPROTONOSUPPORT, libc::EINVAL, libc::EAFNOSUPPORT];
    code.is_some_and(|code| none.contains(&code))
}

/// Whether the kernel has `nf_tables` loaded or built in; `None` when it has no modules, so that asking loads
/// none.
fn is_loaded(root: &Root) -> io::Result<Option<bool>> {
    let modules = match root.read("/proc/modules") {
        Ok(modules) => modules,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let modules = String::from_utf8_lossy(&modules);
    if modules.lines().any(|line| line.starts_with("nf_tables ")) {
        return Ok(Some(true));
    }
    let release = rustix::system::uname();
    let release = release.release().to_string_lossy();
    let built_in = root.read(format!("/lib/modules/{release}/modules.builtin"));
    let built_in = built_in.unwrap_or_default();
    let mut lines = built_in.split(|byte| *byte == b'\n');
    Ok(Some(lines.any(|line| line.ends_with(b"/nf_tables.ko"))))
}

/// The rules of the older kind, where a table of them is in use.
fn iptables(root: &Root, diagnostics: &mut Diagnostics) -> Reading {
    const MISSING: &str = "which rules of iptables are active is";
    let mut all = Ruleset::default();
    let (mut used, mut failed) = (false, false);
    for (names, family, programs) in LEGACY {
        let tables = match root.read_at_most(names, 4096) {
            Ok(tables) => tables,
            Err(error) if is_absent(&error) => continue,
            Err(error) => {
                diagnostics.unreadable(names, &error, MISSING);
                failed = true;
                continue;
            }
        };
        if !tables
            .split(|byte| *byte == b'\n')
            .any(|name| name == b"filter")
        {
            continue;
        }
        used = true;
        match saved(programs) {
            Ok(text) => {
                let (chains, rules) = netfilter::saved(&text, family);
                all.chains.extend(chains);
                all.rules.extend(rules);
            }
            Err(reason) => {
                diagnostics.note(
                    names,
                    "filter",
                    format_args!("{reason}, so {MISSING} missing"),
                );
                failed = true;
            }
        }
    }
    match (failed, used) {
        (true, _) => Reading::Unknown,
        (false, true) => Reading::Rules(all),
        (false, false) => Reading::Absent,
    }
}

fn saved(programs: [&str; 2]) -> Result<String, SaveError> {
    let commands = programs
        .iter()
        .map(|path| program::command(Path::new(path)));
    // The program without "legacy" in its name may print the rules of nftables instead.
    let is_other = |command: &Command| command.get_program().to_string_lossy().contains("nft");
    let mut command = commands
        .flatten()
        .find(|command| !is_other(command))
        .ok_or_else(|| SaveError::Absent(programs[0].to_owned()))?;
    command.args(["-t", "filter"]);
    let output = program::run(&mut command, TIME, ANSWER_BYTES)?;
    if !output.success {
        return Err(SaveError::Failed(output.errors().unwrap_or_default()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[derive(Debug, thiserror::Error)]
enum SaveError {
    #[error("the program {0} is not there, or not to be trusted")]
    Absent(String),
    #[error(transparent)]
    Run(#[from] program::RunError),
    #[error("iptables-save says \"{0}\"")]
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_without_the_protocol_is_told_from_one_that_refuses() {
        assert!(is_not_there(&io::Error::from_raw_os_error(
            libc::EPROTONOSUPPORT
        )));
        assert!(!is_not_there(&io::Error::from_raw_os_error(libc::EPERM)));
    }
}
