//! Mounts that a probe must not be misled or held up by.

use std::{path::Path, process::Command, time::Duration};

use serde_json::Value;

use super::{golden, program, tree::Tree};

/// Runs the agent behind a shell script in a mount namespace of its own; `None`, with a message, where
/// that is not allowed. The script finds the program and its arguments in `"$@"`.
fn in_namespace(script: &str, root: Option<&Path>, sections: &[&str], what: &str) -> Option<Value> {
    if !program::is_root(what) || !program::has("unshare", what) {
        return None;
    }
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-ec", script, "sh"])
        .arg(program::agent())
        .args(program::arguments(root, sections));
    let outcome = program::run(&mut command, Duration::from_secs(90));
    let outcome = outcome.unwrap_or_else(|| panic!("{what}: the agent hangs"));
    if outcome.code == Some(77) || outcome.stderr.starts_with("unshare:") {
        eprintln!("NOT TESTED: {what}: {}", outcome.stderr);
        return None;
    }
    Some(program::parsed(&outcome))
}

fn without_times(mut sections: Value) -> Value {
    for section in sections.as_object_mut().unwrap().values_mut() {
        section["collected_at"] = Value::Null;
    }
    sections
}

#[test]
fn a_chroot_with_this_machines_proc_and_run_tells_nothing_of_this_machine() {
    let tree = Tree::new()
        .file("/etc/os-release", "ID=debian\nNAME=Debian\nVERSION_ID=12\n")
        .file("/etc/hostname", "chroot\n")
        .file("/etc/passwd", "root:x:0:0::/root:/bin/bash\n")
        .file("/etc/group", "root:x:0:\n")
        .file("/etc/shadow", "root:*:1::::::\n")
        .link("/var/run", "/run")
        .folder("/proc")
        .folder("/sys")
        .folder("/dev")
        .folder("/run")
        .folder("/tmp");
    let plain = without_times(program::sections(tree.root(), &[]));
    let root = tree.root().display();
    let script = format!(
        "mount -t tmpfs none /run || exit 77; touch /run/reboot-required; for d in proc sys dev run; do mount --rbind /$d '{root}'/$d || exit 77; done; exec \"$@\""
    );
    let what = "a chroot with this machine's /proc mounted";
    if let Some(mounted) = in_namespace(&script, Some(tree.root()), &[], what) {
        assert_eq!(without_times(mounted), plain);
    }
}

/// The mount of a program that never answers: the kernel waits for its first word without end.
const DEAD: &str = "exec 9<>/dev/fuse || exit 77; mount -i -t fuse.sshfs -o fd=9,rootmode=40000,user_id=0,group_id=0,allow_other office:/home ";

#[test]
fn a_mount_that_never_answers_holds_nobody_up() {
    let home = tempfile::tempdir().unwrap();
    let point = home.path().join("anna");
    std::fs::create_dir(&point).unwrap();
    let passwd = home.path().join("passwd");
    let line = format!(
        "root:x:0:0::/root:/bin/bash\nanna:x:0:0::{}:/bin/bash\n",
        point.display()
    );
    std::fs::write(&passwd, line).unwrap();
    let script = format!(
        "{DEAD} '{}' || exit 77; mount --bind '{}' /etc/passwd; exec timeout 60 \"$@\"",
        point.display(),
        passwd.display()
    );
    let what = "a mount that never answers";
    let sections = ["system", "hardware", "accounts"];
    let Some(answer) = in_namespace(&script, None, &sections, what) else {
        return;
    };
    let told = answer["accounts"]["diagnostics"].to_string();
    let reason = format!("mounted at {} gave no answer", point.display());
    assert!(told.contains(&reason), "{told}");
    assert_eq!(answer["accounts"]["status"], "PARTIAL");
}

#[test]
fn a_root_that_is_no_folder_is_refused_in_one_sentence() {
    let tree = golden::dell_office_pc();
    for path in [tree.path("/etc/passwd"), tree.path("/nowhere")] {
        let mut command = Command::new(program::agent());
        command.args(program::arguments(Some(&path), &[]));
        let outcome = program::run(&mut command, program::DEADLINE).unwrap();
        assert_eq!(outcome.code, Some(1));
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("is not a directory"));
    }
}
