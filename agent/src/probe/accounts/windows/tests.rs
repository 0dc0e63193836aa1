//! Rows are written from Microsoft's documentation of `USER_INFO_3`, `LOCALGROUP_MEMBERS_INFO_2` and
//! `SID_NAME_USE`.

use freehold_proto::v1::{
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle::State,
};

use super::*;
use crate::{
    probe::windows::{Source, fake::Fake},
    rows::{Answer, Row, Unread},
};

const OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
const PC: &str = "S-1-5-21-1111-2222-3333";
const DOMAIN: &str = "S-1-5-21-7777-8888-9999";

fn member(sid: &str, usage: u32, name: &str) -> Row {
    Row::of([("Sid", sid), ("Name", name)]).with("Use", usage)
}

fn own(rid: u32, usage: u32, name: &str) -> Row {
    member(
        &format!("{PC}-{rid}"),
        usage,
        &format!(r"PC-EMPFANG\{name}"),
    )
}

fn account(name: &str, rid: u32, flags: u32) -> Row {
    Row::of([("Name", name)])
        .with("Rid", rid)
        .with("Flags", flags)
        .with("Expires", u32::MAX)
        .with("PasswordAge", 864_000_u32)
        .with("PasswordExpired", 0_u32)
}

/// With a group of this identifier and name.
fn group(machine: Fake, sid: &str, name: &str, members: Answer<Vec<Row>>) -> Fake {
    machine
        .list(Source::Sid(sid.into()), Ok(vec![Row::of([("Name", name)])]))
        .list(Source::Name(name.into()), Ok(vec![Row::of([("Sid", sid)])]))
        .list(Source::Members(name.into()), members)
}

fn groups(machine: Fake, names: &[&str]) -> Fake {
    let rows = names
        .iter()
        .map(|name| Row::of([("Name", *name)]))
        .collect();
    machine.list(Source::Groups, Ok(rows))
}

fn client(administrators: &str, members: Vec<Row>) -> Fake {
    let machine = Fake::new()
        .key(OPTIONS, [("ProductType", "WinNT")])
        .list(Source::Computer, Ok(vec![Row::of([("Sid", PC)])]))
        .list(
            Source::Accounts,
            Ok(vec![
                account("Administrator", 500, 0x1_0202),
                account("anna", 1001, 0x200).with("LastSignIn", 1_730_000_000_u32),
            ]),
        );
    groups(
        group(machine, "S-1-5-32-544", administrators, Ok(members)),
        &[administrators],
    )
}

fn of<'a>(section: &'a Accounts, principal: &str) -> Vec<&'a Privilege> {
    let all = section.privileges.iter();
    all.filter(|privilege| privilege.principal == principal)
        .collect()
}

#[test]
fn administrators_are_found_whatever_their_group_is_called() {
    for name in [
        "Administrators",
        "Administratoren",
        "Administrateurs",
        "管理者グループ",
    ] {
        let section = read(&client(
            name,
            vec![own(500, 1, "Administrator"), own(1001, 1, "anna")],
        ));
        assert_eq!(
            section.status(),
            Status::Complete,
            "{:?}",
            section.diagnostics
        );
        let anna = of(&section, "anna");
        assert_eq!(anna.len(), 1, "{name}");
        assert_eq!(anna[0].principal_kind(), PrincipalKind::LocalUser);
        assert_eq!(anna[0].mechanism(), Mechanism::AdminGroup);
        assert_eq!(anna[0].full_control(), State::On);
        assert_eq!(anna[0].path, [format!("group {name}")]);
        assert_eq!(anna[0].principal_id, format!("{PC}-1001"));
        assert_eq!(
            of(&section, "Administrator")[0].conditions,
            ["the account is disabled"]
        );
        assert_eq!(section.groups[0].members, ["Administrator", "anna"]);
    }
}

#[test]
fn accounts_tell_their_flags_and_what_windows_hides_is_unknown() {
    let section = read(&client("Administratoren", vec![]));
    let [administrator, anna] = section.accounts.as_slice() else {
        panic!("{:?}", section.accounts);
    };
    assert_eq!(administrator.id, format!("{PC}-500"));
    assert_eq!(administrator.enabled(), State::Off);
    assert_eq!(administrator.built_in(), State::On);
    assert_eq!(administrator.password_never_expires(), State::On);
    assert_eq!((anna.enabled(), anna.built_in()), (State::On, State::Off));
    assert_eq!(anna.password_set(), State::Unknown);
    assert_eq!(anna.password_required(), State::On);
    assert_eq!(anna.expires_at, None);
    assert_eq!(anna.last_sign_in_at.unwrap().seconds, 1_729_987_200);
    assert_eq!(administrator.last_sign_in_at, None);
    let day = anna.password_changed_at.unwrap().seconds;
    assert_eq!(day % 86_400, 0);
    let silent = Row::of([("Name", "x")]);
    let machine = client("A", vec![]).list(Source::Accounts, Ok(vec![silent]));
    let account = &read(&machine).accounts[0];
    assert_eq!(account.enabled(), State::Unknown);
    assert_eq!(account.password_never_expires(), State::Unknown);
    assert_eq!(account.password_changed_at, None);
}

#[test]
fn domain_entra_and_orphaned_members_are_kept() {
    let section = read(&client(
        "Administratoren",
        vec![
            member(&format!("{DOMAIN}-512"), 2, r"PRAXIS\Domänen-Admins"),
            member(&format!("{DOMAIN}-1105"), 1, r"PRAXIS\müller"),
            member("S-1-12-1-111-222-333-444", 8, ""),
            member("S-1-12-1-5-6-7-8", 1, r"AzureAD\AnnaSchmidt"),
            member("S-1-5-21-5-5-5-1234", 8, ""),
        ],
    ));
    let kind = |principal: &str| of(&section, principal)[0].principal_kind();
    assert_eq!(kind(r"PRAXIS\Domänen-Admins"), PrincipalKind::DomainGroup);
    assert_eq!(kind(r"PRAXIS\müller"), PrincipalKind::DomainUser);
    assert_eq!(kind("S-1-12-1-111-222-333-444"), PrincipalKind::EntraObject);
    assert_eq!(kind(r"AzureAD\AnnaSchmidt"), PrincipalKind::EntraObject);
    assert_eq!(kind("S-1-5-21-5-5-5-1234"), PrincipalKind::Orphaned);
    assert_eq!(section.privileges.len(), 5);
    assert_eq!(section.status(), Status::Complete);
}

#[test]
fn groups_in_groups_are_followed_to_the_people_and_circles_end() {
    let help = member(&format!("{PC}-1010"), 4, r"PC-EMPFANG\Hilfe");
    let inner = vec![
        own(1001, 1, "anna"),
        member("S-1-5-32-544", 4, r"VORDEFINIERT\Administratoren"),
    ];
    let machine = group(
        client("Administratoren", vec![help]),
        &format!("{PC}-1010"),
        "Hilfe",
        Ok(inner),
    );
    let section = read(&groups(machine, &["Administratoren", "Hilfe"]));
    let anna = of(&section, "anna");
    assert_eq!(anna[0].path, ["group Hilfe", "group Administratoren"]);
    assert_eq!(
        of(&section, "Hilfe")[0].principal_kind(),
        PrincipalKind::LocalGroup
    );
    assert!(section.privileges.len() < 6, "{:?}", section.privileges);
}

#[test]
fn groups_that_amount_to_administrators_say_why() {
    let machine = client("Administrators", vec![]);
    let machine = group(
        machine,
        "S-1-5-32-551",
        "Sicherungs-Operatoren",
        Ok(vec![own(1001, 1, "anna")]),
    );
    let machine = group(
        machine,
        &format!("{PC}-1020"),
        "docker-users",
        Ok(vec![own(1001, 1, "anna")]),
    );
    let machine = group(
        machine,
        "S-1-5-32-549",
        "Server-Operatoren",
        Ok(vec![own(1001, 1, "anna")]),
    );
    let section = read(&groups(machine, &["Administrators", "docker-users"]));
    let anna = of(&section, "anna");
    assert_eq!(anna.len(), 2, "{anna:?}");
    for privilege in anna {
        assert_eq!(privilege.mechanism(), Mechanism::RootEquivalentGroup);
        assert!(privilege.scope.starts_with("everything: "));
    }
}

#[test]
fn a_domain_controller_lists_who_rules_it_and_never_the_directory() {
    let directory = || panic!("the directory was walked");
    let ruling = member(&format!("{DOMAIN}-512"), 2, r"PRAXIS\Domänen-Admins");
    let other = member(&format!("{DOMAIN}-513"), 2, r"PRAXIS\Domänen-Benutzer");
    let machine = Fake::new()
        .key(OPTIONS, [("ProductType", "LanmanNT")])
        .list(Source::Computer, Ok(vec![Row::of([("Sid", DOMAIN)])]))
        .list(
            Source::DomainMembers("Domänen-Admins".into()),
            Ok(vec![Row::of([("Name", "chef")])]),
        )
        .list(
            Source::Name(r"PRAXIS\chef".into()),
            Ok(vec![member(&format!("{DOMAIN}-1200"), 1, "chef")]),
        );
    let machine = group(
        machine,
        "S-1-5-32-544",
        "Administratoren",
        Ok(vec![ruling, other]),
    );
    let section = read(&Guarded(machine, directory));
    assert_eq!(
        section.status(),
        Status::Complete,
        "{:?}",
        section.diagnostics
    );
    assert!(section.accounts.is_empty());
    let chef = of(&section, r"PRAXIS\chef");
    assert_eq!(chef[0].principal_kind(), PrincipalKind::DomainUser);
    assert_eq!(
        chef[0].path,
        [r"group PRAXIS\Domänen-Admins", "group Administratoren"]
    );
    assert_eq!(of(&section, r"PRAXIS\Domänen-Benutzer").len(), 1);
    assert_eq!(section.diagnostics.len(), 1);
}

/// A domain controller that fails a test which lists its accounts or groups.
struct Guarded(Fake, fn());

impl Machine for Guarded {
    fn key(&self, path: &str) -> Answer<Row> {
        Machine::key(&self.0, path)
    }
    fn below(&self, path: &str, wanted: &[&str]) -> Answer<crate::rows::Below> {
        self.0.below(path, wanted)
    }
    fn query(&self, query: &crate::rows::Query) -> Answer<Vec<Row>> {
        self.0.query(query)
    }
    fn list(&self, source: &Source) -> Answer<Vec<Row>> {
        let walks = match source {
            Source::Accounts | Source::Groups => true,
            Source::DomainMembers(name) => name == "Domänen-Benutzer",
            _ => false,
        };
        if walks {
            self.1();
        }
        Machine::list(&self.0, source)
    }
}

#[test]
fn members_that_are_told_by_name_alone_are_looked_up() {
    let machine = client(
        "Administrators",
        vec![Row::of([("Name", r"PC-EMPFANG\anna")])],
    )
    .list(
        Source::Name(r"PC-EMPFANG\anna".into()),
        Ok(vec![own(1001, 1, "anna")]),
    );
    let section = read(&machine);
    assert_eq!(
        of(&section, "anna")[0].principal_kind(),
        PrincipalKind::LocalUser
    );
    let nameless = client("Administrators", vec![Row::of([("Name", r"X\gone")])]);
    let section = read(&nameless);
    assert_eq!(
        of(&section, r"X\gone")[0].principal_kind(),
        PrincipalKind::Unspecified
    );
}

#[test]
fn a_closed_group_is_named_and_no_administrators_is_never_complete() {
    let machine = client("Administratoren", vec![]).list(
        Source::Members("Administratoren".into()),
        Err(Unread::Denied),
    );
    let section = read(&machine);
    assert_eq!(section.status(), Status::Partial);
    assert!(
        section.diagnostics[0]
            .reason
            .contains("members of the group Administratoren")
    );
    let unnamed = client("Administratoren", vec![])
        .list(Source::Groups, Err(Unread::Failed { code: 1722 }))
        .list(Source::Sid("S-1-5-32-544".into()), Err(Unread::Denied));
    let section = read(&unnamed);
    assert_eq!(section.status(), Status::Partial);
    assert_eq!(section.diagnostics.len(), 2, "{:?}", section.diagnostics);
}

#[test]
fn a_computer_without_any_administrator_is_not_believed() {
    let section = read(&client("Administratoren", vec![]));
    assert_eq!(section.status(), Status::Partial);
    let reason = &section.diagnostics[0].reason;
    assert!(reason.contains("nobody is an administrator"), "{reason}");
}

#[test]
fn without_any_source_it_is_unreadable() {
    let section = read(&Fake::new());
    assert_eq!(section.status(), Status::Unreadable);
    assert!(section.accounts.is_empty() && section.privileges.is_empty());
}

#[test]
fn keys_that_open_every_administrators_account_are_told_by_fingerprint() {
    let file = b"# office\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g anna@office\nnonsense\n";
    let row = Row::default().with("Bytes", crate::rows::Value::Bytes(file.to_vec()));
    let machine = client("Administrators", vec![])
        .service("sshd", "OpenSSH SSH Server", 4, 2)
        .list(
            Source::File(r"%ProgramData%\ssh\administrators_authorized_keys".into()),
            Ok(vec![row]),
        );
    let section = read(&machine);
    assert_eq!(section.authorized_keys.len(), 1);
    let key = &section.authorized_keys[0];
    assert_eq!((key.account.as_str(), key.line), ("Administrators", 2));
    assert!(key.fingerprint.starts_with("SHA256:"));
    assert_eq!(section.status(), Status::Partial);
}

#[test]
fn hostile_names_stay_as_they_are_and_fit() {
    let long = "x".repeat(10_000);
    let evil = "=cmd|'\u{202e}<script>\n";
    let section = read(&client(
        "Administrators",
        vec![own(1001, 1, evil), own(1002, 1, &long)],
    ));
    assert_eq!(of(&section, evil.trim()).len(), 1);
    assert!(
        section
            .privileges
            .iter()
            .all(|it| it.principal.len() <= 4096)
    );
}
