//! What every system does with the firmware's tables.

use crate::{
    parse::smbios::{SOURCE, Tables},
    probe::section::Diagnostics,
};

/// A structure's strings have no bound of their own.
pub(super) fn shorten(tables: &mut Tables, diagnostics: &mut Diagnostics) {
    let mut fit = |text: &mut String| {
        *text = diagnostics.fit(SOURCE, "", std::mem::take(text));
    };
    if let Some(product) = &mut tables.product {
        fit(&mut product.maker);
        fit(&mut product.model);
        fit(&mut product.sku);
        fit(&mut product.serial);
        fit(&mut product.asset_tag);
        fit(&mut product.chassis_serial);
    }
    if let Some(board) = &mut tables.board {
        fit(&mut board.maker);
        fit(&mut board.model);
        fit(&mut board.version);
        fit(&mut board.serial);
    }
    if let Some(firmware) = &mut tables.firmware {
        fit(&mut firmware.vendor);
        fit(&mut firmware.version);
        fit(&mut firmware.released_on);
    }
    for module in &mut tables.memory_modules {
        fit(&mut module.slot);
        fit(&mut module.maker);
        fit(&mut module.part_number);
        fit(&mut module.serial);
    }
    tables.sockets.iter_mut().for_each(fit);
}
