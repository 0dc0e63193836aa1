//! The products this agent recognises, and by what. To add one, add an entry.
//!
//! Written from their makers' documentation and from what is publicly known of their services; none was seen
//! running.

/// A product.
pub(super) struct Entry {
    /// Name.
    pub(super) name: &'static str,
    /// Maker.
    pub(super) vendor: &'static str,
    /// Names under which it registers with Security Center; a name that ends in "*" stands for a beginning.
    pub(super) registered: &'static [&'static str],
    /// Names under which it can be uninstalled; a name that ends in "*" stands for a beginning.
    pub(super) programs: &'static [&'static str],
    /// Its services.
    pub(super) services: &'static [Service],
    /// Processes whose names leave no doubt.
    pub(super) processes: &'static [&'static str],
    /// It is whole without a service: it scans when asked to.
    pub(super) works_without_service: bool,
}

/// A service of a product.
pub(super) struct Service {
    /// Name; one that ends in "*" stands for a beginning.
    pub(super) name: &'static str,
    /// While it does not run, the product does not protect.
    pub(super) protects: bool,
}

type Names = &'static [&'static str];

const fn protects(name: &'static str) -> Service {
    Service {
        name,
        protects: true,
    }
}

const fn helps(name: &'static str) -> Service {
    Service {
        name,
        protects: false,
    }
}

const fn product(name: &'static str, vendor: &'static str) -> Entry {
    Entry {
        name,
        vendor,
        registered: &[],
        programs: &[],
        services: &[],
        processes: &[],
        works_without_service: false,
    }
}

/// The product that Windows brings along, which is asked for its own status.
pub(super) const DEFENDER: &str = "Microsoft Defender Antivirus";

/// The service that connects Defender to its console.
pub(super) const SENSE: &str = "Sense";

const AVAST: Names = &["Avast*"];
const AVG: Names = &["AVG*"];
const ESET: Names = &[
    "ESET Endpoint*",
    "ESET File Security*",
    "ESET Internet Security*",
    "ESET Mail Security*",
    "ESET NOD32*",
    "ESET Security*",
    "ESET Server Security*",
    "ESET Smart Security*",
];

/// All of them, ordered by name.
pub(super) const CATALOGUE: &[Entry] = &[
    Entry {
        registered: &["360*"],
        programs: &["360 Total Security*", "360安全卫士*", "360杀毒*"],
        services: &[protects("ZhuDongFangYu"), protects("QHActiveDefense")],
        ..product("360 Total Security", "Qihoo 360")
    },
    Entry {
        registered: &["Acronis*"],
        programs: &["Acronis Cyber Protect*"],
        services: &[
            protects("AcronisCyberProtectionService"),
            helps("AcronisActiveProtectionService"),
        ],
        ..product("Acronis Cyber Protect", "Acronis")
    },
    Entry {
        registered: &["AhnLab V3*", "V3*"],
        programs: &["AhnLab V3*"],
        services: &[protects("V3 Service"), helps("AhnLab Safe Transaction*")],
        ..product("AhnLab V3", "AhnLab")
    },
    Entry {
        registered: AVAST,
        programs: &[
            "Avast Free Antivirus*",
            "Avast Business*",
            "Avast Premium*",
            "Avast Antivirus*",
        ],
        services: &[protects("avast! Antivirus"), helps("AvastWscReporter")],
        processes: &["AvastSvc.exe"],
        ..product("Avast Antivirus", "Gen Digital")
    },
    Entry {
        registered: AVG,
        programs: &["AVG AntiVirus*", "AVG Internet Security*", "AVG Business*"],
        services: &[protects("AVG Antivirus"), helps("AvgWscReporter")],
        processes: &["AVGSvc.exe"],
        ..product("AVG Antivirus", "Gen Digital")
    },
    Entry {
        registered: &["Avira*"],
        programs: &["Avira Antivirus*", "Avira Security*", "Avira Endpoint*"],
        services: &[
            protects("AntiVirService"),
            protects("AntivirProtectedService"),
            protects("EndpointProtectionService*"),
            helps("AviraSecurity"),
        ],
        processes: &["avguard.exe"],
        ..product("Avira", "Gen Digital")
    },
    Entry {
        registered: &["Bitdefender Endpoint*"],
        programs: &[
            "Bitdefender Endpoint Security*",
            "Endpoint Security by Bitdefender*",
        ],
        services: &[
            protects("EPSecurityService"),
            protects("EPProtectedService"),
            helps("EPIntegrationService"),
            helps("EPRedline"),
            helps("EPUpdateService"),
        ],
        processes: &["EPSecurityService.exe"],
        ..product("Bitdefender Endpoint Security Tools", "Bitdefender")
    },
    Entry {
        registered: &["Bitdefender*"],
        programs: &[
            "Bitdefender Antivirus*",
            "Bitdefender Internet Security*",
            "Bitdefender Total Security*",
        ],
        services: &[
            protects("VSSERV"),
            protects("bdprotsrv"),
            helps("bdredline"),
            helps("UPDATESRV"),
        ],
        processes: &["vsserv.exe"],
        ..product("Bitdefender Total Security", "Bitdefender")
    },
    Entry {
        registered: &["Carbon Black*", "VMware Carbon Black*"],
        programs: &[
            "Carbon Black Cloud Sensor*",
            "VMware Carbon Black*",
            "Cb Defense Sensor*",
        ],
        services: &[
            protects("CbDefense"),
            protects("CarbonBlack"),
            helps("CbDefenseWSC"),
        ],
        processes: &["RepMgr.exe"],
        ..product("Carbon Black", "Broadcom")
    },
    Entry {
        registered: &["Check Point Endpoint*", "Harmony Endpoint*", "ZoneAlarm*"],
        programs: &[
            "Check Point Endpoint Security*",
            "Check Point Harmony*",
            "ZoneAlarm*",
        ],
        services: &[protects("CPDA"), protects("vsmon"), helps("EPWD")],
        ..product("Check Point Harmony Endpoint", "Check Point")
    },
    Entry {
        registered: &["Cisco Secure Endpoint*", "Cisco AMP*", "Immunet*"],
        programs: &[
            "Cisco Secure Endpoint*",
            "Cisco AMP for Endpoints*",
            "Immunet*",
        ],
        services: &[
            protects("CiscoAMP*"),
            protects("CiscoSecureEndpoint*"),
            protects("ImmunetProtect*"),
        ],
        ..product("Cisco Secure Endpoint", "Cisco")
    },
    Entry {
        registered: &["ClamAV*"],
        programs: &["ClamAV*", "ClamWin*"],
        services: &[helps("clamd"), helps("freshclam")],
        processes: &["clamd.exe", "ClamTray.exe"],
        works_without_service: true,
        ..product("ClamAV", "Cisco")
    },
    Entry {
        registered: &["COMODO*", "Xcitium*"],
        programs: &[
            "COMODO Antivirus*",
            "COMODO Internet Security*",
            "COMODO Client - Security*",
            "Xcitium Client*",
        ],
        services: &[protects("cmdagent"), helps("CmdAgentProt")],
        ..product("Comodo Internet Security", "Xcitium")
    },
    Entry {
        registered: &["Cortex XDR*", "Traps*"],
        programs: &["Cortex XDR*", "Traps *"],
        services: &[
            protects("cyserver"),
            protects("CyveraService"),
            helps("xdrhealth"),
            helps("tlaservice"),
        ],
        processes: &["cyserver.exe"],
        ..product("Cortex XDR", "Palo Alto Networks")
    },
    Entry {
        registered: &["CrowdStrike*"],
        programs: &[
            "CrowdStrike Windows Sensor*",
            "CrowdStrike Sensor Platform*",
            "CrowdStrike Falcon*",
        ],
        services: &[protects("CSFalconService")],
        processes: &["CSFalconService.exe"],
        ..product("CrowdStrike Falcon", "CrowdStrike")
    },
    Entry {
        registered: &["Cybereason*"],
        programs: &["Cybereason*"],
        services: &[
            protects("CybereasonActiveProbe"),
            helps("CybereasonAntiMalware"),
            helps("CybereasonCRS"),
        ],
        processes: &["minionhost.exe"],
        ..product("Cybereason", "Cybereason")
    },
    Entry {
        registered: &["Cylance*", "BlackBerry*", "Arctic Wolf Aurora*"],
        programs: &["Cylance*", "BlackBerry Protect*", "Aurora Protect*"],
        services: &[protects("CylanceSvc"), helps("CyOptics")],
        processes: &["CylanceSvc.exe"],
        ..product("CylancePROTECT", "Arctic Wolf")
    },
    Entry {
        registered: &["Deep Instinct*"],
        programs: &["Deep Instinct*"],
        services: &[protects("DeepMgmtService"), helps("DeepInstinctService*")],
        ..product("Deep Instinct", "Deep Instinct")
    },
    Entry {
        registered: &["Dr.Web*"],
        programs: &["Dr.Web*"],
        services: &[
            protects("DrWebAVService"),
            protects("DrWebEngine"),
            helps("DrWebNetFilter"),
        ],
        processes: &["dwengine.exe"],
        ..product("Dr.Web", "Doctor Web")
    },
    Entry {
        registered: &["Elastic*"],
        programs: &["Elastic Endpoint*", "Elastic Agent*"],
        services: &[protects("ElasticEndpoint"), helps("Elastic Agent")],
        processes: &["elastic-endpoint.exe"],
        ..product("Elastic Defend", "Elastic")
    },
    Entry {
        registered: &["Emsisoft*"],
        programs: &["Emsisoft*"],
        services: &[
            protects("a2AntiMalware"),
            protects("EmsisoftProtectionService"),
        ],
        processes: &["a2service.exe"],
        ..product("Emsisoft Anti-Malware", "Emsisoft")
    },
    Entry {
        registered: ESET,
        programs: ESET,
        services: &[protects("ekrn"), helps("EraAgentSvc"), helps("efwd")],
        processes: &["ekrn.exe"],
        ..product("ESET", "ESET")
    },
    Entry {
        registered: &["FortiClient*"],
        programs: &["FortiClient*"],
        services: &[protects("FA_Scheduler"), helps("FCT_SecSvr")],
        ..product("FortiClient", "Fortinet")
    },
    Entry {
        registered: &["FortiEDR*"],
        programs: &["FortiEDR*", "Fortinet Endpoint Detection*"],
        services: &[protects("FortiEDR Collector Service")],
        ..product("FortiEDR", "Fortinet")
    },
    Entry {
        registered: &["G DATA*"],
        programs: &["G DATA*"],
        services: &[
            protects("AVKWCtl"),
            protects("AVKService"),
            helps("AVKProxy"),
            helps("GDScan"),
        ],
        processes: &["AVKWCtlx64.exe", "AVKWCtl.exe"],
        ..product("G DATA", "G DATA")
    },
    Entry {
        registered: &["K7*"],
        programs: &["K7 *", "K7Total*", "K7Anti*"],
        services: &[
            protects("K7RTScan"),
            protects("K7CrvSvc"),
            helps("K7TSMngr"),
        ],
        ..product("K7 Security", "K7 Computing")
    },
    Entry {
        registered: &["Kaspersky*"],
        programs: &["Kaspersky*"],
        services: &[protects("AVP*"), protects("KAVFS"), helps("klnagent")],
        processes: &["avp.exe", "kavfs.exe"],
        ..product("Kaspersky", "Kaspersky")
    },
    Entry {
        registered: &["Malwarebytes*", "ThreatDown*"],
        programs: &[
            "Malwarebytes version*",
            "Malwarebytes Anti-Malware*",
            "Malwarebytes Endpoint*",
            "ThreatDown*",
        ],
        services: &[protects("MBAMService"), helps("MBEndpointAgent")],
        processes: &["MBAMService.exe"],
        ..product("Malwarebytes", "Malwarebytes")
    },
    Entry {
        registered: &[
            "McAfee",
            "McAfee VirusScan*",
            "McAfee Anti-Virus*",
            "McAfee LiveSafe*",
            "McAfee Total*",
        ],
        programs: &[
            "McAfee LiveSafe*",
            "McAfee Total Protection*",
            "McAfee Security*",
            "McAfee®*",
        ],
        services: &[
            protects("ModuleCoreService"),
            protects("mccspsvc"),
            helps("McAPExe"),
            helps("mc-fw-host"),
            helps("mc-wps-secdashboardservice"),
        ],
        ..product("McAfee", "McAfee")
    },
    Entry {
        registered: &["Windows Defender*", "Microsoft Defender*"],
        services: &[
            protects("WinDefend"),
            helps("WdNisSvc"),
            helps("MDCoreSvc"),
            helps(SENSE),
        ],
        processes: &["MsMpEng.exe"],
        ..product(DEFENDER, "Microsoft")
    },
    Entry {
        registered: &[
            "Microsoft Security Essentials*",
            "System Center Endpoint Protection*",
            "Microsoft Forefront*",
        ],
        programs: &[
            "Microsoft Security Essentials*",
            "System Center Endpoint Protection*",
        ],
        services: &[protects("MsMpSvc"), helps("NisSrv")],
        ..product("Microsoft Security Essentials", "Microsoft")
    },
    Entry {
        registered: &["Norton*"],
        programs: &[
            "Norton 360*",
            "Norton Security*",
            "Norton AntiVirus*",
            "Norton Internet Security*",
        ],
        services: &[
            protects("NortonSecurity"),
            protects("Norton Antivirus"),
            protects("N360"),
            helps("nsWscSvc"),
            helps("NortonWscReporter"),
        ],
        processes: &["NortonSecurity.exe", "NortonSvc.exe"],
        ..product("Norton", "Gen Digital")
    },
    Entry {
        registered: &["Panda*", "WatchGuard*"],
        programs: &[
            "Panda Endpoint*",
            "Panda Dome*",
            "Panda Adaptive*",
            "WatchGuard EPDR*",
            "WatchGuard Endpoint*",
        ],
        services: &[
            protects("NanoServiceMain"),
            helps("PSUAService"),
            helps("PandaAgent"),
            helps("PandaAetherAgent"),
        ],
        processes: &["PSANHost.exe"],
        ..product("Panda / WatchGuard Endpoint Security", "WatchGuard")
    },
    Entry {
        registered: &["Quick Heal*", "Seqrite*"],
        programs: &["Quick Heal*", "Seqrite*"],
        services: &[
            protects("Core Scanning Server"),
            helps("Online Protection System"),
            helps("Core Mail Protection"),
        ],
        ..product("Quick Heal / Seqrite", "Quick Heal")
    },
    Entry {
        registered: &["Sentinel Agent*", "SentinelOne*"],
        programs: &["Sentinel Agent*", "SentinelOne*"],
        services: &[
            protects("SentinelAgent"),
            helps("SentinelStaticEngine"),
            helps("SentinelHelperService"),
            helps("LogProcessorService"),
        ],
        processes: &["SentinelAgent.exe"],
        ..product("SentinelOne", "SentinelOne")
    },
    Entry {
        registered: &["Sophos*"],
        programs: &[
            "Sophos Endpoint Agent*",
            "Sophos Endpoint*",
            "Sophos Anti-Virus*",
            "Sophos Home*",
            "Sophos Intercept X*",
        ],
        services: &[
            protects("Sophos Endpoint Defense Service"),
            protects("SAVService"),
            helps("Sophos File Scanner Service"),
            helps("Sophos MCS Agent"),
            helps("Sophos System Protection Service"),
            helps("hmpalertsvc"),
        ],
        processes: &["SEDService.exe", "SavService.exe"],
        ..product("Sophos", "Sophos")
    },
    Entry {
        registered: &["Symantec Endpoint Protection*", "Symantec AntiVirus*"],
        programs: &[
            "Symantec Endpoint Protection*",
            "Symantec Endpoint Security*",
        ],
        services: &[
            protects("SepMasterService"),
            helps("SepScanService"),
            helps("SepWscSvc"),
            helps("SmcService"),
        ],
        ..product("Symantec Endpoint Protection", "Broadcom")
    },
    Entry {
        registered: &[
            "Trellix*",
            "McAfee Endpoint Security*",
            "McAfee VirusScan Enterprise*",
        ],
        programs: &[
            "Trellix Endpoint Security*",
            "McAfee Endpoint Security*",
            "McAfee VirusScan Enterprise*",
        ],
        services: &[
            protects("mfetp"),
            protects("mfeesp"),
            protects("McShield"),
            helps("mfemms"),
            helps("mfevtp"),
            helps("masvc"),
        ],
        processes: &["mfetp.exe"],
        ..product("Trellix Endpoint Security", "Trellix")
    },
    Entry {
        registered: &[
            "Trend Micro Apex One*",
            "Trend Micro OfficeScan*",
            "Trend Micro Worry-Free*",
            "Trend Micro Security Agent*",
            "ウイルスバスター コーポレート*",
            "ウイルスバスター ビジネス*",
        ],
        programs: &[
            "Trend Micro Apex One*",
            "Trend Micro OfficeScan*",
            "Trend Micro Worry-Free*",
            "Trend Micro Security Agent*",
            "ウイルスバスター コーポレート*",
            "ウイルスバスター ビジネス*",
        ],
        services: &[
            protects("ntrtscan"),
            helps("tmlisten"),
            helps("TmCCSF"),
            helps("TMBMServer"),
        ],
        processes: &["NTRtScan.exe"],
        ..product("Trend Micro Apex One", "Trend Micro")
    },
    Entry {
        registered: &["Trend Micro Deep Security*"],
        programs: &["Trend Micro Deep Security Agent*"],
        services: &[
            protects("ds_agent"),
            helps("Amsp"),
            helps("ds_notifier"),
            helps("ds_monitor"),
        ],
        processes: &["dsa.exe"],
        ..product("Trend Micro Deep Security", "Trend Micro")
    },
    Entry {
        registered: &["Trend Micro*", "ウイルスバスター*"],
        programs: &[
            "Trend Micro Antivirus*",
            "Trend Micro Internet Security*",
            "Trend Micro Maximum Security*",
            "ウイルスバスター クラウド*",
        ],
        services: &[protects("Amsp")],
        processes: &["coreServiceShell.exe"],
        ..product("Trend Micro Security", "Trend Micro")
    },
    Entry {
        registered: &["VIPRE*"],
        programs: &["VIPRE*"],
        services: &[protects("SBAMSvc"), helps("SBPIMSvc")],
        processes: &["SBAMSvc.exe"],
        ..product("VIPRE", "VIPRE")
    },
    Entry {
        programs: &["Wazuh Agent*"],
        services: &[protects("WazuhSvc")],
        processes: &["wazuh-agent.exe"],
        ..product("Wazuh", "Wazuh")
    },
    Entry {
        registered: &["Webroot*"],
        programs: &["Webroot*"],
        services: &[
            protects("WRSVC"),
            helps("WRCoreService"),
            helps("WRSkyClient"),
        ],
        processes: &["WRSA.exe"],
        ..product("Webroot SecureAnywhere", "OpenText")
    },
    Entry {
        registered: &["WithSecure*", "F-Secure*"],
        programs: &["WithSecure*", "F-Secure*"],
        services: &[
            protects("fsulhoster"),
            protects("fshoster"),
            helps("fsnethoster"),
            helps("fsulnethoster"),
            helps("fsulprothoster"),
            helps("wsulavprohoster"),
            helps("fsdevcon"),
        ],
        ..product("WithSecure", "WithSecure")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_told_apart_and_recognisable() {
        let names: Vec<_> = CATALOGUE
            .iter()
            .map(|entry| entry.name.to_lowercase())
            .collect();
        for pair in names.windows(2) {
            assert!(pair[0] < pair[1], "{}", pair[1]);
        }
        assert!(CATALOGUE.len() >= 25, "{}", CATALOGUE.len());
        for entry in CATALOGUE {
            assert!(!entry.vendor.is_empty(), "{}", entry.name);
            assert!(!entry.services.is_empty(), "{}", entry.name);
            let protects = entry.services.iter().any(|service| service.protects);
            assert!(protects || entry.works_without_service, "{}", entry.name);
        }
    }

    #[test]
    fn no_service_that_protects_stands_for_two_products() {
        for entry in CATALOGUE {
            for service in entry.services.iter().filter(|service| service.protects) {
                let others = CATALOGUE.iter().filter(|other| {
                    other.name != entry.name
                        && other
                            .services
                            .iter()
                            .any(|it| it.protects && it.name.eq_ignore_ascii_case(service.name))
                });
                assert_eq!(others.count(), 0, "{}", service.name);
            }
        }
    }
}
