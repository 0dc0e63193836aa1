//! Database servers, by their services, processes and configuration.

mod catalogue;
mod configured;
mod postgres;

use freehold_proto::v1::{
    services::{Database, ListeningSocket},
    toggle::State,
};

use crate::order;
use crate::probe::{section::Diagnostics, software};

use super::{Scene, base, matches_any, processes::Process};

use catalogue::{CATALOGUE, Entry, Instances};

/// Longest file that only holds a version.
const VERSION_BYTES: u64 = 4096;

/// The databases, ordered by product, instance, folder.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<Database> {
    let mut databases = Vec::new();
    for entry in CATALOGUE {
        databases.extend(Finder { scene, entry }.databases(diagnostics));
    }
    // Older versions of MariaDB call their program, and some of their services, as MySQL does.
    let folders_of = |product: &str| -> Vec<String> {
        let own = databases
            .iter()
            .filter(|it: &&Database| it.product == product);
        own.map(|it| it.data_path.clone()).collect()
    };
    let mariadb = folders_of("MariaDB");
    databases.retain(|it| it.product != "MySQL" || !mariadb.contains(&it.data_path));
    let key = |it: &Database| {
        (
            it.product.clone(),
            it.instance.clone(),
            it.data_path.clone(),
        )
    };
    order::sort_by_key(&mut databases, key);
    databases
}

/// What an instance in a container is called: its folders and its version are the container's own matter.
const CONTAINED: &str = "in a container";

/// An instance as the configuration has it, or a process shows it.
#[derive(Clone, Debug, Default)]
struct Instance {
    name: String,
    /// Folder of its data; empty when not known.
    data_path: String,
    /// Version as far as the place says it.
    version: String,
    running: bool,
    source: String,
}

/// Looks for one product.
struct Finder<'a> {
    scene: &'a Scene<'a>,
    entry: &'static Entry,
}

impl Finder<'_> {
    fn databases(&self, diagnostics: &mut Diagnostics) -> Vec<Database> {
        let processes: Vec<&Process> = self
            .scene
            .processes
            .iter()
            .flat_map(|all| all.of(self.entry.programs, self.entry.services))
            .collect();
        let has_service = self
            .scene
            .services_like(self.entry.services)
            .next()
            .is_some();
        if processes.is_empty() && !has_service {
            return Vec::new();
        }
        let mut instances = self.configured(diagnostics);
        let lost = self.place(&processes, &mut instances);
        let packages = if instances.is_empty() {
            Vec::new()
        } else {
            self.packages(&instances, diagnostics)
        };
        let describe = |instance: Instance| Database {
            product: self.entry.product.into(),
            version: self.version(&instance, &packages),
            running: self.running(&instance, lost).into(),
            instance: instance.name,
            data_path: instance.data_path,
            source: instance.source,
        };
        instances.into_iter().map(describe).collect()
    }

    /// The instances that the configuration tells of.
    fn configured(&self, diagnostics: &mut Diagnostics) -> Vec<Instance> {
        let root = self.scene.root;
        match self.entry.instances {
            Instances::Clusters => postgres::clusters(root, diagnostics),
            Instances::Oratab => configured::oratab(root, self.entry, diagnostics),
            Instances::One(settings) => {
                let Some(service) = self.scene.services_like(self.entry.services).next() else {
                    return Vec::new();
                };
                let (data_path, source) = configured::data_path(root, settings, diagnostics)
                    .or_else(|| configured::usual_path(root, self.entry))
                    .unwrap_or_else(|| (String::new(), service.source.clone()));
                vec![Instance {
                    data_path,
                    source,
                    ..Instance::default()
                }]
            }
        }
    }

    /// Finds the instance of each process, or makes one. Tells whether some process could not be placed.
    fn place(&self, processes: &[&Process], instances: &mut Vec<Instance>) -> bool {
        let mut lost = false;
        for process in processes {
            if process.contained {
                keep_contained(process, instances);
                continue;
            }
            let folder = self.works_in(process);
            match self.instance_of(process, folder.as_deref(), instances) {
                Some(at) => {
                    instances[at].running = true;
                    // The process knows better than a file that may have changed since.
                    if let Some(folder) = folder {
                        instances[at].data_path = folder;
                    }
                }
                // It may be any of them.
                None if folder.is_none() && !instances.is_empty() => lost = true,
                None => instances.push(seen(process, folder)),
            }
        }
        lost
    }

    /// Position of the instance that a process belongs to.
    fn instance_of(
        &self,
        process: &Process,
        folder: Option<&str>,
        instances: &[Instance],
    ) -> Option<usize> {
        let mut all = instances.iter();
        let by_folder = all.position(|it| folder == Some(&it.data_path));
        let by_service = || {
            let mut all = instances.iter();
            all.position(|it| is_service_of(it, &process.unit))
        };
        let of_the_service = matches!(self.entry.instances, Instances::One(_))
            && matches_any(&process.unit, self.entry.services);
        let is_only = instances.len() == 1 && (folder.is_none() || of_the_service);
        by_folder.or_else(by_service).or(is_only.then_some(0))
    }

    /// The folder of the data, where the process works in it and may be asked.
    fn works_in(&self, process: &Process) -> Option<String> {
        if !self.entry.works_in_data {
            return None;
        }
        let folder = self
            .scene
            .root
            .read_link(format!("/proc/{}/cwd", process.id))
            .ok()?;
        Some(crate::probe::section::cut(folder.to_str()?.to_owned()).0)
    }

    fn running(&self, instance: &Instance, lost: bool) -> State {
        match &self.scene.processes {
            _ if instance.running => State::On,
            Some(_) if !lost => State::Off,
            _ => State::Unknown,
        }
    }

    /// The packages of the server. rpm is only asked when dpkg knows none: that costs time.
    fn packages(
        &self,
        instances: &[Instance],
        diagnostics: &mut Diagnostics,
    ) -> Vec<software::Installed> {
        let mut names: Vec<String> = self
            .entry
            .packages
            .iter()
            .map(|&name| name.into())
            .collect();
        if matches!(self.entry.instances, Instances::Clusters) {
            names.extend(postgres::packages(instances));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let packages = software::versions(self.scene.root, &names, false, diagnostics);
        if packages.is_empty() {
            return software::versions(self.scene.root, &names, true, diagnostics);
        }
        packages
    }

    /// The package's version, unless the data are of another one; else what the data say.
    fn version(&self, instance: &Instance, packages: &[software::Installed]) -> String {
        let mut told = instance.version.clone();
        for file in self.entry.version_files {
            if told.is_empty() && !instance.data_path.is_empty() {
                let path = format!("{}/{file}", instance.data_path);
                let bytes = self.scene.root.read_at_most(path, VERSION_BYTES);
                told = bytes
                    .map(|bytes| leading_version(&bytes))
                    .unwrap_or_default();
            }
        }
        if instance.name == CONTAINED {
            return String::new();
        }
        let versions = packages.iter().map(|package| upstream(&package.version));
        let mut fitting = versions.filter(|version| told.is_empty() || same_major(version, &told));
        fitting.next().unwrap_or(told)
    }
}

/// An instance that only a process tells of.
fn seen(process: &Process, folder: Option<String>) -> Instance {
    Instance {
        name: super::units::stem(&process.unit).to_owned(),
        data_path: folder.unwrap_or_default(),
        version: String::new(),
        running: true,
        source: if process.program.is_empty() {
            format!("process {}", process.name)
        } else {
            format!("process {}", process.program)
        },
    }
}

/// However many containers there are, the product is told once.
fn keep_contained(process: &Process, instances: &mut Vec<Instance>) {
    if !instances.iter().any(|it| it.name == CONTAINED) {
        let name = CONTAINED.to_owned();
        instances.push(Instance {
            name,
            ..seen(process, None)
        });
    }
}

/// Whether a process of this service belongs to an instance: `postgresql@15-main` to `15/main`.
fn is_service_of(instance: &Instance, unit: &str) -> bool {
    let name = super::units::stem(unit);
    let name = name.split_once('@').map_or(name, |(_, instance)| instance);
    !name.is_empty() && name == instance.name.replace('/', "-")
}

/// The version at the beginning of a file, such as "10.11.6" of "10.11.6-MariaDB".
fn leading_version(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.trim_ascii_start());
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    text[..end.unwrap_or(text.len())].to_owned()
}

/// A package's version without epoch and without what the distribution appended.
fn upstream(version: &str) -> String {
    let version = version
        .split_once(':')
        .map_or(version, |(_, version)| version);
    let version = version.split(['-', '+', '~']).next().unwrap_or(version);
    version.to_owned()
}

fn same_major(one: &str, other: &str) -> bool {
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    major(one) == major(other)
}

/// Whether a socket belongs to a database.
pub(super) fn serves(product: &str, socket: &ListeningSocket) -> bool {
    let entry = CATALOGUE.iter().find(|entry| entry.product == product);
    entry.is_some_and(|entry| {
        let program = base(&socket.program);
        entry.programs.contains(&program)
            || !socket.service.is_empty() && matches_any(&socket.service, entry.services)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_lose_what_the_distribution_added() {
        assert_eq!(upstream("5:7.0.15-1~deb12u10"), "7.0.15");
        assert_eq!(upstream("1:10.11.19-0+deb12u1"), "10.11.19");
        assert_eq!(upstream("15.18-0+deb12u1"), "15.18");
        assert_eq!(leading_version(b"10.11.6-MariaDB\n"), "10.11.6");
        assert_eq!(leading_version(b"\xff"), "");
        assert!(same_major("15.18", "15") && !same_major("16.1", "15"));
    }

    #[test]
    fn a_service_names_its_cluster() {
        let instance = Instance {
            name: "15/main".into(),
            ..Instance::default()
        };
        assert!(is_service_of(&instance, "postgresql@15-main.service"));
        assert!(!is_service_of(&instance, "postgresql@15-other.service"));
        assert!(!is_service_of(&instance, ""));
    }
}
