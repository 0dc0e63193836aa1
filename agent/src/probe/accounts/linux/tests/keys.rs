//! Keys of administrators.

use super::*;

#[test]
fn keys_of_administrators_are_listed_and_those_of_others_not() {
    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    let line = format!("from=\"10.0.0.1\",no-pty ssh-ed25519 {KEY} anna@laptop\nbroken\n");
    let accounts = collect_with(&[
        ("/etc/sudoers", b"anna ALL=ALL\n"),
        ("/home/anna/.ssh/authorized_keys", line.as_bytes()),
        ("/root/.ssh/authorized_keys2", line.as_bytes()),
        ("/home/bob/.ssh/authorized_keys", line.as_bytes()),
        ("/etc/group", b"root:x:0:\nsudo:x:2727:\n"),
    ]);
    let keys: Vec<_> = accounts
        .authorized_keys
        .iter()
        .map(|key| {
            (
                key.account.as_str(),
                key.source.as_str(),
                key.line,
                key.options.join(","),
            )
        })
        .collect();
    let options = "from,no-pty".to_owned();
    assert_eq!(
        keys,
        [
            (
                "anna",
                "/home/anna/.ssh/authorized_keys",
                1,
                options.clone()
            ),
            ("root", "/root/.ssh/authorized_keys2", 1, options)
        ]
    );
    assert_eq!(diagnostics(&accounts).len(), 2);
    assert!(!format!("{accounts:?}").contains(KEY));
}

#[test]
fn sshd_says_where_keys_are() {
    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    let line = format!("ssh-ed25519 {KEY}\n");
    let accounts = collect_with(&[
        ("/etc/ssh/sshd_config", b"AuthorizedKeysFile /etc/keys/%u %h/k\nAuthorizedKeysCommand /usr/bin/x\nMatch User anna\nAuthorizedKeysFile none\n"),
        ("/etc/keys/root", line.as_bytes()),
        ("/root/k", line.as_bytes()),
        ("/root/.ssh/authorized_keys", line.as_bytes()),
    ]);
    let sources: Vec<_> = accounts
        .authorized_keys
        .iter()
        .map(|key| key.source.as_str())
        .collect();
    assert_eq!(sources, ["/etc/keys/root", "/root/k"]);
    assert!(diagnostics(&accounts)[0].contains("further keys"));
}

const PUBLIC: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

fn keys(accounts: &Accounts) -> Vec<String> {
    let keys = accounts.authorized_keys.iter();
    keys.map(|key| {
        format!(
            "{} {} {}",
            key.account,
            key.source,
            key.conditions.join(", ")
        )
    })
    .collect()
}

#[test]
fn what_sshd_includes_and_limits_is_a_condition() {
    let line = format!("ssh-ed25519 {PUBLIC}\n");
    let authority = format!("cert-authority,principals=\"x\" ssh-ed25519 {PUBLIC}\n");
    let accounts = collect_with(&[
        ("/etc/ssh/sshd_config", b"Include conf.d/*.conf\nPermitRootLogin yes\nMatch Address 10.0.0.0/8\n  PermitRootLogin prohibit-password\n  AuthorizedKeysFile /etc/keys/%u\n"),
        ("/etc/ssh/conf.d/1.conf", b"PermitRootLogin no\nTrustedUserCAKeys /etc/ssh/ca.pub\n"),
        ("/etc/ssh/conf.d/.hidden.conf", b"PubkeyAuthentication no\n"),
        ("/etc/ssh/conf.d/other", b"PubkeyAuthentication no\n"),
        ("/etc/ssh/ca.pub", line.as_bytes()),
        ("/etc/keys/root", line.as_bytes()),
        ("/root/.ssh/authorized_keys", authority.as_bytes()),
    ]);
    let root = "the computer's settings do not let root in (PermitRootLogin no), root is let in where sshd's \"Match Address 10.0.0.0/8\" applies";
    assert_eq!(
        keys(&accounts),
        [
            "* /etc/ssh/ca.pub signs certificates for the accounts they name".to_owned(),
            format!(
                "root /etc/keys/root {root}, only where sshd's \"Match Address 10.0.0.0/8\" applies"
            ),
            format!(
                "root /root/.ssh/authorized_keys {root}, signs certificates that open the account"
            ),
        ]
    );
    assert_eq!(diagnostics(&accounts), [""; 0]);
}

#[test]
fn keys_that_sshd_does_not_accept_say_so() {
    let line = format!("ssh-ed25519 {PUBLIC}\n");
    let accounts = collect_with(&[
        (
            "/etc/ssh/sshd_config",
            b"PubkeyAuthentication no\nPermitRootLogin forced-commands-only\n",
        ),
        ("/root/.ssh/authorized_keys", line.as_bytes()),
    ]);
    assert_eq!(
        keys(&accounts),
        [
            "root /root/.ssh/authorized_keys only for the command of the key (PermitRootLogin forced-commands-only), \
          the computer's settings accept no keys (PubkeyAuthentication no)"
        ]
    );
}

#[test]
fn of_several_values_the_first_counts() {
    let line = format!("ssh-ed25519 {PUBLIC}\n");
    let accounts = collect_with(&[
        (
            "/etc/ssh/sshd_config",
            b"PermitRootLogin yes\nPermitRootLogin no\nAuthorizedKeysFile /etc/a/%u\nAuthorizedKeysFile /etc/b/%u\n",
        ),
        ("/etc/a/root", line.as_bytes()),
        ("/etc/b/root", line.as_bytes()),
    ]);
    assert_eq!(keys(&accounts), ["root /etc/a/root "]);
}

#[test]
fn configurations_that_include_each_other_end() {
    let accounts = collect_with(&[
        (
            "/etc/ssh/sshd_config",
            b"Include sshd_config\nInclude a/*\nPermitRootLogin no\n",
        ),
        (
            "/etc/ssh/a/1",
            b"Include /etc/ssh/a/*\nMatch User x\nInclude /etc/ssh/a/*\n",
        ),
        (
            "/root/.ssh/authorized_keys",
            format!("ssh-ed25519 {PUBLIC}\n").as_bytes(),
        ),
    ]);
    assert_eq!(keys(&accounts).len(), 1);
}

#[test]
fn lines_that_sshd_does_not_understand_are_named() {
    let accounts = collect_with(&[("/etc/ssh/sshd_config", b"\xff\x01 x\nPermitRootLogin no\n")]);
    assert_eq!(accounts.status(), Status::Partial);
    let said = diagnostics(&accounts).remove(0);
    assert!(
        said.starts_with("/etc/ssh/sshd_config [line 1, column 1] is no setting"),
        "{said}"
    );
}
