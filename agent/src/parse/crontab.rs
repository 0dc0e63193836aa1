//! crontab files: for whom they do something, and the names of anacron's jobs. Never the commands.

use std::collections::BTreeSet;

/// The accounts that a system-wide file (with an account on each line) has jobs for.
pub fn accounts(text: &str) -> BTreeSet<String> {
    let account = |line: &str| {
        let times = if line.starts_with('@') { 1 } else { 5 };
        let mut fields = line.split_whitespace();
        let account = fields.nth(times)?;
        fields.next().map(|_| account.to_owned())
    };
    jobs(text).filter_map(account).collect()
}

/// Whether a file has any job.
pub fn has_jobs(text: &str) -> bool {
    jobs(text).next().is_some()
}

/// The names of the jobs in an anacrontab: its third field.
pub fn anacron_jobs(text: &str) -> BTreeSet<String> {
    let named = jobs(text).filter_map(|line| line.split_whitespace().nth(2));
    named.map(str::to_owned).collect()
}

/// Lines that are neither empty, nor comments, nor settings of the environment.
fn jobs(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| {
        let is_setting = line.split_once('=').is_some_and(|(name, _)| {
            let name = name.trim();
            name.starts_with(['"', '\''])
                || !name.starts_with(['*', '@'])
                    && !name.starts_with(|c: char| c.is_ascii_digit())
                    && !name.contains(char::is_whitespace)
        });
        !line.is_empty() && !line.starts_with('#') && !is_setting
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SYSTEM: &str = "SHELL=/bin/sh\nPATH = /bin\n# no\n17 * * * * root cd / && run\n@daily anna x=1 secret\n*/5 * * * * root y\n* * * * *\n";

    #[test]
    fn accounts_are_told_and_commands_are_not() {
        let accounts = accounts(SYSTEM);
        assert_eq!(Vec::from_iter(accounts), ["anna", "root"]);
    }

    #[test]
    fn a_file_of_comments_has_no_jobs() {
        assert!(!has_jobs("# m h\nMAILTO=\"\"\n\n"));
        assert!(has_jobs("0 3 * * 1 A=b backup\n"));
    }

    #[test]
    fn jobs_of_anacron_have_names() {
        let text = "SHELL=/bin/sh\n1\t5\tcron.daily\trun-parts /etc/cron.daily\n@monthly 15 cron.monthly x\n";
        assert_eq!(
            Vec::from_iter(anacron_jobs(text)),
            ["cron.daily", "cron.monthly"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            accounts(&text);
            has_jobs(&text);
            anacron_jobs(&text);
        }
    }
}
