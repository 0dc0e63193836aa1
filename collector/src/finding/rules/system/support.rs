//! Until when makers repair their systems: facts, each with where it is written. To add one, add a line.
//!
//! The day is the last on which repairs for security come without a further contract, for long-term support
//! where there is one. A system that is not here is one nobody can tell about from here.

use freehold_proto::v1::OperatingSystem;

use crate::clock::UnixMillis;

/// When support ends, and where that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) at: UnixMillis,
    pub(super) source: &'static str,
}

/// A release: identifier of the system; beginnings of its version, build or code name; the last day.
type Release = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
);

const DEBIAN: &str = "Debian, wiki.debian.org/LTS";
const UBUNTU: &str = "Canonical, ubuntu.com/about/release-cycle";
const MICROSOFT: &str = "Microsoft, learn.microsoft.com/lifecycle";
const RED_HAT: &str = "Red Hat, access.redhat.com/support/policy/updates/errata";
const CENTOS: &str = "CentOS, centos.org/cl-vs-cs";
const ALMA: &str = "AlmaLinux, wiki.almalinux.org/release-notes";
const ROCKY: &str = "Rocky Linux, wiki.rockylinux.org/rocky/version";
const ALPINE: &str = "Alpine Linux, alpinelinux.org/releases";
const MINT: &str = "Linux Mint, linuxmint.com/download_all.php";

/// Releases of systems that are told by identifier and version.
#[rustfmt::skip]
const RELEASES: &[Release] = &[
    ("debian", &["8"], "2020-06-30", DEBIAN),
    ("debian", &["9"], "2022-06-30", DEBIAN),
    ("debian", &["10"], "2024-06-30", DEBIAN),
    ("debian", &["11"], "2026-08-31", DEBIAN),
    ("debian", &["12"], "2028-06-30", DEBIAN),
    ("debian", &["13"], "2030-06-30", DEBIAN),
    ("ubuntu", &["14.04"], "2019-04-25", UBUNTU),
    ("ubuntu", &["16.04"], "2021-04-30", UBUNTU),
    ("ubuntu", &["18.04"], "2023-05-31", UBUNTU),
    ("ubuntu", &["20.04"], "2025-05-29", UBUNTU),
    ("ubuntu", &["22.04"], "2027-06-01", UBUNTU),
    ("ubuntu", &["24.04"], "2029-05-31", UBUNTU),
    ("ubuntu", &["26.04"], "2031-05-29", UBUNTU),
    ("linuxmint", &["20"], "2025-04-30", MINT),
    ("linuxmint", &["21"], "2027-04-30", MINT),
    ("linuxmint", &["22"], "2029-04-30", MINT),
    ("rhel", &["7"], "2024-06-30", RED_HAT),
    ("rhel", &["8"], "2029-05-31", RED_HAT),
    ("rhel", &["9"], "2032-05-31", RED_HAT),
    ("rhel", &["10"], "2035-05-31", RED_HAT),
    ("centos", &["6"], "2020-11-30", CENTOS),
    ("centos", &["7"], "2024-06-30", CENTOS),
    ("almalinux", &["8"], "2029-03-01", ALMA),
    ("almalinux", &["9"], "2032-05-31", ALMA),
    ("rocky", &["8"], "2029-05-31", ROCKY),
    ("rocky", &["9"], "2032-05-31", ROCKY),
    ("alpine", &["3.17"], "2024-11-22", ALPINE),
    ("alpine", &["3.18"], "2025-05-09", ALPINE),
    ("alpine", &["3.19"], "2025-11-01", ALPINE),
    ("alpine", &["3.20"], "2026-04-01", ALPINE),
    ("alpine", &["3.21"], "2026-11-01", ALPINE),
    ("windows", &["7"], "2020-01-14", MICROSOFT),
    ("windows", &["8"], "2016-01-12", MICROSOFT),
    ("windows", &["8.1"], "2023-01-10", MICROSOFT),
    ("windows", &["10"], "2025-10-14", MICROSOFT),
];

/// Servers of Microsoft, by what their name holds.
#[rustfmt::skip]
const SERVERS: &[(&str, &str)] = &[
    ("Server 2003", "2015-07-14"),
    ("Server 2008", "2020-01-14"),
    ("Server 2012", "2023-10-10"),
    ("Server 2016", "2027-01-12"),
    ("Server 2019", "2029-01-09"),
    ("Server 2022", "2031-10-14"),
];

/// Windows 11 by the first number of its build: for Home and Pro, and for Enterprise and Education.
#[rustfmt::skip]
const WINDOWS_11: &[(&str, &str, &str)] = &[
    ("22000", "2023-10-10", "2024-10-08"),
    ("22621", "2024-10-08", "2025-10-14"),
    ("22631", "2025-11-11", "2026-11-10"),
    ("26100", "2026-10-13", "2027-10-12"),
    ("26200", "2027-10-12", "2028-10-10"),
];

/// Editions that Microsoft looks after for many years, each with dates of its own: not told here.
const LONG_TERM: [&str; 3] = ["LTSC", "LTSB", "IoT"];

/// When support of a system ends; `None` when it is not known here.
pub(super) fn end_of(system: &OperatingSystem) -> Option<End> {
    if system.id == "windows" {
        return windows(system);
    }
    release(system)
}

fn release(system: &OperatingSystem) -> Option<End> {
    // The most exact wins: "8.1" before "8".
    RELEASES
        .iter()
        .filter(|(id, versions, ..)| {
            *id == system.id
                && versions
                    .iter()
                    .any(|version| is_of(&system.version, version))
        })
        .max_by_key(|(_, versions, ..)| versions.iter().map(|version| version.len()).max())
        .and_then(|(_, _, day, source)| end(day, source))
}

fn windows(system: &OperatingSystem) -> Option<End> {
    let named = format!("{} {} {}", system.name, system.version, system.edition);
    if LONG_TERM.iter().any(|word| named.contains(word)) {
        return None;
    }
    if named.contains("Server") {
        let server = SERVERS.iter().find(|(name, _)| named.contains(name));
        return server.and_then(|(_, day)| end(day, MICROSOFT));
    }
    let build = system.build.split('.').next().unwrap_or_default();
    let build = build.parse::<u32>().ok();
    if system.version == "11" || build.is_some_and(|build| build >= 22_000) {
        let build = build?.to_string();
        let (_, home, enterprise) = WINDOWS_11.iter().find(|(known, ..)| *known == build)?;
        let is_long = ["Enterprise", "Education"]
            .iter()
            .any(|word| named.contains(word));
        return end(if is_long { enterprise } else { home }, MICROSOFT);
    }
    release(system)
}

/// "12" and "12.5" are of "12"; "120" is not.
fn is_of(version: &str, release: &str) -> bool {
    let rest = version.strip_prefix(release);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
}

/// The end of a day.
fn end(day: &str, source: &'static str) -> Option<End> {
    let at = UnixMillis::parse(&format!("{day}T23:59:59Z"))?;
    Some(End { at, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(id: &str, version: &str, edition: &str, build: &str) -> Option<String> {
        let system = OperatingSystem {
            id: id.into(),
            name: if id == "windows" {
                "Windows".into()
            } else {
                id.into()
            },
            version: version.into(),
            edition: edition.into(),
            build: build.into(),
            ..OperatingSystem::default()
        };
        end_of(&system).map(|end| end.at.to_string()[..10].to_owned())
    }

    #[test]
    fn every_day_of_the_table_is_one() {
        for (id, versions, when, source) in RELEASES {
            assert!(end(when, source).is_some(), "{id} {versions:?}");
        }
        for (build, home, enterprise) in WINDOWS_11 {
            assert!(
                end(home, "").is_some() && end(enterprise, "").is_some(),
                "{build}"
            );
        }
        for (name, when) in SERVERS {
            assert!(end(when, "").is_some(), "{name}");
        }
    }

    #[test]
    fn a_release_is_told_by_its_version_and_no_other() {
        assert_eq!(
            day("debian", "12", "", "12.5").as_deref(),
            Some("2028-06-30")
        );
        assert_eq!(day("debian", "120", "", ""), None);
        assert_eq!(day("debian", "", "", ""), None, "testing has no version");
        assert_eq!(
            day("ubuntu", "22.04.4 LTS", "", "").as_deref(),
            Some("2027-06-01")
        );
        assert_eq!(day("ubuntu", "22.10", "", ""), None);
        assert_eq!(day("slackware", "15", "", ""), None);
    }

    #[test]
    fn windows_is_told_by_edition_and_build() {
        assert_eq!(
            day("windows", "10", "Pro", "19045.1").as_deref(),
            Some("2025-10-14")
        );
        assert_eq!(day("windows", "10", "Enterprise LTSC", "19044.1"), None);
        assert_eq!(
            day("windows", "8.1", "Pro", "9600").as_deref(),
            Some("2023-01-10")
        );
        assert_eq!(
            day("windows", "11", "Pro", "22631.3447").as_deref(),
            Some("2025-11-11")
        );
        // Windows 11 that still calls itself 10.
        assert_eq!(
            day("windows", "10", "Education", "22631.1").as_deref(),
            Some("2026-11-10")
        );
        assert_eq!(day("windows", "11", "Pro", "99999.1"), None);
        assert_eq!(
            day("windows", "Server 2019", "", "17763").as_deref(),
            Some("2029-01-09")
        );
        assert_eq!(day("windows", "Server 2040", "", "1"), None);
    }
}
