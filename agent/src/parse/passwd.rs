//! /etc/passwd: local accounts.

use super::colon::{self, Line, Table};
use super::problem::Problem;

/// An account. The password field is reduced to what it says about the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Sign-in name.
    pub name: &'a [u8],
    /// What the password field says.
    pub password: Password,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Full name and more, separated by commas.
    pub gecos: &'a [u8],
    /// Home folder.
    pub home: &'a [u8],
    /// Shell; empty means /bin/sh.
    pub shell: &'a [u8],
    /// Line, from 1.
    pub line: u32,
}

/// What a password field says, without the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// "x": the shadow file has it.
    InShadow,
    /// Empty: no password is asked for.
    None,
    /// A hash.
    Set,
    /// A hash behind a "!": the password exists but does not open the account.
    SetButLocked,
    /// Nothing that any password could match, such as "*" or "!".
    Locked,
}

impl Password {
    /// Judges a password field.
    pub fn of(field: &[u8]) -> Self {
        let rest = field
            .iter()
            .position(|&byte| byte != b'!')
            .map_or(&[][..], |at| &field[at..]);
        match (field, rest) {
            (b"", _) => Self::None,
            (b"x", _) => Self::InShadow,
            (_, b"" | b"x" | [b'*', ..]) => Self::Locked,
            _ if rest.len() < field.len() => Self::SetButLocked,
            // crypt(3) yields at least 13 characters; anything shorter matches no password.
            _ if rest.len() < 13 => Self::Locked,
            _ => Self::Set,
        }
    }
}

/// Reads the file.
pub fn parse(bytes: &[u8]) -> Table<Entry<'_>> {
    colon::read(bytes, 7, entry)
}

fn entry<'a>(line: &Line<'a>, problems: &mut Vec<Problem>) -> Option<Entry<'a>> {
    if line.field(0).is_empty() {
        problems.push(line.problem(0, "the account has no name, so it is left out"));
        return None;
    }
    let found = line.fields.len();
    if found < 4 {
        let reason = format!("has {found} of 7 fields, so the account is left out");
        problems.push(line.problem(found, reason));
        return None;
    }
    let (Some(uid), Some(gid)) = (id(line, 2, problems), id(line, 3, problems)) else {
        return None;
    };
    if found < 7 {
        problems.push(line.problem(
            found,
            format!("has {found} of 7 fields; the account is listed with those"),
        ));
    }
    Some(Entry {
        name: line.field(0),
        password: Password::of(line.field(1)),
        uid,
        gid,
        gecos: line.field(4),
        home: line.field(5),
        shell: line.field(6),
        line: line.number,
    })
}

fn id(line: &Line<'_>, index: usize, problems: &mut Vec<Problem>) -> Option<u32> {
    let id = line.number(index).filter(|_| !line.field(index).is_empty());
    if id.is_none() {
        let what = ["user id", "group id"][usize::from(index == 3)];
        problems.push(line.problem(
            index,
            format!("the {what} is no number from 0 to 4294967295, so the account is left out"),
        ));
    }
    id
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_read_in_their_order() {
        let table = parse(b"anna:x:1000:1001:Anna Muster,,,:/home/anna:/bin/bash\n");
        let expected = Entry {
            name: b"anna",
            password: Password::InShadow,
            uid: 1000,
            gid: 1001,
            gecos: b"Anna Muster,,,",
            home: b"/home/anna",
            shell: b"/bin/bash",
            line: 1,
        };
        assert_eq!(table.entries, [expected]);
        assert_eq!(table.problems, []);
    }

    #[test]
    fn broken_lines_are_named_and_the_rest_is_read() {
        let table = parse(
            b"root:x:0:0:root:/root:/bin/bash\n:x:1:1::/:\nbob:x:abc:1::/:\ncarl:x:7:-1::/:\nshort:x:5:6\n\
              \n# comment\neve:x:4294967296:1::/:\nlast:x:9:9:::/bin/sh:more\n",
        );
        let names: Vec<_> = table.entries.iter().map(|entry| entry.name).collect();
        assert_eq!(names, [&b"root"[..], b"short", b"last"]);
        let places: Vec<_> = table
            .problems
            .iter()
            .map(|problem| (problem.line, problem.column))
            .collect();
        assert_eq!(places, [(2, 1), (3, 7), (4, 10), (5, 13), (8, 7)]);
        assert_eq!(table.entries[2].shell, b"/bin/sh:more");
    }

    #[test]
    fn directory_lines_are_no_accounts() {
        let table = parse(b"+@staff::::::\n+::::::\n-mallory::::::\n");
        assert!(table.entries.is_empty() && table.problems.is_empty());
        assert_eq!(table.directory_lines, [1, 2, 3]);
    }

    #[test]
    fn password_fields_say_whether_a_password_opens_the_account() {
        for (field, expected) in [
            (&b""[..], Password::None),
            (b"x", Password::InShadow),
            (b"*", Password::Locked),
            (b"!", Password::Locked),
            (b"!!", Password::Locked),
            (b"!*", Password::Locked),
            (b"*LK*", Password::Locked),
            (b"nologin", Password::Locked),
            (b"$y$j9T$abc$defghijk", Password::Set),
            (b"!$6$salt$hash", Password::SetButLocked),
            (b"abJnggxhB/yWI", Password::Set),
        ] {
            assert_eq!(Password::of(field), expected, "{}", field.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            parse(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(
            name in "[a-z_][a-z0-9_-]{0,30}", uid: u32, gid: u32, gecos in "[^:\n]{0,20}", shell in "(/[a-z]{1,8}){0,3}"
        ) {
            let line = format!("{name}:x:{uid}:{gid}:{gecos}:/home/{name}:{shell}\n");
            let table = parse(line.as_bytes());
            prop_assert_eq!(&table.problems, &[]);
            let entry = &table.entries[0];
            prop_assert_eq!(
                (entry.name, entry.uid, entry.gid, entry.gecos, entry.shell),
                (name.as_bytes(), uid, gid, gecos.as_bytes(), shell.as_bytes())
            );
        }
    }
}
