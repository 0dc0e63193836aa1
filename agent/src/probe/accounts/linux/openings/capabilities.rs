//! Interpreters that have rights of root by the capabilities of their file.

use std::path::Path;

use freehold_proto::v1::{accounts::privilege::Mechanism, toggle::State};

use crate::parse::capability::{self, Capabilities};
use crate::probe::Root;

use super::super::privilege::EVERYTHING;
use super::interpreters::is_interpreter;
use super::{Opening, Who};

/// Where programs are.
const FOLDERS: [&str; 4] = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// The longest attribute there is has 24 bytes.
const ATTRIBUTE_BYTES: usize = 32;

/// Capabilities by number that amount to root in a program that runs what it is told, and how.
const DECISIVE: [(u32, &str, &str); 12] = [
    (0, "cap_chown", "takes over any file"),
    (1, "cap_dac_override", "writes any file"),
    (
        2,
        "cap_dac_read_search",
        "reads any file, password hashes included",
    ),
    (3, "cap_fowner", "changes the permissions of any file"),
    (6, "cap_setgid", "joins any group"),
    (7, "cap_setuid", "becomes any user"),
    (8, "cap_setpcap", "hands on rights of root"),
    (16, "cap_sys_module", "loads code into the kernel"),
    (17, "cap_sys_rawio", "reads and writes devices directly"),
    (19, "cap_sys_ptrace", "takes over programs of root"),
    (21, "cap_sys_admin", "mounts and changes nearly everything"),
    (31, "cap_setfcap", "gives any program rights of root"),
];

/// Reading files is much, but not everything by itself; nor is handing on what one does not have.
const UNDECIDED: [u32; 3] = [2, 6, 8];

/// Interpreters in the system's folders.
pub(super) fn find(root: &Root) -> Vec<Opening> {
    let mut openings = Vec::new();
    for folder in FOLDERS {
        for name in root.list(folder).unwrap_or_default() {
            let Some(name) = name.to_str().filter(|name| is_interpreter(name)) else {
                continue;
            };
            openings.extend(of_file(root, &format!("{folder}/{name}")));
        }
    }
    openings
}

/// What the capabilities of an interpreter open.
pub(super) fn of_file(root: &Root, path: &str) -> Option<Opening> {
    // A link is the business of the file it leads to.
    if root.is_link(path).ok()? {
        return None;
    }
    opening(path, read(root, path)?)
}

fn read(root: &Root, path: &str) -> Option<Capabilities> {
    let file = root.open(Path::new(path)).ok()?;
    let mut bytes = [0; ATTRIBUTE_BYTES];
    let length = rustix::fs::fgetxattr(&file, c"security.capability", &mut bytes).ok()?;
    capability::parse(bytes.get(..length)?)
}

fn opening(path: &str, capabilities: Capabilities) -> Option<Opening> {
    let found: Vec<_> = DECISIVE
        .iter()
        .filter(|(number, ..)| capabilities.has(*number))
        .collect();
    let names: Vec<_> = found.iter().map(|(_, name, _)| *name).collect();
    let (_, _, why) = found
        .iter()
        .find(|(number, ..)| !UNDECIDED.contains(number))
        .or(found.first())?;
    let decided = found.iter().any(|(number, ..)| !UNDECIDED.contains(number));
    let scope = if decided {
        format!("{EVERYTHING}: {why}")
    } else {
        (*why).to_owned()
    };
    Some(Opening {
        mechanism: Mechanism::Capability,
        who: Who::Everyone,
        step: format!("{path} with {}", names.join(", ")),
        scope,
        conditions: Vec::new(),
        source: path.to_owned(),
        line: None,
        full_control: if decided { State::On } else { State::Unknown },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_capability_gives_is_told() {
        let of = |bits: &[u32]| {
            let permitted = bits.iter().map(|bit| 1 << bit).sum();
            let capabilities = Capabilities {
                permitted,
                effective: true,
            };
            let opening = opening("/usr/bin/python3", capabilities)?;
            Some((opening.step, opening.scope, opening.full_control))
        };
        let (step, scope, full) = of(&[6, 7]).unwrap();
        assert_eq!(step, "/usr/bin/python3 with cap_setgid, cap_setuid");
        assert_eq!(scope, "everything: becomes any user");
        assert_eq!(full, State::On);
        assert_eq!(of(&[2]).unwrap().2, State::Unknown);
        // Listening on port 80 is what capabilities are for.
        assert_eq!(of(&[10, 13]), None);
    }
}
