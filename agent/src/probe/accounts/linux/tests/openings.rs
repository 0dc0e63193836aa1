//! Ways to become root that no rule names.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use super::*;

const ALL: [Mechanism; 5] = [
    Mechanism::Setuid,
    Mechanism::Service,
    Mechanism::Su,
    Mechanism::Capability,
    Mechanism::WritableFile,
];

/// Openings of a root with these files and modes, a line each.
fn openings(files: &[(&str, &str, u32)]) -> Vec<String> {
    let (directory, root) = base();
    for (path, text, mode) in files {
        write(directory.path(), path, text.as_bytes());
        set_mode(directory.path(), path, *mode);
    }
    told(&collect(&root))
}

fn base() -> (tempfile::TempDir, Root) {
    root_with(&[
        ("/etc/passwd", PASSWD.as_bytes()),
        ("/etc/group", GROUP.as_bytes()),
        ("/etc/shadow", SHADOW.as_bytes()),
    ])
}

fn set_mode(root: &Path, path: &str, mode: u32) {
    let path = root.join(path.trim_start_matches('/'));
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn told(accounts: &Accounts) -> Vec<String> {
    ALL.iter().flat_map(|one| lines(accounts, *one)).collect()
}

#[test]
fn shells_that_run_as_root_are_found_where_people_put_files() {
    let shell = "everything: a shell or interpreter that runs as root";
    assert_eq!(
        openings(&[
            ("/bin/bash", "the machine's shell", 0o4755),
            ("/home/anna/deep/down/python3.11", "x", 0o4755),
            ("/var/tmp/.x", "the machine's shell", 0o4755),
            ("/tmp/tool", "x", 0o4755),
            ("/usr/local/bin/g", "x", 0o2755),
            ("/tmp/only-root", "x", 0o4700),
            ("/tmp/copy/usr/bin/su", "x", 0o4755),
            ("/opt/plain", "x", 0o755),
        ]),
        [
            format!("everyone | /home/anna/deep/down/python3.11 | {shell} | full"),
            "everyone | /tmp/tool | what the program does as root, which is not known | unknown".to_owned(),
            "everyone | /usr/local/bin/g | what the program does with the group root, which is not known | unknown".to_owned(),
            format!("everyone | /var/tmp/.x | {shell} | full"),
        ]
    );
}

#[test]
fn a_folder_too_deep_to_be_searched_is_said() {
    let (directory, root) = base();
    let deep = format!("/home/anna{}", "/d".repeat(70));
    write(directory.path(), &format!("{deep}/sh"), b"x");
    let accounts = collect(&root);
    let reason = "home and shared folders [] hold more names than are searched for programs that run as root; what lies deepest was not searched";
    assert_eq!(diagnostics(&accounts), [reason]);
    // What was not searched is not known to be fine.
    assert_eq!(accounts.status(), Status::Partial);
}

#[test]
fn a_folder_that_cannot_be_searched_is_said() {
    let (directory, root) = base();
    // Nobody can list what a circle of links leads to.
    symlink("/var/tmp", directory.path().join("tmp")).unwrap();
    fs::create_dir_all(directory.path().join("var")).unwrap();
    symlink("/tmp", directory.path().join("var/tmp")).unwrap();
    let accounts = collect(&root);
    assert_eq!(accounts.status(), Status::Partial);
    assert!(diagnostics(&accounts)[0].contains("could not all be read"));
}

#[test]
fn a_home_that_a_link_leads_to_is_searched() {
    let (directory, root) = base();
    let shell = "/var/home/anna/sh";
    write(directory.path(), shell, b"x");
    set_mode(directory.path(), shell, 0o4755);
    symlink("var/home", directory.path().join("home")).unwrap();
    let found = told(&collect(&root));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("everyone | /var/home/anna/sh | everything"));
}

#[test]
fn a_circle_of_links_and_a_pipe_do_not_hold_the_search_up() {
    let (directory, root) = base();
    fs::create_dir_all(directory.path().join("tmp/a")).unwrap();
    symlink("/tmp", directory.path().join("tmp/a/loop")).unwrap();
    symlink("/etc/passwd", directory.path().join("tmp/sh")).unwrap();
    let pipe = directory.path().join("tmp/bash");
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::Mode::from_raw_mode(0o4777),
    )
    .unwrap();
    assert_eq!(told(&collect(&root)), [""; 0]);
}

#[test]
fn files_that_root_relies_on_are_told_when_others_may_change_them() {
    assert_eq!(
        openings(&[
            ("/etc/passwd", PASSWD, 0o646),
            ("/usr/local/bin/tool", "", 0o755),
            ("/etc/profile.d/x.sh", "", 0o666),
        ]),
        ["everyone | may change /etc/passwd | everything: makes anyone root | full"]
    );
}

#[test]
fn a_socket_that_everyone_may_use_is_told() {
    let all = openings(&[
        ("/run/docker.sock", "", 0o666),
        ("/run/podman/podman.sock", "", 0o660),
    ]);
    assert_eq!(all.len(), 1);
    assert!(all[0].starts_with("everyone | socket of Docker | everything: starts containers"));
}

#[test]
fn programs_that_services_and_tasks_run_as_root_are_told_when_others_may_change_them() {
    let unit = "[Service]\nExecStartPre=-/bin/sh /srv/pre.sh\nExecStart=/opt/safe\nExecStart=\nExecStart=/srv/app/run --x\n";
    assert_eq!(
        openings(&[
            ("/srv/app/run", "", 0o757),
            ("/srv/pre.sh", "", 0o646),
            ("/srv/as-anna", "", 0o777),
            ("/srv/plus", "", 0o757),
            ("/srv/task", "", 0o757),
            ("/srv/hourly", "", 0o755),
            ("/opt/safe", "", 0o777),
            ("/etc/systemd/system/app.service", unit, 0o644),
            (
                "/usr/lib/systemd/system/anna.service",
                "[Service]\nUser=anna\nExecStart=/srv/as-anna\nExecStop=+/srv/plus\n",
                0o644
            ),
            (
                "/etc/systemd/system/dynamic.service",
                "[Service]\nDynamicUser=yes\nExecStart=/srv/as-anna\n",
                0o644
            ),
            (
                "/etc/crontab",
                "# x\n* * * * * root cd / && /srv/task\n* * * * * anna /srv/as-anna\n",
                0o644
            ),
            ("/etc/cron.daily/x", "", 0o757),
        ]),
        [
            "everyone | may change /etc/cron.daily/x, which a regular task runs | everything: the program runs as root | full",
            "everyone | may change /srv/app/run, which service app.service runs | everything: the program runs as root | full",
            "everyone | may change /srv/plus, which service anna.service runs | everything: the program runs as root | full",
            "everyone | may change /srv/pre.sh, which service app.service runs | everything: the program runs as root | full",
            "everyone | may change /srv/task, which a regular task runs | everything: the program runs as root | full",
        ]
    );
}

/// Distributions older than the common /usr keep them in /lib; in newer ones that is a link.
#[test]
fn units_in_lib_are_read_once_wherever_it_lies() {
    let unit = b"[Service]\nExecStart=/srv/app\n";
    let fragment = b"[Service]\nExecStartPost=/srv/app\n";
    for is_link in [false, true] {
        let (directory, root) = base();
        let folder = if is_link { "/usr/lib" } else { "/lib" };
        if is_link {
            symlink("usr/lib", directory.path().join("lib")).unwrap();
        }
        let folder = format!("{folder}/systemd/system");
        write(directory.path(), &format!("{folder}/app.service"), unit);
        let path = format!("{folder}/app.service.d/x.conf");
        write(directory.path(), &path, fragment);
        write(directory.path(), "/srv/app", b"");
        set_mode(directory.path(), "/srv/app", 0o757);
        assert_eq!(
            told(&collect(&root)),
            [
                "everyone | may change /srv/app, which service app.service runs | everything: the program runs as root | full"
            ]
        );
    }
}

#[test]
fn a_folder_on_the_way_to_a_program_counts_unless_it_is_shared_safely() {
    let (directory, root) = base();
    let crontab = "@daily root /srv/open/run\n@daily root /srv/sticky/run\n@daily root /srv/link\n";
    write(directory.path(), "/etc/crontab", crontab.as_bytes());
    for path in ["/srv/open/run", "/srv/sticky/run", "/srv/far/run"] {
        write(directory.path(), path, b"");
    }
    set_mode(directory.path(), "/srv/open", 0o757);
    set_mode(directory.path(), "/srv/sticky", 0o1777);
    set_mode(directory.path(), "/srv/far", 0o757);
    symlink("far/run", directory.path().join("srv/link")).unwrap();
    let paths: Vec<_> = told(&collect(&root))
        .iter()
        .map(|one| one.split(" | ").nth(1).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "may replace /srv/link through /srv/far, which a regular task runs",
            "may replace /srv/open/run through /srv/open, which a regular task runs",
        ]
    );
}

#[test]
fn services_of_a_user_with_rights_of_root_are_told() {
    let all = openings(&[(
        "/etc/systemd/system/user@1000.service.d/x.conf",
        "[Service]\nAmbientCapabilities=CAP_SYS_ADMIN\n",
        0o644,
    )]);
    assert_eq!(
        all,
        ["anna | services of the user | programs with rights of root: cap_sys_admin | unknown"]
    );
}

#[test]
fn owners_and_groups_other_than_root_are_named_with_their_members() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("NOT TESTED: only root can give files to others");
        return;
    }
    let (directory, root) = base();
    write(directory.path(), "/etc/crontab", b"@daily root /srv/a\n");
    write(directory.path(), "/srv/a", b"");
    let own = |path: &str, uid, gid| {
        let path = directory.path().join(path);
        std::os::unix::fs::chown(path, Some(uid), Some(gid)).unwrap();
    };
    own("srv/a", 1002, 2000);
    set_mode(directory.path(), "/srv/a", 0o775);
    write(directory.path(), "/run/podman/podman.sock", b"");
    own("run/podman/podman.sock", 0, 998);
    set_mode(directory.path(), "/run/podman/podman.sock", 0o660);
    write(directory.path(), "/tmp/tool", b"");
    own("tmp/tool", 0, 2000);
    set_mode(directory.path(), "/tmp/tool", 0o4750);
    let who: Vec<_> = told(&collect(&root))
        .iter()
        .map(|one| one.split(" | ").take(2).collect::<Vec<_>>().join(" | "))
        .collect();
    let change = "may change /srv/a, which a regular task runs";
    assert_eq!(
        who,
        [
            "anna | group ops < /tmp/tool".to_owned(),
            "bob | group ops < /tmp/tool".to_owned(),
            "ops | /tmp/tool".to_owned(),
            "zoe | group ops < /tmp/tool".to_owned(),
            format!("anna | group ops < {change}"),
            format!("bob | group ops < {change}"),
            format!("carl | {change}"),
            format!("ops | {change}"),
            format!("zoe | group ops < {change}"),
        ]
    );
}

#[test]
fn units_tasks_and_folders_that_cannot_be_read_hide_only_what_they_could_give() {
    let (directory, root) = base();
    // One in place of the other can be read by nobody, and a link to itself leads nowhere.
    write(directory.path(), "/etc/systemd/system/app.service/x", b"");
    write(directory.path(), "/etc/cron.d", b"");
    symlink("home", directory.path().join("home")).unwrap();
    let accounts = collect(&root);
    let hidden = |source: &str| {
        let mut all = accounts.diagnostics.iter();
        let one = all.find(|one| one.source == source);
        let gap = one.unwrap_or_else(|| panic!("{source}: {:?}", accounts.diagnostics));
        gap.gap.clone().unwrap().hides
    };
    let services = ["privileges.SERVICE"];
    assert_eq!(hidden("/etc/systemd/system/app.service"), services);
    assert_eq!(hidden("/etc/cron.d"), services);
    let programs = ["privileges.SETUID", "privileges.CAPABILITY"];
    assert_eq!(hidden("home and shared folders"), programs);
    assert_eq!(accounts.status(), Status::Partial);
}
