//! Which process holds a socket. A server has tens of thousands of open files: those that held sockets before are asked
//! first, and the others only when a socket is new.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{order, parse::sockets, probe::Root};

use super::processes::{Process, Processes};

/// So long a socket that nobody held, such as one of the kernel's own, is not looked for again.
const FRESH: Duration = Duration::from_secs(3600);

/// What the last look at the running machine found.
static LAST: Mutex<Option<Last>> = Mutex::new(None);

struct Last {
    /// When all processes were asked.
    at: Instant,
    /// Processes that held a socket.
    holders: BTreeSet<u32>,
    /// Sockets that nobody held.
    orphans: HashSet<u64>,
}

/// Who holds which of the wanted sockets, and whether some process could not be asked. What one holds on behalf of
/// another, as process 1 does for services that are not started yet, counts last.
pub(super) fn of<'a>(
    root: &Root,
    processes: &'a Processes,
    wanted: HashSet<u64>,
) -> (HashMap<u64, &'a Process>, bool) {
    if !root.is_live() {
        return ask(root, in_order(processes, &BTreeSet::new()), wanted);
    }
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let known = last.take().filter(|last| last.at.elapsed() < FRESH);
    let (at, earlier, orphans) = known.map_or_else(
        || (Instant::now(), BTreeSet::new(), HashSet::new()),
        |last| (last.at, last.holders, last.orphans),
    );
    let new: HashSet<u64> = wanted.difference(&orphans).copied().collect();
    let (holders, refused) = ask(root, in_order(processes, &earlier), new);
    // What could not be asked is asked again, so that it is said again.
    let is_orphan = |inode: &u64| !refused && !holders.contains_key(inode);
    *last = Some(Last {
        at,
        holders: holders.values().map(|process| process.id).collect(),
        orphans: wanted.into_iter().filter(is_orphan).collect(),
    });
    (holders, refused)
}

fn in_order<'a>(processes: &'a Processes, first: &BTreeSet<u32>) -> Vec<&'a Process> {
    let mut all: Vec<&Process> = processes.all().iter().collect();
    order::sort_by_key(&mut all, |process| {
        (process.id == 1, !first.contains(&process.id))
    });
    all
}

fn ask<'a>(
    root: &Root,
    processes: Vec<&'a Process>,
    mut wanted: HashSet<u64>,
) -> (HashMap<u64, &'a Process>, bool) {
    let mut holders = HashMap::new();
    let mut refused = false;
    for process in processes {
        if wanted.is_empty() {
            break;
        }
        let read = root.each_link(format!("/proc/{}/fd", process.id), |_, target| {
            if let Some(inode) = sockets::inode(target).filter(|inode| wanted.remove(inode)) {
                holders.insert(inode, process);
            }
            !wanted.is_empty()
        });
        refused |= read.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
    }
    (holders, refused)
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, os::fd::AsFd as _};

    use super::*;
    use crate::probe::section::Diagnostics;

    #[test]
    fn a_new_socket_is_found_beside_known_ones_and_those_that_nobody_holds() {
        const NOBODYS: u64 = u64::MAX;
        let root = Root::live();
        let Some(processes) = Processes::read(&root, &mut Diagnostics::new()) else {
            return;
        };
        let (one, two) = (listener(), listener());
        let inode = |socket: &TcpListener| rustix::fs::fstat(socket.as_fd()).unwrap().st_ino;
        let holders = |wanted: &[u64]| {
            let (holders, _) = of(&root, &processes, wanted.iter().copied().collect());
            let mut found: Vec<_> = holders
                .into_iter()
                .map(|(inode, it)| (inode, it.id))
                .collect();
            found.sort_unstable();
            found
        };
        let own = std::process::id();
        let (one, two) = (inode(&one), inode(&two));
        assert_eq!(holders(&[one, NOBODYS]), [(one, own)]);
        let mut both = [(one, own), (two, own)];
        both.sort_unstable();
        assert_eq!(holders(&[one, two, NOBODYS]), both);
        let first: BTreeSet<u32> = [own].into();
        assert_eq!(in_order(&processes, &first)[0].id, own);
    }

    fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").unwrap()
    }
}
