//! Machines on which something is wrong.

use std::process::Command;

use super::{
    super::{
        program::{self, DEADLINE, Outcome},
        tree::Tree,
    },
    equipment::debian,
};

/// The sudo rules are a pipe, as somebody who wants to hide them could make them.
pub(super) fn unreadable_sudoers() -> Tree {
    let tree = debian(Tree::new(), "hidden-rules");
    let path = tree.path("/etc/sudoers");
    std::fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    tree
}

/// Lines that are too short, numbers that are none, a second name for uid 0, names twice, NIS, bytes that
/// are no UTF-8.
pub(super) fn broken_passwd() -> Tree {
    let lines: [&[u8]; 10] = [
        b"root:x:0:0:root:/root:/bin/bash",
        b"toor:x:0:0:second root:/root:/bin/sh",
        b"",
        b"no fields at all",
        b"short:x:12",
        b"words:x:twelve:100::/home/words:/bin/sh",
        b"huge:x:99999999999:100::/:/bin/sh",
        b"anna:x:1000:1000:M\xfcller:/home/anna:/bin/bash",
        b"anna:x:1001:1001:again:/home/anna2:/bin/bash",
        b"+@admins::::::",
    ];
    debian(Tree::new(), "broken").file("/etc/passwd", lines.join(&b'\n'))
}

/// A database that is no database, with the lock of an rpm that died.
pub(super) fn locked_rpm_database() -> Tree {
    debian(Tree::new(), "locked")
        .file(
            "/var/lib/rpm/rpmdb.sqlite",
            "SQLite format 3\0 and then nothing of the kind",
        )
        .file("/var/lib/rpm/.rpm.lock", "")
}

/// A snapshot taken by nobody.
pub(super) fn as_nobody(root: &std::path::Path) -> Outcome {
    if !rustix::process::geteuid().is_root() {
        let mut command = Command::new(program::agent());
        command.args(program::arguments(Some(root), &[]));
        return program::run(&mut command, DEADLINE).unwrap();
    }
    // The test's own program may lie where nobody may not look.
    let copies = tempfile::tempdir().unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(copies.path(), open).unwrap();
    let copy = copies.path().join("freehold-agent");
    // Copied by another process: what is open for writing, here or in a child that inherited it, cannot run.
    let status = Command::new("cp").arg(program::agent()).arg(&copy).status();
    assert!(status.unwrap().success());
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&copy)
        .args(program::arguments(Some(root), &[]));
    program::run(&mut command, DEADLINE).unwrap()
}
