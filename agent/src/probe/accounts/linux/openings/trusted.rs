//! Files and folders that decide over root. On a healthy machine nobody else may change them.

use std::path::Path;

use freehold_proto::v1::{accounts::privilege::Mechanism, toggle::State};

use crate::probe::Root;

use super::super::people::People;
use super::super::privilege::EVERYTHING;
use super::{Opening, Who, each, writers};

/// Where it is, and what whoever may change it can do. Left out is what its own program refuses when
/// others may change it, such as sudoers and crontabs.
const TRUSTED: [(&str, &str); 34] = [
    ("/", "replaces system folders"),
    ("/boot", "replaces what the computer starts"),
    ("/etc", "replaces every setting"),
    ("/etc/bash.bashrc", "runs commands in root's shell"),
    ("/etc/group", "makes anyone a member of any group"),
    ("/etc/init.d", "changes what starts as root"),
    ("/etc/ld.so.conf", "puts code into every program"),
    ("/etc/ld.so.conf.d", "puts code into every program"),
    ("/etc/ld.so.preload", "puts code into every program"),
    ("/etc/modprobe.d", "runs commands as root"),
    ("/etc/pam.d", "decides who has to give a password"),
    ("/etc/passwd", "makes anyone root"),
    ("/etc/polkit-1/rules.d", "decides who is an administrator"),
    ("/etc/profile", "runs commands in root's shell"),
    ("/etc/profile.d", "runs commands in root's shell"),
    ("/etc/rc.local", "runs commands as root"),
    ("/etc/security", "decides who has to give a password"),
    ("/etc/shadow", "sets root's password"),
    ("/etc/sudo.conf", "puts code into sudo"),
    ("/etc/systemd/system", "changes what starts as root"),
    ("/etc/udev/rules.d", "runs commands as root"),
    ("/root", "changes what root's shell runs"),
    ("/root/.bashrc", "changes what root's shell runs"),
    ("/root/.profile", "changes what root's shell runs"),
    ("/usr", "replaces programs that root runs"),
    ("/usr/bin", "replaces programs that root runs"),
    ("/usr/lib", "replaces programs that root runs"),
    ("/usr/lib/systemd/system", "changes what starts as root"),
    ("/usr/local/bin", "replaces programs that root runs"),
    ("/usr/local/lib", "replaces programs that root runs"),
    ("/usr/local/sbin", "replaces programs that root runs"),
    ("/usr/sbin", "replaces programs that root runs"),
    (
        "/usr/share/polkit-1/rules.d",
        "decides who is an administrator",
    ),
    ("/var/spool/cron", "changes what starts as root"),
];

/// Those that others than root may change.
pub(super) fn find(root: &Root, people: &People) -> Vec<Opening> {
    let mut openings = Vec::new();
    for (path, why) in TRUSTED {
        let mut who = writers::of_itself(root, Path::new(path));
        who.retain(|who| !is_own(path, *who, people));
        openings.extend(each(&who, |who| Opening {
            mechanism: Mechanism::WritableFile,
            who,
            step: format!("may change {path}"),
            scope: format!("{EVERYTHING}: {why}"),
            conditions: Vec::new(),
            source: path.to_owned(),
            line: None,
            full_control: State::On,
        }));
    }
    openings
}

/// Whether a folder belongs to the very service that reads it, as distributions have it for polkit.
fn is_own(path: &str, who: Who, people: &People) -> bool {
    const SERVICE: &str = "polkitd";
    path.contains("/polkit-1/")
        && match who {
            Who::User(uid) => people.with_id(uid).is_some_and(|one| one.name == SERVICE),
            Who::Group(gid) => people.groups_with_id(gid).any(|one| one.name == SERVICE),
            Who::Everyone => false,
        }
}
