//! When accounts signed in last.

use super::*;

const DAY: i64 = 24 * 60 * 60;
const NOON: u32 = 20_500 * 24 * 60 * 60 + DAY as u32 / 2;

fn day(accounts: &Accounts, name: &str) -> Option<i64> {
    let at = account(accounts, name).last_sign_in_at?;
    assert_eq!(at.seconds % DAY, 0, "the time of day is left out");
    Some(at.seconds / DAY)
}

/// A place for every user id up to 1001.
fn lastlog(times: &[(usize, u32)]) -> Vec<u8> {
    const RECORD: usize = 292;
    let mut bytes = vec![0; RECORD * 1002];
    for (uid, time) in times {
        bytes[uid * RECORD..uid * RECORD + 4].copy_from_slice(&time.to_ne_bytes());
    }
    bytes
}

fn wtmp(account: &str, time: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[..2].copy_from_slice(&7_u16.to_ne_bytes());
    record[44..44 + account.len()].copy_from_slice(account.as_bytes());
    record[340..344].copy_from_slice(&time.to_ne_bytes());
    record
}

#[test]
fn the_newest_note_of_an_account_counts() {
    let older = NOON - 3 * DAY as u32;
    let accounts = collect_with(&[
        ("/var/log/lastlog", &lastlog(&[(0, older), (1000, NOON)])),
        (
            "/var/log/wtmp",
            &[wtmp("root", NOON), wtmp("anna", older), wtmp("carl", older)].concat(),
        ),
    ]);
    assert_eq!(accounts.status(), Status::Complete);
    assert_eq!(day(&accounts, "anna"), Some(20_500));
    assert_eq!(day(&accounts, "root"), Some(20_500));
    // His user id is beyond the end of the one, but the other knows him.
    assert_eq!(day(&accounts, "carl"), Some(20_497));
    assert_eq!(day(&accounts, "bob"), None);
}

#[test]
fn a_time_that_cannot_be_is_none() {
    let accounts = collect_with(&[("/var/log/lastlog", &lastlog(&[(1000, u32::MAX)]))]);
    assert_eq!(day(&accounts, "anna"), None);
    assert_eq!(accounts.status(), Status::Complete);
}

#[test]
fn notes_that_cannot_be_read_are_said() {
    let accounts = collect_with(&[
        ("/var/lib/lastlog/lastlog2.db", b"SQLite format 3\0"),
        ("/var/log/wtmp/x", b""),
    ]);
    assert_eq!(accounts.status(), Status::Partial);
    let said = diagnostics(&accounts).join("\n");
    assert!(
        said.contains("/var/lib/lastlog/lastlog2.db [Lastlog2] is no SQLite database"),
        "{said}"
    );
    assert!(
        said.contains("/var/log/wtmp [] not a regular file"),
        "{said}"
    );
}
