//! Ways in from elsewhere, and by what they are recognised. To add one, add an entry.
//!
//! Written from their makers' documentation; those of Debian were checked against its packages.

use super::{OPENSSH, Program, runs, screen, shell, starts};

/// Ways in from elsewhere, ordered by name.
pub(in super::super) const REMOTE: &[Program] = &[
    screen(
        "AnyDesk",
        &["/usr/bin/anydesk"],
        &[runs("anydesk.service", "anydesk")],
    ),
    screen(
        "Chrome Remote Desktop",
        &["/opt/google/chrome-remote-desktop"],
        &[starts("chrome-remote-desktop@")],
    ),
    shell(
        "Cockpit",
        &["/usr/lib/cockpit", "/usr/libexec/cockpit-ws"],
        &[
            starts("cockpit.socket"),
            runs("cockpit.service", "cockpit-tls"),
        ],
    ),
    screen(
        "DWService",
        &["/usr/share/dwagent"],
        &[runs("dwagent.service", "dwagsvc")],
    ),
    shell(
        "Dropbear",
        &["/usr/sbin/dropbear"],
        &[runs("dropbear.service", "dropbear")],
    ),
    screen(
        "GNOME Remote Desktop",
        &["/usr/libexec/gnome-remote-desktop-daemon"],
        &[runs("gnome-remote-desktop.service", "gnome-remote-de")],
    ),
    screen(
        "MeshCentral",
        &["/usr/local/mesh_services/meshagent", "/usr/local/mesh"],
        &[runs("meshagent.service", "meshagent")],
    ),
    screen(
        "NoMachine",
        &["/usr/NX/bin/nxserver"],
        &[runs("nxserver.service", "nxserver.bin")],
    ),
    shell(
        OPENSSH,
        &["/usr/sbin/sshd"],
        &[
            runs("ssh.service", "sshd"),
            runs("sshd.service", "sshd"),
            starts("ssh.socket"),
            starts("sshd.socket"),
        ],
    ),
    screen(
        "RealVNC",
        &["/usr/bin/vncserver-x11"],
        &[runs("vncserver-x11-serviced.service", "vncserver-x11-s")],
    ),
    screen(
        "RustDesk",
        &["/usr/bin/rustdesk", "/usr/share/rustdesk"],
        &[runs("rustdesk.service", "rustdesk")],
    ),
    screen(
        "Splashtop",
        &["/opt/splashtop-streamer"],
        &[runs("SRStreamer.service", "SRFeature")],
    ),
    screen(
        "TeamViewer",
        &["/opt/teamviewer"],
        &[runs("teamviewerd.service", "teamviewerd")],
    ),
    screen(
        "TigerVNC",
        &[
            "/usr/bin/tigervncserver",
            "/usr/bin/Xvnc",
            "/usr/bin/Xtigervnc",
        ],
        &[
            runs("tigervncserver@", "Xtigervnc"),
            runs("vncserver@", "Xvnc"),
        ],
    ),
    shell(
        "Webmin",
        &["/usr/share/webmin", "/usr/libexec/webmin"],
        &[runs("webmin.service", "miniserv.pl")],
    ),
    screen(
        "x11vnc",
        &["/usr/bin/x11vnc"],
        &[runs("x11vnc.service", "x11vnc")],
    ),
    screen("xrdp", &["/usr/sbin/xrdp"], &[runs("xrdp.service", "xrdp")]),
];
