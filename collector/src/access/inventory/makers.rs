//! Makers of network adapters, by the beginning of their hardware address.
//!
//! The table of the registration authority takes a megabyte: it is kept here once, not in every agent.

use freehold_proto::v1::readings::Neighbour;
use macaddr_ouidb::OUI_DB_BUNDLED;

/// Names the makers that are not named yet. Addresses that devices made up for themselves have none.
pub(super) fn fill_in(neighbours: &mut [Neighbour]) {
    for neighbour in neighbours.iter_mut().filter(|it| it.maker.is_empty()) {
        neighbour.maker = maker(&neighbour.mac).unwrap_or_default();
    }
}

/// Who registered the beginning of an address such as "3c:52:82:00:00:01".
fn maker(mac: &str) -> Option<String> {
    const MADE_UP: u8 = 0x02;
    let bytes: Option<Vec<u8>> = mac
        .split(':')
        .map(|part| u8::from_str_radix(part, 16).ok())
        .collect();
    let address: [u8; 6] = bytes?.try_into().ok()?;
    if address[0] & MADE_UP != 0 {
        return None;
    }
    Some(OUI_DB_BUNDLED.lookup(&address)?.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_named_and_nothing_is_guessed() {
        let named = |mac: &str| maker(mac).unwrap_or_default();
        assert!(named("b8:27:eb:12:34:56").starts_with("Raspberry Pi"));
        assert!(named("00:50:56:00:00:01").starts_with("VMware"));
        for unknown in [
            "02:00:00:00:00:0a",
            "",
            "b8:27:eb",
            "b8:27:eb:12:34:zz",
            "ä:1:2:3:4:5",
        ] {
            assert_eq!(named(unknown), "", "{unknown}");
        }
    }

    #[test]
    fn what_a_computer_says_itself_is_kept() {
        let told = Neighbour {
            mac: "b8:27:eb:12:34:56".into(),
            maker: "told".into(),
            ..Neighbour::default()
        };
        let mut all = [told];
        fill_in(&mut all);
        assert_eq!(all[0].maker, "told");
    }
}
