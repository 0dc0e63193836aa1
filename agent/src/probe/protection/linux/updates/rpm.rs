//! Fedora, Red Hat, SUSE and their relatives: each has its own program that installs updates.

use freehold_proto::v1::{protection::Updates, toggle::State};

use crate::parse::{ini, key_value};
use crate::probe::{section::Diagnostics, software};

use super::{MISSING, Scene};

/// A way to install updates by themselves.
struct Way {
    product: &'static str,
    /// Any of these has to be enabled.
    units: &'static [&'static str],
    /// Where it is configured to install; the unit alone decides where there is none.
    setting: Option<Setting>,
}

struct Setting {
    file: &'static str,
    section: &'static str,
    key: &'static str,
    values: &'static [&'static str],
}

const WAYS: [Way; 7] = [
    Way {
        product: "dnf-automatic",
        // This one installs whatever the settings say.
        units: &["dnf-automatic-install.timer"],
        setting: None,
    },
    Way {
        product: "dnf-automatic",
        units: &["dnf-automatic.timer"],
        setting: Some(commands("/etc/dnf/automatic.conf")),
    },
    Way {
        product: "dnf5-automatic",
        units: &["dnf5-automatic.timer"],
        setting: Some(commands("/etc/dnf/automatic.conf")),
    },
    Way {
        product: "yum-cron",
        units: &["yum-cron.service"],
        setting: Some(commands("/etc/yum/yum-cron.conf")),
    },
    Way {
        product: "transactional-update",
        units: &["transactional-update.timer"],
        setting: None,
    },
    Way {
        product: "os-update",
        units: &["os-update.timer"],
        setting: None,
    },
    Way {
        product: "rpm-ostree",
        units: &["rpm-ostreed-automatic.timer"],
        setting: Some(Setting {
            file: "/etc/rpm-ostreed.conf",
            section: "daemon",
            key: "automaticupdatepolicy",
            values: &["stage", "apply"],
        }),
    },
];

const fn commands(file: &'static str) -> Setting {
    Setting {
        file,
        section: "commands",
        key: "apply_updates",
        values: &["yes", "true", "1", "on"],
    }
}

/// What is known where packages are rpm's; `None` elsewhere.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Option<Updates> {
    let database = |path: &String| scene.root.exists(path).unwrap_or(true);
    if !software::rpm_folders(scene.root).iter().any(database) {
        return None;
    }
    let mut updates = Updates {
        automatic: State::Off.into(),
        source: "/etc/systemd/system".into(),
        ..Updates::default()
    };
    for way in WAYS {
        way.look(scene, &mut updates, diagnostics);
        if updates.automatic() == State::On {
            return Some(updates);
        }
    }
    online_update(scene, &mut updates, diagnostics);
    Some(updates)
}

impl Way {
    fn look(&self, scene: &Scene<'_>, updates: &mut Updates, diagnostics: &mut Diagnostics) {
        if !self.units.iter().any(|unit| scene.units.is_enabled(unit)) {
            return;
        }
        let Some(setting) = &self.setting else {
            return self.installs(self.units[0], updates);
        };
        // Without the file the program does what it does by itself: it only downloads.
        let text = match scene.root.read_at_most(setting.file, 1 << 20) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if crate::probe::root::is_absent(&error) => String::new(),
            Err(error) => {
                diagnostics.unreadable(setting.file, &error, MISSING);
                updates.automatic = State::Unknown.into();
                return;
            }
        };
        let settings = ini::settings(&text);
        let value = ini::value(&settings, setting.section, setting.key);
        let value = value.unwrap_or_default().to_lowercase();
        if setting.values.contains(&value.as_str()) {
            self.installs(setting.file, updates);
        }
    }

    fn installs(&self, source: &str, updates: &mut Updates) {
        updates.automatic = State::On.into();
        self.product.clone_into(&mut updates.product);
        source.clone_into(&mut updates.source);
    }
}

/// SUSE's jobs of `YaST`, which cron starts.
fn online_update(scene: &Scene<'_>, updates: &mut Updates, diagnostics: &mut Diagnostics) {
    const FILE: &str = "/etc/sysconfig/automatic_online_update";
    let Some(bytes) = diagnostics.read_optional(scene.root, FILE, MISSING) else {
        return;
    };
    let text = String::from_utf8_lossy(&bytes);
    if key_value::value(&text, "AOU_ENABLE_CRONJOB").as_deref() == Some("true") {
        updates.automatic = State::On.into();
        updates.product = "YaST online update".into();
        updates.source = FILE.into();
    }
}
