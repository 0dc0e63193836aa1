//! Listening sockets, told as what a technician asks: which port, for whom, opened by what.

use prost_reflect::DynamicMessage;

use super::{
    sentence::Turn,
    words::{NAME_BYTES, cut, shown_by_name},
};

/// What a socket is called: "port 5432 (tcp)".
pub(super) fn subject(item: &DynamicMessage) -> String {
    let field = |name| shown_by_name(item, name);
    format!("port {} ({})", field("port"), field("protocol"))
}

/// A socket appeared or disappeared. `now_visible` says that it may have been there before.
pub(super) fn turned(item: &DynamicMessage, turn: Turn, now_visible: bool) -> String {
    let verb = match turn {
        Turn::Added if now_visible => "is now visible: it listens",
        Turn::Added => "now listens",
        Turn::Removed => "no longer listens",
    };
    let opened = match (opener(item), turn) {
        (opener, _) if opener.is_empty() => String::new(),
        (opener, Turn::Added) => format!(", opened by {opener}"),
        (opener, Turn::Removed) => format!(", it was opened by {opener}"),
    };
    format!("{} {verb} {}{opened}", subject(item), audience(item))
}

/// The program by its name, else the account.
fn opener(item: &DynamicMessage) -> String {
    let program = shown_by_name(item, "program");
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    if !name.is_empty() {
        return cut(name, NAME_BYTES);
    }
    let account = shown_by_name(item, "account");
    if account.is_empty() {
        account
    } else {
        format!("the account {}", cut(&account, NAME_BYTES))
    }
}

/// Who can reach it, as far as the address tells.
fn audience(item: &DynamicMessage) -> String {
    let address = shown_by_name(item, "address");
    match address.as_str() {
        "0.0.0.0" => "on every address".to_owned(),
        "::" => "on every address (IPv6)".to_owned(),
        "::1" => "for this computer only".to_owned(),
        address if address.starts_with("127.") => "for this computer only".to_owned(),
        address => format!("on {}", cut(address, NAME_BYTES)),
    }
}
