//! The sudoers parser against sudo's own, through cvtsudoers. Without it (package sudo) nothing is tested.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use freehold_agent::parse::sudoers::{
    AliasList, Change, Command as SudoCommand, CommandMember, CommandSpec, DefaultsScope,
    EntryKind, Grant, Member, Name, OptionKind, Sudoers, TagKind, parse,
};
use serde_json::{Map, Value, json};

const CVTSUDOERS: &str = "/usr/bin/cvtsudoers";

/// What sudo makes of a text; `None` when it finds an error in it.
fn sudo(text: &str) -> Option<Value> {
    let mut child = Command::new(CVTSUDOERS)
        .args(["-f", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let value = output.status.success().then_some(output.stdout)?;
    if value.is_empty() {
        return Some(json!({}));
    }
    let value: Value = serde_json::from_slice(&value)
        .unwrap_or_else(|error| panic!("{error}: {text}\n{}", String::from_utf8_lossy(&value)));
    Some(value)
}

/// The kinds of list, which name aliases and plain names differently.
#[derive(Clone, Copy)]
enum Role {
    User,
    Runas,
    RunasGroup,
    Host,
}

fn member(member: &Member, role: Role) -> Value {
    let plain = match role {
        Role::User | Role::Runas => "username",
        Role::RunasGroup => "usergroup",
        Role::Host => "hostname",
    };
    let alias = match role {
        Role::User => "useralias",
        Role::Runas | Role::RunasGroup => "runasalias",
        Role::Host => "hostalias",
    };
    let (key, value) = match &member.name {
        Name::All => (plain, json!("ALL")),
        Name::Alias(name) => (alias, json!(name)),
        Name::Plain(name) => (plain, json!(name)),
        Name::Id(id) if matches!(role, Role::RunasGroup) => ("usergroup", json!(format!("#{id}"))),
        Name::Id(id) => ("userid", json!(id)),
        Name::Group(name) => ("usergroup", json!(name)),
        Name::GroupId(id) => ("usergid", json!(id)),
        Name::DirectoryGroup(name) => match name.strip_prefix('#') {
            Some(id) => ("nonunixgid", json!(id.parse::<i64>().unwrap())),
            None => ("nonunixgroup", json!(name)),
        },
        Name::Netgroup(name) => ("netgroup", json!(name)),
        Name::Network(name) => ("networkaddr", json!(name)),
    };
    negated(Map::from_iter([(key.to_owned(), value)]), member.negated)
}

fn negated(mut object: Map<String, Value>, negated: bool) -> Value {
    if negated {
        object.insert("negated".into(), json!(true));
    }
    Value::Object(object)
}

fn members(list: &[Member], role: Role) -> Value {
    list.iter().map(|one| member(one, role)).collect()
}

fn command(member: &CommandMember) -> Value {
    let (key, value) = match &member.command {
        SudoCommand::All => ("command", "ALL".to_owned()),
        SudoCommand::Alias(name) => ("cmndalias", name.clone()),
        SudoCommand::Program { path, arguments } => match arguments {
            Some(arguments) => ("command", format!("{path} {arguments}")),
            None => ("command", path.clone()),
        },
    };
    let mut object = Map::from_iter([(key.to_owned(), json!(value))]);
    for digest in &member.digests {
        object.insert(digest.algorithm.into(), json!(digest.value));
    }
    negated(object, member.negated)
}

fn commands(list: &[CommandMember]) -> Value {
    list.iter().map(command).collect()
}

/// Options of a command, in sudo's words. Time values are compared as sudo's only where they are plain.
fn options(spec: &CommandSpec) -> Vec<Value> {
    let mut options = Vec::new();
    for option in &spec.options {
        if option.kind == OptionKind::Timeout {
            options.push(json!({ "command_timeout": option.value.parse::<u64>().unwrap() }));
        }
    }
    for tag in &spec.tags {
        let (name, on) = match tag.kind {
            TagKind::Password => ("authenticate", tag.on),
            TagKind::Exec => ("noexec", !tag.on),
            TagKind::Intercept => ("intercept", tag.on),
            TagKind::SetEnv => ("setenv", tag.on),
            TagKind::LogInput => ("log_input", tag.on),
            TagKind::LogOutput => ("log_output", tag.on),
            TagKind::Mail => ("send_mail", tag.on),
            TagKind::Follow => ("sudoedit_follow", tag.on),
        };
        options.push(json!({ name: on }));
    }
    options
}

/// A grant: each command with its targets and options.
fn grant(users: &[Member], grant: &Grant) -> Value {
    let specs = grant.commands.iter().map(|spec| {
        let (mut users, mut groups) = (Value::Null, Value::Null);
        if let Some(runas) = &spec.runas {
            if !runas.users.is_empty() {
                users = members(&runas.users, Role::Runas);
            } else if runas.groups.is_empty() {
                users = json!([{ "username": "" }]);
            }
            if !runas.groups.is_empty() {
                groups = members(&runas.groups, Role::RunasGroup);
            }
        }
        flat(&users, &groups, options(spec), &command(&spec.command))
    });
    json!({
        "User_List": members(users, Role::User),
        "Host_List": members(&grant.hosts, Role::Host),
        "Commands": specs.collect::<Vec<_>>(),
    })
}

fn flat(users: &Value, groups: &Value, mut options: Vec<Value>, command: &Value) -> Value {
    // ALL implies that the environment may be set; sudo prints that, the text does not say it.
    if command["command"] == "ALL" && command["negated"] != true {
        options.retain(|option| option.get("setenv") != Some(&json!(true)));
    }
    options.sort_by_key(Value::to_string);
    json!([users, groups, options, command])
}

/// What the parser under test makes of a text, in the shape of [`normalised`].
fn own(parsed: &Sudoers) -> Value {
    let (mut aliases, mut defaults, mut rules) = (Map::new(), Vec::new(), Vec::new());
    for entry in &parsed.entries {
        match &entry.kind {
            EntryKind::Include { .. } => {}
            EntryKind::Alias(alias) => {
                let (kind, list) = match &alias.list {
                    AliasList::Users(list) => ("User_Aliases", members(list, Role::User)),
                    AliasList::Runas(list) => ("Runas_Aliases", members(list, Role::Runas)),
                    AliasList::Hosts(list) => ("Host_Aliases", members(list, Role::Host)),
                    AliasList::Commands(list) => ("Command_Aliases", commands(list)),
                };
                aliases.insert(format!("{kind} {}", alias.name), list);
            }
            EntryKind::Defaults(one) => {
                let binding = match &one.scope {
                    DefaultsScope::Everywhere => Value::Null,
                    DefaultsScope::Users(list) => members(list, Role::User),
                    DefaultsScope::Runas(list) => members(list, Role::Runas),
                    DefaultsScope::Hosts(list) => members(list, Role::Host),
                    DefaultsScope::Commands(list) => commands(list),
                };
                for setting in &one.settings {
                    let name = setting.name.as_str();
                    defaults.push(json!([binding, name, change(&setting.change)]));
                }
            }
            EntryKind::Rule(rule) => {
                rules.extend(rule.grants.iter().map(|one| grant(&rule.users, one)));
            }
        }
    }
    json!({ "aliases": aliases, "defaults": defaults, "rules": rules })
}

fn change(change: &Change) -> Value {
    match change {
        Change::On => json!(true),
        Change::Off => json!(false),
        Change::Set(value) | Change::Add(value) | Change::Remove(value) => json!(value),
    }
}

/// sudo's answer, flattened so that its grouping does not matter.
fn normalised(sudo: &Value) -> Value {
    let mut aliases = Map::new();
    for kind in [
        "User_Aliases",
        "Runas_Aliases",
        "Host_Aliases",
        "Command_Aliases",
    ] {
        for (name, list) in sudo[kind].as_object().into_iter().flatten() {
            aliases.insert(format!("{kind} {name}"), list.clone());
        }
    }
    let empty = Vec::new();
    let list = |value: &Value| value.as_array().unwrap_or(&empty).clone();
    let mut defaults = Vec::new();
    for one in list(&sudo["Defaults"]) {
        for option in list(&one["Options"]) {
            for (name, value) in option.as_object().into_iter().flatten() {
                if name != "operation" {
                    let value = match value {
                        Value::Array(values) => {
                            let words: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                            json!(words.join(" "))
                        }
                        Value::Number(number) => json!(number.to_string()),
                        other => other.clone(),
                    };
                    defaults.push(json!([one["Binding"], name, value]));
                }
            }
        }
    }
    let mut rules = Vec::new();
    for one in list(&sudo["User_Specs"]) {
        let mut commands = Vec::new();
        for spec in list(&one["Cmnd_Specs"]) {
            for command in list(&spec["Commands"]) {
                let options = list(&spec["Options"]);
                commands.push(flat(
                    &spec["runasusers"],
                    &spec["runasgroups"],
                    options,
                    &command,
                ));
            }
        }
        rules.push(json!({
            "User_List": one["User_List"],
            "Host_List": one["Host_List"],
            "Commands": commands,
        }));
    }
    json!({ "aliases": aliases, "defaults": defaults, "rules": rules })
}

fn compare(text: &str) {
    let parsed = parse(text);
    match sudo(text) {
        None => assert!(
            !parsed.problems.is_empty(),
            "sudo refuses what was accepted: {text}\n{parsed:?}"
        ),
        Some(answer) => {
            assert_eq!(
                parsed.problems,
                [],
                "sudo accepts what was refused: {text}\n{answer}"
            );
            assert_eq!(own(&parsed), normalised(&answer), "{text}");
        }
    }
}

#[test]
fn whole_files_mean_the_same_to_sudo() {
    if !Path::new(CVTSUDOERS).exists() {
        eprintln!("cvtsudoers is not installed: nothing is tested");
        return;
    }
    for text in [
        "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
        "#1000 ALL=(#0) NOPASSWD: ALL # who\n%#27, %:far, %:#12, +net, !bob h=ALL\n",
        "User_Alias A = a, %b : B = !c, A\nRunas_Alias R = root, #5\nHost_Alias H = h1, 10.0.0.0/8, fe80::1, +n\n\
         Cmnd_Alias C = /bin/a x, !/bin/b, D, sudoedit /etc/x\nCmnd_Alias D = /bin/d\nA H = (R : g, #5) C, !D : ALL = ALL\n",
        "Defaults env_reset, !authenticate, secure_path=\"/a:/b\"\nDefaults:anna,%ops !authenticate\nDefaults>root targetpw\n\
         Defaults@web,10.0.0.1 log_year\nDefaults!/bin/a,C noexec\nCmnd_Alias C=/bin/c\nDefaults passprompt=\"a \\\"b\\\" c\", passwd_tries=5\n",
        "anna ALL = NOPASSWD: /bin/a, PASSWD: NOEXEC: /bin/b, SETENV: /bin/c, (bob) NOSETENV: EXEC: /bin/d, LOG_INPUT: NOLOG_OUTPUT: \
         MAIL: FOLLOW: INTERCEPT: /bin/e, NOFOLLOW:NOMAIL:NOINTERCEPT: ALL\n",
        "anna ALL = () ALL, (:) ALL, (:g) ALL, (u, !v : g, !h) ALL\n",
        "anna ALL = /bin/a \\*x\\,y\\:z\\=w \\# b, /bin/c \"\", /bin/d --x=y = z\n",
        "anna ALL = /bin/a \\\n  b \\\n c, \\\n /bin/d\nbob \\\n ALL = ALL\n",
        "anna ALL = ^/bin/(a|b)$ ^x[,:=]*$, /usr/bin/\n",
        "\"a b\", \"%c d\", \"+e\", f\\ g, \\x41LL, DOM\\\\h ALL = ALL\n",
        "anna ALL = TIMEOUT=60 /bin/a, /bin/b, TIMEOUT=5 NOPASSWD: ALL\n",
    ] {
        compare(text);
    }
}

#[test]
fn lines_are_refused_exactly_where_sudo_refuses_them() {
    if !Path::new(CVTSUDOERS).exists() {
        eprintln!("cvtsudoers is not installed: nothing is tested");
        return;
    }
    for text in [
        "anna",
        "anna ALL",
        "anna ALL=",
        "anna ALL=ls",
        "anna ALL=(root ALL",
        "anna ALL=ALL x",
        "anna ALL=/bin/a,",
        "anna, ALL=ALL",
        "% ALL=ALL",
        "+ ALL=ALL",
        "\"\" ALL=ALL",
        "\"anna ALL=ALL",
        "/bin/a ALL=ALL",
        "User_Alias admins = a",
        "User_Alias ALL = a",
        "User_Alias A",
        "User_Alias TIMEOUT = a",
        "Defaults",
        "Defaults 5x",
        "anna ALL=/",
        "anna ALL=/bin/a \\d",
        "anna ALL=^x",
        "anna ALL=NOPASSWD: TIMEOUT=5 /bin/a",
        "anna ALL=sha256:zz /bin/a",
        "anna ALL = = ALL",
        "anna ALL == ALL",
        ") ALL=ALL",
        "anna ALL = ! ! ALL",
        "anna ALL = !!!ALL",
        "anna ALL=ALL:",
        "anna ALL=(a:b:c) ALL",
        "anna ALL=(a,) ALL",
        "anna ALL=(u:) ALL",
        "anna ALL=( : ) ALL",
        "#x",
        "##",
        "#-",
        "anna ALL=ALL #",
        "anna ALL=ALL #5",
        "anna@x ALL=ALL",
        "anna ALL=/bin/a#b",
        "anna ALL=/bin/a #b",
        "anna ALL=/bin/a b=c",
        "anna ALL=/bin/a =",
        "anna ALL=/bin/a =b",
        "a>b ALL=ALL",
        "anna 1.2.3=ALL",
        "anna 1.2.3.4/33=ALL",
        "anna fe80::/129=ALL",
        "anna ::=ALL",
        "anna a:b=ALL",
        "anna ALL=sudoeditx",
        "anna ALL=sudoedit",
        "anna ALL=/bin/a !x",
        "anna ALL=!/bin/a !x",
        "anna ALL=\"/bin/a\"",
        "anna ALL=A",
        "anna ALL=a_B",
        "\\ anna ALL=ALL",
        "anna\\\tALL=ALL",
        "Defaultsx ALL=ALL",
        "User_Aliasx ALL=ALL",
        "Defaults!/bin/a noexec",
        "Defaults !authenticate",
        "Defaults:anna",
        "Defaults:anna,bob,!carl !authenticate",
        "Defaults : anna !authenticate",
        "Defaults:  anna  !authenticate",
    ] {
        compare(&format!("{text}\n"));
        compare(text);
    }
}

/// Pieces that arbitrary texts are made of.
const WORDS: &[&str] = &[
    "ALL",
    "anna",
    "A",
    "%g",
    "+n",
    "#5",
    "%#6",
    "%:x",
    "\"a b\"",
    " ",
    " ",
    " ",
    ",",
    ",",
    "=",
    "=",
    ":",
    "!",
    "(",
    ")",
    "/bin/a",
    "/bin/b x",
    "/usr/bin/",
    "NOPASSWD:",
    "EXEC:",
    "sudoedit",
    "10.0.0.1",
    "::1",
    "host*",
    "#c",
    "\\\n",
    "x\\,y",
    "\t",
    "SETENV:",
];

#[test]
fn arbitrary_sequences_mean_the_same_to_sudo() {
    if !Path::new(CVTSUDOERS).exists() {
        eprintln!("cvtsudoers is not installed: nothing is tested");
        return;
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut pick = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    for round in 0..400 {
        let mut text = String::new();
        // Half of them begin like a rule, so that more of them are valid.
        if round % 2 == 0 {
            text += [
                "anna ALL=",
                "A,!anna ALL = (",
                "#5 h=(root) ",
                "%g ALL=NOPASSWD:",
            ][pick(4)];
        }
        for _ in 0..=pick(8) {
            text += WORDS[pick(WORDS.len())];
        }
        compare(&(text + "\n"));
    }
}
