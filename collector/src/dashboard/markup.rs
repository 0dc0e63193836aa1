//! HTML made in code. Everything that is not a constant of this program is escaped here.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use crate::clock::UnixMillis;

/// Longest name shown in a heading, a link or a sentence, in characters.
const NAME: usize = 80;

/// Longest value shown before the rest is folded away, in characters.
const VALUE: usize = 240;

/// HTML that is safe to put into a page as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

impl Markup {
    /// A text of this program.
    pub(super) fn text(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        escape(&mut html, text);
        Self(html)
    }

    /// Markup of this program.
    pub(super) fn constant(html: &'static str) -> Self {
        Self(html.to_owned())
    }

    /// A bar that shows how much of something is used, for those who see it.
    pub(super) fn meter(used_percent: u64, described: &str) -> Self {
        let mut html = format!(
            "<meter min=\"0\" max=\"100\" low=\"80\" high=\"92\" optimum=\"10\" value=\"{used_percent}\" \
             aria-label=\""
        );
        escape(&mut html, described);
        html.push_str("\">");
        escape(&mut html, described);
        html.push_str("</meter>");
        Self(html)
    }

    /// The squares of a QR code, row by row, dark on light in every colour scheme.
    pub(super) fn qr(width: usize, squares: &[qrcode::Color], described: &str) -> Self {
        // Readers want four empty squares around it.
        let side = width + 8;
        let mut html = format!(
            "<svg class=\"qr-code\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\""
        );
        escape(&mut html, described);
        let _ = write!(
            html,
            "\" shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path \
             fill=\"#000\" d=\""
        );
        for (index, square) in squares.iter().enumerate() {
            if *square == qrcode::Color::Dark {
                let _ = write!(html, "M{} {}h1v1h-1z", index % width + 4, index / width + 4);
            }
        }
        html.push_str("\"/></svg>");
        Self(html)
    }

    /// A name from outside: isolated in its direction, invisible characters shown, cut when long.
    pub(super) fn name(name: &str) -> Self {
        let mut html = String::from("<bdi>");
        let (shown, rest) = cut(name, NAME);
        visible(&mut html, shown);
        if !rest.is_empty() {
            html.push('…');
        }
        html.push_str("</bdi>");
        Self(html)
    }

    /// A value from outside, complete: what is long is folded away.
    pub(super) fn value(value: &str) -> Self {
        let mut html = String::new();
        let (shown, rest) = cut(value, VALUE);
        if rest.is_empty() {
            html.push_str("<bdi>");
            visible(&mut html, shown);
            html.push_str("</bdi>");
        } else {
            html.push_str("<details class=\"more\"><summary><bdi>");
            visible(&mut html, shown);
            html.push_str("…</bdi></summary><bdi>");
            visible(&mut html, rest);
            html.push_str("</bdi></details>");
        }
        Self(html)
    }

    /// A value from outside as code: paths, identifiers, addresses.
    pub(super) fn code(value: &str) -> Self {
        let inner = Self::value(value);
        if inner.0.starts_with("<details") {
            return inner;
        }
        Self(format!("<code>{inner}</code>"))
    }

    /// Names joined by commas, at most `most` of them, then how many more.
    pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> Self {
        Self::first(names, most, Self::name)
    }

    /// The first few of any number of things, separated by commas, and how many more there are.
    pub(super) fn first<T>(
        things: impl IntoIterator<Item = T>,
        most: usize,
        show: impl Fn(T) -> Self,
    ) -> Self {
        let mut html = String::new();
        let mut left_out = 0;
        for (index, thing) in things.into_iter().enumerate() {
            if index >= most {
                left_out += 1;
                continue;
            }
            if index > 0 {
                html.push_str(", ");
            }
            html.push_str(&show(thing).0);
        }
        if left_out > 0 {
            let _ = write!(html, " and {left_out} more");
        }
        Self(html)
    }

    /// A message of the catalogue with its `{places}` filled.
    pub(super) fn fill(message: &str, places: &[(&str, Self)]) -> Self {
        let mut html = String::with_capacity(message.len() + 64);
        let mut rest = message;
        while let Some((before, after)) = rest.split_once('{') {
            escape(&mut html, before);
            let Some((place, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            if let Some((_, filling)) = places.iter().find(|(name, _)| *name == place) {
                html.push_str(&filling.0);
            }
            rest = after;
        }
        escape(&mut html, rest);
        Self(html)
    }

    /// A number.
    pub(super) fn number(number: impl Into<u64>) -> Self {
        Self(grouped(number.into()))
    }

    /// A number of bytes: `15.5 GiB`, the exact number on hover.
    pub(super) fn bytes(bytes: u64) -> Self {
        Self(format!(
            "<span title=\"{} bytes\">{}</span>",
            grouped(bytes),
            size(bytes)
        ))
    }

    /// A time: how long ago, the exact time on hover.
    pub(super) fn time(at: UnixMillis, now: UnixMillis) -> Self {
        Self(format!(
            "<time datetime=\"{at}\" title=\"{}\">{}</time>",
            exact(at),
            relative(at, now)
        ))
    }

    /// A time: the day and hour, how long ago on hover.
    pub(super) fn moment(at: UnixMillis, now: UnixMillis) -> Self {
        Self(format!(
            "<time class=\"moment\" datetime=\"{at}\" title=\"{}\">{}</time>",
            relative(at, now),
            exact(at)
        ))
    }

    /// A time of day; a script shows it in the reader's own time zone.
    pub(super) fn clock(at: UnixMillis) -> Self {
        Self(format!(
            "<time class=\"clock\" datetime=\"{at}\" title=\"{}\">{}</time>",
            exact(at),
            hour(at)
        ))
    }

    /// A link to a page of this dashboard. `path` must be made by this program.
    pub(super) fn link(path: &str, text: &Self) -> Self {
        let mut html = String::from("<a href=\"");
        escape(&mut html, path);
        html.push_str("\">");
        html.push_str(&text.0);
        html.push_str("</a>");
        Self(html)
    }

    /// A word with an icon, of a class of this program.
    pub(super) fn badge(class: &'static str, icon: &Self, word: &Self) -> Self {
        Self(format!(
            "<span class=\"badge {class}\">{icon}<span>{word}</span></span>"
        ))
    }

    /// Nothing is known.
    pub(super) fn unknown() -> Self {
        Self("<span class=\"none\">–</span>".to_owned())
    }

    /// Pieces one after the other, separated by `separator`.
    pub(super) fn joined(pieces: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut html = String::new();
        for (index, piece) in pieces.into_iter().enumerate() {
            if index > 0 {
                escape(&mut html, separator);
            }
            html.push_str(&piece.0);
        }
        Self(html)
    }

    /// Pieces on a line each.
    pub(super) fn lines(pieces: impl IntoIterator<Item = Self>) -> Self {
        let mut html = String::new();
        for (index, piece) in pieces.into_iter().enumerate() {
            if index > 0 {
                html.push_str("<br>");
            }
            html.push_str(&piece.0);
        }
        Self(html)
    }

    /// Emphasised.
    #[must_use]
    pub(super) fn strong(self) -> Self {
        Self(format!("<strong>{}</strong>", self.0))
    }

    /// The markup itself.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message of the catalogue with its `{places}` filled, as text.
pub(crate) fn filled(message: &str, places: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(message.len() + 64);
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, filling)) = places.iter().find(|(name, _)| *name == place) {
            text.push_str(filling);
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A name from outside as plain text, for titles and labels.
pub(crate) fn plain(name: &str) -> String {
    let (shown, rest) = cut(name, NAME);
    let mut text = String::with_capacity(shown.len());
    for c in shown.chars() {
        if invisible(c) {
            let _ = write!(text, "[U+{:04X}]", u32::from(c));
        } else {
            text.push(c);
        }
    }
    if !rest.is_empty() {
        text.push('…');
    }
    text
}

fn cut(text: &str, characters: usize) -> (&str, &str) {
    match text.char_indices().nth(characters) {
        Some((at, _)) => text.split_at(at),
        None => (text, ""),
    }
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        escape_char(html, c);
    }
}

fn escape_char(html: &mut String, c: char) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        '\'' => html.push_str("&#39;"),
        c => html.push(c),
    }
}

fn visible(html: &mut String, text: &str) {
    for c in text.chars() {
        if invisible(c) {
            let _ = write!(html, "<span class=\"ctl\">U+{:04X}</span>", u32::from(c));
        } else {
            escape_char(html, c);
        }
    }
}

/// Characters that change what a reader sees without being seen: control, direction, zero width, tags.
/// The joiners U+200C and U+200D stay: several scripts need them.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes as people read it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let unit = UNITS.get(unit).copied().unwrap_or_default();
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, _) if whole >= 100 => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}

/// How long something lasts, in its largest unit.
pub(super) fn duration(duration: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..=59 => (seconds, "second"),
        60..=3_599 => (seconds / MINUTE, "minute"),
        3_600..=172_799 => (seconds / HOUR, "hour"),
        172_800..=5_183_999 => (seconds / DAY, "day"),
        5_184_000..=63_071_999 => (seconds / (30 * DAY), "month"),
        _ => (seconds / (365 * DAY), "year"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

/// How long ago, or in how long.
pub(super) fn relative(at: UnixMillis, now: UnixMillis) -> String {
    let ahead = at.since(now);
    if ahead > Duration::from_secs(30) {
        return format!("in {}", duration(ahead));
    }
    let ago = now.since(at);
    if ago < Duration::from_secs(30) {
        "just now".to_owned()
    } else {
        format!("{} ago", duration(ago))
    }
}

/// The exact time, in UTC.
pub(crate) fn exact(at: UnixMillis) -> String {
    let format = time::macros::format_description!(
        "[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC"
    );
    stamp(at)
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "at an unknown time".to_owned())
}

/// The day, in UTC.
pub(super) fn day(at: UnixMillis) -> String {
    let format =
        time::macros::format_description!("[weekday], [day padding:none] [month repr:long] [year]");
    stamp(at)
        .and_then(|at| at.format(format).ok())
        .unwrap_or_else(|| "An unknown day".to_owned())
}

/// The time of day, in UTC.
fn hour(at: UnixMillis) -> String {
    let format = time::macros::format_description!("[hour]:[minute]");
    stamp(at)
        .and_then(|at| at.format(format).ok())
        .unwrap_or_default()
}

fn stamp(at: UnixMillis) -> Option<time::OffsetDateTime> {
    time::OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_from_outside_is_inert() {
        let evil = "<script>alert(1)</script>\"'&";
        for html in [
            Markup::name(evil),
            Markup::value(evil),
            Markup::code(evil),
            Markup::fill("{who} \"<\"", &[("who", Markup::name(evil))]),
        ] {
            assert!(!html.as_str().contains("<script"), "{html}");
            assert!(html.as_str().contains("&lt;script&gt;"), "{html}");
        }
        assert!(
            !Markup::link("/x?\"><script>", &Markup::text("x"))
                .as_str()
                .contains("\"><s")
        );
    }

    #[test]
    fn invisible_characters_are_shown_and_directions_isolated() {
        let html = Markup::name("a\u{202e}cod.exe\u{7}\u{200b}");
        assert_eq!(
            html.as_str(),
            "<bdi>a<span class=\"ctl\">U+202E</span>cod.exe<span class=\"ctl\">U+0007</span>\
             <span class=\"ctl\">U+200B</span></bdi>"
        );
        assert_eq!(plain("a\u{202e}b"), "a[U+202E]b");
    }

    #[test]
    fn a_long_name_is_cut_and_a_long_value_folded_but_complete() {
        let long = "ä".repeat(2048);
        assert!(Markup::name(&long).as_str().len() < 300);
        let value = Markup::value(&long);
        assert_eq!(value.as_str().matches('ä').count(), 2048);
        assert!(value.as_str().starts_with("<details"));
    }

    #[test]
    fn a_filling_is_not_filled_again() {
        let html = Markup::fill(
            "{a} {b}",
            &[("a", Markup::text("{b}")), ("b", Markup::text("!"))],
        );
        assert_eq!(html.as_str(), "{b} !");
    }

    #[test]
    fn numbers_carry_units_people_use() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1023), "1023 bytes");
        assert_eq!(size(16 * 1024 * 1024 * 1024), "16 GB");
        assert_eq!(size(1536), "1.5 KB");
        assert_eq!(size(u64::MAX), "1.7 EB".replace("1.7", "1.5"));
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(duration(Duration::from_secs(3600)), "1 hour");
        assert_eq!(duration(Duration::from_secs(21_000_000)), "8 months");
    }

    #[test]
    fn times_are_relative_with_the_exact_time_beside() {
        let now = UnixMillis(1_800_000_000_000);
        let html = Markup::time(now.minus(Duration::from_secs(120)), now);
        assert_eq!(
            html.as_str(),
            "<time datetime=\"2027-01-15T07:58:00Z\" title=\"15 January 2027, 07:58:00 UTC\">2 minutes \
             ago</time>"
        );
        assert_eq!(
            relative(now.plus(Duration::from_secs(600)), now),
            "in 10 minutes"
        );
        let _ = Markup::time(UnixMillis(i64::MAX), now);
        let _ = Markup::time(UnixMillis(i64::MIN), now);
    }
}
