//! Statements that are wrong, or want too much.

use std::time::Instant;

use super::*;

#[test]
fn what_is_wrong_with_a_statement_is_said_with_its_place() {
    for (sql, words) in [
        ("SELEC 1", "near \"SELEC\": syntax error (line 1, column 1)"),
        (
            "SELECT 1,\n  nam FROM software_packages",
            "no such column: nam (line 2, column 3)",
        ),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT \"text\"", "no such column: \"text\""),
        ("", "there is no question in this"),
        ("-- nothing", "there is no question in this"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 1; DROP TABLE x", "no such table: x"),
        (
            "ATTACH '/etc/passwd' AS x",
            "nothing can be changed, attached or set",
        ),
        (
            "PRAGMA writable_schema = ON",
            "nothing can be changed, attached or set",
        ),
        (
            "DELETE FROM software_packages",
            "table software_packages may not be modified",
        ),
        (
            "SELECT * FROM sqlite_master",
            "the table sqlite_master cannot be read here",
        ),
        (
            "SELECT load_extension('x')",
            "the function load_extension is not available here",
        ),
        ("VACUUM INTO '/tmp/x'", "there is no question in this"),
        ("SELECT 1 WHERE 'a' REGEXP 'b'", "REGEXP"),
    ] {
        let said = ask(sql);
        let sentence = said.fault.unwrap_or_else(|| panic!("{sql}")).sentence;
        assert!(sentence.contains(words), "{sql}: {sentence}");
        assert_eq!(
            ask(sql).fault.unwrap().sentence,
            sentence,
            "the same each time"
        );
    }
}

#[test]
fn what_takes_too_much_ends_with_a_sentence() {
    let endless = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
    for (sql, words) in [
        (
            format!("{endless} SELECT count(*) FROM c"),
            "longer than the 1 seconds",
        ),
        (
            format!("{endless} SELECT x FROM c WHERE x < 0"),
            "longer than the 1 seconds",
        ),
        (
            "SELECT length(zeroblob(1000000000))".to_owned(),
            "longer than 1 MiB",
        ),
        (
            "SELECT printf('%.*c', 100000000, 'x')".to_owned(),
            "longer than 1 MiB",
        ),
        (
            "SELECT printf('%2000000000d', 1)".to_owned(),
            "longer than 1 MiB",
        ),
        (
            "SELECT hex(randomblob(1000000))".to_owned(),
            "longer than 1 MiB",
        ),
        (
            "SELECT replace(hex(zeroblob(9999)), '0', hex(zeroblob(9999)))".to_owned(),
            "longer than 1 MiB",
        ),
        (
            format!("SELECT '{}'", "x".repeat(9000)),
            "longer than 8192 bytes",
        ),
        (format!("SELECT {}1", "NOT ".repeat(500)), "cannot be"),
        (
            format!("SELECT {}", vec!["1"; 300].join(" + ")),
            "cannot be",
        ),
        (format!("SELECT {}", vec!["1"; 300].join(",")), "cannot be"),
        (vec!["SELECT 1"; 100].join(" UNION "), "cannot be"),
        (
            format!("SELECT 'x' LIKE '{}'", "%_".repeat(400)),
            "LIKE or GLOB pattern too complex",
        ),
        (
            format!("{endless} SELECT sum(length(randomblob(1000) || x)) FROM c"),
            "longer than the 1 seconds",
        ),
    ] {
        let began = Instant::now();
        let said = ask(&sql);
        let sentence = said.fault.unwrap_or_else(|| panic!("{sql}")).sentence;
        assert!(sentence.contains(words), "{sql}: {sentence}");
        assert!(began.elapsed() < Duration::from_secs(10), "{sql}");
    }
}

#[test]
fn rows_beyond_what_may_be_answered_are_cut_and_that_is_said() {
    let endless = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)";
    let said = ask(&format!("{endless} SELECT x FROM c"));
    assert_eq!(said.rows.len(), 1000);
    assert_eq!(
        said.done,
        Some(Done {
            rows: 1000,
            cut: true
        })
    );
    // Long before memory is the matter.
    let wide = Question {
        rows: 1_000_000,
        millis: 20_000,
        ..question(&format!(
            "{endless} SELECT printf('%.*c', 500000, 'x') FROM c"
        ))
    };
    let said = asked(&wide, &sections());
    let done = said.done.unwrap();
    assert!(done.cut && done.rows < 80, "{done:?}");
}

#[test]
fn a_worker_that_nobody_feeds_any_more_ends() {
    let (theirs, mut ours) = io::pipe().unwrap();
    let (mut answers, said) = io::pipe().unwrap();
    within(theirs, said);
    let endless =
        "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    let question = Question {
        millis: 60_000,
        ..question(endless)
    };
    frame::write(&mut ours, Kind::Question, &question.encode_to_vec()).unwrap();
    assert_eq!(
        frame::read(&mut answers, 1000).unwrap().unwrap().0,
        Kind::Needs
    );
    tell(&mut ours, &Needs::default(), &[]);
    thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    drop(ours);
    while let Ok(Some(_)) = frame::read(&mut answers, limits::PIECE) {}
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn bytes_that_are_no_section_are_no_answer() {
    let broken = vec![(0, Section::Software, vec![0xff, 0xff, 0xff])];
    let said = asked(&question("SELECT count(*) FROM software_packages"), &broken);
    assert!(said.fault.unwrap().sentence.contains("one reported"));
}
