//! Accounts as items of the section.

use std::time::SystemTime;

use freehold_proto::v1::{accounts::Account, toggle::State};
use prost_types::Timestamp;

use crate::{
    probe::{
        section::{self, Diagnostics},
        windows::{Edition, Machine, Source, edition, state, unread},
    },
    rows::{Row, Unread},
};

use super::settings::{self, Settings};

/// Flags of an account.
const DISABLED: u32 = 0x2;
const LOCKED: u32 = 0x10;
const NO_PASSWORD_REQUIRED: u32 = 0x20;
const NEVER_EXPIRES: u32 = 0x1_0000;
const EXPIRED: u32 = 0x80_0000;

/// The first number that accounts get which a person makes.
const FIRST: u32 = 1000;

/// An account that never expires.
const FOREVER: u32 = u32::MAX;

const DAY: i64 = 24 * 60 * 60;
const YEAR_1990: i64 = 631_152_000;
const MISSING: &str = "the local accounts are";

/// The accounts, ordered by identifier, then name; `None`, with a note, when they could not be listed. A
/// domain controller has none of its own.
pub(super) fn list(
    machine: &dyn Machine,
    settings: &Settings,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Account>> {
    if edition(machine) == Some(Edition::DomainController) {
        let reason =
            "a domain controller has no accounts of its own; those of the domain are not listed";
        diagnostics.remark(Source::Accounts, "", reason);
        return Some(Vec::new());
    }
    let rows = machine
        .list(&Source::Accounts)
        .inspect_err(|why| unread(Source::Accounts, why, MISSING, diagnostics))
        .ok()?;
    let reader = Reader {
        machine,
        settings,
        computer: computer(machine, &mut Diagnostics::new()),
        now: section::timestamp(SystemTime::now()).seconds,
    };
    let mut accounts: Vec<_> = rows
        .iter()
        .filter(|row| !row.text("Name").is_empty())
        .map(|row| (row.number::<u32>("Rid"), reader.account(row, diagnostics)))
        .collect();
    accounts.sort_by(|(a, x), (b, y)| (a, &x.name).cmp(&(b, &y.name)));
    Some(accounts.into_iter().map(|(_, account)| account).collect())
}

/// The identifier of this computer, below which those of its accounts stand; `None`, with a note, when it
/// is not known.
pub(super) fn computer(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Option<String> {
    let rows = machine.list(&Source::Computer).and_then(|rows| {
        let sid = rows.first().map(|row| row.text("Sid").to_owned());
        sid.filter(|sid| !sid.is_empty()).ok_or(Unread::Absent)
    });
    rows.inspect_err(|why| {
        let missing = "which accounts are this computer's own is";
        unread(Source::Computer, why, missing, diagnostics);
    })
    .ok()
}

struct Reader<'a> {
    machine: &'a dyn Machine,
    settings: &'a Settings,
    computer: Option<String>,
    /// Seconds since 1970.
    now: i64,
}

impl Reader<'_> {
    fn account(&self, row: &Row, diagnostics: &mut Diagnostics) -> Account {
        let flags: Option<u32> = row.number("Flags");
        let has = |flag: u32| flags.map(|flags| flags & flag != 0);
        let not = |flag: u32| has(flag).map(|has| !has);
        let rid: Option<u32> = row.number("Rid");
        let id = match (rid, &self.computer) {
            (Some(rid), Some(computer)) => format!("{computer}-{rid}"),
            _ => String::new(),
        };
        let mut fit =
            |name: &str| diagnostics.fit(Source::Accounts, name, row.text(name).to_owned());
        let (name, full_name, own_home) = (fit("Name"), fit("FullName"), fit("Home"));
        let profile = diagnostics.fit(Source::Accounts, "Home", settings::home(self.machine, &id));
        let old = row.flag("PasswordExpired").or(has(EXPIRED));
        Account {
            full_name,
            primary_group_id: String::new(),
            created_at: None,
            enabled: state(not(DISABLED)).into(),
            locked: state(has(LOCKED)).into(),
            // Nothing tells but an attempt to sign in.
            password_set: State::Unknown.into(),
            password_required: state(not(NO_PASSWORD_REQUIRED)).into(),
            password_changed_at: self.password_changed(row),
            password_never_expires: state(has(NEVER_EXPIRES)).into(),
            expires_at: expires(row),
            last_sign_in_at: last_sign_in(row),
            interactive: state(not(DISABLED)).into(),
            shell: String::new(),
            home: if profile.is_empty() {
                own_home
            } else {
                profile
            },
            built_in: state(rid.map(|rid| rid < FIRST)).into(),
            hidden: self.settings.hidden(&name).into(),
            managed_by: self.settings.managed_by(&id, &name).into(),
            source: Source::Accounts.to_string(),
            password_expired: state(old).into(),
            id,
            name,
        }
    }

    /// The day on which the password was changed: Windows tells its age in seconds, from which the same second
    /// never follows twice.
    fn password_changed(&self, row: &Row) -> Option<Timestamp> {
        let age: u32 = row.number("PasswordAge")?;
        let at = self.now - i64::from(age);
        // An age of nothing is also that of a password that has to be changed, or never was set.
        let is_known = age > 0 && at > YEAR_1990;
        is_known.then(|| section::seconds(at / DAY * DAY))
    }
}

/// The day of the last sign-in that this computer checked by itself; none where it never did.
fn last_sign_in(row: &Row) -> Option<Timestamp> {
    let at: u32 = row.number("LastSignIn")?;
    (at != 0).then(|| section::seconds(i64::from(at) / DAY * DAY))
}

fn expires(row: &Row) -> Option<Timestamp> {
    let at: u32 = row.number("Expires")?;
    (at != FOREVER && at != 0).then(|| section::seconds(at.into()))
}
