//! What of the products in the catalogue is worth watching.

use super::catalogue::CATALOGUE;
use crate::probe::{Root, processes::living};

/// Most processes: no machine runs more products than that.
const PROCESSES: usize = 64;

/// Files and folders that show that a product is there, and settings of products.
pub(crate) fn files() -> Vec<&'static str> {
    CATALOGUE
        .iter()
        .flat_map(|entry| entry.files.iter().chain(entry.settings))
        .copied()
        .collect()
}

/// The processes of products that run now.
pub(crate) fn processes(root: &Root) -> Vec<u32> {
    let names = root.list("/proc").unwrap_or_default();
    let ids = names.iter().filter_map(|name| name.to_str()?.parse().ok());
    ids.filter(|id| is_of_a_product(root, *id))
        .take(PROCESSES)
        .collect()
}

fn is_of_a_product(root: &Root, id: u32) -> bool {
    let Ok(stat) = root.read_at_most(format!("/proc/{id}/stat"), 4096) else {
        return false;
    };
    // One that has ended and is not buried would tell of its end again and again.
    let Some(name) = living(&stat) else {
        return false;
    };
    CATALOGUE.iter().any(|entry| {
        let services = entry.services.iter().map(|service| service.process);
        let mut known = services.chain(entry.processes.iter().copied());
        known.any(|known| known == name)
    })
}
