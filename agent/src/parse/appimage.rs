//! AppImages: programs in one file. Such a file is an ELF program with a mark of its own in the header;
//! what it holds is said by its file name alone.

/// How many bytes at the beginning of a file tell whether it is one.
pub const HEADER_BYTES: usize = 20;

/// The mark of an AppImage: its architecture, empty where it is not a usual one. `None` for other files.
pub fn architecture(header: &[u8]) -> Option<&'static str> {
    let header: &[u8; HEADER_BYTES] = header.first_chunk()?;
    let is_elf = header.starts_with(b"\x7fELF");
    if !is_elf || !matches!(header[8..11], [b'A', b'I', 1 | 2]) {
        return None;
    }
    let machine = [header[18], header[19]];
    let machine = match header[5] {
        2 => u16::from_be_bytes(machine),
        _ => u16::from_le_bytes(machine),
    };
    Some(match machine {
        3 => "i386",
        40 => "armhf",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv64",
        _ => "",
    })
}

/// What a file name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Title<'a> {
    /// Name of the program.
    pub name: &'a str,
    /// Version; empty where the name has none.
    pub version: &'a str,
}

/// Takes a file name apart, such as "Nextcloud-3.13.0-x86_64.AppImage".
pub fn title(file_name: &str) -> Title<'_> {
    let stem = stem(file_name);
    for (at, _) in stem.match_indices(is_separator) {
        let rest = &stem[at + 1..];
        let word = rest.split(is_separator).next().unwrap_or_default();
        let version = word.strip_prefix(['v', 'V']).unwrap_or(word);
        // "x86_64" names an architecture.
        let is_machine = word == "64" && stem[..at].ends_with("x86");
        if at > 0 && !is_machine && is_version(version) {
            return Title {
                name: without_tail(&stem[..at]),
                version,
            };
        }
    }
    Title {
        name: without_tail(stem),
        version: "",
    }
}

/// The file name without the extension, whatever its case.
fn stem(file_name: &str) -> &str {
    let extension = ".appimage";
    let at = file_name.len().checked_sub(extension.len());
    match at.and_then(|at| Some((file_name.get(..at)?, file_name.get(at..)?))) {
        Some((stem, tail)) if tail.eq_ignore_ascii_case(extension) && !stem.is_empty() => stem,
        _ => file_name,
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | ' ')
}

fn is_version(word: &str) -> bool {
    let starts = word.starts_with(|c: char| c.is_ascii_digit());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '~');
    // "3D" is no version, "2024" and "1.2-beta" are.
    starts
        && word.chars().all(plain)
        && (word.contains('.') || word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name without the system and the architecture at its end.
fn without_tail(mut name: &str) -> &str {
    const TAILS: [&str; 14] = [
        "x86_64", "x86-64", "amd64", "x64", "i386", "i686", "x86", "aarch64", "arm64", "armhf",
        "armv7l", "riscv64", "linux", "linux64",
    ];
    loop {
        let shorter = TAILS.iter().find_map(|tail| {
            let at = name.len().checked_sub(tail.len() + 1)?;
            let (head, last) = (name.get(..at)?, name.get(at..)?);
            let is_tail = last.starts_with(is_separator) && last[1..].eq_ignore_ascii_case(tail);
            (is_tail && !head.is_empty()).then_some(head)
        });
        match shorter {
            Some(shorter) => name = shorter,
            None => return name,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_and_versions_are_taken_from_the_file_name() {
        for (file, name, version) in [
            ("Nextcloud-3.13.0-x86_64.AppImage", "Nextcloud", "3.13.0"),
            (
                "balenaEtcher-1.18.11-x64.AppImage",
                "balenaEtcher",
                "1.18.11",
            ),
            (
                "UltiMaker-Cura-5.6.0-linux-X64.AppImage",
                "UltiMaker-Cura",
                "5.6.0",
            ),
            (
                "FreeCAD_0.21.2-conda-Linux-x86_64-py310.AppImage",
                "FreeCAD",
                "0.21.2",
            ),
            ("krita-v5.2.2-x86_64.appimage", "krita", "5.2.2"),
            ("nvim-linux-x86_64.appimage", "nvim", ""),
            ("Foo-x86_64-1.0.AppImage", "Foo", "1.0"),
            ("Foo-3D-viewer-1.2.AppImage", "Foo-3D-viewer", "1.2"),
            ("Tool 2024.AppImage", "Tool", "2024"),
            ("1.2-3.4.AppImage", "1.2", "3.4"),
            ("program", "program", ""),
            (".AppImage", ".AppImage", ""),
            ("-1.0.AppImage", "-1.0", ""),
            ("Ä-1.0.AppImage", "Ä", "1.0"),
        ] {
            assert_eq!(title(file), Title { name, version }, "{file}");
        }
    }

    #[test]
    fn the_header_decides() {
        let mut header = *b"\x7fELF\x02\x01\x01\x00AI\x02\x00\x00\x00\x00\x00\x02\x00\x3e\x00";
        assert_eq!(architecture(&header), Some("x86_64"));
        header[18] = 183;
        assert_eq!(architecture(&header), Some("aarch64"));
        header[18] = 77;
        assert_eq!(architecture(&header), Some(""));
        assert_eq!(architecture(&header[..19]), None);
        header[10] = 3;
        assert_eq!(architecture(&header), None);
        assert_eq!(architecture(b"#!/bin/sh\nAI\x02 no program"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, name in "\\PC*", odd in "[-_ vV.0-9äx]{0,20}(\\.AppImage)?") {
            architecture(&bytes);
            title(&name);
            prop_assert!(odd.is_empty() || !title(&odd).name.is_empty());
        }

        #[test]
        fn what_is_printed_is_read_again(name in "[A-Z][a-z]{0,8}(-[a-z]{1,5})?", version in "[0-9]{1,2}\\.[0-9]{1,3}(\\.[0-9a-z+~]{1,4})?", arch in "(-x86_64|-aarch64)?") {
            prop_assume!(without_tail(&name) == name);
            let file = format!("{name}-{version}{arch}.AppImage");
            prop_assert_eq!(title(&file), Title { name: &name, version: &version });
        }
    }
}
