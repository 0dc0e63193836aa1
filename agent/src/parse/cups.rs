//! CUPS' printers.conf: the printers set up on this machine.

use freehold_proto::v1::{hardware::Printer, toggle::State};

/// Reads the queues. `source` stays empty. Of the connection only the kind and the host are kept: a
/// device address may hold a user name and a password.
pub fn printers(text: &str) -> Vec<Printer> {
    let mut printers = Vec::new();
    let mut open: Option<Printer> = None;
    for line in text.lines().map(str::trim) {
        if let Some((tag, name)) = line
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .and_then(|rest| rest.split_once(' '))
        {
            let is_default = tag == "DefaultPrinter";
            open = (is_default || tag == "Printer").then(|| Printer {
                name: name.trim().to_owned(),
                is_default: if is_default { State::On } else { State::Off }.into(),
                ..Printer::default()
            });
        } else if line.starts_with("</") {
            printers.extend(open.take());
        } else if let (Some(printer), Some((key, value))) = (&mut open, line.split_once(' ')) {
            match key {
                "MakeModel" => value.trim().clone_into(&mut printer.model),
                "DeviceURI" => printer.connection = connection(value.trim()),
                _ => {}
            }
        }
    }
    printers
}

/// Scheme and host, such as `ipp://printer.example.org:631`, without user name, password and path.
fn connection(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once(':') else {
        return String::new();
    };
    let Some(rest) = rest.strip_prefix("//") else {
        return scheme.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A password may hold an '@' of its own; the host stands behind the last one. One that holds a '/'
    // cannot be told from a path: nothing of that address is kept.
    let host = if path.contains('@') {
        ""
    } else {
        authority.rsplit('@').next().unwrap_or_default()
    };
    let is_network = matches!(
        scheme,
        "ipp" | "ipps" | "http" | "https" | "socket" | "lpd" | "smb" | "dnssd"
    );
    if is_network && !host.is_empty() {
        format!("{scheme}://{host}")
    } else {
        scheme.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn queues_are_read_without_credentials() {
        let text = "# CUPS\n<DefaultPrinter Front>\nMakeModel HP LaserJet 400\nDeviceURI smb://boss:s@cret@srv/Front\nState Idle\n</DefaultPrinter>\n<Printer Label>\nDeviceURI usb://Zebra/ZD420?serial=9\n</Printer>\n";
        let printers = printers(text);
        assert_eq!(printers.len(), 2);
        assert_eq!(printers[0].name, "Front");
        assert_eq!(printers[0].model, "HP LaserJet 400");
        assert_eq!(printers[0].connection, "smb://srv");
        assert_eq!(printers[0].is_default(), State::On);
        assert_eq!(printers[1].connection, "usb");
        assert_eq!(printers[1].is_default(), State::Off);
    }

    #[test]
    fn a_password_with_a_slash_stays_out_of_the_report() {
        for address in [
            "smb://u:w/ord@srv/q",
            "smb://u:w?ord@srv/q",
            "smb://u:w#ord@srv",
        ] {
            assert_eq!(connection(address), "smb");
        }
        assert_eq!(
            connection("ipps://u:w@printer:631/ipp"),
            "ipps://printer:631"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            printers(&text);
            connection(&text);
        }

        #[test]
        fn printed_queues_are_read_again(
            written in proptest::collection::vec(("[A-Za-z0-9_-]{1,12}", "[!-~]{1,20}"), 0..9),
        ) {
            let text = written.iter().fold(String::new(), |text, (name, model)| {
                text + &format!("<Printer {name}>\nMakeModel {model}\nDeviceURI usb://x/y\n</Printer>\n")
            });
            let read: Vec<_> = printers(&text).into_iter().map(|printer| (printer.name, printer.model)).collect();
            prop_assert_eq!(read, written);
        }
    }
}
