//! One test for each rule of the grammar, and properties over all of it.

mod files;
mod properties;

use super::*;

fn entries(text: &str) -> Vec<EntryKind> {
    let parsed = parse(text);
    assert_eq!(parsed.problems, [], "{text}");
    parsed.entries.into_iter().map(|entry| entry.kind).collect()
}

fn rule(text: &str) -> Rule {
    match entries(text).as_slice() {
        [EntryKind::Rule(rule)] => rule.clone(),
        other => panic!("{text}: {other:?}"),
    }
}

fn names(members: &[Member]) -> Vec<Name> {
    members.iter().map(|member| member.name.clone()).collect()
}

fn problem(text: &str) -> (u32, u32) {
    let parsed = parse(text);
    assert_eq!(parsed.problems.len(), 1, "{text}: {parsed:?}");
    (parsed.problems[0].line, parsed.problems[0].column)
}

fn program(path: &str, arguments: Option<&str>) -> Command {
    Command::Program {
        path: path.into(),
        arguments: arguments.map(Into::into),
    }
}

fn commands(text: &str) -> Vec<CommandSpec> {
    rule(&format!("u h = {text}\n")).grants.remove(0).commands
}

#[test]
fn the_usual_rule_is_read() {
    let rule = rule("root\tALL=(ALL:ALL) ALL\n");
    assert_eq!(names(&rule.users), [Name::Plain("root".into())]);
    let grant = &rule.grants[0];
    assert_eq!(names(&grant.hosts), [Name::All]);
    let runas = grant.commands[0].runas.as_ref().unwrap();
    assert_eq!(
        (names(&runas.users), names(&runas.groups)),
        (vec![Name::All], vec![Name::All])
    );
    assert_eq!(grant.commands[0].command.command, Command::All);
}

#[test]
fn every_kind_of_user_is_read() {
    let rule = rule(
        "anna, #1000, %wheel, %#10, %:staff, %:#500, +ops, ADMINS, !bob, ALL, \"%domain admins\", \"carl x\", \\ADMINS, \
         DOMAIN\\\\dora, ed\\ x, \"%#7\", \"%:far away\", \"+net\", a\\x40b ALL=ALL",
    );
    let expected = [
        Name::Plain("anna".into()),
        Name::Id(1000),
        Name::Group("wheel".into()),
        Name::GroupId(10),
        Name::DirectoryGroup("staff".into()),
        Name::DirectoryGroup("#500".into()),
        Name::Netgroup("ops".into()),
        Name::Alias("ADMINS".into()),
        Name::Plain("bob".into()),
        Name::All,
        Name::Group("domain admins".into()),
        Name::Plain("carl x".into()),
        Name::Plain("ADMINS".into()),
        Name::Plain("DOMAIN\\dora".into()),
        Name::Plain("ed x".into()),
        Name::GroupId(7),
        Name::DirectoryGroup("far away".into()),
        Name::Netgroup("net".into()),
        Name::Plain("a@b".into()),
    ];
    assert_eq!(names(&rule.users), expected);
    let negated: Vec<_> = rule.users.iter().map(|member| member.negated).collect();
    assert_eq!(negated.iter().position(|negated| *negated), Some(8));
}

#[test]
fn every_kind_of_host_is_read() {
    let rule = rule(
        "u web1, web[0-9]*.example.com, 10.0.0.1, 10.0.0.0/8, 10.0.0.0/255.0.0.0, fe80::1, 2001:db8::/32, ::1, +farm, !ALL, SERVERS, \
         10.0.0.1x = ALL",
    );
    let expected = [
        Name::Plain("web1".into()),
        Name::Plain("web[0-9]*.example.com".into()),
        Name::Network("10.0.0.1".into()),
        Name::Network("10.0.0.0/8".into()),
        Name::Network("10.0.0.0/255.0.0.0".into()),
        Name::Network("fe80::1".into()),
        Name::Network("2001:db8::/32".into()),
        Name::Network("::1".into()),
        Name::Netgroup("farm".into()),
        Name::All,
        Name::Alias("SERVERS".into()),
        Name::Plain("10.0.0.1x".into()),
    ];
    assert_eq!(names(&rule.grants[0].hosts), expected);
}

#[test]
fn an_even_number_of_negations_cancels_out() {
    for (text, negated) in [("!a", true), ("!!a", false), ("!!!a", true), ("! a", true)] {
        assert_eq!(
            rule(&format!("{text} ALL=ALL")).users[0].negated,
            negated,
            "{text}"
        );
    }
}

#[test]
fn one_rule_can_grant_on_several_hosts() {
    let rule = rule("anna web = /bin/a, /bin/b : db, cafe = (root) /bin/c");
    assert_eq!(rule.grants.len(), 2);
    assert_eq!(rule.grants[0].commands.len(), 2);
    assert_eq!(rule.grants[1].hosts.len(), 2);
    assert!(rule.grants[1].commands[0].runas.is_some());
}

#[test]
fn targets_can_be_users_groups_both_or_nobody_else() {
    let runas = |text: &str| commands(&format!("({text}) ALL"))[0].runas.clone().unwrap();
    assert_eq!(runas(""), Runas::default());
    assert_eq!(runas(" : "), Runas::default());
    let both = runas("a, !b : c");
    assert_eq!((both.users.len(), both.groups.len()), (2, 1));
    assert!(both.users[1].negated);
    let groups = runas(": c, #5");
    assert!(groups.users.is_empty());
    assert_eq!(groups.groups.len(), 2);
    problem("u h = (: %c) ALL\n");
    assert_eq!(commands("ALL")[0].runas, None);
}

#[test]
fn tags_targets_and_options_hold_for_what_follows() {
    let specs = commands(
        "(a) TIMEOUT=5m NOPASSWD: SETENV: /bin/a, /bin/b, (b) PASSWD : /bin/c, NOEXEC: ALL, CWD=/x /bin/d",
    );
    let users: Vec<_> = specs
        .iter()
        .map(|spec| spec.runas.as_ref().unwrap().users[0].to_string())
        .collect();
    assert_eq!(users, ["a", "a", "b", "b", "b"]);
    let tags: Vec<String> = specs
        .iter()
        .map(|spec| print::List(&spec.tags, " ").to_string())
        .collect();
    assert_eq!(
        tags,
        [
            "NOPASSWD: SETENV:",
            "NOPASSWD: SETENV:",
            "PASSWD: SETENV:",
            "PASSWD: NOEXEC:",
            "PASSWD: NOEXEC:"
        ]
    );
    assert_eq!(specs[4].options.len(), 2);
    assert_eq!(specs[1].options, specs[0].options);
}

#[test]
fn every_tag_is_known_both_ways() {
    for kind in TagKind::ALL {
        for on in [true, false] {
            let tag = kind.switched(on);
            assert_eq!(commands(&format!("{tag} ALL"))[0].tags, [tag], "{tag}");
        }
    }
}

#[test]
fn every_option_is_known() {
    for kind in OptionKind::ALL {
        let (written, value) = match kind {
            OptionKind::Cwd | OptionKind::Chroot => ("/v\\ w", "/v w"),
            OptionKind::Timeout => ("1h5", "1h5"),
            OptionKind::NotBefore | OptionKind::NotAfter => ("2025010100", "2025010100"),
            _ => ("\"v w\"", "v w"),
        };
        let specs = commands(&format!("{}={written} ALL", kind.word()));
        let expected = SpecOption {
            kind: *kind,
            value: value.into(),
        };
        assert_eq!(specs[0].options, [expected]);
    }
    let specs = commands("NOTBEFORE=20250101000000Z CHROOT=/srv/* CWD=~ /bin/a");
    assert_eq!(specs[0].options.len(), 3);
    for broken in [
        "CWD=x",
        "CHROOT=\"/x\"",
        "TIMEOUT=5x",
        "NOTAFTER=soon",
        "ROLE=\"\"",
    ] {
        problem(&format!("u h = {broken} ALL\n"));
    }
}

#[test]
fn commands_are_paths_patterns_directories_and_built_ins() {
    for (text, expected) in [
        ("/bin/ls", program("/bin/ls", None)),
        ("/usr/bin/", program("/usr/bin/", None)),
        ("/bin/[a-z]*", program("/bin/[a-z]*", None)),
        ("/bin/ls -l  /tmp", program("/bin/ls", Some("-l /tmp"))),
        ("/bin/ls \"\"", program("/bin/ls", Some("\"\""))),
        (
            "/bin/a\\ b\\,c\\:d\\=e\\#f",
            program("/bin/a b,c:d=e#f", None),
        ),
        (
            "/bin/a x\\,y --k=v \\*",
            program("/bin/a", Some("x,y --k=v \\*")),
        ),
        (
            "sudoedit /etc/hosts",
            program("sudoedit", Some("/etc/hosts")),
        ),
        ("sudoedit", program("sudoedit", None)),
        ("list", program("list", None)),
        ("^/bin/(a|b)$", program("^/bin/(a|b)$", None)),
        ("/bin/a ^x[,:=]+$", program("/bin/a", Some("^x[,:=]+$"))),
        ("ALL", Command::All),
        ("SHELLS", Command::Alias("SHELLS".into())),
    ] {
        assert_eq!(commands(text)[0].command.command, expected, "{text}");
    }
    let specs = commands("ALL, !/bin/su, !!SHELLS");
    let negated: Vec<_> = specs.iter().map(|spec| spec.command.negated).collect();
    assert_eq!(negated, [false, true, false]);
}

#[test]
fn checksums_are_read_in_both_encodings() {
    let hex = "a".repeat(64);
    let specs = commands(&format!(
        "sha256:{hex}, sha224 : {} /bin/a, /bin/b",
        "Z".repeat(38) + "=="
    ));
    let algorithms: Vec<_> = specs[0]
        .command
        .digests
        .iter()
        .map(|digest| digest.algorithm)
        .collect();
    assert_eq!(algorithms, ["sha256", "sha224"]);
    assert!(specs[1].command.digests.is_empty());
    assert_eq!(
        problem(&format!("u h = sha256:{} /bin/a", "a".repeat(63))),
        (1, 14)
    );
}
