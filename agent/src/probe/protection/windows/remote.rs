//! Ways in from elsewhere.

use freehold_proto::v1::{protection::RemoteAccess, toggle::State};

use crate::probe::{
    section::Diagnostics,
    windows::{
        optional_key,
        services::{Service, Start},
        state,
    },
};

use super::{
    Scene,
    programs::{self, Kind, Program},
};

const NAME: &str = "Remote Desktop";
const SERVICE: &str = "TermService";
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
const SETTINGS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server";
const LISTENER: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp";
const MISSING: &str = "whether remote desktop is enabled is";

/// A program, if it is there.
pub(super) fn program(scene: &Scene<'_>, program: &'static Program) -> Option<RemoteAccess> {
    let found = programs::find(scene, program)?;
    let enabled = if found.enabled {
        Some(true)
    } else {
        found.runs
    };
    Some(RemoteAccess {
        name: program.name.into(),
        enabled: state(enabled).into(),
        graphical: state(Some(program.kind == Kind::Screen)).into(),
        services: found.services,
        source: found.source,
        ..RemoteAccess::default()
    })
}

/// Windows' own remote desktop; `None` where it does not exist.
pub(super) fn remote_desktop(
    scene: &Scene<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<RemoteAccess> {
    let service = scene.services.as_ref().and_then(|all| all.find(SERVICE));
    let denies = denies(scene, diagnostics);
    if denies == Answer::Nothing {
        if service.is_none() && scene.services.is_some() {
            return None;
        }
        let reason = format_args!("holds no fDenyTSConnections, so {MISSING} missing");
        diagnostics.note(SETTINGS, "", reason);
    }
    let disabled = service.is_some_and(|service| is_disabled(scene, service));
    let enabled = match denies {
        Answer::Says(denies) => Some(!denies && !disabled),
        Answer::Nothing | Answer::Closed => disabled.then_some(false),
    };
    if enabled == Some(true) && !asks_first(scene, diagnostics) {
        let reason =
            "anyone who reaches it sees the sign-in screen: network level authentication is off";
        diagnostics.remark(LISTENER, "UserAuthentication", reason);
    }
    Some(RemoteAccess {
        name: NAME.into(),
        enabled: state(enabled).into(),
        graphical: State::On.into(),
        password_sign_in: State::On.into(),
        services: service
            .map(|it| it.words(scene.machine))
            .into_iter()
            .collect(),
        source: SETTINGS.into(),
        ..RemoteAccess::default()
    })
}

/// What the registry says of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Says(bool),
    Nothing,
    /// A place that could hold what counts could not be read.
    Closed,
}

/// Whether connections are denied: by policy, else by the computer's own setting.
fn denies(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Answer {
    for path in [POLICY, SETTINGS] {
        let Some(key) = optional_key(scene.machine, path, MISSING, diagnostics) else {
            return Answer::Closed;
        };
        if let Some(denies) = key.flag("fDenyTSConnections") {
            return Answer::Says(denies);
        }
    }
    Answer::Nothing
}

/// Whether someone has to sign in before a screen is shown; what nobody set is that they have to.
fn asks_first(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> bool {
    let missing = "whether remote desktop asks before it shows a screen is";
    let places = [POLICY, LISTENER].into_iter();
    let mut said = places.filter_map(|path| {
        optional_key(scene.machine, path, missing, diagnostics)?.flag("UserAuthentication")
    });
    said.next().unwrap_or(true)
}

fn is_disabled(scene: &Scene<'_>, service: &Service) -> bool {
    let setup = service.setup(scene.machine).unwrap_or_default();
    !service.runs && setup.start == Start::Disabled
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
    if scene.services.is_some() && screens.all(|enabled| enabled == State::Off) {
        State::Off
    } else {
        State::Unknown
    }
}
