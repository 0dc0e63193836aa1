//! /etc/hosts: the fully qualified name the machine gives itself.

/// The first name that is `host` with a domain behind it, from the lines that mention `host`.
pub fn qualified<'a>(text: &'a str, host: &str) -> Option<&'a str> {
    if host.is_empty() {
        return None;
    }
    text.lines().find_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        line.split_whitespace().skip(1).find(|name| {
            let Some((first, domain)) = name.split_once('.') else {
                return false;
            };
            first.eq_ignore_ascii_case(host) && !domain.is_empty()
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_with_a_domain_is_found_and_others_are_not() {
        let text = "127.0.0.1 localhost localhost.localdomain\n127.0.1.1 front-desk front-desk.example.org # x front-desk.wrong\n";
        assert_eq!(
            qualified(text, "front-desk"),
            Some("front-desk.example.org")
        );
        assert_eq!(qualified(text, "front"), None);
        assert_eq!(qualified(text, ""), None);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*", host in "\\PC*") {
            qualified(&text, &host);
        }

        #[test]
        fn a_printed_name_is_read_again(host in "[a-z][a-z0-9-]{0,10}", domain in "[a-z]{1,8}\\.[a-z]{2,4}") {
            let name = format!("{host}.{domain}");
            let text = format!("127.0.0.1 localhost\n127.0.1.1\t{name} {host} # note\n");
            prop_assert_eq!(qualified(&text, &host), Some(name.as_str()));
        }
    }
}
