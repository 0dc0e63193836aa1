//! What a computer is made of, in a few lines.

use freehold_proto::v1::{
    Hardware,
    hardware::{Disk, Processor, Volume},
};

use super::{super::paragraph::model, Block, Brief, fact, value};
use crate::{
    access::Readings,
    dashboard::{
        markup::{self, Markup},
        text::{self, computer as t},
    },
};

/// Volumes shown in the summary; all of them stand in the list below.
const VOLUMES: usize = 20;

pub(super) fn of(section: &Hardware, readings: Option<&Readings>) -> Vec<Block> {
    let mut facts = Vec::new();
    if let Some(product) = &section.product {
        facts.push(fact(t::MODEL, value(&model(product))));
        facts.push(fact(
            t::SERIAL,
            if product.serial.is_empty() {
                Markup::unknown()
            } else {
                Markup::code(&product.serial)
            },
        ));
    }
    if !section.processors.is_empty() {
        facts.push(fact(t::PROCESSOR, processors(&section.processors)));
    }
    if let Some(bytes) = section.memory_bytes {
        facts.push(fact(t::MEMORY, Markup::bytes(bytes)));
    }
    if !section.disks.is_empty() {
        facts.push(fact(
            t::DISKS,
            Markup::lines(section.disks.iter().map(disk)),
        ));
    }
    let mut blocks = Vec::new();
    if !facts.is_empty() {
        blocks.push(Block::Facts(facts));
    }
    if !section.volumes.is_empty() {
        blocks.push(Block::Table(volumes(&section.volumes, readings)));
    }
    blocks
}

/// Equal processors once, with how many there are.
fn processors(processors: &[Processor]) -> Markup {
    let mut kinds: Vec<(&Processor, usize)> = Vec::new();
    for processor in processors {
        match kinds
            .iter_mut()
            .find(|(known, _)| known.model == processor.model && known.cores == processor.cores)
        {
            Some((_, number)) => *number += 1,
            None => kinds.push((processor, 1)),
        }
    }
    Markup::lines(kinds.into_iter().map(|(processor, number)| {
        let mut pieces = vec![value(&processor.model)];
        if number > 1 {
            pieces.insert(0, Markup::text(&format!("{number} × ")));
        }
        if let (Some(cores), Some(threads)) = (processor.cores, processor.threads) {
            let cores = text::count(cores as usize, "core", "cores");
            let threads = text::count(threads as usize, "thread", "threads");
            pieces.push(Markup::text(" ("));
            pieces.push(Markup::fill(
                t::CORES,
                &[
                    ("cores", Markup::text(&cores)),
                    ("threads", Markup::text(&threads)),
                ],
            ));
            pieces.push(Markup::text(")"));
        }
        Markup::joined(pieces, "")
    }))
}

fn disk(disk: &Disk) -> Markup {
    let mut pieces = vec![Markup::code(&disk.name)];
    if let Some(bytes) = disk.size_bytes {
        pieces.push(Markup::bytes(bytes));
    }
    if !disk.model.is_empty() {
        pieces.push(Markup::value(&disk.model));
    }
    Markup::joined(pieces, " · ")
}

fn volumes(volumes: &[Volume], readings: Option<&Readings>) -> Brief {
    let columns = [t::VOLUME, t::VOLUME_SIZE, t::VOLUME_FREE, t::VOLUME_USED];
    let rows = volumes.iter().take(VOLUMES).map(|volume| {
        let free = readings.and_then(|readings| {
            let mut free = readings.values.volumes.iter();
            free.find(|free| free.mount == volume.mount)
                .map(|free| free.free_bytes)
        });
        let used = match (volume.size_bytes, free) {
            (Some(size), Some(free)) if size > 0 => {
                let free = free.min(size);
                let percent =
                    u64::try_from(u128::from(size - free) * 100 / u128::from(size)).unwrap_or(100);
                let described = format!("{percent} %");
                Markup::joined(
                    [Markup::meter(percent, &described), Markup::text(&described)],
                    " ",
                )
            }
            _ => Markup::unknown(),
        };
        vec![
            Markup::code(&volume.mount),
            volume
                .size_bytes
                .map_or_else(Markup::unknown, Markup::bytes),
            free.map_or_else(Markup::unknown, Markup::bytes),
            used,
        ]
    });
    let mut brief = Brief::new(t::VOLUMES, &columns, rows);
    let left_out = volumes.len().saturating_sub(VOLUMES);
    brief.more = (left_out > 0).then(|| {
        Markup::text(&format!(
            "And {} more, listed below.",
            markup::grouped(left_out as u64)
        ))
    });
    brief
}
