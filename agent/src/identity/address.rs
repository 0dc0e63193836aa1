//! Addresses of a collector.

/// Longest address: a DNS name, a colon and a port.
const ADDRESS_BYTES: usize = 253 + 1 + 5;

/// Why a text is not the address of a collector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no port at its end.
    #[error("the address '{0}' has no port; write it as name:7443")]
    Port(String),
    /// The part before the port is neither a name nor an IP address.
    #[error(
        "the address '{0}' is neither a host name nor an IP address with a port; IPv6 goes in brackets, as in [fd00::1]:7443"
    )]
    Host(String),
}

/// Checks that a text is `host:port`, where the host is a DNS name, an IPv4 address or an IPv6 address in
/// brackets and the port is not 0.
pub fn check_address(address: &str) -> Result<(), AddressError> {
    let shown = || {
        address
            .escape_debug()
            .take(ADDRESS_BYTES)
            .collect::<String>()
    };
    let (host, port) = address
        .rsplit_once(':')
        .ok_or_else(|| AddressError::Port(shown()))?;
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if !is_port || port.parse::<u16>().unwrap_or(0) == 0 {
        return Err(AddressError::Port(shown()));
    }
    if address.len() > ADDRESS_BYTES || !is_host(host) {
        return Err(AddressError::Host(shown()));
    }
    Ok(())
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty() && host.split('.').all(is_label)
}

/// Underscores are not allowed in host names but occur in them.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_both_kinds_of_ip_address_are_accepted() {
        for address in [
            "office:7443",
            "10.0.0.1:1",
            "[fd00::1]:7443",
            "a_b.example.com:65535",
        ] {
            assert_eq!(check_address(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for address in [
            "",
            ":",
            "office",
            "office:",
            "office:0",
            "office:65536",
            "office:+1",
            ":7443",
            "fd00::1:7443",
            "[office]:7443",
            "of fice:1",
            "-a:1",
            "a..b:1",
            "http://a:1",
            "a\u{202e}:1",
        ] {
            assert!(check_address(address).is_err(), "{address}");
        }
        assert!(check_address(&format!("{}:1", "a.".repeat(200))).is_err());
    }
}
