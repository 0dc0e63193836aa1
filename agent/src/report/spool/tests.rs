use super::*;

fn limits(bytes: u64) -> SpoolLimits {
    SpoolLimits {
        age: Duration::from_secs(30 * 86_400),
        bytes,
    }
}

struct Fixture {
    _place: tempfile::TempDir,
    state: StateDirectory,
}

impl Fixture {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(place.path()).unwrap();
        Self {
            _place: place,
            state,
        }
    }

    fn open(&self) -> Spool {
        Spool::open(&self.state, limits(1 << 20)).unwrap()
    }
}

fn version(kind: Kind, text: &str) -> Version {
    let digest = *blake3::hash(text.as_bytes()).as_bytes();
    Version::compress(kind, digest, text.as_bytes(), Moment::now()).unwrap()
}

fn texts(batch: &[Version]) -> Vec<String> {
    let text = |version: &Version| {
        let body = zstd::bulk::decompress(&version.frame, version.size as usize).unwrap();
        String::from_utf8(body).unwrap()
    };
    batch.iter().map(text).collect()
}

#[test]
fn versions_come_out_in_the_order_they_went_in_also_after_a_kill() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    for text in ["one", "two", "three"] {
        spool.append(version(Kind::Accounts, text));
    }
    drop(spool);
    let mut spool = fixture.open();
    assert_eq!(
        texts(&spool.batch(10, 1 << 20, |_| true)),
        ["one", "two", "three"]
    );
    assert_eq!(texts(&spool.batch(2, 1 << 20, |_| true)), ["one", "two"]);
    assert_eq!(texts(&spool.batch(10, 1, |_| true)), ["one"]);
}

#[test]
fn only_what_was_acknowledged_is_removed() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    let first = spool.append(version(Kind::Accounts, "one"));
    spool.append(version(Kind::System, "two"));
    spool.acknowledged(&[first]).unwrap();
    drop(spool);
    let mut spool = fixture.open();
    assert_eq!(texts(&spool.batch(10, 1 << 20, |_| true)), ["two"]);
    let one = *blake3::hash(b"one").as_bytes();
    assert_eq!(spool.latest(Kind::Accounts), Some(one));
    assert_eq!(spool.latest(Kind::Hardware), None);
}

#[test]
fn no_position_is_given_twice_whenever_the_agent_is_killed() {
    let fixture = Fixture::new();
    let mut last = 0;
    for round in 0..200 {
        let mut spool = fixture.open();
        let sequence = spool.append(version(Kind::System, &round.to_string()));
        assert!(sequence > last, "{sequence} after {last}");
        last = sequence;
        if round % 3 == 0 {
            spool.acknowledged(&[sequence]).unwrap();
        }
    }
}

#[test]
fn a_damaged_progress_never_makes_positions_go_back() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    let before = spool.append(version(Kind::System, "one"));
    spool.acknowledged(&[before]).unwrap();
    fs::write(fixture.state.join("progress"), b"rubbish").unwrap();
    assert!(fixture.open().append(version(Kind::System, "two")) > before);
}

#[test]
fn without_its_progress_what_waits_still_tells_which_positions_are_taken() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    let mut before = 0;
    for text in ["one", "two", "three"] {
        before = spool.append(version(Kind::System, text));
    }
    drop(spool);
    fs::remove_file(fixture.state.join("progress")).unwrap();
    assert!(fixture.open().append(version(Kind::System, "four")) > before);
}

#[test]
fn a_record_under_the_name_of_another_is_dropped_and_counted() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    let first = spool.append(version(Kind::System, "one"));
    spool.append(version(Kind::System, "two"));
    drop(spool);
    let folder = fixture.state.join(DIRECTORY);
    let file = |sequence| folder.join(name_of(sequence));
    fs::copy(file(first), file(first + 7)).unwrap();
    let mut spool = fixture.open();
    assert_eq!(texts(&spool.batch(10, 1 << 20, |_| true)), ["one", "two"]);
    assert_eq!(spool.lost(), 1);
}

#[test]
fn the_oldest_make_room_and_are_counted() {
    let fixture = Fixture::new();
    let mut spool = Spool::open(&fixture.state, limits(1000)).unwrap();
    for number in 0..20 {
        spool.append(version(Kind::System, &number.to_string()));
    }
    assert!(spool.bytes() <= 1000);
    let kept = spool.entries().len();
    assert_eq!(spool.lost() as usize, 20 - kept);
    assert_eq!(
        texts(&spool.batch(100, 1 << 20, |_| true)).last().unwrap(),
        "19"
    );
    drop(spool);
    let mut spool = Spool::open(&fixture.state, limits(1000)).unwrap();
    assert_eq!(spool.entries().len(), kept);
    let lost = spool.lost();
    spool.told_lost(lost).unwrap();
    assert_eq!(fixture.open().lost(), 0);
}

#[test]
fn what_is_too_old_goes_and_is_counted() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    let now = Moment::now();
    let mut old = version(Kind::System, "old");
    old.collected.boot = vec![1; 16];
    old.collected.wall_ms = now.wall_ms - 31 * 86_400_000;
    spool.append(old);
    spool.append(version(Kind::System, "new"));
    spool.expire(&now);
    assert_eq!(texts(&spool.batch(10, 1 << 20, |_| true)), ["new"]);
    assert_eq!(spool.lost(), 1);
}

#[test]
fn a_record_cut_at_any_byte_is_dropped_and_the_rest_survives() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    spool.append(version(Kind::Accounts, "one"));
    let torn = spool.append(version(Kind::Accounts, "two"));
    spool.append(version(Kind::Accounts, "three"));
    let path = fixture.state.join(DIRECTORY).join(name_of(torn));
    let whole = fs::read(&path).unwrap();
    for end in 0..whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let mut spool = fixture.open();
        assert_eq!(
            texts(&spool.batch(10, 1 << 20, |_| true)),
            ["one", "three"],
            "cut at {end}"
        );
    }
    assert_eq!(fixture.open().lost() as usize, whole.len());
}

#[test]
fn a_file_left_half_written_by_a_kill_is_cleared_away() {
    let fixture = Fixture::new();
    drop(fixture.open());
    let left = fixture
        .state
        .join(DIRECTORY)
        .join("00000000000000000009.version.tmp");
    fs::write(&left, b"half").unwrap();
    assert_eq!(fixture.open().lost(), 0);
    assert!(!left.exists());
}

#[test]
fn a_version_damaged_while_it_waits_is_lost_and_not_sent() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    let first = spool.append(version(Kind::Accounts, "one"));
    spool.append(version(Kind::Accounts, "two"));
    fs::write(fixture.state.join(DIRECTORY).join(name_of(first)), b"x").unwrap();
    assert_eq!(texts(&spool.batch(10, 1 << 20, |_| true)), ["two"]);
    assert_eq!((spool.entries().len(), spool.lost()), (1, 1));
}

#[test]
fn when_the_disk_refuses_versions_wait_in_memory() {
    let fixture = Fixture::new();
    let mut spool = fixture.open();
    fs::remove_dir(fixture.state.join(DIRECTORY)).unwrap();
    let sequence = spool.append(version(Kind::Accounts, "one"));
    assert_eq!(texts(&spool.batch(10, 1 << 20, |_| true)), ["one"]);
    spool.acknowledged(&[sequence]).unwrap();
    assert!(spool.entries().is_empty());
}

#[test]
fn what_waits_in_memory_is_bounded_and_what_is_lost_is_counted() {
    let fixture = Fixture::new();
    let mut spool = Spool::open(&fixture.state, limits(1 << 30)).unwrap();
    fs::remove_dir(fixture.state.join(DIRECTORY)).unwrap();
    for number in 0..8_u8 {
        // What cannot be compressed.
        let body: Vec<u8> = (0..400_000).map(|_| rand::random()).collect();
        let version = Version::compress(Kind::System, [number; 32], &body, Moment::now());
        spool.append(version.unwrap());
    }
    assert!(spool.bytes() <= MEMORY_BYTES, "{}", spool.bytes());
    assert_eq!(spool.lost() as usize, 8 - spool.entries().len());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_waits() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    let sequence = fixture.open().append(version(Kind::Accounts, "one"));
    let path = fixture.state.join(DIRECTORY).join(name_of(sequence));
    assert_eq!(
        fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
