//! Findings as they are taken along.

use super::{CHOICES, Wanted, sentence, sorted};
use crate::{
    access::{MachineLine, Session},
    dashboard::{
        Desk,
        export::{Pairs, Sheet, one},
        lens::Lens,
        list::Value,
        text::{computers, list as t},
        trouble::Trouble,
    },
    finding::Finding,
    history::Moment,
};

/// The findings that are asked for, the worst first.
pub(in crate::dashboard) fn sheet(
    desk: &Desk,
    session: &Session,
    pairs: &Pairs,
) -> Result<Sheet, Trouble> {
    let wanted = Wanted {
        show: one(pairs, "show").to_owned(),
        computer: one(pairs, "computer").to_owned(),
        page: String::new(),
    };
    let (lens, viewer) = (Lens::of(desk, "")?, session.viewer());
    let lines = match wanted.only()? {
        Some(id) => vec![desk.inventory.machine(&viewer, id, Moment::Now)?],
        None => desk.inventory.machines(&viewer, Moment::Now)?,
    };
    let found = sorted(&lines, |finding| wanted.keeps(finding, lens.now));
    let row = |(line, finding): &(&MachineLine, &Finding)| {
        let choices = CHOICES.iter();
        let mut words = choices.filter(|(_, _, of)| *of == Some(finding.severity));
        let word = words.next().map_or("", |(_, title, _)| title);
        vec![
            Value::Text(word.to_owned()),
            Value::Text(line.machine.name().into_owned()),
            Value::Text(sentence(&line.machine, finding, lens.now)),
            Value::Time(finding.opened_at),
            Value::Text(finding.rule.id.to_owned()),
        ]
    };
    let columns = vec![
        ("severity", t::SEVERITY),
        ("computer", computers::NAME),
        ("finding", t::FINDING),
        ("since", t::SINCE),
        ("rule", t::RULE),
    ];
    Ok(Sheet::new("findings", columns, lens, &found, row))
}
