//! The products this agent recognises. To add one, add an entry.
//!
//! ClamAV's entry was checked against the packages of Debian 12; the others are written from their
//! makers' documentation and were never seen running.

use super::{Entry, Meaning, ON, Rule, TRUE, file, helps, product, program, protects, words};

/// What ESET's licence program says.
const ESET_LICENCE: &[Rule] = &[
    ("Status", Meaning::Fine(&["activated"])),
    ("License Validity", Meaning::LicenceEnds),
];

/// All of them, ordered by name.
pub(in super::super) const CATALOGUE: &[Entry] = &[
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
        questions: &[program(
            "/opt/bitdefender-security-tools/bin/bduitool",
            &["get", "ps"],
            &[
                ("Product version", Meaning::Version),
                ("Engines version", Meaning::Engine),
                ("Antimalware status", Meaning::RealTime(ON)),
                (
                    "New security content available",
                    Meaning::Current(words(&["no"], &["yes"])),
                ),
                ("Last security content update", Meaning::SignaturesMade),
            ],
        )],
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
        questions: &[program(
            "/opt/cisco/amp/bin/ampcli",
            &["status"],
            &[
                ("Mode", Meaning::Fine(&["normal"])),
                ("Faults", Meaning::Fine(&["none", ""])),
            ],
        )],
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
        questions: &[program(
            "/opt/traps/bin/cytool",
            &["info", "query"],
            &[("Content Version", Meaning::Signatures)],
        )],
        ..product("Cortex XDR", "Palo Alto Networks")
    },
    Entry {
        packages: &["falcon-sensor"],
        files: &["/opt/CrowdStrike/falconctl"],
        services: &[protects("falcon-sensor.service", "falcon-sensor")],
        processes: &["falcon-sensor", "falcon-sensor-b"],
        questions: &[program(
            "/opt/CrowdStrike/falconctl",
            &["-g", "--rfm-state", "--version"],
            &[
                ("version", Meaning::Version),
                // In reduced functionality mode it does not know the kernel and sees next to nothing.
                ("rfm-state", Meaning::Fine(&["false"])),
            ],
        )],
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
        questions: &[program(
            "/opt/drweb.com/bin/drweb-ctl",
            &["baseinfo"],
            &[
                ("Core engine version", Meaning::Engine),
                ("Virus database timestamp", Meaning::SignaturesMade),
            ],
        )],
        ..product("Dr.Web for Linux", "Doctor Web")
    },
    Entry {
        packages: &["eea"],
        files: &["/opt/eset/eea"],
        services: &[protects("eea.service", "startd")],
        questions: &[program(
            "/opt/eset/eea/sbin/lic",
            &["--status"],
            ESET_LICENCE,
        )],
        ..product("ESET Endpoint Antivirus for Linux", "ESET")
    },
    Entry {
        packages: &["efs"],
        files: &["/opt/eset/efs"],
        services: &[protects("efs.service", "startd")],
        questions: &[program(
            "/opt/eset/efs/sbin/lic",
            &["--status"],
            ESET_LICENCE,
        )],
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
        packages: &["imunify-antivirus", "imunify360-firewall"],
        files: &["/usr/bin/imunify-antivirus", "/usr/bin/imunify360-agent"],
        services: &[
            protects("imunify-antivirus.service", "imunify-antivir"),
            protects("imunify360.service", "imunify360"),
        ],
        ..product("Imunify", "CloudLinux")
    },
    Entry {
        packages: &["kesl"],
        files: &["/opt/kaspersky/kesl"],
        services: &[
            protects("kesl.service", "kesl"),
            helps("kesl-supervisor.service", "kesl-supervisor"),
        ],
        processes: &["kesl"],
        questions: &[program(
            "/opt/kaspersky/kesl/bin/kesl-control",
            &["--app-info"],
            &[
                ("Version", Meaning::Version),
                ("Last release date of databases", Meaning::SignaturesMade),
                ("Application databases loaded", Meaning::Fine(&["yes"])),
                ("File Threat Protection", Meaning::RealTime(ON)),
                ("License expiration date", Meaning::LicenceEnds),
            ],
        )],
        ..product("Kaspersky Endpoint Security for Linux", "Kaspersky")
    },
    Entry {
        files: &["/usr/local/maldetect/maldet"],
        services: &[helps("maldet.service", "inotifywait")],
        works_without_service: true,
        questions: &[file(
            "/usr/local/maldetect/sigs/maldet.sigs.ver",
            &[("", Meaning::Signatures)],
        )],
        ..product("Linux Malware Detect", "R-fx Networks")
    },
    Entry {
        packages: &["mbdaemon"],
        files: &["/usr/bin/mbdaemon"],
        services: &[protects("mbdaemon.service", "mbdaemon")],
        processes: &["mbdaemon"],
        ..product("Malwarebytes Endpoint Protection", "Malwarebytes")
    },
    Entry {
        packages: &["mdatp"],
        files: &["/opt/microsoft/mdatp"],
        services: &[protects("mdatp.service", "wdavdaemon")],
        processes: &["wdavdaemon"],
        questions: &[program(
            "/usr/bin/mdatp",
            &["health", "--output", "json"],
            &[
                ("appVersion", Meaning::Version),
                ("engineVersion", Meaning::Engine),
                ("definitionsVersion", Meaning::Signatures),
                ("definitionsUpdated", Meaning::SignaturesMade),
                (
                    "definitionsStatus",
                    Meaning::Current(words(&["upToDate"], &["outOfDate"])),
                ),
                ("realTimeProtectionEnabled", Meaning::RealTime(TRUE)),
                ("realTimeProtectionAvailable", Meaning::Fine(&["true"])),
                ("passiveModeEnabled", Meaning::Passive(TRUE)),
                (
                    "tamperProtection",
                    Meaning::Tamper(words(&["block"], &["audit", "disabled"])),
                ),
                ("productExpiration", Meaning::LicenceEnds),
                ("licensed", Meaning::Fine(&["true"])),
                ("healthIssues", Meaning::Fine(&[""])),
                ("healthy", Meaning::Fine(&["true"])),
            ],
        )],
        settings: &[
            "/etc/opt/microsoft/mdatp/wdavcfg",
            "/etc/opt/microsoft/mdatp/managed/mdatp_managed.json",
        ],
        ..product("Microsoft Defender for Endpoint", "Microsoft")
    },
    Entry {
        packages: &["sentinelagent", "SentinelAgent"],
        files: &["/opt/sentinelone/bin/sentinelctl"],
        services: &[protects("sentinelone.service", "s1-agent")],
        processes: &["s1-agent"],
        questions: &[
            program(
                "/opt/sentinelone/bin/sentinelctl",
                &["version"],
                &[("Agent version", Meaning::Version)],
            ),
            program(
                "/opt/sentinelone/bin/sentinelctl",
                &["control", "status"],
                &[("Agent state", Meaning::RealTime(ON))],
            ),
        ],
        ..product("SentinelOne", "SentinelOne")
    },
    Entry {
        files: &["/opt/sophos-av/bin"],
        services: &[protects("sav-protect.service", "savd")],
        processes: &["savscand"],
        questions: &[
            program(
                "/opt/sophos-av/bin/savdstatus",
                &["--version"],
                &[
                    ("Sophos Anti-Virus", Meaning::Version),
                    ("Threat detection engine", Meaning::Engine),
                    ("Threat data", Meaning::Signatures),
                ],
            ),
            program(
                "/opt/sophos-av/bin/savdstatus",
                &[],
                &[(
                    "",
                    Meaning::RealTime(words(
                        &["sophos anti-virus is active"],
                        &[
                            "sophos anti-virus is inactive",
                            "sophos anti-virus is active but on-access scanning is not running",
                        ],
                    )),
                )],
            ),
        ],
        ..product("Sophos Anti-Virus for Linux", "Sophos")
    },
    Entry {
        files: &["/opt/sophos-spl/base"],
        services: &[protects("sophos-spl.service", "sophos_watchdog")],
        processes: &["sophos_watchdog"],
        questions: &[
            file(
                "/opt/sophos-spl/base/VERSION.ini",
                &[("PRODUCT_VERSION", Meaning::Version)],
            ),
            file(
                "/opt/sophos-spl/plugins/av/VERSION.ini",
                &[("PRODUCT_VERSION", Meaning::Engine)],
            ),
        ],
        ..product("Sophos Protection for Linux", "Sophos")
    },
    Entry {
        packages: &["sdcss-sepagent", "sdcss-kmod", "sav"],
        files: &[
            "/opt/Symantec/sdcssagent",
            "/opt/Symantec/symantec_antivirus",
        ],
        services: &[
            protects("sisamdagent.service", "sisamddaemon"),
            protects("rtvscand.service", "rtvscand"),
        ],
        processes: &["sisamddaemon", "rtvscand"],
        questions: &[
            program(
                "/opt/Symantec/symantec_antivirus/sav",
                &["info", "-e"],
                &[("", Meaning::Engine)],
            ),
            program(
                "/opt/Symantec/symantec_antivirus/sav",
                &["info", "-d"],
                &[("", Meaning::Signatures)],
            ),
            program(
                "/opt/Symantec/symantec_antivirus/sav",
                &["info", "-a"],
                &[(
                    "",
                    Meaning::RealTime(words(&["enabled"], &["disabled", "malfunctioning"])),
                )],
            ),
        ],
        ..product("Symantec Endpoint Protection", "Broadcom")
    },
    Entry {
        packages: &["xagt"],
        files: &["/opt/fireeye/bin/xagt"],
        services: &[protects("xagt.service", "xagt")],
        processes: &["xagt"],
        ..product("Trellix Endpoint Forensics (HX)", "Trellix")
    },
    Entry {
        packages: &["mcafeetp", "McAfeeTP"],
        files: &["/opt/McAfee/ens/tp", "/opt/isec/ens/threatprevention"],
        services: &[protects("mfetpd.service", "mfetpd")],
        processes: &["mfetpd"],
        questions: &[
            program(
                "/opt/McAfee/ens/tp/bin/mfetpcli",
                &["--version"],
                &[
                    ("Version", Meaning::Version),
                    ("Engine Version", Meaning::Engine),
                    ("DAT Version", Meaning::Signatures),
                ],
            ),
            program(
                "/opt/McAfee/ens/tp/bin/mfetpcli",
                &["--getoasconfig", "--summary"],
                &[("On-Access Scan", Meaning::RealTime(ON))],
            ),
        ],
        ..product("Trellix Endpoint Security", "Trellix")
    },
    Entry {
        packages: &["ds-agent"],
        files: &["/opt/ds_agent/ds_agent"],
        services: &[protects("ds_agent.service", "ds_agent")],
        processes: &["ds_agent"],
        questions: &[
            program(
                "/opt/ds_agent/dsa_query",
                &["-c", "GetComponentInfo"],
                &[
                    ("Component.AM.mode", Meaning::RealTime(ON)),
                    ("Component.AM.driverOffline", Meaning::Fine(&["false"])),
                    ("Component.AM.licenseExpiry", Meaning::LicenceEnds),
                    ("Component.AM.version.engine.VSAPI", Meaning::Engine),
                    ("Component.AM.version.pattern.VSAPI", Meaning::Signatures),
                ],
            ),
            program(
                "/opt/ds_agent/dsa_query",
                &["-c", "GetAgentStatus"],
                &[("AgentStatus.dsmUrl", Meaning::ManagedBy)],
            ),
        ],
        ..product("Trend Micro Deep Security Agent", "Trend Micro")
    },
    Entry {
        packages: &["SProtectLinux"],
        files: &["/opt/TrendMicro/SProtectLinux"],
        services: &[protects("splx.service", "vsapiapp")],
        processes: &["vsapiapp"],
        ..product("Trend Micro ServerProtect for Linux", "Trend Micro")
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
