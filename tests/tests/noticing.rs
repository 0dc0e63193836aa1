//! What changes on a computer is known in seconds, at a price the computer does not notice.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command as Blocking,
    time::{Duration, Instant},
};

use freehold_tests::{Agent, TestCollector, load::Usage, sandbox::Sandbox};
use serde_json::Value;

const STATUS: &str = "/var/lib/dpkg/status";

/// An agent that has reported a computer whose files a test can alter.
struct Site {
    collector: TestCollector,
    sandbox: Sandbox,
    agent: Agent,
    id: String,
}

impl Site {
    /// `None` where sandboxes cannot be had.
    async fn start() -> Option<Self> {
        let collector = TestCollector::start().await;
        let sandbox = Sandbox::new(collector.scratch())?;
        Some(Self::of(collector, sandbox, "").await)
    }

    async fn of(collector: TestCollector, sandbox: Sandbox, settings: &str) -> Self {
        let mut agent = Agent::new(collector.scratch()).inside(sandbox.clone());
        agent.set(settings);
        agent.join(&collector.token(&[]).await).await.expect();
        agent.run();
        let id = collector.only_machine().await;
        Self {
            collector,
            sandbox,
            agent,
            id,
        }
    }

    /// Waits until the collector shows what a change led to; fails when that takes longer than `limit`.
    async fn shows(&self, what: &str, limit: u64, look: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        let shown = |machine: &Value| look(&machine["sections"]).then_some(());
        let limit = Duration::from_secs(limit);
        self.collector.shows(&self.id, what, limit, shown).await;
        println!("{what}: after {:.2} s", began.elapsed().as_secs_f64());
    }

    fn file(&self, path: &str) -> PathBuf {
        let file = self.sandbox.path(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        file
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.file(path), text).expect("a written file");
    }

    fn append(&self, path: &str, text: &str) {
        let old = fs::read_to_string(self.file(path)).expect("a file");
        self.write(path, &(old + text));
    }

    /// Replaces the package database as dpkg does.
    fn replace_packages(&self, text: &str) {
        let new = self.file("/var/lib/dpkg/status-new");
        fs::write(&new, text).expect("a written file");
        fs::rename(&new, self.file(STATUS)).expect("a renamed file");
    }

    /// Starts the agent again, on a computer that is another one.
    async fn again(&mut self, sandbox: Sandbox, meanwhile: impl FnOnce(&Self)) {
        self.agent.stop().await;
        meanwhile(self);
        self.agent.move_to(sandbox);
        self.agent.run();
    }

    async fn stop(mut self) {
        self.agent.stop().await;
    }
}

fn any(list: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(holds))
}

fn package(name: &str, version: &str) -> String {
    format!(
        "\nPackage: {name}\nStatus: install ok installed\nArchitecture: all\n\
        Maintainer: Nobody <nobody@example.org>\nVersion: {version}\nDescription: made by a test\n"
    )
}

fn is_administrator(sections: &Value, name: &str) -> bool {
    let privileges = &sections["accounts"]["privileges"];
    any(privileges, |privilege| privilege["principal"] == name)
}

/// The groups of a computer with another member of sudo's group, or without.
fn with_member(groups: &str, name: &str) -> String {
    let line = |line: &str| match line.strip_prefix("sudo:") {
        Some(rest) if rest.ends_with(':') => format!("{line}{name}\n"),
        Some(_) => format!("{line},{name}\n"),
        None => format!("{line}\n"),
    };
    groups.lines().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_added_and_removed_whether_homes_are_still_searched_or_not() {
    let collector = TestCollector::start().await;
    let Some(small) = Sandbox::new(collector.scratch()) else {
        return;
    };
    // An agent searches these for hours.
    let large = small.clone().with_folders(80_000);
    let mut site = Site::of(collector, large.clone(), "").await;
    let without = fs::read_to_string(site.file("/etc/group")).expect("the groups");
    let with = with_member(&without, "mallory");
    site.append(
        "/etc/passwd",
        "mallory:x:4242:4242::/home/mallory:/bin/bash\n",
    );
    let is_in = |sections: &Value| is_administrator(sections, "mallory");
    let is_out = |sections: &Value| !is_administrator(sections, "mallory");
    let searches = |sections: &Value| sections["accounts"]["status"] == "PARTIAL";
    site.shows("that homes are searched", 5, searches).await;

    site.write("/etc/group", &with);
    site.shows("an administrator during the search", 5, is_in)
        .await;
    // Unless this computer itself has very many files, all of it is searched at once now.
    site.again(small.clone(), |site| site.write("/etc/group", &without))
        .await;
    site.shows("his end at the end of the search", 20, is_out)
        .await;
    site.again(large, |site| site.write("/etc/group", &with))
        .await;
    site.shows("another one as a search begins", 20, is_in)
        .await;
    site.again(small, |site| site.write("/etc/group", &without))
        .await;
    site.shows("his end", 20, is_out).await;

    let mut told = site.collector.changes(&site.id).await;
    told.retain(|change| change.contains("mallory (administrators' group"));
    told.sort();
    let verbs: Vec<_> = told
        .iter()
        .map(|change| change.split(':').next().unwrap_or_default())
        .collect();
    let expected = ["added", "added", "removed", "removed"];
    assert_eq!(
        verbs,
        expected.map(|verb| format!("administrator {verb}")),
        "{told:?}"
    );
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_are_known_in_five_seconds_and_packages_in_fifteen() {
    let Some(site) = Site::start().await else {
        return;
    };
    let home = site.collector.scratch().join("home/mallory");
    fs::create_dir_all(&home).expect("a home folder");
    let _ = fs::remove_dir_all(site.sandbox.path("/etc/sudoers.d"));
    tokio::time::sleep(Duration::from_secs(2)).await;

    let account = format!("mallory:x:4242:4242::{}:/bin/bash\n", home.display());
    site.append("/etc/passwd", &account);
    let known = |sections: &Value| {
        let accounts = &sections["accounts"]["accounts"];
        any(accounts, |account| account["name"] == "mallory")
    };
    site.shows("an account", 5, known).await;

    // The folder was not there when the agent started.
    site.write(
        "/etc/sudoers.d/mallory",
        "mallory ALL=(ALL) NOPASSWD: ALL\n",
    );
    let appears = |sections: &Value| is_administrator(sections, "mallory");
    site.shows("a sudo rule in a new folder", 5, appears).await;

    // Nor was this one, and whose home it is in was learnt just now.
    fs::create_dir(home.join(".ssh")).expect("a folder");
    let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q m\n";
    fs::write(home.join(".ssh/authorized_keys"), key).expect("a written key");
    let opens = |sections: &Value| {
        let keys = &sections["accounts"]["authorized_keys"];
        any(keys, |key| key["account"] == "mallory")
    };
    site.shows("a key of a new administrator", 5, opens).await;

    fs::remove_file(site.file("/etc/sudoers.d/mallory")).expect("a removed file");
    let is_gone = |sections: &Value| !is_administrator(sections, "mallory");
    site.shows("the end of a right", 5, is_gone).await;

    site.append(STATUS, &package("freehold-test-package", "1"));
    let installed = |sections: &Value| {
        let packages = &sections["software"]["packages"];
        any(packages, |package| {
            package["name"] == "freehold-test-package"
        })
    };
    site.shows("a package", 15, installed).await;
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn antivirus_that_comes_and_goes_is_known_in_five_seconds() {
    let Some(site) = Site::start().await else {
        return;
    };
    let has = |sections: &Value, name: &str| {
        let products = &sections["antivirus"]["products"];
        any(products, |product| {
            product["name"]
                .as_str()
                .is_some_and(|known| known.contains(name))
        })
    };
    let folder = site.sandbox.path("/etc/avast");
    assert!(
        !folder.exists(),
        "this computer has the product of the test"
    );
    site.write("/etc/avast/avast.conf", "");
    site.shows("a product by its file", 5, |sections| {
        has(sections, "Avast")
    })
    .await;
    fs::remove_dir_all(&folder).expect("a removed folder");
    site.shows("its end", 5, |sections| !has(sections, "Avast"))
        .await;
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_antivirus_process_that_is_killed_is_known_in_five_seconds() {
    let Some(site) = Site::start().await else {
        return;
    };
    // A process with the name and the file of a product: nothing of it is run. The kernel takes the name from the
    // link, and the program lies where no person puts files.
    let program = site.collector.scratch().join("avast");
    std::os::unix::fs::symlink("/bin/sleep", &program).expect("a link");
    let mut process = Blocking::new(&program)
        .arg("600")
        .spawn()
        .expect("a process");
    site.write("/etc/avast/avast.conf", "");
    let mode = |sections: &Value, expected: &str| {
        let products = &sections["antivirus"]["products"];
        any(products, |product| {
            let is_it = product["name"]
                .as_str()
                .is_some_and(|it| it.contains("Avast"));
            is_it && product["running_mode"] == expected
        })
    };
    site.shows("the product runs", 5, |sections| mode(sections, "ACTIVE"))
        .await;
    process.kill().expect("a kill");
    process.wait().expect("its end");
    site.shows("it is stopped", 5, |sections| mode(sections, "STOPPED"))
        .await;
    site.stop().await;
}

/// As a distribution upgrade does, faster: 500 new package databases and 5,000 other files in half a
/// minute.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_costs_little_and_its_end_is_reported() {
    let Some(mut site) = Site::start().await else {
        return;
    };
    let rest = fs::read_to_string(site.file(STATUS)).expect("packages");
    let before = Usage::of(site.agent.process().id());
    let began = Instant::now();
    for step in 1..=500 {
        site.replace_packages(&(rest.clone() + &package("freehold-upgraded", &step.to_string())));
        for file in 0..10 {
            let path = format!("/var/lib/dpkg/info/freehold-{file}.list");
            site.write(&path, "");
        }
        if step % 50 == 0 {
            site.append(
                "/etc/group",
                &format!("freehold{step}:x:{}:\n", 60_000 + step),
            );
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let took = began.elapsed().as_secs_f64();
    let is_done = |sections: &Value| {
        any(&sections["software"]["packages"], |package| {
            package["name"] == "freehold-upgraded" && package["version"] == "500"
        })
    };
    site.shows("the end of the upgrade", 20, is_done).await;
    let used = Usage::of(site.agent.process().id())
        .cpu
        .saturating_sub(before.cpu);
    let used = used.as_secs_f64();
    println!("{took:.0} s of changes cost {used:.2} s of processor time");
    // Half a second does: the bound is for busy computers and builds for debugging.
    assert!(used < took * 0.15, "{used:.2} s in {took:.0} s");
    let changes = site.collector.changes(&site.id).await;
    let steps = changes.iter().filter(|it| it.contains("freehold-upgraded"));
    assert!(steps.count() < 15, "not coalesced: {changes:?}");
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_kernel_grants_no_more_watches_changes_are_noticed_by_polling() {
    let collector = TestCollector::start().await;
    let Some(sandbox) = Sandbox::new(collector.scratch()) else {
        return;
    };
    let sandbox = sandbox.with_file_watches(3);
    let fast = "[intervals]\nsecurity_seconds = 10\n";
    let mut site = Site::of(collector, sandbox, fast).await;
    site.write(
        "/etc/sudoers.d/mallory",
        "mallory ALL=(ALL) NOPASSWD: ALL\n",
    );
    let appears = |sections: &Value| is_administrator(sections, "mallory");
    site.shows("a sudo rule", 20, appears).await;
    let said = site.agent.process().errors().all();
    let said = said.iter().filter(|line| line.contains("max_user_watches"));
    assert_eq!(said.count(), 1, "said once");
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_thread_of_the_agent_leaves_processor_and_disk_to_others() {
    let collector = TestCollector::start().await;
    let mut agent = collector.agent().await;
    collector.only_machine().await;
    let id = agent.process().id();
    let tasks = fs::read_dir(format!("/proc/{id}/task")).expect("its threads");
    for task in tasks {
        let task = task.expect("a thread").path();
        assert_eq!(niceness(&task), Some(10), "{}", task.display());
    }
    let output = Blocking::new("ionice")
        .arg("-p")
        .arg(id.to_string())
        .output();
    let output = output.expect("ionice").stdout;
    assert_eq!(String::from_utf8_lossy(&output).trim(), "idle");
    agent.stop().await;
}

/// Field 19 of stat, counted after the program's name.
fn niceness(process: &Path) -> Option<i32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(16)?.parse().ok()
}
