//! What is different between two moments, grouped in the sections' own terms.

use std::collections::BTreeMap;

use freehold_proto::v1::section::Kind;

use crate::{
    access::Change,
    id::MachineId,
    store::record::{Action, FieldChange},
};

/// The same thing that happened to items of one kind: packages that were added.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Section.
    pub section: Kind,
    /// What happened.
    pub action: Action,
    /// What the items are: "package".
    pub noun: String,
    /// The items, by what is said of them.
    pub items: Vec<Item>,
}

/// Something that is different on one machine or many.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The sentence.
    pub summary: String,
    /// Fields that differ.
    pub fields: Vec<FieldChange>,
    /// Entries it stands for beyond itself.
    pub folded: u32,
    /// The machines with their names, by name.
    pub machines: Vec<(MachineId, String)>,
}

/// Groups differences: sections in the order of their numbers, in them what was added before what was removed before
/// what was altered, and the same sentence about many machines once.
pub fn grouped(changes: Vec<Change>) -> Vec<Group> {
    let mut groups: BTreeMap<(i32, i32, String), BTreeMap<String, Item>> = BTreeMap::new();
    for change in changes {
        let place = (
            change.section as i32,
            change.action as i32,
            change.noun.clone(),
        );
        let group = groups.entry(place).or_default();
        let item = group.entry(change.summary.clone()).or_insert_with(|| Item {
            summary: change.summary,
            fields: change.fields,
            folded: change.folded,
            machines: Vec::new(),
        });
        item.machines.push((change.machine, change.machine_name));
    }
    let groups = groups.into_iter();
    groups
        .map(|((section, action, noun), items)| Group {
            section: Kind::try_from(section).unwrap_or(Kind::Unspecified),
            action: Action::try_from(action).unwrap_or(Action::Unspecified),
            noun,
            items: items.into_values().map(sorted).collect(),
        })
        .collect()
}

fn sorted(mut item: Item) -> Item {
    item.machines
        .sort_by_cached_key(|(id, name)| (name.to_lowercase(), *id));
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::ChangePosition, clock::UnixMillis};

    fn change(machine: u8, action: Action, noun: &str, summary: &str) -> Change {
        Change {
            machine: MachineId::from_bytes([machine; 16]),
            machine_name: format!("pc-{machine}"),
            position: ChangePosition::until(UnixMillis(0)),
            at: UnixMillis(0),
            section: Kind::Software,
            action,
            noun: noun.to_owned(),
            item: String::new(),
            fields: Vec::new(),
            summary: summary.to_owned(),
            folded: 0,
        }
    }

    #[test]
    fn the_same_difference_on_many_machines_is_told_once() {
        let groups = grouped(vec![
            change(2, Action::Altered, "package", "openssl 1 -> 2"),
            change(9, Action::Removed, "package", "telnet removed"),
            change(1, Action::Altered, "package", "openssl 1 -> 2"),
            change(1, Action::Altered, "package", "bash 4 -> 5"),
        ]);
        let told: Vec<(Action, Vec<(&str, usize)>)> = groups
            .iter()
            .map(|group| {
                let items = group.items.iter();
                let items = items.map(|item| (item.summary.as_str(), item.machines.len()));
                (group.action, items.collect())
            })
            .collect();
        assert_eq!(
            told,
            [
                (Action::Removed, vec![("telnet removed", 1)]),
                (
                    Action::Altered,
                    vec![("bash 4 -> 5", 1), ("openssl 1 -> 2", 2)]
                ),
            ]
        );
        assert_eq!(groups[1].items[1].machines[0].1, "pc-1");
    }
}
