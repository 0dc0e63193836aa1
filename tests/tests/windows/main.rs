//! The MSIs, installed on a Windows that Wine imitates, and the ZIP, unpacked there.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod agent;
mod client;
mod collector;
mod noticing;
mod storage;
mod trouble;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use freehold_tests::{Wine, wine::seen_from_wine};

/// How long a computer may take to appear: Wine answers slowly what Windows answers at once.
const APPEARS: Duration = Duration::from_secs(180);

/// A package that `tests/run windows` made of this build.
fn package(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/windows-test");
    let file = folder.join(name);
    file.canonicalize()
        .unwrap_or_else(|_| panic!("{} is missing; run tests/run windows", file.display()))
}

/// The MSI of a program.
struct Msi(&'static str);

impl Msi {
    fn file(&self, version: &str) -> PathBuf {
        package(&format!("freehold-{}-{version}.msi", self.0))
    }

    /// Runs the installer as a double click does, with dialogs for somebody to answer.
    async fn open(&self, wine: &Wine, version: &str) {
        let package = seen_from_wine(&self.file(version));
        wine.show(&["msiexec", "/i", &package, "/qf"]).await;
    }

    /// Runs the installer without a window; answers with its exit status.
    async fn installer(
        &self,
        wine: &Wine,
        action: &str,
        version: &str,
        properties: &[&str],
    ) -> i32 {
        let package = seen_from_wine(&self.file(version));
        let mut arguments = vec![action, package.as_str(), "/qn"];
        arguments.extend(properties);
        wine.run("msiexec", &arguments).await.code
    }
}
