//! The definition of a task of Windows' task scheduler: XML, of which only for whom it runs and whether it is
//! switched on is read.

/// Longest definition that is read.
pub const BYTES: usize = 1024 * 1024;

/// What is read of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Account or group it runs as: a name or a security identifier; empty when it says none.
    pub principal: String,
    /// It is switched on, which it is unless it says otherwise.
    pub enabled: bool,
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            principal: String::new(),
            enabled: true,
        }
    }
}

/// Why a definition could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is longer than [`BYTES`].
    #[error("is longer than a definition of a task may be")]
    TooLong,
    /// There is no `Task` in it.
    #[error("is no definition of a task")]
    NoTask,
}

/// Reads a definition: UTF-16 with a byte-order mark, as Windows writes it, or UTF-8.
pub fn parse(bytes: &[u8]) -> Result<Definition, Error> {
    if bytes.len() > BYTES {
        return Err(Error::TooLong);
    }
    let text = decode(bytes);
    let task = inner(&text, "Task").ok_or(Error::NoTask)?;
    let principal = inner(task, "Principals").and_then(|all| inner(all, "Principal"));
    let principal =
        principal.and_then(|one| inner(one, "UserId").or_else(|| inner(one, "GroupId")));
    let settings = inner(task, "Settings").unwrap_or_default();
    // Settings hold settings of their own, such as those for idle computers, but none called alike.
    let enabled = inner(settings, "Enabled").map(str::trim);
    Ok(Definition {
        principal: unescape(principal.unwrap_or_default().trim()),
        enabled: enabled != Some("false") && enabled != Some("0"),
    })
}

fn decode(bytes: &[u8]) -> String {
    let units = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| read([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Without a mark, a "<" of two bytes.
        [b'<', 0, ..] => units(bytes, u16::from_le_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// What stands between the first element of this name and its end.
fn inner<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        let Some(behind) = rest.strip_prefix(name) else {
            continue;
        };
        // The name could go on: "Principals" begins like "Principal".
        if !behind.starts_with(|c: char| c == '>' || c == '/' || c.is_ascii_whitespace()) {
            continue;
        }
        let end = behind.find('>')?;
        if behind[..end].ends_with('/') {
            return Some("");
        }
        let content = &behind[end + 1..];
        let closing = format!("</{name}");
        return content.find(&closing).map(|end| &content[..end]);
    }
}

/// Text with the five named characters of XML put back.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Written from the task scheduler's schema.
    const TASK: &str = r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Author>PRAXIS\müller</Author><URI>\Sicherung</URI></RegistrationInfo>
  <Triggers><CalendarTrigger><Enabled>false</Enabled></CalendarTrigger></Triggers>
  <Principals><Principal id="Author"><RunLevel>HighestAvailable</RunLevel><UserId>PRAXIS\m&amp;s</UserId></Principal></Principals>
  <Settings><IdleSettings><StopOnIdleEnd>true</StopOnIdleEnd></IdleSettings><Enabled>true</Enabled></Settings>
  <Actions Context="Author"><Exec><Command>C:\b.exe</Command><Arguments>/password:x</Arguments></Exec></Actions>
</Task>"#;

    fn utf16(text: &str) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_task_says_for_whom_it_runs_whatever_its_encoding() {
        for bytes in [utf16(TASK), TASK.as_bytes().to_vec()] {
            let task = parse(&bytes).unwrap();
            assert_eq!(task.principal, r"PRAXIS\m&s");
            assert!(task.enabled);
        }
    }

    #[test]
    fn a_task_that_is_switched_off_says_so_and_its_triggers_do_not_count() {
        let off = TASK.replace("<Enabled>true</Enabled>", "<Enabled>false</Enabled>");
        assert!(!parse(off.as_bytes()).unwrap().enabled);
        let silent = TASK.replace("<Enabled>true</Enabled>", "");
        assert!(parse(silent.as_bytes()).unwrap().enabled);
    }

    #[test]
    fn a_group_stands_for_an_account_and_nothing_is_empty() {
        let group = TASK.replace("UserId>", "GroupId>");
        assert_eq!(parse(group.as_bytes()).unwrap().principal, r"PRAXIS\m&s");
        let nobody = "<Task><Principals/><Settings/></Task>";
        assert_eq!(parse(nobody.as_bytes()), Ok(Definition::default()));
    }

    #[test]
    fn what_is_no_task_is_refused() {
        for bytes in [
            &b""[..],
            b"<",
            b"<Task",
            b"<Tasks></Tasks>",
            b"\xff\xfe",
            b"<Task>",
        ] {
            assert_eq!(parse(bytes), Err(Error::NoTask), "{bytes:?}");
        }
        assert_eq!(parse(&vec![b' '; BYTES + 1]), Err(Error::TooLong));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_cut_of_a_task_is_survived(end in 0..TASK.len()) {
            let _ = parse(&TASK.as_bytes()[..end]);
            let _ = parse(&utf16(TASK)[..end]);
        }
    }
}
