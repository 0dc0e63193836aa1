//! How serious something is: a colour, always with an icon and a word.

use super::markup::Markup;

/// How serious something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// Act now.
    Bad,
    /// Plan this.
    Warn,
    /// Nobody can tell.
    Unknown,
    /// Good to know.
    Plain,
    /// Fine.
    Good,
}

/// A word with a tone.
#[derive(Clone, Debug)]
pub(super) struct Badge {
    pub(super) tone: Tone,
    pub(super) word: Markup,
}

impl Badge {
    pub(super) fn new(tone: Tone, word: &str) -> Self {
        Self {
            tone,
            word: Markup::text(word),
        }
    }

    pub(super) fn of(tone: Tone, word: Markup) -> Self {
        Self { tone, word }
    }

    /// As it stands in a sentence or a cell.
    pub(super) fn markup(&self) -> Markup {
        Markup::badge(self.tone.class(), &self.tone.icon(), &self.word)
    }
}

impl Tone {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Plain => "plain",
            Self::Good => "good",
        }
    }

    /// Its icon, which a screen reader skips: the word beside it says the same.
    pub(super) fn icon(self) -> Markup {
        Markup::constant(match self {
            Self::Bad => {
                "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                 fill=\"currentColor\" d=\"M6.6 1.5h6.8l4.9 4.9v6.9l-4.9 4.9H6.6l-4.9-4.9V6.4zM9 5v6.2h2V5zm0 \
                 7.9V15h2v-2.1z\"/></svg>"
            }
            Self::Warn => {
                "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                 fill=\"currentColor\" d=\"M10 1.6 19.2 18H.8zM9 7.4v5h2v-5zm0 6.3v2h2v-2z\"/></svg>"
            }
            Self::Unknown => {
                "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><circle \
                 cx=\"10\" cy=\"10\" r=\"8\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\" \
                 stroke-dasharray=\"3 2.2\"/><path fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.8\" \
                 d=\"M7.7 7.8a2.4 2.4 0 1 1 3.3 2.3c-.7.3-1 .8-1 1.6v.4\"/><circle cx=\"10\" cy=\"14.4\" \
                 r=\"1.2\" fill=\"currentColor\"/></svg>"
            }
            Self::Plain => {
                "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><circle \
                 cx=\"10\" cy=\"10\" r=\"3.2\" fill=\"currentColor\"/></svg>"
            }
            Self::Good => {
                "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                 fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.4\" stroke-linecap=\"round\" \
                 stroke-linejoin=\"round\" d=\"m3.8 10.6 4 4 8.4-9\"/></svg>"
            }
        })
    }
}
