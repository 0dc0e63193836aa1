//! /etc/shadow: state of passwords. Hashes are never kept.

use super::colon::{self, Line, Table, decimal};
use super::passwd::Password;
use super::problem::Problem;

/// State of an account's password. Days count from 1970-01-01.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Sign-in name.
    pub name: &'a [u8],
    /// What the password field says.
    pub password: Password,
    /// Day of the last change; 0 when it must be changed at the next sign-in.
    pub changed: Option<u32>,
    /// Days after which it must be changed.
    pub most_days: Option<u32>,
    /// Day on which the account itself expires.
    pub expires: Option<u32>,
}

/// Days from which on a password counts as never expiring, as the shadow tools have it.
pub const NEVER: u32 = 99_999;

impl Entry<'_> {
    /// Whether the password never has to be changed.
    pub fn never_expires(&self) -> bool {
        self.most_days.is_none_or(|days| days >= NEVER)
    }

    /// Whether the password has to be changed before it can be used, on a day.
    pub fn has_expired(&self, today: i64) -> bool {
        match (self.changed, self.most_days) {
            (Some(0), _) => true,
            (Some(changed), Some(days)) if !self.never_expires() => {
                today > i64::from(changed) + i64::from(days)
            }
            _ => false,
        }
    }
}

/// Reads the file.
pub fn parse(bytes: &[u8]) -> Table<Entry<'_>> {
    colon::read(bytes, 9, entry)
}

fn entry<'a>(line: &Line<'a>, problems: &mut Vec<Problem>) -> Option<Entry<'a>> {
    if line.field(0).is_empty() || line.fields.len() < 2 {
        let reason = "names no account or has no password field, so it is left out";
        problems.push(line.problem(0, reason));
        return None;
    }
    let mut days = |index| {
        let field = line.field(index);
        // -1 is written by some tools for "not set".
        if field.is_empty() || field == b"-1" {
            return None;
        }
        let days = decimal(field);
        if days.is_none() {
            let reason = "is no number of days, so it is taken as not set";
            problems.push(line.problem(index, reason));
        }
        days
    };
    Some(Entry {
        name: line.field(0),
        changed: days(2),
        most_days: days(4),
        expires: days(7),
        password: match Password::of(line.field(1)) {
            // Only /etc/passwd can refer to the shadow file; here it is a string nothing matches.
            Password::InShadow => Password::Locked,
            password => password,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_and_states_are_read() {
        let table = parse(
            b"anna:$y$j9T$salt$hashhash:19700:0:90:7::20000:\nroot:*:19700:0:99999:7:::\nnew::0:::::-1:\n",
        );
        let anna = &table.entries[0];
        assert_eq!(anna.password, Password::Set);
        assert_eq!((anna.changed, anna.expires), (Some(19700), Some(20000)));
        assert!(!anna.never_expires());
        assert!(table.entries[1].never_expires());
        assert_eq!(table.entries[1].password, Password::Locked);
        assert_eq!(table.entries[2].password, Password::None);
        assert_eq!(
            (table.entries[2].changed, table.entries[2].expires),
            (Some(0), None)
        );
        assert_eq!(table.problems, []);
    }

    #[test]
    fn hashes_are_not_kept() {
        let table = parse(b"anna:$6$secretsalt$secrethash:1::::::\n");
        assert!(!format!("{table:?}").contains("secret"));
    }

    #[test]
    fn broken_numbers_are_named() {
        let table = parse(b"anna:*:soon:0:99999:7:::\nlonely\n");
        assert_eq!(table.entries.len(), 1);
        assert_eq!((table.problems[0].line, table.problems[0].column), (1, 8));
        assert_eq!(table.problems[1].line, 2);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            parse(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(
            name in "[a-z]{1,8}", changed: Option<u32>, most_days: Option<u32>, expires: Option<u32>,
            kind in 0_usize..5,
        ) {
            let (field, password) = [
                ("", Password::None),
                ("*", Password::Locked),
                ("!", Password::Locked),
                ("$y$j9T$salt$hash", Password::Set),
                ("!$6$salt$hash", Password::SetButLocked),
            ][kind];
            let days = |days: Option<u32>| days.map_or(String::new(), |days| days.to_string());
            let line = format!(
                "{name}:{field}:{}:0:{}:7::{}:\n", days(changed), days(most_days), days(expires)
            );
            let table = parse(line.as_bytes());
            prop_assert_eq!(&table.problems, &[]);
            let expected = Entry { name: name.as_bytes(), password, changed, most_days, expires };
            prop_assert_eq!(table.entries, vec![expected]);
        }
    }
}
