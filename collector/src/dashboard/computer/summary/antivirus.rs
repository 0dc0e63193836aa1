//! Whether a computer is protected against malware, product by product.

use freehold_proto::v1::{Antivirus, antivirus::Product, section::Status};

use super::{super::paragraph::weak, Block, Verdict, time};
use crate::{
    access::{Weakness, weakness},
    clock::UnixMillis,
    dashboard::{markup::Markup, text::computer as t, tone::Tone},
};

pub(super) fn of(section: &Antivirus, now: UnixMillis) -> Vec<Block> {
    if section.products.is_empty() {
        let (tone, message) = match section.status() {
            Status::Complete => (Tone::Bad, t::NO_PRODUCT),
            // The status above says that nothing is known; a verdict would say more than that.
            Status::Unsupported | Status::Unreadable => return Vec::new(),
            _ => (Tone::Unknown, t::NO_PRODUCT_UNKNOWN),
        };
        return vec![Block::Verdict(Verdict {
            tone,
            sentence: Markup::text(message),
            lines: Vec::new(),
        })];
    }
    section
        .products
        .iter()
        .map(|product| Block::Verdict(verdict(product, now)))
        .collect()
}

fn verdict(product: &Product, now: UnixMillis) -> Verdict {
    let weakness = weakness(product);
    let name = Markup::name(&product.name);
    let mut lines = Vec::new();
    if !product.version.is_empty() {
        let version = Markup::value(&product.version);
        lines.push(Markup::fill(t::VERSION, &[("version", version)]));
    }
    let version = super::value(&product.signature_version);
    if let Some(at) = time(product.signatures_at.as_ref()) {
        let when = Markup::time(at, now);
        lines.push(Markup::fill(
            t::SIGNATURES,
            &[("version", version), ("when", when)],
        ));
    } else if !product.signature_version.is_empty() {
        lines.push(Markup::fill(t::SIGNATURES_UNDATED, &[("version", version)]));
    }
    if !product.services.is_empty() {
        let services = product
            .services
            .iter()
            .map(|service| Markup::value(service));
        lines.push(Markup::joined(services, ", "));
    }
    if !product.problem.is_empty() {
        let problem = Markup::value(&product.problem);
        lines.push(Markup::fill(t::PROBLEM, &[("problem", problem)]));
    }
    Verdict {
        tone: tone(weakness),
        sentence: Markup::fill(weakness.map_or(t::WORKING, weak), &[("product", name)]),
        lines,
    }
}

fn tone(weakness: Option<Weakness>) -> Tone {
    match weakness {
        None => Tone::Good,
        Some(Weakness::Stopped) => Tone::Bad,
        Some(Weakness::MayNotWatch | Weakness::StateUnknown) => Tone::Unknown,
        Some(_) => Tone::Warn,
    }
}
