//! Shared folders: Samba, the kernel's SMB server, NFS.

use std::collections::BTreeMap;

use freehold_proto::v1::services::FileShare;

use crate::{
    order,
    parse::{
        exports, samba_registry, settings,
        smb_conf::{self, Item},
    },
    probe::{Root, section::Diagnostics, sysfs},
};

use super::{Scene, files, is_kind};

/// Services without which nothing is shared, whatever the configuration says.
const SAMBA: [&str; 4] = ["smbd", "smb", "samba", "samba-ad-dc"];
const KERNEL_SMB: [&str; 2] = ["ksmbd", "ksmbd.mountd"];
const NFS: [&str; 4] = ["nfs-server", "nfs-kernel-server", "nfs", "nfs-ganesha"];

/// Where Samba keeps its registry, and the longest one that is read.
const REGISTRY: &str = "/var/lib/samba/registry.tdb";
const REGISTRY_BYTES: u64 = 16 * 1024 * 1024;

/// Deepest nesting of included files.
const DEPTH: usize = 8;
/// Most files that are included.
const INCLUDES: usize = 200;
const MISSING: &str = "the folders shared by it are";

/// The shares, ordered by name, protocol.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<FileShare> {
    let there = |units: &[&str], programs: &[&str]| {
        scene.services_like(units).next().is_some()
            || programs.iter().any(|path| sysfs::exists(scene.root, path))
    };
    let mut shares = Vec::new();
    if there(&SAMBA, &["/usr/sbin/smbd", "/usr/local/samba/sbin/smbd"]) {
        shares.extend(Smb::read(scene.root, "/etc/samba/smb.conf", diagnostics));
        shares.extend(user_shares(scene.root, diagnostics));
    }
    if there(&KERNEL_SMB, &["/usr/sbin/ksmbd.mountd"]) {
        shares.extend(Smb::read(scene.root, "/etc/ksmbd/ksmbd.conf", diagnostics));
    }
    if there(&NFS, &["/usr/sbin/rpc.mountd"]) {
        shares.extend(nfs(scene.root, diagnostics));
    }
    let key = |share: &FileShare| {
        (
            share.name.clone(),
            share.protocol.clone(),
            share.path.clone(),
        )
    };
    order::sort_by_key(&mut shares, key);
    shares.dedup_by(|a, b| key(a) == key(b));
    shares
}

/// A share as its section describes it.
#[derive(Default)]
struct Section {
    /// As it is written.
    name: String,
    path: String,
    source: String,
    left_out: bool,
}

impl Section {
    fn set(&mut self, key: &str, value: &str) {
        match key {
            "path" | "directory" => value.clone_into(&mut self.path),
            "printable" | "printok" => self.left_out |= smb_conf::is_yes(value),
            "available" => self.left_out |= !smb_conf::is_yes(value),
            _ => {}
        }
    }
}

/// The sections of smb.conf, which may be spread over several files.
#[derive(Default)]
struct Smb {
    /// By lower-case name: sections of one name are one share.
    sections: BTreeMap<String, Section>,
    current: String,
    included: usize,
    /// Something was not included.
    cut: bool,
    /// Samba keeps settings in its registry, too.
    in_registry: bool,
}

impl Smb {
    fn read(root: &Root, path: &str, diagnostics: &mut Diagnostics) -> Vec<FileShare> {
        let mut configuration = Self::default();
        configuration.take_in(root, path, 0, diagnostics);
        if configuration.in_registry {
            configuration.registry(root, diagnostics);
        }
        let mut shares = Vec::new();
        for (name, section) in configuration.sections {
            // "printers" stands for the printers, and "print$" holds their drivers.
            if section.left_out
                || matches!(name.as_str(), "global" | "printers" | "print$" | "ipc$")
            {
                continue;
            }
            shares.push(FileShare {
                name: diagnostics.fit(&section.source, "", section.name),
                path: diagnostics.fit(&section.source, &name, section.path),
                protocol: "smb".into(),
                source: section.source,
            });
        }
        shares
    }

    fn take_in(&mut self, root: &Root, path: &str, depth: usize, diagnostics: &mut Diagnostics) {
        let Some(text) = files::text(root, path, MISSING, diagnostics) else {
            return;
        };
        for item in smb_conf::items(&text) {
            match item {
                Item::Section(name) => {
                    self.current = name.to_lowercase();
                    let section = self.sections.entry(self.current.clone());
                    section.or_insert_with(|| Section {
                        name,
                        source: path.to_owned(),
                        ..Section::default()
                    });
                }
                Item::Setting(key, value) => {
                    self.set(root, path, (&key, &value), depth, diagnostics);
                }
            }
        }
    }

    fn set(
        &mut self,
        root: &Root,
        path: &str,
        (key, value): (&str, &str),
        depth: usize,
        diagnostics: &mut Diagnostics,
    ) {
        if key == "include" {
            return self.include(root, path, value, depth, diagnostics);
        }
        let in_registry = key == "registryshares" && smb_conf::is_yes(value)
            || key == "configbackend" && value.eq_ignore_ascii_case("registry");
        self.in_registry |= in_registry;
        if let Some(section) = self.sections.get_mut(&self.current) {
            section.set(key, value);
        }
    }

    /// Adds the sections of the registry; those of the file count first.
    fn registry(&mut self, root: &Root, diagnostics: &mut Diagnostics) {
        let bytes = match root.read_at_most(REGISTRY, REGISTRY_BYTES) {
            Ok(bytes) => bytes,
            Err(error) => return diagnostics.unreadable(REGISTRY, &error, MISSING),
        };
        let Some(sections) = samba_registry::sections(&bytes) else {
            let reason =
                format!("is no registry of Samba that is understood, so {MISSING} missing");
            return diagnostics.note(REGISTRY, "", reason);
        };
        for found in sections {
            let mut section = Section {
                source: REGISTRY.to_owned(),
                ..Section::default()
            };
            for (key, value) in &found.settings {
                let key: String = key.split_whitespace().collect();
                section.set(&key.to_lowercase(), value);
            }
            let name = found.name.to_lowercase();
            section.name = found.name;
            self.sections.entry(name).or_insert(section);
        }
    }

    fn include(
        &mut self,
        root: &Root,
        from: &str,
        path: &str,
        depth: usize,
        diagnostics: &mut Diagnostics,
    ) {
        self.included += 1;
        if path.contains('%') {
            let reason =
                format!("includes {path} depending on who asks; what that shares is missing");
            diagnostics.note(from, "", reason);
        } else if path == "registry" {
            self.in_registry = true;
        } else if depth >= DEPTH || self.included > INCLUDES {
            let reason = "includes too many files, or itself: some shares may be missing";
            // A loop would say so for each round.
            if !std::mem::replace(&mut self.cut, true) {
                diagnostics.note(from, "", reason);
            }
        } else {
            self.take_in(root, path, depth + 1, diagnostics);
        }
    }
}

/// Shares that accounts made for themselves (`net usershare`).
fn user_shares(root: &Root, diagnostics: &mut Diagnostics) -> Vec<FileShare> {
    const FOLDER: &str = "/var/lib/samba/usershares";
    let mut shares = Vec::new();
    for name in diagnostics.list_optional(root, FOLDER, MISSING) {
        let source = format!("{FOLDER}/{name}");
        let Some(text) = files::text(root, &source, MISSING, diagnostics) else {
            continue;
        };
        let path = settings::values(text.as_bytes(), "path").next();
        shares.push(FileShare {
            path: diagnostics.fit(&source, "", path.unwrap_or_default().to_owned()),
            protocol: "smb".into(),
            name,
            source,
        });
    }
    shares
}

fn nfs(root: &Root, diagnostics: &mut Diagnostics) -> Vec<FileShare> {
    const FOLDER: &str = "/etc/exports.d";
    let mut sources = vec!["/etc/exports".to_owned()];
    let more = diagnostics.list_optional(root, FOLDER, MISSING).into_iter();
    let more = more.filter(|name| is_kind(name, "exports") && !name.starts_with('.'));
    sources.extend(more.map(|name| format!("{FOLDER}/{name}")));
    let mut shares = Vec::new();
    for source in sources {
        let text = files::text(root, &source, MISSING, diagnostics).unwrap_or_default();
        for folder in exports::folders(&text) {
            let folder = diagnostics.fit(&source, "", folder);
            shares.push(FileShare {
                name: folder.clone(),
                path: folder,
                protocol: "nfs".into(),
                source: source.clone(),
            });
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::{root_with, write};

    /// What `net conf` of Samba 4.17 wrote, without the free space between its records.
    const RECORDED: &[u8] = include_bytes!("../../../../fuzz/corpus/samba_registry/recorded");

    fn shares(settings: &str, registry: Option<&[u8]>) -> (Vec<String>, Vec<String>) {
        let text =
            format!("[global]\n{settings}\n[Daten]\npath=/srv/text\n[scans]\npath=/srv/scans\n");
        let (directory, root) = root_with(&[("/etc/samba/smb.conf", text.as_bytes())]);
        if let Some(registry) = registry {
            write(directory.path(), REGISTRY, registry);
        }
        let mut diagnostics = Diagnostics::new();
        let shares = Smb::read(&root, "/etc/samba/smb.conf", &mut diagnostics);
        let shares = shares
            .into_iter()
            .map(|one| format!("{} {} {}", one.name, one.path, one.source));
        let said = diagnostics.finish().into_iter();
        (
            shares.collect(),
            said.map(|one| format!("{}: {}", one.source, one.reason))
                .collect(),
        )
    }

    #[test]
    fn shares_of_the_registry_are_told_beside_those_of_the_file() {
        for settings in [
            "registry shares = yes",
            "config backend = registry",
            "include = registry",
        ] {
            let (shares, said) = shares(settings, Some(RECORDED));
            assert_eq!(said, [""; 0], "{settings}");
            // "patients" is switched off there, and "scans" stands in the file.
            assert_eq!(
                shares,
                [
                    "Daten /srv/text /etc/samba/smb.conf",
                    "Daten Büro /srv/daten /var/lib/samba/registry.tdb",
                    "scans /srv/scans /etc/samba/smb.conf",
                ]
            );
        }
        let (shares, _) = shares("workgroup = X", Some(RECORDED));
        assert_eq!(shares.len(), 2, "the registry is not in use");
    }

    #[test]
    fn a_registry_that_cannot_be_read_is_said() {
        let (told, said) = shares("registry shares = yes", None);
        assert_eq!(told.len(), 2);
        assert!(
            said[0].starts_with("/var/lib/samba/registry.tdb: does not exist"),
            "{said:?}"
        );
        let (_, said) = shares("registry shares = yes", Some(b"TDB file\n"));
        assert!(said[0].contains("is no registry of Samba"), "{said:?}");
    }
}
