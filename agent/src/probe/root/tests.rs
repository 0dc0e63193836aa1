use std::{
    fs,
    io::Read as _,
    os::unix::fs::symlink,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::*;

/// A root with a file inside, and a secret beside it that must never be read through the root.
fn root() -> (TempDir, Root) {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join("root/etc/deep")).unwrap();
    fs::write(directory.path().join("root/etc/passwd"), "inside").unwrap();
    fs::write(directory.path().join("secret"), "outside").unwrap();
    let root = Root::at(directory.path().join("root"));
    (directory, root)
}

fn fifo(path: &Path) {
    rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// Opens by walking, as on a kernel without openat2.
fn walked(root: &Root, path: &str) -> Result<String, Errno> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(CWD, root.path(), flags, Mode::empty())?;
    let inside = Path::new(path.trim_start_matches('/'));
    let mut file = File::from(walk::open(
        folder,
        inside,
        OFlags::RDONLY | OFlags::NONBLOCK,
    )?);
    let mut text = String::new();
    file.read_to_string(&mut text)
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Ok(text)
}

#[test]
fn a_pipe_is_refused_at_once_and_a_device_is_not_opened() {
    let (directory, root) = root();
    fifo(&directory.path().join("root/etc/pipe"));
    let started = Instant::now();
    for (root, path) in [(&root, "/etc/pipe"), (&Root::live(), "/dev/zero")] {
        let error = root.read(path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}");
    }
    let path = directory.path().join("root/etc/pipe");
    assert!(Root::live().read(path).is_err());
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(root.read("/etc").is_err());
}

#[test]
fn links_lead_nowhere_but_into_the_root() {
    let (directory, root) = root();
    let etc = directory.path().join("root/etc");
    symlink(directory.path().join("secret"), etc.join("absolute")).unwrap();
    symlink("../../../../../../secret", etc.join("relative")).unwrap();
    symlink("..", etc.join("deep/up")).unwrap();
    symlink("/etc/deep/up/passwd", etc.join("inner")).unwrap();
    for path in [
        "/etc/absolute",
        "/etc/relative",
        "/../secret",
        "/etc/deep/up/../../secret",
    ] {
        let error = root.read(path).unwrap_err();
        assert!(is_absent(&error), "{path}: {error}");
        assert_eq!(walked(&root, path), Err(Errno::NOENT), "{path}");
    }
    assert_eq!(root.read("/etc/inner").unwrap(), b"inside");
    assert_eq!(root.read("/../etc/passwd").unwrap(), b"inside");
    assert_eq!(walked(&root, "/../etc/passwd").as_deref(), Ok("inside"));
    assert_eq!(walked(&root, "/etc/inner").as_deref(), Ok("inside"));
    assert_eq!(
        walked(&root, "/etc/../etc/./passwd").as_deref(),
        Ok("inside")
    );
}

#[test]
fn a_loop_of_links_is_an_error_and_no_hang() {
    let (directory, root) = root();
    let etc = directory.path().join("root/etc");
    symlink("b", etc.join("a")).unwrap();
    symlink("a", etc.join("b")).unwrap();
    symlink(".", etc.join("here")).unwrap();
    let error = root.read("/etc/a").unwrap_err();
    assert_eq!(Errno::from_io_error(&error), Some(Errno::LOOP));
    assert!(!is_absent(&error));
    assert_eq!(walked(&root, "/etc/a"), Err(Errno::LOOP));
    let long = format!("/etc/{}passwd", "here/".repeat(41));
    assert_eq!(walked(&root, &long), Err(Errno::LOOP));
}

#[test]
fn a_file_is_no_folder() {
    let (_directory, root) = root();
    let error = root.read("/etc/passwd/x").unwrap_err();
    assert!(is_absent(&error));
    assert_eq!(walked(&root, "/etc/passwd/x"), Err(Errno::NOTDIR));
    assert!(root.list("/etc/passwd").is_err());
}

#[test]
fn a_huge_file_is_refused_without_reading_it() {
    let (directory, root) = root();
    let file = File::create(directory.path().join("root/etc/huge")).unwrap();
    file.set_len(1 << 40).unwrap();
    let started = Instant::now();
    let error = root.read("/etc/huge").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    assert!(started.elapsed() < Duration::from_secs(2));
    let error = root.read_at_most("/etc/passwd", 5).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(root.read_at_most("/etc/passwd", 6).unwrap(), b"inside");
}

#[test]
fn a_file_without_a_length_of_its_own_is_bounded_too() {
    let root = Root::live();
    assert!(!root.read("/proc/self/status").unwrap().is_empty());
    let error = root.read_at_most("/proc/self/status", 10).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn a_file_that_vanishes_while_it_is_read_is_read_to_its_end() {
    let (directory, root) = root();
    let mut file = root.open(Path::new("/etc/passwd")).unwrap();
    fs::remove_file(directory.path().join("root/etc/passwd")).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "inside");
    assert!(is_absent(&root.read("/etc/passwd").unwrap_err()));
    assert!(!root.exists("/etc/passwd").unwrap());
}

#[test]
fn links_can_be_looked_at_without_following_them() {
    let (directory, root) = root();
    symlink(
        "/usr/share/zoneinfo/UTC",
        directory.path().join("root/etc/localtime"),
    )
    .unwrap();
    assert!(root.is_link("/etc/localtime").unwrap());
    assert!(!root.is_link("/etc/passwd").unwrap());
    let target = root.read_link("/etc/localtime").unwrap();
    assert_eq!(target, Path::new("/usr/share/zoneinfo/UTC"));
    assert!(root.exists("/etc/passwd").unwrap() && root.metadata("/").unwrap().is_dir());
}

#[test]
fn folders_are_listed_in_order() {
    let (_directory, root) = root();
    assert_eq!(root.list("/etc").unwrap(), ["deep", "passwd"]);
    assert_eq!(root.list("/").unwrap(), ["etc"]);
    assert!(is_absent(&root.list("/nowhere").unwrap_err()));
}

#[test]
fn nothing_can_be_written_through_a_root() {
    use std::io::Write as _;

    let (_directory, root) = root();
    let mut file = root.open(Path::new("/etc/passwd")).unwrap();
    assert!(file.write_all(b"x").is_err());
}

#[test]
fn a_folder_of_a_root_is_a_root_of_its_own() {
    let (directory, root) = root();
    let home = directory.path().join("root/home/anna");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("own"), "own").unwrap();
    symlink("/etc/passwd", home.join("out")).unwrap();
    symlink("../../etc/passwd", home.join("up")).unwrap();
    for root in [&root, &Root::live()] {
        let path = if root.is_live() {
            home.as_path()
        } else {
            Path::new("/home/anna")
        };
        let below = root.below(path).unwrap();
        assert!(!below.is_live());
        assert_eq!(below.read("/own").unwrap(), b"own");
        assert!(is_absent(&below.read("/out").unwrap_err()));
        assert!(is_absent(&below.read("/up").unwrap_err()));
        assert_eq!(below.list("/").unwrap(), ["out", "own", "up"]);
    }
    assert!(is_absent(&root.below("/nowhere").unwrap_err()));
}

#[test]
fn a_folder_stays_the_same_whatever_its_path_comes_to_mean() {
    let (directory, root) = root();
    let below = root.below("/etc").unwrap();
    assert_eq!(root.read("/etc/passwd").unwrap(), b"inside");
    fs::rename(
        directory.path().join("root"),
        directory.path().join("moved"),
    )
    .unwrap();
    symlink(directory.path(), directory.path().join("root")).unwrap();
    assert!(is_absent(&root.read("/secret").unwrap_err()));
    assert_eq!(root.read("/etc/passwd").unwrap(), b"inside");
    assert_eq!(below.read("/passwd").unwrap(), b"inside");
}

#[test]
fn a_long_folder_is_listed_as_far_as_allowed() {
    let (_directory, root) = root();
    assert!(!root.list_at_most("/etc", 2).unwrap().1);
    assert!(root.list_at_most("/etc", 1).unwrap().1);
}

#[test]
fn a_file_in_place_of_a_folder_is_not_the_same_as_nothing() {
    let (_directory, root) = root();
    let error = root.list("/etc/passwd").unwrap_err();
    assert!(!is_absent(&error) && error.to_string() == "not a folder");
    assert!(is_absent(&root.list("/etc/passwd/deeper").unwrap_err()));
    let error = Root::live().list("/dev/null").unwrap_err();
    assert!(!is_absent(&error));
}

/// Somebody moves folders about while they are read: at no time may the secret beside the root come out.
#[test]
fn folders_that_are_moved_meanwhile_lead_nowhere_else() {
    let (directory, root) = root();
    let base = directory.path().join("root");
    fs::create_dir_all(base.join("etc/deep/deeper")).unwrap();
    fs::write(base.join("secret"), "decoy").unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = fs::rename(base.join("etc/deep/deeper"), base.join("elsewhere"));
                let _ = fs::rename(base.join("elsewhere"), base.join("etc/deep/deeper"));
            }
        });
        for _ in 0..3000 {
            let path = "/etc/deep/deeper/../../../../secret";
            for answer in [
                root.read(path).ok(),
                walked(&root, path).ok().map(String::into_bytes),
            ] {
                assert!(answer.is_none_or(|text| text == b"decoy"));
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn nothing_mounted_below_such_a_root_is_entered() {
    let below = Root::live().below("/").unwrap();
    let error = below.read("/proc/self/status").unwrap_err();
    // Older kernels, and sandboxes that hide the call, cannot tell.
    let walked = rustix::fs::openat2(CWD, "/", OFlags::PATH, Mode::empty(), ResolveFlags::IN_ROOT);
    assert!(walked.is_err() || error.kind() == io::ErrorKind::CrossesDevices);
}
