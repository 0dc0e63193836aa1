//! The products this agent recognises, and by what. To add one, add an entry.
//!
//! ClamAV's entry was checked against the packages of Debian 12; the others are written from their
//! makers' documentation.

/// A product.
pub(super) struct Entry {
    /// Name.
    pub(super) name: &'static str,
    /// Maker.
    pub(super) vendor: &'static str,
    /// Packages of dpkg or rpm, the one with the product's version first.
    pub(super) packages: &'static [&'static str],
    /// Files and folders that only this product has.
    pub(super) files: &'static [&'static str],
    /// Its services.
    pub(super) services: &'static [Service],
    /// Processes whose names leave no doubt, as the kernel shows them: at most 15 characters.
    pub(super) processes: &'static [&'static str],
    /// It is whole without a service: it scans when asked to.
    pub(super) works_without_service: bool,
}

/// A service of a product.
pub(super) struct Service {
    /// Unit of systemd.
    pub(super) unit: &'static str,
    /// Its process, as the kernel shows it: at most 15 characters.
    pub(super) process: &'static str,
    /// While it does not run, the product does not protect.
    pub(super) protects: bool,
}

const fn protects(unit: &'static str, process: &'static str) -> Service {
    Service {
        unit,
        process,
        protects: true,
    }
}

const fn helps(unit: &'static str, process: &'static str) -> Service {
    Service {
        unit,
        process,
        protects: false,
    }
}

const fn product(name: &'static str, vendor: &'static str) -> Entry {
    Entry {
        name,
        vendor,
        packages: &[],
        files: &[],
        services: &[],
        processes: &[],
        works_without_service: false,
    }
}

/// All of them, ordered by name.
pub(super) const CATALOGUE: &[Entry] = &[
    Entry {
        packages: &["avast"],
        files: &["/etc/avast/avast.conf"],
        services: &[protects("avast.service", "avast")],
        ..product("Avast Business Antivirus for Linux", "Gen Digital")
    },
    Entry {
        packages: &["bitdefender-security-tools"],
        files: &["/opt/bitdefender-security-tools"],
        services: &[protects("bdsec.service", "bdsecd")],
        ..product("Bitdefender Endpoint Security Tools", "Bitdefender")
    },
    Entry {
        packages: &["cb-psc-sensor"],
        files: &["/opt/carbonblack/psc"],
        services: &[protects("cbagentd.service", "cbagentd")],
        processes: &["cbagentd"],
        ..product("Carbon Black Cloud Sensor", "Broadcom")
    },
    Entry {
        packages: &["ciscoampconnector"],
        files: &["/opt/cisco/amp"],
        services: &[protects("cisco-amp.service", "ampdaemon")],
        processes: &["ampdaemon"],
        ..product("Cisco Secure Endpoint", "Cisco")
    },
    Entry {
        packages: &[
            "clamav",
            "clamav-daemon",
            "clamd",
            "clamav-freshclam",
            "clamav-update",
        ],
        files: &[
            "/usr/bin/clamscan",
            "/usr/sbin/clamd",
            "/usr/local/bin/clamscan",
            "/usr/local/sbin/clamd",
        ],
        services: &[
            protects("clamav-daemon.service", "clamd"),
            protects("clamd@scan.service", "clamd"),
            protects("clamd.service", "clamd"),
            helps("clamav-clamonacc.service", "clamonacc"),
            helps("clamav-freshclam.service", "freshclam"),
        ],
        processes: &["clamd"],
        works_without_service: true,
        ..product("ClamAV", "Cisco Talos")
    },
    Entry {
        packages: &["cortex-agent"],
        files: &["/opt/traps/bin/pmd"],
        services: &[protects("traps_pmd.service", "pmd")],
        ..product("Cortex XDR", "Palo Alto Networks")
    },
    Entry {
        packages: &["falcon-sensor"],
        files: &["/opt/CrowdStrike/falconctl"],
        services: &[protects("falcon-sensor.service", "falcon-sensor")],
        processes: &["falcon-sensor", "falcon-sensor-b"],
        ..product("CrowdStrike Falcon", "CrowdStrike")
    },
    Entry {
        packages: &["cylance-protect"],
        files: &["/opt/cylance/desktop"],
        services: &[protects("cylancesvc.service", "cylancesvc")],
        processes: &["cylancesvc"],
        ..product("CylancePROTECT (Aurora Endpoint Defense)", "Arctic Wolf")
    },
    Entry {
        packages: &["drweb-workstations", "drweb-file-servers"],
        files: &["/opt/drweb.com/bin/drweb-configd"],
        services: &[protects("drweb-configd.service", "drweb-configd")],
        processes: &["drweb-configd"],
        ..product("Dr.Web for Linux", "Doctor Web")
    },
    Entry {
        packages: &["eea"],
        files: &["/opt/eset/eea"],
        services: &[protects("eea.service", "startd")],
        ..product("ESET Endpoint Antivirus for Linux", "ESET")
    },
    Entry {
        packages: &["efs"],
        files: &["/opt/eset/efs"],
        services: &[protects("efs.service", "startd")],
        ..product("ESET Server Security for Linux", "ESET")
    },
    Entry {
        files: &["/opt/Elastic/Endpoint/elastic-endpoint"],
        services: &[protects("ElasticEndpoint.service", "elastic-endpoin")],
        processes: &["elastic-endpoin"],
        ..product("Elastic Defend", "Elastic")
    },
    Entry {
        packages: &["forticlient"],
        files: &["/opt/forticlient"],
        services: &[protects("forticlient.service", "fctsched")],
        processes: &["fctsched"],
        ..product("FortiClient", "Fortinet")
    },
    Entry {
        packages: &["kesl"],
        files: &["/opt/kaspersky/kesl"],
        services: &[
            protects("kesl.service", "kesl"),
            helps("kesl-supervisor.service", "kesl-supervisor"),
        ],
        processes: &["kesl"],
        ..product("Kaspersky Endpoint Security for Linux", "Kaspersky")
    },
    Entry {
        files: &["/usr/local/maldetect/maldet"],
        services: &[helps("maldet.service", "inotifywait")],
        works_without_service: true,
        ..product("Linux Malware Detect", "R-fx Networks")
    },
    Entry {
        packages: &["mdatp"],
        files: &["/opt/microsoft/mdatp"],
        services: &[protects("mdatp.service", "wdavdaemon")],
        processes: &["wdavdaemon"],
        ..product("Microsoft Defender for Endpoint", "Microsoft")
    },
    Entry {
        packages: &["sentinelagent", "SentinelAgent"],
        files: &["/opt/sentinelone/bin/sentinelctl"],
        services: &[protects("sentinelone.service", "s1-agent")],
        processes: &["s1-agent"],
        ..product("SentinelOne", "SentinelOne")
    },
    Entry {
        files: &["/opt/sophos-spl/base", "/opt/sophos-av/bin"],
        services: &[
            protects("sophos-spl.service", "sophos_watchdog"),
            protects("sav-protect.service", "savd"),
        ],
        processes: &["sophos_watchdog", "savscand"],
        ..product("Sophos Protection for Linux", "Sophos")
    },
    Entry {
        packages: &["sdcss-kmod", "sdcss-sepagent"],
        files: &["/opt/Symantec/sdcssagent"],
        services: &[protects("sisamdagent.service", "sisamddaemon")],
        processes: &["sisamddaemon"],
        ..product("Symantec Endpoint Protection", "Broadcom")
    },
    Entry {
        packages: &["mcafeetp", "McAfeeTP"],
        files: &["/opt/McAfee/ens/tp", "/opt/isec/ens/threatprevention"],
        services: &[protects("mfetpd.service", "mfetpd")],
        processes: &["mfetpd"],
        ..product("Trellix Endpoint Security", "Trellix")
    },
    Entry {
        packages: &["ds-agent"],
        files: &["/opt/ds_agent/ds_agent"],
        services: &[protects("ds_agent.service", "ds_agent")],
        processes: &["ds_agent"],
        ..product("Trend Micro Deep Security Agent", "Trend Micro")
    },
    Entry {
        packages: &["wazuh-agent"],
        files: &["/var/ossec/bin/wazuh-agentd"],
        services: &[protects("wazuh-agent.service", "wazuh-agentd")],
        processes: &["wazuh-agentd"],
        ..product("Wazuh", "Wazuh")
    },
    Entry {
        packages: &["f-secure-linuxsecurity"],
        files: &["/opt/f-secure/linuxsecurity", "/opt/f-secure/fssp"],
        services: &[protects("f-secure-linuxsecurity-scand.service", "fsavd")],
        processes: &["fsavd"],
        ..product("WithSecure Linux Protection", "WithSecure")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_told_apart_and_recognisable() {
        for pair in CATALOGUE.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
        for entry in CATALOGUE {
            assert!(!entry.vendor.is_empty(), "{}", entry.name);
            assert!(
                !entry.files.is_empty() && !entry.services.is_empty(),
                "{}",
                entry.name
            );
            assert!(
                entry.files.iter().all(|path| path.starts_with('/')),
                "{}",
                entry.name
            );
        }
        assert!(CATALOGUE.len() >= 12);
    }

    #[test]
    fn process_names_are_as_the_kernel_cuts_them() {
        for entry in CATALOGUE {
            let services = entry.services.iter().map(|service| service.process);
            for process in entry.processes.iter().copied().chain(services) {
                assert!(!process.is_empty() && process.len() <= 15, "{process}");
            }
        }
    }
}
