//! What a statement may do: read the tables that are there, with functions that only compute.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{
    Connection,
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
};

use crate::question::{
    limits,
    schema::{VIEWS, tables},
};

/// Tables of SQLite itself that only take lists in JSON apart.
const HARMLESS_TABLES: [&str; 2] = ["json_each", "json_tree"];

/// Functions that only compute. What is not here, such as those that load code, is refused.
const FUNCTIONS: &[&str] = &[
    "->",
    "->>",
    "abs",
    "avg",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "dense_rank",
    "first_value",
    "format",
    "glob",
    "group_concat",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_pretty",
    "json_quote",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "lower",
    "ltrim",
    "max",
    "median",
    "min",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "percentile",
    "percentile_cont",
    "percentile_disc",
    "printf",
    "quote",
    "random",
    "randomblob",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "soundex",
    "sqlite_version",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "subtype",
    "sum",
    "time",
    "timediff",
    "total",
    "trim",
    "typeof",
    "unhex",
    "unicode",
    "unistr",
    "unistr_quote",
    "unixepoch",
    "unlikely",
    "upper",
    "zeroblob",
];

/// What a statement touched, and what of it was refused. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    tables: BTreeSet<String>,
    refusal: Option<String>,
}

impl Touched {
    /// Names of the tables that are read.
    pub(super) fn tables(&self) -> BTreeSet<String> {
        self.notes(|notes| notes.tables.clone())
    }

    /// What was refused first.
    pub(super) fn refusal(&self) -> Option<String> {
        self.notes(|notes| notes.refusal.take())
    }

    fn notes<T>(&self, look: impl FnOnce(&mut Notes) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, sentence: String) -> Authorization {
        self.notes(|notes| notes.refusal.get_or_insert(sentence).len());
        Authorization::Deny
    }

    fn judge(&self, context: &AuthContext<'_>) -> Authorization {
        match context.action {
            AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
            AuthAction::Function { function_name } => {
                if FUNCTIONS.binary_search(&function_name).is_ok() {
                    return Authorization::Allow;
                }
                self.refuse(format!(
                    "the function {} is not available here",
                    short(function_name)
                ))
            }
            AuthAction::Read {
                table_name,
                column_name,
            } => {
                if tables().iter().any(|table| table.name == table_name) {
                    self.notes(|notes| notes.tables.insert(table_name.to_owned()));
                    return Authorization::Allow;
                }
                let is_view = VIEWS.iter().any(|view| view.name == table_name);
                // Of what a WITH clause names SQLite asks too, where none of its columns is read.
                let is_named = column_name.is_empty() && !is_internal(table_name);
                if is_view || is_named || HARMLESS_TABLES.contains(&table_name) {
                    return Authorization::Allow;
                }
                self.refuse(format!(
                    "the table {} cannot be read here: the page Questions and `freehold query --tables` list those \
                     that can",
                    short(table_name)
                ))
            }
            _ => self.refuse(
                "only questions can be asked here, with SELECT: nothing can be changed, attached or set".to_owned(),
            ),
        }
    }
}

/// A connection to nothing but memory, with everything shut that no question needs. What is joined to it afterwards may
/// be read once [`guard`] was called.
pub(super) fn connection() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(&format!(
        "PRAGMA temp_store = MEMORY; PRAGMA hard_heap_limit = {}; PRAGMA cell_size_check = ON;",
        limits::SQLITE
    ))?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
    ] {
        connection.set_db_config(config, on)?;
    }
    Ok(connection)
}

/// From here on statements only read; what they touch is noted.
pub(super) fn guard(connection: &mut Connection) -> rusqlite::Result<Touched> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, limits::VALUE),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, limits::STATEMENT_LIMIT),
        (Limit::SQLITE_LIMIT_COLUMN, limits::COLUMNS),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, limits::DEPTH),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, limits::COMPOUND),
        (Limit::SQLITE_LIMIT_VDBE_OP, limits::INSTRUCTIONS),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, limits::ARGUMENTS),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, limits::PATTERN),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    let touched = Touched::default();
    let noting = touched.clone();
    connection.authorizer(Some(move |context: AuthContext<'_>| noting.judge(&context)))?;
    Ok(touched)
}

/// Whether a table is SQLite's own.
fn is_internal(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sqlite_") || name.starts_with("pragma_") || name == "dbstat"
}

fn short(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_are_in_the_order_in_which_they_are_looked_up() {
        assert!(FUNCTIONS.is_sorted());
        for dangerous in [
            "load_extension",
            "fts3_tokenizer",
            "readfile",
            "writefile",
            "edit",
        ] {
            assert!(!FUNCTIONS.contains(&dangerous));
        }
    }

    #[test]
    fn nothing_but_questions_is_possible() {
        let mut connection = connection().unwrap();
        let touched = guard(&mut connection).unwrap();
        for statement in [
            "ATTACH 'x' AS y",
            "ATTACH ':memory:' AS y",
            "DETACH main",
            "PRAGMA writable_schema = ON",
            "PRAGMA table_info('x')",
            "SELECT * FROM pragma_table_info('sqlite_master')",
            "SELECT * FROM pragma_compile_options",
            "CREATE TABLE x (y)",
            "CREATE TEMP TABLE x (y)",
            "CREATE VIRTUAL TABLE x USING fts5(y)",
            "CREATE VIEW x AS SELECT 1",
            "DELETE FROM sqlite_master",
            "UPDATE sqlite_master SET sql = ''",
            "INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
            "SELECT * FROM sqlite_master",
            "SELECT * FROM sqlite_temp_master",
            "SELECT * FROM dbstat",
            "SELECT load_extension('x')",
            "SELECT fts3_tokenizer('simple')",
            "BEGIN",
            "SAVEPOINT x",
            "ANALYZE",
            "SELECT count(*) FROM sqlite_master",
            "SELECT count(*) FROM SQLITE_SCHEMA",
            "SELECT count(*) FROM pragma_database_list",
            "SELECT 1 FROM dbstat",
            "DROP TABLE sqlite_master",
            "ALTER TABLE sqlite_master RENAME TO x",
        ] {
            let refused = connection.prepare(statement).is_err();
            let sentence = touched.refusal();
            assert!(refused, "{statement}");
            // Some of it SQLite refuses before it asks.
            assert!(sentence.is_none_or(|it| it.len() > 20), "{statement}");
        }
        // What is not refused here answers nothing, and is refused for that.
        for statement in ["VACUUM", "VACUUM INTO 'x'", "REINDEX"] {
            let it = connection.prepare(statement);
            assert!(it.is_ok_and(|it| it.column_count() == 0), "{statement}");
        }
        assert!(connection.prepare("SELECT 1 + 1, upper('x')").is_ok());
        assert!(connection.prepare("SELECT * FROM json_each('[1]')").is_ok());
        let recursive =
            "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
        assert!(connection.prepare(recursive).is_ok());
    }
}
