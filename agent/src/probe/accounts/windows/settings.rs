//! What the registry says of accounts: who signs in by itself, who is hidden, whose password is managed, and
//! where their folders are.

use freehold_proto::v1::toggle::State;

use crate::probe::{
    section::Diagnostics,
    windows::{Machine, optional_key, state},
};

use super::sid;

const WINLOGON: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon";
const HIDDEN: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\SpecialAccounts\UserList";
const PROFILES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";

/// Where LAPS is set up: by Intune, by group policy, on the computer itself; the first that says where the
/// password goes counts.
const LAPS: [&str; 3] = [
    r"HKLM\SOFTWARE\Microsoft\Policies\LAPS",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\LAPS",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\LAPS\Config",
];
const OLD_LAPS: &str = r"HKLM\SOFTWARE\Policies\Microsoft Services\AdmPwd";

/// The number of the account that Windows is installed with.
const ADMINISTRATOR: u32 = 500;

/// What the registry says of accounts.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Who signs in when the computer starts, in small letters.
    autologon: Option<Autologon>,
    /// Accounts kept off the sign-in screen, in small letters; absent when that could not be read.
    hidden: Option<Vec<String>>,
    laps: Option<Laps>,
}

#[derive(Debug)]
struct Autologon {
    account: String,
    /// Its password stands in the registry.
    readable: bool,
}

/// Whose password LAPS changes.
#[derive(Debug, PartialEq, Eq)]
enum Laps {
    BuiltIn,
    Named(String),
}

impl Settings {
    pub(super) fn read(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Self {
        Self {
            autologon: autologon(machine, diagnostics),
            hidden: hidden(machine, diagnostics),
            laps: laps(machine, diagnostics),
        }
    }

    /// Whether an account is kept off the sign-in screen.
    pub(super) fn hidden(&self, name: &str) -> State {
        let hidden = self.hidden.as_ref();
        state(hidden.map(|hidden| hidden.contains(&name.to_lowercase())))
    }

    /// What manages the password of an account; empty when nothing does.
    pub(super) fn managed_by(&self, id: &str, name: &str) -> &'static str {
        let managed = match &self.laps {
            None => false,
            Some(Laps::BuiltIn) => sid::relative(id) == Some(ADMINISTRATOR),
            Some(Laps::Named(own)) => *own == name.to_lowercase(),
        };
        if managed { "LAPS" } else { "" }
    }

    /// What is special about how an account signs in.
    pub(super) fn conditions(&self, name: &str) -> Vec<String> {
        let Some(autologon) = &self.autologon else {
            return Vec::new();
        };
        if autologon.account != name.to_lowercase() {
            return Vec::new();
        }
        let mut conditions = vec!["signs in by itself when the computer starts".to_owned()];
        if autologon.readable {
            conditions.push("its password stands readable in the registry".into());
        }
        conditions
    }
}

/// The folder of an account's profile; empty when it never signed in.
pub(super) fn home(machine: &dyn Machine, sid: &str) -> String {
    let path = format!(r"{PROFILES}\{sid}");
    let key = machine.key(&path).unwrap_or_default();
    key.text("ProfileImagePath").to_owned()
}

fn autologon(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Option<Autologon> {
    let missing = "whether an account signs in by itself is";
    let key = optional_key(machine, WINLOGON, missing, diagnostics)?;
    let account = key.text("DefaultUserName").to_lowercase();
    let is_on = key.number::<u32>("AutoAdminLogon") == Some(1) && !account.is_empty();
    let readable = key.value("DefaultPassword").is_some();
    if is_on && readable {
        let reason =
            "holds the password of the account that signs in by itself, readable by every account";
        diagnostics.remark(WINLOGON, "DefaultPassword", reason);
    }
    is_on.then_some(Autologon { account, readable })
}

fn hidden(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let missing = "which accounts are hidden is";
    let key = optional_key(machine, HIDDEN, missing, diagnostics)?;
    let names = key
        .values()
        .filter(|(name, _)| key.number::<u32>(name) == Some(0))
        .map(|(name, _)| name.to_lowercase());
    Some(names.collect())
}

fn laps(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Option<Laps> {
    let missing = "whose password is managed is";
    for path in LAPS {
        let key = optional_key(machine, path, missing, diagnostics)?;
        // 1: to Entra ID, 2: to Active Directory, 0: nowhere.
        match key.number::<u32>("BackupDirectory") {
            Some(1 | 2) => return Some(whose(key.text("AdministratorAccountName"))),
            Some(_) => return None,
            None => {}
        }
    }
    let key = optional_key(machine, OLD_LAPS, missing, diagnostics)?;
    (key.number::<u32>("AdmPwdEnabled") == Some(1)).then(|| whose(key.text("AdminAccountName")))
}

fn whose(name: &str) -> Laps {
    if name.is_empty() {
        Laps::BuiltIn
    } else {
        Laps::Named(name.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        probe::windows::fake::Fake,
        rows::{Unread, Value},
    };

    fn settings(machine: &Fake) -> Settings {
        Settings::read(machine, &mut Diagnostics::new())
    }

    #[test]
    fn laps_manages_the_built_in_account_unless_it_names_another() {
        let machine = Fake::new().key(LAPS[1], [("BackupDirectory", 2_u32)]);
        let built_in = settings(&machine);
        assert_eq!(built_in.managed_by("S-1-5-21-1-2-3-500", "Chef"), "LAPS");
        assert_eq!(built_in.managed_by("S-1-5-21-1-2-3-1001", "anna"), "");
        let machine = machine.key(LAPS[1], [("AdministratorAccountName", "Wartung")]);
        assert_eq!(
            settings(&machine).managed_by("S-1-5-21-1-2-3-1001", "WARTUNG"),
            "LAPS"
        );
        let old = Fake::new().key(OLD_LAPS, [("AdmPwdEnabled", 1_u32)]);
        assert_eq!(settings(&old).managed_by("S-1-5-21-1-2-3-500", "x"), "LAPS");
        let off = Fake::new().key(LAPS[0], [("BackupDirectory", 0_u32)]);
        assert_eq!(settings(&off).managed_by("S-1-5-21-1-2-3-500", "x"), "");
    }

    #[test]
    fn an_account_that_signs_in_by_itself_is_told_and_its_password_never() {
        let machine = Fake::new().key(
            WINLOGON,
            [
                ("AutoAdminLogon", "1"),
                ("DefaultUserName", "Kasse"),
                ("DefaultPassword", "geheim123"),
            ],
        );
        let mut diagnostics = Diagnostics::new();
        let settings = Settings::read(&machine, &mut diagnostics);
        assert_eq!(settings.conditions("kasse").len(), 2);
        assert!(settings.conditions("other").is_empty());
        let off = Fake::new().key(
            WINLOGON,
            [("AutoAdminLogon", "0"), ("DefaultUserName", "Kasse")],
        );
        assert!(self::settings(&off).conditions("kasse").is_empty());
        let all = format!("{:?} {settings:?}", diagnostics.finish());
        assert!(!all.contains("geheim123"));
    }

    #[test]
    fn hidden_accounts_are_those_with_a_zero_and_unknown_when_closed() {
        let machine = Fake::new().key(HIDDEN, [("Wartung", 0_u32), ("Anna", 1)]);
        let open = settings(&machine);
        assert_eq!(open.hidden("wartung"), State::On);
        assert_eq!(open.hidden("Anna"), State::Off);
        let closed = Fake::new().broken_key(HIDDEN, Unread::Denied);
        assert_eq!(settings(&closed).hidden("Anna"), State::Unknown);
        let odd = Fake::new().key(HIDDEN, [("X", Value::Bytes(vec![0]))]);
        assert_eq!(settings(&odd).hidden("X"), State::Off);
    }
}
