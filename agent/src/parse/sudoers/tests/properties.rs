//! Properties over all of the grammar.

use proptest::prelude::*;

use super::*;
use crate::parse::sudoers::name::Role;

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

fn members(role: Role, range: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Member>> {
    let name = name().prop_filter("not in such a list", move |name| role.accepts(name));
    let member = (any::<bool>(), name).prop_map(|(negated, name)| Member { negated, name });
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

fn option() -> impl Strategy<Value = SpecOption> {
    prop_oneof![
        "[/~][ -~]{0,12}".prop_map(|value| (OptionKind::Cwd, value)),
        Just((OptionKind::Chroot, "*".to_owned())),
        "[1-9]{1,3}d[1-9]{1,3}m".prop_map(|value| (OptionKind::Timeout, value)),
        "2[0-9]{9}Z?".prop_map(|value| (OptionKind::NotAfter, value)),
        text().prop_map(|value| (OptionKind::Role, value)),
    ]
    .prop_map(|(kind, value)| SpecOption { kind, value })
}

fn spec() -> impl Strategy<Value = CommandSpec> {
    let tag = (0..TagKind::ALL.len(), any::<bool>())
        .prop_map(|(kind, on)| TagKind::ALL[kind].switched(on));
    let runas = (members(Role::User, 0..3), members(Role::Group, 0..3))
        .prop_map(|(users, groups)| Runas { users, groups });
    (
        prop::option::of(runas),
        prop::collection::vec(tag, 0..3),
        prop::collection::vec(option(), 0..3),
        any::<bool>(),
        command(),
    )
        .prop_map(|(runas, mut tags, mut options, negated, command)| {
            options.sort_by_key(|option| option.kind);
            options.dedup_by_key(|option| option.kind);
            tags.sort_by_key(|tag| tag.kind);
            tags.dedup_by_key(|tag| tag.kind);
            CommandSpec {
                runas,
                tags,
                options,
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
    fn what_is_printed_is_read_again(users in members(Role::User, 1..4), hosts in members(Role::Host, 1..3), spec in spec()) {
        let rule = Rule { users, grants: vec![Grant { hosts, commands: vec![spec] }] };
        let text = rule.to_string();
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.problems, &[], "{}", text);
        prop_assert_eq!(&parsed.entries[0].kind, &EntryKind::Rule(rule), "{}", text);
    }
}
