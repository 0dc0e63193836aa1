//! Rules of the kernel's firewall: answers of nf_tables, and what iptables-save prints.
//!
//! Layouts are those of `linux/netfilter/nf_tables.h`; numbers of nf_tables are big-endian.

use super::netlink::{attribute, whole_table};

/// Asks for all chains.
pub const GET_CHAINS: u16 = 0x0a04;
/// Asks for all rules.
pub const GET_RULES: u16 = 0x0a07;

/// A request for everything of one kind, of all families.
pub fn request(kind: u16) -> Vec<u8> {
    whole_table(kind, &[0; 4])
}

/// A table: its family, as the kernel numbers it, and its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// 1 for IPv4 and IPv6 at once, 2 for IPv4, 10 for IPv6, others for what is no internet protocol.
    pub family: u8,
    /// Name.
    pub name: String,
}

/// A chain of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Table it belongs to.
    pub table: Table,
    /// Name.
    pub name: String,
    /// It is where packets for this machine go through.
    pub is_input: bool,
    /// What happens to a packet that no rule speaks of; absent for chains that only others jump to.
    pub policy: Option<Verdict>,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is let in.
    Accept,
    /// It is thrown away.
    Drop,
    /// It is thrown away, and the sender is told.
    Reject,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing that decides.
    None,
    /// It decides.
    Verdict(Verdict),
    /// Another chain decides, or the rule after this one.
    Jump(String),
    /// Another chain decides, or the policy.
    Goto(String),
    /// The chain that jumped here goes on.
    Return,
    /// It depends on a table which chain decides.
    Dispatch,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Table it belongs to.
    pub table: Table,
    /// Chain it stands in.
    pub chain: String,
    /// What it does.
    pub action: Action,
    /// It counts for every packet.
    pub always: bool,
}

/// Reads an item of [`GET_CHAINS`].
pub fn chain(item: &[u8]) -> Option<Chain> {
    const INPUT: u32 = 1;
    let (family, attributes) = split(item)?;
    let hook = attribute(attributes, 4);
    let number = hook.and_then(|hook| number(attribute(hook, 1)?));
    let kind = attribute(attributes, 7).map(text);
    let is_filter = kind.as_deref() == Some("filter");
    let policy = attribute(attributes, 5).and_then(self::number);
    Some(Chain {
        table: Table {
            family,
            name: text(attribute(attributes, 1)?),
        },
        name: text(attribute(attributes, 3)?),
        is_input: number == Some(INPUT) && is_filter && matches!(family, 1 | 2 | 10),
        policy: hook.map(|_| match policy {
            Some(0) => Verdict::Drop,
            _ => Verdict::Accept,
        }),
    })
}

/// Reads an item of [`GET_RULES`].
pub fn rule(item: &[u8]) -> Option<Rule> {
    let (family, attributes) = split(item)?;
    let mut rule = Rule {
        table: Table {
            family,
            name: text(attribute(attributes, 1)?),
        },
        chain: text(attribute(attributes, 2)?),
        action: Action::None,
        always: true,
    };
    let expressions = attribute(attributes, 4).unwrap_or_default();
    for expression in elements(expressions) {
        let name = text(attribute(expression, 1)?);
        let data = attribute(expression, 2).unwrap_or_default();
        match name.as_str() {
            "counter" | "log" | "notrack" => {}
            "immediate" => rule.action = immediate(data).unwrap_or(rule.action),
            "reject" => rule.action = Action::Verdict(Verdict::Reject),
            // An extension of iptables.
            "target" => match attribute(data, 1).map(text).as_deref() {
                Some("REJECT") => rule.action = Action::Verdict(Verdict::Reject),
                Some("LOG" | "NFLOG") => {}
                _ => rule.always = false,
            },
            // The register of verdicts has the number 0.
            "lookup" if attribute(data, 3).and_then(number) == Some(0) => {
                rule.action = Action::Dispatch;
                rule.always = false;
            }
            _ => rule.always = false,
        }
    }
    Some(rule)
}

/// The verdict that an expression puts into the register of verdicts.
fn immediate(data: &[u8]) -> Option<Action> {
    const JUMP: i32 = -3;
    const GOTO: i32 = -4;
    const RETURN: i32 = -5;
    let verdict = attribute(attribute(data, 2)?, 2)?;
    let code = number(attribute(verdict, 1)?)?.cast_signed();
    let chain = || attribute(verdict, 2).map(text);
    Some(match code {
        0 => Action::Verdict(Verdict::Drop),
        1 => Action::Verdict(Verdict::Accept),
        JUMP => Action::Jump(chain()?),
        GOTO => Action::Goto(chain()?),
        RETURN => Action::Return,
        _ => Action::None,
    })
}

fn split(item: &[u8]) -> Option<(u8, &[u8])> {
    let (header, attributes) = item.split_first_chunk::<4>()?;
    Some((header[0], attributes))
}

/// The elements of a list of attributes.
fn elements(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let [a, b, _, _] = *list.first_chunk::<4>()?;
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let element = list.get(4..length)?;
        list = list.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(element)
    })
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

/// Reads what iptables-save prints of the table "filter".
pub fn saved(text: &str, family: u8) -> (Vec<Chain>, Vec<Rule>) {
    let table = Table {
        family,
        name: "filter".to_owned(),
    };
    let mut chains = Vec::new();
    let mut rules = Vec::new();
    for line in text.lines() {
        if let Some(chain) = line.strip_prefix(':') {
            let mut fields = chain.split_whitespace();
            let (Some(name), Some(policy)) = (fields.next(), fields.next()) else {
                continue;
            };
            chains.push(Chain {
                table: table.clone(),
                name: name.to_owned(),
                is_input: name == "INPUT",
                policy: match policy {
                    "DROP" => Some(Verdict::Drop),
                    "ACCEPT" => Some(Verdict::Accept),
                    _ => None,
                },
            });
        } else if let Some(rule) = line.strip_prefix("-A ") {
            rules.extend(saved_rule(rule, &table));
        }
    }
    (chains, rules)
}

fn saved_rule(line: &str, table: &Table) -> Option<Rule> {
    let mut words = words(line).into_iter();
    let mut rule = Rule {
        table: table.clone(),
        chain: words.next()?,
        action: Action::None,
        always: true,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "-j" => rule.action = target(words.next()?),
            "-g" => rule.action = Action::Goto(words.next()?),
            "--comment" | "--reject-with" | "--log-prefix" | "--log-level" => {
                words.next();
            }
            "-m" => rule.always &= words.next()? == "comment",
            _ => rule.always = false,
        }
    }
    Some(rule)
}

fn target(name: String) -> Action {
    match name.as_str() {
        "ACCEPT" => Action::Verdict(Verdict::Accept),
        "DROP" => Action::Verdict(Verdict::Drop),
        "REJECT" => Action::Verdict(Verdict::Reject),
        "RETURN" => Action::Return,
        // These decide nothing; chains are not written in capitals only by those who know what they do.
        "LOG" | "NFLOG" | "MARK" | "CONNMARK" | "ULOG" => Action::None,
        _ => Action::Jump(name),
    }
}

/// Words between spaces; quotes keep a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in line.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => {
                escaped = true;
                continue;
            }
            '"' => {
                quoted = !quoted;
                continue;
            }
            ' ' if !quoted => {
                words.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(word) = words.last_mut() {
            word.push(character);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_iptables_prints_is_read() {
        let text = "# Generated\n*filter\n:INPUT DROP [0:0]\n:mine - [0:0]\n\
            -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n\
            -A INPUT -m comment --comment \"all of \\\"it\\\" -j DROP\" -j mine\n\
            -A mine -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n";
        let (chains, rules) = saved(text, 2);
        assert_eq!(
            (chains[0].is_input, chains[0].policy),
            (true, Some(Verdict::Drop))
        );
        assert_eq!(chains[1].policy, None);
        let told: Vec<_> = rules
            .iter()
            .map(|rule| (&rule.action, rule.always))
            .collect();
        assert_eq!(
            told,
            [
                (&Action::Verdict(Verdict::Accept), false),
                (&Action::Jump("mine".into()), true),
                (&Action::Verdict(Verdict::Reject), true),
            ]
        );
    }

    /// An attribute as the kernel writes it.
    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = ((value.len() + 4) as u16).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn chains_and_rules_of_the_kernel_are_read() {
        let hook = attribute(1, &1_u32.to_be_bytes());
        let item = [
            vec![2, 0, 0, 0],
            attribute(1, b"filter\0"),
            attribute(3, b"INPUT\0"),
            attribute(0x8004, &hook),
            attribute(5, &0_u32.to_be_bytes()),
            attribute(7, b"filter\0"),
        ]
        .concat();
        let chain = chain(&item).unwrap();
        assert!(chain.is_input);
        assert_eq!(chain.policy, Some(Verdict::Drop));

        let verdict = [
            attribute(1, &(-3_i32).to_be_bytes()),
            attribute(2, b"mine\0"),
        ]
        .concat();
        let data = attribute(2, &attribute(0x8002, &verdict));
        let jump = [attribute(1, b"immediate\0"), attribute(2, &data)].concat();
        let counter = attribute(1, b"counter\0");
        let list = [attribute(1, &counter), attribute(1, &jump)].concat();
        let item = [
            vec![2, 0, 0, 0],
            attribute(1, b"filter\0"),
            attribute(2, b"INPUT\0"),
            attribute(4, &list),
        ]
        .concat();
        let rule = rule(&item).unwrap();
        assert_eq!(
            (rule.action, rule.always),
            (Action::Jump("mine".into()), true)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            chain(&bytes);
            rule(&bytes);
            saved(&String::from_utf8_lossy(&bytes), 2);
        }

        #[test]
        fn any_rule_is_survived(line in "-A [A-Z]{0,5}( -[jgm]| --comment| [\"a-z]{0,6}){0,8}") {
            saved(&line, 2);
        }
    }
}
