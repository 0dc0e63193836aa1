//! Files of /etc/pam.d: which modules decide, and how their answers count.

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Line, from 1.
    pub line: u32,
    /// What it is for.
    pub kind: String,
    /// How its answer counts, such as "sufficient"; the text between brackets for the long form.
    pub control: String,
    /// Module, without folder, or the file an "include" names.
    pub module: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Entry {
    /// Whether success of the module ends the question with yes.
    pub fn is_sufficient(&self) -> bool {
        self.control == "sufficient"
            || self
                .control
                .split_whitespace()
                .any(|word| word == "success=done")
    }

    /// The file it includes, by name within the folder.
    pub fn included(&self) -> Option<&str> {
        matches!(self.control.as_str(), "include" | "substack" | "@include")
            .then_some(self.module.as_str())
    }

    /// The value of an argument such as "group=admins".
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut arguments = self.arguments.iter();
        arguments.find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether an argument stands by itself.
    pub fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|one| one == argument)
    }
}

/// Reads a file. Lines that are too short are passed over.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let mut whole = without_comment(line).to_owned();
        while whole.trim_end().ends_with('\\') {
            whole.truncate(whole.trim_end().len() - 1);
            let Some((_, next)) = lines.next() else { break };
            whole.push(' ');
            whole += without_comment(next);
        }
        entries.extend(entry(&whole, number));
    }
    entries
}

fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or_default()
}

fn entry(text: &str, line: u32) -> Option<Entry> {
    let (kind, rest) = word(text.trim())?;
    if kind == "@include" {
        let (file, _) = word(rest)?;
        return Some(Entry {
            line,
            kind: String::new(),
            control: kind.to_owned(),
            module: file.to_owned(),
            arguments: Vec::new(),
        });
    }
    let (control, rest) = if let Some(long) = rest.strip_prefix('[') {
        long.split_once(']')?
    } else {
        word(rest)?
    };
    let mut words = rest.split_whitespace();
    let module = words.next()?;
    Some(Entry {
        line,
        // A "-" before it only says that a missing module is no trouble.
        kind: kind.trim_start_matches('-').to_owned(),
        control: control.to_owned(),
        module: module.rsplit('/').next().unwrap_or(module).to_owned(),
        arguments: words.map(str::to_owned).collect(),
    })
}

fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| (&text[..end], text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_read_in_both_forms() {
        let text = "# auth sufficient pam_wheel.so trust\nauth\tsufficient pam_wheel.so trust group=ops # x\n\
            -auth [success=done default=ignore] /lib/security/pam_x.so \\\n a\n@include common-auth\nauth include system-auth\nauth\n";
        let entries = parse(text);
        assert_eq!(entries.len(), 4);
        assert_eq!(
            (entries[0].line, entries[0].module.as_str()),
            (2, "pam_wheel.so")
        );
        assert!(entries[0].is_sufficient() && entries[0].has("trust"));
        assert_eq!(entries[0].value("group"), Some("ops"));
        assert!(entries[1].is_sufficient() && entries[1].has("a"));
        assert_eq!(
            (entries[1].kind.as_str(), entries[1].module.as_str()),
            ("auth", "pam_x.so")
        );
        assert_eq!(entries[2].included(), Some("common-auth"));
        assert_eq!(
            (entries[3].included(), entries[3].line),
            (Some("system-auth"), 6)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "(auth |sufficient |[\\[\\]=#\\\\\n a@]){0,40}") {
            parse(&text);
            parse(&likely);
        }

        #[test]
        fn what_is_printed_is_read_again(
            kind in "(auth|account|password|session)",
            control in "([a-z]{1,10}|[a-z]{1,8}=[a-z]{1,4}( [a-z]{1,8}=[0-9])?)",
            module in "pam_[a-z]{1,8}\\.so",
            arguments in prop::collection::vec("[a-z_][a-z0-9_=]{0,8}", 0..4),
        ) {
            let printed = if control.contains('=') { format!("[{control}]") } else { control.clone() };
            let text = format!("\n{kind} {printed}\t{module} \\\n  {} # x\n", arguments.join(" "));
            let expected = Entry { line: 2, kind, control, module, arguments };
            prop_assert_eq!(parse(&text), vec![expected]);
        }
    }
}
