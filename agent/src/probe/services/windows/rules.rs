//! The roles this agent recognises, and by what. To add one, add a rule.
//!
//! Written from the makers' documentation of their services; none was seen running.

/// What shows that a computer has a role.
pub(super) struct Rule {
    /// The role, in plain words.
    pub(super) kind: &'static str,
    /// The product that plays it.
    pub(super) product: &'static str,
    /// Its services; one that ends in "*" stands for a beginning.
    pub(super) services: Names,
    /// Ports on which it plays the role; any of its own where there are none.
    pub(super) ports: &'static [u32],
    /// It has to be reachable from other computers; else it plays its role without listening.
    pub(super) listens: bool,
}

type Names = &'static [&'static str];

const fn on(
    kind: &'static str,
    product: &'static str,
    services: Names,
    ports: &'static [u32],
) -> Rule {
    Rule {
        kind,
        product,
        services,
        ports,
        listens: true,
    }
}

const fn reachable(kind: &'static str, product: &'static str, services: Names) -> Rule {
    on(kind, product, services, &[])
}

const fn runs(kind: &'static str, product: &'static str, services: Names) -> Rule {
    Rule {
        kind,
        product,
        services,
        ports: &[],
        listens: false,
    }
}

const BACKUP: &str = "backup server";
const CERTIFICATES: &str = "certificate authority";
const CLUSTER: &str = "cluster node";
const CONTAINERS: &str = "container host";
const DHCP: &str = "DHCP server";
const DIRECTORY: &str = "directory server";
const DNS: &str = "DNS server";
const HYPERVISOR: &str = "hypervisor";
const MAIL: &str = "mail server";
const MONITORING: &str = "monitoring server";
const REMOTE_DESKTOP: &str = "remote desktop server";
const SIGN_IN: &str = "sign-in server";
const TELEPHONE: &str = "telephone system";
const TIME: &str = "time server";
const TRANSFER: &str = "file transfer server";
const UPDATES: &str = "update server";
const VPN: &str = "VPN server";
const WEB: &str = "web server";

const MAIL_PORTS: &[u32] = &[25, 110, 143, 465, 587, 993, 995];

/// All of them, by role.
pub(super) const RULES: &[Rule] = &[
    reachable(BACKUP, "Altaro / Hornetsecurity VM Backup", &["Altaro.*"]),
    reachable(BACKUP, "Backup Exec", &["BackupExecJobEngine"]),
    reachable(BACKUP, "UrBackup", &["UrBackupServer"]),
    reachable(BACKUP, "Veeam Backup & Replication", &["VeeamBackupSvc"]),
    runs(
        CERTIFICATES,
        "Active Directory Certificate Services",
        &["CertSvc"],
    ),
    runs(CLUSTER, "Windows Failover Cluster", &["ClusSvc"]),
    runs(CONTAINERS, "Docker", &["docker", "com.docker.service"]),
    on(DHCP, "Windows DHCP Server", &["DHCPServer"], &[67, 547]),
    on(DIRECTORY, "Active Directory", &["NTDS"], &[]),
    on(
        DIRECTORY,
        "Active Directory Lightweight Directory Services",
        &["ADAM_*"],
        &[],
    ),
    on(DNS, "Windows DNS Server", &["DNS"], &[53]),
    on(
        TRANSFER,
        "FileZilla Server",
        &["FileZilla Server", "filezilla-server"],
        &[21, 990],
    ),
    on(TRANSFER, "IIS FTP", &["ftpsvc"], &[21, 990]),
    runs(HYPERVISOR, "Hyper-V", &["vmms"]),
    runs(HYPERVISOR, "VMware Workstation", &["VMwareHostd"]),
    on(MAIL, "hMailServer", &["hMailServer"], MAIL_PORTS),
    on(MAIL, "Kerio Connect", &["KerioMailServer"], MAIL_PORTS),
    on(MAIL, "MDaemon", &["MDaemon"], MAIL_PORTS),
    on(
        MAIL,
        "Microsoft Exchange",
        &["MSExchangeTransport", "MSExchangeFrontEndTransport"],
        MAIL_PORTS,
    ),
    reachable(MONITORING, "PRTG", &["PRTGCoreService"]),
    runs(
        REMOTE_DESKTOP,
        "Remote Desktop Services",
        &["TermServLicensing", "Tssdis", "TSGateway"],
    ),
    runs(
        SIGN_IN,
        "Active Directory Federation Services",
        &["adfssrv"],
    ),
    runs(
        SIGN_IN,
        "Microsoft Entra Connect",
        &["ADSync", "AADConnectProvisioningAgent"],
    ),
    on(
        SIGN_IN,
        "Network Policy Server",
        &["IAS"],
        &[1645, 1646, 1812, 1813],
    ),
    reachable(TELEPHONE, "3CX", &["3CXPhoneSystem*", "3CX PhoneSystem*"]),
    on(TIME, "Windows Time", &["W32Time"], &[123]),
    on(
        UPDATES,
        "Windows Server Update Services",
        &["WsusService"],
        &[],
    ),
    reachable(VPN, "OpenVPN", &["OpenVPNService"]),
    runs(VPN, "Routing and Remote Access", &["RemoteAccess"]),
    reachable(
        WEB,
        "Apache",
        &["Apache2*", "ApacheHTTPServer", "wampapache*"],
    ),
    on(WEB, "IIS", &["W3SVC"], &[80, 443]),
    reachable(WEB, "nginx", &["nginx*"]),
    reachable(WEB, "Tomcat", &["Tomcat*"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_by_their_role_and_are_recognisable() {
        assert!(RULES.iter().all(|rule| !rule.services.is_empty()));
        let mut kinds: Vec<_> = RULES.iter().map(|rule| rule.kind).collect();
        kinds.dedup();
        let all = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), all, "a role stands in two places");
    }
}
