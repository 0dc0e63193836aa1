//! Secure Boot, from the variables of the firmware.

use freehold_proto::v1::toggle::State;

use crate::probe::{Root, root::is_absent, section::Diagnostics};

const FIRMWARE: &str = "/sys/firmware";
const EFI: &str = "/sys/firmware/efi";
const GLOBAL: &str = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const SHIM: &str = "605dab50-e046-4300-abb6-3dd810dd8b23";
const MISSING: &str = "whether it started with Secure Boot is";

/// Whether the machine started with Secure Boot.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> State {
    match root.exists(EFI) {
        Ok(true) => {}
        // Firmware of the old kind has no Secure Boot, if this is the running machine at all.
        Ok(false) if root.exists(FIRMWARE).unwrap_or(false) => return State::Off,
        Ok(false) => {
            let reason = format_args!("does not exist, so {MISSING} missing");
            diagnostics.note(FIRMWARE, "", reason);
            return State::Unknown;
        }
        Err(error) => {
            diagnostics.unreadable(EFI, &error, MISSING);
            return State::Unknown;
        }
    }
    match variable(root, "SecureBoot", GLOBAL) {
        Ok(Some(1)) => {}
        Ok(Some(_)) => return State::Off,
        Ok(None) => {
            let path = path("SecureBoot", GLOBAL);
            diagnostics.note(
                path,
                "",
                format_args!("holds no value, so {MISSING} missing"),
            );
            return State::Unknown;
        }
        Err(error) => {
            diagnostics.unreadable(path("SecureBoot", GLOBAL), &error, MISSING);
            return State::Unknown;
        }
    }
    // In set-up mode nothing is checked, and shim can be told not to check.
    let set_up = matches!(variable(root, "SetupMode", GLOBAL), Ok(Some(1)));
    let unchecked = matches!(variable(root, "MokSBStateRT", SHIM), Ok(Some(1)));
    if set_up || unchecked {
        let reason = "Secure Boot is on in the firmware, but nothing is checked";
        diagnostics.remark(EFI, "", reason);
        return State::Off;
    }
    State::On
}

fn path(name: &str, vendor: &str) -> String {
    format!("{EFI}/efivars/{name}-{vendor}")
}

/// The byte of a variable, behind four bytes of attributes.
fn variable(root: &Root, name: &str, vendor: &str) -> std::io::Result<Option<u8>> {
    match root.read_at_most(path(name, vendor), 4096) {
        Ok(bytes) => Ok(bytes.get(4).copied()),
        Err(error) if is_absent(&error) && name != "SecureBoot" => Ok(None),
        Err(error) => Err(error),
    }
}
