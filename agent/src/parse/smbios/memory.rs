//! Memory devices (type 17), empty slots included.

use std::collections::HashMap;

use freehold_proto::v1::hardware::MemoryModule;
use smbioslib::{
    MemoryDeviceType, MemorySize, MemorySizeExtended, MemorySpeed, MemorySpeedExtended, SMBiosData,
    SMBiosMemoryDevice, SMBiosPhysicalMemoryArray, SMBiosStruct as _,
};

use super::{SOURCE, text};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The slots of main memory, in the order of the tables.
pub(super) fn modules(data: &SMBiosData) -> Vec<MemoryModule> {
    let usages = usages(data);
    let mut banks = Vec::new();
    let mut modules = Vec::new();
    for device in data.defined_struct_iter::<SMBiosMemoryDevice<'_>>() {
        if is_main_memory(&usages, &device) {
            banks.push(text(&device.bank_locator()));
            modules.push(module(&device));
        }
    }
    tell_apart(&mut modules, &banks);
    modules
}

/// Whether a device is part of main memory, as opposed to the chip that holds the firmware, a cache or
/// the memory of a graphics adapter.
fn is_main_memory(usages: &HashMap<u16, u8>, device: &SMBiosMemoryDevice<'_>) -> bool {
    const SYSTEM_MEMORY: u8 = 3;
    let array = device.physical_memory_array_handle();
    let usage = array.and_then(|handle| usages.get(&handle));
    usage.is_none_or(|usage| *usage == SYSTEM_MEMORY)
}

/// What each array of memory devices is used for, by the handle of the array.
fn usages(data: &SMBiosData) -> HashMap<u16, u8> {
    data.defined_struct_iter::<SMBiosPhysicalMemoryArray<'_>>()
        .filter_map(|array| {
            let parts = array.parts();
            Some((*parts.header.handle(), parts.get_field_byte(0x05)?))
        })
        .collect()
}

fn module(device: &SMBiosMemoryDevice<'_>) -> MemoryModule {
    let size_bytes = size(device);
    let slot = text(&device.device_locator());
    if size_bytes == Some(0) {
        return MemoryModule {
            slot,
            size_bytes,
            source: SOURCE.into(),
            ..MemoryModule::default()
        };
    }
    let kind = device.memory_type().map(|data| data.value);
    MemoryModule {
        slot,
        size_bytes,
        kind: kind.as_ref().map_or("", name).into(),
        speed_mts: speed(device),
        maker: text(&device.manufacturer()),
        part_number: text(&device.part_number()),
        serial: text(&device.serial_number()),
        source: SOURCE.into(),
    }
}

/// Size in bytes, 0 for an empty slot; modules of 32 GiB and more use the extended field.
fn size(device: &SMBiosMemoryDevice<'_>) -> Option<u64> {
    match device.size()? {
        MemorySize::NotInstalled => Some(0),
        MemorySize::Unknown => None,
        MemorySize::Kilobytes(kib) => Some(u64::from(kib) * KIB),
        MemorySize::Megabytes(mib) => Some(u64::from(mib) * MIB),
        MemorySize::SeeExtendedSize => match device.extended_size()? {
            MemorySizeExtended::Megabytes(mib) => Some(u64::from(mib) * MIB),
            MemorySizeExtended::SeeSize => None,
        },
    }
}

/// Speed it runs at; speed it is made for where that is not told.
fn speed(device: &SMBiosMemoryDevice<'_>) -> Option<u32> {
    let resolve = |speed, extended: Option<MemorySpeedExtended>| match speed {
        MemorySpeed::Unknown => None,
        MemorySpeed::MTs(rate) => (rate != 0).then(|| u32::from(rate)),
        MemorySpeed::SeeExtendedSpeed => match extended? {
            MemorySpeedExtended::MTs(rate) => (rate != 0).then_some(rate),
            MemorySpeedExtended::SeeSpeed => None,
        },
    };
    let configured = device
        .configured_memory_speed()
        .and_then(|speed| resolve(speed, device.extended_configured_memory_speed()));
    configured.or_else(|| resolve(device.speed()?, device.extended_speed()))
}

fn name(kind: &MemoryDeviceType) -> &'static str {
    match kind {
        MemoryDeviceType::Other | MemoryDeviceType::Unknown | MemoryDeviceType::None => "",
        MemoryDeviceType::Dram => "DRAM",
        MemoryDeviceType::Edram => "EDRAM",
        MemoryDeviceType::Vram => "VRAM",
        MemoryDeviceType::Sram => "SRAM",
        MemoryDeviceType::Ram => "RAM",
        MemoryDeviceType::Rom => "ROM",
        MemoryDeviceType::Flash => "Flash",
        MemoryDeviceType::Eeprom => "EEPROM",
        MemoryDeviceType::Feprom => "FEPROM",
        MemoryDeviceType::Eprom => "EPROM",
        MemoryDeviceType::Cdram => "CDRAM",
        MemoryDeviceType::ThreeDram => "3DRAM",
        MemoryDeviceType::Sdram => "SDRAM",
        MemoryDeviceType::Sgram => "SGRAM",
        MemoryDeviceType::Rdram => "RDRAM",
        MemoryDeviceType::Ddr => "DDR",
        MemoryDeviceType::Ddr2 => "DDR2",
        MemoryDeviceType::Ddr2Fbdimm => "DDR2 FB-DIMM",
        MemoryDeviceType::Ddr3 => "DDR3",
        MemoryDeviceType::Fbd2 => "FBD2",
        MemoryDeviceType::Ddr4 => "DDR4",
        MemoryDeviceType::Lpddr => "LPDDR",
        MemoryDeviceType::Lpddr2 => "LPDDR2",
        MemoryDeviceType::Lpddr3 => "LPDDR3",
        MemoryDeviceType::Lpddr4 => "LPDDR4",
        MemoryDeviceType::LogicalNonVolatileDevice => "non-volatile",
        MemoryDeviceType::Hbm => "HBM",
        MemoryDeviceType::Hbm2 => "HBM2",
        MemoryDeviceType::Ddr5 => "DDR5",
        MemoryDeviceType::Lpddr5 => "LPDDR5",
        MemoryDeviceType::Hbm3 => "HBM3",
        MemoryDeviceType::Mrdimm => "MRDIMM",
    }
}

/// Puts the bank before the names of slots that would otherwise be the same.
fn tell_apart(modules: &mut [MemoryModule], banks: &[String]) {
    let mut times = HashMap::new();
    for module in modules.iter() {
        *times.entry(module.slot.clone()).or_insert(0_usize) += 1;
    }
    for (module, bank) in modules.iter_mut().zip(banks) {
        if times.get(&module.slot).is_some_and(|times| *times > 1) && !bank.is_empty() {
            let slot = format!("{bank} {}", module.slot);
            slot.trim_end().clone_into(&mut module.slot);
        }
    }
}
