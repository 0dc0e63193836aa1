//! People, and who of them can administer the computer.

use freehold_proto::v1::{
    Accounts, Diagnostic,
    accounts::{
        Account, Group, Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle::State,
};

use super::{Condition, state};
use crate::demo::catalogue::Quirk;

const ADMINISTRATORS: &str = "Administrators";

pub(super) fn of(condition: &Condition) -> Accounts {
    let status = if condition.accounts_partial {
        Status::Partial
    } else {
        Status::Complete
    };
    let unread = condition.accounts_partial.then(|| Diagnostic {
        source: "local accounts".into(),
        position: "Administrators".into(),
        reason: "a member could not be resolved: the domain is out of reach".into(),
        ..Diagnostic::default()
    });
    let mut section = if condition.is_windows() {
        windows(condition)
    } else {
        linux(condition)
    };
    section.status = status.into();
    section.diagnostics = unread.into_iter().collect();
    section
}

fn windows(condition: &Condition) -> Accounts {
    let source = "Win32_UserAccount";
    let mut names: Vec<&str> = condition.administrators.iter().copied().collect();
    let user = condition.computer.user;
    if !user.is_empty() && !names.contains(&user) {
        names.push(user);
    }
    let built_in = Account {
        name: "Administrator".into(),
        id: sid(condition, 500),
        enabled: State::Off.into(),
        built_in: State::On.into(),
        source: source.into(),
        ..Account::default()
    };
    let own = names.iter().map(|name| Account {
        name: (*name).into(),
        id: sid(condition, number_of(name)),
        enabled: State::On.into(),
        locked: State::Off.into(),
        password_required: state(!condition.blank.contains(name)).into(),
        password_never_expires: state(never_expires(condition, name)).into(),
        interactive: State::On.into(),
        built_in: State::Off.into(),
        source: source.into(),
        ..Account::default()
    });
    let privileges = condition.administrators.iter().map(|name| Privilege {
        principal: (*name).into(),
        principal_kind: PrincipalKind::LocalUser.into(),
        principal_id: sid(condition, number_of(name)),
        mechanism: Mechanism::AdminGroup.into(),
        path: vec![format!("group {ADMINISTRATORS}")],
        scope: "everything".into(),
        source: "Win32_GroupUser".into(),
        full_control: State::On.into(),
        ..Privilege::default()
    });
    Accounts {
        accounts: std::iter::once(built_in).chain(own).collect(),
        groups: vec![group(
            condition,
            ADMINISTRATORS,
            "S-1-5-32-544",
            "Win32_GroupUser",
        )],
        privileges: privileges.collect(),
        ..Accounts::default()
    }
}

fn never_expires(condition: &Condition, name: &'static str) -> bool {
    condition.has(Quirk::PasswordNeverExpires(name))
}

/// A number that an account keeps whoever else comes.
fn number_of(name: &str) -> u32 {
    1001 + name.bytes().map(u32::from).sum::<u32>() % 900
}

fn sid(condition: &Condition, number: u32) -> String {
    let domain = condition.number("security identifier", 4);
    let domain = u32::from_str_radix(&domain, 16).unwrap_or(1);
    format!("S-1-5-21-{domain}-{}-{}-{number}", domain / 3, domain / 7)
}

fn linux(condition: &Condition) -> Accounts {
    let sudoers: Vec<&str> = condition.administrators.iter().copied().collect();
    let in_docker = condition
        .computer
        .quirks
        .iter()
        .find_map(|quirk| match quirk {
            Quirk::InDocker(name) => Some(*name),
            _ => None,
        });
    let user = Some(condition.computer.user).filter(|user| !user.is_empty());
    let people = sudoers.iter().copied().filter(|name| *name != "root");
    let people = people.chain(in_docker).chain(user);
    let accounts = std::iter::once(account("root", 0, "/root"))
        .chain(people.zip(1000..).map(|(name, id)| account(name, id, "")));
    let mut privileges: Vec<Privilege> = sudoers.iter().map(|name| sudo(condition, name)).collect();
    privileges.extend(in_docker.map(|name| Privilege {
        mechanism: Mechanism::RootEquivalentGroup.into(),
        path: vec!["group docker".into()],
        scope: "everything: starts containers that have the whole disk".into(),
        source: "/etc/group".into(),
        ..person(name)
    }));
    let docker = in_docker.map(|name| Group {
        name: "docker".into(),
        id: "999".into(),
        members: vec![name.into()],
        source: "/etc/group".into(),
    });
    Accounts {
        accounts: accounts.collect(),
        groups: std::iter::once(group(condition, "sudo", "27", "/etc/group"))
            .chain(docker)
            .collect(),
        privileges,
        ..Accounts::default()
    }
}

fn sudo(condition: &Condition, name: &str) -> Privilege {
    if name == "root" {
        return Privilege {
            principal_id: "0".into(),
            mechanism: Mechanism::UidZero.into(),
            source: "/etc/passwd".into(),
            line: Some(1),
            ..person(name)
        };
    }
    let conditions = condition.has(Quirk::NoPasswordForSudo);
    Privilege {
        mechanism: Mechanism::Sudo.into(),
        path: vec!["group sudo".into(), "sudoers".into()],
        conditions: conditions
            .then(|| "without password".to_owned())
            .into_iter()
            .collect(),
        source: "/etc/sudoers".into(),
        line: Some(50),
        ..person(name)
    }
}

fn person(name: &str) -> Privilege {
    Privilege {
        principal: name.into(),
        principal_kind: PrincipalKind::LocalUser.into(),
        scope: "everything".into(),
        full_control: State::On.into(),
        ..Privilege::default()
    }
}

fn account(name: &str, id: u32, home: &str) -> Account {
    Account {
        name: name.into(),
        id: id.to_string(),
        enabled: State::On.into(),
        password_set: state(id != 0).into(),
        locked: state(id == 0).into(),
        interactive: State::On.into(),
        shell: "/bin/bash".into(),
        home: if home.is_empty() {
            format!("/home/{name}")
        } else {
            home.into()
        },
        built_in: state(id == 0).into(),
        source: "/etc/passwd".into(),
        ..Account::default()
    }
}

fn group(condition: &Condition, name: &str, id: &str, source: &str) -> Group {
    let members = condition.administrators.iter();
    let members = members.filter(|member| **member != "root");
    Group {
        name: name.into(),
        id: id.into(),
        members: members.map(|member| (*member).to_owned()).collect(),
        source: source.into(),
    }
}
