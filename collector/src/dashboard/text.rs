//! Every sentence of the dashboard, in English, one module a page. `{places}` are filled by
//! [`Markup::fill`](super::markup::Markup::fill).

pub(super) mod access;
pub(super) mod add;
pub(super) mod administrators;
pub(super) mod alerts;
pub(super) mod changes;
pub(super) mod computer;
pub(super) mod computers;
pub(super) mod demo;
pub(super) mod devices;
pub(super) mod difference;
pub(super) mod door;
pub(super) mod error;
pub(super) mod facts;
pub(super) mod findings;
pub(super) mod history;
pub(super) mod list;
pub(super) mod overview;
pub(super) mod questions;
pub(super) mod search;
pub(super) mod section;
pub(super) mod settings;
pub(super) mod software;
pub(super) mod suggestions;

pub(super) const PRODUCT: &str = "Freehold";
pub(super) const SKIP: &str = "Skip to the content";
pub(super) const MENU: &str = "Pages";
pub(super) const OVERVIEW: &str = "Overview";
pub(super) const COMPUTERS: &str = "Computers";
pub(super) const ADMINISTRATORS: &str = "Administrators";
pub(super) const CHANGES: &str = "Changes";
pub(super) const ACCESS: &str = "Access";
pub(super) const SOFTWARE: &str = "Software";
pub(super) const SOMEBODY: &str = "this business";
pub(super) const GUEST: &str = "You are reading {business}\u{2019}s records as {name}, {supplier}, until {until}. What you open is written down.";
pub(super) const ADD: &str = "Add a computer";
pub(super) const SETTINGS: &str = "Settings";
pub(super) const SIGN_OUT: &str = "Sign out";
pub(super) const FOOTER: &str = "These records are kept on your own computer. Nothing on this page comes from, or goes to, anybody else.";
pub(super) const COPY: &str = "Copy";
pub(super) const COPIED: &str = "Copied";
pub(super) const FILTER: &str = "Filter";
pub(super) const CANCEL: &str = "Cancel";
pub(super) const LIVE_LOST: &str =
    "This page no longer updates by itself. Reload it to see the latest.";
pub(super) const LIVE_AWAY: &str = "Freehold cannot be reached just now. What you see was true before; the page renews itself as soon as it can.";
pub(super) const ON_PAPER: &str = "Printed from Freehold. True as of {when}.";
pub(super) const NEVER: &str = "never";

/// "1 computer", "3 computers".
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    let shown = super::markup::grouped(number as u64);
    format!("{shown} {}", if number == 1 { one } else { many })
}

/// "1 computer", "3 computers".
pub(super) fn computers_counted(number: usize) -> String {
    count(number, "computer", "computers")
}
