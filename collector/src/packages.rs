//! The packages that this collector hands out, of the agent and of the command line: the files of one folder, each with
//! its checksum.
//!
//! Nothing here is secret, and nothing is trusted: a checksum is computed from the bytes that are handed
//! out, and only files with the name of a package leave the folder.

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File, Metadata},
    io::{self, Read as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use ring::digest::{Context, SHA256};

/// Packages looked at; there are as many as kinds of systems for each program.
const MOST: usize = 64;

/// Longest name of a package, in bytes.
const NAME_BYTES: usize = 120;

/// The packages in a folder. Clones share what is known of them.
#[derive(Clone, Debug)]
pub struct Packages {
    folder: PathBuf,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

/// A package to install a program with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Name of its file: letters, digits and `._+~-`.
    pub name: String,
    /// What it installs.
    pub program: Program,
    /// What it installs on.
    pub system: System,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in lower-case hexadecimal digits.
    pub sha256: String,
}

/// What a package installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    /// The agent, on a computer that shall report.
    Agent,
    /// The command `freehold`, on a computer of somebody who reads.
    CommandLine,
}

/// What a package installs on, in the order they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Windows.
    Windows,
    /// Debian, Ubuntu and others with dpkg.
    Debian(Processor),
    /// Red Hat, SUSE and others with rpm.
    RedHat(Processor),
}

/// What a package for Linux was compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Processor {
    /// x86-64: almost every computer.
    Intel,
    /// 64-bit ARM: Raspberry Pi and small servers.
    Arm,
}

/// The checksum of a file as it was.
#[derive(Clone, Debug)]
struct Known {
    bytes: u64,
    modified: Option<SystemTime>,
    sha256: String,
}

impl Packages {
    /// Those in a folder, which need not exist.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            known: Arc::default(),
        }
    }

    /// Where they lie.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The newest package of a program for each system. None where there is no folder. Reads what it does not know yet,
    /// so call it where blocking is allowed.
    pub fn list(&self, program: Program) -> io::Result<Vec<Package>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut newest: HashMap<System, (Option<SystemTime>, String)> = HashMap::new();
        for entry in entries.take(MOST) {
            let Ok(name) = entry?.file_name().into_string() else {
                continue;
            };
            let system = program_of(&name)
                .filter(|(of, _)| *of == program)
                .map(|(_, system)| system);
            let Some((system, metadata)) = system.zip(self.metadata(&name)?) else {
                continue;
            };
            let found = (metadata.modified().ok(), name);
            let kept = newest.entry(system).or_insert_with(|| found.clone());
            if *kept < found {
                *kept = found;
            }
        }
        let mut packages = newest
            .into_iter()
            .map(|(system, (_, name))| self.package((program, system), name))
            .collect::<io::Result<Vec<_>>>()?;
        packages.sort_by_key(|package| package.system);
        Ok(packages)
    }

    /// A package to hand out and its length. `None` for whatever is no package here. Blocks on the disk.
    pub fn open(&self, name: &str) -> io::Result<Option<(File, u64)>> {
        if program_of(name).is_none() || self.metadata(name)?.is_none() {
            return Ok(None);
        }
        let file = File::open(self.folder.join(name))?;
        let bytes = file.metadata()?.len();
        Ok(Some((file, bytes)))
    }

    /// `None` for what is no ordinary file: a link could lead anywhere.
    fn metadata(&self, name: &str) -> io::Result<Option<Metadata>> {
        match fs::symlink_metadata(self.folder.join(name)) {
            Ok(metadata) => Ok(metadata.is_file().then_some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn package(&self, (program, system): (Program, System), name: String) -> io::Result<Package> {
        let file = File::open(self.folder.join(&name))?;
        let metadata = file.metadata()?;
        let (bytes, modified) = (metadata.len(), metadata.modified().ok());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known().get(&name).cloned();
        let sha256 = match before {
            Some(before) if before.bytes == bytes && before.modified == modified => before.sha256,
            _ => sha256(file)?,
        };
        let now = Known {
            bytes,
            modified,
            sha256: sha256.clone(),
        };
        known().insert(name.clone(), now);
        Ok(Package {
            name,
            program,
            system,
            bytes,
            sha256,
        })
    }
}

/// What a file of this name installs, and on what; `None` for what is no package to hand out. Such a name is safe in an
/// address, in a header and in a shell.
fn program_of(name: &str) -> Option<(Program, System)> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+~-".contains(&byte);
    if name.len() > NAME_BYTES || !name.bytes().all(is_plain) {
        return None;
    }
    let rest = name.strip_prefix("freehold")?;
    let begins_with_version = |rest: &str| rest.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let program = if rest.starts_with("-agent") {
        Program::Agent
    } else if rest
        .strip_prefix(['-', '_'])
        .is_some_and(begins_with_version)
    {
        Program::CommandLine
    } else {
        return None;
    };
    let (stem, ending) = name.rsplit_once('.')?;
    let is_for = |processor: &str| stem.ends_with(processor);
    let system = match (ending, program) {
        ("msi", Program::Agent) | ("zip", Program::CommandLine) => System::Windows,
        ("deb", _) if is_for("_amd64") => System::Debian(Processor::Intel),
        ("deb", _) if is_for("_arm64") => System::Debian(Processor::Arm),
        ("rpm", _) if is_for(".x86_64") => System::RedHat(Processor::Intel),
        ("rpm", _) if is_for(".aarch64") => System::RedHat(Processor::Arm),
        _ => return None,
    };
    Some((program, system))
}

fn sha256(mut file: File) -> io::Result<String> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => context.update(&buffer[..count]),
        }
    }
    Ok(Hex(context.finish().as_ref()).to_string())
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn folder(names: &[&str]) -> (tempfile::TempDir, Packages) {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(dir.path().join(name), "abc").unwrap();
        }
        let packages = Packages::new(dir.path().to_path_buf());
        (dir, packages)
    }

    fn names(packages: &Packages) -> Vec<String> {
        let list = packages.list(Program::Agent).unwrap().into_iter();
        list.map(|package| package.name).collect()
    }

    #[test]
    fn packages_are_listed_with_the_checksum_of_their_bytes() {
        let (dir, packages) = folder(&["freehold-agent_1.0_amd64.deb"]);
        let listed = packages.list(Program::Agent).unwrap();
        assert_eq!(listed[0].sha256, ABC);
        assert_eq!(listed[0].bytes, 3);
        assert_eq!(listed[0].system, System::Debian(Processor::Intel));
        fs::write(dir.path().join(&listed[0].name), "replaced").unwrap();
        assert_ne!(packages.list(Program::Agent).unwrap()[0].sha256, ABC);
    }

    #[test]
    fn of_several_versions_the_newest_is_handed_out() {
        let (dir, packages) = folder(&["freehold-agent-1.0.msi", "freehold-agent-0.9.msi"]);
        let old = File::options()
            .write(true)
            .open(dir.path().join("freehold-agent-1.0.msi"))
            .unwrap();
        old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(names(&packages), ["freehold-agent-0.9.msi"]);
    }

    #[test]
    fn nothing_but_packages_leaves_the_folder() {
        let (dir, packages) = folder(&[
            "SHA256SUMS",
            "freehold-agent",
            "freehold-agent.key",
            "freehold-agent'x_amd64.deb",
            "freehold-agent_1.0_riscv64.deb",
            "other_1.0_amd64.deb",
            "freehold-agent.zip",
            "freehold-collector_1.0_amd64.deb",
        ]);
        fs::create_dir(dir.path().join("freehold-agent.msi")).unwrap();
        assert!(names(&packages).is_empty());
        for name in [
            "SHA256SUMS",
            "freehold-agent.msi",
            "../freehold-agent.msi",
            "freehold-agent/../../../etc/x.msi",
            "",
        ] {
            assert!(packages.open(name).unwrap().is_none(), "{name}");
        }
    }

    #[test]
    fn the_command_line_is_told_from_the_agent() {
        let (_dir, packages) = folder(&[
            "freehold-agent_1.0_amd64.deb",
            "freehold_1.0_amd64.deb",
            "freehold-1.0-1.x86_64.rpm",
            "freehold-1.0-x64.zip",
            "freehold-x64.zip",
        ]);
        let list = packages.list(Program::CommandLine).unwrap().into_iter();
        let names: Vec<_> = list.map(|package| package.name).collect();
        assert_eq!(
            names,
            [
                "freehold-1.0-x64.zip",
                "freehold_1.0_amd64.deb",
                "freehold-1.0-1.x86_64.rpm"
            ]
        );
        assert!(packages.open("freehold-1.0-x64.zip").unwrap().is_some());
        assert!(packages.open("freehold-x64.zip").unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let (dir, packages) = folder(&["secret"]);
        let link = dir.path().join("freehold-agent.msi");
        std::os::unix::fs::symlink(dir.path().join("secret"), link).unwrap();
        assert!(names(&packages).is_empty());
        assert!(packages.open("freehold-agent.msi").unwrap().is_none());
    }

    #[test]
    fn without_a_folder_there_are_none() {
        assert!(names(&Packages::new("/nowhere/at/all".into())).is_empty());
    }
}
