//! Database servers: SQL Server by its registered instances, the others by their services. To add one, add an
//! entry to the catalogue.

use freehold_proto::v1::{
    services::{Database, ListeningSocket},
    toggle::State,
};

use crate::{
    probe::{
        section::Diagnostics,
        windows::{base, matches_any, services::Service, state, unread},
    },
    rows::{Row, Unread},
};

use super::Scene;

/// SQL Server's own places, for programs of 64 and of 32 bits.
const SQL_SERVER: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Microsoft SQL Server",
];
const SQL_PRODUCT: &str = "Microsoft SQL Server";
/// The instance without a name.
const DEFAULT: &str = "MSSQLSERVER";

/// A product.
struct Entry {
    product: &'static str,
    /// Its services; one that ends in "*" stands for a beginning.
    services: &'static [&'static str],
    /// Names of its programs, without ".exe".
    programs: &'static [&'static str],
    /// Keys in which each installation has a key with its version and folder; and the names of those values.
    installations: &'static [(&'static str, &'static str, &'static str)],
}

const fn entry(
    product: &'static str,
    services: &'static [&'static str],
    programs: &'static [&'static str],
) -> Entry {
    Entry {
        product,
        services,
        programs,
        installations: &[],
    }
}

/// Written from the makers' documentation.
const CATALOGUE: &[Entry] = &[
    entry(
        "Actian Zen / Pervasive PSQL",
        &["psqlWGE", "psqlsrv*", "Pervasive.SQL*", "Actian Zen*"],
        &["w3dbsmgr", "ntdbsmgr", "zenengnsvc*"],
    ),
    entry(
        "Elasticsearch",
        &["elasticsearch-service-*"],
        &["elasticsearch-service-*"],
    ),
    entry(
        "FileMaker Server",
        &["FileMaker Server*"],
        &["fmserverd", "fmslogtrimmer"],
    ),
    entry(
        "Firebird",
        &["FirebirdServer*"],
        &["firebird", "fbserver", "fb_inet_server"],
    ),
    entry("IBM Db2", &["DB2-*", "DB2COPY*"], &["db2syscs"]),
    entry("InterBase", &["IBS_*"], &["ibserver"]),
    Entry {
        installations: &[(r"HKLM\SOFTWARE\MariaDB", "VERSION", "DATADIR")],
        ..entry("MariaDB", &["MariaDB*"], &["mariadbd"])
    },
    entry("MongoDB", &["MongoDB*"], &["mongod"]),
    Entry {
        installations: &[
            (r"HKLM\SOFTWARE\MySQL AB", "Version", "DataLocation"),
            (
                r"HKLM\SOFTWARE\WOW6432Node\MySQL AB",
                "Version",
                "DataLocation",
            ),
        ],
        ..entry("MySQL", &["MySQL*"], &["mysqld", "mysqld-nt"])
    },
    entry("Oracle Database", &["OracleService*"], &["oracle"]),
    Entry {
        installations: &[(
            r"HKLM\SOFTWARE\PostgreSQL\Installations",
            "Version",
            "Data Directory",
        )],
        ..entry("PostgreSQL", &["postgresql*"], &["postgres", "pg_ctl"])
    },
    entry(
        "Redis",
        &["Redis*", "Memurai*"],
        &["redis-server", "memurai"],
    ),
    entry("SAP SQL Anywhere", &["SQLANYs_*"], &["dbsrv*", "dbeng*"]),
];

/// The databases, ordered by product, instance, folder.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<Database> {
    let mut databases = sql_server(scene, diagnostics);
    for entry in CATALOGUE {
        let services = scene.services.named(entry.services);
        databases.extend(services.filter_map(|service| by_service(scene, entry, service)));
    }
    for database in &mut databases {
        let texts = [
            &mut database.instance,
            &mut database.version,
            &mut database.data_path,
            &mut database.source,
        ];
        for text in texts {
            *text = diagnostics.fit(&database.product, "", std::mem::take(text));
        }
    }
    let key = |it: &Database| {
        (
            it.product.clone(),
            it.instance.clone(),
            it.data_path.clone(),
        )
    };
    databases.sort_by_key(key);
    databases
}

/// Whether a database listens on a socket.
pub(super) fn serves(product: &str, socket: &ListeningSocket) -> bool {
    let program = base(&socket.program).to_lowercase();
    let program = program.strip_suffix(".exe").unwrap_or(&program);
    if product == SQL_PRODUCT {
        return program == "sqlservr";
    }
    let own = |entry: &&Entry| entry.product == product;
    let entry = CATALOGUE.iter().find(own);
    entry.is_some_and(|entry| matches_any(program, entry.programs))
}

/// The instances that SQL Server registers, whether or not they run.
fn sql_server(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<Database> {
    let mut databases = Vec::new();
    for place in SQL_SERVER {
        let names = match scene.machine.key(&format!(r"{place}\Instance Names\SQL")) {
            Ok(names) => names,
            Err(Unread::Absent) => continue,
            Err(why) => {
                unread(place, &why, "instances of SQL Server are", diagnostics);
                continue;
            }
        };
        for (instance, _) in names.values() {
            let id = names.text(instance);
            databases.push(sql_instance(scene, place, instance, id));
        }
    }
    databases
}

fn sql_instance(scene: &Scene<'_>, place: &str, instance: &str, id: &str) -> Database {
    let path = |key: &str| format!(r"{place}\{id}\{key}");
    let key = |name: &str| scene.machine.key(&path(name)).unwrap_or_default();
    let (setup, server) = (key("Setup"), key("MSSQLServer"));
    let version = [setup.text("PatchLevel"), setup.text("Version")];
    let folder = [server.text("DefaultData"), setup.text("SQLDataRoot")];
    let service = if instance.eq_ignore_ascii_case(DEFAULT) {
        DEFAULT.to_owned()
    } else {
        format!("MSSQL${instance}")
    };
    let runs = scene.services.find(&service).map(|service| service.runs);
    Database {
        product: SQL_PRODUCT.into(),
        instance: instance.to_owned(),
        version: first(version),
        data_path: first(folder),
        // An instance without a service cannot run.
        running: state(Some(runs.unwrap_or_default())).into(),
        source: path("Setup"),
    }
}

fn first(texts: [&str; 2]) -> String {
    let found = texts.into_iter().find(|text| !text.is_empty());
    found.unwrap_or_default().to_owned()
}

fn by_service(scene: &Scene<'_>, entry: &Entry, service: &Service) -> Option<Database> {
    let setup = scene.setup(service);
    let program = base(&setup.program).to_lowercase();
    let program = program.strip_suffix(".exe").unwrap_or(&program);
    // Other services begin like the server's; one whose program is closed is taken at its name.
    if !program.is_empty() && !matches_any(program, entry.programs) {
        return None;
    }
    let (version, data_path) = installation(scene, entry, service).unwrap_or_default();
    Some(Database {
        product: entry.product.into(),
        instance: service.name.clone(),
        version,
        data_path,
        running: if service.runs { State::On } else { State::Off }.into(),
        source: format!("service {}", service.name),
    })
}

/// Version and folder of an installation, as the registry has them: of the one called like the service, else
/// of the only one.
fn installation(scene: &Scene<'_>, entry: &Entry, service: &Service) -> Option<(String, String)> {
    entry
        .installations
        .iter()
        .find_map(|(place, version, folder)| {
            let below = scene.machine.below(place, &[version, folder]).ok()?;
            let named = |row: &&Row| row.name.eq_ignore_ascii_case(&service.name);
            let row = below
                .rows
                .iter()
                .find(named)
                .or(match below.rows.as_slice() {
                    [only] => Some(only),
                    _ => None,
                })?;
            Some((row.text(version).to_owned(), row.text(folder).to_owned()))
        })
}
