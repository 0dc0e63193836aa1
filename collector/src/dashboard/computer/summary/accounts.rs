//! Who can administer a computer, and why.

use std::collections::BTreeMap;

use freehold_proto::v1::{
    Accounts,
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle,
};

use super::{Block, Brief};
use crate::dashboard::{
    markup::Markup,
    text::{self, computer as t},
};

/// People shown in the summary; all of them stand in the list below.
const ROWS: usize = 100;

pub(super) fn of(section: &Accounts) -> Vec<Block> {
    let mut blocks = Vec::new();
    if matches!(section.status(), Status::Complete | Status::Partial) {
        let (full, limited): (Vec<&Privilege>, Vec<&Privilege>) = section
            .privileges
            .iter()
            .partition(|privilege| privilege.full_control() == toggle::State::On);
        for (title, privileges) in [(t::WHO_ADMINISTERS, full), (t::WHO_LIMITED, limited)] {
            if !privileges.is_empty() {
                blocks.push(Block::Table(table(title, &privileges)));
            }
        }
    }
    blocks.extend(keys(section));
    let people = section
        .accounts
        .iter()
        .filter(|account| account.interactive() == toggle::State::On)
        .count();
    if !section.accounts.is_empty() {
        let people = Markup::text(&text::count(people, "account", "accounts"));
        let all = Markup::text(&text::count(section.accounts.len(), "account", "accounts"));
        blocks.push(Block::Sentence(Markup::fill(
            t::PEOPLE,
            &[("people", people), ("all", all)],
        )));
    }
    blocks
}

/// How many keys simply open an administrator's session, and how many do so under conditions.
fn keys(section: &Accounts) -> Vec<Block> {
    let all = section.authorized_keys.len();
    let plain = section.authorized_keys.iter();
    let plain = plain.filter(|key| key.conditions.is_empty()).count();
    let message = if plain == 1 { t::KEYS } else { t::KEYS_MANY };
    [(plain, message), (all - plain, t::KEYS_LIMITED)]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, message)| {
            let keys = Markup::text(&text::count(number, "key", "keys"));
            Block::Sentence(Markup::fill(message, &[("keys", keys)]))
        })
        .collect()
}

/// One row a principal, with every reason.
fn table(title: &'static str, privileges: &[&Privilege]) -> Brief {
    let mut by_principal: BTreeMap<&str, Vec<&Privilege>> = BTreeMap::new();
    for privilege in privileges {
        by_principal
            .entry(privilege.principal.as_str())
            .or_default()
            .push(privilege);
    }
    let left_out = by_principal.len().saturating_sub(ROWS);
    let columns = [t::WHO, t::WHY, t::CONDITIONS, t::EVIDENCE];
    let rows = by_principal.iter().take(ROWS).map(|(who, reasons)| {
        let each = |tell: fn(&Privilege) -> Option<Markup>| {
            let mut told: Vec<Markup> = Vec::new();
            for piece in reasons.iter().filter_map(|reason| tell(reason)) {
                if told.len() < ROWS && !told.contains(&piece) {
                    told.push(piece);
                }
            }
            if told.is_empty() {
                Markup::unknown()
            } else {
                Markup::lines(told)
            }
        };
        vec![
            principal(who, reasons),
            each(why),
            each(conditions),
            each(evidence),
        ]
    });
    let mut brief = Brief::new(title, &columns, rows);
    brief.more =
        (left_out > 0).then(|| Markup::text(&format!("And {left_out} more, listed below.")));
    brief
}

fn principal(who: &str, reasons: &[&Privilege]) -> Markup {
    let name = Markup::name(who).strong();
    if reasons
        .iter()
        .all(|reason| reason.principal_kind() == PrincipalKind::LocalGroup)
    {
        return Markup::fill(t::GROUP, &[("who", name)]);
    }
    name
}

#[expect(clippy::unnecessary_wraps, reason = "tells like its siblings")]
fn why(privilege: &Privilege) -> Option<Markup> {
    let mechanism = match privilege.mechanism() {
        Mechanism::Unspecified => String::new(),
        mechanism => crate::dashboard::facts::choice(
            "freehold.v1.Accounts.Privilege.Mechanism",
            mechanism.as_str_name(),
        ),
    };
    let mut pieces = vec![Markup::text(&mechanism)];
    if !privilege.path.is_empty() {
        pieces.push(Markup::joined(
            privilege.path.iter().map(|step| Markup::value(step)),
            " → ",
        ));
    }
    if !privilege.scope.is_empty() && privilege.scope != "everything" {
        pieces.push(Markup::value(&privilege.scope));
    }
    Some(Markup::joined(pieces, ": "))
}

fn conditions(privilege: &Privilege) -> Option<Markup> {
    (!privilege.conditions.is_empty()).then(|| {
        let conditions = privilege.conditions.iter().map(|text| Markup::value(text));
        Markup::joined(conditions, ", ")
    })
}

fn evidence(privilege: &Privilege) -> Option<Markup> {
    if privilege.source.is_empty() {
        return None;
    }
    let source = Markup::code(&privilege.source);
    Some(match privilege.line {
        Some(line) => {
            let line = Markup::text(&line.to_string());
            let line = Markup::fill(t::LINE, &[("line", line)]);
            Markup::joined([source, line], ", ")
        }
        None => source,
    })
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::accounts::AuthorizedKey;

    use super::*;

    /// The text of a summary, tags left out.
    fn told(section: &Accounts) -> Vec<String> {
        let plain = |markup: &Markup| {
            let mut text = String::new();
            for piece in markup.as_str().split('<') {
                let words = piece.split_once('>').map_or(piece, |(_, words)| words);
                text.push_str(words);
            }
            text.replace("&#39;", "'")
        };
        let mut told = Vec::new();
        for block in of(section) {
            match block {
                Block::Sentence(sentence) => told.push(plain(&sentence)),
                Block::Table(table) => told.extend(table.rows.iter().map(|row| {
                    let cells: Vec<_> = row.iter().map(|cell| plain(&cell.value)).collect();
                    cells.join(" | ")
                })),
                Block::Verdict(_) | Block::Facts(_) => {}
            }
        }
        told
    }

    fn reason(mechanism: Mechanism, path: &[&str], scope: &str) -> Privilege {
        let mut reason = Privilege {
            principal: format!("{mechanism:?}"),
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            scope: scope.to_owned(),
            ..Privilege::default()
        };
        reason.set_mechanism(mechanism);
        reason.set_full_control(toggle::State::On);
        reason
    }

    #[test]
    fn every_way_to_full_control_is_told_in_words() {
        let mut section = Accounts {
            privileges: vec![
                reason(
                    Mechanism::Setuid,
                    &["/var/tmp/.x"],
                    "everything: a shell or interpreter that runs as root",
                ),
                reason(
                    Mechanism::Capability,
                    &["/usr/bin/python3 with cap_setuid"],
                    "everything: becomes any user",
                ),
                reason(
                    Mechanism::Service,
                    &["may change /srv/a, which a regular task runs"],
                    "everything: the program runs as root",
                ),
                reason(Mechanism::Su, &["group ops", "su"], "everything"),
                reason(
                    Mechanism::WritableFile,
                    &["may change /etc/passwd"],
                    "everything: makes anyone root",
                ),
            ],
            ..Accounts::default()
        };
        section.set_status(Status::Complete);
        insta::assert_snapshot!(told(&section).join("\n"));
    }

    #[test]
    fn keys_that_open_under_conditions_are_counted_apart() {
        let key = |conditions: &[&str]| AuthorizedKey {
            conditions: conditions.iter().map(|one| (*one).to_owned()).collect(),
            ..AuthorizedKey::default()
        };
        let section = Accounts {
            authorized_keys: vec![key(&[]), key(&["PermitRootLogin no"]), key(&["x"])],
            ..Accounts::default()
        };
        assert_eq!(
            told(&section),
            [
                "1 key opens an administrator's session from another computer without a password.",
                "And 2 keys more only under conditions, which are listed below.",
            ]
        );
    }
}
