//! The real program on machines made by the tests: other root file systems through `--root`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod debian;
mod dmidecode;
mod edid;
mod golden;
mod hostile;
mod impostor;
mod mounts;
mod program;
mod signed_in;
mod smbios;
mod traced;
mod tree;
