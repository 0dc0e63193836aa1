//! SMBIOS tables, built after the DMTF's specification (DSP0134, version 3.6).

/// Tables that grow structure by structure.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    bytes: Vec<u8>,
    next: u16,
}

/// A memory slot.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slot<'a> {
    /// Name of the slot.
    pub(crate) slot: &'a str,
    /// Name of its bank.
    pub(crate) bank: &'a str,
    /// Size in MiB; 0 for an empty one.
    pub(crate) mib: u32,
    /// Type by the specification's number: 0x1a is DDR4, 0x22 is DDR5.
    pub(crate) kind: u8,
    /// Rated and configured speed in MT/s.
    pub(crate) speeds: (u16, u16),
    /// Maker, serial number, part number.
    pub(crate) strings: [&'a str; 3],
}

impl Tables {
    /// No structure yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Type 0: vendor, version, release date.
    pub(crate) fn bios(self, strings: [&str; 3]) -> Self {
        let mut area = vec![1, 2, 0x00, 0xf0, 3, 0xff];
        area.extend(0x0000_0008_u64.to_le_bytes());
        area.extend([3, 0x0d, 1, 14, 255, 255]);
        self.add(0, &area, &strings)
    }

    /// Type 1: maker, model, version, serial number, SKU, family.
    pub(crate) fn system(self, strings: [&str; 6]) -> Self {
        let mut area = vec![1, 2, 3, 4];
        area.extend([
            0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd,
            0xee, 0x0f,
        ]);
        area.extend([6, 5, 6]);
        self.add(1, &area, &strings)
    }

    /// Type 2: maker, model, version, serial number, asset tag.
    pub(crate) fn board(self, strings: [&str; 5]) -> Self {
        self.add(2, &[1, 2, 3, 4, 5, 9, 0, 3, 0, 10, 0], &strings)
    }

    /// Type 3: kind, then maker, version, serial number, asset tag.
    pub(crate) fn chassis(self, kind: u8, strings: [&str; 4]) -> Self {
        let mut area = vec![1, kind, 2, 3, 4, 3, 3, 3, 2];
        area.extend([0; 4]);
        area.extend([0, 1, 0, 0]);
        self.add(3, &area, &strings)
    }

    /// Type 4, populated and enabled: socket, maker, model.
    pub(crate) fn processor(self, cores: u8, threads: u8, mhz: u16, strings: [&str; 3]) -> Self {
        let mut area = vec![1, 3, 0xc6, 2];
        area.extend([0; 8]);
        area.extend([3, 0x8b]);
        area.extend(100_u16.to_le_bytes());
        area.extend(mhz.to_le_bytes());
        area.extend(mhz.to_le_bytes());
        area.extend([0x41, 1]);
        area.extend([0xff; 6]);
        area.extend([0, 0, 0, cores, cores, threads]);
        area.extend(0x00fc_u16.to_le_bytes());
        area.extend(0xc6_u16.to_le_bytes());
        for count in [cores, cores, threads] {
            area.extend(u16::from(count).to_le_bytes());
        }
        self.add(4, &area, &strings)
    }

    /// Type 16 with its slots, type 17.
    pub(crate) fn memory(mut self, slots: &[Slot<'_>]) -> Self {
        let array = self.next;
        let mut area = vec![3, 3, 3];
        area.extend(0x8000_0000_u32.to_le_bytes());
        area.extend(0xfffe_u16.to_le_bytes());
        area.extend((slots.len() as u16).to_le_bytes());
        area.extend((4_u64 << 40).to_le_bytes());
        self = self.add(16, &area, &[]);
        slots
            .iter()
            .fold(self, |tables, slot| tables.slot(array, slot))
    }

    fn slot(self, array: u16, slot: &Slot<'_>) -> Self {
        const SEE_EXTENDED: u16 = 0x7fff;
        let (size, extended) = match u16::try_from(slot.mib) {
            Ok(mib) if mib < SEE_EXTENDED => (mib, 0),
            _ => (SEE_EXTENDED, slot.mib),
        };
        let filled = slot.mib > 0;
        let mut area = array.to_le_bytes().to_vec();
        area.extend(0xfffe_u16.to_le_bytes());
        let width: u16 = if filled { 64 } else { 0 };
        area.extend(width.to_le_bytes());
        area.extend(width.to_le_bytes());
        area.extend(size.to_le_bytes());
        area.extend([9, 0, 1, 2, if filled { slot.kind } else { 2 }, 0x80, 0]);
        area.extend(slot.speeds.0.to_le_bytes());
        let [maker, serial, part] = slot.strings.map(|text| u8::from(!text.is_empty()));
        area.extend([maker * 3, serial * (3 + maker)]);
        area.extend([0, part * (3 + maker + serial), 1]);
        area.extend(extended.to_le_bytes());
        area.extend(slot.speeds.1.to_le_bytes());
        area.extend([0; 6]);
        let strings: Vec<&str> = [slot.slot, slot.bank]
            .into_iter()
            .chain(slot.strings.into_iter().filter(|text| !text.is_empty()))
            .collect();
        self.add(17, &area, &strings)
    }

    fn add(mut self, kind: u8, area: &[u8], strings: &[&str]) -> Self {
        self.bytes.extend([kind, area.len() as u8 + 4]);
        self.bytes.extend(self.next.to_le_bytes());
        self.bytes.extend(area);
        for string in strings {
            // A structure cannot hold an empty string: firmware writes a space.
            let string = if string.is_empty() { " " } else { string };
            self.bytes.extend(string.bytes());
            self.bytes.push(0);
        }
        if strings.is_empty() {
            self.bytes.push(0);
        }
        self.bytes.push(0);
        self.next += 1;
        self
    }

    /// The tables with their end marker.
    pub(crate) fn table(&self) -> Vec<u8> {
        let ended = self.clone().add(127, &[], &[]);
        ended.bytes
    }

    /// The 64-bit entry point of version 3.6 for tables at an address.
    pub(crate) fn entry_point(&self, address: u64) -> Vec<u8> {
        let mut bytes = b"_SM3_".to_vec();
        bytes.extend([0, 24, 3, 6, 0, 1, 0]);
        bytes.extend((self.table().len() as u32).to_le_bytes());
        bytes.extend(address.to_le_bytes());
        let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes[5] = sum.wrapping_neg();
        bytes
    }

    /// A file that `dmidecode --from-dump` reads: the entry point, then the tables at byte 32.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let mut bytes = self.entry_point(32);
        bytes.resize(32, 0);
        bytes.extend(self.table());
        bytes
    }
}
