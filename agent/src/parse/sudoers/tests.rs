//! One test for each rule of the grammar, and properties over all of it.

use proptest::prelude::*;

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
    let groups = runas(": %c, d");
    assert!(groups.users.is_empty());
    assert_eq!(groups.groups.len(), 2);
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
        let specs = commands(&format!("{}=\"v w\" ALL", kind.word()));
        let expected = SpecOption {
            kind: *kind,
            value: "v w".into(),
        };
        assert_eq!(specs[0].options, [expected]);
    }
    let specs = commands("NOTBEFORE=20250101000000Z CHROOT=/srv/* CWD=~ /bin/a");
    assert_eq!(specs[0].options.len(), 3);
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

#[test]
fn aliases_of_each_kind_are_read() {
    let found = entries(
        "User_Alias A1 = a, %b : B_2 = !c\nRunas_Alias R = root, #5\nHost_Alias H = h1, 10.0.0.0/8\n\
         Cmnd_Alias C = /bin/a x, !C2, sudoedit /x\nCmd_Alias D = ALL\n",
    );
    let kinds: Vec<_> = found
        .iter()
        .map(|entry| match entry {
            EntryKind::Alias(Alias { name, list }) => match list {
                AliasList::Users(list) => format!("user {name} {}", list.len()),
                AliasList::Runas(list) => format!("runas {name} {}", list.len()),
                AliasList::Hosts(list) => format!("host {name} {}", list.len()),
                AliasList::Commands(list) => format!("command {name} {}", list.len()),
            },
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "user A1 2",
            "user B_2 1",
            "runas R 2",
            "host H 2",
            "command C 3",
            "command D 1"
        ]
    );
}

#[test]
fn defaults_have_scopes_and_values() {
    let found = entries(
        "Defaults env_reset, !authenticate , secure_path=\"/a:/b\"\nDefaults:anna,%ops !authenticate\nDefaults>root targetpw\n\
         Defaults@web,10.0.0.1 log_year\nDefaults!/bin/a,SHELLS noexec\nDefaults env_keep += \"A B\", env_delete-=C\nDefaults !lecture\n\
         Defaults editor=/usr/bin/vim:/bin/ed, badpass_message = no\\ way\n",
    );
    let all: Vec<_> = found
        .into_iter()
        .map(|entry| match entry {
            EntryKind::Defaults(defaults) => defaults,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(all[0].settings.len(), 3);
    assert_eq!(all[0].settings[1].change, Change::Off);
    assert_eq!(all[0].settings[2].change, Change::Set("/a:/b".into()));
    assert!(matches!(&all[1].scope, DefaultsScope::Users(list) if list.len() == 2));
    assert!(matches!(&all[2].scope, DefaultsScope::Runas(_)));
    assert!(matches!(&all[3].scope, DefaultsScope::Hosts(list) if list.len() == 2));
    assert!(matches!(&all[4].scope, DefaultsScope::Commands(list) if list.len() == 2));
    assert_eq!(all[5].settings[0].change, Change::Add("A B".into()));
    assert_eq!(all[5].settings[1].change, Change::Remove("C".into()));
    assert_eq!(all[6].scope, DefaultsScope::Everywhere);
    assert_eq!(
        all[7].settings[0].change,
        Change::Set("/usr/bin/vim:/bin/ed".into())
    );
    assert_eq!(all[7].settings[1].change, Change::Set("no way".into()));
}

#[test]
fn includes_are_read_in_both_spellings() {
    let found = entries(
        "#include /etc/a\n#includedir /etc/sudoers.d\n@include /etc/b\\ c\n@includedir \"/etc/d e\"\n  @include f.%h\n",
    );
    let paths: Vec<_> = found
        .iter()
        .map(|entry| match entry {
            EntryKind::Include { path, directory } => (path.as_str(), *directory),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        paths,
        [
            ("/etc/a", false),
            ("/etc/sudoers.d", true),
            ("/etc/b c", false),
            ("/etc/d e", true),
            ("f.%h", false)
        ]
    );
}

#[test]
fn comments_are_told_from_user_ids_and_includes() {
    assert_eq!(
        entries("# x\n#include\n #include /x\n#includedirx /y\n#\n##\n#-x\n  # y\n"),
        []
    );
    let rule = rule("#1000 ALL=ALL # trailing\n");
    assert_eq!(rule.users[0].name, Name::Id(1000));
    assert_eq!(commands("/bin/a b # c"), commands("/bin/a b"));
    assert_eq!(commands("/bin/a b#c"), commands("/bin/a b"));
}

#[test]
fn lines_are_joined_by_a_backslash_but_comments_are_not() {
    let parsed = parse(
        "anna ALL = \\\n  /bin/a, \\  \n /bin/b x\\\n y\r\n# c \\\nbob ALL=ALL\n\\\ncarl ALL=ALL\n",
    );
    assert_eq!(parsed.problems, []);
    let lines: Vec<_> = parsed.entries.iter().map(|entry| entry.line).collect();
    assert_eq!(lines, [1, 6, 8]);
    let EntryKind::Rule(rule) = &parsed.entries[0].kind else {
        panic!()
    };
    assert_eq!(
        rule.grants[0].commands[1].command.command,
        program("/bin/b", Some("x y"))
    );
}

#[test]
fn strings_can_span_joined_lines() {
    let found = entries("Defaults x=\"a\\\n   b\\\"c\\d\"\n");
    let EntryKind::Defaults(defaults) = &found[0] else {
        panic!()
    };
    assert_eq!(defaults.settings[0].change, Change::Set("ab\"c\\d".into()));
}

#[test]
fn broken_lines_are_placed_and_the_rest_is_read() {
    for (text, place) in [
        ("anna", (1, 5)),
        ("anna ALL", (1, 9)),
        ("anna ALL=", (1, 10)),
        ("anna ALL=ls", (1, 10)),
        ("anna ALL=(root ALL", (1, 16)),
        ("anna ALL=ALL garbage", (1, 14)),
        ("anna ALL=/bin/a,", (1, 17)),
        ("anna, ALL=ALL", (1, 10)),
        ("% ALL=ALL", (1, 2)),
        ("+ ALL=ALL", (1, 2)),
        ("\"\" ALL=ALL", (1, 1)),
        ("\"anna ALL=ALL", (1, 1)),
        ("/bin/a ALL=ALL", (1, 1)),
        ("User_Alias admins = a", (1, 12)),
        ("User_Alias ALL = a", (1, 12)),
        ("User_Alias A", (1, 13)),
        ("Defaults", (1, 9)),
        ("Defaults 5x", (1, 10)),
        ("Defaults x=", (1, 12)),
        ("Defaults x=\"\"", (1, 12)),
        ("@include", (1, 9)),
        ("@include /a b", (1, 13)),
        ("anna ALL=/", (1, 11)),
        ("anna ALL=/bin/a \\d", (1, 17)),
        ("anna ALL=^x", (1, 10)),
        ("anna ALL=NOPASSWD: CWD=/ /bin/a", (1, 23)),
        ("anna ALL=sha256:zz /bin/a", (1, 17)),
        ("anna ALL = \\\n  oops", (2, 3)),
        (") ALL=ALL", (1, 1)),
    ] {
        assert_eq!(problem(text), place, "{text}");
        let parsed = parse(&format!("{text}\nbob ALL=ALL\n"));
        assert_eq!(
            (parsed.problems.len(), parsed.entries.len()),
            (1, 1),
            "{text}"
        );
    }
}

#[test]
fn an_alias_before_a_broken_one_holds() {
    let parsed = parse("User_Alias A = a : B = \n");
    assert_eq!((parsed.entries.len(), parsed.problems.len()), (1, 1));
}

#[test]
fn a_flood_of_broken_lines_is_bounded() {
    let parsed = parse(&"oops\n".repeat(10_000));
    assert_eq!(parsed.problems.len(), crate::parse::problem::MOST);
}

fn text() -> impl Strategy<Value = String> {
    "[ -~\t\n]{0,6}[a-zA-Z0-9]"
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        Just(Name::All),
        "[A-Z][A-Z0-9_]{1,5}x"
            .prop_map(|name| Name::Alias(name[..name.len() - 1].to_owned() + "_")),
        text()
            .prop_filter("networks are another kind", |text| {
                !text.contains(':') && text.parse::<std::net::IpAddr>().is_err()
            })
            .prop_map(Name::Plain),
        any::<u32>().prop_map(|id| Name::Id(id.into())),
        "[a-z][a-z #,!]{0,5}z".prop_map(Name::Group),
        any::<u32>().prop_map(|id| Name::GroupId(id.into())),
        "[a-z][a-z #,!]{0,5}z".prop_map(Name::DirectoryGroup),
        "[a-z][a-z #,!]{0,5}z".prop_map(Name::Netgroup),
        Just(Name::Network("10.0.0.0/8".into())),
        Just(Name::Network("2001:db8::1/64".into())),
    ]
}

fn members(range: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Member>> {
    let member = (any::<bool>(), name()).prop_map(|(negated, name)| Member { negated, name });
    prop::collection::vec(member, range)
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::All),
        "[B-Z][A-Z0-9_]{1,5}_".prop_map(Command::Alias),
        (
            "/[a-z*,:=# ]{1,8}x",
            prop::option::of("[a-z*,:=#-]{1,6}( [a-z,:=#]{1,6}){0,2}")
        )
            .prop_map(|(path, arguments)| Command::Program { path, arguments }),
        Just(program("/usr/bin/", None)),
        Just(program("^/bin/[a-z]+$", Some("^x,y$"))),
        Just(program("sudoedit", Some("/etc/hosts"))),
    ]
}

fn spec() -> impl Strategy<Value = CommandSpec> {
    let tag = (0..TagKind::ALL.len(), any::<bool>())
        .prop_map(|(kind, on)| TagKind::ALL[kind].switched(on));
    let runas = (members(0..3), members(0..3)).prop_map(|(users, groups)| Runas { users, groups });
    (
        prop::option::of(runas),
        prop::collection::vec(tag, 0..3),
        any::<bool>(),
        command(),
    )
        .prop_map(|(runas, mut tags, negated, command)| {
            tags.sort_by_key(|tag| tag.kind);
            tags.dedup_by_key(|tag| tag.kind);
            CommandSpec {
                runas,
                tags,
                options: Vec::new(),
                command: CommandMember {
                    negated,
                    digests: Vec::new(),
                    command,
                },
            }
        })
}

proptest! {
    #[test]
    fn any_text_is_survived(text: String) {
        parse(&text);
    }

    #[test]
    fn likely_text_is_survived(
        words in prop::collection::vec(
            "(ALL|Defaults[:>@!]?|User_Alias|Cmnd_Alias|A|=|,|:|\\(|\\)|!|\"|\\\\|\n|\\^|\\$|#|%|\\+|/bin/a|NOPASSWD:|CWD=|sha256:|@include|::1| |\t|é)", 0..40)
    ) {
        parse(&words.concat());
    }

    #[test]
    fn what_is_printed_is_read_again(users in members(1..4), hosts in members(1..3), spec in spec()) {
        let rule = Rule { users, grants: vec![Grant { hosts, commands: vec![spec] }] };
        let text = rule.to_string();
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.problems, &[], "{}", text);
        prop_assert_eq!(&parsed.entries[0].kind, &EntryKind::Rule(rule), "{}", text);
    }
}
