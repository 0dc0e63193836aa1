//! Where the rights of a machine's administrators come from: places that only a look at the machine
//! tells, such as an administrator's home folder or a file that sudoers includes.

use std::{collections::BTreeSet, path::PathBuf};

use freehold_proto::v1::{Accounts, accounts::privilege::PrincipalKind, section::Kind};

use super::{Place, Subject};

/// Most places of this kind: more administrators than any machine should have.
const PLACES: usize = 256;

const ACCOUNTS: Subject = Subject::Section(Kind::Accounts);

/// The folders of keys of everyone who is an administrator, and each file that gives a right.
pub(crate) fn places(accounts: &Accounts) -> Vec<Place> {
    let folders = key_folders(accounts).into_iter();
    let folders = folders.map(|folder| Place::folder(folder, ACCOUNTS));
    let files = sources(accounts).into_iter();
    let files = files.filter_map(|file| Place::file(&file, ACCOUNTS));
    folders.chain(files).take(PLACES).collect()
}

fn key_folders(accounts: &Accounts) -> BTreeSet<PathBuf> {
    let principals: BTreeSet<&str> = accounts
        .privileges
        .iter()
        .filter(|privilege| privilege.principal_kind() != PrincipalKind::LocalGroup)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    let administrators = accounts
        .accounts
        .iter()
        .filter(|account| principals.contains(account.name.as_str()));
    administrators
        .filter(|account| account.home.starts_with('/') && account.home.len() > 1)
        .map(|account| PathBuf::from(&account.home).join(".ssh"))
        .collect()
}

fn sources(accounts: &Accounts) -> BTreeSet<PathBuf> {
    let rights = accounts.privileges.iter().map(|it| it.source.as_str());
    let keys = accounts.authorized_keys.iter().map(|it| it.source.as_str());
    rights
        .chain(keys)
        .filter(|source| source.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use freehold_proto::v1::accounts::{Account, Privilege};

    use super::*;

    fn account(name: &str, home: &str) -> Account {
        Account {
            name: name.to_owned(),
            home: home.to_owned(),
            ..Account::default()
        }
    }

    #[test]
    fn the_keys_of_administrators_and_included_files_are_followed_and_nobody_elses() {
        let accounts = Accounts {
            accounts: vec![account("anna", "/home/anna"), account("ben", "/home/ben")],
            privileges: vec![Privilege {
                principal: "anna".to_owned(),
                source: "/opt/rules/anna".to_owned(),
                ..Privilege::default()
            }],
            ..Accounts::default()
        };
        let places = places(&accounts);
        let directories: Vec<_> = places.iter().map(|place| &*place.directory).collect();
        assert_eq!(
            directories,
            [Path::new("/home/anna/.ssh"), Path::new("/opt/rules")]
        );
        assert!(places[1].concerns(Some(b"anna")) && !places[1].concerns(Some(b"other")));
    }

    #[test]
    fn a_group_with_the_name_of_an_account_is_not_that_account() {
        let accounts = Accounts {
            accounts: vec![account("backup", "/home/backup")],
            privileges: vec![Privilege {
                principal: "backup".to_owned(),
                principal_kind: PrincipalKind::LocalGroup.into(),
                ..Privilege::default()
            }],
            ..Accounts::default()
        };
        assert_eq!(places(&accounts), []);
    }

    #[test]
    fn a_machine_full_of_administrators_does_not_use_up_the_watches() {
        let name = |number: usize| format!("admin{number}");
        let accounts = Accounts {
            accounts: (0..5000)
                .map(|number| account(&name(number), &format!("/home/{number}")))
                .collect(),
            privileges: (0..5000)
                .map(|number| Privilege {
                    principal: name(number),
                    ..Privilege::default()
                })
                .collect(),
            ..Accounts::default()
        };
        assert_eq!(places(&accounts).len(), PLACES);
    }
}
