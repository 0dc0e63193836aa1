//! /etc/group: local groups.

use super::colon::{self, Line, Table};
use super::problem::Problem;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Name.
    pub name: &'a [u8],
    /// Group id.
    pub gid: u32,
    /// Members by secondary membership, as written.
    pub members: Vec<&'a [u8]>,
    /// Line, from 1.
    pub line: u32,
}

/// Reads the file.
pub fn parse(bytes: &[u8]) -> Table<Entry<'_>> {
    colon::read(bytes, 4, entry)
}

fn entry<'a>(line: &Line<'a>, problems: &mut Vec<Problem>) -> Option<Entry<'a>> {
    if line.field(0).is_empty() {
        problems.push(line.problem(0, "the group has no name, so it is left out"));
        return None;
    }
    let Some(gid) = line.number(2).filter(|_| !line.field(2).is_empty()) else {
        let reason = "the group id is no number from 0 to 4294967295, so the group is left out";
        problems.push(line.problem(2, reason));
        return None;
    };
    if line.fields.len() < 4 {
        let reason = "has no list of members; the group is listed without any";
        problems.push(line.problem(line.fields.len(), reason));
    }
    let members = line.field(3).split(|&byte| byte == b',');
    Some(Entry {
        name: line.field(0),
        gid,
        members: members
            .map(<[u8]>::trim_ascii)
            .filter(|member| !member.is_empty())
            .collect(),
        line: line.number,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_are_split_and_empty_ones_skipped() {
        let table = parse(b"sudo:x:27:anna,,bob\nempty:x:5:\n");
        assert_eq!(table.entries[0].members, [&b"anna"[..], b"bob"]);
        assert_eq!((table.entries[0].gid, table.entries[1].line), (27, 2));
        assert!(table.entries[1].members.is_empty() && table.problems.is_empty());
    }

    #[test]
    fn broken_lines_are_named_and_the_rest_is_read() {
        let table = parse(b":x:1:\nwheel:x:ten:anna\nshort:x:7\ndocker:x:99:bob\n+:::\n");
        let names: Vec<_> = table.entries.iter().map(|entry| entry.name).collect();
        assert_eq!(names, [&b"short"[..], b"docker"]);
        let lines: Vec<_> = table.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(
            (lines, table.directory_lines.as_slice()),
            (vec![1, 2, 3], &[5][..])
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            parse(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(
            name in "[a-z]{1,8}", gid: u32, members in prop::collection::vec("[a-z0-9]{1,8}", 0..5)
        ) {
            let line = format!("{name}:x:{gid}:{}\n", members.join(","));
            let table = parse(line.as_bytes());
            prop_assert_eq!(&table.problems, &[]);
            prop_assert_eq!((table.entries[0].name, table.entries[0].gid), (name.as_bytes(), gid));
            let expected: Vec<_> = members.iter().map(String::as_bytes).collect();
            prop_assert_eq!(&table.entries[0].members, &expected);
        }
    }
}
