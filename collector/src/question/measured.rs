//! How long questions take over many computers, from the store to the last row, by way of the process that answers them in
//! operation. Prints rows for README's table:
//! `cargo build --release -p freehold-collector && cargo test --release -p freehold-collector --lib measured -- --ignored
//! --nocapture`.

use std::time::{Duration, Instant};

use freehold_proto::v1::{
    Software, System,
    section::{Kind, Status},
    software::{Package, package::Source},
};
use prost::Message as _;
use prost_types::Timestamp;

use super::{Launcher, Piece, Question, Questions};
use crate::{
    access::{Inventory, Viewer},
    authority::Authority,
    clock::Clock,
    events::Events,
    finding::Board,
    history::Moment,
    id::{Digest, MachineId},
    ingest::Presence,
    machines::{Connections, Machines},
    store::{
        Options, Store, StoreError, Txn,
        record::{MachineRecord, MachineState, VersionRecord},
    },
};

/// Without optimisation only that it works can be seen.
const MACHINES: u32 = if cfg!(debug_assertions) { 500 } else { 10_000 };
const PACKAGES: u32 = 500;
/// Programs there are to choose from.
const CATALOGUE: u32 = 4000;

/// What is asked, and how long it may take.
const QUESTIONS: [(&str, &str, u64); 5] = [
    (
        "count by title",
        "SELECT name, count(*) FROM software_packages GROUP BY name ORDER BY count(*) DESC",
        4,
    ),
    (
        "which computers have a program",
        "SELECT computer, version FROM software_packages WHERE name = 'package-17' ORDER BY computer",
        4,
    ),
    (
        "text in names, by publisher in lower case",
        "SELECT lower(publisher), count(*), count(DISTINCT computer_id) FROM software_packages \
         WHERE name LIKE '%7%' GROUP BY lower(publisher) ORDER BY 2 DESC",
        10,
    ),
    (
        "joined with the system, sorted by what is computed",
        "SELECT s.operating_system_name, p.name, p.version FROM software_packages AS p \
         JOIN system AS s ON s.computer_id = p.computer_id ORDER BY length(p.version), p.installed_at LIMIT 100",
        10,
    ),
    (
        "every column of every row, the largest",
        "SELECT * FROM software_packages ORDER BY size_bytes DESC LIMIT 100",
        10,
    ),
];

fn software(machine: u32) -> Vec<u8> {
    let packages = (0..PACKAGES).map(|place| {
        let number = (place * 8 + machine % 8 + machine / 8 * 31) % CATALOGUE;
        Package {
            name: format!("package-{number}"),
            version: format!("{}.{}.{}", number % 9, machine % 5, number % 31),
            release: format!("{}", number % 4),
            architecture: "amd64".to_owned(),
            publisher: format!("Publisher {} <packages@publisher.example>", number % 200),
            installed_at: Some(Timestamp {
                seconds: 1_700_000_000 + i64::from(machine % 1000) * 3600,
                nanos: 0,
            }),
            size_bytes: Some(u64::from(number) * 1024),
            source: Source::Dpkg.into(),
            source_package: format!("source-{}", number % 900),
            ..Package::default()
        }
    });
    let software = Software {
        status: Status::Complete.into(),
        packages: packages.collect(),
        ..Software::default()
    };
    software.encode_to_vec()
}

fn put(txn: &mut Txn, id: MachineId, kind: Kind, body: &[u8]) -> Result<(), StoreError> {
    let digest = Digest::of(body);
    let frame = zstd::bulk::compress(body, 3).unwrap();
    txn.put_body(&digest, frame, body.len() as u64)?;
    let version = VersionRecord {
        kind: kind as u32,
        digest: digest.as_bytes().to_vec(),
        collected_at: 1_700_000_000_000,
        received_at: 1_700_000_000_000,
        sequence: 1,
        size: body.len() as u64,
        status: Status::Complete as u32,
        ..VersionRecord::default()
    };
    txn.put_version(id, &version)
}

async fn filled(store: &Store) {
    for batch in 0..MACHINES / 100 {
        let written = store.write(move |txn| {
            for number in batch * 100..(batch + 1) * 100 {
                let id = MachineId::random();
                txn.put_machine(
                    id,
                    &MachineRecord {
                        id: id.as_bytes().to_vec(),
                        host_name: format!("pc-{number:05}"),
                        state: MachineState::Active.into(),
                        ..MachineRecord::default()
                    },
                );
                let system = System {
                    status: Status::Complete.into(),
                    host_name: format!("pc-{number:05}"),
                    ..System::default()
                };
                put(txn, id, Kind::System, &system.encode_to_vec())?;
                put(txn, id, Kind::Software, &software(number))?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
    }
}

async fn asked(questions: &Questions, sql: &str) -> (Duration, Duration, u64) {
    let began = Instant::now();
    let viewer = Viewer::console();
    let question = Question {
        sql: sql.to_owned(),
        moment: Moment::Now,
        rows: super::ROWS,
    };
    let understood = questions.understand(&viewer, question).await.unwrap();
    let mut pieces = understood.answer(viewer, || true);
    let (mut read, mut rows) = (None, 0);
    while let Some(piece) = pieces.recv().await {
        match piece.unwrap() {
            Piece::Progress(far) if far.read == far.computers && far.computers > 0 => {
                read.get_or_insert(began.elapsed());
            }
            Piece::End(end) => rows = end.rows,
            _ => {}
        }
    }
    (began.elapsed(), read.unwrap_or_default(), rows)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, for an optimised build"]
async fn measured_questions_over_many_computers() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    let authority = Authority::init(&dir.path().join("authority"), "Example", &clock).unwrap();
    let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
    filled(&store).await;
    let events = Events::default();
    let machines = Machines::load(
        store.clone(),
        authority.revocations(),
        Connections::default(),
        authority.log(),
        events.clone(),
    );
    let presence = Presence::load(store.clone()).unwrap();
    let board = Board::load(store.clone(), authority.log(), clock, &events).unwrap();
    let inventory = Inventory::new(store.clone(), machines.unwrap(), presence, board, &events);
    let program = super::process::beside().unwrap();
    assert!(program.exists(), "build {} first", program.display());
    let questions = Questions::new(inventory, store, Launcher::Beside);
    println!(
        "| question over {} rows | everything read after | answered after | rows |",
        MACHINES * PACKAGES
    );
    println!("|---|---|---|---|");
    let mut late = Vec::new();
    for (title, sql, seconds) in QUESTIONS {
        let (took, read, rows) = asked(&questions, sql).await;
        println!(
            "| {title} | {:.1} s | {:.1} s | {rows} |",
            read.as_secs_f64(),
            took.as_secs_f64()
        );
        if took > Duration::from_secs(seconds) {
            late.push(title);
        }
    }
    assert!(late.is_empty(), "later than promised: {late:?}");
}
