//! Programs that hand over the whole machine when they run as root.

/// Programs that start others or change any file whatever their arguments are: shells, editors, viewers.
const ALWAYS: [&str; 21] = [
    "ed", "emacs", "gdb", "less", "man", "mc", "more", "nano", "nvim", "pico", "screen", "su",
    "sudo", "tmux", "vi", "view", "vim", "vimdiff", "vipw", "visudo", "vigr",
];

/// Programs that do so when their arguments may be chosen: interpreters, file tools, package managers,
/// account tools, containers.
const BY_ARGUMENTS: [&str; 76] = [
    "apt",
    "apt-get",
    "aptitude",
    "ash",
    "at",
    "awk",
    "bash",
    "busybox",
    "chmod",
    "chown",
    "chpasswd",
    "chroot",
    "cp",
    "crontab",
    "csh",
    "ctr",
    "curl",
    "dash",
    "dd",
    "dnf",
    "docker",
    "dpkg",
    "env",
    "find",
    "fish",
    "gawk",
    "git",
    "install",
    "kill",
    "ksh",
    "ln",
    "lua",
    "lxc",
    "make",
    "mawk",
    "mount",
    "mv",
    "nerdctl",
    "nice",
    "node",
    "nohup",
    "nsenter",
    "openssl",
    "pacman",
    "passwd",
    "perl",
    "php",
    "pip",
    "pip3",
    "pkexec",
    "podman",
    "python",
    "rpm",
    "rsync",
    "ruby",
    "scp",
    "script",
    "sed",
    "setcap",
    "sh",
    "snap",
    "socat",
    "ssh",
    "strace",
    "systemctl",
    "systemd-run",
    "tar",
    "tcsh",
    "tee",
    "time",
    "unshare",
    "useradd",
    "usermod",
    "wget",
    "xargs",
    "zsh",
];

/// Of those, the ones that need no argument at all.
const SHELLS: [&str; 13] = [
    "ash", "bash", "csh", "dash", "fish", "ksh", "lua", "node", "perl", "python", "ruby", "sh",
    "zsh",
];

/// Whether running a program as root amounts to full control: `None` when that cannot be told.
/// `arguments` are the only ones allowed, absent for any.
pub(in super::super) fn amounts_to_root(path: &str, arguments: Option<&str>) -> Option<bool> {
    if path == "list" {
        return Some(false);
    }
    if path == "sudoedit" {
        return edits(arguments);
    }
    if path.starts_with('^') {
        return None;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.is_empty() || name.contains(['*', '?', '[']) {
        // A directory of programs, or a pattern over one: shells are in there.
        let folder = &path[..path.len() - name.len()];
        let system = ["/bin/", "/sbin/"].iter().any(|end| folder.ends_with(end));
        return if system || folder.contains(['*', '?', '[']) {
            Some(true)
        } else {
            None
        };
    }
    let name = unversioned(name);
    if ALWAYS.contains(&name) {
        return Some(true);
    }
    let fixed =
        arguments.is_some_and(|text| !text.contains(['*', '?', '[']) && !text.starts_with('^'));
    match (BY_ARGUMENTS.contains(&name), arguments, fixed) {
        (true, None, _) => Some(true),
        (true, Some("\"\""), _) => Some(SHELLS.contains(&name)),
        (_, Some(_), true) => Some(false),
        _ => None,
    }
}

/// "python3.11" is "python".
fn unversioned(name: &str) -> &str {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if stem.is_empty() { name } else { stem }
}

/// Editing any file, or one that says who is root, is full control.
fn edits(arguments: Option<&str>) -> Option<bool> {
    let Some(files) = arguments else {
        return Some(true);
    };
    let decisive = [
        "/etc/sudoers",
        "/etc/passwd",
        "/etc/shadow",
        "/etc/crontab",
        "/etc/doas.conf",
    ];
    if files
        .split(' ')
        .any(|file| decisive.iter().any(|path| file.starts_with(path)))
    {
        return Some(true);
    }
    if files.contains(['*', '?', '[']) || files.starts_with('^') {
        return None;
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_judged_by_what_they_can_start() {
        for (path, arguments, expected) in [
            ("/bin/bash", None, Some(true)),
            ("/bin/bash", Some("\"\""), Some(true)),
            ("/bin/bash", Some("/opt/backup.sh"), Some(false)),
            ("/usr/bin/vim", Some("/etc/hosts"), Some(true)),
            ("/usr/bin/python3.11", None, Some(true)),
            ("/usr/bin/systemctl", Some("restart nginx"), Some(false)),
            ("/usr/bin/systemctl", Some("restart *"), None),
            ("/usr/bin/systemctl", None, Some(true)),
            ("/opt/tool", None, None),
            ("/opt/tool", Some("\"\""), Some(false)),
            ("/usr/bin/", None, Some(true)),
            ("/usr/bin/*", None, Some(true)),
            ("/opt/acme/", None, None),
            ("sudoedit", None, Some(true)),
            ("sudoedit", Some("/etc/motd"), Some(false)),
            ("sudoedit", Some("/etc/sudoers.d/x"), Some(true)),
            ("sudoedit", Some("/etc/*"), None),
            ("list", None, Some(false)),
            ("^/bin/.*$", None, None),
        ] {
            assert_eq!(
                amounts_to_root(path, arguments),
                expected,
                "{path} {arguments:?}"
            );
        }
    }
}
