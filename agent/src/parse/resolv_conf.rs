//! resolv.conf: which name servers are asked.

use std::net::IpAddr;

/// Most name servers of a file. Resolvers ask three.
const SERVERS: usize = 100;

/// The first [`SERVERS`] name servers in order of use, without repetitions. Zone names such as "%eth0"
/// are kept.
pub fn name_servers(text: &str) -> Vec<String> {
    let mut servers: Vec<String> = Vec::new();
    for line in text.lines() {
        if servers.len() == SERVERS {
            break;
        }
        let mut words = line.split_whitespace();
        if words.next() != Some("nameserver") {
            continue;
        }
        let Some(address) = words.next() else {
            continue;
        };
        let plain = address.split('%').next().unwrap_or_default();
        if plain.parse::<IpAddr>().is_ok() && !servers.iter().any(|known| known == address) {
            servers.push(address.to_owned());
        }
    }
    servers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn servers_are_read_in_order_and_nonsense_is_not() {
        let text = "# by hand\nsearch example.org\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n nameserver 192.0.2.53\nnameserver localhost\nnameserver\n;nameserver 192.0.2.1\n";
        assert_eq!(name_servers(text), ["192.0.2.53", "fe80::1%eth0"]);
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            name_servers(&text);
        }

        #[test]
        fn written_servers_are_read_again(servers in proptest::collection::hash_set(any::<IpAddr>(), 0..8)) {
            let servers: Vec<_> = servers.into_iter().map(|address| address.to_string()).collect();
            let text = servers.iter().fold(String::new(), |text, address| {
                text + "nameserver " + address + "\n"
            });
            prop_assert_eq!(name_servers(&text), servers);
        }
    }
}
