//! What of the products in the catalogue is worth watching.

use super::{catalogue::CATALOGUE, memory, running::is_of_a_product};
use crate::probe::Root;

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

/// The processes of products that run now. Those that only have the name are not among
/// them, so that nobody can fill the places.
pub(crate) fn processes(root: &Root) -> Vec<u32> {
    if let Some(mut known) = memory::processes() {
        known.truncate(PROCESSES);
        return known;
    }
    let names = root.list("/proc").unwrap_or_default();
    let ids = names.iter().filter_map(|name| name.to_str()?.parse().ok());
    ids.filter(|id| is_of_a_product(root, *id))
        .take(PROCESSES)
        .collect()
}
