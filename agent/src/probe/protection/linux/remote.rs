//! Ways in from elsewhere.

use freehold_proto::v1::{protection::RemoteAccess, toggle::State};

use crate::parse::sshd_config;
use crate::probe::{Root, section::Diagnostics};

use super::{
    Scene,
    programs::{self, Found, Kind, OPENSSH, REMOTE},
    state,
};

const SSHD: &str = "/etc/ssh/sshd_config";
const MISSING: &str = "who may sign in with a password is";

/// Most files that settings of the OpenSSH server include.
const FILES: usize = 100;

/// The programs that are there, ordered by name.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<RemoteAccess> {
    REMOTE
        .iter()
        .filter_map(|program| {
            let found = programs::find(scene, program, diagnostics)?;
            Some(item(scene, found, diagnostics))
        })
        .collect()
}

/// Whether somebody elsewhere can see the screen.
pub(super) fn desktop(items: &[RemoteAccess], scene: &Scene<'_>) -> State {
    let mut screens = items
        .iter()
        .filter(|item| item.graphical() == State::On)
        .map(RemoteAccess::enabled);
    if screens.clone().any(|enabled| enabled == State::On) {
        return State::On;
    }
    // A program without a unit could run as anyone's: not seeing the processes is not knowing.
    let seen = scene.processes.is_some();
    if seen && screens.all(|enabled| enabled == State::Off) {
        State::Off
    } else {
        State::Unknown
    }
}

fn item(scene: &Scene<'_>, found: Found, diagnostics: &mut Diagnostics) -> RemoteAccess {
    let enabled = if found.enabled {
        Some(true)
    } else {
        found.runs
    };
    let mut item = RemoteAccess {
        name: found.program.name.into(),
        enabled: state(enabled).into(),
        graphical: state(Some(found.program.kind == Kind::Screen)).into(),
        services: found.services,
        source: found.source,
        ..RemoteAccess::default()
    };
    if found.program.name == OPENSSH {
        let (password, root) = passwords(scene.root, diagnostics);
        item.password_sign_in = password.into();
        item.root_password_sign_in = root.into();
    }
    item
}

/// Whether OpenSSH lets people in with a password, and root.
fn passwords(root: &Root, diagnostics: &mut Diagnostics) -> (State, State) {
    let mut settings = Settings::default();
    if !settings.read(root, SSHD, None, diagnostics) {
        return (State::Unknown, State::Unknown);
    }
    if settings.varies {
        let reason = "some settings count for some connections only, which is not told here";
        diagnostics.remark(SSHD, "Match", reason);
    }
    // Keyboard-interactive asks for a password as well, where PAM is used.
    let yes = |key: &str, default| settings.value(key).map_or(default, |value| value == "yes");
    let interactive = yes("usepam", false)
        && (settings
            .value("kbdinteractiveauthentication")
            .or_else(|| settings.value("challengeresponseauthentication"))
            .is_none_or(|value| value == "yes"));
    let password = yes("passwordauthentication", true) || interactive;
    let login = settings.value("permitrootlogin");
    let root_allowed = login == Some("yes");
    (state(Some(password)), state(Some(password && root_allowed)))
}

/// Settings of the OpenSSH server that count for every connection.
#[derive(Default)]
struct Settings {
    values: Vec<(String, String)>,
    /// Some depend on who connects.
    varies: bool,
    files: usize,
}

impl Settings {
    /// Reads a file and what it includes; whether it could be read.
    fn read(
        &mut self,
        root: &Root,
        path: &str,
        condition: Option<&str>,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        self.files += 1;
        if self.files > FILES {
            let reason = format_args!("includes more than {FILES} files; the rest is not read");
            diagnostics.note(SSHD, path, reason);
            return false;
        }
        let bytes = match root.read_at_most(path, 1 << 20) {
            Ok(bytes) => bytes,
            Err(error) => {
                diagnostics.unreadable(path, &error, MISSING);
                return false;
            }
        };
        let file = sshd_config::parse(&String::from_utf8_lossy(&bytes), condition);
        for problem in &file.problems {
            diagnostics.note(path, problem.position(), &problem.reason);
        }
        for directive in file.directives {
            if self.files > FILES {
                return false;
            }
            let condition = directive.condition.as_deref();
            if directive.keyword == "include" {
                for path in directive.arguments.iter().flat_map(|it| files(root, it)) {
                    self.read(root, &path, condition, diagnostics);
                }
            } else if condition.is_some() {
                self.varies = true;
            } else {
                let value = directive.choice();
                self.values.push((directive.keyword, value));
            }
        }
        true
    }

    fn value(&self, key: &str) -> Option<&str> {
        let mut values = self.values.iter();
        let (_, value) = values.find(|(known, _)| known == key)?;
        Some(value.as_str())
    }
}

/// Files that a pattern of an Include names, sorted. Only the last part of a path may hold a "*".
fn files(root: &Root, pattern: &str) -> Vec<String> {
    let pattern = if pattern.starts_with('/') {
        pattern.to_owned()
    } else {
        format!("/etc/ssh/{pattern}")
    };
    let Some((folder, name)) = pattern.rsplit_once('/') else {
        return Vec::new();
    };
    let Some((start, end)) = name.split_once('*') else {
        return vec![pattern];
    };
    let names = root.list(folder).unwrap_or_default().into_iter();
    names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| {
            let long_enough = name.len() >= start.len() + end.len();
            long_enough && name.starts_with(start) && name.ends_with(end) && !name.starts_with('.')
        })
        .map(|name| format!("{folder}/{name}"))
        .collect()
}
