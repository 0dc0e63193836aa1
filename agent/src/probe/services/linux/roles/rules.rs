//! The roles this agent recognises, and by what. To add one, add a rule.
//!
//! Written from the programs' documentation; nginx, PostgreSQL and Redis were seen running.

/// What shows that a machine has a role.
pub(super) struct Rule {
    /// The role, in plain words.
    pub(super) kind: &'static str,
    /// The product that plays it.
    pub(super) product: &'static str,
    /// Names of its programs.
    pub(super) programs: &'static [&'static str],
    /// Its services: names without their suffix, or a beginning and "*".
    pub(super) services: &'static [&'static str],
    /// Ports on which it plays the role.
    pub(super) ports: Ports,
}

/// Ports on which a role is played.
#[derive(Clone, Copy)]
pub(super) enum Ports {
    /// It has to be reachable from other machines on one of these.
    These(&'static [u16]),
    /// It has to be reachable from other machines.
    Any,
    /// It has to run: it plays its role without listening.
    None,
}

type Names = &'static [&'static str];

const fn on(
    kind: &'static str,
    product: &'static str,
    programs: Names,
    services: Names,
    ports: &'static [u16],
) -> Rule {
    Rule {
        kind,
        product,
        programs,
        services,
        ports: Ports::These(ports),
    }
}

const fn reachable(
    kind: &'static str,
    product: &'static str,
    programs: Names,
    services: Names,
) -> Rule {
    Rule {
        kind,
        product,
        programs,
        services,
        ports: Ports::Any,
    }
}

const fn runs(kind: &'static str, product: &'static str, programs: Names, services: Names) -> Rule {
    Rule {
        kind,
        product,
        programs,
        services,
        ports: Ports::None,
    }
}

const BACKUP: &str = "backup server";
const CONTAINERS: &str = "container host";
const DHCP: &str = "DHCP server";
const DIRECTORY: &str = "directory server";
const DNS: &str = "DNS server";
const HYPERVISOR: &str = "hypervisor";
const MAIL: &str = "mail server";
const MONITORING: &str = "monitoring server";
const PROXY: &str = "proxy server";
const REMOTE_ACCESS: &str = "remote access";
const REMOTE_DESKTOP: &str = "remote desktop server";
const TELEPHONE: &str = "telephone system";
const TIME: &str = "time server";
const TRANSFER: &str = "file transfer server";
const VPN: &str = "VPN server";
const WEB: &str = "web server";

const MAIL_PORTS: &[u16] = &[25, 110, 143, 465, 587, 993, 995];
const WEB_PORTS: &[u16] = &[80, 443, 591, 3000, 5000, 8000, 8008, 8080, 8081, 8443, 8888];
const LDAP_PORTS: &[u16] = &[389, 636, 3268, 3269];

/// All of them, by role.
pub(super) const RULES: &[Rule] = &[
    reachable(
        BACKUP,
        "Bacula",
        &["bacula-dir", "bacula-sd"],
        &["bacula-director", "bacula-dir", "bacula-sd"],
    ),
    reachable(
        BACKUP,
        "Bareos",
        &["bareos-dir", "bareos-sd"],
        &[
            "bareos-director",
            "bareos-dir",
            "bareos-sd",
            "bareos-storage",
        ],
    ),
    reachable(
        BACKUP,
        "Proxmox Backup Server",
        &["proxmox-backup-proxy"],
        &["proxmox-backup-proxy"],
    ),
    on(BACKUP, "rsync", &["rsync"], &["rsync", "rsyncd"], &[873]),
    reachable(BACKUP, "UrBackup", &["urbackupsrv"], &["urbackupsrv"]),
    runs(CONTAINERS, "containerd", &["containerd"], &["containerd"]),
    runs(CONTAINERS, "CRI-O", &["crio"], &["crio"]),
    runs(CONTAINERS, "Docker", &["dockerd"], &["docker"]),
    runs(
        CONTAINERS,
        "Kubernetes",
        &["kubelet", "k3s", "k3s-server", "rke2"],
        &["kubelet", "k3s*", "rke2*"],
    ),
    runs(
        CONTAINERS,
        "LXD",
        &["lxd", "incusd"],
        &["snap.lxd.daemon", "incus"],
    ),
    on(DHCP, "dnsmasq", &["dnsmasq"], &["dnsmasq"], &[67, 547]),
    on(
        DHCP,
        "ISC DHCP",
        &["dhcpd"],
        &["isc-dhcp-server", "dhcpd"],
        &[67, 547],
    ),
    on(
        DHCP,
        "Kea",
        &["kea-dhcp4", "kea-dhcp6"],
        &["kea-dhcp4*", "kea-dhcp6*"],
        &[67, 547],
    ),
    on(
        DIRECTORY,
        "389 Directory Server",
        &["ns-slapd"],
        &["dirsrv@*"],
        LDAP_PORTS,
    ),
    on(DIRECTORY, "OpenLDAP", &["slapd"], &["slapd"], LDAP_PORTS),
    on(
        DIRECTORY,
        "Samba Active Directory",
        &["samba"],
        &["samba-ad-dc", "samba"],
        LDAP_PORTS,
    ),
    on(DNS, "BIND", &["named"], &["named", "bind9"], &[53]),
    on(DNS, "CoreDNS", &["coredns"], &["coredns"], &[53]),
    on(DNS, "dnsmasq", &["dnsmasq"], &["dnsmasq"], &[53]),
    on(
        DNS,
        "Knot",
        &["knotd", "kresd"],
        &["knot", "kresd@*"],
        &[53],
    ),
    on(DNS, "NSD", &["nsd"], &["nsd"], &[53]),
    on(DNS, "Pi-hole", &["pihole-FTL"], &["pihole-FTL"], &[53]),
    on(
        DNS,
        "PowerDNS",
        &["pdns_server", "pdns_recursor"],
        &["pdns", "pdns-recursor"],
        &[53],
    ),
    on(
        DNS,
        "Samba Active Directory",
        &["samba"],
        &["samba-ad-dc", "samba"],
        &[53],
    ),
    on(DNS, "Unbound", &["unbound"], &["unbound"], &[53]),
    on(TRANSFER, "ProFTPD", &["proftpd"], &["proftpd"], &[21, 990]),
    on(
        TRANSFER,
        "Pure-FTPd",
        &["pure-ftpd"],
        &["pure-ftpd"],
        &[21, 990],
    ),
    on(TRANSFER, "vsftpd", &["vsftpd"], &["vsftpd"], &[21, 990]),
    runs(
        HYPERVISOR,
        "libvirt",
        &["libvirtd", "virtqemud"],
        &["libvirtd", "virtqemud"],
    ),
    runs(HYPERVISOR, "Proxmox VE", &["pvedaemon"], &["pvedaemon"]),
    runs(
        HYPERVISOR,
        "VirtualBox",
        &["VBoxHeadless"],
        &["vboxweb-service"],
    ),
    runs(
        HYPERVISOR,
        "VMware",
        &["vmware-hostd", "vmware-vmx"],
        &["vmware-workstation-server"],
    ),
    runs(
        HYPERVISOR,
        "Xen",
        &["xenstored", "oxenstored"],
        &["xenstored"],
    ),
    on(
        MAIL,
        "Courier",
        &["couriertcpd"],
        &["courier-*"],
        MAIL_PORTS,
    ),
    on(MAIL, "Cyrus", &["cyrmaster"], &["cyrus-imapd"], MAIL_PORTS),
    on(MAIL, "Dovecot", &["dovecot"], &["dovecot"], MAIL_PORTS),
    on(
        MAIL,
        "Exim",
        &["exim4", "exim"],
        &["exim4", "exim"],
        MAIL_PORTS,
    ),
    on(
        MAIL,
        "Postfix",
        &["master"],
        &["postfix", "postfix@*"],
        MAIL_PORTS,
    ),
    on(MAIL, "Sendmail", &["sendmail"], &["sendmail"], MAIL_PORTS),
    reachable(MONITORING, "Checkmk", &["cmc"], &["check-mk-*"]),
    reachable(
        MONITORING,
        "Grafana",
        &["grafana", "grafana-server"],
        &["grafana-server"],
    ),
    reachable(MONITORING, "Icinga", &["icinga2"], &["icinga2"]),
    reachable(MONITORING, "Prometheus", &["prometheus"], &["prometheus"]),
    reachable(MONITORING, "Zabbix", &["zabbix_server"], &["zabbix-server"]),
    reachable(PROXY, "HAProxy", &["haproxy"], &["haproxy"]),
    reachable(PROXY, "Squid", &["squid"], &["squid"]),
    reachable(PROXY, "Traefik", &["traefik"], &["traefik"]),
    runs(REMOTE_ACCESS, "AnyDesk", &["anydesk"], &["anydesk"]),
    runs(
        REMOTE_ACCESS,
        "MeshCentral Agent",
        &["meshagent"],
        &["meshagent"],
    ),
    runs(
        REMOTE_ACCESS,
        "NinjaOne",
        &["ninjarmm-linagent"],
        &["ninjarmm-agent"],
    ),
    runs(REMOTE_ACCESS, "RustDesk", &["rustdesk"], &["rustdesk"]),
    runs(
        REMOTE_ACCESS,
        "ScreenConnect",
        &[],
        &["connectwisecontrol-*", "screenconnect-*"],
    ),
    runs(REMOTE_ACCESS, "Splashtop", &["SRStreamer"], &["SRStreamer"]),
    runs(
        REMOTE_ACCESS,
        "TeamViewer",
        &["teamviewerd"],
        &["teamviewerd"],
    ),
    on(
        REMOTE_DESKTOP,
        "GNOME Remote Desktop",
        &["gnome-remote-desktop-daemon"],
        &["gnome-remote-desktop"],
        &[3389, 3390, 5900],
    ),
    reachable(REMOTE_DESKTOP, "NoMachine", &["nxd"], &["nxserver"]),
    reachable(
        REMOTE_DESKTOP,
        "VNC",
        &[
            "Xvnc",
            "Xtigervnc",
            "Xtightvnc",
            "x11vnc",
            "vncserver-x11-core",
            "vino-server",
            "wayvnc",
        ],
        &["vncserver@*", "vncserver-x11-serviced", "x11vnc"],
    ),
    on(REMOTE_DESKTOP, "xrdp", &["xrdp"], &["xrdp"], &[3389]),
    reachable(TELEPHONE, "Asterisk", &["asterisk"], &["asterisk"]),
    reachable(TELEPHONE, "FreeSWITCH", &["freeswitch"], &["freeswitch"]),
    // It opens this port for others only when it is told to serve them; ntpd always does.
    on(TIME, "chrony", &["chronyd"], &[], &[123]),
    reachable(
        VPN,
        "OpenVPN",
        &["openvpn"],
        &["openvpn-server@*", "openvpn@*"],
    ),
    on(
        VPN,
        "strongSwan",
        &["charon", "charon-systemd"],
        &["strongswan*", "ipsec"],
        &[500, 4500],
    ),
    reachable(WEB, "Apache", &["apache2", "httpd"], &["apache2", "httpd"]),
    reachable(WEB, "Caddy", &["caddy"], &["caddy"]),
    reachable(WEB, "lighttpd", &["lighttpd"], &["lighttpd"]),
    reachable(WEB, "nginx", &["nginx"], &["nginx"]),
    on(WEB, "Tomcat", &[], &["tomcat*"], WEB_PORTS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_by_their_role_and_are_recognisable() {
        for rule in RULES {
            assert!(
                !rule.programs.is_empty() || !rule.services.is_empty(),
                "{}",
                rule.product
            );
        }
        let mut kinds: Vec<_> = RULES.iter().map(|rule| rule.kind.to_lowercase()).collect();
        kinds.dedup();
        assert!(kinds.is_sorted(), "{kinds:?}");
        let all = kinds.len();
        kinds.dedup();
        assert_eq!(kinds.len(), all);
    }
}
