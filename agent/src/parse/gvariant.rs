//! Serialised GVariants, as far as flatpak's records need them: tuples, arrays, dictionary entries, text.
//!
//! Every container tells the ends of its parts of variable size in offsets at its own end. An offset that
//! leads out of the container makes the part unreadable, nothing else.

/// The type of a part: how it is aligned and how many bytes it has, where that is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    alignment: usize,
    size: Option<usize>,
}

/// Text, ended by NUL.
pub(super) const TEXT: Shape = Shape {
    alignment: 1,
    size: None,
};

/// An array of texts.
pub(super) const TEXTS: Shape = TEXT;

/// A number of 64 bits.
pub(super) const NUMBER: Shape = Shape {
    alignment: 8,
    size: Some(8),
};

/// A variant, or a dictionary whose values are variants.
pub(super) const VARIANTS: Shape = Shape {
    alignment: 8,
    size: None,
};

/// The parts of a tuple; `None` for each that the offsets do not lead to.
pub(super) fn tuple<const N: usize>(bytes: &[u8], shapes: [Shape; N]) -> [Option<&[u8]>; N] {
    let width = width(bytes.len());
    let (mut at, mut offsets) = (Some(0), 0);
    let mut parts = [None; N];
    for (index, shape) in shapes.into_iter().enumerate() {
        let start = at.and_then(|at: usize| at.checked_next_multiple_of(shape.alignment));
        let end = match (shape.size, start) {
            (Some(size), Some(start)) => start.checked_add(size),
            // The last part ends where the offsets begin.
            (None, _) if index + 1 == N => bytes.len().checked_sub(offsets * width),
            (None, _) => {
                offsets += 1;
                bytes
                    .len()
                    .checked_sub(offsets * width)
                    .and_then(|place| offset(bytes, place, width))
            }
            (Some(_), None) => None,
        };
        parts[index] = start
            .zip(end)
            .and_then(|(start, end)| bytes.get(start..end));
        at = end;
    }
    parts
}

/// The elements of an array of variable size; none when its offsets make no sense.
pub(super) fn array(bytes: &[u8], alignment: usize) -> impl Iterator<Item = &[u8]> {
    let width = width(bytes.len());
    let last = bytes.len().checked_sub(width);
    let table = last
        .and_then(|place| offset(bytes, place, width))
        .filter(|table| *table < bytes.len() && (bytes.len() - table).is_multiple_of(width));
    let count = table.map_or(0, |table| (bytes.len() - table) / width);
    let mut at = 0;
    (0..count).map_while(move |index| {
        let end = offset(bytes, table? + index * width, width)?;
        let start: usize = at;
        let element = bytes.get(start.checked_next_multiple_of(alignment)?..end)?;
        at = end;
        Some(element)
    })
}

/// The value of a variant with its type; `None` without any.
pub(super) fn variant(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let split = bytes.iter().rposition(|&byte| byte == 0)?;
    Some((&bytes[..split], &bytes[split + 1..]))
}

/// A text without its NUL; `None` when it is not ended by its only one.
pub(super) fn text(bytes: &[u8]) -> Option<&[u8]> {
    let (last, text) = bytes.split_last()?;
    (*last == 0 && !text.contains(&0)).then_some(text)
}

/// Bytes of each offset in a container of a length.
fn width(length: usize) -> usize {
    match length {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

fn offset(bytes: &[u8], place: usize, width: usize) -> Option<usize> {
    let field = bytes.get(place..place.checked_add(width)?)?;
    let mut number = [0; 8];
    number[..width].copy_from_slice(field);
    usize::try_from(u64::from_le_bytes(number)).ok()
}

#[cfg(test)]
pub(super) mod print {
    //! The same the other way round.

    use super::width;

    fn pad(out: &mut Vec<u8>, alignment: usize) {
        out.resize(out.len().next_multiple_of(alignment), 0);
    }

    fn with_offsets(mut out: Vec<u8>, ends: &[usize]) -> Vec<u8> {
        let body = out.len();
        let width = [1, 2, 4, 8]
            .into_iter()
            .find(|&each| width(body + ends.len() * each) == each);
        let width = width.unwrap();
        for end in ends {
            out.extend_from_slice(&end.to_le_bytes()[..width]);
        }
        out
    }

    pub(crate) fn text(text: &[u8]) -> Vec<u8> {
        [text, b"\0"].concat()
    }

    pub(crate) fn variant(value: &[u8], kind: &str) -> Vec<u8> {
        [value, b"\0", kind.as_bytes()].concat()
    }

    pub(crate) fn array(elements: &[Vec<u8>], alignment: usize) -> Vec<u8> {
        let (mut out, mut ends) = (Vec::new(), Vec::new());
        for element in elements {
            pad(&mut out, alignment);
            out.extend_from_slice(element);
            ends.push(out.len());
        }
        with_offsets(out, &ends)
    }

    /// Parts with their alignment and whether their size is fixed.
    pub(crate) fn tuple(parts: &[(Vec<u8>, usize, bool)]) -> Vec<u8> {
        let (mut out, mut ends) = (Vec::new(), Vec::new());
        for (index, (part, alignment, fixed)) in parts.iter().enumerate() {
            pad(&mut out, *alignment);
            out.extend_from_slice(part);
            if !fixed && index + 1 < parts.len() {
                ends.insert(0, out.len());
            }
        }
        with_offsets(out, &ends)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            tuple(&bytes, [TEXT, TEXTS, NUMBER, VARIANTS]);
            array(&bytes, 8).count();
            array(&bytes, 1).count();
            variant(&bytes);
            text(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(texts in prop::collection::vec(prop::collection::vec(1u8.., 0..80), 1..20), number: u64) {
            let printed: Vec<_> = texts.iter().map(|text| print::text(text)).collect();
            let list = print::array(&printed, 1);
            let whole = print::tuple(&[
                (printed[0].clone(), 1, false),
                (list.clone(), 1, false),
                (number.to_be_bytes().to_vec(), 8, true),
                (print::variant(&printed[0], "s"), 8, false),
            ]);
            let [first, second, third, fourth] = tuple(&whole, [TEXT, TEXTS, NUMBER, VARIANTS]);
            prop_assert_eq!(first.and_then(text), Some(texts[0].as_slice()));
            let read: Vec<_> = array(second.unwrap(), 1).filter_map(text).collect();
            let expected: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(read, expected);
            prop_assert_eq!(third, Some(&number.to_be_bytes()[..]));
            let (value, kind) = fourth.and_then(variant).unwrap();
            prop_assert_eq!((text(value), kind), (Some(texts[0].as_slice()), &b"s"[..]));
        }
    }
}
