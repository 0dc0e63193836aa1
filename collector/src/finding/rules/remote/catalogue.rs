//! Remote-access and remote-management tools, and by what they are recognised: the one place to extend.
//!
//! Facts from the makers' documentation and public lists of such tools; few were seen running. All names are
//! compared without regard to case; one that ends in `*` stands for a beginning.

type Names = &'static [&'static str];

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// Its name.
    pub(super) name: &'static str,
    /// Packages and titles of installed software.
    packages: Names,
    /// Services.
    services: Names,
    /// Programs that services run.
    programs: Names,
}

impl Tool {
    /// Whether a package of this name and title is it.
    pub(super) fn is_package(&self, name: &str, title: &str) -> bool {
        any(self.packages, name) || any(self.packages, title)
    }

    /// Whether a service of this name, which runs this program, is it.
    pub(super) fn is_service(&self, name: &str, program: &str) -> bool {
        any(self.services, name) || any(self.programs, program)
    }
}

fn any(names: Names, text: &str) -> bool {
    names.iter().any(|name| match name.strip_suffix('*') {
        Some(beginning) => text
            .get(..beginning.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(beginning)),
        None => text.eq_ignore_ascii_case(name),
    })
}

const fn tool(name: &'static str, packages: Names, services: Names, programs: Names) -> Tool {
    Tool {
        name,
        packages,
        services,
        programs,
    }
}

/// All tools, ordered by name.
#[rustfmt::skip]
pub(super) static TOOLS: &[Tool] = &[
    tool("AeroAdmin", &["aeroadmin*"], &["aeroadmin*"], &["aeroadmin.exe"]),
    tool("Action1", &["action1*"], &["a1agent"], &["action1_agent.exe"]),
    tool("Addigy", &["addigy*"], &["addigy*"], &["addigy-agent"]),
    tool("Alpemix", &["alpemix*"], &["alpemixsrvc*"], &["alpemix.exe"]),
    tool("Ammyy Admin", &["ammyy*"], &["ammyyadmin*"], &["aa_v3.exe", "ammyyadmin.exe"]),
    tool("AnyDesk", &["anydesk*"], &["anydesk*"], &["anydesk", "anydesk.exe"]),
    tool("AnyViewer", &["anyviewer*"], &["rcservice", "anyviewer*"], &["rcservice.exe"]),
    tool("Apache Guacamole", &["guacd", "guacamole*"], &["guacd", "guacamole*"], &["guacd"]),
    tool("Atera", &["atera*"], &["ateraagent"], &["ateraagent.exe"]),
    tool("Automox", &["automox*", "amagent"], &["amagent", "automox*"], &["amagent", "amagent.exe"]),
    tool("Auvik", &["auvik*"], &["auvik*"], &["auvik.agent.exe"]),
    tool("Barracuda RMM", &["barracuda rmm*", "managed workplace*"], &["lpiservice", "mwservice"], &["mwagent.exe"]),
    tool("BeyondTrust Remote Support", &["bomgar*", "beyondtrust remote*"], &["bomgar*"], &["bomgar-scc.exe", "sra-pin.exe"]),
    tool("Chrome Remote Desktop", &["chrome-remote-desktop", "chrome remote desktop*"], &["chromoting", "chrome-remote-desktop*"], &["remoting_host.exe", "chrome-remote-desktop-host"]),
    tool("Cockpit", &["cockpit", "cockpit-ws"], &["cockpit"], &["cockpit-tls", "cockpit-ws"]),
    tool("Comodo / Itarian RMM", &["comodo client*", "itarian*", "xcitium client*"], &["itsmservice", "cdmservice"], &["itsmservice.exe"]),
    tool("ConnectWise Automate", &["connectwise automate*", "labtech*"], &["ltservice", "ltsvcmon"], &["ltsvc.exe"]),
    tool("ConnectWise RMM", &["continuum*", "itsupport247*"], &["saazod*", "itsplatform*"], &["itsplatform.exe"]),
    tool("ConnectWise ScreenConnect", &["screenconnect*", "connectwise control*", "connectwisecontrol*"], &["screenconnect*", "connectwisecontrol*"], &["screenconnect.clientservice.exe"]),
    tool("DameWare", &["dameware*"], &["dwmrcs", "dameware*"], &["dwrcs.exe"]),
    tool("Datto RMM", &["datto rmm*", "centrastage*"], &["cagservice", "centrastage*"], &["cagservice.exe"]),
    tool("DeskIn", &["deskin*"], &["deskin*"], &["deskin.exe"]),
    tool("DeskRoll", &["deskroll*"], &["deskroll*"], &["deskroll.exe"]),
    tool("Distant Desktop", &["distant desktop*"], &["distantdesktop*"], &["distantdesktop.exe"]),
    tool("DWService", &["dwagent*", "dwservice*"], &["dwagent"], &["dwagsvc", "dwagsvc.exe"]),
    tool("Ericom / Parallels RAS", &["parallels remote*", "ericom*"], &["ericom*"], &["2xagent.exe"]),
    tool("Fleetdeck", &["fleetdeck*"], &["fleetdeck*"], &["fleetdeck_agent_svc.exe"]),
    tool("FixMe.IT", &["fixme.it*", "fixmeit*"], &["fixmeit*"], &["fixmeitclient.exe"]),
    tool("Getscreen.me", &["getscreen*"], &["getscreen*", "getscreensv"], &["getscreen.exe"]),
    tool("GoToMyPC", &["gotomypc*"], &["gotomypc", "g2svc"], &["g2svc.exe", "g2comm.exe"]),
    tool("GoTo Resolve / GoToAssist", &["goto resolve*", "gotoassist*", "goto opener*"], &["gotoresolve*", "gotoassist*"], &["goto-resolve-unattended.exe", "g2ax_service.exe"]),
    tool("Guardian / ImmyBot", &["immybot*", "immyagent*"], &["immybotagent*", "immy*"], &["immybot.agent.service.exe"]),
    tool("HelpWire", &["helpwire*"], &["helpwire*"], &["helpwire.exe"]),
    tool("HopToDesk", &["hoptodesk*"], &["hoptodesk*"], &["hoptodesk.exe"]),
    tool("Instant Housecall", &["instant housecall*"], &["instanthousecall*"], &["hsclientservice.exe"]),
    tool("ISL Light", &["isl light*", "isl alwayson*"], &["isl*"], &["isllight.exe", "islalwaysonmonitor.exe"]),
    tool("Iperius Remote", &["iperius remote*"], &["iperiusremote*"], &["iperiusremote.exe"]),
    tool("Jump Desktop", &["jump desktop connect*"], &["jumpdesktop*", "jumpconnect"], &["jumpservice.exe", "jumpconnect.exe"]),
    tool("Kaseya VSA", &["kaseya*"], &["kaseya*", "kasmonit*"], &["agentmon.exe", "kaseyaremotecontrolhost.exe"]),
    tool("Level", &["level.io*", "level agent*"], &["level"], &["level.exe", "level-windows-amd64.exe"]),
    tool("LiteManager", &["litemanager*"], &["romservice*", "litemanager*"], &["romserver.exe"]),
    tool("LogMeIn", &["logmein*"], &["logmein*", "lmi*"], &["logmein.exe", "lmiguardiansvc.exe"]),
    tool("ManageEngine Endpoint Central", &["manageengine*", "desktopcentral*"], &["manageengine*", "dcagentservice"], &["dcagentservice.exe"]),
    tool("MeshCentral", &["mesh agent*", "meshagent*", "meshcentral*"], &["mesh agent", "meshagent*"], &["meshagent", "meshagent.exe"]),
    tool("Microsoft Intune", &["microsoft intune*", "intune-portal"], &["intunemanagementextension"], &["microsoft.management.services.intunewindowsagent.exe"]),
    tool("mRemote / Remote Desktop Manager host", &["remote desktop manager agent*", "devolutions agent*"], &["devolutions agent*"], &["devolutionsagent.exe"]),
    tool("N-able N-central", &["n-central*"], &["windows agent service", "windows agent maintenance service"], &["agent.maint.exe"]),
    tool("N-able N-sight RMM", &["advanced monitoring agent*"], &["advanced monitoring agent*"], &["winagent.exe"]),
    tool("N-able Take Control", &["take control*", "n-able take control*"], &["basupsrvc*"], &["basupsrvc.exe"]),
    tool("Naverisk", &["naverisk*"], &["naverisk*"], &["naveriskagent.exe"]),
    tool("NetSupport Manager", &["netsupport*"], &["client32"], &["client32.exe"]),
    tool("ngrok", &["ngrok*"], &["ngrok*"], &["ngrok", "ngrok.exe"]),
    tool("NinjaOne", &["ninjarmm*", "ninjaone*"], &["ninjarmmagent*", "ninjaone*"], &["ninjarmmagent.exe", "ninjarmm-linagent"]),
    tool("NoMachine", &["nomachine*"], &["nxservice*", "nxserver"], &["nxserver.bin", "nxservice64.exe"]),
    tool("OpenNX / X2Go", &["x2goserver*"], &["x2goserver*"], &["x2gocleansessions"]),
    tool("Panorama9", &["panorama9*"], &["panorama9*"], &["p9agent.exe"]),
    tool("Parsec", &["parsec"], &[], &["pservice.exe"]),
    tool("PDQ Connect", &["pdq connect*", "pdqconnectagent*"], &["pdqconnectagent*"], &["pdq-connect-agent.exe"]),
    tool("pcAnywhere", &["symantec pcanywhere*", "pcanywhere*"], &["awhost32"], &["awhost32.exe"]),
    tool("Pilixo", &["pilixo*"], &["pilixo*"], &["pilixo.exe"]),
    tool("Pulseway", &["pulseway*"], &["pc monitor", "pulseway*"], &["pcmonitorsrv.exe", "pulsewayd"]),
    tool("Radmin", &["radmin server*"], &["rserver3"], &["rserver3.exe"]),
    tool("RealVNC", &["realvnc-vnc-server*", "realvnc server*", "vnc server*", "vnc connect*"], &["vncserver", "vncserver-x11-serviced"], &["vncserver.exe", "vncserver-x11-serviced"]),
    tool("RemotePC", &["remotepc*"], &["remotepc*", "rpcservice"], &["remotepcservice.exe", "rpcsuite.exe"]),
    tool("Remote Utilities", &["remote utilities - host*", "remote utilities - agent*", "remote utilities host*"], &["rmanservice"], &["rutserv.exe"]),
    tool("RescueAssist / LogMeIn Rescue", &["logmein rescue*"], &["lmirescue*", "lmi_rescue*"], &["lmi_rescue_srv.exe"]),
    tool("RustDesk", &["rustdesk*"], &["rustdesk*"], &["rustdesk", "rustdesk.exe"]),
    tool("SimpleHelp", &["simplehelp*", "remote access jwrapper*", "simpleservice*"], &["simplehelp*", "remote access service"], &["remote access.exe", "simpleservice.exe"]),
    tool("Splashtop", &["splashtop streamer*", "splashtop-streamer*", "splashtop sos*", "splashtop remote service*"], &["splashtop*", "srstreamer", "sragent"], &["srservice.exe", "srfeature.exe", "srstreamer"]),
    tool("Sunlogin / AweSun", &["sunlogin*", "awesun*"], &["sunlogin*", "awesun*"], &["sunloginclient.exe", "awesun.exe"]),
    tool("SuperOps", &["superops*"], &["superops*"], &["superops.exe", "superopsagent.exe"]),
    tool("Supremo", &["supremo*"], &["supremoservice"], &["supremoservice.exe", "supremo.exe"]),
    tool("Syncro", &["syncro*", "kabuto*"], &["syncro*"], &["syncro.service.exe", "syncrolive.agent.exe"]),
    tool("Tactical RMM", &["tactical rmm*", "tacticalagent*"], &["tacticalrmm", "tacticalagent"], &["tacticalrmm.exe", "tacticalagent"]),
    tool("Tailscale", &["tailscale*"], &["tailscale*"], &["tailscaled", "tailscaled.exe"]),
    tool("TeamViewer", &["teamviewer*"], &["teamviewer*"], &["teamviewer_service.exe", "teamviewerd"]),
    tool("TigerVNC", &["tigervnc-standalone-server*", "tigervnc-scraping-server*", "tigervnc-server*"], &["tigervnc*", "winvnc4"], &["winvnc4.exe", "xtigervnc"]),
    tool("TightVNC", &["tightvnc*"], &["tvnserver"], &["tvnserver.exe", "xtightvnc"]),
    tool("ToDesk", &["todesk*"], &["todesk*"], &["todesk.exe", "todesk_service"]),
    tool("UltraVNC", &["ultravnc*"], &["uvnc_service"], &["winvnc.exe"]),
    tool("UltraViewer", &["ultraviewer*"], &["ultraviewservice"], &["ultraviewer_service.exe"]),
    tool("Webmin", &["webmin"], &["webmin"], &["miniserv.pl"]),
    tool("x11vnc", &["x11vnc"], &["x11vnc"], &["x11vnc"]),
    tool("xrdp", &["xrdp"], &["xrdp"], &["xrdp"]),
    tool("ZeroTier", &["zerotier-one*", "zerotier one*"], &["zerotier*"], &["zerotier-one", "zerotier-one_x64.exe"]),
    tool("Zoho Assist", &["zoho assist*", "zohoassist*"], &["zoho assist*", "zohomeeting"], &["zaservice.exe", "zohours.exe"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_knows_at_least_sixty_tools_and_each_once() {
        assert!(TOOLS.len() >= 60, "{}", TOOLS.len());
        for tool in TOOLS {
            let same = TOOLS.iter().filter(|other| other.name == tool.name).count();
            assert_eq!(same, 1, "{}", tool.name);
            assert!(!tool.packages.is_empty(), "{}", tool.name);
            for name in [tool.packages, tool.services, tool.programs].concat() {
                let beginning = name.trim_end_matches('*');
                assert!(beginning.len() >= 3, "{}: {name} is too short", tool.name);
                assert!(!beginning.contains('*'), "{}: {name}", tool.name);
                assert_eq!(name, name.to_lowercase(), "{}", tool.name);
            }
        }
    }

    #[test]
    fn names_are_compared_whole_or_from_their_beginning() {
        assert!(any(&["anydesk*"], "AnyDesk MSI"));
        assert!(any(&["xrdp"], "XRDP") && !any(&["xrdp"], "xrdp-pulseaudio"));
        assert!(!any(&["anydesk*"], "any") && !any(&["anydesk*"], "ä"));
        assert!(!any(&["lmi*"], "ä€"), "not inside of a character");
    }
}
