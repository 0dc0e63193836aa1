//! Asks this computer.

use freehold_proto::v1::System;

use super::facts::{
    CRYPTOGRAPHY, CURRENT_VERSION, ENTRA, ENVIRONMENT, FIRMWARE, PRODUCT_OPTIONS, RESTART, Rows,
    TIME_ZONE, assemble,
};
use crate::{
    parse::smbios,
    probe::Root,
    rows::Unread,
    sys::{
        cpuid,
        windows::{boot, firmware, names, registry},
    },
};

/// Collects the section.
pub(in crate::probe) fn collect(_root: &Root) -> System {
    assemble(&Rows {
        current_version: registry::key(CURRENT_VERSION),
        cryptography: registry::key(CRYPTOGRAPHY),
        product_options: registry::key(PRODUCT_OPTIONS),
        time_zone: registry::key(TIME_ZONE),
        environment: registry::key(ENVIRONMENT),
        firmware: registry::key(FIRMWARE),
        entra: registry::keys(ENTRA),
        restart: RESTART.map(|path| match registry::key(path) {
            Ok(_) => Ok(true),
            Err(Unread::Absent) => Ok(false),
            Err(why) => Err(why),
        }),
        host: names::host().map_err(|error| unread(&error)),
        dns_domain: names::dns_domain().map_err(|error| unread(&error)),
        membership: names::membership().map_err(|error| unread(&error)),
        locale: names::locale().map_err(|error| unread(&error)),
        booted: boot::times().map(|times| times.began.cast_unsigned()),
        hypervisor: cpuid::hypervisor(),
        chassis: firmware::tables()
            .map(|tables| smbios::parse(&tables.bytes, tables.version).chassis)
            .unwrap_or_default(),
    })
}

/// The machine id alone; empty where there is none.
pub(in crate::probe) fn machine_id(_root: &Root) -> String {
    registry::key(CRYPTOGRAPHY)
        .map(|row| row.text("MachineGuid").to_lowercase())
        .unwrap_or_default()
}

/// Architecture of the kernel by the name that Windows uses; empty when it does not tell.
pub(in crate::probe) fn architecture(_root: &Root) -> String {
    registry::key(ENVIRONMENT)
        .map(|row| row.text("PROCESSOR_ARCHITECTURE").to_owned())
        .unwrap_or_default()
}

fn unread(error: &std::io::Error) -> Unread {
    Unread::from_code(error.raw_os_error().unwrap_or_default().cast_unsigned())
}
