//! Asks this computer.

use freehold_proto::v1::{System, domain::Role};

use super::{
    facts::{
        CRYPTOGRAPHY, CURRENT_VERSION, ENTRA, ENVIRONMENT, FIRMWARE, PRODUCT_OPTIONS, RESTART,
        Rows, TIME_ZONE, assemble, role_of,
    },
    masters::Masters,
};
use crate::{
    probe::{Root, hardware},
    rows::{Answer, Row, Unread},
    sys::{
        cpuid,
        windows::{
            boot,
            directory::Directory,
            names, patience,
            registry::{self, Tree, View},
        },
    },
};

/// Collects the section.
pub(in crate::probe) fn collect(_root: &Root) -> System {
    let product_options = key(PRODUCT_OPTIONS);
    assemble(&Rows {
        current_version: key(CURRENT_VERSION),
        cryptography: key(CRYPTOGRAPHY),
        masters: masters(&product_options),
        product_options,
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

/// Asks the directory of a domain controller, without a name that somebody else could answer to: the account that asks
/// is the domain controller's own.
fn masters(product_options: &Answer<Row>) -> Option<Answer<Masters>> {
    let role = product_options.as_ref().ok().map(role_of);
    (role == Some(Role::DomainController)).then(|| {
        patience::ask(|| {
            let directory = Directory::here()?;
            Masters::ask(|name, attributes| directory.entry(name, attributes))
        })
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
