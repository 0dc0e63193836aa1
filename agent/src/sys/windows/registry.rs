//! The registry, read-only and bounded.

use windows::{
    Win32::{
        Foundation::{ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS, ERROR_SUCCESS, FILETIME, WIN32_ERROR},
        System::Registry::{
            HKEY, HKEY_LOCAL_MACHINE, HKEY_USERS, KEY_READ, KEY_WOW64_32KEY, KEY_WOW64_64KEY,
            REG_SAM_FLAGS, REG_VALUE_TYPE, RegCloseKey, RegEnumKeyExW, RegEnumValueW,
            RegOpenKeyExW, RegQueryInfoKeyW, RegQueryValueExW,
        },
    },
    core::{PCWSTR, PWSTR},
};

use super::text::wide;
use crate::{
    parse::registry_value,
    rows::{Answer, Below, ROWS, Row, Unread, VALUE_BYTES, Value, file_time, utf16},
};

/// Most values taken from one key.
const VALUES: u32 = 2000;
/// Longest name of a value, by the registry's own limit, with its NUL.
const VALUE_NAME: usize = 16_384;
/// Longest name of a key, by the registry's own limit, with its NUL.
const KEY_NAME: usize = 256;

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// `HKEY_LOCAL_MACHINE`.
    Machine,
    /// `HKEY_USERS`: the keys of those who are signed in.
    Users,
}

/// As whom a path is read: 32-bit programs have keys of their own. Keys that both share are the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// As a 64-bit program.
    Bits64,
    /// As a 32-bit program.
    Bits32,
}

/// An open key. Closed when dropped.
#[derive(Debug)]
pub(crate) struct Key {
    handle: HKEY,
    access: REG_SAM_FLAGS,
}

/// The name of a key as it is stored, which need not be UTF-16.
struct Name {
    units: Vec<u16>,
    written: Option<i64>,
}

/// All values of a key.
pub(crate) fn values(tree: Tree, path: &str, view: View) -> Answer<Row> {
    Key::open(tree, path, view)?.values()
}

/// Some values of a key; those that it lacks are left out.
pub(crate) fn some_values(tree: Tree, path: &str, view: View, wanted: &[&str]) -> Answer<Row> {
    Key::open(tree, path, view)?.some_values(wanted)
}

/// Names of the keys below a key.
pub(crate) fn names(tree: Tree, path: &str, view: View) -> Answer<Vec<String>> {
    let (names, _) = Key::open(tree, path, view)?.names()?;
    Ok(names.iter().map(Name::shown).collect())
}

/// Some values of each key below a key.
pub(crate) fn below(tree: Tree, path: &str, view: View, wanted: &[&str]) -> Answer<Below> {
    Key::open(tree, path, view)?.below(|_| true, wanted)
}

impl Key {
    /// Opens a key for reading.
    pub(crate) fn open(tree: Tree, path: &str, view: View) -> Answer<Self> {
        let root = match tree {
            Tree::Machine => HKEY_LOCAL_MACHINE,
            Tree::Users => HKEY_USERS,
        };
        let access = KEY_READ
            | match view {
                View::Bits64 => KEY_WOW64_64KEY,
                View::Bits32 => KEY_WOW64_32KEY,
            };
        open(root, &wide(path), access)
    }

    /// Opens a key below this one.
    pub(crate) fn key(&self, path: &str) -> Answer<Self> {
        open(self.handle, &wide(path), self.access)
    }

    /// Some values of each key below this one whose name is wanted.
    pub(crate) fn below(&self, is_wanted: impl Fn(&str) -> bool, wanted: &[&str]) -> Answer<Below> {
        self.each(is_wanted, |key| key.some_values(wanted))
    }

    /// Some values of the key at `path` below each key below this one; the rows are named like the latter.
    pub(crate) fn below_at(&self, path: &str, wanted: &[&str]) -> Answer<Below> {
        self.each(
            |_| true,
            |key| {
                let key = key.key(path)?;
                let row = key.some_values(wanted)?;
                Ok(Row {
                    written: key.written(),
                    ..row
                })
            },
        )
    }

    fn each(
        &self,
        is_wanted: impl Fn(&str) -> bool,
        read: impl Fn(&Self) -> Answer<Row>,
    ) -> Answer<Below> {
        let (names, more) = self.names()?;
        let mut below = Below {
            more,
            ..Below::default()
        };
        for name in names {
            let shown = name.shown();
            if !is_wanted(&shown) {
                continue;
            }
            let mut units = name.units;
            units.push(0);
            match open(self.handle, &units, self.access).and_then(|key| read(&key)) {
                Ok(row) => below.rows.push(Row {
                    name: shown,
                    written: row.written.or(name.written),
                    ..row
                }),
                // It was removed in between, or has no such key.
                Err(Unread::Absent) => {}
                Err(unread) => below.unread.push((shown, unread)),
            }
        }
        Ok(below)
    }

    /// When the key was last written.
    pub(crate) fn written(&self) -> Option<i64> {
        let mut time = FILETIME::default();
        // SAFETY: the handle is open, and `time` is written to before the call returns.
        let code = unsafe {
            RegQueryInfoKeyW(
                self.handle,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                None,
                Some(&raw mut time),
            )
        };
        (code == ERROR_SUCCESS).then(|| seconds(time)).flatten()
    }

    /// Some values; those that the key lacks are left out.
    pub(crate) fn some_values(&self, wanted: &[&str]) -> Answer<Row> {
        let mut row = Row::default();
        let mut buffer = Vec::new();
        for name in wanted {
            if let Some(value) = self.value(name, &mut buffer)? {
                row.push(*name, value);
            }
        }
        Ok(row)
    }

    /// All values.
    pub(crate) fn values(&self) -> Answer<Row> {
        let mut row = Row::default();
        let mut buffer = vec![0; VALUE_BYTES];
        let mut name = vec![0_u16; VALUE_NAME];
        for index in 0..VALUES {
            let mut name_length = length(name.len());
            let mut kind = 0;
            let mut bytes = length(buffer.len());
            // SAFETY: the handle is open; both buffers are as long as the lengths say, and are written to
            // before the call returns.
            let code = unsafe {
                RegEnumValueW(
                    self.handle,
                    index,
                    Some(PWSTR(name.as_mut_ptr())),
                    &raw mut name_length,
                    None,
                    Some(&raw mut kind),
                    Some(buffer.as_mut_ptr()),
                    Some(&raw mut bytes),
                )
            };
            let shown = || utf16(name.get(..name_length as usize).unwrap_or_default());
            match code {
                ERROR_SUCCESS => {
                    let bytes = buffer.get(..bytes as usize).unwrap_or_default();
                    row.push(shown(), registry_value::decode(kind, bytes));
                }
                ERROR_MORE_DATA => row.push(shown(), Value::TooLong(bytes as usize)),
                ERROR_NO_MORE_ITEMS => break,
                code => return Err(failed(code)),
            }
        }
        Ok(row)
    }

    /// One value, `None` where the key has none of that name.
    fn value(&self, name: &str, buffer: &mut Vec<u8>) -> Answer<Option<Value>> {
        let name = wide(name);
        buffer.resize(buffer.len().max(1024), 0);
        loop {
            let mut kind = REG_VALUE_TYPE::default();
            let mut bytes = length(buffer.len());
            // SAFETY: the handle is open, the name ends with NUL, and the buffer is as long as `bytes` says.
            let code = unsafe {
                RegQueryValueExW(
                    self.handle,
                    PCWSTR(name.as_ptr()),
                    None,
                    Some(&raw mut kind),
                    Some(buffer.as_mut_ptr()),
                    Some(&raw mut bytes),
                )
            };
            let bytes = bytes as usize;
            match code {
                ERROR_SUCCESS => {
                    let bytes = buffer.get(..bytes).unwrap_or_default();
                    return Ok(Some(registry_value::decode(kind.0, bytes)));
                }
                ERROR_MORE_DATA if bytes > VALUE_BYTES => return Ok(Some(Value::TooLong(bytes))),
                ERROR_MORE_DATA if buffer.len() < VALUE_BYTES => buffer.resize(VALUE_BYTES, 0),
                ERROR_MORE_DATA => return Ok(Some(Value::TooLong(bytes))),
                code => {
                    return match failed(code) {
                        Unread::Absent => Ok(None),
                        unread => Err(unread),
                    };
                }
            }
        }
    }

    /// The keys below this one, and whether there are more than are read.
    fn names(&self) -> Answer<(Vec<Name>, bool)> {
        let mut names = Vec::new();
        loop {
            let mut buffer = [0_u16; KEY_NAME];
            let mut units = length(buffer.len());
            let mut time = FILETIME::default();
            // SAFETY: the handle is open, the buffer is as long as `units` says, and both it and `time` are
            // written to before the call returns.
            let code = unsafe {
                RegEnumKeyExW(
                    self.handle,
                    length(names.len()),
                    Some(PWSTR(buffer.as_mut_ptr())),
                    &raw mut units,
                    None,
                    None,
                    None,
                    Some(&raw mut time),
                )
            };
            match code {
                ERROR_SUCCESS if names.len() >= ROWS => return Ok((names, true)),
                ERROR_SUCCESS => names.push(Name {
                    units: buffer[..(units as usize).min(KEY_NAME)].to_vec(),
                    written: seconds(time),
                }),
                ERROR_NO_MORE_ITEMS => return Ok((names, false)),
                code => return Err(failed(code)),
            }
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the handle was opened by `open` and is closed once. Nothing can be done about an error.
        let _ = unsafe { RegCloseKey(self.handle) };
    }
}

impl Name {
    fn shown(&self) -> String {
        String::from_utf16_lossy(&self.units)
    }
}

/// `path` ends with NUL.
fn open(parent: HKEY, path: &[u16], access: REG_SAM_FLAGS) -> Answer<Key> {
    let mut handle = HKEY::default();
    // SAFETY: the parent is open or predefined, the path ends with NUL, and `handle` is written to before
    // the call returns.
    let code =
        unsafe { RegOpenKeyExW(parent, PCWSTR(path.as_ptr()), None, access, &raw mut handle) };
    if code == ERROR_SUCCESS {
        Ok(Key { handle, access })
    } else {
        Err(failed(code))
    }
}

fn failed(code: WIN32_ERROR) -> Unread {
    Unread::from_code(code.0)
}

fn seconds(time: FILETIME) -> Option<i64> {
    file_time(u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime))
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
