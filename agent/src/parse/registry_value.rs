//! Values of the Windows registry: a type and bytes.

use crate::rows::{VALUE_BYTES, Value, utf16};

/// Types, as in `winnt.h`.
const TEXT: u32 = 1;
const TEXT_TO_EXPAND: u32 = 2;
const DWORD: u32 = 4;
const DWORD_BIG_ENDIAN: u32 = 5;
const LINK: u32 = 6;
const MULTIPLE_TEXT: u32 = 7;
const QWORD: u32 = 11;

/// Most texts taken from one value.
const TEXTS: usize = 4096;

/// Reads a value. Text may lack its NUL, have an odd number of bytes, or hold halves of characters; a number
/// of the wrong length is kept as bytes.
pub fn decode(kind: u32, bytes: &[u8]) -> Value {
    if bytes.len() > VALUE_BYTES {
        return Value::TooLong(bytes.len());
    }
    match (kind, bytes) {
        (TEXT | TEXT_TO_EXPAND | LINK, _) => Value::Text(utf16(&units(bytes))),
        (MULTIPLE_TEXT, _) => Value::List(texts(&units(bytes))),
        (DWORD, &[a, b, c, d]) => Value::Number(u32::from_le_bytes([a, b, c, d]).into()),
        (DWORD_BIG_ENDIAN, &[a, b, c, d]) => Value::Number(u32::from_be_bytes([a, b, c, d]).into()),
        (QWORD, _) => match <[u8; 8]>::try_from(bytes) {
            Ok(eight) => Value::Number(u64::from_le_bytes(eight).into()),
            Err(_) => Value::Bytes(bytes.to_vec()),
        },
        _ => Value::Bytes(bytes.to_vec()),
    }
}

/// UTF-16 in the byte order of Windows; half a unit at the end is dropped.
pub fn units(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// The texts up to the first empty one.
fn texts(units: &[u16]) -> Vec<Value> {
    units
        .split(|unit| *unit == 0)
        .take_while(|text| !text.is_empty())
        .take(TEXTS)
        .map(|text| Value::Text(String::from_utf16_lossy(text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16_bytes(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn text_ends_at_its_nul_or_where_the_bytes_do() {
        for written in ["Überprüfung", "Überprüfung\0", "Überprüfung\0rest"] {
            assert_eq!(decode(1, &utf16_bytes(written)), "Überprüfung".into());
        }
        let mut odd = utf16_bytes("会計");
        odd.push(0x41);
        assert_eq!(decode(2, &odd), "会計".into());
    }

    #[test]
    fn a_list_ends_at_its_empty_text() {
        let list = decode(7, &utf16_bytes("a\0b\0\0c\0"));
        assert_eq!(list, Value::List(vec!["a".into(), "b".into()]));
    }

    #[test]
    fn a_number_of_the_wrong_length_stays_bytes() {
        assert_eq!(decode(4, &[1, 0, 0, 0]), Value::Number(1));
        assert_eq!(decode(5, &[0, 0, 0, 1]), Value::Number(1));
        assert_eq!(
            decode(11, &[0, 0, 0, 0, 1, 0, 0, 0]),
            Value::Number(1 << 32)
        );
        assert_eq!(decode(4, &[1]), Value::Bytes(vec![1]));
    }

    #[test]
    fn a_value_beyond_the_limit_is_named_and_not_kept() {
        let long = vec![0; VALUE_BYTES + 1];
        assert_eq!(decode(1, &long), Value::TooLong(VALUE_BYTES + 1));
    }

    proptest! {
        #[test]
        fn any_value_is_survived(kind in 0_u32..16, bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            decode(kind, &bytes);
        }

        #[test]
        fn written_text_is_read_again(text in "[^\0]{0,40}") {
            prop_assert_eq!(decode(1, &utf16_bytes(&text)), Value::Text(text));
        }
    }
}
