//! Parsers of untrusted bytes: files, firmware tables and kernel answers become records.
//!
//! They open nothing and never fail as a whole: what cannot be understood is passed over or becomes a
//! [`problem::Problem`] with its place, and the rest is read. Every parser accepts any bytes without
//! panicking, which property tests check.

pub mod anacrontab;
pub mod apk;
pub mod appimage;
pub mod apt_conf;
pub mod authorized_keys;
pub mod capability;
pub mod colon;
pub mod cpu;
pub mod crontab;
pub mod cups;
pub mod cvd;
pub mod debian_version;
pub mod disk_health;
pub mod doas;
pub mod dpkg;
pub mod edid;
pub mod exports;
pub mod flatpak;
pub mod glob;
pub mod group;
mod gvariant;
pub mod hive;
pub mod hosts;
pub mod ini;
pub mod init_script;
pub mod key_value;
pub mod lastlog;
pub mod lease;
mod lines;
pub mod mounts;
pub mod netfilter;
pub mod netlink;
pub mod os_release;
pub mod pacman;
pub mod pam;
pub mod passwd;
pub mod pci_ids;
pub mod pkla;
pub mod polkit;
pub mod problem;
pub mod proc_status;
pub mod registry_value;
pub mod resolv_conf;
pub mod rpm;
pub mod rpm_macros;
pub mod samba_registry;
pub mod settings;
pub mod shadow;
pub mod smb_conf;
pub mod smbios;
pub mod snap;
pub mod sockets;
pub mod sqlite;
pub mod sshd_config;
pub mod status;
pub mod sudoers;
pub mod systemd_unit;
pub mod task;
pub mod uevent;
pub mod unit;
pub mod utmp;
pub mod version_lock;
pub mod when;
