//! People who have a profile on the machine, signed in or not.

use crate::{
    parse::hive::{Fault, Hive, Part, ReadAt},
    rows::{Answer, Below, Row, Unread},
};

/// Where the profiles are listed, by SID.
pub(super) const SOURCE: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// Beginnings of the SIDs of people: of this machine or a domain, and of Entra ID. Others are services.
const PEOPLE: [&str; 2] = ["S-1-5-21-", "S-1-12-1-"];

/// A person's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// Security identifier.
    pub(super) sid: String,
    /// Name of the folder, which is that of the account unless that was taken. The account itself is not asked
    /// for: of people of a domain only a server may know it.
    pub(super) name: String,
    /// The folder; empty when it lies on no drive of this machine.
    pub(super) folder: String,
}

/// The profiles out of the rows of their list.
pub(super) fn people(rows: &[Row], windows_folder: &str) -> Vec<Profile> {
    let mut people = Vec::new();
    for row in rows {
        // Windows puts a profile aside under such a name when it could not be loaded.
        let sid = row.name.strip_suffix(".bak").unwrap_or(&row.name);
        if !PEOPLE.iter().any(|beginning| sid.starts_with(beginning)) {
            continue;
        }
        let folder = expanded(row.text("ProfileImagePath"), windows_folder);
        let name = folder.rsplit('\\').find(|part| !part.is_empty());
        let profile = Profile {
            sid: sid.into(),
            name: name.unwrap_or(sid).into(),
            folder: if is_local(&folder) {
                folder
            } else {
                String::new()
            },
        };
        if !people.contains(&profile) {
            people.push(profile);
        }
    }
    people
}

/// The name of whoever has a SID; the SID where no profile tells.
pub(super) fn name_of(sid: &str, people: &[Profile]) -> String {
    let known = people.iter().find(|profile| profile.sid == sid);
    known
        .map_or(sid, |profile| profile.name.as_str())
        .to_owned()
}

/// The two variables that stand in such paths, replaced.
fn expanded(path: &str, windows_folder: &str) -> String {
    let drive = windows_folder.get(..2).unwrap_or_default();
    for (variable, value) in [("%SystemDrive%", drive), ("%SystemRoot%", windows_folder)] {
        let beginning = path.get(..variable.len());
        if beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(variable)) {
            return format!("{value}{}", &path[variable.len()..]);
        }
    }
    path.into()
}

/// Whether a path lies on a drive with a letter: no server is waited for, nor shown who the agent is.
fn is_local(path: &str) -> bool {
    let mut characters = path.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.next() == Some(':')
        && characters.next() == Some('\\')
        && !path.split('\\').any(|part| part == "..")
}

/// Some values of each key below a key of a hive, and whether the hive was closed properly.
pub(super) fn below(source: impl ReadAt, path: &str, wanted: &[&str]) -> (Answer<Below>, bool) {
    let hive = match Hive::open(source) {
        Ok(hive) => hive,
        Err(fault) => return (Err(unread(&fault)), true),
    };
    let is_clean = hive.is_clean();
    let answer = match hive.key(path) {
        Ok(Some(key)) => Ok(gather(&hive, hive.keys(&key), wanted)),
        Ok(None) => Err(Unread::Absent),
        Err(fault) => Err(unread(&fault)),
    };
    (answer, is_clean)
}

fn gather<S: ReadAt>(
    hive: &Hive<S>,
    keys: Part<Vec<crate::parse::hive::Key>>,
    wanted: &[&str],
) -> Below {
    let mut below = Below::default();
    for key in &keys.found {
        let row = hive.values(key, wanted);
        for fault in row.faults {
            below.unread.push((key.name.clone(), unread(&fault)));
        }
        below.rows.push(row.found);
    }
    for fault in keys.faults {
        below.unread.push((String::new(), unread(&fault)));
    }
    below
}

fn unread(fault: &Fault) -> Unread {
    match fault {
        Fault::Read(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Unread::Denied
        }
        Fault::Read(error) if error.kind() == std::io::ErrorKind::NotFound => Unread::Absent,
        fault => Unread::Senseless {
            what: fault.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sid: &str, path: &str) -> Row {
        Row::named(sid).with("ProfileImagePath", path)
    }

    #[test]
    fn people_are_told_from_services() {
        let rows = [
            row("S-1-5-18", r"%systemroot%\system32\config\systemprofile"),
            row("S-1-5-21-1-2-3-1001", r"%SystemDrive%\Users\Jürgen"),
            row("S-1-5-21-1-2-3-1002.bak", r"D:\Users\会計"),
            row("S-1-12-1-9-9-9-9", r"C:\Users\anna.CONTOSO"),
        ];
        let people = people(&rows, r"C:\WINDOWS");
        let found: Vec<_> = people
            .iter()
            .map(|one| (one.sid.as_str(), one.name.as_str(), one.folder.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("S-1-5-21-1-2-3-1001", "Jürgen", r"C:\Users\Jürgen"),
                ("S-1-5-21-1-2-3-1002", "会計", r"D:\Users\会計"),
                ("S-1-12-1-9-9-9-9", "anna.CONTOSO", r"C:\Users\anna.CONTOSO"),
            ]
        );
        assert_eq!(name_of("S-1-5-21-9", &people), "S-1-5-21-9");
    }

    #[test]
    fn no_folder_leads_to_a_server_or_out_of_itself() {
        for path in [
            r"\\server\share\anna",
            r"\\?\C:\Users",
            "C:",
            "",
            r"C:\Users\..\x",
            "é:\\x",
        ] {
            let people = people(&[row("S-1-5-21-1", path)], r"C:\Windows");
            assert_eq!(people[0].folder, "", "{path}");
        }
    }
}
