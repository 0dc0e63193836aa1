//! What lists have in common: the address that carries what is asked for, columns, and pages.

mod remembered;

use super::{
    Desk,
    lens::{Lens, with},
    markup::Markup,
    text::{self, list as t},
    trouble::Trouble,
};
use crate::clock::UnixMillis;

/// Rows on a page.
pub(super) const ROWS: usize = 200;

/// Longest text that is searched for, in characters.
const LONGEST: usize = 200;

/// What of a list is asked for. Its address carries all of it, so that it can be kept and shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) q: String,
    pub(super) show: String,
    pub(super) sort: String,
    pub(super) at: String,
    pub(super) page: usize,
    /// Words of the columns that are shown; none for the usual ones.
    pub(super) columns: Vec<String>,
    /// Which one of the list's subjects is meant, if it has any.
    pub(super) name: String,
}

/// A column of a list of `R`.
pub(super) struct Column<R: ?Sized> {
    /// Its word in the address, and its key in exports.
    pub(super) word: &'static str,
    pub(super) title: &'static str,
    /// Shown unless others are chosen.
    pub(super) usual: bool,
    /// What it says is known of the past.
    pub(super) past: bool,
    pub(super) html: fn(&R) -> Markup,
    pub(super) value: fn(&R) -> Value,
}

/// What a cell says, for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing is known, or there is nothing.
    Nothing,
    Text(String),
    Number(u64),
    Time(UnixMillis),
}

/// The head of a column, which sorts by it.
pub(super) struct Head {
    pub(super) title: &'static str,
    pub(super) path: String,
    pub(super) order: Option<&'static str>,
    pub(super) down: bool,
}

/// A cell, with the title of its column.
pub(super) struct Cell {
    pub(super) label: &'static str,
    pub(super) value: Markup,
}

/// The rows that are shown.
pub(super) struct Table {
    /// What it lists, for the instant filter.
    pub(super) id: &'static str,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    /// Which columns can be chosen, and what the form that chooses has to keep.
    pub(super) choices: Vec<Choice>,
    pub(super) kept: Vec<(&'static str, String)>,
    pub(super) path: &'static str,
}

/// Something that can be chosen.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) title: &'static str,
    pub(super) chosen: bool,
}

impl Wanted {
    /// From the pairs of an address. What is not understood is passed over.
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            let value: String = value.chars().take(LONGEST).collect();
            match name.as_str() {
                "q" => wanted.q = value,
                "show" => wanted.show = value,
                "sort" => wanted.sort = value,
                "at" => wanted.at = value,
                "name" => wanted.name = value,
                "page" => wanted.page = value.parse().unwrap_or(0),
                "column" if wanted.columns.len() < LONGEST => wanted.columns.push(value),
                _ => {}
            }
        }
        wanted
    }

    /// The moment it is asked for.
    pub(super) fn lens(&self, desk: &Desk) -> Result<Lens, Trouble> {
        Lens::of(desk, &self.at)
    }

    /// Its address below that of the list.
    pub(super) fn path(&self, list: &str) -> String {
        let page = match self.page {
            0 => String::new(),
            page => page.to_string(),
        };
        let mut path = list.to_owned();
        for (name, value) in self.kept().iter().chain(&[("page", page)]) {
            if !value.is_empty() {
                path = with(&path, name, value);
            }
        }
        path
    }

    /// The same list from its beginning, with something else asked for.
    pub(super) fn but(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut wanted = Self {
            page: 0,
            ..self.clone()
        };
        change(&mut wanted);
        wanted
    }

    /// The column it is sorted by, and whether downwards.
    pub(super) fn order<'a>(&'a self, usual: &'a str) -> (&'a str, bool) {
        match self.sort.strip_prefix('-') {
            Some(word) => (word, true),
            None if self.sort.is_empty() => match usual.strip_prefix('-') {
                Some(word) => (word, true),
                None => (usual, false),
            },
            None => (&self.sort, false),
        }
    }

    /// The columns that are shown.
    pub(super) fn chosen<'a, R: ?Sized>(
        &self,
        columns: &'a [Column<R>],
        lens: Lens,
    ) -> Vec<&'a Column<R>> {
        let known = || columns.iter().filter(|column| column.is_known(lens));
        let chosen: Vec<_> = known()
            .filter(|column| self.columns.iter().any(|word| word == column.word))
            .collect();
        if chosen.is_empty() {
            return known().filter(|column| column.usual).collect();
        }
        // What a row is about comes first, chosen or not.
        let subject = known().take(1).filter(|first| first.word != chosen[0].word);
        subject.chain(chosen.iter().copied()).collect()
    }

    /// What is asked for, but for the page.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let mut kept = vec![
            ("name", self.name.clone()),
            ("q", self.q.clone()),
            ("show", self.show.clone()),
            ("sort", self.sort.clone()),
            ("at", self.at.clone()),
        ];
        kept.extend(self.columns.iter().map(|word| ("column", word.clone())));
        kept
    }
}

impl<R: ?Sized> Column<R> {
    fn is_known(&self, lens: Lens) -> bool {
        self.past || lens.moment.at().is_none()
    }
}

impl Table {
    /// A page of a list. `usual` is the order it comes in.
    pub(super) fn of<R>(
        (id, path, usual): (&'static str, &'static str, &str),
        all: &[Column<R>],
        found: &[R],
        wanted: &Wanted,
        lens: Lens,
    ) -> Self {
        let chosen = wanted.chosen(all, lens);
        let first = wanted.page.saturating_mul(ROWS).min(found.len());
        let page_at = |page: usize| {
            let there = Wanted {
                page,
                ..wanted.clone()
            };
            there.path(path)
        };
        let row = |row: &R| {
            let cell = |column: &&Column<R>| Cell {
                label: column.title,
                value: (column.html)(row),
            };
            chosen.iter().map(cell).collect()
        };
        let choice = |column: &Column<R>| Choice {
            value: column.word,
            title: column.title,
            chosen: chosen.iter().any(|chosen| chosen.word == column.word),
        };
        let mut kept = wanted.kept();
        kept.retain(|(name, value)| *name != "column" && !value.is_empty());
        Self {
            id,
            heads: chosen
                .iter()
                .map(|column| head(wanted, column.word, column.title, (path, usual)))
                .collect(),
            rows: found.iter().skip(first).take(ROWS).map(row).collect(),
            previous: (first > 0).then(|| page_at(wanted.page.saturating_sub(1))),
            next: (found.len() > first + ROWS).then(|| page_at(wanted.page + 1)),
            choices: all
                .iter()
                .skip(1)
                .filter(|column| column.is_known(lens))
                .map(choice)
                .collect(),
            kept,
            path,
        }
    }
}

fn head(
    wanted: &Wanted,
    word: &'static str,
    title: &'static str,
    (path, usual): (&str, &str),
) -> Head {
    let (sorted, down) = wanted.order(usual);
    let here = word == sorted;
    let sort = if here && !down {
        format!("-{word}")
    } else {
        word.to_owned()
    };
    Head {
        title,
        path: wanted.but(|wanted| wanted.sort = sort).path(path),
        order: here.then_some(if down { "descending" } else { "ascending" }),
        down,
    }
}

/// How many of all are shown: "12 of 14 computers".
pub(super) fn shown(found: usize, all: usize, (one, many): (&str, &str)) -> Markup {
    Markup::fill(
        t::SHOWN,
        &[
            ("shown", Markup::number(found as u64)),
            ("all", Markup::text(&text::count(all, one, many))),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        query.iter().map(pair).collect()
    }

    #[test]
    fn an_address_carries_everything_that_is_asked_for() {
        let wanted = Wanted::of(pairs(&[
            ("q", "a&b=c#d"),
            ("show", "silent"),
            ("sort", "-seen"),
            ("column", "system"),
            ("column", "seen"),
            ("page", "3"),
            ("nonsense", "x"),
        ]));
        let path = wanted.path("/computers");
        assert_eq!(
            path,
            "/computers?q=a%26b%3Dc%23d&show=silent&sort=-seen&column=system&column=seen&page=3"
        );
        assert_eq!(wanted.order("name"), ("seen", true));
        assert_eq!(wanted.but(|it| it.q.clear()).page, 0);
        assert_eq!(Wanted::default().path("/computers"), "/computers");
    }

    #[test]
    fn what_is_asked_for_is_short() {
        let many = vec![("column".to_owned(), "x".repeat(10_000)); 10_000];
        let wanted = Wanted::of(many);
        assert_eq!(wanted.columns.len(), LONGEST);
        assert_eq!(wanted.columns[0].len(), LONGEST);
    }
}
