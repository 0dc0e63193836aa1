//! Rows are written from Microsoft's documentation of the interfaces they stand for.

use super::*;
use crate::{
    probe::{accounts, antivirus, protection, services, windows::fake::Fake},
    rows::Value,
};

const PC: &str = "S-1-5-21-1111111-2222222-3333333";

/// A task as the scheduler stores it.
const TASK: &str = r"<Task><Author>EMPFANG\\Jürgen</Author><Command>C:\Users\Jürgen\backup.exe</Command><Arguments>--password hunter2</Arguments></Task>";

/// What must not be in a recording, in small letters.
const SECRETS: [&str; 13] = [
    "jürgen",
    "müller",
    "empfang",
    "praxis",
    "1111111",
    "hunter2",
    "10.9.8.7",
    "fd00:",
    "00-1b-63",
    "@zahnarzt",
    "4711",
    "s3cret",
    "fritz",
];

fn machine() -> Fake {
    let task: Vec<u8> = std::iter::once(0xfeff)
        .chain(TASK.replace("\\\\", "\\").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let member = |sid: &str, name: &str| Row::of([("Sid", sid), ("Name", name)]).with("Use", 1_u32);
    let account = |name: &str, rid: u32| {
        Row::of([("Name", name), ("FullName", "Jürgen Müller")])
            .with("Rid", rid)
            .with("Flags", 0x200_u32)
    };
    let sid = |name: &str, sid: &str| {
        (
            (Source::Sid(sid.into()), Row::of([("Name", name)])),
            (Source::Name(name.into()), Row::of([("Sid", sid)])),
        )
    };
    let ((by_sid, named), (by_name, identified)) = sid("Administratoren", "S-1-5-32-544");
    Fake::new()
        .key(
            r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions",
            [("ProductType", "WinNT")],
        )
        .key(
            r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate",
            [
                ("WUServer", "http://update.praxis.example:8530"),
                ("Mail", "it@zahnarzt.example"),
            ],
        )
        .list(
            Source::Computer,
            Ok(vec![Row::of([("Sid", PC), ("Name", "EMPFANG")])]),
        )
        .list(
            Source::Accounts,
            Ok(vec![account("Administrator", 500), account("Jürgen", 1001)]),
        )
        .list(
            Source::Groups,
            Ok(vec![Row::of([("Name", "Administratoren")])]),
        )
        .list(by_sid, Ok(vec![named]))
        .list(by_name, Ok(vec![identified]))
        .list(
            Source::Members("Administratoren".into()),
            Ok(vec![
                member(&format!("{PC}-500"), r"EMPFANG\Administrator"),
                member(&format!("{PC}-1001"), r"EMPFANG\Jürgen"),
                member("S-1-5-21-9-8-7-1104", r"PRAXIS\fritz"),
            ]),
        )
        .service_of(
            "Backup",
            "Backup for Jürgen",
            (4, 2),
            r#""C:\Users\Jürgen\backup.exe" --key s3cret"#,
            r".\Jürgen",
        )
        .list(
            Source::Sockets,
            Ok(vec![
                Row::of([("Protocol", "tcp"), ("Address", "10.9.8.7")]).with("Port", 445_u32),
                Row::of([("Protocol", "tcp"), ("Address", "fd00::7")]).with("Port", 445_u32),
                Row::of([("Protocol", "tcp"), ("Address", "0.0.0.0")]).with("Port", 135_u32),
            ]),
        )
        .list(
            Source::Tasks,
            Ok(vec![
                Row::of([("Name", r"\Sicherung von Jürgen")])
                    .with("Definition", Value::Bytes(task)),
            ]),
        )
        .list(Source::Shares, Err(Unread::Denied))
}

/// What the sections are made of, recorded.
fn recorded(machine: &Fake) -> String {
    let recorder = Recorder::new(machine);
    antivirus::read_windows(&recorder);
    accounts::read_windows(&recorder);
    services::read_windows(&recorder);
    protection::read_windows(&recorder);
    // What a driver tells of itself.
    recorder.keep(
        "list odd".into(),
        Told::Rows(Ok(vec![Row::of([
            ("SerialNumber", "WD-4711"),
            ("Address", "00-1B-63-84-45-E6"),
        ])])),
    );
    let mut redaction = Redaction::of(["EMPFANG", "praxis.example", ""]);
    serde_json::to_string_pretty(&recorder.recording(&mut redaction)).unwrap()
}

#[test]
fn a_recording_names_nobody_and_nothing_of_the_site() {
    let text = recorded(&machine());
    let recording: Recording = serde_json::from_str(&text).unwrap();
    let mut files = String::new();
    for row in recording.asked.iter().flat_map(|asked| asked.answer.rows()) {
        let bytes = row.bytes("Definition").unwrap_or_default();
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<_> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        files.push_str(&crate::rows::utf16(&units));
    }
    assert!(files.contains("<Command>"), "the task is there: {files}");
    let all = format!("{text}{files}").to_lowercase();
    for secret in SECRETS {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}

#[test]
fn what_says_nothing_of_people_stays_as_it_was() {
    let text = recorded(&machine());
    for kept in [
        "Administratoren",
        "Administrator",
        "S-1-5-32-544",
        "WinNT",
        "0.0.0.0",
        "-1001",
    ] {
        assert!(text.contains(kept), "{kept} is missing in {text}");
    }
}

#[test]
fn a_recording_gives_the_same_sections_under_other_names() {
    let original = machine();
    let recording: Recording = serde_json::from_str(&recorded(&original)).unwrap();
    let (before, after) = (
        accounts::read_windows(&original),
        accounts::read_windows(&recording),
    );
    assert_eq!(after.status, before.status);
    let privileges = |section: &freehold_proto::v1::Accounts| {
        let all = section.privileges.iter();
        all.map(|one| (one.mechanism, one.principal_kind, one.full_control))
            .collect::<Vec<_>>()
    };
    assert_eq!(privileges(&after).len(), privileges(&before).len());
    assert_eq!(after.accounts.len(), before.accounts.len());
    assert_eq!(after.groups[0].members.len(), 3, "{:?}", after.groups);
    let (before, after) = (
        services::read_windows(&original),
        services::read_windows(&recording),
    );
    assert_eq!(after.status, before.status);
    assert_eq!(after.services.len(), before.services.len());
    assert_eq!(after.scheduled_tasks.len(), before.scheduled_tasks.len());
    assert_eq!(
        after.listening_sockets.len(),
        before.listening_sockets.len()
    );
    assert_eq!(
        after.diagnostics, before.diagnostics,
        "what failed fails again"
    );
}

#[test]
fn what_was_not_asked_is_absent() {
    let recording = Recording::default();
    assert_eq!(recording.list(&Source::Groups), Err(Unread::Absent));
    assert_eq!(recording.key(r"HKLM\SOFTWARE"), Err(Unread::Absent));
}

#[test]
fn a_name_is_found_between_words_and_not_within_them() {
    let redaction = Redaction::of(["Anna"]);
    assert_eq!(
        redaction.text(r"C:\anna\ANNABEL.exe"),
        r"C:\site-1\ANNABEL.exe"
    );
}
