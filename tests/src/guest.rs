//! A Debian that boots in QEMU, with systemd and firmware tables, to install packages in.
//!
//! The guest runs a script at each boot and powers itself off; what the script leaves in `/root/results` is
//! read from the disk afterwards. It reaches this computer's loopback at [`HOST`].

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Where the guest finds this computer's loopback.
pub const HOST: &str = "10.0.2.2";

/// Longest time from power-on to power-off, in software emulation on a busy computer.
const BOOT_TIME: Duration = Duration::from_secs(1500);
const DISK_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// A computer that is switched off between two boots.
#[derive(Debug)]
pub struct Guest {
    directory: PathBuf,
    kernel: PathBuf,
    root: PathBuf,
}

impl Guest {
    /// Prepares its files in `directory`, from those that `tests/guest/make` made.
    pub fn new(directory: &Path) -> Self {
        let base = base();
        let root = directory.join("guest-root");
        run(Command::new("cp")
            .arg("-a")
            .arg(base.join("root"))
            .arg(&root));
        Self {
            directory: directory.to_owned(),
            kernel: base.join("vmlinuz"),
            root,
        }
    }

    /// Puts a file into the guest before its first boot.
    pub fn put(&self, from: &Path, to: &str) {
        let to = self.root.join(to.trim_start_matches('/'));
        fs::copy(from, to).expect("a file for the guest");
    }

    /// Writes a file into the guest before its first boot.
    pub fn write(&self, to: &str, text: &str) {
        let to = self.root.join(to.trim_start_matches('/'));
        fs::write(to, text).expect("a file for the guest");
    }

    /// Makes its disk out of its files.
    pub fn assemble(&self) {
        let disk = self.disk();
        let file = fs::File::create(&disk).expect("a disk");
        file.set_len(DISK_BYTES).expect("a disk");
        let mut command = Command::new("mkfs.ext4");
        // Nothing is set aside for root, who fills the disk.
        command
            .args(["-q", "-F", "-m", "0", "-d"])
            .arg(&self.root)
            .arg(&disk);
        run(&mut command);
        fs::remove_dir_all(&self.root).expect("the files are on the disk now");
    }

    /// Boots it and waits until it has powered itself off.
    pub fn boot(&self) {
        let began = Instant::now();
        let console = self.directory.join("console.log");
        let output = fs::File::create(&console).expect("a log");
        let mut child = self
            .command()
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a log"))
            .stderr(output)
            .spawn()
            .expect("qemu-system-x86_64");
        loop {
            if let Some(status) = child.try_wait().expect("its status") {
                assert!(status.success(), "{status}: {}", tail(&console));
                return;
            }
            if began.elapsed() > BOOT_TIME {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the guest did not power off: {}", tail(&console));
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn command(&self) -> Command {
        let disk = self.disk();
        let mut command = Command::new("qemu-system-x86_64");
        command
            // Emulated: where a virtual machine pretends to have KVM, a guest hangs in it.
            .args(["-accel", "tcg,thread=multi"])
            .args(["-smp", "2", "-m", "1024"])
            .args([
                "-display",
                "none",
                "-monitor",
                "none",
                "-serial",
                "stdio",
                "-no-reboot",
            ])
            .arg("-kernel")
            .arg(&self.kernel)
            .args([
                "-append",
                // On a busy computer the emulated timer ticks too seldom for the kernel's check of it.
                "root=/dev/nvme0n1 rw console=ttyS0 quiet panic=-1 no_timer_check",
            ])
            .arg("-drive")
            .arg(format!("file={},if=none,id=d,format=raw", disk.display()))
            .args(["-device", "nvme,drive=d,serial=WD-1234"])
            .args(["-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n"])
            .args([
                "-smbios",
                "type=1,manufacturer=Dell,product=OptiPlex 7090,serial=ABC1234",
            ])
            .args(["-smbios", "type=3,manufacturer=Dell"]);
        command
    }

    /// What the script left in a file of `/root/results`.
    pub fn result(&self, name: &str) -> String {
        let output = Command::new("debugfs")
            .args(["-R", &format!("cat /root/results/{name}")])
            .arg(self.disk())
            .output()
            .expect("debugfs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The end of what the last boot showed on its console.
    pub fn console(&self) -> String {
        tail(&self.directory.join("console.log"))
    }

    fn disk(&self) -> PathBuf {
        self.directory.join("guest.img")
    }
}

/// The guest's files, made the first time: `root` holds a small Debian, `vmlinuz` its kernel. Kept with the
/// other things that `tests/run` downloads.
#[allow(
    clippy::disallowed_methods,
    reason = "where caches go is said by the environment"
)]
pub fn base() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("HOME")).join(".cache"),
        PathBuf::from,
    );
    let base = cache.join("freehold/guest");
    let make = Path::new(env!("CARGO_MANIFEST_DIR")).join("guest/make");
    run(Command::new(make).arg(&base));
    base
}

fn run(command: &mut Command) {
    let status = command.status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?} ended with {status}");
}

fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
