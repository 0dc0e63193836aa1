//! A Windows computer that Wine imitates, to install the MSI on.
//!
//! Each has drives and a registry of its own, and services that run until it goes out of scope. It reaches this
//! computer's loopback at 127.0.0.1.

use std::{
    ffi::OsString,
    fs,
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::process::Command as AsyncCommand;

use crate::{agent::at_another_time, load::Usage, process::Answer, wait::eventually};

/// Where Debian puts Wine's own programs.
const PROGRAMS: &str = "/usr/lib/wine";
/// How long setting one up may take.
const SET_UP: Duration = Duration::from_secs(180);
/// How long something that the service manager is asked for may take.
const SERVICE: Duration = Duration::from_secs(30);

/// A computer.
#[derive(Debug)]
pub struct Wine {
    directory: TempDir,
    environment: Vec<(String, OsString)>,
    /// Without any program Wine ends its services and starts them again with the next.
    shell: Option<Child>,
}

impl Wine {
    /// Whether there is a Wine for programs of 64 bits.
    pub fn is_here() -> bool {
        Path::new(PROGRAMS).join("wine64").exists()
    }

    /// Sets a computer up. What its services say goes into [`Self::log`].
    pub fn new() -> Self {
        Self::unmade().started()
    }

    /// One that is set to a language and country, such as `tr_TR`.
    pub fn speaking(locale: &str) -> Self {
        Self::unmade().set_to(locale).started()
    }

    /// One whose clock is off, such as by `-400d`.
    pub fn at_another_time(offset: &str) -> Self {
        let mut wine = Self::unmade();
        let mut faked = AsyncCommand::new("true");
        at_another_time(&mut faked, offset);
        let variables = faked.as_std().get_envs().filter_map(|(name, value)| {
            Some((name.to_string_lossy().into_owned(), value?.to_owned()))
        });
        wine.environment.extend(variables);
        wine.started()
    }

    fn set_to(mut self, locale: &str) -> Self {
        let folder = self.directory.path().join("locales");
        self.environment
            .extend(crate::locale::make(locale, &folder));
        self
    }

    fn started(mut self) -> Self {
        for _ in 0..3 {
            self.start_shell();
            if self.comes_up() {
                return self;
            }
            // Rarely Wine leaves out its own libraries while it sets a computer up, and ends.
            eprintln!("Wine did not start; once more: {}", self.log());
            self.end();
            let _ = fs::remove_dir_all(self.directory.path().join("prefix"));
        }
        panic!("Wine does not start: {}", self.log());
    }

    /// Whether a program runs on it; it may end over it instead.
    fn comes_up(&mut self) -> bool {
        let began = Instant::now();
        while !self.file("up").exists() {
            let ended = |shell: &mut Child| shell.try_wait().is_ok_and(|ended| ended.is_some());
            if self.shell.as_mut().is_none_or(ended) {
                return false;
            }
            assert!(began.elapsed() < SET_UP, "Wine is not up: {}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        true
    }

    fn start_shell(&mut self) {
        let log = fs::File::create(self.log_file()).expect("a log");
        // Any program sets the computer up. `wineboot --init` would have two service managers race.
        let mut command = self.command("cmd", &[]);
        // The service manager and all services inherit this, and write their events to it.
        command.env(
            "WINEDEBUG",
            "-all,err+eventlog,warn+eventlog,trace+eventlog",
        );
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut shell = pipes.stderr(log).spawn().expect("wine");
        let input = shell.stdin.as_mut().expect("its input");
        // One that has ended does not listen.
        let _ = writeln!(input, r"echo up > C:\up");
        self.shell = Some(shell);
    }

    /// Ends all its programs.
    fn end(&mut self) {
        let mut end = Command::new(Path::new(PROGRAMS).join("wineserver"));
        end.args(["-k", "-w"]);
        self.prepare(&mut end);
        let _ = end.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if let Some(mut shell) = self.shell.take() {
            let _ = shell.kill();
            let _ = shell.wait();
        }
    }

    fn unmade() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("freehold-wine-")
            .tempdir()
            .expect("a directory");
        Self {
            directory,
            environment: Vec::new(),
            shell: None,
        }
    }

    /// A program on it.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("wine");
        command.arg(program).args(arguments);
        self.prepare(&mut command);
        command
    }

    /// Runs a program on it to its end.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> Answer {
        let command = self.command(program, arguments);
        Answer::of(AsyncCommand::from(command)).await
    }

    /// Has somebody answer the dialogs of the window with this title, which a program shows [on the screen](Self::show):
    /// `type` and a text, or `press` and a button, in turn.
    pub async fn answer(&self, title: &str, acts: &[&str]) {
        let program = self.directory.path().join("press.exe");
        if !program.exists() {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wine/press.c");
            let mut compiler = Command::new("x86_64-w64-mingw32-gcc");
            compiler.args(["-municode", "-o"]).arg(&program);
            let status = compiler.arg(&source).arg("-luser32").status();
            let status = status.expect("x86_64-w64-mingw32-gcc");
            assert!(status.success(), "{} does not compile", source.display());
        }
        let program = seen_from_wine(&program);
        let mut words = vec![program.as_str(), title];
        words.extend(acts);
        self.show(&words).await;
    }

    /// Runs a program with windows to its end, on a screen that nobody sees. How it ended is not told.
    pub async fn show(&self, words: &[&str]) {
        let key = r"HKCU\Software\Wine\Drivers";
        self.run("reg", &["add", key, "/v", "Graphics", "/d", "null", "/f"])
            .await
            .expect();
        let mut arguments = vec!["/desktop=screen,800x600"];
        arguments.extend(words);
        self.run("explorer", &arguments).await;
    }

    /// A file or folder of its drive C.
    pub fn file(&self, path: &str) -> PathBuf {
        self.directory.path().join("prefix/drive_c").join(path)
    }

    /// Gives it another drive, such as "f", which is a folder of this computer.
    pub fn add_drive(&self, letter: &str, folder: &Path) {
        let drives = self.directory.path().join("prefix/dosdevices");
        symlink(folder, drives.join(format!("{letter}:"))).expect("another drive");
    }

    /// What its services have said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    /// A value of its registry; empty when there is none.
    pub async fn registry(&self, key: &str, name: &str) -> String {
        let answer = self.run("reg", &["query", key, "/v", name]).await;
        let value = answer.output.lines().find_map(|line| {
            let (_, rest) = line.split_once(name)?;
            let (_, value) = rest.trim().split_once("    ")?;
            Some(value.trim().to_owned())
        });
        value.unwrap_or_default()
    }

    /// State of a service in one word, such as "RUNNING"; empty when there is no such service.
    pub async fn service(&self, name: &str) -> String {
        let answer = self.run("sc", &["query", name]).await;
        let line = answer.output.lines().find(|line| line.contains("STATE"));
        let word = line.and_then(|line| line.split_whitespace().last());
        word.unwrap_or_default().to_owned()
    }

    /// Waits until a service is in a state.
    pub async fn expect_service(&self, name: &str, state: &str) {
        eventually(&format!("{name} is {state}"), SERVICE, async || {
            (self.service(name).await == state).then_some(())
        })
        .await;
    }

    /// What a program that runs on it uses, as the kernel here sees it: much of its memory is Wine's.
    pub fn usage_of(&self, program: &str) -> Option<Usage> {
        let prefix = self.directory.path().join("prefix").into_os_string();
        let runs_here = |process: &Path| {
            let has = |file: &str, what: &[u8]| {
                let bytes = fs::read(process.join(file)).unwrap_or_default();
                bytes.windows(what.len()).any(|part| part == what)
            };
            has("cmdline", program.as_bytes()) && has("environ", prefix.as_encoded_bytes())
        };
        let mut processes = fs::read_dir("/proc").ok()?.flatten();
        let process = processes.find(|process| runs_here(&process.path()))?;
        Some(Usage::of(process.file_name().to_str()?.parse().ok()?))
    }

    fn prepare(&self, command: &mut Command) {
        let path = format!("{PROGRAMS}:/usr/bin:/bin");
        command
            .env("PATH", path)
            .env("WINEPREFIX", self.directory.path().join("prefix"))
            .env("WINEDEBUG", "-all")
            // Its programs are given what is not ASCII in UTF-8.
            .env("LC_ALL", "C.UTF-8")
            // Neither .NET nor a browser is asked for.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
            .env_remove("DISPLAY")
            .envs(self.environment.iter().cloned());
    }

    fn log_file(&self) -> PathBuf {
        self.directory.path().join("services.log")
    }
}

/// A path of this computer as Wine shows it.
pub fn seen_from_wine(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', r"\")
}

impl Default for Wine {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- Wine's services\n{}", self.log());
        }
        self.end();
    }
}
