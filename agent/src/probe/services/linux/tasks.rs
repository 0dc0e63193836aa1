//! Scheduled tasks: timers of systemd, and files of cron and anacron. Their names and for whom, never what
//! they run.

use std::collections::BTreeSet;

use freehold_proto::v1::services::ScheduledTask;

use crate::{
    order,
    parse::{anacrontab, crontab},
    probe::{
        Root,
        section::{Diagnostics, line},
    },
};

use super::{files, folders::Folders, units};

const MISSING: &str = "the tasks scheduled there are";
const PERIODS: [&str; 4] = ["cron.hourly", "cron.daily", "cron.weekly", "cron.monthly"];

/// Where the tables of single accounts are, in different distributions.
const OWN_TABLES: [&str; 2] = ["/var/spool/cron/crontabs", "/var/spool/cron"];

/// The tasks, ordered by name, account.
pub(super) fn read(
    root: &Root,
    folders: &Folders,
    diagnostics: &mut Diagnostics,
) -> Vec<ScheduledTask> {
    let mut tasks = timers(root, folders, diagnostics);
    tasks.extend(tables(root, diagnostics));
    tasks.extend(periods(root, diagnostics));
    tasks.extend(own_tables(root, diagnostics));
    let key = |task: &ScheduledTask| (task.name.clone(), task.account.clone(), task.source.clone());
    order::sort_by_key(&mut tasks, key);
    tasks.dedup();
    tasks
}

fn task(name: impl Into<String>, account: impl Into<String>, source: &str) -> ScheduledTask {
    ScheduledTask {
        name: name.into(),
        account: account.into(),
        source: source.to_owned(),
    }
}

/// Timers that are switched on, with the account of the service that they start.
fn timers(root: &Root, folders: &Folders, diagnostics: &mut Diagnostics) -> Vec<ScheduledTask> {
    let mut tasks = Vec::new();
    for (name, path) in &folders.files {
        let is_on = folders.wanted.contains_key(name) && !folders.masked.contains(name);
        let Some(stem) = name.strip_suffix(".timer").filter(|_| is_on) else {
            continue;
        };
        let timer = units::facts(root, folders, name, path, diagnostics).unwrap_or_default();
        let starts = if timer.starts.is_empty() {
            format!("{stem}.service")
        } else {
            timer.starts
        };
        let service = folders.files.get(folders.canonical(&starts));
        let facts =
            service.and_then(|path| units::facts(root, folders, &starts, path, diagnostics));
        let account = match facts {
            Some(facts) if !facts.user.is_empty() => facts.user,
            Some(facts) if facts.dynamic_user => units::stem(&starts).to_owned(),
            Some(_) => "root".to_owned(),
            None => String::new(),
        };
        let account = diagnostics.fit(path, name, account);
        tasks.push(task(name, account, path));
    }
    tasks
}

/// The tables of the whole system, one item for each account that a file has jobs for.
fn tables(root: &Root, diagnostics: &mut Diagnostics) -> Vec<ScheduledTask> {
    const FOLDER: &str = "/etc/cron.d";
    let mut tasks = Vec::new();
    let mut table = |name: &str, path: &str, diagnostics: &mut Diagnostics| {
        let text = files::text(root, path, MISSING, diagnostics).unwrap_or_default();
        remark_on_nonsense(&text, true, path, diagnostics);
        let accounts = crontab::parse(&text, true).into_iter();
        let accounts: BTreeSet<&str> = accounts.filter_map(|entry| entry.user).collect();
        for account in accounts {
            let account = diagnostics.fit(path, "", account.to_owned());
            tasks.push(task(name, account, path));
        }
    };
    table("crontab", "/etc/crontab", diagnostics);
    for name in diagnostics.list_optional(root, FOLDER, MISSING) {
        if is_run(&name) {
            table(
                &format!("cron.d/{name}"),
                &format!("{FOLDER}/{name}"),
                diagnostics,
            );
        }
    }
    let path = "/etc/anacrontab";
    let text = files::text(root, path, MISSING, diagnostics).unwrap_or_default();
    for job in anacrontab::jobs(&text) {
        let job = diagnostics.fit(path, "", job);
        tasks.push(task(format!("anacron/{job}"), "root", path));
    }
    tasks
}

/// Programs that are run once in each period.
fn periods(root: &Root, diagnostics: &mut Diagnostics) -> Vec<ScheduledTask> {
    let mut tasks = Vec::new();
    for period in PERIODS {
        let folder = format!("/etc/{period}");
        for name in diagnostics.list_optional(root, &folder, MISSING) {
            if is_run(&name) {
                let path = format!("{folder}/{name}");
                tasks.push(task(format!("{period}/{name}"), "root", &path));
            }
        }
    }
    tasks
}

/// Tables that accounts wrote for themselves.
fn own_tables(root: &Root, diagnostics: &mut Diagnostics) -> Vec<ScheduledTask> {
    let mut tasks = Vec::new();
    for folder in OWN_TABLES {
        for account in diagnostics.list_optional(root, folder, MISSING) {
            let path = format!("{folder}/{account}");
            let is_file = root
                .metadata(&path)
                .is_ok_and(|metadata| metadata.is_file());
            if !is_file || account.starts_with('.') {
                continue;
            }
            let text = files::text(root, &path, MISSING, diagnostics).unwrap_or_default();
            remark_on_nonsense(&text, false, &path, diagnostics);
            if !crontab::parse(&text, false).is_empty() {
                tasks.push(task(format!("crontab of {account}"), account, &path));
            }
        }
    }
    tasks
}

fn remark_on_nonsense(text: &str, with_user: bool, path: &str, diagnostics: &mut Diagnostics) {
    if let Some(number) = crontab::senseless(text, with_user) {
        let reason = "is no job, setting or comment of cron; cron passes over it too";
        diagnostics.remark(path, line(number as usize), reason);
    }
}

/// Whether cron looks at a file of this name: it passes over what editors and package managers leave.
fn is_run(name: &str) -> bool {
    let left_over = [".rpmsave", ".rpmorig", ".rpmnew", ".swp", "~", ",v"];
    !name.starts_with('.')
        && !name.contains(".dpkg-")
        && !left_over.iter().any(|end| name.ends_with(end))
}
