//! Security identifiers, and what kind of principal stands behind one.

use freehold_proto::v1::accounts::privilege::PrincipalKind;

/// Administrators, in every language.
pub(super) const ADMINISTRATORS: &str = "S-1-5-32-544";

/// Numbers of `SID_NAME_USE`.
const USER: u32 = 1;
const GROUP: u32 = 2;
const ALIAS: u32 = 4;
const DELETED: u32 = 6;
const INVALID: u32 = 7;
const UNKNOWN: u32 = 8;
const COMPUTER: u32 = 9;

/// Identifiers that stand for whoever comes along.
const ANYONE: [&str; 7] = [
    "S-1-1-0", "S-1-2-0", "S-1-5-2", "S-1-5-4", "S-1-5-7", "S-1-5-11", "S-1-5-15",
];

/// The system itself and the accounts of its services.
const SERVICES: [&str; 3] = ["S-1-5-18", "S-1-5-19", "S-1-5-20"];
const OF_SERVICES: [&str; 4] = ["S-1-5-80-", "S-1-5-82-", "S-1-5-83-", "S-1-5-90-"];

/// Whose accounts are this computer's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Authority {
    /// Those below this identifier.
    Computer(String),
    /// None: it is a domain controller, and all are the domain's.
    Domain,
    /// Not known.
    Unknown,
}

impl Authority {
    /// Whether an identifier is of this computer.
    pub(super) fn owns(&self, sid: &str) -> bool {
        match self {
            Self::Computer(own) => is_below(sid, own),
            Self::Domain | Self::Unknown => false,
        }
    }
}

/// What kind of principal an identifier stands for.
pub(super) fn kind(sid: &str, usage: u32, name: &str, authority: &Authority) -> PrincipalKind {
    if sid.starts_with("S-1-12-1-") {
        return PrincipalKind::EntraObject;
    }
    if ANYONE.contains(&sid) {
        return PrincipalKind::Everyone;
    }
    if SERVICES.contains(&sid) || OF_SERVICES.iter().any(|one| sid.starts_with(one)) {
        return PrincipalKind::ServiceAccount;
    }
    if matches!(usage, DELETED | INVALID | UNKNOWN) {
        return PrincipalKind::Orphaned;
    }
    if sid.starts_with("S-1-5-32-") {
        return PrincipalKind::LocalGroup;
    }
    if *authority == Authority::Unknown {
        return PrincipalKind::Unspecified;
    }
    match (authority.owns(sid), usage) {
        // Managed service accounts and computers.
        (false, USER | COMPUTER) if name.ends_with('$') => PrincipalKind::ServiceAccount,
        (true, USER) => PrincipalKind::LocalUser,
        (true, GROUP | ALIAS) => PrincipalKind::LocalGroup,
        (false, USER) if sid.starts_with("S-1-5-21-") => PrincipalKind::DomainUser,
        (false, GROUP | ALIAS) if sid.starts_with("S-1-5-21-") => PrincipalKind::DomainGroup,
        _ => PrincipalKind::Unspecified,
    }
}

/// Whether an identifier was given out by this authority.
fn is_below(sid: &str, authority: &str) -> bool {
    !authority.is_empty()
        && sid
            .strip_prefix(authority)
            .and_then(|rest| rest.strip_prefix('-'))
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The last number of an identifier.
pub(super) fn relative(sid: &str) -> Option<u32> {
    sid.rsplit('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PC: &str = "S-1-5-21-1111-2222-3333";

    #[test]
    fn every_kind_of_principal_is_told_by_its_identifier() {
        let cases = [
            (
                "S-1-5-21-1111-2222-3333-500",
                USER,
                "Administrator",
                PrincipalKind::LocalUser,
            ),
            (
                "S-1-5-21-1111-2222-3333-1005",
                ALIAS,
                "Hilfe",
                PrincipalKind::LocalGroup,
            ),
            (
                "S-1-5-21-1111-2222-33334-500",
                USER,
                "x",
                PrincipalKind::DomainUser,
            ),
            (
                "S-1-5-21-9-8-7-512",
                GROUP,
                "Domänen-Admins",
                PrincipalKind::DomainGroup,
            ),
            (
                "S-1-5-21-9-8-7-1601",
                USER,
                "gmsa$",
                PrincipalKind::ServiceAccount,
            ),
            ("S-1-12-1-4-5-6-7", UNKNOWN, "", PrincipalKind::EntraObject),
            ("S-1-12-1-4-5-6-7", USER, "anna", PrincipalKind::EntraObject),
            ("S-1-5-21-9-8-7-1105", UNKNOWN, "", PrincipalKind::Orphaned),
            (
                "S-1-5-21-1111-2222-3333-1009",
                DELETED,
                "",
                PrincipalKind::Orphaned,
            ),
            ("S-1-1-0", 5, "Jeder", PrincipalKind::Everyone),
            ("S-1-5-11", 5, "", PrincipalKind::Everyone),
            ("S-1-5-18", 5, "SYSTEM", PrincipalKind::ServiceAccount),
            (
                "S-1-5-80-1-2",
                5,
                "MSSQLSERVER",
                PrincipalKind::ServiceAccount,
            ),
            ("S-1-5-32-545", ALIAS, "Benutzer", PrincipalKind::LocalGroup),
            ("", 0, "", PrincipalKind::Unspecified),
        ];
        for (sid, usage, name, expected) in cases {
            let own = Authority::Computer(PC.into());
            assert_eq!(kind(sid, usage, name, &own), expected, "{sid} {usage}");
        }
    }

    #[test]
    fn whose_account_it_is_stays_open_while_the_computer_does_not_know_itself() {
        let sid = "S-1-5-21-1111-2222-3333-1001";
        let of = |authority| kind(sid, USER, "anna", &authority);
        assert_eq!(of(Authority::Unknown), PrincipalKind::Unspecified);
        assert_eq!(of(Authority::Domain), PrincipalKind::DomainUser);
    }

    #[test]
    fn the_last_number_is_read_and_nonsense_has_none() {
        assert_eq!(relative("S-1-5-21-1-2-3-500"), Some(500));
        assert_eq!(relative("S-1-5-21-x"), None);
        assert_eq!(relative(""), None);
    }
}
