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
