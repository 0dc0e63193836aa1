//! One column of a table: every different value once, and a number for each row that says which it has.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, OnceLock},
};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// Not known, or nothing.
    Null,
    Integer(i64),
    Text(Arc<str>),
}

/// Numbers of values, as narrow as they can be.
#[derive(Debug)]
enum Codes {
    /// So many rows with the same one.
    Same(usize, u32),
    Byte(Vec<u8>),
    Short(Vec<u16>),
    Long(Vec<u32>),
}

/// A column. Its first value is NULL, whether a row has it or not.
#[derive(Debug)]
pub(super) struct Column {
    codes: Codes,
    values: Vec<Value>,
    texts: HashMap<Arc<str>, u32>,
    integers: HashMap<i64, u32>,
    /// Bytes of the texts.
    bytes: usize,
    /// The value that was looked up last.
    last: u32,
    index: OnceLock<Index>,
}

/// The rows in the order of their values.
#[derive(Debug)]
pub(super) struct Index {
    /// The place of each value among all, by its number.
    ranks: Vec<u32>,
    /// Where in `rows` those of a rank begin, and at last where they end.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

/// What a value takes beside its text, in its list and where it is looked up, about.
const OVERHEAD: usize = 96;

impl Column {
    pub(super) fn new() -> Self {
        Self {
            codes: Codes::Same(0, 0),
            values: vec![Value::Null],
            texts: HashMap::new(),
            integers: HashMap::new(),
            bytes: 0,
            last: 0,
            index: OnceLock::new(),
        }
    }

    /// The number of a text.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        // What stands below each other is often the same.
        if matches!(&self.values[self.last as usize], Value::Text(last) if **last == *text) {
            return self.last;
        }
        if let Some(code) = self.texts.get(text) {
            self.last = *code;
            return *code;
        }
        let kept: Arc<str> = text.into();
        let code = self.add(Value::Text(Arc::clone(&kept)));
        self.texts.insert(kept, code);
        self.bytes += text.len();
        code
    }

    /// The number of a whole number.
    pub(super) fn integer(&mut self, number: i64) -> u32 {
        if let Some(code) = self.integers.get(&number) {
            return *code;
        }
        let code = self.add(Value::Integer(number));
        self.integers.insert(number, code);
        code
    }

    /// The number of what `text` makes of a number, which is the same text for the same number.
    pub(super) fn text_of(&mut self, number: i64, text: impl FnOnce() -> Option<String>) -> u32 {
        if let Some(code) = self.integers.get(&number) {
            return *code;
        }
        let code = text().map_or(0, |text| self.text(&text));
        self.integers.insert(number, code);
        code
    }

    fn add(&mut self, value: Value) -> u32 {
        // Rows are counted with 32 bits, and there are no more values than rows.
        let code = self.values.len() as u32;
        self.values.push(value);
        self.last = code;
        code
    }

    /// Adds a row.
    pub(super) fn push(&mut self, code: u32) {
        match &mut self.codes {
            Codes::Same(rows, same) if *same == code || *rows == 0 => {
                *rows += 1;
                *same = code;
            }
            Codes::Byte(codes) if u8::try_from(code).is_ok() => codes.push(code as u8),
            Codes::Short(codes) if u16::try_from(code).is_ok() => codes.push(code as u16),
            Codes::Long(codes) => codes.push(code),
            _ => {
                self.widen(code);
                self.push(code);
            }
        }
    }

    fn widen(&mut self, code: u32) {
        let codes = std::mem::replace(&mut self.codes, Codes::Same(0, 0));
        self.codes = match codes {
            Codes::Same(rows, same) => match code.max(same) {
                widest if u8::try_from(widest).is_ok() => Codes::Byte(vec![same as u8; rows]),
                widest if u16::try_from(widest).is_ok() => Codes::Short(vec![same as u16; rows]),
                _ => Codes::Long(vec![same; rows]),
            },
            Codes::Byte(codes) if u16::try_from(code).is_ok() => {
                Codes::Short(codes.into_iter().map(u16::from).collect())
            }
            Codes::Byte(codes) => Codes::Long(codes.into_iter().map(u32::from).collect()),
            Codes::Short(codes) => Codes::Long(codes.into_iter().map(u32::from).collect()),
            long @ Codes::Long(_) => long,
        };
    }

    /// The value of a row.
    pub(super) fn value(&self, row: usize) -> &Value {
        &self.values[self.code(row) as usize]
    }

    fn code(&self, row: usize) -> u32 {
        match &self.codes {
            Codes::Same(_, code) => *code,
            Codes::Byte(codes) => codes[row].into(),
            Codes::Short(codes) => codes[row].into(),
            Codes::Long(codes) => codes[row],
        }
    }

    fn rows(&self) -> usize {
        match &self.codes {
            Codes::Same(rows, _) => *rows,
            Codes::Byte(codes) => codes.len(),
            Codes::Short(codes) => codes.len(),
            Codes::Long(codes) => codes.len(),
        }
    }

    /// Different values.
    pub(super) fn different(&self) -> usize {
        self.values.len()
    }

    /// Bytes it takes, about; with its index.
    pub(super) fn size(&self) -> usize {
        let codes = match &self.codes {
            Codes::Same(..) => 0,
            Codes::Byte(codes) => codes.capacity(),
            Codes::Short(codes) => 2 * codes.capacity(),
            Codes::Long(codes) => 4 * codes.capacity(),
        };
        codes + self.bytes + OVERHEAD * self.values.len()
    }

    /// Forgets what only adding needs.
    pub(super) fn settle(&mut self) {
        // Those of times only lead to their texts.
        if !self.texts.is_empty() {
            self.integers = HashMap::new();
        }
        self.codes = match std::mem::replace(&mut self.codes, Codes::Same(0, 0)) {
            Codes::Byte(mut codes) => {
                codes.shrink_to_fit();
                Codes::Byte(codes)
            }
            Codes::Short(mut codes) => {
                codes.shrink_to_fit();
                Codes::Short(codes)
            }
            Codes::Long(mut codes) => {
                codes.shrink_to_fit();
                Codes::Long(codes)
            }
            same @ Codes::Same(..) => same,
        };
    }

    /// Where in [`in_order`](Self::in_order) the rows with a text stand, in their order.
    pub(super) fn range_of_text(&self, text: &str) -> Range<usize> {
        self.range(self.texts.get(text).copied())
    }

    /// The same for a whole number.
    pub(super) fn range_of_integer(&self, number: i64) -> Range<usize> {
        self.range(self.integers.get(&number).copied())
    }

    fn range(&self, code: Option<u32>) -> Range<usize> {
        let Some(code) = code else {
            return 0..0;
        };
        let index = self.index();
        let rank = index.ranks[code as usize] as usize;
        index.starts[rank] as usize..index.starts[rank + 1] as usize
    }

    /// All rows, in the order of their values.
    pub(super) fn in_order(&self) -> &[u32] {
        &self.index().rows
    }

    /// Rows in the order of this column's values; where these are equal, in the order in which they come.
    pub(super) fn sorted(&self, rows: &[u32], down: bool) -> Vec<u32> {
        let index = self.index();
        let place = |row: u32| {
            let rank = index.ranks[self.code(row as usize) as usize] as usize;
            if down {
                self.values.len() - 1 - rank
            } else {
                rank
            }
        };
        let mut starts = vec![0_u32; self.values.len() + 1];
        for row in rows {
            starts[place(*row) + 1] += 1;
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        let mut sorted = vec![0; rows.len()];
        for row in rows {
            let start = &mut starts[place(*row)];
            sorted[*start as usize] = *row;
            *start += 1;
        }
        sorted
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut by_value: Vec<u32> = (0..self.values.len() as u32).collect();
            by_value.sort_unstable_by(|one, other| {
                self.values[*one as usize].cmp(&self.values[*other as usize])
            });
            let mut ranks = vec![0; self.values.len()];
            for (rank, code) in (0..).zip(&by_value) {
                ranks[*code as usize] = rank;
            }
            let mut starts = vec![0_u32; self.values.len() + 1];
            let rows = self.rows();
            for row in 0..rows {
                starts[ranks[self.code(row) as usize] as usize + 1] += 1;
            }
            let mut before = 0;
            for start in &mut starts {
                before += *start;
                *start = before;
            }
            let mut next = starts.clone();
            let mut ordered = vec![0; rows];
            for row in 0..rows {
                let place = &mut next[ranks[self.code(row) as usize] as usize];
                ordered[*place as usize] = row as u32;
                *place += 1;
            }
            Index {
                ranks,
                starts,
                rows: ordered,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[Option<&str>]) -> Column {
        let mut column = Column::new();
        for text in texts {
            let code = text.map_or(0, |text| column.text(text));
            column.push(code);
        }
        column.settle();
        column
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn a_row_has_the_value_it_was_given_however_many_there_are() {
        for different in [1_usize, 2, 255, 256, 65_535, 65_536, 70_000] {
            let mut column = Column::new();
            let name = |row: usize| format!("value {}", row % different);
            for row in 0..2 * different {
                let code = column.text(&name(row));
                column.push(code);
            }
            column.settle();
            for row in [0, different / 2, different - 1, 2 * different - 1] {
                assert_eq!(*column.value(row), text(&name(row)), "{different}");
            }
            assert_eq!(column.range_of_text(&name(different - 1)).len(), 2);
        }
    }

    #[test]
    fn rows_come_in_the_order_of_their_values_with_what_is_not_known_first() {
        let column = column(&[Some("b"), None, Some("a"), Some("b"), Some("\u{e9}")]);
        assert_eq!(column.in_order(), [1, 2, 0, 3, 4]);
        assert_eq!(column.sorted(&[0, 1, 2, 3, 4], true), [4, 0, 3, 2, 1]);
        assert_eq!(column.in_order()[column.range_of_text("b")], [0, 3]);
        assert!(column.range_of_text("nothing").is_empty());
        assert!(column.range_of_integer(1).is_empty());
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        let mut column = Column::new();
        for number in [10, 9, -1, 10] {
            let code = column.integer(number);
            column.push(code);
        }
        column.settle();
        assert_eq!(column.in_order(), [2, 1, 0, 3]);
        assert_eq!(column.in_order()[column.range_of_integer(10)], [0, 3]);
    }

    #[test]
    fn a_column_without_rows_has_none() {
        let column = Column::new();
        assert!(column.in_order().is_empty());
        assert!(column.sorted(&[], false).is_empty());
    }
}
