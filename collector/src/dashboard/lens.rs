//! The moment a page shows: named in its address, kept by its links, said on top of it.

use super::{
    Desk,
    guard::encoded,
    markup::{self, Markup},
    text::history as t,
    trouble::Trouble,
};
use crate::{
    clock::UnixMillis,
    history::{Moment, MomentError},
};

/// The moment a page shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lens {
    pub(super) moment: Moment,
    pub(super) now: UnixMillis,
}

/// What stands on top of a page that shows the past.
#[derive(Debug)]
pub(super) struct Band {
    pub(super) sentence: Markup,
    pub(super) back: String,
}

/// Asks for another moment of the same page.
#[derive(Debug)]
pub(super) struct Picker {
    pub(super) path: String,
    /// What it shows now, as a field for a time wants it; empty for now.
    pub(super) at: String,
    pub(super) latest: String,
}

impl Lens {
    /// The moment that an address names by `at`.
    pub(super) fn of(desk: &Desk, at: &str) -> Result<Self, Trouble> {
        let now = desk.clock.now();
        let moment = desk.inventory.moment(at, now)?;
        Ok(Self { moment, now })
    }

    /// An address of this dashboard, at the same moment.
    pub(super) fn keep(self, path: &str) -> String {
        self.moment
            .at()
            .map_or_else(|| path.to_owned(), |at| with(path, "at", &at.to_string()))
    }

    /// The address of rows further down in a section, to which `from=` and the first row are added.
    pub(super) fn rows(self, path: &str) -> String {
        match self.moment {
            Moment::Now => format!("{path}?"),
            Moment::At(_) => format!("{}&", self.keep(path)),
        }
    }

    /// The address of changes, up to the moment.
    pub(super) fn until(self, path: &str) -> String {
        let at = self.moment.at();
        at.map_or_else(
            || path.to_owned(),
            |at| with(path, "until", &at.to_string()),
        )
    }

    /// The address of a difference, from the moment to now.
    pub(super) fn since(self, path: &str) -> String {
        let at = self.moment.at();
        at.map_or_else(|| path.to_owned(), |at| with(path, "from", &at.to_string()))
    }

    /// What stands on top of the page; nothing when it shows now. `back` leads to the same page as of now.
    pub(super) fn band(self, back: &str) -> Option<Band> {
        let at = self.moment.at()?;
        Some(Band {
            sentence: Markup::fill(t::AS_OF, &[("when", Markup::moment(at, self.now))]),
            back: back.to_owned(),
        })
    }

    /// Asks for another moment of a page.
    pub(super) fn picker(self, path: &str) -> Picker {
        Picker {
            path: path.to_owned(),
            at: self.moment.at().map(field).unwrap_or_default(),
            latest: field(self.now),
        }
    }
}

/// A time as a field of a form wants it, in UTC.
pub(super) fn field(at: UnixMillis) -> String {
    at.to_string().trim_end_matches('Z').to_owned()
}

/// An address with one parameter more.
pub(super) fn with(path: &str, name: &str, value: &str) -> String {
    let (path, place) = path
        .split_once('#')
        .map_or((path, String::new()), |(path, place)| {
            (path, format!("#{place}"))
        });
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{name}={}{place}", encoded(value))
}

impl From<MomentError> for Trouble {
    fn from(error: MomentError) -> Self {
        match error {
            MomentError::NotATime => Self::NotATime,
            MomentError::NotKept { since, days } => Self::NotKept(markup::filled(
                t::NOT_KEPT_HELP,
                &[("days", days.to_string()), ("since", markup::exact(since))],
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_keeps_the_moment() {
        let now = UnixMillis(1_800_000_000_000);
        let lens = |moment| Lens { moment, now };
        let past = lens(Moment::At(UnixMillis(1_799_999_000_000)));
        assert_eq!(past.keep("/x"), "/x?at=2027-01-15T07%3A43%3A20Z");
        assert_eq!(
            past.keep("/x?q=a#b"),
            "/x?q=a&at=2027-01-15T07%3A43%3A20Z#b"
        );
        assert_eq!(lens(Moment::Now).keep("/x?q=a"), "/x?q=a");
        assert!(past.band("/x").is_some() && lens(Moment::Now).band("/x").is_none());
    }
}
