//! The tables of a question: which of them a statement reads, and what the collector sends of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use freehold_proto::v1::section;
use prost::Message as _;
use rusqlite::Connection;

use super::{
    fault::Fault,
    filling::{Damaged, Filling, Wire, fields},
    shelf::Shelf,
};
use crate::question::{
    frame::{Computer, HEAD, Needs},
    limits,
    schema::{COLLECTED_AT, COMPUTER_ID, CONFIRMED_AT, Source, VIEWS, tables},
};

/// All tables, and what was brought of them so far.
pub(super) struct Tables {
    shelves: Vec<Arc<Shelf>>,
    /// Those that are read, by their place.
    fillings: BTreeMap<usize, Filling>,
    computers: Vec<(String, String)>,
    /// Computers whose section could not be taken apart.
    damaged: BTreeSet<u32>,
}

impl Tables {
    /// Empty ones, and the views over them, in a connection.
    pub(super) fn of(connection: &Connection, passed: &Arc<AtomicU64>) -> rusqlite::Result<Self> {
        let shelves: Vec<_> = tables()
            .iter()
            .map(|table| Shelf::new(table, passed))
            .collect();
        for shelf in &shelves {
            shelf.join(connection)?;
        }
        for view in VIEWS {
            let names: Vec<String> = view
                .columns
                .iter()
                .map(|(name, _)| format!("\"{name}\""))
                .collect();
            let sql = format!(
                "CREATE VIEW {} ({}) AS {}",
                view.name,
                names.join(","),
                view.sql
            );
            connection.execute_batch(&sql)?;
        }
        Ok(Self {
            shelves,
            fillings: BTreeMap::new(),
            computers: Vec::new(),
            damaged: BTreeSet::new(),
        })
    }

    /// What a statement reads that was understood meanwhile and touched these tables. From here on they can be filled.
    pub(super) fn needs(&mut self, touched: &BTreeSet<String>) -> Needs {
        let mut needs = Needs::default();
        let (mut sections, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for (place, shelf) in self.shelves.iter().enumerate() {
            if !touched.contains(&shelf.table.name) {
                continue;
            }
            let used = shelf.used.load(Ordering::Relaxed);
            self.fillings.insert(place, Filling::new(shelf.table, used));
            match shelf.table.source {
                Source::Section(kind) | Source::List(kind, _) => {
                    sections.insert(i32::from(kind));
                }
                Source::Readings | Source::ReadingsList(_) => needs.readings = true,
                Source::Computers => needs.computers = true,
            }
            let columns = shelf.table.columns.iter().enumerate();
            seen.extend(
                columns
                    // Of the computers each column is shared for itself; of the others the table as a whole.
                    .filter(|(column, _)| {
                        shelf.table.source != Source::Computers || used & (1 << column) != 0
                    })
                    .filter_map(|(_, column)| column.section.map(i32::from)),
            );
        }
        needs.headlines = self.shelves.iter().any(|shelf| {
            let used = shelf.used.load(Ordering::Relaxed);
            let columns = shelf.table.columns.iter().enumerate();
            let mut used = columns.filter(|(column, _)| used & (1 << column) != 0);
            shelf.table.source == Source::Computers && used.any(|(_, it)| it.section.is_some())
        });
        needs.sections = sections.into_iter().collect();
        needs.touched = seen.into_iter().collect();
        needs
    }

    /// Takes in a computer.
    pub(super) fn computer(&mut self, content: &[u8]) -> Result<(), Fault> {
        let computer = Computer::decode(content).map_err(|_| confused())?;
        for (place, filling) in &mut self.fillings {
            if self.shelves[*place].table.source == Source::Computers {
                filling.about(&computer.name, &computer.id);
                for (fact, column) in computer.facts.iter().zip(COMPUTER_ID + 1..) {
                    filling.set(column, fact);
                }
                filling.add(&[]).map_err(|Damaged| confused())?;
            }
        }
        self.computers.push((computer.name, computer.id));
        self.check()
    }

    /// Takes in a section.
    pub(super) fn section(&mut self, content: &[u8]) -> Result<(), Fault> {
        let (head, body) = content.split_at_checked(HEAD).ok_or_else(confused)?;
        let (computer, rest) = head.split_first_chunk().ok_or_else(confused)?;
        let (kind, rest) = rest.split_first().ok_or_else(confused)?;
        let (collected, rest) = rest.split_first_chunk().ok_or_else(confused)?;
        let confirmed = rest.first_chunk().ok_or_else(confused)?;
        let computer = u32::from_le_bytes(*computer);
        let kind = section::Kind::try_from(i32::from(*kind)).map_err(|_| confused())?;
        let times = (
            i64::from_le_bytes(*collected),
            i64::from_le_bytes(*confirmed),
        );
        let taken = self.take(computer, body, |source| match source {
            Source::Section(it) if it == kind => Some((None, times)),
            Source::List(it, number) if it == kind => Some((Some(number), times)),
            _ => None,
        });
        if taken? == Err(Damaged) {
            self.damaged.insert(computer);
        }
        self.check()
    }

    /// Takes in readings.
    pub(super) fn readings(&mut self, content: &[u8]) -> Result<(), Fault> {
        let (computer, body) = content.split_first_chunk().ok_or_else(confused)?;
        let computer = u32::from_le_bytes(*computer);
        let taken = self.take(computer, body, |source| match source {
            Source::Readings => Some((None, (0, 0))),
            Source::ReadingsList(number) => Some((Some(number), (0, 0))),
            _ => None,
        });
        if taken? == Err(Damaged) {
            self.damaged.insert(computer);
        }
        self.check()
    }

    /// Fills the tables that `of` names with a message: as a row, or with the items of one of its lists.
    fn take(
        &mut self,
        computer: u32,
        body: &[u8],
        of: impl Fn(Source) -> Option<(Option<u32>, (i64, i64))>,
    ) -> Result<Result<(), Damaged>, Fault> {
        let (name, id) = self.computers.get(computer as usize).ok_or_else(confused)?;
        for (place, filling) in &mut self.fillings {
            let Some((list, (collected, confirmed))) = of(self.shelves[*place].table.source) else {
                continue;
            };
            filling.about(name, id);
            let Some(list) = list else {
                if matches!(self.shelves[*place].table.source, Source::Section(_)) {
                    filling.set_time(COLLECTED_AT, collected);
                    filling.set_time(CONFIRMED_AT, confirmed);
                }
                if filling.add(body).is_err() {
                    return Ok(Err(Damaged));
                }
                continue;
            };
            for field in fields(body) {
                let added = match field {
                    Ok((number, Wire::Bytes(item))) if number == list => filling.add(item),
                    Ok(_) => Ok(()),
                    Err(damaged) => Err(damaged),
                };
                if added.is_err() {
                    return Ok(Err(Damaged));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Everything is there: the tables can be read.
    pub(super) fn settle(&mut self) -> Result<(), Fault> {
        if let Some(first) = self.damaged.first() {
            let name = self.computers.get(*first as usize);
            let name = name.map_or("a computer", |(name, _)| name.as_str());
            // What was checked when it was received is read here: this cannot happen by itself.
            return Err(Fault::Statement(format!(
                "what {name} reported could not be taken apart; this is a fault of the collector"
            )));
        }
        for (place, filling) in std::mem::take(&mut self.fillings) {
            let filled = self.shelves[place].content.set(filling.settled());
            filled.map_err(|_| confused())?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Fault> {
        let bytes: usize = self.fillings.values().map(Filling::size).sum();
        if bytes > limits::TABLES {
            return Err(Fault::memory());
        }
        Ok(())
    }
}

fn confused() -> Fault {
    Fault::Statement("the collector sent what nobody expected; this is a fault of it".to_owned())
}
