//! WMI: rows of a class, each question within a limit of time.
//!
//! Providers are programs of others and can stall for good. Each question is asked on a thread of its own,
//! which is left behind when the answer does not come; where several are stuck, no more are asked.

use std::{
    collections::HashMap,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use windows::Win32::System::Com::{
    COINIT_MULTITHREADED, CoInitializeEx, CoInitializeSecurity, CoUninitialize, EOAC_NONE,
    RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_IMP_LEVEL_IMPERSONATE,
};
use wmi::{AuthLevel, IWbemClassWrapper, Variant, WMIConnection, WMIError};

use crate::rows::{Answer, Query, ROWS, Row, Unread, VALUE_BYTES, Value};

/// Time for one answer, the connection to its namespace included.
const TIME: Duration = Duration::from_secs(15);

/// Most threads that may be stuck at once.
const STUCK: usize = 4;

/// Threads that have not ended yet although nobody waits for them any more.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);

/// "The query is syntactically not valid": also of one that names a property the class lacks.
const INVALID_QUERY: u32 = 0x8004_1017;

/// The rows of a class.
pub(crate) fn query(query: &Query) -> Answer<Vec<Row>> {
    let answer = all(&[*query]).pop();
    answer.unwrap_or(Err(Unread::Late { seconds: 0 }))
}

/// The rows of several classes, in the order of the questions. One that is not answered in time does not keep
/// the others waiting.
pub(crate) fn all(queries: &[Query]) -> Vec<Answer<Vec<Row>>> {
    let mut answers = Vec::with_capacity(queries.len());
    while answers.len() < queries.len() {
        let rest = queries[answers.len()..].to_vec();
        if LEFT_BEHIND.load(Ordering::Acquire) >= STUCK {
            answers.extend(rest.iter().map(|_| Err(late())));
            break;
        }
        let expected = queries.len();
        answers = ask(rest, answers, expected);
    }
    answers
}

/// Asks on a thread of its own until all is answered or one answer does not come.
fn ask(
    queries: Vec<Query>,
    mut answers: Vec<Answer<Vec<Row>>>,
    expected: usize,
) -> Vec<Answer<Vec<Row>>> {
    let (sender, receiver) = mpsc::channel();
    // Whoever comes second, the thread that ends or the one that stops waiting, knows that the other was there.
    let over = Arc::new(AtomicBool::new(false));
    let ending = Arc::clone(&over);
    let thread = thread::Builder::new().name("wmi".into()).spawn(move || {
        answer(&queries, &sender);
        if ending.swap(true, Ordering::AcqRel) {
            LEFT_BEHIND.fetch_sub(1, Ordering::AcqRel);
        }
    });
    if thread.is_err() {
        let what = "no thread could be started for the question".into();
        answers.push(Err(Unread::Senseless { what }));
        return answers;
    }
    while answers.len() < expected {
        match receiver.recv_timeout(TIME) {
            Ok(answer) => answers.push(answer),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                LEFT_BEHIND.fetch_add(1, Ordering::AcqRel);
                if over.swap(true, Ordering::AcqRel) {
                    LEFT_BEHIND.fetch_sub(1, Ordering::AcqRel);
                }
                answers.push(Err(late()));
                return answers;
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let what = "the question failed; this is a fault of the agent".into();
                answers.push(Err(Unread::Senseless { what }));
                return answers;
            }
        }
    }
    answers
}

fn late() -> Unread {
    Unread::Late {
        seconds: TIME.as_secs(),
    }
}

/// Answers each question; ends when nobody listens any more.
fn answer(queries: &[Query], sender: &mpsc::Sender<Answer<Vec<Row>>>) {
    let com = match Com::start() {
        Ok(com) => com,
        Err(unread) => {
            for _ in queries {
                let _ = sender.send(Err(unread.clone()));
            }
            return;
        }
    };
    let mut connections: HashMap<&str, Answer<WMIConnection>> = HashMap::new();
    for query in queries {
        let connection = connections
            .entry(query.namespace)
            .or_insert_with(|| connect(query.namespace));
        let rows = match connection {
            Ok(connection) => rows(connection, query),
            Err(unread) => Err(unread.clone()),
        };
        if sender.send(rows).is_err() {
            break;
        }
    }
    drop(connections);
    drop(com);
}

fn connect(namespace: &str) -> Answer<WMIConnection> {
    let connection = WMIConnection::with_namespace_path(namespace).map_err(unread)?;
    // Providers of secrets answer only where nobody can listen in.
    if namespace.to_ascii_lowercase().contains(r"\security\") {
        connection
            .set_proxy_blanket(AuthLevel::PktPrivacy)
            .map_err(unread)?;
    }
    Ok(connection)
}

fn rows(connection: &WMIConnection, query: &Query) -> Answer<Vec<Row>> {
    let condition = match query.condition {
        "" => String::new(),
        condition => format!(" WHERE {condition}"),
    };
    let select = |properties: &str| {
        let text = format!("SELECT {properties} FROM {}{condition}", query.class);
        let mut rows = Vec::new();
        for instance in connection.exec_query(text).map_err(unread)? {
            rows.push(row(&instance.map_err(unread)?, query.properties));
            if rows.len() >= ROWS {
                let what = format!("more than {ROWS} rows");
                return Err(Unread::Senseless { what });
            }
        }
        Ok(rows)
    };
    match select(&query.properties.join(",")) {
        Err(Unread::Failed {
            code: INVALID_QUERY,
        }) => select("*"),
        answer => answer,
    }
}

/// The properties that the instance has; one that cannot be told is left out.
fn row(instance: &IWbemClassWrapper, properties: &[&str]) -> Row {
    let mut row = Row::default();
    for name in properties {
        let value = instance.get_property(name).ok().and_then(value);
        if let Some(value) = value {
            row.push(*name, value);
        }
    }
    row
}

/// `None` for nothing, for objects and for floating-point numbers, of which the inventory has none.
fn value(variant: Variant) -> Option<Value> {
    Some(match variant {
        Variant::String(text) if text.len() > VALUE_BYTES => Value::TooLong(text.len()),
        Variant::String(text) => Value::Text(text),
        Variant::I1(number) => Value::Number(number.into()),
        Variant::I2(number) => Value::Number(number.into()),
        Variant::I4(number) => Value::Number(number.into()),
        Variant::I8(number) => Value::Number(number.into()),
        Variant::UI1(number) => Value::Number(number.into()),
        Variant::UI2(number) => Value::Number(number.into()),
        Variant::UI4(number) => Value::Number(number.into()),
        Variant::UI8(number) => Value::Number(number.into()),
        Variant::Bool(flag) => Value::Flag(flag),
        Variant::Array(values) if values.len() > VALUE_BYTES => Value::TooLong(values.len()),
        Variant::Array(values) => Value::List(values.into_iter().filter_map(value).collect()),
        _ => return None,
    })
}

fn unread(error: WMIError) -> Unread {
    match error {
        WMIError::HResultError { hres } => Unread::from_code(hres.cast_unsigned()),
        error => Unread::Senseless {
            what: error.to_string(),
        },
    }
}

/// COM on this thread, until dropped.
pub(super) struct Com;

impl Com {
    pub(super) fn start() -> Answer<Self> {
        static SECURITY: Once = Once::new();
        // SAFETY: takes no pointer; each success is matched by one `CoUninitialize` on the same thread.
        let code = unsafe { CoInitializeEx(None, COINIT_MULTITHREADED) };
        if code.is_err() {
            return Err(Unread::from_code(code.0.cast_unsigned()));
        }
        SECURITY.call_once(|| {
            // SAFETY: all pointers are null, which asks for the defaults. Where the process has set its
            // security before, that stays.
            let _ = unsafe {
                CoInitializeSecurity(
                    None,
                    -1,
                    None,
                    None,
                    RPC_C_AUTHN_LEVEL_DEFAULT,
                    RPC_C_IMP_LEVEL_IMPERSONATE,
                    None,
                    EOAC_NONE,
                    None,
                )
            };
        });
        Ok(Self)
    }
}

impl Drop for Com {
    fn drop(&mut self) {
        // SAFETY: `start` initialised COM on this thread, and every interface was released before.
        unsafe { CoUninitialize() };
    }
}
