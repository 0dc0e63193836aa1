//! EDID of monitors, after VESA's E-EDID standard.

/// A base block of version 1.4 with a name and a serial number as display descriptors.
pub(crate) fn block(maker: [u8; 3], product: u16, year: u16, name: &str, serial: &str) -> Vec<u8> {
    let mut block = vec![0, 255, 255, 255, 255, 255, 255, 0];
    let letters = maker.map(|letter| u16::from(letter - b'@'));
    block.extend((letters[0] << 10 | letters[1] << 5 | letters[2]).to_be_bytes());
    block.extend(product.to_le_bytes());
    block.extend([0; 4]);
    block.extend([10, (year - 1990) as u8, 1, 4]);
    block.resize(54, 0);
    block.extend([0; 18]);
    block.extend(descriptor(0xfc, name));
    block.extend(descriptor(0xff, serial));
    block.extend([0; 18]);
    block.push(0);
    let sum = block.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    block.push(sum.wrapping_neg());
    block
}

fn descriptor(tag: u8, text: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, tag, 0];
    bytes.extend(text.bytes().take(13));
    if text.len() < 13 {
        bytes.push(b'\n');
    }
    bytes.resize(18, b' ');
    bytes
}
