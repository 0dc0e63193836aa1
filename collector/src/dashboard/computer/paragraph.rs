//! A computer in a paragraph that needs no knowledge of computers.

use freehold_proto::v1::{
    Hardware, Software, hardware, section::Kind, software::package::State, system::ChassisKind,
};
use prost::Message as _;

use crate::{
    access::{Administrators, Fact, MachineLine, Protection, Weakness},
    dashboard::{
        markup::{self, Markup},
        text::{self, computer as t},
    },
};

/// Administrators named before the rest is counted.
const NAMES: usize = 4;

/// The paragraph. `body` gives the bytes of a section, where there are any.
pub(super) fn of<'a>(line: &MachineLine, body: impl Fn(Kind) -> Option<&'a [u8]>) -> Markup {
    let hardware = body(Kind::Hardware).and_then(|body| Hardware::decode(body).ok());
    let software = body(Kind::Software).and_then(|body| Software::decode(body).ok());
    let mut sentences = vec![is(line, hardware.as_ref())];
    if let Some(system) = line.headline.system.known().filter(|s| !s.name.is_empty()) {
        let name = Markup::name(&system.name);
        sentences.push(Markup::fill(t::RUNS, &[("system", name)]));
    }
    sentences.extend(hardware.as_ref().and_then(size));
    if let Some(software) = software.filter(|software| !software.packages.is_empty()) {
        let installed = software
            .packages
            .iter()
            .filter(|package| package.state() != State::ConfigFiles)
            .count();
        let count = text::count(
            installed,
            "program or part of one is",
            "programs and parts are",
        );
        sentences.push(Markup::fill(
            t::PACKAGES,
            &[("count", Markup::text(&count))],
        ));
    }
    sentences.extend(protection(&line.headline.protection));
    sentences.extend(administrators(&line.headline.administrators));
    Markup::joined(sentences, " ")
}

fn is(line: &MachineLine, hardware: Option<&Hardware>) -> Markup {
    let chassis = line
        .headline
        .system
        .known()
        .map_or(ChassisKind::Unspecified, |system| system.chassis);
    let kind = Markup::text(match chassis {
        ChassisKind::Desktop => t::KIND_DESKTOP,
        ChassisKind::Laptop => t::KIND_LAPTOP,
        ChassisKind::Server => t::KIND_SERVER,
        ChassisKind::Virtual => t::KIND_VIRTUAL,
        ChassisKind::Tablet => t::KIND_TABLET,
        ChassisKind::Other | ChassisKind::Unspecified => t::KIND_OTHER,
    });
    let name = Markup::name(&line.machine.name()).strong();
    let model = hardware
        .and_then(|hardware| hardware.product.as_ref())
        .map(model)
        .filter(|model| !model.is_empty());
    match model {
        Some(model) => Markup::fill(
            t::IS_MODEL,
            &[
                ("name", name),
                ("kind", kind),
                ("model", Markup::name(&model)),
            ],
        ),
        None => Markup::fill(t::IS, &[("name", name), ("kind", kind)]),
    }
}

/// Maker and model, without saying the maker twice.
pub(super) fn model(product: &hardware::Product) -> String {
    if product.model.starts_with(&product.maker) {
        return product.model.clone();
    }
    format!("{} {}", product.maker, product.model)
        .trim()
        .to_owned()
}

fn size(hardware: &Hardware) -> Option<Markup> {
    let memory = Markup::text(&markup::size(hardware.memory_bytes?));
    let disk: u64 = hardware
        .disks
        .iter()
        .filter_map(|disk| disk.size_bytes)
        .fold(0, u64::saturating_add);
    Some(if disk == 0 {
        Markup::fill(t::SIZE_MEMORY, &[("memory", memory)])
    } else {
        let disk = Markup::text(&markup::size(disk));
        Markup::fill(t::SIZE, &[("memory", memory), ("disk", disk)])
    })
}

fn protection(protection: &Fact<Protection>) -> Option<Markup> {
    let plain = |message| Some(Markup::text(message));
    let named = |message, product: &str| {
        let product = Markup::name(product).strong();
        Some(Markup::fill(message, &[("product", product)]))
    };
    match protection {
        // The page says of one that was not read that it is still being gone through.
        Fact::Hidden | Fact::NotRead => None,
        Fact::NotReported => plain(t::PROTECTION_NOT_REPORTED),
        Fact::Unreadable | Fact::Known(Protection::Unknown) => plain(t::PROTECTION_UNKNOWN),
        Fact::Known(Protection::Absent) => plain(t::ABSENT),
        Fact::Known(Protection::Working { product }) => named(t::WORKING, product),
        Fact::Known(Protection::Weak { product, weakness }) => named(weak(*weakness), product),
    }
}

/// The sentence for a weakness.
pub(super) fn weak(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::MayNotWatch => t::MAY_NOT_WATCH,
        Weakness::Outdated => t::OUTDATED,
        Weakness::NotWatching => t::NOT_WATCHING,
        Weakness::OnDemand => t::ON_DEMAND,
        Weakness::Passive => t::PASSIVE,
        Weakness::StateUnknown => t::STATE_UNKNOWN,
        Weakness::Stopped => t::STOPPED,
    }
}

fn administrators(administrators: &Fact<Administrators>) -> Option<Markup> {
    match administrators {
        Fact::Hidden | Fact::NotRead => None,
        Fact::NotReported => Some(Markup::text(t::ADMINISTRATORS_NOT_REPORTED)),
        Fact::Unreadable => Some(Markup::text(t::ADMINISTRATORS_UNKNOWN)),
        Fact::Known(known) => Some(count(known)),
    }
}

fn count(known: &Administrators) -> Markup {
    let names = Markup::names(known.names.iter().map(AsRef::as_ref), NAMES).strong();
    let message = match (known.names.len(), known.complete) {
        (0, true) => t::ADMINISTRATORS_NONE,
        (0, false) => t::ADMINISTRATORS_UNKNOWN,
        (1, true) => t::ADMINISTRATOR_ONE,
        (_, true) => t::ADMINISTRATORS,
        (_, false) => t::ADMINISTRATORS_AT_LEAST,
    };
    let number = if known.complete {
        Markup::number(known.names.len() as u64)
    } else {
        Markup::text(&text::count(known.names.len(), "account", "accounts"))
    };
    Markup::fill(message, &[("count", number), ("names", names)])
}
