//! flatpak: a runtime and applications made for the test, installed by flatpak itself.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use freehold_proto::v1::{
    section::Status,
    software::{
        Package,
        package::{Source, State},
    },
};

use crate::{collected, command, done, installed, of};

/// A root with an installation for everyone and one of "anna".
struct Site {
    directory: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(site.path("etc")).unwrap();
        fs::create_dir_all(site.path("run")).unwrap();
        fs::write(
            site.path("etc/passwd"),
            "anna:x:1000:1000::/home/anna:/bin/sh\n",
        )
        .unwrap();
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn flatpak<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut flatpak = command("flatpak", arguments);
        flatpak
            .env("FLATPAK_SYSTEM_DIR", self.path("var/lib/flatpak"))
            .env(
                "FLATPAK_USER_DIR",
                self.path("home/anna/.local/share/flatpak"),
            )
            .env("HOME", self.path("run"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("LC_ALL", "C.UTF-8");
        flatpak
    }

    /// Puts a runtime into the repository that everything is installed from.
    fn runtime(&self, branch: &str) {
        let folder = self.path("runtime");
        for inside in ["files", "usr"] {
            fs::create_dir_all(folder.join(inside)).unwrap();
        }
        let reference = format!("org.example.Platform/x86_64/{branch}");
        let metadata =
            format!("[Runtime]\nname=org.example.Platform\nruntime={reference}\nsdk={reference}\n");
        fs::write(folder.join("metadata"), metadata).unwrap();
        let mut export = self.flatpak([
            "build-export",
            "--runtime",
            "--files=files",
            "--arch=x86_64",
        ]);
        done(export.arg(self.path("repository")).arg(&folder).arg(branch));
    }

    /// Puts an application into it. Its version stands in the file that flatpak reads, or in the one that
    /// developers write, or nowhere.
    fn application(&self, id: &str, branch: &str, version: Option<&str>, composed: bool) {
        let folder = self.path(id);
        let share = folder.join("files/share");
        fs::create_dir_all(folder.join("export/share")).unwrap();
        fs::create_dir_all(share.join("metainfo")).unwrap();
        fs::create_dir_all(share.join("app-info/xmls")).unwrap();
        let metadata = format!(
            "[Application]\nname={id}\nruntime=org.example.Platform/x86_64/1.0\ncommand=hello\n"
        );
        fs::write(folder.join("metadata"), metadata).unwrap();
        if let Some(version) = version {
            let component = format!(
                "<component type=\"desktop-application\"><id>{id}</id><name>Hello &amp; World Ä</name>\
                 <summary>s</summary><releases><release version=\"{version}\" date=\"2024-01-01\"/>\
                 <release version=\"0.1\" date=\"2020-01-01\"/></releases></component>"
            );
            if composed {
                let file = share.join(format!("app-info/xmls/{id}.xml"));
                fs::write(
                    &file,
                    format!("<components version=\"0.8\">{component}</components>"),
                )
                .unwrap();
                done(command("gzip", ["-f"]).arg(&file));
            } else {
                fs::write(share.join(format!("metainfo/{id}.metainfo.xml")), component).unwrap();
            }
        }
        let mut export = self.flatpak(["build-export", "--arch=x86_64"]);
        done(export.arg(self.path("repository")).arg(&folder).arg(branch));
    }

    fn install(&self, scope: &str, references: &[&str]) {
        let mut remote = self.flatpak([
            scope,
            "remote-add",
            "--no-gpg-verify",
            "--if-not-exists",
            "site",
        ]);
        done(remote.arg(self.path("repository")));
        let mut install = self.flatpak([
            scope,
            "install",
            "-y",
            "--noninteractive",
            "--arch=x86_64",
            "site",
        ]);
        done(install.args(references));
    }

    /// Lines of `flatpak list`, in the order of the section.
    fn list(&self, scope: &str) -> Vec<String> {
        let columns = "--columns=application,version,branch,arch,origin,name,active";
        let list = done(&mut self.flatpak([scope, "list", "--all", columns]));
        let mut lines: Vec<_> = list.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

/// The same line made of a package.
fn line(root: &Path, package: &Package) -> String {
    let folder = root.join(package.location.trim_start_matches('/'));
    let active = fs::read_link(folder.join("active")).unwrap();
    let active: String = active.to_str().unwrap().chars().take(12).collect();
    let fields = [
        &package.name,
        &package.version,
        &package.channel,
        &package.architecture,
        &package.origin,
        &package.title,
        &active,
    ];
    fields.map(String::as_str).join("\t")
}

#[test]
fn applications_are_those_of_flatpak() {
    let root_only = rustix::process::geteuid().is_root();
    if !installed("applications of flatpak", &["flatpak", "gzip"]) || !root_only {
        return eprintln!("NOT TESTED: applications of flatpak, which needs flatpak and root");
    }
    let site = Site::new();
    site.runtime("1.0");
    site.runtime("2.0");
    site.application("org.example.Hello", "stable", Some("1.2.3"), true);
    site.application("org.example.Hello", "beta", Some("1.3~rc1"), true);
    site.application("org.example.Plain", "stable", None, true);
    site.install(
        "--system",
        &[
            "org.example.Hello//stable",
            "org.example.Hello//beta",
            "org.example.Platform//2.0",
        ],
    );
    site.install(
        "--user",
        &["org.example.Hello//stable", "org.example.Plain"],
    );
    done(&mut site.flatpak(["--system", "mask", "org.example.Hello//beta"]));

    let software = collected(site.directory.path());
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        software.diagnostics
    );
    let found = of(&software, Source::Flatpak);
    for (scope, user) in [("--system", ""), ("--user", "anna")] {
        let mut own: Vec<_> = found
            .iter()
            .filter(|one| one.user == user)
            .map(|one| line(site.directory.path(), one))
            .collect();
        own.sort();
        // flatpak makes a name of the identifier where a runtime or an application has none.
        let theirs: Vec<_> = site
            .list(scope)
            .iter()
            .map(|line| without_made_up_name(line))
            .collect();
        assert_eq!(own, theirs, "{scope}");
    }
    for package in &found {
        assert_eq!(package.system_component, package.name.ends_with("Platform"));
        assert!(package.installed_at.is_some() && package.size_bytes.is_some());
        let held = package.channel == "beta";
        assert_eq!(
            package.state(),
            if held { State::Held } else { State::Installed }
        );
    }

    done(&mut site.flatpak([
        "--user",
        "uninstall",
        "-y",
        "--noninteractive",
        "org.example.Hello",
    ]));
    let software = collected(site.directory.path());
    let left = of(&software, Source::Flatpak);
    assert_eq!(
        left.iter().filter(|one| one.user == "anna").count(),
        site.list("--user").len()
    );
    assert_eq!(
        software.status(),
        Status::Complete,
        "{:?}",
        software.diagnostics
    );
}

fn without_made_up_name(line: &str) -> String {
    let mut fields: Vec<_> = line.split('\t').collect();
    if !fields[5].contains("Hello & World") {
        fields[5] = "";
    }
    fields.join("\t")
}

#[test]
fn a_version_that_only_the_developer_wrote_down_is_found() {
    let root_only = rustix::process::geteuid().is_root();
    if !installed("versions in metainfo files", &["flatpak"]) || !root_only {
        return eprintln!("NOT TESTED: versions in metainfo files, which needs flatpak and root");
    }
    let site = Site::new();
    site.runtime("1.0");
    site.application("org.example.Hello", "stable", Some("1.2.3"), false);
    site.install("--user", &["org.example.Hello"]);
    let software = collected(site.directory.path());
    let found = of(&software, Source::Flatpak);
    assert_eq!(
        (found[0].name.as_str(), found[0].version.as_str()),
        ("org.example.Hello", "1.2.3")
    );
}
