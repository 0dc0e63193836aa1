//! DHCP leases as the common clients keep them: which server gave which address.

use std::net::Ipv4Addr;

use super::key_value;

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Adapter, where the file names it.
    pub adapter: Option<String>,
    /// Address that was given.
    pub address: Ipv4Addr,
    /// Server that gave it.
    pub server: Ipv4Addr,
}

/// A lease of systemd-networkd or of `NetworkManager`'s own client: lines of `KEY=value`.
pub fn key_value(text: &str) -> Option<Lease> {
    let field = |key| key_value::value(text, key)?.parse().ok();
    Some(Lease {
        adapter: None,
        address: field("ADDRESS")?,
        server: field("SERVER_ADDRESS")?,
    })
}

/// The leases of ISC dhclient, in the order they were taken.
pub fn dhclient(text: &str) -> Vec<Lease> {
    let mut leases = Vec::new();
    let (mut adapter, mut address, mut server) = (None, None, None);
    for line in text.lines() {
        let line = line.trim().trim_end_matches(';');
        if line.starts_with("lease") {
            (adapter, address, server) = (None, None, None);
        } else if let Some(name) = line.strip_prefix("interface ") {
            adapter = Some(name.trim_matches('"').to_owned());
        } else if let Some(value) = line.strip_prefix("fixed-address ") {
            address = value.trim().parse().ok();
        } else if let Some(value) = line.strip_prefix("option dhcp-server-identifier ") {
            server = value.trim().parse().ok();
        } else if line == "}"
            && let (Some(address), Some(server)) = (address, server)
        {
            leases.push(Lease {
                adapter: adapter.take(),
                address,
                server,
            });
        }
    }
    leases
}

/// A lease of dhcpcd: the server's answer as it came from the network (RFC 2131).
pub fn packet(bytes: &[u8]) -> Option<Lease> {
    const COOKIE: [u8; 4] = [99, 130, 83, 99];
    const PAD: u8 = 0;
    const SERVER: u8 = 54;
    const END: u8 = 255;
    let address: [u8; 4] = *bytes.get(16..)?.first_chunk()?;
    let mut options = bytes.get(236..)?.strip_prefix(&COOKIE)?;
    loop {
        match options {
            [PAD, rest @ ..] => options = rest,
            [END, ..] | [] | [_] => return None,
            [SERVER, 4, a, b, c, d, ..] => {
                return Some(Lease {
                    adapter: None,
                    address: address.into(),
                    server: [*a, *b, *c, *d].into(),
                });
            }
            [_, length, rest @ ..] => options = rest.get(usize::from(*length)..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
    const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

    #[test]
    fn networkd_and_networkmanager_leases_are_read() {
        let text =
            "# private\nADDRESS=192.0.2.7\nNETMASK=255.255.255.0\nSERVER_ADDRESS=192.0.2.1\n";
        let lease = key_value(text).unwrap();
        assert_eq!((lease.address, lease.server), (ADDRESS, SERVER));
        assert_eq!(key_value("ADDRESS=192.0.2.7\n"), None);
    }

    #[test]
    fn dhclient_leases_are_read_in_order() {
        let text = "lease {\n  interface \"eth0\";\n  fixed-address 192.0.2.3;\n  option dhcp-server-identifier 192.0.2.2;\n}\nlease {\n  interface \"eth0\";\n  fixed-address 192.0.2.7;\n  option dhcp-server-identifier 192.0.2.1;\n  renew 4 2026/01/01 00:00:00;\n}\nlease {\n  fixed-address nonsense;\n}\n";
        let leases = dhclient(text);
        assert_eq!(leases.len(), 2);
        assert_eq!(leases[1].adapter.as_deref(), Some("eth0"));
        assert_eq!((leases[1].address, leases[1].server), (ADDRESS, SERVER));
    }

    #[test]
    fn a_raw_answer_is_read() {
        let mut bytes = vec![0; 236];
        bytes[16..20].copy_from_slice(&ADDRESS.octets());
        bytes.extend([99, 130, 83, 99, 53, 1, 5, 0, 54, 4]);
        bytes.extend(SERVER.octets());
        bytes.push(255);
        assert_eq!(packet(&bytes).map(|lease| lease.server), Some(SERVER));
        assert_eq!(packet(&bytes[..240]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            packet(&bytes);
            let text = String::from_utf8_lossy(&bytes);
            key_value(&text);
            dhclient(&text);
        }

        #[test]
        fn printed_leases_are_read_again(
            written in proptest::collection::vec(("[a-z]{2,5}[0-9]", any::<Ipv4Addr>(), any::<Ipv4Addr>()), 0..9),
        ) {
            let text = written.iter().fold(String::new(), |text, (adapter, address, server)| {
                text + &format!(
                    "lease {{\n  interface \"{adapter}\";\n  fixed-address {address};\n  option dhcp-server-identifier {server};\n}}\n"
                )
            });
            let read: Vec<_> = dhclient(&text)
                .into_iter()
                .map(|lease| (lease.adapter.unwrap_or_default(), lease.address, lease.server))
                .collect();
            prop_assert_eq!(read, written.clone());
            for (_, address, server) in written {
                let text = format!("ADDRESS={address}\nSERVER_ADDRESS={server}\n");
                prop_assert_eq!(key_value(&text), Some(Lease { adapter: None, address, server }));
            }
        }
    }
}
