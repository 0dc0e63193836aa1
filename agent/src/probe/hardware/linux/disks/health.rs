//! What is known of a disk's health: that the kernel gave it up, a memory card's own estimate of its wear, and what
//! `NVMe`, SATA and SAS disks answer. A disk that stands still is not woken for that.

mod asking;

use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{Mutex, PoisonError},
};

use freehold_proto::v1::hardware::disk::Health;

use crate::{
    parse::disk_health::{self, ata, nvme, scsi},
    probe::{
        Root,
        section::{Diagnostics, explain},
        sysfs,
    },
    sys::disk::{Disk, Question},
};

use super::{FOLDER, is_virtual};
use asking::in_time;

/// Why a disk's health is not known.
#[derive(Debug, PartialEq, thiserror::Error)]
enum Untold {
    #[error(
        "the agent may not ask it: that takes root with the right CAP_SYS_RAWIO, or CAP_SYS_ADMIN for NVMe"
    )]
    NotAllowed,
    #[error("the agent does not see its device")]
    NoDevice,
    #[error("it stands still, and is not woken for that")]
    Resting,
    #[error("it gave no answer in time")]
    Late,
    #[error("it is behind USB, where some adapters fail when they are asked")]
    Usb,
    #[error("it could not be asked: {0}")]
    Failed(String),
    /// It was asked, and tells none.
    #[error("it tells none")]
    None,
}

/// How a disk is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Nvme,
    Ata,
    Scsi,
}

/// The health of a disk by its name. Why it is not known is remarked.
pub(super) fn of(root: &Root, name: &str, bus: &str, diagnostics: &mut Diagnostics) -> Health {
    let path = format!("{FOLDER}/{name}");
    let value = |file: &str| sysfs::value(root, &format!("{path}/{file}"));
    match value("device/state").as_deref() {
        Some("offline" | "dead" | "transport-offline") => return Health::Failing,
        _ if is_virtual(bus) => return Health::Unspecified,
        _ => {}
    }
    // JEDEC's "pre end of life information" of eMMC.
    match value("device/pre_eol_info").as_deref() {
        Some("0x01") => return Health::Good,
        Some("0x02") => return Health::Warning,
        Some("0x03") => return Health::Failing,
        _ if !root.is_live() => return Health::Unknown,
        _ => {}
    }
    let number = value("dev").as_deref().and_then(number);
    let told = match (number, language(bus, value("device/vendor").as_deref())) {
        (None, _) => Err(Untold::NoDevice),
        (_, _) if bus == "usb" => Err(Untold::Usb),
        (_, None) => return Health::Unknown,
        (Some(number), Some(language)) => ask(name, number, language),
    };
    remembered(name, told).unwrap_or_else(|untold| {
        if untold == Untold::None {
            return Health::Unspecified;
        }
        diagnostics.remark(&path, "health", format_args!("is not known: {untold}"));
        Health::Unknown
    })
}

/// How a disk at a bus is asked. SATA disks behind a SAS controller say so as their maker.
fn language(bus: &str, maker: Option<&str>) -> Option<Language> {
    match (bus, maker) {
        ("nvme", _) => Some(Language::Nvme),
        ("sata" | "sas", Some("ATA")) => Some(Language::Ata),
        ("sas", _) => Some(Language::Scsi),
        _ => None,
    }
}

/// A number such as "8:16".
fn number(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// A disk that stands still is as well as it was when it last answered.
fn remembered(name: &str, told: Result<Health, Untold>) -> Result<Health, Untold> {
    static LAST: Mutex<Option<HashMap<String, Health>>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let last = last.get_or_insert_default();
    match told {
        Ok(health) => drop(last.insert(name.to_owned(), health)),
        Err(Untold::Resting) => {
            if let Some(health) = last.get(name) {
                return Ok(*health);
            }
        }
        Err(_) => drop(last.remove(name)),
    }
    told
}

fn ask(name: &str, number: (u32, u32), language: Language) -> Result<Health, Untold> {
    let path = Path::new("/dev").join(name);
    let answer = in_time(number, move || {
        let disk = Disk::open(&path, number)?;
        match language {
            Language::Nvme => Ok(nvme::health(&disk.nvme_health_log()?)),
            Language::Scsi => Ok(scsi::health(&disk.ask(Question::ScsiHealth)?)),
            Language::Ata => {
                if ata::rests(&disk.ask(Question::AtaPowerMode)?) == Some(true) {
                    return Err(io::ErrorKind::ResourceBusy.into());
                }
                Ok(ata::health(&disk.ask(Question::AtaHealth)?))
            }
        }
    });
    match answer.map_err(|error| untold(&error))? {
        Some(disk_health::Health::Good) => Ok(Health::Good),
        Some(disk_health::Health::Warning) => Ok(Health::Warning),
        Some(disk_health::Health::Failing) => Ok(Health::Failing),
        None => Err(Untold::None),
    }
}

fn untold(error: &io::Error) -> Untold {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Untold::NotAllowed,
        io::ErrorKind::NotFound => Untold::NoDevice,
        io::ErrorKind::ResourceBusy if error.raw_os_error().is_none() => Untold::Resting,
        io::ErrorKind::TimedOut => Untold::Late,
        io::ErrorKind::Unsupported => Untold::None,
        _ if is_no_question(error) => Untold::None,
        _ => Untold::Failed(explain(error)),
    }
}

/// Whether the device knows no such question, as those that programs make up do not.
fn is_no_question(error: &io::Error) -> bool {
    let none = [libc::ENOTTY, libc::EINVAL, libc::EOPNOTSUPP, libc::ENOSYS];
    error
        .raw_os_error()
        .is_some_and(|code| none.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_disk_is_asked_in_the_language_that_it_speaks() {
        for (bus, maker, expected) in [
            ("nvme", None, Some(Language::Nvme)),
            ("sata", Some("ATA"), Some(Language::Ata)),
            ("sas", Some("ATA"), Some(Language::Ata)),
            ("sas", Some("SEAGATE"), Some(Language::Scsi)),
            // A drive for discs.
            ("sata", Some("HL-DT-ST"), None),
            ("scsi", Some("VMware"), None),
            ("mmc", None, None),
        ] {
            assert_eq!(language(bus, maker), expected, "{bus} {maker:?}");
        }
    }

    #[test]
    fn a_disk_that_stands_still_keeps_its_health_and_one_that_fails_to_answer_does_not() {
        let name = "of-this-test";
        let rests = || remembered(name, Err(Untold::Resting));
        assert_eq!(rests(), Err(Untold::Resting));
        assert_eq!(remembered(name, Ok(Health::Warning)), Ok(Health::Warning));
        assert_eq!(rests(), Ok(Health::Warning));
        assert_eq!(remembered(name, Err(Untold::Late)), Err(Untold::Late));
        assert_eq!(rests(), Err(Untold::Resting));
    }

    #[test]
    fn why_a_disk_could_not_be_asked_is_told_apart() {
        let of = |code| untold(&io::Error::from_raw_os_error(code));
        assert_eq!(of(libc::EPERM), Untold::NotAllowed);
        assert_eq!(of(libc::EACCES), Untold::NotAllowed);
        assert_eq!(of(libc::ENOENT), Untold::NoDevice);
        assert_eq!(of(libc::ENOTTY), Untold::None);
        assert_eq!(of(libc::ETIMEDOUT), Untold::Late);
        assert!(matches!(of(libc::EIO), Untold::Failed(_)));
        // A device that is in use is none that stands still.
        assert!(matches!(of(libc::EBUSY), Untold::Failed(_)));
    }
}
