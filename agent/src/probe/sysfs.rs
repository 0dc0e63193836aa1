//! Single values as the kernel shows them in /proc and /sys.

use std::str::FromStr;

use super::{
    Root,
    section::{clean, cut},
};

/// Longest value that is read.
const VALUE_BYTES: u64 = 64 * 1024;

/// The text of a file without surrounding white space; `None` where there is none, it is empty or the
/// device does not answer. Drivers answer a value that they do not know with an error.
pub(crate) fn value(root: &Root, path: &str) -> Option<String> {
    let bytes = root.read_at_most(path, VALUE_BYTES).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = clean(&text);
    (!text.is_empty()).then(|| cut(text.to_owned()).0)
}

/// A number in decimal.
pub(crate) fn number<T: FromStr>(root: &Root, path: &str) -> Option<T> {
    value(root, path)?.parse().ok()
}

/// A number in hexadecimal, with or without "0x".
pub(crate) fn hexadecimal(root: &Root, path: &str) -> Option<u64> {
    let text = value(root, path)?;
    u64::from_str_radix(text.strip_prefix("0x").unwrap_or(&text), 16).ok()
}

/// Names in a directory that are UTF-8, sorted; none where there is no such directory.
pub(crate) fn names(root: &Root, path: &str) -> Vec<String> {
    let names = root.list(path).unwrap_or_default();
    names
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .collect()
}

/// Last part of the target of a symbolic link, such as the name of a driver.
pub(crate) fn link_name(root: &Root, path: &str) -> Option<String> {
    let target = root.read_link(path).ok()?;
    Some(target.file_name()?.to_str()?.to_owned())
}

/// Whether there is something at a path. What may not be looked at counts as absent.
pub(crate) fn exists(root: &Root, path: &str) -> bool {
    root.exists(path).unwrap_or(false)
}
