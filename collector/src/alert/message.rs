//! What people were not told yet, as messages: text for a mailbox, JSON for a program.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    news::{Item, News},
    text as t,
};
use crate::{clock::UnixMillis, dashboard::filled, store::record::DeliveryChannel};

/// How many findings a message lists; the others are counted.
const LISTED: usize = 25;

/// Where messages come from, and where their links lead.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    /// The business, or what stands for it.
    pub(super) business: String,
    /// Address of the dashboard, without a slash at its end.
    pub(super) dashboard: String,
}

/// A message, before it is put on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    /// What it is, without names.
    pub(super) about: String,
    pub(super) subject: String,
    /// For a mailbox.
    pub(super) text: String,
    /// For a program.
    pub(super) json: Value,
}

impl Message {
    /// What it says on a channel.
    pub(super) fn body(&self, channel: DeliveryChannel) -> String {
        match channel {
            DeliveryChannel::Webhook => self.json.to_string(),
            DeliveryChannel::Mail | DeliveryChannel::Unspecified => self.text.clone(),
        }
    }

    /// That something was found or has ended.
    pub(super) fn news(news: &News, sender: &Sender, now: UnixMillis) -> Self {
        let (found, ended) = (news.found.len(), news.ended.len());
        let places = |message| {
            let sentence = news.found.first().map_or("", |item| item.sentence.as_str());
            sender.filled(
                message,
                &[
                    ("sentence", sentence.to_owned()),
                    ("found", t::findings(found)),
                    ("ended", t::findings(ended)),
                ],
            )
        };
        let (subject, about) = match (found, ended) {
            (0, _) => (
                places(t::ONLY_ENDED),
                format!("{} ended", t::findings(ended)),
            ),
            (1, 0) => (places(t::ONE_FOUND), t::findings(1)),
            (_, 0) => (places(t::MANY_FOUND), t::findings(found)),
            (_, _) => (
                places(t::MANY_FOUND),
                format!("{}, {ended} ended", t::findings(found)),
            ),
        };
        Self {
            about,
            subject,
            text: text(news, sender),
            json: json!({
                "type": "findings",
                "at": now.to_string(),
                "business": sender.business,
                "found": news.found.iter().map(|item| found_json(item, sender)).collect::<Vec<_>>(),
                "ended": news.ended.iter().map(|ended| json!({
                    "id": ended.id.to_string(),
                    "computer": ended.computer,
                    "sentence": ended.sentence,
                    "url": sender.link(&format!("/findings/{}", ended.id)),
                })).collect::<Vec<_>>(),
            }),
        }
    }

    /// That alerts reach whoever reads it.
    pub(super) fn trial(sender: &Sender, now: UnixMillis) -> Self {
        let mut text = sender.filled(t::TRY_BODY, &[]);
        text.push_str("\n\n");
        sender.sign(&mut text);
        Self {
            about: t::TRY_ABOUT.to_owned(),
            subject: sender.filled(t::TRY_SUBJECT, &[]),
            text,
            json: json!({ "type": "trial", "at": now.to_string(), "business": sender.business }),
        }
    }
}

impl Sender {
    /// A sentence with the business and other places filled.
    pub(super) fn filled(&self, message: &str, places: &[(&'static str, String)]) -> String {
        let mut all = vec![("business", self.business.clone())];
        all.extend(places.iter().cloned());
        filled(message, &all)
    }

    /// The address of a page.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.dashboard)
    }

    /// Who sent it and where that is set.
    pub(super) fn sign(&self, text: &mut String) {
        let by = self.filled(t::SENT_BY, &[]);
        let _ = writeln!(text, "--\n{by}{}", self.link("/settings/alerts"));
    }
}

fn found_json(item: &Item, sender: &Sender) -> Value {
    json!({
        "id": item.id.to_string(),
        "rule": item.rule,
        "severity": t::identifier(item.severity),
        "computer": item.computer,
        "sentence": item.sentence,
        "why": item.why,
        "opened_at": item.opened_at.to_string(),
        "url": sender.link(&format!("/findings/{}", item.id)),
    })
}

fn text(news: &News, sender: &Sender) -> String {
    let mut text = String::new();
    let mut heading = "";
    for item in news.found.iter().take(LISTED) {
        if t::heading(item.severity) != heading {
            heading = t::heading(item.severity);
            let _ = writeln!(text, "{heading}\n");
        }
        let _ = writeln!(text, "* {}", item.sentence);
        let _ = writeln!(text, "  {}{}", t::WHY, item.why);
        let _ = writeln!(
            text,
            "  {}{}\n",
            t::SEE,
            sender.link(&format!("/findings/{}", item.id))
        );
    }
    more(&mut text, news.found.len(), sender);
    if !news.ended.is_empty() {
        let _ = writeln!(text, "{}\n", t::ENDED);
        for ended in news.ended.iter().take(LISTED) {
            let _ = writeln!(text, "* {}", ended.sentence);
        }
        let _ = writeln!(text);
        more(&mut text, news.ended.len(), sender);
    }
    sender.sign(&mut text);
    text
}

/// How many there are that are not listed.
pub(super) fn more(text: &mut String, number: usize, sender: &Sender) {
    if let Some(rest) = number.checked_sub(LISTED).filter(|rest| *rest > 0) {
        let more = sender.filled(t::MORE, &[("count", rest.to_string())]);
        let _ = writeln!(text, "* {more}\n\n{}{}\n", t::ALL, sender.link("/findings"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::FindingId, id::MachineId, store::record::FindingSeverity};

    fn sender() -> Sender {
        Sender {
            business: "Riverside Practice".into(),
            dashboard: "https://office.lan:8443".into(),
        }
    }

    fn item(number: usize) -> Item {
        Item {
            id: FindingId::new(MachineId::random(), "no-antivirus", &number.to_string()),
            rule: "no-antivirus",
            severity: FindingSeverity::ActNow,
            computer: format!("PC-{number}"),
            sentence: format!("PC-{number} has no antivirus."),
            why: "Anything can run on it.".into(),
            opened_at: UnixMillis(5000),
        }
    }

    #[test]
    fn one_finding_is_its_own_subject() {
        let news = News {
            found: vec![item(1)],
            ..News::default()
        };
        let message = Message::news(&news, &sender(), UnixMillis(0));
        assert_eq!(
            message.subject,
            "Riverside Practice: PC-1 has no antivirus."
        );
        assert!(!message.about.contains("PC-1"));
        let link = format!("https://office.lan:8443/findings/{}", news.found[0].id);
        assert!(message.text.contains(&link), "{}", message.text);
        assert!(
            message
                .text
                .contains("Why it matters: Anything can run on it.")
        );
        assert_eq!(message.json["found"][0]["severity"], "act-now");
        assert_eq!(message.json["found"][0]["url"], link);
    }

    #[test]
    fn a_flood_is_one_message_of_bounded_length() {
        let news = News {
            found: (0..1000).map(item).collect(),
            ..News::default()
        };
        let message = Message::news(&news, &sender(), UnixMillis(0));
        assert_eq!(
            message.subject,
            "Riverside Practice: 1000 findings to look at"
        );
        assert!(message.text.contains("and 975 more"), "{}", message.text);
        assert!(message.text.len() < 10_000);
    }
}
