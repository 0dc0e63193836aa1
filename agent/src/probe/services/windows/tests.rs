//! Rows are written from Microsoft's documentation of the service manager, `MIB_TCPTABLE_OWNER_PID`,
//! `SHARE_INFO_502` and of SQL Server's places in the registry.

use freehold_proto::v1::section::Status;

use super::*;
use crate::{
    probe::windows::fake::Fake,
    rows::{Row, Unread, Value},
};

const OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
const SQL: &str = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server";

fn socket(protocol: &str, address: &str, port: u32, process: u32) -> Row {
    Row::of([("Protocol", protocol), ("Address", address)])
        .with("Port", port)
        .with("ProcessId", process)
}

fn share(name: &str, path: &str, kind: u32) -> Row {
    Row::of([("Name", name), ("Path", path)]).with("Type", kind)
}

fn task(name: &str, user: &str, enabled: bool) -> Row {
    let xml = format!(
        "<Task><Principals><Principal><UserId>{user}</UserId></Principal></Principals><Settings><Enabled>{enabled}</Enabled></Settings></Task>"
    );
    Row::of([("Name", name)]).with("Definition", Value::Bytes(xml.into_bytes()))
}

/// A small office's server: files, printers, SQL Server Express for the practice's program. Its services'
/// processes are 1000, 1001 and so on.
fn server() -> Fake {
    let instances = [("PRAXIS", "MSSQL15.PRAXIS")];
    Fake::new()
        .key(OPTIONS, [("ProductType", "ServerNT")])
        .service_of("MSSQL$PRAXIS", "SQL Server (PRAXIS)", (4, 2), r#""C:\Program Files\Microsoft SQL Server\MSSQL15.PRAXIS\MSSQL\Binn\sqlservr.exe" -sPRAXIS"#, r"NT Service\MSSQL$PRAXIS")
        .service_of("Spooler", "Druckwarteschlange", (4, 2), r"C:\Windows\System32\spoolsv.exe", "LocalSystem")
        .service_of("RpcEptMapper", "RPC-Endpunktzuordnung", (4, 2), r"C:\Windows\system32\svchost.exe -k RPCSS -p", r"NT-AUTORITÄT\NetworkService")
        .service_of("wuauserv", "Windows Update", (4, 3), r"C:\Windows\system32\svchost.exe -k netsvcs -p", "LocalSystem")
        .key(&format!(r"{SQL}\Instance Names\SQL"), instances)
        .key(&format!(r"{SQL}\MSSQL15.PRAXIS\Setup"), [("PatchLevel", "15.0.4365.2"), ("Edition", "Express Edition"), ("SQLDataRoot", r"D:\SQL")])
        .key(&format!(r"{SQL}\MSSQL15.PRAXIS\MSSQLServer"), [("DefaultData", r"D:\SQL\Daten")])
        .list(Source::Program(1000), Ok(vec![Row::of([("Program", r"C:\x\Binn\sqlservr.exe")])]))
        .list(Source::Program(1002), Ok(vec![Row::of([("Program", r"C:\Windows\System32\svchost.exe")])]))
        .list(Source::Processes, Ok(vec![Row::of([("Name", "lsass.exe")]).with("ProcessId", 700_u32)]))
        .list(Source::Sockets, Ok(vec![
            socket("tcp", "0.0.0.0", 445, 4),
            socket("tcp", "0.0.0.0", 1433, 1000),
            socket("tcp", "::", 1433, 1000),
            socket("tcp", "0.0.0.0", 135, 1002),
            socket("tcp", "0.0.0.0", 49_664, 700),
            socket("tcp", "0.0.0.0", 50_123, 1000),
            socket("tcp", "127.0.0.1", 50_124, 1000),
            socket("udp", "0.0.0.0", 55_555, 1002),
        ]))
        .list(Source::Shares, Ok(vec![
            share("Praxisdaten", r"D:\Praxisdaten", 0),
            share("C$", r"C:\", 0x8000_0000),
            share("IPC$", "", 0x8000_0003),
            share("Empfang", "HP LaserJet,LocalsplOnly", 1),
        ]))
        .list(Source::Tasks, Ok(vec![
            task("Sicherung täglich", "S-1-5-18", true),
            task("Aus", "S-1-5-18", false),
            task(r"Microsoft\Windows\X", r"PRAXIS\anna", true),
        ]))
}

#[test]
fn a_small_offices_server_is_told_in_plain_words() {
    let section = read(&server());
    assert_eq!(
        section.status(),
        Status::Complete,
        "{:?}",
        section.diagnostics
    );
    let roles: Vec<_> = section
        .roles
        .iter()
        .map(|it| it.description.as_str())
        .collect();
    assert_eq!(
        roles,
        [
            "database server (Microsoft SQL Server) on ports 1433 and 50123",
            "file server for 1 share",
            "print server for 1 printer",
        ]
    );
    let [database] = section.databases.as_slice() else {
        panic!("{:?}", section.databases);
    };
    assert_eq!(database.instance, "PRAXIS");
    assert_eq!(database.version, "15.0.4365.2");
    assert_eq!(database.data_path, r"D:\SQL\Daten");
    assert_eq!(database.running(), State::On);
    let [share] = section.file_shares.as_slice() else {
        panic!("{:?}", section.file_shares);
    };
    assert_eq!(
        (share.name.as_str(), share.path.as_str()),
        ("Praxisdaten", r"D:\Praxisdaten")
    );
    let tasks: Vec<_> = section
        .scheduled_tasks
        .iter()
        .map(|it| (it.name.as_str(), it.account.as_str()))
        .collect();
    assert_eq!(
        tasks,
        [
            (r"Microsoft\Windows\X", r"PRAXIS\anna"),
            ("Sicherung täglich", "SYSTEM")
        ]
    );
}

#[test]
fn sockets_name_their_programs_and_those_that_come_and_go_are_left_out() {
    let section = read(&server());
    let ports: Vec<_> = section.listening_sockets.iter().map(|it| it.port).collect();
    assert_eq!(ports, [135, 445, 1433, 1433, 50_123]);
    let sql = &section.listening_sockets[2];
    assert_eq!(sql.program, r"C:\x\Binn\sqlservr.exe");
    assert_eq!(sql.service, "MSSQL$PRAXIS");
    assert_eq!(sql.account, r"NT Service\MSSQL$PRAXIS");
    assert_eq!(section.listening_sockets[1].program, "System");
}

#[test]
fn services_stand_without_arguments_and_those_started_on_demand_say_nothing_of_running() {
    let section = read(&server());
    let named = |name: &str| section.services.iter().find(|it| it.name == name).unwrap();
    let sql = named("MSSQL$PRAXIS");
    assert_eq!(
        sql.program,
        r"C:\Program Files\Microsoft SQL Server\MSSQL15.PRAXIS\MSSQL\Binn\sqlservr.exe"
    );
    assert_eq!(
        (sql.running(), sql.start()),
        (State::On, StartKind::Automatic)
    );
    assert_eq!(named("wuauserv").running(), State::Unspecified);
    assert_eq!(
        named("RpcEptMapper").account,
        r"NT-AUTORITÄT\NetworkService"
    );
}

#[test]
fn services_of_one_session_are_left_out_because_their_names_change() {
    let mut rows = server().services_rows();
    rows.push(
        Row::of([("Name", "CDPUserSvc_5a3f1")])
            .with("State", 4_u32)
            .with("Type", 0xe0_u32),
    );
    let section = read(&server().list(Source::Services, Ok(rows)));
    assert!(
        section
            .services
            .iter()
            .all(|it| !it.name.starts_with("CDPUserSvc"))
    );
}

#[test]
fn each_source_that_is_closed_is_named_and_the_rest_is_told() {
    for source in [
        Source::Sockets,
        Source::Shares,
        Source::Tasks,
        Source::Services,
    ] {
        let section = read(&server().list(source.clone(), Err(Unread::Denied)));
        assert_eq!(section.status(), Status::Partial, "{source}");
        let named = section
            .diagnostics
            .iter()
            .any(|it| it.source == source.to_string());
        assert!(named, "{source}: {:?}", section.diagnostics);
    }
    let closed = server().list(Source::Service("Spooler".into()), Err(Unread::Denied));
    let section = read(&closed);
    assert_eq!(section.status(), Status::Partial);
    assert_eq!(section.diagnostics[0].position, "Spooler");
    assert_eq!(read(&Fake::new()).status(), Status::Unreadable);
}

#[test]
fn an_instance_that_is_registered_but_has_no_service_is_listed_as_down() {
    let machine = server().key(
        &format!(r"{SQL}\Instance Names\SQL"),
        [("ALT", "MSSQL12.ALT")],
    );
    let section = read(&machine);
    let old = section
        .databases
        .iter()
        .find(|it| it.instance == "ALT")
        .unwrap();
    assert_eq!((old.running(), old.version.as_str()), (State::Off, ""));
}

#[test]
fn other_databases_are_found_by_their_services_and_told_from_namesakes() {
    let installations = r"HKLM\SOFTWARE\PostgreSQL\Installations\postgresql-x64-16";
    let machine = server()
        .service_of(
            "postgresql-x64-16",
            "",
            (4, 2),
            r#""C:\Program Files\PostgreSQL\16\bin\pg_ctl.exe" runservice"#,
            "NT AUTHORITY\\NetworkService",
        )
        .service_of(
            "MySQLRouter",
            "",
            (4, 2),
            r"C:\MySQL\bin\mysqlrouter.exe",
            "LocalSystem",
        )
        .service_of(
            "MySQL80",
            "",
            (1, 3),
            r"C:\MySQL\bin\mysqld.exe --defaults-file=x MySQL80",
            "LocalSystem",
        )
        .key(
            installations,
            [("Version", "16.4"), ("Data Directory", r"C:\PG\data")],
        );
    let section = read(&machine);
    let found: Vec<_> = section
        .databases
        .iter()
        .map(|it| {
            (
                it.product.as_str(),
                it.instance.as_str(),
                it.data_path.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("Microsoft SQL Server", "PRAXIS", r"D:\SQL\Daten"),
            ("MySQL", "MySQL80", ""),
            ("PostgreSQL", "postgresql-x64-16", r"C:\PG\data"),
        ]
    );
}

#[test]
fn a_task_that_cannot_be_read_is_kept_by_its_name() {
    let rows = vec![
        Row::of([("Name", "Secret")]).with("Error", 5_u32),
        Row::of([("Name", "Broken")]).with("Definition", Value::Bytes(b"no task".to_vec())),
        task("Gone", "S-1-5-21-1-2-3-1009", true),
    ];
    let section = read(&server().list(Source::Tasks, Ok(rows)));
    let names: Vec<_> = section
        .scheduled_tasks
        .iter()
        .map(|it| (it.name.as_str(), it.account.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("Broken", ""),
            ("Gone", "S-1-5-21-1-2-3-1009"),
            ("Secret", "")
        ]
    );
    assert_eq!(section.diagnostics.len(), 2);
}
