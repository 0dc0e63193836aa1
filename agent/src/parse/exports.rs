//! /etc/exports: folders that an NFS server shares.

/// The folders, in order. Quotes, octal escapes and lines that go on are understood.
pub fn folders(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    joined
        .lines()
        .filter_map(|line| {
            let line = line.trim_start();
            if line.starts_with('#') {
                return None;
            }
            let path = match line.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => line.split_whitespace().next(),
            }?;
            path.starts_with('/').then(|| unescape(path))
        })
        .collect()
}

/// Replaces `\040` and the like.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let code = after
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(code) = code.filter(u8::is_ascii) {
            plain.push(code.into());
            rest = &after[3..];
        } else {
            plain.push('\\');
            rest = after;
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folders_are_read_with_their_quotes_and_escapes() {
        let text = "# none\n/srv/data 192.0.2.0/24(rw) \\\n  client(ro)\n\"/srv/my files\" *(ro)\n/srv/a\\040b *\nbad\n";
        assert_eq!(folders(text), ["/srv/data", "/srv/my files", "/srv/a b"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            folders(&text);
        }

        #[test]
        fn what_is_printed_is_read_again(paths in prop::collection::vec("/[a-zäß #\"\\\\]{0,12}", 0..4)) {
            let escaped = |path: &String| -> String {
                let each = path.chars().map(|c| match c {
                    ' ' | '#' | '"' | '\\' => format!("\\{:03o}", u32::from(c)),
                    c => c.to_string(),
                });
                each.collect()
            };
            let quoted = |path: &String| format!("# x\n\"{}\" *(ro) \\\n 10.0.0.0/8(rw)\n", escaped(path));
            let plain = |path: &String| format!("{}\t192.0.2.0/24(rw)\n", escaped(path));
            prop_assert_eq!(folders(&paths.iter().map(plain).collect::<String>()), &paths[..]);
            prop_assert_eq!(folders(&paths.iter().map(quoted).collect::<String>()), &paths[..]);
        }
    }
}
