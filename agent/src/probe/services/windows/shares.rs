//! Shared folders and printers.

use freehold_proto::v1::services::FileShare;

use crate::probe::{
    section::Diagnostics,
    windows::{Machine, Source, unread},
};

/// What is shared, in the lowest bits of its type.
const FOLDER: u32 = 0;
const PRINTER: u32 = 1;
const KIND: u32 = 0xff;
/// Made by Windows for its administrators, such as `C$`.
const SPECIAL: u32 = 0x8000_0000;

/// Shares that a domain controller always has.
const OF_THE_DOMAIN: [&str; 2] = ["NETLOGON", "SYSVOL"];

/// What is shared.
#[derive(Debug, Default)]
pub(super) struct Shares {
    /// Folders, ordered by name.
    pub(super) folders: Vec<FileShare>,
    /// Number of printers.
    pub(super) printers: usize,
}

impl Shares {
    /// Folders that somebody shared, and not Windows.
    pub(super) fn of_people(&self) -> usize {
        let own = self.folders.iter().filter(|share| {
            let is_named = |name: &&str| share.name.eq_ignore_ascii_case(name);
            !OF_THE_DOMAIN.iter().any(is_named)
        });
        own.count()
    }
}

/// Reads them.
pub(super) fn read(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Shares {
    let rows = machine.list(&Source::Shares).unwrap_or_else(|why| {
        unread(Source::Shares, &why, "the shared folders are", diagnostics);
        Vec::new()
    });
    let mut shares = Shares::default();
    for row in rows {
        let Some(kind) = row.number::<u32>("Type") else {
            continue;
        };
        match kind & KIND {
            FOLDER if kind & SPECIAL == 0 => {
                let mut fit =
                    |name: &str| diagnostics.fit(Source::Shares, name, row.text(name).to_owned());
                shares.folders.push(FileShare {
                    name: fit("Name"),
                    path: fit("Path"),
                    protocol: "smb".into(),
                    source: Source::Shares.to_string(),
                });
            }
            PRINTER => shares.printers += 1,
            _ => {}
        }
    }
    shares
        .folders
        .sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    shares
}
