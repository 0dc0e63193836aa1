//! All rules: one list, and a file for each family of them.

mod accounts;
mod antivirus;
mod backup;
mod claims;
mod hardware;
mod presence;
mod protection;
mod remote;
mod software;
mod system;
mod updates;

use freehold_proto::v1::{OperatingSystem, section::Kind};

use super::{Compares, Look, Rule, Verdict, Words, text};
use crate::{clock::UnixMillis, store::record::FindingSeverity};

use FindingSeverity::{ActNow, Know, Plan, Unknown};

const ANTIVIRUS: &[Kind] = &[Kind::Antivirus];
const ACCOUNTS: &[Kind] = &[Kind::Accounts];
const EVERYDAY: &[Kind] = &[Kind::Accounts, Kind::System];
const HARDWARE: &[Kind] = &[Kind::Hardware];
const SYSTEM: &[Kind] = &[Kind::System];
const PROTECTION: &[Kind] = &[Kind::Protection];
const PORTABLE: &[Kind] = &[Kind::Protection, Kind::System];
const SERVER: &[Kind] = &[Kind::Protection, Kind::Services, Kind::System];
const PROGRAMS: &[Kind] = &[Kind::Protection, Kind::Software, Kind::Services];
const SOFTWARE: &[Kind] = &[Kind::Software];
const DATABASE: &[Kind] = &[Kind::Services, Kind::System];
const EVERYTHING: &[Kind] = &freehold_agent::probe::KINDS;
/// What the collector sees of a machine by itself, whatever is shared of its sections.
const SEEN: &[Kind] = &[];

/// Every rule. The order is that of the page where findings are equally serious.
#[rustfmt::skip]
pub static RULES: &[Rule] = &[
    one("waiting", Plan, SEEN, &text::WAITING, presence::waiting),
    one("no-antivirus", ActNow, ANTIVIRUS, &text::NO_ANTIVIRUS, antivirus::none),
    one("new-computer-without-antivirus", ActNow, ANTIVIRUS, &text::NEW_WITHOUT_ANTIVIRUS, antivirus::none_on_new)
        .telling_of_others(Compares::Else("no-antivirus")),
    one("antivirus-off", ActNow, ANTIVIRUS, &text::ANTIVIRUS_OFF, antivirus::off),
    one("antivirus-passive", Plan, ANTIVIRUS, &text::ANTIVIRUS_PASSIVE, antivirus::passive),
    one("antivirus-on-demand", Plan, ANTIVIRUS, &text::ANTIVIRUS_ON_DEMAND, antivirus::on_demand),
    one("antivirus-not-watching", Plan, ANTIVIRUS, &text::ANTIVIRUS_NOT_WATCHING, antivirus::not_watching),
    one("antivirus-outdated", Plan, ANTIVIRUS, &text::ANTIVIRUS_OUTDATED, antivirus::outdated),
    one("antivirus-licence", Plan, ANTIVIRUS, &text::ANTIVIRUS_LICENCE, antivirus::licence),
    one("two-antiviruses", Plan, ANTIVIRUS, &text::TWO_ANTIVIRUSES, antivirus::two),
    one("antivirus-may-not-watch", Unknown, ANTIVIRUS, &text::ANTIVIRUS_MAY_NOT_WATCH, antivirus::may_not_watch),
    one("antivirus-state-unknown", Unknown, ANTIVIRUS, &text::ANTIVIRUS_STATE_UNKNOWN, antivirus::state_unknown),
    one("antivirus-unknown", Unknown, ANTIVIRUS, &text::ANTIVIRUS_UNKNOWN, antivirus::unknown),
    one("new-administrator", ActNow, ACCOUNTS, &text::NEW_ADMINISTRATOR, accounts::new_administrator),
    one("supplier-administrator", ActNow, ACCOUNTS, &text::SUPPLIER_ADMINISTRATOR, claims::supplier_left)
        .telling_of_others(Compares::Everything),
    one("blank-password", ActNow, ACCOUNTS, &text::BLANK_PASSWORD, accounts::blank_password),
    one("everyday-administrator", Plan, EVERYDAY, &text::EVERYDAY_ADMINISTRATOR, accounts::everyday),
    one("without-password", Plan, ACCOUNTS, &text::WITHOUT_PASSWORD, accounts::without_password),
    one("root-equivalent", Plan, ACCOUNTS, &text::ROOT_EQUIVALENT, accounts::root_equivalent),
    one("none-of-ours", Plan, ACCOUNTS, &text::NONE_OF_OURS, claims::none_of_ours),
    one("unclaimed-administrator", Know, ACCOUNTS, &text::UNCLAIMED_ADMINISTRATOR, claims::unclaimed),
    one("password-never-expires", Know, EVERYDAY, &text::NEVER_EXPIRES, accounts::never_expires),
    one("nobody-else", Know, ACCOUNTS, &text::NOBODY_ELSE, accounts::nobody_else),
    one("record-takeover", Know, EVERYDAY, &text::RECORD_TAKEOVER, accounts::record_takeover)
        .telling_of_others(Compares::Everything),
    one("disk-failing", ActNow, HARDWARE, &text::DISK_UNHEALTHY, hardware::unhealthy),
    one("raid-degraded", ActNow, HARDWARE, &text::RAID_DEGRADED, hardware::degraded),
    one("disk-full", Plan, HARDWARE, &text::DISK_FULL, hardware::full),
    one("administrators-unknown", Unknown, ACCOUNTS, &text::ADMINISTRATORS_UNKNOWN, accounts::unknown),
    one("system-unsupported", ActNow, SYSTEM, &text::UNSUPPORTED, system::unsupported),
    one("support-ends", Plan, SYSTEM, &text::SUPPORT_ENDS, system::support_ends),
    one("updates-pending", Plan, PROTECTION, &text::UPDATES_PENDING, updates::pending),
    one("updates-off", Plan, PROTECTION, &text::UPDATES_OFF, updates::off),
    one("updates-failing", Plan, PROTECTION, &text::UPDATES_FAILING, updates::failing),
    one("restart", Plan, SYSTEM, &text::RESTART, system::restart),
    one("no-encryption", Plan, PORTABLE, &text::NO_ENCRYPTION, protection::encryption),
    one("firewall-off", Plan, PORTABLE, &text::FIREWALL_OFF, protection::firewall),
    one("root-by-password", Plan, PROTECTION, &text::ROOT_BY_PASSWORD, protection::root_by_password),
    one("old-backup", Plan, PROTECTION, &text::OLD_BACKUP, backup::old),
    one("no-backup", Plan, SERVER, &text::NO_BACKUP, backup::none),
    one("remote-tool", Plan, PROGRAMS, &text::REMOTE_TOOL, remote::tools),
    one("screen-lock", Know, PORTABLE, &text::SCREEN_LOCK, protection::screen_lock),
    one("database-on-workstation", Know, DATABASE, &text::DATABASE, protection::database),
    one("only-here", Know, SOFTWARE, &text::ONLY_HERE, software::only_here)
        .telling_of_others(Compares::Everything),
    one("section-failing", Unknown, EVERYTHING, &text::SECTION_FAILING, presence::section_failing),
    one("certificate", Plan, SEEN, &text::CERTIFICATE, presence::certificate),
    one("agent-old", Know, SEEN, &text::AGENT_OLD, presence::agent_old),
    one("clone", ActNow, SEEN, &text::CLONE, presence::clone),
    one("clock", Plan, SEEN, &text::CLOCK, presence::clock),
    one("silent", Plan, SEEN, &text::SILENT, presence::silent),
    one("no-report", Unknown, SEEN, &text::NO_REPORT, presence::no_report),
    one("same-hardware", Plan, SEEN, &text::SAME_HARDWARE, presence::same_hardware)
        .telling_of_others(Compares::Everything),
    one("quota", Plan, SEEN, &text::QUOTA, presence::quota),
    one("lost-reports", Plan, SEEN, &text::LOST_REPORTS, presence::lost_reports),
    one("invalid-report", Plan, SEEN, &text::INVALID_REPORT, presence::invalid_report),
];

const fn one(
    id: &'static str,
    severity: FindingSeverity,
    sections: &'static [Kind],
    words: &'static Words,
    check: fn(&Look<'_>) -> Verdict,
) -> Rule {
    Rule {
        id,
        severity,
        sections,
        compares: Compares::Nothing,
        words,
        check,
    }
}

impl Rule {
    const fn telling_of_others(self, compares: Compares) -> Self {
        Self { compares, ..self }
    }
}

/// When the maker of a system ends its support, as far as that is known here.
pub(crate) fn support_ends(system: &OperatingSystem) -> Option<UnixMillis> {
    system::end_of(system)
}

/// A rule by its identifier.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
