//! Whether the screen locks by itself, as far as the machine and not each person decides it.

use freehold_proto::v1::toggle::State;

use crate::parse::ini;
use crate::probe::{Root, section::Diagnostics};

/// Where desktops announce themselves.
const DESKTOPS: [&str; 2] = ["/usr/share/xsessions", "/usr/share/wayland-sessions"];

/// System databases of dconf, each with a folder of settings and of locks within.
const DCONF: &str = "/etc/dconf/db";
const MISSING: &str = "whether the screen locks by itself is";

/// Whether it does. Without a desktop the question does not arise; what each person may choose is unknown.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> State {
    let has_desktop = DESKTOPS.iter().any(|folder| {
        let names = root.list(folder).unwrap_or_default();
        !names.is_empty()
    });
    if !has_desktop {
        return State::Unspecified;
    }
    let lock = idle_action(root, diagnostics)
        .or_else(|| plasma(root, diagnostics))
        .or_else(|| dconf(root, diagnostics));
    lock.unwrap_or_else(|| {
        let reason = "each person decides when the screen locks, which is not read";
        diagnostics.remark("screen lock", "", reason);
        State::Unknown
    })
}

/// The session manager locks when nobody does anything.
fn idle_action(root: &Root, diagnostics: &mut Diagnostics) -> Option<State> {
    const FILE: &str = "/etc/systemd/logind.conf";
    let folder = format!("{FILE}.d");
    let mut paths = vec![FILE.to_owned()];
    let names = diagnostics.list_optional(root, &folder, MISSING);
    let names = names.iter().filter(|name| name.ends_with(".conf"));
    paths.extend(names.map(|name| format!("{folder}/{name}")));
    let mut action = String::new();
    for path in paths {
        let Some(text) = text(root, &path, diagnostics) else {
            continue;
        };
        let settings = ini::settings(&text);
        if let Some(value) = ini::value(&settings, "login", "idleaction") {
            value.clone_into(&mut action);
        }
    }
    (action == "lock").then_some(State::On)
}

/// KDE Plasma, where the machine's setting is marked as not to be changed: `Autolock[$i]=true`.
fn plasma(root: &Root, diagnostics: &mut Diagnostics) -> Option<State> {
    let text = text(root, "/etc/xdg/kscreenlockerrc", diagnostics)?;
    let settings = ini::settings(&text);
    let value = ini::value(&settings, "daemon", "autolock[$i]")?;
    truth(value)
}

/// GNOME and its relatives: a setting of the machine that is locked. The lock stands in a list of keys.
fn dconf(root: &Root, diagnostics: &mut Diagnostics) -> Option<State> {
    const SECTION: &str = "org/gnome/desktop/screensaver";
    let databases = diagnostics.list_optional(root, DCONF, MISSING);
    for database in databases.iter().filter(|name| name.ends_with(".d")) {
        let folder = format!("{DCONF}/{database}");
        let key = format!("/{SECTION}/lock-enabled");
        let locks = format!("{folder}/locks");
        let locked = diagnostics
            .list_optional(root, &locks, MISSING)
            .iter()
            .any(|name| {
                let text = text(root, &format!("{locks}/{name}"), diagnostics);
                text.is_some_and(|text| text.lines().any(|line| line.trim() == key))
            });
        if !locked {
            continue;
        }
        let names = diagnostics.list_optional(root, &folder, MISSING);
        let values = names
            .iter()
            .filter(|name| *name != "locks")
            .filter_map(|name| {
                let text = text(root, &format!("{folder}/{name}"), diagnostics)?;
                let settings = ini::settings(&text);
                truth(ini::value(&settings, SECTION, "lock-enabled")?)
            });
        // A lock without a value locks GNOME's own, which is to lock the screen.
        return Some(values.last().unwrap_or(State::On));
    }
    None
}

fn truth(value: &str) -> Option<State> {
    match value {
        "true" => Some(State::On),
        "false" => Some(State::Off),
        _ => None,
    }
}

fn text(root: &Root, path: &str, diagnostics: &mut Diagnostics) -> Option<String> {
    let bytes = diagnostics.read_optional(root, path, MISSING)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
