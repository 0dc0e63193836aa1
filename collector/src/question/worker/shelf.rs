//! A virtual table of SQLite over columns in memory: it finds rows by a value and hands them over in an order, so that
//! joins and groups over millions of rows need no sorting.
//!
//! The one place outside of `sys` with `unsafe`: rusqlite asks for it from whoever implements a virtual table.
#![allow(unsafe_code)]

use std::{
    borrow::Cow,
    ffi::{CStr, CString, c_int},
    fmt::Write as _,
    marker::PhantomData,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{
    Connection, Error,
    types::ValueRef,
    vtab::{
        Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection,
        VTabCursor, sqlite3_vtab, sqlite3_vtab_cursor,
    },
};

use super::{
    column::{Column, Value},
    filling::Content,
};
use crate::question::schema::Table;

/// Terms of an order that are followed; with more, SQLite sorts.
const TERMS: usize = 4;

/// Rows between two notes of how far a scan is.
const STEP: usize = 4096;

/// Where a table's content is put, once it is known what is read of it.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) table: &'static Table,
    /// Columns that a statement reads, as a mask.
    pub(super) used: AtomicU64,
    pub(super) content: OnceLock<Content>,
    /// Rows that were gone through, of all tables.
    pub(super) passed: Arc<AtomicU64>,
}

impl Shelf {
    pub(super) fn new(table: &'static Table, passed: &Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self {
            table,
            used: AtomicU64::new(0),
            content: OnceLock::new(),
            passed: Arc::clone(passed),
        })
    }

    /// Makes it a table of a connection.
    pub(super) fn join(self: &Arc<Self>, connection: &Connection) -> rusqlite::Result<()> {
        const MODULE: Module<'static, Shown> = Module::eponymous_only_module();
        connection.create_module(self.table.name.as_str(), &MODULE, Some(Arc::clone(self)))
    }

    fn rows(&self) -> usize {
        self.content.get().map_or(0, |content| content.rows)
    }

    fn column(&self, number: c_int) -> Option<&Column> {
        let number = usize::try_from(number).ok()?;
        self.content.get()?.columns.get(number)?.as_ref()
    }

    /// What SQLite takes for the statement that made the table.
    fn declaration(&self) -> String {
        let mut declaration = String::from("CREATE TABLE x(");
        for (number, column) in self.table.columns.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            let kind = if column.is_integer { "INTEGER" } else { "TEXT" };
            let _ = write!(declaration, "{comma}\"{}\" {kind}", column.name);
        }
        declaration.push(')');
        declaration
    }
}

/// The virtual table.
#[repr(C)]
struct Shown {
    /// SQLite's part. It has to be the first.
    base: sqlite3_vtab,
    shelf: Arc<Shelf>,
}

// SAFETY: `Shown` is `repr(C)` and begins with a `sqlite3_vtab`, which is what the trait asks for.
unsafe impl<'vtab> VTab<'vtab> for Shown {
    type Aux = Arc<Shelf>;
    type Cursor = Cursor<'vtab>;

    fn connect(
        connection: &mut VTabConnection,
        aux: Option<&Arc<Shelf>>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> rusqlite::Result<(Cow<'static, CStr>, Self)> {
        let shelf = aux.ok_or_else(|| misused("a table without a shelf"))?;
        connection.config(VTabConfig::Innocuous)?;
        let declaration = CString::new(shelf.declaration())?;
        let shown = Self {
            base: sqlite3_vtab::default(),
            shelf: Arc::clone(shelf),
        };
        Ok((Cow::Owned(declaration), shown))
    }

    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<bool> {
        self.shelf.used.fetch_or(info.col_used(), Ordering::Relaxed);
        let rows = self.shelf.rows();
        if let Some((constraint, column, different)) = self.equal(info)? {
            let found = (rows / different.max(1)).max(1);
            info.constraint_usage(constraint).set_argv_index(1);
            info.set_idx_num(column + 1);
            info.set_estimated_rows(signed(found));
            info.set_estimated_cost(found as f64 + 8.0);
            return Ok(true);
        }
        if let Some(order) = order(info) {
            info.set_idx_num(-1);
            info.set_idx_str(&order);
            info.set_order_by_consumed(true);
        }
        info.set_estimated_rows(signed(rows.max(1)));
        info.set_estimated_cost(2.0 * rows as f64 + 10.0);
        Ok(true)
    }

    fn open(&'vtab mut self) -> rusqlite::Result<Cursor<'vtab>> {
        Ok(Cursor {
            base: sqlite3_vtab_cursor::default(),
            shelf: Arc::clone(&self.shelf),
            rows: Rows::All(0),
            at: 0,
            table: PhantomData,
        })
    }
}

impl Shown {
    /// The condition by which the fewest rows are found: its place, its column, and how many different values that has.
    fn equal(&self, info: &IndexInfo) -> rusqlite::Result<Option<(usize, c_int, usize)>> {
        let mut best: Option<(usize, c_int, usize)> = None;
        for (place, constraint) in info.constraints().enumerate() {
            let is_equality =
                constraint.operator() == IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ;
            if !constraint.is_usable() || !is_equality || constraint.column() < 0 {
                continue;
            }
            if info.collation(place)? != "BINARY" {
                continue;
            }
            let column = self.shelf.column(constraint.column());
            let different = column.map_or(1, Column::different);
            if best.is_none_or(|(_, _, most)| different > most) {
                best = Some((place, constraint.column(), different));
            }
        }
        Ok(best)
    }
}

/// The order that SQLite wants, as numbers of columns from 1, negative where it goes down; `None` where it is not followed.
fn order(info: &IndexInfo) -> Option<String> {
    let terms = info.num_of_order_by();
    if terms == 0 || terms > TERMS {
        return None;
    }
    let mut order = String::new();
    for term in info.order_bys() {
        if term.column() < 0 {
            return None;
        }
        let sign = if term.is_order_by_desc() { "-" } else { "" };
        let _ = write!(order, "{sign}{} ", term.column() + 1);
    }
    Some(order)
}

/// The rows that a cursor goes through.
enum Rows {
    /// From the first up to this one.
    All(usize),
    /// Those of a column's index up to this place.
    Index(usize, c_int),
    /// These.
    These(Vec<u32>),
}

/// A cursor.
#[repr(C)]
struct Cursor<'vtab> {
    /// SQLite's part. It has to be the first.
    base: sqlite3_vtab_cursor,
    shelf: Arc<Shelf>,
    rows: Rows,
    at: usize,
    table: PhantomData<&'vtab Shown>,
}

// SAFETY: `Cursor` is `repr(C)` and begins with a `sqlite3_vtab_cursor`, which is what the trait asks for.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(
        &mut self,
        plan: c_int,
        order: Option<&str>,
        values: &Filters<'_>,
    ) -> rusqlite::Result<()> {
        self.at = 0;
        self.rows = Rows::All(self.shelf.rows());
        if plan > 0 {
            let value = values.iter().next().unwrap_or(ValueRef::Null);
            self.find(plan - 1, value)?;
        } else if let Some(order) = order {
            self.sort(order)?;
        }
        Ok(())
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        self.at += 1;
        if self.at.is_multiple_of(STEP) {
            self.shelf.passed.fetch_add(STEP as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    fn eof(&self) -> bool {
        match &self.rows {
            Rows::All(end) | Rows::Index(end, _) => self.at >= *end,
            Rows::These(rows) => self.at >= rows.len(),
        }
    }

    fn column(&self, context: &mut Context, number: c_int) -> rusqlite::Result<()> {
        // Never NULL for what was not brought here: that would say that it is not known.
        let column = self
            .shelf
            .column(number)
            .ok_or_else(|| misused("a column that was not announced"))?;
        match column.value(self.row()?) {
            Value::Null => Ok(()),
            Value::Integer(number) => context.set_result(*number),
            Value::Text(text) => context.set_result(&**text),
        }
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        Ok(signed(self.row()?))
    }
}

impl Cursor<'_> {
    /// The rows with a value. Where SQLite would compare it as something else than it is, all rows: it looks at each
    /// again in any case.
    fn find(&mut self, number: c_int, value: ValueRef<'_>) -> rusqlite::Result<()> {
        let is_integer = usize::try_from(number)
            .ok()
            .and_then(|number| self.shelf.table.columns.get(number))
            .is_some_and(|column| column.is_integer);
        let Some(column) = self.shelf.column(number) else {
            return Err(misused("a condition on a column that was not announced"));
        };
        let range = match (is_integer, value) {
            (_, ValueRef::Null) => 0..0,
            (true, ValueRef::Integer(value)) => column.range_of_integer(value),
            (false, ValueRef::Text(text)) => match std::str::from_utf8(text) {
                Ok(text) => column.range_of_text(text),
                Err(_) => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.at = range.start;
        self.rows = Rows::Index(range.end, number);
        Ok(())
    }

    fn sort(&mut self, order: &str) -> rusqlite::Result<()> {
        let unknown = || misused("an order by a column that was not announced");
        let terms: Vec<c_int> = order.split_whitespace().flat_map(str::parse).collect();
        let column = |term: c_int| self.shelf.column(term.abs() - 1).ok_or_else(unknown);
        if let [term] = terms[..]
            && term > 0
        {
            self.rows = Rows::Index(column(term)?.in_order().len(), term - 1);
            return Ok(());
        }
        // The last term first: each sorting leaves in their order what it does not tell apart.
        let mut rows: Vec<u32> = (0..self.shelf.rows() as u32).collect();
        for term in terms.into_iter().rev() {
            rows = column(term)?.sorted(&rows, term < 0);
        }
        self.rows = Rows::These(rows);
        Ok(())
    }

    fn row(&self) -> rusqlite::Result<usize> {
        let row = match &self.rows {
            Rows::All(end) => (self.at < *end).then_some(self.at),
            Rows::These(rows) => rows.get(self.at).map(|row| *row as usize),
            Rows::Index(end, number) => self
                .shelf
                .column(*number)
                .filter(|_| self.at < *end)
                .map(|column| column.in_order()[self.at] as usize),
        };
        row.ok_or_else(|| misused("a row beyond the last"))
    }
}

/// Rows are counted with 32 bits.
fn signed(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn misused(what: &str) -> Error {
    Error::ModuleError(format!("{what}; this is a fault of the collector"))
}

#[cfg(test)]
mod tests;
