//! Hives written by tests, by the published descriptions of the format. What Windows itself wrote is not here.

use super::PAGE;

/// How the keys below a key are listed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Listing {
    /// With a hash beside each, as all current versions of Windows do.
    #[default]
    Hashed,
    /// As a list of lists, which Windows makes of long ones.
    Nested,
    /// Offsets alone.
    Bare,
}

/// A key to be written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    name: String,
    listing: Listing,
    values: Vec<(String, u32, Vec<u8>)>,
    keys: Vec<Tree>,
}

impl Tree {
    pub(crate) fn key(name: &str) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    pub(crate) fn listed(mut self, listing: Listing) -> Self {
        self.listing = listing;
        self
    }

    pub(crate) fn with(mut self, key: Self) -> Self {
        self.keys.push(key);
        self
    }

    /// A value of some type.
    pub(crate) fn value(mut self, name: &str, kind: u32, bytes: &[u8]) -> Self {
        self.values.push((name.into(), kind, bytes.to_vec()));
        self
    }

    /// A value of text.
    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        let units = text.encode_utf16().chain([0]);
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        self.value(name, 1, &bytes)
    }

    /// A value that is a number.
    pub(crate) fn number(self, name: &str, number: u32) -> Self {
        self.value(name, 4, &number.to_le_bytes())
    }

    /// The keys of a path around this one, outermost first.
    pub(crate) fn under(self, path: &str) -> Self {
        path.rsplit('\\')
            .fold(self, |inner, name| Self::key(name).with(inner))
    }

    /// The hive that has this key as its root.
    pub(crate) fn hive(&self) -> Vec<u8> {
        let mut cells = Cells(b"hbin".to_vec());
        cells.0.resize(32, 0);
        let root = cells.key(self);
        cells.0.resize(cells.0.len().next_multiple_of(4096), 0);
        let mut file = b"regf".to_vec();
        file.resize(PAGE as usize, 0);
        file[4..8].copy_from_slice(&7_u32.to_le_bytes());
        file[8..12].copy_from_slice(&7_u32.to_le_bytes());
        file[36..40].copy_from_slice(&root.to_le_bytes());
        let length = u32::try_from(cells.0.len()).unwrap();
        file[40..44].copy_from_slice(&length.to_le_bytes());
        file.extend(cells.0);
        file
    }
}

struct Cells(Vec<u8>);

impl Cells {
    /// Adds a cell and returns where it is.
    fn add(&mut self, bytes: &[u8]) -> u32 {
        let offset = u32::try_from(self.0.len()).unwrap();
        let size = (bytes.len() + 4).next_multiple_of(8);
        self.0.extend((-i32::try_from(size).unwrap()).to_le_bytes());
        self.0.extend(bytes);
        self.0.resize(offset as usize + size, 0);
        offset
    }

    fn key(&mut self, tree: &Tree) -> u32 {
        let keys: Vec<u32> = tree.keys.iter().map(|key| self.key(key)).collect();
        let values: Vec<u32> = tree.values.iter().map(|value| self.value(value)).collect();
        let keys_at = self.list(&keys, tree.listing);
        let values_at = self.add(&offsets(&values, false));
        let (name, latin) = name(&tree.name);
        let mut cell = vec![0; 76];
        cell[..2].copy_from_slice(b"nk");
        cell[2] = if latin { 0x20 } else { 0 };
        // 2024-03-01 08:00 UTC.
        cell[4..12].copy_from_slice(&133_537_536_000_000_000_u64.to_le_bytes());
        cell[20..24].copy_from_slice(&count(&keys).to_le_bytes());
        cell[28..32].copy_from_slice(&keys_at.to_le_bytes());
        cell[36..40].copy_from_slice(&count(&values).to_le_bytes());
        cell[40..44].copy_from_slice(&values_at.to_le_bytes());
        cell[72..74].copy_from_slice(&(name.len() as u16).to_le_bytes());
        cell.extend(name);
        self.add(&cell)
    }

    fn list(&mut self, keys: &[u32], listing: Listing) -> u32 {
        let list = |kind: &[u8], keys: &[u32], hashed| {
            let mut cell = kind.to_vec();
            cell.extend((keys.len() as u16).to_le_bytes());
            cell.extend(offsets(keys, hashed));
            cell
        };
        match listing {
            Listing::Hashed => self.add(&list(b"lh", keys, true)),
            Listing::Bare => self.add(&list(b"li", keys, false)),
            Listing::Nested => {
                let lists = keys.chunks(2).map(|keys| list(b"lf", keys, true));
                let lists: Vec<u32> = lists.map(|cell| self.add(&cell)).collect();
                self.add(&list(b"ri", &lists, false))
            }
        }
    }

    fn value(&mut self, (value, kind, bytes): &(String, u32, Vec<u8>)) -> u32 {
        let mut length = u32::try_from(bytes.len()).unwrap();
        let data = if let 1..=4 = bytes.len() {
            length |= 0x8000_0000;
            let mut inside = [0; 4];
            inside[..bytes.len()].copy_from_slice(bytes);
            u32::from_le_bytes(inside)
        } else {
            self.add(bytes)
        };
        let (name, latin) = name(value);
        let mut cell = b"vk".to_vec();
        cell.extend((name.len() as u16).to_le_bytes());
        for number in [length, data, *kind, u32::from(latin)] {
            cell.extend(number.to_le_bytes());
        }
        cell.extend(name);
        self.add(&cell)
    }
}

fn offsets(keys: &[u32], hashed: bool) -> Vec<u8> {
    let beside: &[u8] = if hashed { &[0; 4] } else { &[] };
    keys.iter()
        .flat_map(|key| [&key.to_le_bytes(), beside].concat())
        .collect()
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap()
}

/// A name as it is stored, and whether one byte a character is enough.
fn name(name: &str) -> (Vec<u8>, bool) {
    let latin: Option<Vec<u8>> = name.chars().map(|c| u8::try_from(c).ok()).collect();
    match latin {
        Some(bytes) => (bytes, true),
        None => (
            name.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            false,
        ),
    }
}
