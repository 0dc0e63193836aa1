//! Whom su lets become root without a password.

use super::*;

fn su(text: &str, extra: &[(&str, &[u8])]) -> Vec<String> {
    let mut files = vec![("/etc/pam.d/su", text.as_bytes())];
    files.extend(extra);
    lines(&collect_with(&files), Mechanism::Su)
}

#[test]
fn members_of_a_trusted_group_are_administrators() {
    assert_eq!(
        su(
            "auth sufficient pam_rootok.so\nauth sufficient pam_wheel.so trust group=ops use_uid\n",
            &[]
        ),
        [
            "anna | group ops < su | everything | without password | full",
            "bob | group ops < su | everything | without password | full",
            "ops | su | everything | without password | full",
            "zoe | group ops < su | everything | without password | full",
        ]
    );
}

#[test]
fn without_a_name_the_group_is_wheel_or_that_of_root() {
    let line = "auth [success=done default=ignore] pam_wheel.so trust\n";
    assert_eq!(
        su(line, &[]),
        ["root | su | everything | without password | full"]
    );
    let group = ("/etc/group", &b"root:x:0:\nwheel:x:10:carl\n"[..]);
    assert_eq!(
        su(line, &[group])[0],
        "carl | group wheel < su | everything | without password | full"
    );
}

#[test]
fn a_group_that_is_only_required_or_refused_gives_nothing() {
    for line in [
        "auth required pam_wheel.so group=ops",
        "auth sufficient pam_wheel.so group=ops",
        "auth sufficient pam_wheel.so trust deny group=ops",
        "# auth sufficient pam_wheel.so trust group=ops",
        "account sufficient pam_wheel.so trust group=ops",
        "auth sufficient pam_succeed_if.so user ingroup ops",
    ] {
        assert_eq!(su(line, &[]), [""; 0], "{line}");
    }
}

/// Of a file that the settings for something else include, PAM reads only what is for that.
#[test]
fn a_file_that_is_included_for_something_else_gives_nothing() {
    let other = ("/etc/pam.d/other", &b"auth sufficient pam_permit.so\n"[..]);
    assert_eq!(su("account include other\n", &[other]), [""; 0]);
    assert_eq!(su("auth include other\n", &[other]).len(), 1);
}

#[test]
fn included_files_and_other_modules_count() {
    let included = (
        "/etc/pam.d/common-auth",
        &b"auth sufficient pam_succeed_if.so quiet use_uid user ingroup docker\nauth include su\nauth sufficient pam_permit.so\n"[..],
    );
    assert_eq!(
        su("@include common-auth\n", &[included]),
        [
            "carl | group docker < su | everything | without password | full",
            "docker | su | everything | without password | full",
            "everyone | su | everything | without password | full",
        ]
    );
}
