//! The encoding of messages, field by field, without making messages of it: so that a section of 200,000
//! items can be checked and compared without memory for each of them.

use thiserror::Error;

/// One field of an encoded message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// Its number in the schema.
    pub(crate) number: u32,
    /// Its value.
    pub(crate) payload: Payload<'a>,
    /// Key and value together, as encoded.
    pub(crate) whole: &'a [u8],
}

/// The value of a field, by its wire type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload<'a> {
    /// Numbers, enumerations, truth values.
    Varint(u64),
    /// Eight bytes.
    Fixed64,
    /// Strings, bytes, messages, packed lists.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32,
}

/// Why bytes are not an encoded message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum WireError {
    #[error("it ends in the middle of a field")]
    Truncated,
    #[error("a number in it is longer than 64 bits")]
    Overlong,
    #[error("it has a field with an impossible number")]
    FieldNumber,
    #[error("it has a field with wire type {0}, which this schema does not use")]
    WireType(u8),
}

/// The fields of an encoded message, in the order they were written. Ends after the first error.
pub(crate) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

/// See [`fields`].
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let read = read_field(self.rest);
        self.rest = match &read {
            Ok((_, rest)) => rest,
            Err(_) => &[],
        };
        Some(read.map(|(field, _)| field))
    }
}

fn read_field(bytes: &[u8]) -> Result<(Field<'_>, &[u8]), WireError> {
    let (key, rest) = read_varint(bytes)?;
    let key = u32::try_from(key).map_err(|_| WireError::FieldNumber)?;
    if key >> 3 == 0 {
        return Err(WireError::FieldNumber);
    }
    let (payload, rest) = match key & 7 {
        0 => {
            let (value, rest) = read_varint(rest)?;
            (Payload::Varint(value), rest)
        }
        1 => (Payload::Fixed64, split(rest, 8)?.1),
        2 => {
            let (length, rest) = read_varint(rest)?;
            let (value, rest) = split(rest, length)?;
            (Payload::Bytes(value), rest)
        }
        5 => (Payload::Fixed32, split(rest, 4)?.1),
        other => return Err(WireError::WireType(other as u8)),
    };
    let field = Field {
        number: key >> 3,
        payload,
        whole: &bytes[..bytes.len() - rest.len()],
    };
    Ok((field, rest))
}

/// Reads a number of seven bits a byte, lowest first.
pub(crate) fn read_varint(bytes: &[u8]) -> Result<(u64, &[u8]), WireError> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate() {
        if index == 10 || (index == 9 && *byte > 1) {
            return Err(WireError::Overlong);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[index + 1..]));
        }
    }
    Err(WireError::Truncated)
}

fn split(bytes: &[u8], at: u64) -> Result<(&[u8], &[u8]), WireError> {
    usize::try_from(at)
        .ok()
        .and_then(|at| bytes.split_at_checked(at))
        .ok_or(WireError::Truncated)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_read_in_order_with_their_bytes() {
        let message = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i'];
        let read: Vec<_> = fields(&message).collect::<Result<_, _>>().unwrap();
        assert_eq!(read[0].number, 1);
        assert_eq!(read[0].whole, &message[..3]);
        assert_eq!(read[1].payload, Payload::Bytes(b"hi"));
    }

    #[test]
    fn damaged_encodings_are_named() {
        let error = |bytes: &[u8]| fields(bytes).find_map(Result::err);
        assert_eq!(error(&[0x12, 0x05, b'h']), Some(WireError::Truncated));
        assert_eq!(error(&[0x00, 0x01]), Some(WireError::FieldNumber));
        assert_eq!(error(&[0x0b]), Some(WireError::WireType(3)));
        assert_eq!(error(&[0xff; 11]), Some(WireError::Overlong));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_fields_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut read = 0;
            for field in fields(&bytes).flatten() {
                read += field.whole.len();
            }
            prop_assert!(read <= bytes.len());
        }
    }
}
