use super::*;

#[test]
fn a_time_beyond_every_calendar_becomes_the_nearest_that_there_is() {
    assert_eq!(seconds(1_700_000_000).seconds, 1_700_000_000);
    assert_eq!(seconds(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
    assert_eq!(seconds(i64::MIN).to_string(), "0001-01-01T00:00:00Z");
}

#[test]
fn a_note_makes_the_section_partial_and_a_remark_does_not() {
    let mut diagnostics = Diagnostics::new();
    assert_eq!(diagnostics.status(true), Status::Complete);
    diagnostics.remark("/etc/passwd", line(3), "odd but whole");
    assert_eq!(diagnostics.status(true), Status::Complete);
    diagnostics.note("/etc/passwd", line(4), "too few fields");
    assert_eq!(diagnostics.status(true), Status::Partial);
    assert_eq!(diagnostics.status(false), Status::Unreadable);
    assert_eq!(diagnostics.finish().len(), 2);
}

#[test]
fn a_diagnostic_says_what_it_can_hide_as_far_as_that_is_known() {
    let mut searched = Diagnostics::hiding(&["privileges.SETUID"]);
    let mut part = Diagnostics::new();
    part.note("/home", "", "is not searched");
    searched.append(part);
    searched.pending("/srv", "is still being searched");
    let mut all = Diagnostics::new();
    all.note("/etc/sudoers", line(3), "is no rule");
    all.remark("/etc/passwd", line(4), "odd but whole");
    all.append(searched);
    let gaps: Vec<_> = all.finish().into_iter().map(|one| one.gap).collect();
    let hides = |hides: &[&str], pending| {
        let hides = hides.iter().map(|one| (*one).to_owned()).collect();
        Some(Gap { hides, pending })
    };
    let setuid = &["privileges.SETUID"];
    let expected = [
        None,
        hides(&[], false),
        hides(setuid, false),
        hides(setuid, true),
    ];
    assert_eq!(gaps, expected);
}

#[test]
fn text_is_cut_on_a_character_boundary_and_says_so() {
    let mut diagnostics = Diagnostics::new();
    let long = "ä".repeat(limits::STRING_BYTES);
    let text = diagnostics.text("source", "here", format!("x{long}").as_bytes());
    assert_eq!(text.len(), limits::STRING_BYTES - 1);
    assert!(diagnostics.finish()[0].reason.contains("8193 bytes long"));
}

#[test]
fn invalid_utf8_is_shown_and_remarked() {
    let mut diagnostics = Diagnostics::new();
    assert_eq!(
        diagnostics.text("source", "", b"M\xfcller"),
        "M\u{fffd}ller"
    );
    assert_eq!(diagnostics.status(true), Status::Complete);
    assert_eq!(diagnostics.finish().len(), 1);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_utf8_are_left_out_and_said() {
    use std::os::unix::ffi::OsStringExt as _;

    let names = [&b"a"[..], b"M\xfcller", b"\xff"];
    let names = names.map(|name| OsString::from_vec(name.to_vec()));
    let mut diagnostics = Diagnostics::new();
    let kept = diagnostics.names("/etc/cron.d", names.to_vec(), "the tasks there are");
    assert_eq!(kept, ["a"]);
    assert_eq!(diagnostics.status(true), Status::Partial);
    let said = diagnostics.finish();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].position, "M\u{fffd}ller");
    assert!(said[0].reason.starts_with("is the first of 2 names"));
}

#[test]
fn a_flood_of_diagnostics_is_bounded_and_counted() {
    let mut diagnostics = Diagnostics::new();
    for number in 0..DIAGNOSTICS + 7 {
        diagnostics.note("source", line(number), "broken");
    }
    let mut all = Diagnostics::new();
    all.note("other", "", "first");
    all.append(diagnostics);
    let entries = all.finish();
    assert_eq!(entries.len(), DIAGNOSTICS + 1);
    assert!(entries[DIAGNOSTICS].reason.starts_with("8 further"));
}

#[test]
fn a_list_beyond_its_limit_says_how_much_is_missing() {
    let mut diagnostics = Diagnostics::new();
    let mut items = vec![0; 12];
    diagnostics.limit("dpkg", "packages", &mut items, 10);
    assert_eq!(items.len(), 10);
    assert!(diagnostics.finish()[0].reason.contains("12 packages"));
}

#[test]
fn reasons_name_no_error_numbers() {
    let denied = io::Error::from_raw_os_error(13);
    assert_eq!(explain(&denied), "the agent is not allowed to read it");
    let looped = io::Error::from_raw_os_error(40);
    assert!(!explain(&looped).contains("os error"));
}
