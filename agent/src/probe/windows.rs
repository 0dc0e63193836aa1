//! What the probes ask of a Windows computer, and what several of them make of the answers.
//!
//! [`Machine`] is the border: behind it `sys` asks the system, or a test answers with rows that it states.

pub(crate) mod center;
#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod installed;
#[cfg(windows)]
pub(crate) mod live;
pub(crate) mod record;
pub(crate) mod services;

use std::fmt;

use freehold_proto::v1::toggle::State;

use super::section::Diagnostics;
use crate::rows::{Answer, Below, Query, Row, Unread};

/// A computer that answers with plain rows.
pub(crate) trait Machine {
    /// The values of a key of the registry, such as `HKLM\SOFTWARE\Microsoft`.
    fn key(&self, path: &str) -> Answer<Row>;
    /// Some values of each key below a key.
    fn below(&self, path: &str, wanted: &[&str]) -> Answer<Below>;
    /// Instances of a class of WMI.
    fn query(&self, query: &Query) -> Answer<Vec<Row>>;
    /// What an interface of the system lists.
    fn list(&self, source: &Source) -> Answer<Vec<Row>>;
}

/// An interface of the system that lists things, with the values of each of its rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    /// Every service that is no driver: `Name`, `DisplayName`, `State`, `Type`, `ProcessId` (numbers of
    /// `SERVICE_STATUS_PROCESS`).
    Services,
    /// How one service is set up, one row: `Start` (number of `QUERY_SERVICE_CONFIG`), `Program`, `Account`,
    /// `Delayed`, `Triggered`.
    Service(String),
    /// Every process: `Name`, `ProcessId`.
    Processes,
    /// The program file of a process, one row: `Program`.
    Program(u32),
    /// What is registered with Security Center: `Name`, `State`, `Signatures` (numbers of
    /// `IWscProduct`), `Path`.
    Center(Provider),
    /// Local accounts: `Name`, `FullName`, `Rid`, `Flags`, `PasswordAge`, `PasswordExpired`, `Expires`,
    /// `LastSignIn`, `Home` (of `USER_INFO_3`).
    Accounts,
    /// This computer as an authority over its own accounts, one row: `Sid`, `Name`.
    Computer,
    /// Local groups: `Name`.
    Groups,
    /// Members of a local group: `Sid`, `Use` (number of `SID_NAME_USE`), `Name` as `DOMAIN\name`.
    Members(String),
    /// Members of a global group of the domain that this computer controls: `Name`.
    DomainMembers(String),
    /// What a security identifier stands for, one row: `Name`, `Domain`, `Use`.
    Sid(String),
    /// The security identifier of a name, one row: `Sid`, `Domain`, `Use`.
    Name(String),
    /// Listening sockets: `Protocol`, `Address`, `Port`, `ProcessId`.
    Sockets,
    /// Shares: `Name`, `Path`, `Type` (number of `SHARE_INFO_502`).
    Shares,
    /// Scheduled tasks: `Name`, `Definition` (the bytes of its file), or `Error` (a Windows error).
    Tasks,
    /// What Windows Update installed: `Title`, `At` (seconds since 1970), `Operation`, `Result` (numbers of
    /// `IUpdateHistoryEntry`).
    UpdateHistory,
    /// The last search for updates, one row: `SearchedAt` (seconds since 1970).
    UpdateResults,
    /// A file of at most a mebibyte, one row: `Bytes`.
    File(String),
    /// Whether a file exists: one row, or absent. Variables in the path are expanded.
    Exists(String),
    /// Drives of the computer itself: `Root`, such as `C:\`.
    Drives,
}

/// What a product registers as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Provider {
    /// Antivirus.
    Antivirus,
    /// Firewall.
    Firewall,
}

impl fmt::Display for Source {
    /// The source as diagnostics and items name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Services | Self::Service(_) => "service manager",
            Self::Processes | Self::Program(_) => "processes",
            Self::Center(_) => "Security Center",
            Self::Accounts => "NetUserEnum",
            Self::Groups => "NetLocalGroupEnum",
            Self::Members(_) => "NetLocalGroupGetMembers",
            Self::DomainMembers(_) => "NetGroupGetUsers",
            Self::Sid(_) => "LookupAccountSid",
            Self::Computer | Self::Name(_) => "LookupAccountName",
            Self::Sockets => "GetExtendedTcpTable",
            Self::Shares => "NetShareEnum",
            Self::Tasks => r"System32\Tasks",
            Self::UpdateHistory | Self::UpdateResults => "Windows Update",
            Self::File(path) | Self::Exists(path) => path,
            Self::Drives => "GetLogicalDrives",
        })
    }
}

/// What kind of Windows this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// For workplaces.
    Client,
    /// A server that is no domain controller.
    Server,
    /// A domain controller.
    DomainController,
}

const PRODUCT_OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";

/// What kind of Windows this is; `None` when it does not say.
pub(crate) fn edition(machine: &dyn Machine) -> Option<Edition> {
    let key = machine.key(PRODUCT_OPTIONS).ok()?;
    match key.text("ProductType") {
        "WinNT" => Some(Edition::Client),
        "ServerNT" => Some(Edition::Server),
        "LanmanNT" => Some(Edition::DomainController),
        _ => None,
    }
}

/// The values of a key that need not exist; `None`, with a note, when it could not be read. `missing`
/// completes "…, so … missing".
pub(crate) fn optional_key(
    machine: &dyn Machine,
    path: &str,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Row> {
    match machine.key(path) {
        Ok(row) => Some(row),
        Err(Unread::Absent) => Some(Row::default()),
        Err(why) => {
            unread(path, &why, missing, diagnostics);
            None
        }
    }
}

/// Notes that a source could not be read. `missing` completes "…, so … missing".
pub(crate) fn unread(
    source: impl fmt::Display,
    why: &Unread,
    missing: impl fmt::Display,
    diagnostics: &mut Diagnostics,
) {
    diagnostics.note(source, "", format_args!("{why}, so {missing} missing"));
}

/// On, off, or unknown.
pub(crate) fn state(known: Option<bool>) -> State {
    match known {
        Some(true) => State::On,
        Some(false) => State::Off,
        None => State::Unknown,
    }
}

/// Whether a name is one of these, whatever the case of its letters; a pattern that ends in "*" stands for
/// a beginning.
pub(crate) fn matches_any(name: &str, patterns: &[&str]) -> bool {
    let name = name.to_lowercase();
    patterns.iter().any(|pattern| {
        let pattern = pattern.to_lowercase();
        match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == pattern,
        }
    })
}

/// Last part of a path.
pub(crate) fn base(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_whatever_their_case_in_any_script() {
        assert!(matches_any("AVP21.15", &["avp*"]));
        assert!(matches_any("WINDEFEND", &["WinDefend"]));
        assert!(matches_any(
            "ウイルスバスター クラウド",
            &["ウイルスバスター*"]
        ));
        assert!(!matches_any("AVPlayer", &["avp"]));
        // A capital that has more bytes than its small letter, as in Turkish.
        assert!(!matches_any("İ", &["i"]));
    }

    #[test]
    fn the_edition_is_what_the_registry_says_and_otherwise_not_known() {
        let with = |kind: &str| {
            let machine = fake::Fake::new().key(PRODUCT_OPTIONS, [("ProductType", kind)]);
            edition(&machine)
        };
        assert_eq!(with("WinNT"), Some(Edition::Client));
        assert_eq!(with("LanmanNT"), Some(Edition::DomainController));
        assert_eq!(with("ServerNT"), Some(Edition::Server));
        assert_eq!(with("?"), None);
        assert_eq!(edition(&fake::Fake::new()), None);
    }
}
