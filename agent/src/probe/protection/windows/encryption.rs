//! BitLocker, volume by volume. A volume whose protection is suspended keeps its key beside the data: that
//! is no encryption against whoever takes the disk.

use freehold_proto::v1::{protection::VolumeEncryption, toggle::State};

use crate::{
    probe::{
        section::Diagnostics,
        windows::{Machine, Source, state, unread},
    },
    rows::{Query, Row},
};

const VOLUMES: Query = Query {
    namespace: r"root\CIMV2\Security\MicrosoftVolumeEncryption",
    class: "Win32_EncryptableVolume",
    properties: &[
        "DriveLetter",
        "DeviceID",
        "ProtectionStatus",
        "ConversionStatus",
        "EncryptionMethod",
    ],
    condition: "",
};

const MISSING: &str = "which volumes are encrypted is";

/// Numbers of `ProtectionStatus`.
const UNPROTECTED: u32 = 0;
const PROTECTED: u32 = 1;
const LOCKED: u32 = 2;
/// Numbers of `ConversionStatus`.
const DECRYPTED: u32 = 0;
const ENCRYPTED: u32 = 1;

/// Most volumes.
const ITEMS: usize = 1_000;

/// Encryption of the volumes, ordered by mount point. Where BitLocker does not answer, the drives are told
/// with an encryption that is not known.
pub(super) fn read(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Vec<VolumeEncryption> {
    let mut volumes: Vec<_> = match machine.query(&VOLUMES) {
        Ok(mut rows) => {
            diagnostics.limit(VOLUMES, "volumes", &mut rows, ITEMS);
            rows.iter().map(|row| volume(row, diagnostics)).collect()
        }
        Err(why) => {
            unread(VOLUMES, &why, MISSING, diagnostics);
            drives(machine, diagnostics)
        }
    };
    volumes.sort_by(|a, b| (&a.mount, &a.device).cmp(&(&b.mount, &b.device)));
    volumes
}

fn volume(row: &Row, diagnostics: &mut Diagnostics) -> VolumeEncryption {
    let device = diagnostics.fit(VOLUMES, "DeviceID", row.text("DeviceID").to_owned());
    let letter = diagnostics.fit(VOLUMES, "DriveLetter", row.text("DriveLetter").to_owned());
    let mount = if letter.is_empty() {
        device.clone()
    } else {
        letter
    };
    let encrypted = encrypted(row, &mount, diagnostics);
    let method = match encrypted {
        Some(true) => method(row.number("EncryptionMethod")),
        _ => "",
    };
    VolumeEncryption {
        mount,
        encrypted: state(encrypted).into(),
        method: method.into(),
        source: VOLUMES.to_string(),
        device,
    }
}

fn encrypted(row: &Row, mount: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
    let protection = row.number("ProtectionStatus");
    match (protection, row.number("ConversionStatus")) {
        // A locked volume tells no more, but it is locked by its encryption.
        (Some(PROTECTED), Some(ENCRYPTED) | None) | (Some(LOCKED), _) => Some(true),
        (Some(UNPROTECTED), Some(ENCRYPTED)) => {
            let reason =
                "is encrypted, but its protection is suspended: whoever has the disk can read it";
            diagnostics.remark(VOLUMES, mount, reason);
            Some(false)
        }
        (Some(UNPROTECTED), None) | (_, Some(DECRYPTED)) => Some(false),
        (Some(UNPROTECTED | PROTECTED), Some(2..=5_u32)) => {
            let reason = "is encrypted in part: encryption or decryption is under way or paused";
            diagnostics.remark(VOLUMES, mount, reason);
            Some(false)
        }
        _ => {
            let reason = format_args!("says no state that is known, so {MISSING} missing");
            diagnostics.note(VOLUMES, mount, reason);
            None
        }
    }
}

fn method(number: Option<u32>) -> &'static str {
    match number {
        Some(1) => "BitLocker (AES-128 with diffuser)",
        Some(2) => "BitLocker (AES-256 with diffuser)",
        Some(3) => "BitLocker (AES-128)",
        Some(4) => "BitLocker (AES-256)",
        Some(5) => "BitLocker (by the disk itself)",
        Some(6) => "BitLocker (XTS-AES-128)",
        Some(7) => "BitLocker (XTS-AES-256)",
        _ => "BitLocker",
    }
}

fn drives(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> Vec<VolumeEncryption> {
    let rows = machine.list(&Source::Drives).unwrap_or_else(|why| {
        unread(Source::Drives, &why, "the drives are", diagnostics);
        Vec::new()
    });
    let drives = rows.iter().map(|row| VolumeEncryption {
        mount: row.text("Root").trim_end_matches('\\').to_owned(),
        encrypted: State::Unknown.into(),
        source: Source::Drives.to_string(),
        ..VolumeEncryption::default()
    });
    drives.take(ITEMS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{probe::windows::fake::Fake, rows::Unread};

    /// Written from the documentation of `Win32_EncryptableVolume`.
    fn told(protection: u32, conversion: Option<u32>) -> (State, String, usize) {
        let row = Row::of([("DriveLetter", "C:")])
            .with("ProtectionStatus", protection)
            .with("EncryptionMethod", 6_u32);
        let row = match conversion {
            Some(conversion) => row.with("ConversionStatus", conversion),
            None => row,
        };
        let machine = Fake::new().class(VOLUMES.class, Ok(vec![row]));
        let mut diagnostics = Diagnostics::new();
        let volumes = read(&machine, &mut diagnostics);
        let volume = &volumes[0];
        (
            volume.encrypted(),
            volume.method.clone(),
            diagnostics.finish().len(),
        )
    }

    #[test]
    fn only_a_volume_that_is_protected_as_a_whole_is_encrypted() {
        let method = "BitLocker (XTS-AES-128)".to_owned();
        assert_eq!(told(1, Some(1)), (State::On, method.clone(), 0));
        assert_eq!(told(1, None), (State::On, method, 0));
        assert_eq!(told(2, Some(1)).0, State::On);
        assert_eq!(told(0, Some(0)), (State::Off, String::new(), 0));
        assert_eq!(told(0, None), (State::Off, String::new(), 0));
        // Suspended, and under way.
        assert_eq!(told(0, Some(1)), (State::Off, String::new(), 1));
        assert_eq!(told(0, Some(2)), (State::Off, String::new(), 1));
        assert_eq!(told(9, Some(9)), (State::Unknown, String::new(), 1));
    }

    #[test]
    fn where_bitlocker_does_not_answer_the_drives_are_told_as_not_known() {
        let machine = Fake::new()
            .class(VOLUMES.class, Err(Unread::Denied))
            .list(Source::Drives, Ok(vec![Row::of([("Root", r"C:\")])]));
        let mut diagnostics = Diagnostics::new();
        let volumes = read(&machine, &mut diagnostics);
        assert_eq!(volumes[0].mount, "C:");
        assert_eq!(volumes[0].encrypted(), State::Unknown);
        assert!(diagnostics.finish()[0].reason.contains("not allowed"));
    }
}
