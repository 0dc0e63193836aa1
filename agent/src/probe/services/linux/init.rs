//! Services of init scripts: System V's and `OpenRC`'s.

use std::collections::BTreeSet;

use freehold_proto::v1::{
    services::{Service, service::StartKind},
    toggle::State,
};

use crate::{
    parse::init_script::{self, Script},
    probe::{Root, section::Diagnostics, sysfs},
};

use super::{files, folders::Folders, processes::Processes};

const SCRIPTS: &str = "/etc/init.d";
const RUN_LEVELS: [&str; 10] = [
    "/etc/rc2.d",
    "/etc/rc3.d",
    "/etc/rc4.d",
    "/etc/rc5.d",
    "/etc/rcS.d",
    "/etc/rc.d/rc2.d",
    "/etc/rc.d/rc3.d",
    "/etc/rc.d/rc4.d",
    "/etc/rc.d/rc5.d",
    "/etc/rc.d/rcS.d",
];

/// Scripts that serve other scripts.
const HELPERS: [&str; 10] = [
    "README",
    "functions",
    "functions.sh",
    "halt",
    "killall",
    "rc",
    "rcS",
    "reboot",
    "single",
    "skeleton",
];

/// The services that only an init script defines, in any order.
pub(super) fn read(
    root: &Root,
    folders: &Folders,
    processes: Option<&Processes>,
    diagnostics: &mut Diagnostics,
) -> Vec<Service> {
    let missing = "the services defined there are";
    let names = diagnostics.list_optional(root, SCRIPTS, missing);
    let own = names.into_iter().filter(|name| {
        let unit = format!("{}.service", name.strip_suffix(".sh").unwrap_or(name));
        !HELPERS.contains(&name.as_str()) && !name.contains(".dpkg-") && !folders.knows(&unit)
    });
    let own: Vec<String> = own.collect();
    if own.is_empty() {
        return Vec::new();
    }
    let enabled = Enabled::read(root, diagnostics);
    let mut services = Vec::new();
    for name in own {
        let path = format!("{SCRIPTS}/{name}");
        let text = files::text(root, &path, "what it says of the service is", diagnostics);
        let Some(script) = text
            .as_deref()
            .map_or(Some(Script::default()), init_script::read)
        else {
            continue;
        };
        services.push(Service {
            display_name: diagnostics.fit(&path, &name, script.description.clone()),
            running: running(root, &script, &name, processes).into(),
            start: enabled.start(&name, &script).into(),
            program: path.clone(),
            source: path,
            name,
            ..Service::default()
        });
    }
    services
}

/// Whether it runs. A script of System V does not tell; its PID file and a process of its name do.
fn running(root: &Root, script: &Script, name: &str, processes: Option<&Processes>) -> State {
    let Some(processes) = processes else {
        return State::Unknown;
    };
    if script.open_rc {
        let started = sysfs::exists(root, &format!("/run/openrc/started/{name}"));
        return if started { State::On } else { State::Off };
    }
    let process = [
        format!("/run/{name}.pid"),
        format!("/run/{name}/{name}.pid"),
    ]
    .iter()
    .find_map(|path| sysfs::number::<u32>(root, path));
    let runs = process.is_some_and(|id| processes.has_id(id)) || processes.has_name(name);
    if runs { State::On } else { State::Unknown }
}

/// Which scripts start with the machine.
struct Enabled {
    /// By the name of the script.
    sysv: BTreeSet<String>,
    open_rc: BTreeSet<String>,
}

impl Enabled {
    fn read(root: &Root, diagnostics: &mut Diagnostics) -> Self {
        const LEVELS: &str = "/etc/runlevels";
        let missing = "whether services start with the machine is";
        let mut enabled = Self {
            sysv: BTreeSet::new(),
            open_rc: BTreeSet::new(),
        };
        for folder in RUN_LEVELS {
            for name in diagnostics.list_optional(root, folder, missing) {
                let number = name
                    .strip_prefix('S')
                    .and_then(|rest| rest.split_at_checked(2));
                if let Some((_, script)) = number.filter(|(order, _)| order.parse::<u8>().is_ok()) {
                    enabled.sysv.insert(script.to_owned());
                }
            }
        }
        for level in diagnostics.list_optional(root, LEVELS, missing) {
            let path = format!("{LEVELS}/{level}");
            let names = diagnostics.list_optional(root, &path, missing);
            enabled.open_rc.extend(names);
        }
        enabled
    }

    fn start(&self, name: &str, script: &Script) -> StartKind {
        let names = if script.open_rc {
            &self.open_rc
        } else {
            &self.sysv
        };
        if names.contains(name) {
            StartKind::Automatic
        } else {
            StartKind::Manual
        }
    }
}
