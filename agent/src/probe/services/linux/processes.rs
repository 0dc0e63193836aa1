//! Processes: their programs and the services they belong to.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashSet},
    hash::{Hash as _, Hasher},
    rc::Rc,
};

use crate::order;
use crate::probe::{Root, section::Diagnostics};

use super::base;

/// Most processes that are looked at.
const PROCESSES: usize = 100_000;

/// A process.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Process {
    /// Its number.
    pub(super) id: u32,
    /// Path of its program; empty when that may not be read.
    pub(super) program: String,
    /// Last part of that path, else the name that the kernel shows, cut to 15 characters.
    pub(super) name: String,
    /// Service it belongs to; empty when it belongs to none.
    pub(super) unit: String,
    /// It runs in a container, with files of its own.
    pub(super) contained: bool,
}

/// The processes that run, ordered by number; threads of the kernel are left out.
#[derive(Debug, Default)]
pub(super) struct Processes {
    list: Rc<Vec<Process>>,
    asked: Rc<RefCell<Asked>>,
    names: HashSet<String>,
    programs: HashSet<String>,
    units: BTreeSet<String>,
}

/// Processes, and what is asked of them.
pub(super) type Shared = (Rc<Vec<Process>>, Rc<RefCell<Asked>>);

/// What of the processes somebody wanted to know. What else comes and goes does not matter.
#[derive(Debug, Default)]
pub(super) struct Asked {
    names: HashSet<String>,
    ids: HashSet<u32>,
}

impl Asked {
    /// Takes down a name or a path.
    fn note(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    fn concerns(&self, process: &Process) -> bool {
        !process.unit.is_empty()
            || self.ids.contains(&process.id)
            || self.names.contains(&process.name)
            || self.names.contains(&process.program)
    }

    /// What differs when one of the processes that matter came, went or changed.
    pub(super) fn hash(&self, processes: &[Process], mark: &mut impl Hasher) {
        let those = processes.iter().filter(|process| self.concerns(process));
        those.for_each(|process| process.hash(mark));
    }
}

impl Processes {
    /// Reads /proc. `None`, with a note, when the processes of other users are hidden.
    pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Option<Self> {
        let missing = "which services run is";
        // Process 1 always runs and belongs to root: who cannot see it sees only some.
        if let Err(error) = root.read_at_most("/proc/1/comm", 64) {
            diagnostics.unreadable("/proc/1/comm", &error, missing);
            return None;
        }
        let entries = match root.list("/proc") {
            Ok(entries) => entries,
            Err(error) => {
                diagnostics.unreadable("/proc", &error, missing);
                return None;
            }
        };
        let ids = entries.iter().filter_map(|entry| entry.to_str());
        let mut ids: Vec<u32> = ids.filter_map(|id| id.parse().ok()).collect();
        order::sort(&mut ids);
        diagnostics.limit("/proc", "processes", &mut ids, PROCESSES);
        // The agent may run in a container itself; then its neighbours are no strangers.
        let own = container_of(&groups(root, "self")).map(str::to_owned);
        // A process may end at any time.
        let each = ids
            .into_iter()
            .filter_map(|id| process(root, id, own.as_deref()));
        let list: Vec<Process> = each.collect();
        let mut processes = Self::default();
        for process in &list {
            processes.keep(process);
        }
        processes.list = Rc::new(list);
        Some(processes)
    }

    /// What was read, and what is asked of it.
    pub(super) fn shared(&self) -> Shared {
        (self.list.clone(), self.asked.clone())
    }

    fn keep(&mut self, process: &Process) {
        let add = |set: &mut HashSet<String>, value: &String| {
            if !set.contains(value) {
                set.insert(value.clone());
            }
        };
        add(&mut self.names, &process.name);
        add(&mut self.programs, &process.program);
        if !process.unit.is_empty() && !self.units.contains(&process.unit) {
            self.units.insert(process.unit.clone());
        }
    }

    /// Services that have processes.
    pub(super) fn units(&self) -> impl Iterator<Item = &str> {
        self.units.iter().map(String::as_str)
    }

    /// Whether a service has processes.
    pub(super) fn has_unit(&self, unit: &str) -> bool {
        self.units.contains(unit)
    }

    /// Whether a program runs. Interpreters prove nothing: they run something else.
    pub(super) fn has_program(&self, path: &str) -> bool {
        const INTERPRETERS: [&str; 9] = [
            "bash", "busybox", "dash", "env", "java", "node", "perl", "sh", "true",
        ];
        let name = base(path);
        let tells = !INTERPRETERS.contains(&name) && !name.starts_with("python");
        if tells {
            self.asked.borrow_mut().note(path);
        }
        tells && !path.is_empty() && (self.programs.contains(path) || self.has_name(name))
    }

    /// Whether a program with this name runs.
    pub(super) fn has_name(&self, name: &str) -> bool {
        let mut asked = self.asked.borrow_mut();
        asked.note(name);
        asked.note(cut(name));
        self.names.contains(name) || self.names.contains(cut(name))
    }

    /// Whether a process has this number.
    pub(super) fn has_id(&self, id: u32) -> bool {
        self.asked.borrow_mut().ids.insert(id);
        self.list
            .binary_search_by_key(&id, |process| process.id)
            .is_ok()
    }

    /// The processes of programs with one of these names, or of one of these services.
    pub(super) fn of<'a>(
        &'a self,
        names: &'a [&str],
        units: &'a [&str],
    ) -> impl Iterator<Item = &'a Process> {
        let mut asked = self.asked.borrow_mut();
        for name in names {
            asked.note(name);
            asked.note(cut(name));
        }
        self.list.iter().filter(move |process| {
            is_one_of(&process.program, &process.name, names)
                || !process.unit.is_empty() && super::matches_any(&process.unit, units)
        })
    }

    /// All of them, in the order of their numbers.
    pub(super) fn all(&self) -> &[Process] {
        &self.list
    }
}

/// Whether a process runs one of these programs. Where its program may not be read, the name that the
/// kernel shows has to do.
pub(super) fn is_one_of(program: &str, name: &str, wanted: &[&str]) -> bool {
    wanted.iter().any(|wanted| {
        let wanted = if program.is_empty() {
            cut(wanted)
        } else {
            wanted
        };
        name == wanted
    })
}

/// A name as the kernel cuts it.
fn cut(name: &str) -> &str {
    const COMM_BYTES: usize = 15;
    name.get(..COMM_BYTES).unwrap_or(name)
}

fn process(root: &Root, id: u32, own_container: Option<&str>) -> Option<Process> {
    let program = match root.read_link(format!("/proc/{id}/exe")) {
        Ok(program) => {
            let program = program.to_string_lossy();
            // Its file was replaced by an update since it started.
            let program = program.strip_suffix(" (deleted)").unwrap_or(&program);
            crate::probe::section::cut(program.to_owned()).0
        }
        // A thread of the kernel, or gone.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(_) => String::new(),
    };
    let name = if program.is_empty() {
        let name = root.read_at_most(format!("/proc/{id}/comm"), 64).ok()?;
        String::from_utf8_lossy(name.trim_ascii_end()).into_owned()
    } else {
        base(&program).to_owned()
    };
    let groups = groups(root, &id.to_string());
    let container = container_of(&groups);
    Some(Process {
        id,
        name,
        program,
        unit: service_of(&groups),
        contained: container.is_some() && container != own_container,
    })
}

/// The control groups of a process; empty when they may not be read.
fn groups(root: &Root, id: &str) -> String {
    let groups = root.read_at_most(format!("/proc/{id}/cgroup"), 64 * 1024);
    String::from_utf8_lossy(&groups.unwrap_or_default()).into_owned()
}

/// The part of the control groups that is named after a container.
fn container_of(groups: &str) -> Option<&str> {
    const MAKERS: [&str; 7] = [
        "docker",
        "libpod",
        "lxc.payload",
        "lxc",
        "kubepods",
        "cri-containerd",
        "crio",
    ];
    let mut parts = groups.lines().flat_map(|line| line.split('/').skip(1));
    parts.find(|part| {
        MAKERS.iter().any(|maker| part.starts_with(maker)) && !part.ends_with(".service")
    })
}

/// The service in the control groups of a process: the outermost one that systemd made.
fn service_of(groups: &str) -> String {
    let path = groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':');
        let controllers = fields.nth(1)?;
        let path = fields.next()?;
        // Both versions of control groups may be there; systemd uses one of them.
        let is_systemds = controllers.is_empty() || controllers == "name=systemd";
        path.split('/')
            .find(|part| part.ends_with(".service"))
            .filter(|_| is_systemds)
    });
    path.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_found_in_both_versions_of_control_groups() {
        assert_eq!(service_of("0::/system.slice/ssh.service\n"), "ssh.service");
        let hybrid = "4:memory:/system.slice/x.service\n1:name=systemd:/system.slice/system-postgresql.slice/postgresql@15-main.service\n0::/system.slice/x.service\n";
        assert_eq!(service_of(hybrid), "postgresql@15-main.service");
        assert_eq!(
            service_of("0::/user.slice/user-0.slice/user@0.service/app.slice/a.service"),
            "user@0.service"
        );
        assert_eq!(service_of("0::/\n"), "");
    }

    #[test]
    fn processes_in_containers_are_known_by_their_control_group() {
        let docker = "0::/system.slice/docker-3f2a.scope\n";
        assert_eq!(container_of(docker), Some("docker-3f2a.scope"));
        assert!(container_of("1:name=systemd:/kubepods.slice/x/y\n").is_some());
        assert_eq!(container_of("0::/system.slice/docker.service\n"), None);
        assert_eq!(container_of("0::/\n"), None);
    }

    #[test]
    fn names_are_compared_as_far_as_they_are_known() {
        assert!(is_one_of("", "systemd-resolve", &["systemd-resolved"]));
        assert!(!is_one_of(
            "/usr/bin/systemd-resolve",
            "systemd-resolve",
            &["systemd-resolved"]
        ));
    }
}
