//! Parsers of untrusted bytes: files, firmware tables and kernel answers become records.
//!
//! Nothing here reads a file or fails as a whole: what makes no sense is passed over or reported, the
//! rest is read. Every parser accepts any bytes without panicking, which property tests check.

pub mod cpu;
pub mod cups;
pub mod edid;
pub mod hosts;
pub mod ini;
pub mod key_value;
pub mod lease;
pub mod mounts;
pub mod netlink;
pub mod os_release;
pub mod pci_ids;
pub mod resolv_conf;
pub mod smbios;
pub mod utmp;
