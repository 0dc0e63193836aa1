//! /etc/os-release: which operating system this is.

use freehold_proto::v1::OperatingSystem;

use super::key_value;

/// Reads os-release. Fields that it does not name stay empty.
pub fn parse(text: &str) -> OperatingSystem {
    let mut system = OperatingSystem::default();
    let mut pretty = String::new();
    let mut long_version = String::new();
    for (key, value) in key_value::pairs(text) {
        match key {
            "ID" => system.id = value,
            "NAME" => system.name = value,
            "PRETTY_NAME" => pretty = value,
            "VERSION_ID" => system.version = value,
            "VERSION" => long_version = value,
            "VERSION_CODENAME" => system.code_name = value,
            "VARIANT_ID" if system.edition.is_empty() => system.edition = value,
            "VARIANT" => system.edition = value,
            "BUILD_ID" => system.build = value,
            "ID_LIKE" => system.like = value.split_whitespace().map(str::to_owned).collect(),
            _ => {}
        }
    }
    if system.name.is_empty() {
        system.name = pretty;
    }
    if system.build.is_empty() {
        system.build = point_release(&long_version, &system.version);
    }
    if system.code_name.is_empty() {
        system.code_name = in_parentheses(&long_version);
    }
    system
}

/// "22.04.4" out of "22.04.4 LTS (Jammy Jellyfish)" where the version says only "22.04".
fn point_release(long: &str, version: &str) -> String {
    match long.split_whitespace().next() {
        Some(word) if !version.is_empty() && word != version && word.starts_with(version) => {
            word.to_owned()
        }
        _ => String::new(),
    }
}

fn in_parentheses(long: &str) -> String {
    let inner = long
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    inner.map_or_else(String::new, |(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn debian_is_read() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
        let system = parse(text);
        assert_eq!(system.id, "debian");
        assert_eq!(system.name, "Debian GNU/Linux");
        assert_eq!(system.version, "12");
        assert_eq!(system.code_name, "bookworm");
        assert_eq!(system.build, "");
    }

    #[test]
    fn ubuntu_tells_its_point_release_and_its_parent() {
        let text = "NAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nVERSION=\"22.04.4 LTS (Jammy Jellyfish)\"\nID=ubuntu\nID_LIKE=debian\n";
        let system = parse(text);
        assert_eq!(system.build, "22.04.4");
        assert_eq!(system.code_name, "Jammy Jellyfish");
        assert_eq!(system.like, ["debian"]);
    }

    #[test]
    fn a_variant_is_the_edition() {
        let system = parse("ID=fedora\nVARIANT=\"Workstation Edition\"\nVARIANT_ID=workstation\n");
        assert_eq!(system.edition, "Workstation Edition");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            parse(&text);
        }

        #[test]
        fn what_is_printed_is_read_again(
            id in "[a-z]{1,8}", name in "[ -~&&[^\"\\\\$`]]{1,30}", version in "[0-9]{1,2}", code in "[a-z]{1,9}",
        ) {
            let text = format!("ID={id}\nNAME=\"{name}\"\nVERSION_ID='{version}'\nVERSION_CODENAME={code}\n");
            let system = parse(&text);
            prop_assert_eq!((system.id, system.name, system.version, system.code_name), (id, name, version, code));
        }
    }
}
