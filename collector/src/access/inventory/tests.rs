//! Promises of lists: cheap for whoever looks, and never older than what was acknowledged.

mod compared;
mod hidden;
mod searched;

use std::time::Duration;

use freehold_proto::v1::{Antivirus, section::Status};
use prost::Message as _;

use super::*;
use crate::{
    access::{Fact, Protection, Reach, Rule},
    audit::Actor,
    authority::Authority,
    clock::Clock,
    events::Event,
    history::Moment,
    machines::Connections,
    store::Options,
};

/// A store with machines, and the gate to it.
struct World {
    dir: tempfile::TempDir,
    store: Store,
    machines: Machines,
    events: Events,
    inventory: Inventory,
    owner: Viewer,
}

impl World {
    /// Machines called pc-0000 and so on, without any antivirus.
    async fn with(count: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority = Authority::init(&dir.path().join("authority"), "Example", &clock).unwrap();
        let store = Store::create(&dir.path().join("store"), &Options::default()).unwrap();
        let none = antivirus(None);
        let filled = store.write(move |txn| {
            for number in 0..count {
                let record = MachineRecord {
                    id: id(number).as_bytes().to_vec(),
                    host_name: format!("PC-{number:04}"),
                    labels: vec![if number == 0 { "first" } else { "other" }.to_owned()],
                    proposed_labels: vec!["first".to_owned()],
                    state: MachineState::Active.into(),
                    ..MachineRecord::default()
                };
                txn.put_machine(id(number), &record);
                put(txn, id(number), 1, &none)?;
            }
            Ok::<_, StoreError>(())
        });
        filled.await.unwrap();
        let events = Events::default();
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            Connections::default(),
            authority.log(),
            events.clone(),
        )
        .unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        Self {
            inventory: Inventory::new(
                store.clone(),
                machines.clone(),
                presence,
                Board::load(store.clone(), authority.log(), clock, &events).unwrap(),
                &events,
            ),
            dir,
            store,
            machines,
            events,
            owner: Viewer::console(),
        }
    }

    /// After everything was read.
    fn lines(&self) -> Vec<MachineLine> {
        self.inventory.machines_when_read(&self.owner).unwrap()
    }

    /// As a page gets them.
    fn lines_at_once(&self) -> Vec<MachineLine> {
        self.inventory.machines(&self.owner, Moment::Now).unwrap()
    }

    /// A machine reports that it has an antivirus now.
    async fn install(&self, number: usize, product: &str) {
        let body = antivirus(Some(product));
        let stored = self.store.write(move |txn| put(txn, id(number), 2, &body));
        stored.await.unwrap();
        self.events.announce(Event::Report(id(number)));
    }
}

fn id(number: usize) -> MachineId {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    MachineId::from_bytes(bytes)
}

fn antivirus(product: Option<&str>) -> Vec<u8> {
    let product = product.map(|name| freehold_proto::v1::antivirus::Product {
        name: name.to_owned(),
        ..Default::default()
    });
    let section = Antivirus {
        status: Status::Complete.into(),
        products: product.into_iter().collect(),
        ..Antivirus::default()
    };
    section.encode_to_vec()
}

fn put(
    txn: &mut crate::store::Txn,
    id: MachineId,
    sequence: u64,
    body: &[u8],
) -> Result<(), StoreError> {
    let digest = Digest::of(body);
    let frame = zstd::bulk::compress(body, 1).unwrap_or_default();
    txn.put_body(&digest, frame, body.len() as u64)?;
    let version = VersionRecord {
        kind: Kind::Antivirus as u32,
        digest: digest.as_bytes().to_vec(),
        sequence,
        size: body.len() as u64,
        ..VersionRecord::default()
    };
    txn.put_version(id, &version)
}

fn product(line: &MachineLine) -> Option<&str> {
    match line.headline.protection.known() {
        Some(Protection::Weak { product, .. }) => Some(product),
        _ => None,
    }
}

/// How many lines two lists share in memory: machines, and headlines.
fn shared(one: &[MachineLine], other: &[MachineLine]) -> (usize, usize) {
    let pairs = || one.iter().zip(other);
    (
        pairs()
            .filter(|(a, b)| Arc::ptr_eq(&a.machine, &b.machine))
            .count(),
        pairs()
            .filter(|(a, b)| Arc::ptr_eq(&a.headline, &b.headline))
            .count(),
    )
}

#[tokio::test]
async fn a_list_of_thousands_copies_none_of_them() {
    const COUNT: usize = 3000;
    let world = World::with(COUNT).await;
    let first = world.lines();
    assert!(first.is_sorted_by_key(|line| line.machine.host_name.clone()));
    assert_eq!(shared(&first, &world.lines()), (COUNT, COUNT));

    world
        .machines
        .rename(id(COUNT - 1), "a front desk", &Actor::console())
        .await
        .unwrap();
    let renamed = world.lines();
    assert_eq!(renamed[0].machine.given_name, "a front desk");
    assert_eq!(
        shared(&first[..COUNT - 1], &renamed[1..]),
        (COUNT - 1, COUNT - 1)
    );
}

#[tokio::test]
async fn a_scope_hides_from_its_viewer_and_from_nobody_else() {
    let world = World::with(3).await;
    let scope = |kind: Kind| {
        Viewer::console().within(Scope::Rules(vec![Rule {
            reach: Reach::Labelled(["first".to_owned()].into()),
            sections: [kind as i32].into(),
        }]))
    };
    let blind = world
        .inventory
        .machines(&scope(Kind::Network), Moment::Now)
        .unwrap();
    assert_eq!(blind.len(), 1, "what is only proposed shares nothing");
    assert!(blind[0].machine.proposed_labels.is_empty());
    assert_eq!(blind[0].headline.protection, Fact::Hidden);
    let sees = world
        .inventory
        .machines(&scope(Kind::Antivirus), Moment::Now)
        .unwrap();
    assert_eq!(sees[0].headline.protection, Fact::Known(Protection::Absent));
    assert_eq!(sees[0].headline.administrators, Fact::Hidden);
    assert!(!world.inventory.knows(&scope(Kind::Antivirus), id(1)));
    let all = world.lines();
    assert_eq!(all[0].headline.protection, Fact::Known(Protection::Absent));
    assert_eq!(all[2].machine.proposed_labels, ["first"]);
}

#[tokio::test]
async fn what_was_read_ahead_is_shown_without_reading() {
    let world = World::with(50).await;
    assert_eq!(world.inventory.read_ahead(30).unwrap(), 30);
    assert_eq!(world.inventory.read_ahead(30).unwrap(), 20);
    assert_eq!(world.inventory.read_ahead(30).unwrap(), 0);
    world.install(7, "ClamAV").await;
    assert_eq!(world.inventory.read_ahead(30).unwrap(), 1);
    assert_eq!(world.inventory.look_again(30, Duration::MAX).unwrap(), 30);
    assert_eq!(world.inventory.look_again(30, Duration::MAX).unwrap(), 20);
    assert_eq!(world.inventory.look_again(30, Duration::MAX).unwrap(), 0);
    world.store.clone().close().await;
    let lines = world.lines();
    assert_eq!(lines.len(), 50);
    assert_eq!(product(&lines[7]), Some("ClamAV"));
}

#[tokio::test]
async fn a_report_is_in_the_list_as_soon_as_it_is_announced() {
    let world = World::with(3).await;
    assert_eq!(product(&world.lines_at_once()[1]), None);
    for name in ["ClamAV", "Other"] {
        world.install(1, name).await;
        assert_eq!(product(&world.lines_at_once()[1]), Some(name));
    }
}

#[tokio::test]
async fn a_page_does_not_wait_for_thousands_to_be_read() {
    let world = World::with(300).await;
    let first = world.lines_at_once();
    assert_eq!(first.len(), 300);
    for line in &first {
        assert_eq!(line.headline.protection, Fact::NotRead);
        assert_eq!(line.progress, Progress::Never);
    }
    world.lines();
    for number in 0..300 {
        world.install(number, "ClamAV").await;
    }
    let before = world.lines_at_once();
    assert!(before.iter().all(|line| product(line).is_none()));
    let after = world.lines();
    assert!(after.iter().all(|line| product(line) == Some("ClamAV")));
    assert!(after.iter().all(|line| line.progress == Progress::Never));
    while world.inventory.look_again(50, Duration::ZERO).unwrap() > 0 {}
    let done = world.lines_at_once();
    assert!(done.iter().all(|line| line.progress == Progress::Done));
}

#[tokio::test]
async fn missed_events_cost_no_reading_and_hide_no_change() {
    let world = World::with(20).await;
    world.lines();
    world.install(7, "ClamAV").await;
    for number in 0..5000 {
        world.events.announce(Event::Machine(id(number % 3)));
    }
    // What would be read anew without need cannot be read any more.
    let pack = world.dir.path().join("store/packs/000001.pack");
    let spoiled = spoiled(std::fs::read(&pack).unwrap(), &Digest::of(&antivirus(None)));
    std::fs::write(&pack, spoiled).unwrap();
    let lines = world.lines();
    assert_eq!(product(&lines[7]), Some("ClamAV"));
    assert_eq!(
        lines[8].headline.protection,
        Fact::Known(Protection::Absent)
    );
}

/// A pack in which one body cannot be read.
fn spoiled(mut pack: Vec<u8>, digest: &Digest) -> Vec<u8> {
    let at = pack
        .windows(32)
        .position(|bytes| bytes == digest.as_bytes())
        .unwrap();
    pack[at] ^= 1;
    pack
}
