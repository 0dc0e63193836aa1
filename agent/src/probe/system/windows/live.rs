//! Asks this computer.

use freehold_proto::v1::System;

use super::facts::{
    CRYPTOGRAPHY, CURRENT_VERSION, ENTRA, ENVIRONMENT, FIRMWARE, PRODUCT_OPTIONS, RESTART, Rows,
    TIME_ZONE, assemble,
};
use crate::{
    probe::{Root, hardware},
    rows::{Answer, Row, Unread},
    sys::{
        cpuid,
        windows::{
            boot, names,
            registry::{self, Tree, View},
        },
    },
};

/// Collects the section.
pub(in crate::probe) fn collect(_root: &Root) -> System {
    assemble(&Rows {
        current_version: key(CURRENT_VERSION),
        cryptography: key(CRYPTOGRAPHY),
        product_options: key(PRODUCT_OPTIONS),
        time_zone: key(TIME_ZONE),
        environment: key(ENVIRONMENT),
        firmware: key(FIRMWARE),
        entra: registry::names(Tree::Machine, below_machine(ENTRA), View::Bits64),
        restart: RESTART.map(|path| match key(path) {
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
        chassis: hardware::chassis(),
    })
}

fn key(path: &str) -> Answer<Row> {
    registry::values(Tree::Machine, below_machine(path), View::Bits64)
}

fn below_machine(path: &str) -> &str {
    path.strip_prefix(r"HKLM\").unwrap_or(path)
}

fn unread(error: &std::io::Error) -> Unread {
    Unread::from_code(error.raw_os_error().unwrap_or_default().cast_unsigned())
}
