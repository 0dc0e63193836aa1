//! Whole files: aliases, settings, includes, comments, broken lines.

use super::*;

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
fn a_path_with_quotes_blanks_and_backslashes_is_printed_as_it_is_read() {
    for path in ["/etc/a", "/a\"b", "\"", "/a b\tc", "/a\\", "/a\\\"b"] {
        let include = EntryKind::Include {
            path: path.into(),
            directory: false,
        };
        assert_eq!(entries(&include.to_string()), [include]);
    }
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
    assert_eq!(problem("10.0.0.1 ALL=ALL\n"), (1, 1));
    let digest = "a".repeat(64);
    assert_eq!(problem(&format!("a h = sha256:{digest} A\n")), (1, 79));
    assert_eq!(problem("a h = /bin/x, /usr/bin/sudoedit /etc/x\n"), (1, 15));
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
