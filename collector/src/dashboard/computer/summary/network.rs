//! How a computer is connected, in a few lines.

use freehold_proto::v1::{Network, network::adapter::Kind};

use super::{Block, fact};
use crate::dashboard::{markup::Markup, text::computer as t};

pub(super) fn of(section: &Network) -> Vec<Block> {
    let mut facts = Vec::new();
    let addresses = section
        .adapters
        .iter()
        .filter(|adapter| adapter.kind() != Kind::Loopback && !adapter.addresses.is_empty())
        .map(|adapter| {
            let addresses = adapter
                .addresses
                .iter()
                .map(|address| Markup::code(address));
            let addresses = Markup::joined(addresses, ", ");
            Markup::joined([Markup::value(&adapter.name), addresses], ": ")
        });
    let addresses: Vec<Markup> = addresses.collect();
    if !addresses.is_empty() {
        facts.push(fact(t::ADDRESSES, Markup::lines(addresses)));
    }
    let mut gateways: Vec<Markup> = Vec::new();
    for route in &section.routes {
        let default = matches!(route.destination.as_str(), "0.0.0.0/0" | "::/0");
        if default && !route.gateway.is_empty() {
            gateways.push(Markup::code(&route.gateway));
        }
    }
    if !gateways.is_empty() {
        facts.push(fact(t::GATEWAY, Markup::joined(gateways, ", ")));
    }
    if !section.name_servers.is_empty() {
        let servers = section.name_servers.iter();
        let servers = servers.map(|server| Markup::code(&server.address));
        facts.push(fact(t::NAME_SERVERS, Markup::joined(servers, ", ")));
    }
    let mut blocks = Vec::new();
    if !facts.is_empty() {
        blocks.push(Block::Facts(facts));
    }
    if !section.router_behind_router.is_empty() {
        blocks.push(Block::Sentence(Markup::value(
            &section.router_behind_router,
        )));
    }
    blocks
}
