//! What an inventory needs of the unit files of systemd and their drop-ins. Of commands only the program is
//! kept: arguments may hold secrets.

use super::systemd_unit;

/// What a unit's files say. Files are applied in order, as systemd does: later ones win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `Description=`.
    pub description: String,
    /// Program of the first `ExecStart=`.
    pub program: String,
    /// `User=`.
    pub user: String,
    /// `DynamicUser=`: systemd makes an account for it.
    pub dynamic_user: bool,
    /// `Type=`.
    pub kind: Kind,
    /// It has an `[Install]` section, so that it can be enabled.
    pub installable: bool,
    /// `Unit=` of a timer: what it starts.
    pub starts: String,
}

/// What a service is meant to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// To go on running.
    #[default]
    Lasting,
    /// To do something and end.
    OneShot,
    /// To answer on the bus, where whoever calls can start it.
    Bus,
}

impl Facts {
    /// Takes in a file. Whether it is one: anything but blanks and comments without a setting in a section is
    /// not.
    pub fn apply(&mut self, text: &str) -> bool {
        let settings = systemd_unit::settings(text);
        let is_comment = |line: &str| line.trim().is_empty() || line.trim().starts_with(['#', ';']);
        let in_section = settings.iter().any(|setting| !setting.section.is_empty());
        let is_unit = in_section || text.lines().all(is_comment);
        for setting in settings {
            self.installable |= setting.section == "Install";
            self.set(&setting.section, &setting.key, &setting.value);
        }
        is_unit
    }

    fn set(&mut self, section: &str, key: &str, value: &str) {
        match (section, key) {
            ("Unit", "Description") => value.clone_into(&mut self.description),
            ("Service", "ExecStart") if value.is_empty() => self.program.clear(),
            ("Service", "ExecStart") if self.program.is_empty() => {
                let command = systemd_unit::command(value);
                self.program = command.map(|command| command.program).unwrap_or_default();
            }
            ("Service", "User") => value.clone_into(&mut self.user),
            ("Service", "DynamicUser") => self.dynamic_user = is_true(value),
            ("Service", "Type") => {
                self.kind = match value {
                    "oneshot" => Kind::OneShot,
                    "dbus" => Kind::Bus,
                    _ => Kind::Lasting,
                }
            }
            ("Timer", "Unit") => value.clone_into(&mut self.starts),
            _ => {}
        }
    }
}

fn is_true(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "1" | "yes" | "true" | "on"
    )
}

/// Puts the name of an instance into a value: `%i` and `%I` its name, `%n` and `%N` the unit's, `%p` and
/// `%P` the template's. Other specifiers stay as they are.
pub fn expand(value: &str, unit: &str) -> String {
    if !value.contains('%') {
        return value.to_owned();
    }
    let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut text = String::with_capacity(value.len() + unit.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let mut characters = after.chars();
        match characters.next() {
            Some('i') => text.push_str(instance),
            Some('I') => text.push_str(&instance.replace('-', "/")),
            Some('n') => text.push_str(unit),
            Some('N') => text.push_str(stem),
            Some('p' | 'P') => text.push_str(prefix),
            Some('%') | None => text.push('%'),
            Some(other) => text.extend(['%', other]),
        }
        rest = characters.as_str();
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(texts: &[&str]) -> Facts {
        let mut facts = Facts::default();
        for text in texts {
            facts.apply(text);
        }
        facts
    }

    #[test]
    fn a_unit_tells_what_it_is_and_never_its_arguments() {
        let facts = facts(&[
            "# comment\n[Unit]\nDescription=A \\\n; inside\n  server\n[Service]\nType=notify\nUser = www-data\nExecStart=-/usr/sbin/x --password=hunter2 \\\n  --more\nExecStart=/second\n[Install]\nWantedBy=multi-user.target\n",
        ]);
        assert_eq!(facts.description, "A  server");
        assert_eq!(facts.program, "/usr/sbin/x");
        assert_eq!(facts.user, "www-data");
        assert!(facts.installable && facts.kind == Kind::Lasting);
        assert!(!format!("{facts:?}").contains("hunter2"));
    }

    #[test]
    fn a_drop_in_replaces_the_program_after_clearing_it() {
        let unit = "[Service]\nType=oneshot\nExecStart=/usr/bin/old\n";
        let with = |text| facts(&[unit, text]).program;
        assert_eq!(
            with("[Service]\nExecStart=\nExecStart=@\"/opt/a b/new\" argv0"),
            "/opt/a b/new"
        );
        assert_eq!(with("[Service]\nExecStart=/usr/bin/too"), "/usr/bin/old");
        assert_eq!(facts(&[unit]).kind, Kind::OneShot);
        let simple = facts(&[unit, "[Service]\nType=simple"]);
        assert_eq!(simple.kind, Kind::Lasting);
    }

    #[test]
    fn keys_count_only_in_their_section() {
        let facts =
            facts(&["Description=no\n[X-Other]\nUser=no\n[Timer]\nUnit=backup.service\nUser=no"]);
        let expected = Facts {
            starts: "backup.service".into(),
            ..Facts::default()
        };
        assert_eq!(facts, expected);
    }

    #[test]
    fn names_of_instances_are_put_in() {
        let unit = "postgresql@15-main.service";
        assert_eq!(expand("Cluster %i", unit), "Cluster 15-main");
        assert_eq!(
            expand("%I of %p: %n, 100%% %h %", unit),
            "15/main of postgresql: postgresql@15-main.service, 100% %h %"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*", unit in "\\PC*") {
            facts(&[&text]);
            expand(&text, &unit);
        }

        #[test]
        fn what_was_written_is_read(description in "[a-zA-Z0-9 ]{0,20}[a-z]", program in "/[a-z/]{1,20}", user in "[a-z]{1,8}") {
            let text = format!("[Unit]\nDescription={description}\n[Service]\nExecStart={program} -x\nUser={user}\n");
            let read = facts(&[&text]);
            prop_assert_eq!(read.description.as_str(), description.trim());
            prop_assert_eq!(read.program, program);
            prop_assert_eq!(read.user, user);
        }
    }
}
