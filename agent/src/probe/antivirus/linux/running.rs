//! Processes of products. A name alone is no proof: everyone may call a program of their own "clamd", and
//! a stopped antivirus must not look alive because of that.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use crate::parse::proc_status;
use crate::probe::{
    Root,
    processes::{Processes, living},
    section::Diagnostics,
};

use super::catalogue::{CATALOGUE, Entry};

/// Where people put files of their own; no product runs from there.
const OF_PEOPLE: [&str; 6] = [
    "/dev/shm",
    "/home",
    "/media",
    "/run/user",
    "/tmp",
    "/var/tmp",
];

/// What the running processes are to the products.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Running {
    /// Numbers of the processes of a product, by its name and theirs.
    own: HashMap<(&'static str, &'static str), Vec<u32>>,
}

/// Why a process that is called like one of a product is none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stranger {
    /// It has rights of a person, as a number of a user.
    Person(u32),
    /// Its program lies where people put files.
    Place,
}

impl Running {
    /// Tells which of the processes are those of products. Those that only have the name are remarked on.
    pub(super) fn of(root: &Root, processes: &Processes, diagnostics: &mut Diagnostics) -> Self {
        let mut running = Self::default();
        for entry in CATALOGUE {
            for name in names(entry) {
                let mut strangers = BTreeSet::new();
                for &id in processes.ids(name) {
                    match examine(root, id) {
                        Some(Ok(())) => running.add(entry, name, id),
                        Some(Err(stranger)) => drop(strangers.insert(stranger)),
                        None => {}
                    }
                }
                remark(entry, name, &strangers, diagnostics);
            }
        }
        running
    }

    /// Processes of these names run, and belong to every product that has such.
    #[cfg(test)]
    pub(super) fn named(running: &[&str]) -> Self {
        let mut all = Self::default();
        for entry in CATALOGUE {
            for name in names(entry)
                .into_iter()
                .filter(|name| running.contains(name))
            {
                all.add(entry, name, 1);
            }
        }
        all
    }

    fn add(&mut self, entry: &Entry, name: &'static str, id: u32) {
        let ids = self.own.entry((entry.name, name)).or_default();
        ids.push(id);
    }

    /// Whether a process of a product runs.
    pub(super) fn has(&self, entry: &Entry, name: &'static str) -> bool {
        self.own.contains_key(&(entry.name, name))
    }

    /// Numbers of all processes of any product.
    pub(super) fn all(&self) -> Vec<u32> {
        let ids: BTreeSet<u32> = self.own.values().flatten().copied().collect();
        ids.into_iter().collect()
    }

    /// Numbers of all processes of a product, in ascending order.
    pub(super) fn ids(&self, entry: &Entry) -> Vec<u32> {
        let own = self
            .own
            .iter()
            .filter(|((product, _), _)| *product == entry.name);
        let ids: BTreeSet<u32> = own.flat_map(|(_, ids)| ids).copied().collect();
        ids.into_iter().collect()
    }
}

/// Whether a process is one of any product.
pub(super) fn is_of_a_product(root: &Root, id: u32) -> bool {
    let Ok(stat) = root.read_at_most(format!("/proc/{id}/stat"), 4096) else {
        return false;
    };
    // One that has ended and is not buried would tell of its end again and again.
    let Some(name) = living(&stat) else {
        return false;
    };
    is_name_of_a_product(&name) && examine(root, id) == Some(Ok(()))
}

/// Whether processes of a product have this name.
pub(super) fn is_name_of_a_product(name: &str) -> bool {
    CATALOGUE.iter().any(|entry| {
        let mut services = entry.services.iter();
        services.any(|service| service.process == name) || entry.processes.contains(&name)
    })
}

/// Names of the processes of a product.
fn names(entry: &'static Entry) -> BTreeSet<&'static str> {
    let services = entry.services.iter().map(|service| service.process);
    services.chain(entry.processes.iter().copied()).collect()
}

/// Whether a process can be that of a product; `None` when it has ended meanwhile.
fn examine(root: &Root, id: u32) -> Option<Result<(), Stranger>> {
    let status = root.read_at_most(format!("/proc/{id}/status"), 64 * 1024);
    let Some(users) = proc_status::users(&status.ok()?) else {
        return Some(Err(Stranger::Place));
    };
    // Whoever starts a program that has root's rights is still known by the first.
    if let Some(person) = users.into_iter().find(|user| is_person(*user)) {
        return Some(Err(Stranger::Person(person)));
    }
    // Not everyone may look at what others run.
    let program = root.read_link(format!("/proc/{id}/exe")).ok();
    let is_strange = program.is_some_and(|program| is_of_people(&program));
    Some(if is_strange {
        Err(Stranger::Place)
    } else {
        Ok(())
    })
}

/// Whether a user id is a person's: of this machine, of a directory, or one that a person may hand out. No
/// product in the catalogue runs as one.
fn is_person(user: u32) -> bool {
    const FIRST: u32 = 1000;
    const NOBODY: u32 = 65_534;
    // systemd makes these for single services.
    const OF_SERVICES: std::ops::RangeInclusive<u32> = 61_184..=65_519;
    user >= FIRST && user != NOBODY && !OF_SERVICES.contains(&user)
}

fn is_of_people(program: &Path) -> bool {
    // The kernel puts words behind the path of a program that was replaced meanwhile.
    let program: PathBuf = match program.to_str() {
        Some(text) => text.strip_suffix(" (deleted)").unwrap_or(text).into(),
        None => program.to_owned(),
    };
    // A program that lies nowhere but in memory.
    let is_memory = program
        .as_os_str()
        .as_encoded_bytes()
        .starts_with(b"/memfd:");
    !program.is_absolute() || is_memory || OF_PEOPLE.iter().any(|place| program.starts_with(place))
}

/// Numbers of processes are left out: they would be news every time.
fn remark(
    entry: &Entry,
    name: &str,
    strangers: &BTreeSet<Stranger>,
    diagnostics: &mut Diagnostics,
) {
    const USERS: usize = 4;
    let position = format!("process {name}");
    for stranger in strangers.iter().take(USERS) {
        let reason = match stranger {
            Stranger::Person(user) => format!(
                "runs with the rights of a person (user id {user}), so it does not count as the product's"
            ),
            Stranger::Place => {
                "runs a program from where people put files, so it does not count as the product's"
                    .to_owned()
            }
        };
        diagnostics.remark(entry.name, &position, reason);
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use freehold_proto::v1::section::Status;
    use tempfile::TempDir;

    use super::*;
    use crate::probe::fixture::write;

    struct Machine(TempDir);

    impl Machine {
        fn new() -> Self {
            let machine = Self(tempfile::tempdir().unwrap());
            machine.process(1, "init", [0; 4], Some("/usr/sbin/init"))
        }

        fn process(self, id: u32, name: &str, users: [u32; 4], program: Option<&str>) -> Self {
            let root = self.0.path();
            let [real, effective, saved, file] = users;
            let status = format!(
                "Name:\t{name}\nState:\tS (sleeping)\nUid:\t{real}\t{effective}\t{saved}\t{file}\nGid:\t0\t0\t0\t0\n"
            );
            write(root, &format!("/proc/{id}/comm"), name.as_bytes());
            write(root, &format!("/proc/{id}/status"), status.as_bytes());
            let stat = format!("{id} ({name}) S 1 1 1 0");
            write(root, &format!("/proc/{id}/stat"), stat.as_bytes());
            if let Some(program) = program {
                symlink(program, root.join(format!("proc/{id}/exe"))).unwrap();
            }
            self
        }

        fn root(&self) -> Root {
            Root::at(self.0.path())
        }

        /// Processes that are ClamAV's, and what was said.
        fn clamav(&self) -> (Vec<u32>, Vec<String>, Status) {
            let (root, mut diagnostics) = (self.root(), Diagnostics::new());
            let processes = Processes::read(&root, &mut diagnostics, "x is").unwrap();
            let running = Running::of(&root, &processes, &mut diagnostics);
            let entry = CATALOGUE
                .iter()
                .find(|entry| entry.name == "ClamAV")
                .unwrap();
            assert_eq!(running.has(entry, "clamd"), !running.ids(entry).is_empty());
            let status = diagnostics.status(true);
            let said = diagnostics.finish().into_iter().map(|one| one.reason);
            (running.ids(entry), said.collect(), status)
        }
    }

    #[test]
    fn a_persons_own_process_does_not_make_an_antivirus_run() {
        // Also one that has root's rights because its file lends them: the first number stays the person's.
        for users in [
            [1000; 4],
            [1000, 0, 0, 0],
            [200_000; 4],
            [0, 0, 1_234_567, 0],
        ] {
            let machine = Machine::new().process(7, "clamd", users, Some("/usr/bin/su"));
            let (ids, said, status) = machine.clamav();
            assert_eq!(ids, [0_u32; 0], "{users:?}");
            assert!(said[0].contains("rights of a person"), "{said:?}");
            assert_eq!(status, Status::Complete, "that is known well");
            assert!(!is_of_a_product(&machine.root(), 7));
        }
    }

    #[test]
    fn a_process_of_the_system_counts_also_when_its_program_was_replaced_or_cannot_be_seen() {
        for users in [[0; 4], [112; 4], [64_000; 4], [65_534; 4]] {
            for program in [
                Some("/usr/sbin/clamd"),
                Some("/usr/sbin/clamd (deleted)"),
                None,
            ] {
                let machine = Machine::new().process(7, "clamd", users, program);
                assert_eq!(machine.clamav(), (vec![7], Vec::new(), Status::Complete));
                assert!(is_of_a_product(&machine.root(), 7));
            }
        }
    }

    #[test]
    fn a_program_from_a_folder_of_people_does_not_count_whoever_runs_it() {
        for program in [
            "/home/anna/clamd",
            "/tmp/x/clamd (deleted)",
            "/memfd:clamd (deleted)",
        ] {
            let machine = Machine::new().process(7, "clamd", [0; 4], Some(program));
            let (ids, said, _) = machine.clamav();
            assert!(
                ids.is_empty() && said[0].contains("where people put files"),
                "{program}"
            );
        }
    }

    #[test]
    fn a_process_that_ended_meanwhile_is_passed_over() {
        let machine = Machine::new().process(7, "clamd", [0; 4], None);
        fs::remove_file(machine.0.path().join("proc/7/status")).unwrap();
        assert_eq!(machine.clamav(), (Vec::new(), Vec::new(), Status::Complete));
    }

    #[test]
    fn many_strangers_say_little() {
        let mut machine = Machine::new();
        for number in 0..50 {
            machine = machine.process(100 + number, "clamd", [1000 + number; 4], None);
        }
        let (ids, said, _) = machine.clamav();
        assert_eq!((ids.len(), said.len()), (0, 4));
    }
}
