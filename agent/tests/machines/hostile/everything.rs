//! A machine with something in every place the agent looks at.

use super::super::{golden, tree::Tree};

/// The office PC with sudo, doas and polkit rules, keys, packages, an antivirus, a domain, and more. Written
/// from the documentation of each program.
pub(super) fn everything() -> Tree {
    let tree = golden::dell_office_pc();
    network(packages(people(tree)))
}

fn people(tree: Tree) -> Tree {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKqJ2kgc8gOtG9p0v6zHhY1y9s2v7Y0o3l5m8n1q4r7t admin@desk\n";
    tree.file("/etc/sudoers", "Defaults env_reset, timestamp_timeout=5\nUser_Alias ADMINS = anna, %wheel\nroot ALL=(ALL:ALL) ALL\nADMINS ALL=(ALL) NOPASSWD: ALL\n@includedir /etc/sudoers.d\n@include /etc/sudoers.local\n")
        .file("/etc/sudoers.d/backup", "backup ALL=(root) /usr/bin/rsync\n")
        .file("/etc/sudoers.local", "%sudo ALL=(ALL) ALL\n")
        .file("/etc/doas.conf", "permit persist anna as root\n")
        .file("/etc/polkit-1/rules.d/49-admins.rules", "polkit.addAdminRule(function(action, subject) { return [\"unix-group:wheel\"]; });\n")
        .file("/etc/polkit-1/localauthority.conf.d/50-local.conf", "[Configuration]\nAdminIdentities=unix-user:0;unix-group:sudo\n")
        .file("/etc/nsswitch.conf", "passwd: files systemd sss\ngroup: files systemd sss\nsudoers: files sss\n")
        .file("/etc/login.defs", "UID_MIN 1000\nUID_MAX 60000\n")
        .file("/etc/shells", "/bin/sh\n/bin/bash\n")
        .file("/etc/subuid", "anna:100000:65536\n")
        .file("/etc/ssh/sshd_config", "PermitRootLogin prohibit-password\nInclude /etc/ssh/sshd_config.d/*.conf\n")
        .file("/etc/ssh/sshd_config.d/local.conf", "PasswordAuthentication no\n")
        .file("/root/.ssh/authorized_keys", key)
        .file("/home/anna/.ssh/authorized_keys", key)
        .file("/etc/samba/smb.conf", "[global]\nworkgroup = PRAXIS\nsecurity = user\n[patients]\npath = /srv/patients\n")
        .file("/etc/sssd/sssd.conf", "[sssd]\ndomains = praxis.example\n[domain/praxis.example]\nid_provider = ad\n")
        .file("/etc/krb5.conf", "[libdefaults]\ndefault_realm = PRAXIS.EXAMPLE\n")
        .file("/etc/krb5.keytab", b"\x05\x02")
}

fn packages(tree: Tree) -> Tree {
    let status = |name: &str, version: &str| {
        format!(
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 120\nMaintainer: Somebody <s@example.org>\nArchitecture: amd64\nVersion: {version}\nDescription: words\n\n"
        )
    };
    let all = [
        "openssl 3.0.15-1~deb12u1",
        "clamav-daemon 1.0.7+dfsg-1~deb12u1",
        "unattended-upgrades 2.9.1+nmu3",
        "ufw 0.36.2-1",
        "postgresql-15 15.9-0+deb12u1",
        "openssh-server 1:9.2p1-2+deb12u3",
    ];
    let text: String = all
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, version)| status(name, version))
        .collect();
    tree.file("/var/lib/dpkg/status", text)
        .file("/var/lib/dpkg/info/openssl.list", "/.\n/usr/bin/openssl\n")
        .file("/var/lib/dpkg/info/clamav-daemon.list", "/.\n/usr/sbin/clamd\n")
        .folder("/var/lib/dpkg/updates")
        .file("/usr/sbin/clamd", "")
        .file("/etc/clamav/clamd.conf", "DatabaseDirectory /var/lib/clamav\n")
        .file("/etc/clamav/freshclam.conf", "DatabaseDirectory /var/lib/clamav\n")
        .file("/var/lib/clamav/daily.cvd", "ClamAV-VDB:16 Sep 2024 08-02 -0400:27400:2066993:90:0123456789abcdef0123456789abcdef:sig:raynman:1726488153")
        .file("/var/lib/clamav/main.cvd", "ClamAV-VDB:16 Sep 2021 08-32 -0400:62:6647427:90:0123456789abcdef0123456789abcdef:sig:sigmgr:1631795562")
        .file("/lib/systemd/system/clamav-daemon.service", "[Unit]\nDescription=Clam AntiVirus\n[Service]\nExecStart=/usr/sbin/clamd --foreground=true\n[Install]\nWantedBy=multi-user.target\n")
        .link("/etc/systemd/system/multi-user.target.wants/clamav-daemon.service", "/lib/systemd/system/clamav-daemon.service")
        .file("/lib/systemd/system/ssh.service", "[Unit]\nDescription=OpenBSD Secure Shell server\n[Service]\nExecStart=/usr/sbin/sshd -D\n")
        .file("/etc/crontab", "17 * * * * root run-parts /etc/cron.hourly\n")
        .file("/etc/cron.d/e2scrub_all", "30 3 * * 0 root /sbin/e2scrub_all\n")
        .file("/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"1\";\n")
        .file("/etc/ufw/ufw.conf", "ENABLED=yes\n")
        .file("/etc/crypttab", "data_crypt UUID=1234 none luks\n")
        .file("/etc/fstab", "/dev/sda2 / ext4 defaults 0 1\n")
        .file("/etc/exports", "/srv/patients 192.0.2.0/24(rw)\n")
}

fn network(tree: Tree) -> Tree {
    tree.file("/etc/resolv.conf", "nameserver 192.0.2.53\n")
        .file("/etc/locale.conf", "LANG=de_DE.UTF-8\n")
        .file("/etc/timezone", "Europe/Berlin\n")
        .values(
            "/sys/class/net/eth0",
            &[
                ("ifindex", "2"),
                ("type", "1"),
                ("address", "02:00:00:00:00:01"),
                ("operstate", "up"),
                ("mtu", "1500"),
            ],
        )
}
