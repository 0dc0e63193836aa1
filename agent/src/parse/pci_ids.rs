//! pci.ids: names for the numbers of PCI devices.

use std::io::{self, BufRead};

/// Names of a vendor and one of its devices; empty where the list does not know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Vendor.
    pub vendor: String,
    /// Device.
    pub device: String,
}

/// Looks one device up, reading the list only as far as needed. Identifiers are four lower-case
/// hexadecimal digits.
pub fn look_up(mut list: impl BufRead, vendor: &str, device: &str) -> io::Result<Names> {
    let mut names = Names::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if list.read_until(b'\n', &mut line)? == 0 || line.starts_with(b"C ") {
            return Ok(names);
        }
        let indent = line.iter().take_while(|byte| **byte == b'\t').count();
        match (indent, names.vendor.is_empty()) {
            (0, true) => names.vendor = name_behind(&line, vendor).unwrap_or_default(),
            (0, false) if !line.starts_with(b"#") => return Ok(names),
            (1, false) => {
                if let Some(name) = name_behind(&line[1..], device) {
                    names.device = name;
                    return Ok(names);
                }
            }
            _ => {}
        }
    }
}

fn name_behind(line: &[u8], id: &str) -> Option<String> {
    let name = line.strip_prefix(id.as_bytes())?.strip_prefix(b"  ")?;
    Some(String::from_utf8_lossy(name).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIST: &str = "# list\n1002  AMD\n\t67df  Ellesmere\n10de  NVIDIA Corporation\n\t1c82  GP107 [GeForce GTX 1050 Ti]\n\t\t1043 8613  Board\n8086  Intel\nC 03  Display controller\n\t00  VGA\n";

    #[test]
    fn vendor_and_device_are_found() {
        let names = look_up(LIST.as_bytes(), "10de", "1c82").unwrap();
        assert_eq!(names.vendor, "NVIDIA Corporation");
        assert_eq!(names.device, "GP107 [GeForce GTX 1050 Ti]");
    }

    #[test]
    fn a_device_of_another_vendor_is_not_borrowed() {
        let names = look_up(LIST.as_bytes(), "1002", "1c82").unwrap();
        assert_eq!((names.vendor.as_str(), names.device.as_str()), ("AMD", ""));
        assert_eq!(
            look_up(LIST.as_bytes(), "ffff", "0000").unwrap(),
            Names::default()
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            look_up(bytes.as_slice(), "1002", "67df").unwrap();
        }

        #[test]
        fn a_printed_name_is_read_again(name in "[!-~]{1,20}", number in 0_u16..0xfffe) {
            let text = format!("# list\n{number:04x}  Maker\n\t{number:04x}  {name}\nffff  Other\n");
            let id = format!("{number:04x}");
            prop_assert_eq!(look_up(text.as_bytes(), &id, &id).unwrap().device, name);
        }
    }
}
