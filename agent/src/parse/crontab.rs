//! crontab: commands at times.

/// A command that cron runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Line, from 1.
    pub line: u32,
    /// Who runs it; absent in a user's own table.
    pub user: Option<&'a str>,
    /// The command, as written.
    pub command: &'a str,
}

/// Programs that only start the one they are given.
const STARTERS: [&str; 25] = [
    "ash",
    "bash",
    "chronic",
    "chrt",
    "dash",
    "env",
    "exec",
    "flock",
    "ionice",
    "ksh",
    "lua",
    "nice",
    "node",
    "nohup",
    "perl",
    "php",
    "python",
    "ruby",
    "setsid",
    "sh",
    "stdbuf",
    "sudo",
    "systemd-cat",
    "timeout",
    "zsh",
];

/// Reads a table. `with_user` says that a user stands before each command, as in /etc/crontab. Settings
/// and lines that are too short are passed over.
pub fn parse(text: &str, with_user: bool) -> Vec<Entry<'_>> {
    let lines = (1..).zip(text.split('\n'));
    lines
        .filter_map(|(line, text)| entry(text.trim(), line, with_user))
        .collect()
}

/// The first line that cron cannot make sense of either, from 1: neither a command, a setting nor a comment.
pub fn senseless(text: &str, with_user: bool) -> Option<u32> {
    let mut lines = (1..).zip(text.split('\n'));
    let found = lines.find(|(line, text)| {
        let text = text.trim();
        let is_blank = text.is_empty() || text.starts_with('#') || text.contains('=');
        !is_blank && entry(text, *line, with_user).is_none()
    })?;
    Some(found.0)
}

fn entry(text: &str, line: u32, with_user: bool) -> Option<Entry<'_>> {
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let times = if text.starts_with('@') { 1 } else { 5 };
    let mut rest = text;
    for _ in 0..times {
        let (first, after) = rest.split_once([' ', '\t'])?;
        // A setting such as PATH=/bin.
        if first.contains('=') {
            return None;
        }
        rest = after.trim_start();
    }
    let user = if with_user {
        let (user, after) = rest.split_once([' ', '\t'])?;
        // No user, but a setting in front of the command, which may be a secret.
        if user.contains('=') {
            return None;
        }
        rest = after.trim_start();
        Some(user)
    } else {
        None
    };
    // What follows "%" is what the command is given to read.
    let command = rest.split('%').next().unwrap_or_default();
    (!command.is_empty()).then_some(Entry {
        line,
        user,
        command,
    })
}

/// The programs and scripts, by absolute path, that a shell command starts. What only looks like one, such
/// as the name of a file it writes, is passed over.
pub fn programs(command: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in command.split([';', '|', '&', '(', ')', '\n', '`']) {
        let mut starter = true;
        for word in piece.split_whitespace() {
            let word = word.trim_matches(['"', '\'', '{', '}', '$']);
            let setting = word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            });
            if !starter || word.starts_with(['>', '<']) {
                break;
            }
            if setting || word.is_empty() || is_keyword(word) {
                continue;
            }
            if word.starts_with('/') {
                found.push(word);
                starter = is_starter(word);
            } else {
                // Options and numbers given to a starter, or a program found by PATH.
                let number = word
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.');
                let argument = word.starts_with('-') || number;
                starter = is_starter(word) || argument;
            }
        }
    }
    found
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "then" | "else" | "do" | "if" | "while" | "until" | "!" | "time"
    )
}

fn is_starter(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    STARTERS.contains(&stem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_are_found_behind_times_and_users() {
        let text = "# x\nSHELL=/bin/sh\n17 *\t* * *\troot\tcd / && run-parts /etc/cron.hourly\n@daily  anna /opt/a b%input\n1 2 3\n";
        assert_eq!(
            parse(text, true),
            [
                Entry {
                    line: 3,
                    user: Some("root"),
                    command: "cd / && run-parts /etc/cron.hourly"
                },
                Entry {
                    line: 4,
                    user: Some("anna"),
                    command: "/opt/a b"
                },
            ]
        );
        assert_eq!(parse("@reboot /opt/a\n", false)[0].command, "/opt/a");
    }

    #[test]
    fn programs_are_told_from_their_arguments() {
        for (command, expected) in [
            ("/opt/a /opt/b > /var/log/c", &["/opt/a"][..]),
            ("cd / && run-parts /etc/cron.hourly", &[]),
            ("test -x /usr/sbin/x || /opt/a", &["/opt/a"]),
            ("[ -x /opt/a ] && /opt/a", &["/opt/a"]),
            (
                "X=1 nice -n 10 /bin/sh -e /opt/a.sh x",
                &["/bin/sh", "/opt/a.sh"],
            ),
            ("python3 \"/srv/a.py\" /tmp/x", &["/srv/a.py"]),
            ("tar cf /tmp/x /home", &[]),
            ("if /opt/t; then /opt/u; fi", &["/opt/t", "/opt/u"]),
        ] {
            assert_eq!(programs(command), expected, "{command}");
        }
    }

    #[test]
    fn a_line_that_makes_no_sense_is_found() {
        let sound = "# c\nPATH = /bin\n\n@daily root /bin/a\n1 2 3 4 5 root /bin/b\n";
        assert_eq!(senseless(sound, true), None);
        assert_eq!(senseless("# c\nrubbish here\n", true), Some(2));
    }

    #[test]
    fn a_setting_in_the_place_of_the_user_is_no_user() {
        assert_eq!(parse("0 3 * * * PASSWORD=secret dump --all\n", true), []);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "([*0-9@ \n\t/a=%;&]|root|/bin/sh ){0,40}") {
            for text in [text, likely] {
                for entry in parse(&text, true).iter().chain(&parse(&text, false)) {
                    programs(entry.command);
                }
            }
        }

        #[test]
        fn what_is_printed_is_read_again(
            times in prop::collection::vec("[0-9*][0-9*/,-]{0,4}", 5),
            user in prop::option::of("[a-z_][a-z0-9-]{0,8}"),
            command in "[a-z/][ a-z/.;&|\"'-]{0,30}[a-z]",
            input in "(%[a-z]{0,5})?",
        ) {
            let times = times.join("\t");
            let name = user.as_deref().unwrap_or_default();
            let text = format!("PATH=/bin\n{times} {name} {command}{input}\n");
            let expected = Entry { line: 2, user: user.as_deref(), command: &command };
            prop_assert_eq!(parse(&text, user.is_some()), vec![expected]);
            prop_assert_eq!(senseless(&text, user.is_some()), None);
        }
    }
}
