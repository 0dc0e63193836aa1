//! That the access of suppliers ends soon, or has ended, as a message.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    message::{Message, Sender},
    text as t,
};
use crate::{access::Ending, clock::UnixMillis, dashboard};

/// How many a message lists.
const LISTED: usize = 25;

/// The message about grants that end; there is at least one.
pub(super) fn message(endings: &[Ending], sender: &Sender, now: UnixMillis) -> Message {
    let subject = match endings {
        [only] => sender.filled(t::ONE_FOUND, &[("sentence", sentence(only, sender))]),
        many => sender.filled(t::ENDINGS, &[("count", t::accesses(many.len()))]),
    };
    Message {
        about: sender.filled(t::ENDINGS_ABOUT, &[("count", t::accesses(endings.len()))]),
        subject,
        text: text(endings, sender),
        json: json!({
            "type": "access",
            "at": now.to_string(),
            "business": sender.business,
            "ending": endings.iter().map(|it| ending_json(it, sender)).collect::<Vec<_>>(),
        }),
    }
}

/// What is said of one of them.
pub(super) fn sentence(ending: &Ending, sender: &Sender) -> String {
    let said = if ending.has_come {
        t::HAS_ENDED
    } else {
        t::ENDS_SOON
    };
    let places = [
        ("supplier", dashboard::plain(&ending.supplier)),
        ("when", dashboard::exact(ending.ends_at)),
    ];
    sender.filled(said, &places)
}

fn text(endings: &[Ending], sender: &Sender) -> String {
    let mut text = String::new();
    for ending in endings.iter().take(LISTED) {
        let _ = writeln!(text, "* {}", sentence(ending, sender));
        let _ = writeln!(text, "  {}{}\n", t::EXTEND, link(ending, sender));
    }
    if let Some(rest) = endings.len().checked_sub(LISTED).filter(|rest| *rest > 0) {
        let more = sender.filled(t::MORE, &[("count", rest.to_string())]);
        let _ = writeln!(text, "* {more}\n\n{}{}\n", t::ALL, sender.link("/access"));
    }
    sender.sign(&mut text);
    text
}

fn ending_json(ending: &Ending, sender: &Sender) -> Value {
    json!({
        "id": ending.grant.to_string(),
        "supplier": dashboard::plain(&ending.supplier),
        "ends_at": ending.ends_at.to_string(),
        "has_ended": ending.has_come,
        "sentence": sentence(ending, sender),
        "url": link(ending, sender),
    })
}

fn link(ending: &Ending, sender: &Sender) -> String {
    sender.link(&format!("/access/{}/extend", ending.grant))
}
