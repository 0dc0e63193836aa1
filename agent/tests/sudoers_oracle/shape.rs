//! What the parser under test makes of a file and what sudo makes of it, in one shape.

use freehold_agent::parse::sudoers::{
    AliasList, Change, Command as SudoCommand, CommandMember, CommandSpec, DefaultsScope,
    EntryKind, Grant, Member, Name, OptionKind, Sudoers, TagKind, time, timeout,
};
use serde_json::{Map, Value, json};

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
        Name::Id(id) if matches!(role, Role::Host) => ("hostname", json!(format!("#{id}"))),
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

/// Options of a command, in sudo's words.
fn options(spec: &CommandSpec) -> Vec<Value> {
    let mut options = Vec::new();
    for option in &spec.options {
        let value = &option.value;
        options.push(match option.kind {
            // sudo's answer leaves out a timeout that ends at once.
            OptionKind::Timeout if timeout(value) == Some(0) => continue,
            OptionKind::Timeout => json!({ "command_timeout": timeout(value) }),
            OptionKind::NotBefore => json!({ "notbefore": time(value) }),
            OptionKind::NotAfter => json!({ "notafter": time(value) }),
            OptionKind::Cwd => json!({ "runcwd": value }),
            OptionKind::Chroot => json!({ "runchroot": value }),
            OptionKind::Role | OptionKind::Type => continue,
            other => panic!("this sudo has no {other:?}"),
        });
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
        "Commands": without_implied(specs.collect()),
    })
}

/// ALL implies that the environment may be set. cvtsudoers prints that with the commands after it as well
/// while nothing else changes, though sudo does not hand it on; it is not compared there.
fn without_implied(mut commands: Vec<Value>) -> Vec<Value> {
    let is_all = |command: &Value| command[3]["command"] == "ALL" && command[3]["negated"] != true;
    let first = commands.iter().position(is_all).unwrap_or(commands.len());
    for options in commands[first..]
        .iter_mut()
        .filter_map(|one| one[2].as_array_mut())
    {
        options.retain(|option| option.get("setenv").is_none());
    }
    commands
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
pub(crate) fn own(parsed: &Sudoers) -> Value {
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
pub(crate) fn normalised(sudo: &Value) -> Value {
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
                let mut options: Vec<_> = list(&spec["Options"]).iter().map(dated).collect();
                // sudo prints a role and a type only together; they are not compared.
                options.retain(|one| one.get("role").is_none() && one.get("type").is_none());
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
            "Commands": without_implied(commands),
        }));
    }
    json!({ "aliases": aliases, "defaults": defaults, "rules": rules })
}

/// sudo writes times in its own form; what they mean is compared.
fn dated(option: &Value) -> Value {
    for key in ["notbefore", "notafter"] {
        if let Some(text) = option[key].as_str() {
            return json!({ key: time(text) });
        }
    }
    option.clone()
}
