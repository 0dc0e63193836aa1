//! Processes of this machine that are called like an antivirus.

use std::{
    os::unix::{fs::symlink, process::CommandExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::program;

/// A product that the machines on which tests run do not have, and its process.
const PRODUCT: &str = "Microsoft Defender for Endpoint";
const PROCESS: &str = "wdavdaemon";

/// A process that runs until it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// The kernel takes the name of a process from the link that it was started by.
    fn start(link: &Path, user: u32) -> Self {
        let mut command = Command::new(link);
        let child = command
            .arg("60")
            .uid(user)
            .gid(user)
            .current_dir("/")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let name = format!("/proc/{}/comm", child.id());
        let running = Self(child);
        let until = Instant::now() + Duration::from_secs(10);
        while std::fs::read_to_string(&name).unwrap().trim_end() != PROCESS {
            assert!(Instant::now() < until, "the process never got its name");
            std::thread::sleep(Duration::from_millis(5));
        }
        running
    }
}

fn antivirus() -> Value {
    let mut command = Command::new(program::agent());
    command.args(program::arguments(None, &["antivirus"]));
    let outcome = program::run(&mut command, Duration::from_secs(60)).unwrap();
    program::parsed(&outcome)["antivirus"].take()
}

fn is_listed(section: &Value) -> bool {
    let mut products = section["products"].as_array().unwrap().iter();
    products.any(|product| product["name"] == PRODUCT)
}

#[test]
fn a_persons_process_that_is_called_like_an_antivirus_is_none() {
    if !program::is_root("whether a person's process passes for an antivirus") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    // Everyone has to get to the link.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(directory.path(), mode).unwrap();
    let link = directory.path().join(PROCESS);
    symlink("/bin/sleep", &link).unwrap();

    let person = Running::start(&link, 4242);
    let section = antivirus();
    assert!(!is_listed(&section), "{section}");
    let told = section["diagnostics"].to_string();
    assert!(told.contains("rights of a person (user id 4242)"), "{told}");
    drop(person);

    // The same as the system's own shows the product: the test can tell.
    let _system = Running::start(&link, 0);
    assert!(is_listed(&antivirus()));
}
