//! /etc/anacrontab: jobs that are made up for after the machine was off.

use std::collections::BTreeSet;

/// The names of the jobs: the third field. Settings, comments and lines that are too short are passed over.
pub fn jobs(text: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let mut fields = line.split_whitespace();
        let period = fields.next()?;
        if period.starts_with('#') || period.contains('=') {
            return None;
        }
        let name = fields.nth(1)?;
        fields.next().map(|_| name.to_owned())
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn jobs_have_names() {
        let text = "# x y z a\nSHELL=/bin/sh\n1\t5\tcron.daily\trun-parts /etc/cron.daily\n@monthly 15 cron.monthly x\n";
        assert_eq!(Vec::from_iter(jobs(text)), ["cron.daily", "cron.monthly"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            jobs(&text);
        }
    }
}
