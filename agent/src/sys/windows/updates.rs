//! Windows Update's own record, read without asking any server.

use windows::{
    Win32::System::{
        Com::{CLSCTX_INPROC_SERVER, CoCreateInstance},
        UpdateAgent::{AutomaticUpdates, IAutomaticUpdates2, IUpdateSearcher, UpdateSearcher},
        Variant::VT_DATE,
    },
    core::Result,
};

use super::{failed, patience, wmi::Com};
use crate::rows::{Answer, Row, Value};

/// Newest entries that are read.
const ENTRIES: i32 = 60;

/// What was installed, newest first.
pub(crate) fn history() -> Answer<Vec<Row>> {
    patience::ask(|| within(entries))
}

/// When it last asked what there is.
pub(crate) fn results() -> Answer<Vec<Row>> {
    patience::ask(|| within(searched))
}

fn within(work: fn() -> Result<Vec<Row>>) -> Answer<Vec<Row>> {
    let com = Com::start()?;
    let rows = work();
    drop(com);
    rows.map_err(|error| failed(&error))
}

fn entries() -> Result<Vec<Row>> {
    // SAFETY: COM runs on this thread until all interfaces of this function are released.
    unsafe {
        let searcher: IUpdateSearcher =
            CoCreateInstance(&UpdateSearcher, None, CLSCTX_INPROC_SERVER)?;
        let number = searcher.GetTotalHistoryCount()?.min(ENTRIES);
        if number == 0 {
            return Ok(Vec::new());
        }
        let history = searcher.QueryHistory(0, number)?;
        let mut rows = Vec::new();
        for at in 0..history.Count()?.min(ENTRIES) {
            let entry = history.get_Item(at)?;
            let mut row = Row::of([("Title", entry.Title()?.to_string().as_str())])
                .with("Operation", entry.Operation()?.0.cast_unsigned())
                .with("Result", entry.ResultCode()?.0.cast_unsigned());
            if let Some(at) = unix(entry.Date()?) {
                row = row.with("At", Value::Number(at.into()));
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

fn searched() -> Result<Vec<Row>> {
    // SAFETY: as in `entries`; the date is read only where the variant says that it holds one.
    let date = unsafe {
        let updates: IAutomaticUpdates2 =
            CoCreateInstance(&AutomaticUpdates, None, CLSCTX_INPROC_SERVER)?;
        let variant = updates.Results()?.LastSearchSuccessDate()?;
        let inner = &variant.Anonymous.Anonymous;
        (inner.vt == VT_DATE).then(|| inner.Anonymous.date)
    };
    let row = Row::default();
    Ok(vec![match date.and_then(unix) {
        Some(at) => row.with("SearchedAt", Value::Number(at.into())),
        None => row,
    }])
}

/// Seconds since 1970 of a number of days since the end of 1899.
fn unix(days: f64) -> Option<i64> {
    const DAYS_TO_1970: f64 = 25_569.0;
    let seconds = (days - DAYS_TO_1970) * 86_400.0;
    // Before 1990 and after 2100 it is a placeholder.
    (631_152_000.0..4_102_444_800.0)
        .contains(&seconds)
        .then(|| seconds.round() as i64)
}
