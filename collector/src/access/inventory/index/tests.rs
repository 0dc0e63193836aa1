//! What the index takes, and how quickly it answers, at the size it is made for.

use std::time::{Duration, Instant};

use super::*;
use crate::access::inventory::compared;

/// How long it may take to tell which computers have a program.
const LIMIT: Duration = Duration::from_millis(5);

fn id(number: u32) -> MachineId {
    let mut bytes = [7; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    MachineId::from_bytes(bytes)
}

#[test]
#[ignore = "a measurement: cargo test --release -p freehold-collector --lib index -- --ignored --nocapture"]
fn ten_thousand_machines_with_a_thousand_programs_each() {
    const MACHINES: u32 = 10_000;
    let index = Index::new(&Events::default());
    let mut kept = index.kept();
    for number in 0..MACHINES {
        let place = kept.place(id(number));
        for program in 0..1000 {
            let name = (program + number * 7) % 1400;
            let version = format!("1.{}", (number + name) % 3);
            kept.note_program(place, &format!("program-{name}"), &version);
        }
        let traits = [
            (Trait::Serial, format!("SERIAL{number:08}")),
            (Trait::HardwareAddress, format!("00:1a:2b:3c:{number:04x}")),
            (
                Trait::Address,
                format!("10.0.{}.{}/24", number / 250, number % 250),
            ),
            (Trait::Person, format!("person-{number}")),
        ];
        kept.machines[place as usize].traits = Traits::default().with(Kind::Hardware, &traits);
    }
    let sets = kept.programs.values().flat_map(HashMap::values);
    let bytes: usize = sets
        .map(|set| match set {
            Places::Few(few) => few.capacity() * 4,
            Places::Many(bits) => bits.capacity() * 8,
        })
        .sum();
    let traits: usize = kept.machines.iter().map(|it| it.traits.bytes()).sum();
    let machines = kept.machines.capacity() * size_of::<Machine>();
    let (mask, _) = kept.mask((0..MACHINES).map(id), None);
    let began = Instant::now();
    let all = kept.titles(&mask, |_| true);
    let listed = began.elapsed();
    let began = Instant::now();
    let wanted = "serial00009999";
    let found = (0..MACHINES)
        .flat_map(|number| kept.traits(id(number)))
        .filter(|(_, text)| crate::access::holds(text, wanted))
        .count();
    let searched = began.elapsed();
    let began = Instant::now();
    let installed = kept.installed(&mask, "program-17");
    let placed = began.elapsed();
    println!(
        "{} programs in sets of {bytes} bytes, {traits} bytes of numbers and people, {machines} bytes of machines; \
         all listed in {listed:?}, one number found in {searched:?}, {} computers that have a program in {placed:?}",
        all.len(),
        installed.len()
    );
    assert_eq!((all.len(), found), (1400, 1));
    assert!(installed.len() > 6000, "{}", installed.len());
    // Without optimisation only that it works can be seen.
    if !cfg!(debug_assertions) {
        assert!(
            placed <= LIMIT,
            "which computers have a program: {placed:?}"
        );
    }
}

#[test]
fn a_machine_that_is_forgotten_leaves_no_program_and_its_place_is_used_again() {
    let index = Index::new(&Events::default());
    {
        let mut kept = index.kept();
        for (number, name) in [(1, "shared"), (2, "shared"), (2, "own")] {
            let place = kept.place(id(number));
            kept.note_program(place, name, "1");
        }
    }
    index.keep_only(&[id(1)]);
    let mut kept = index.kept();
    let (mask, _) = kept.mask([id(1), id(2)].into_iter(), None);
    let titles = kept.titles(&mask, |_| true);
    assert_eq!(titles.len(), 1);
    assert_eq!((&*titles[0].name, titles[0].machines), ("shared", 1));
    assert_eq!(kept.place(id(3)), 1);
    assert_eq!(kept.count, 1);
}

#[test]
fn what_one_machine_alone_has_is_not_told_before_all_machines_are_known() {
    let index = Index::new(&Events::default());
    for number in 1..=4 {
        let mut kept = index.kept();
        let place = kept.place(id(number));
        kept.note_program(place, "shared", "1");
        kept.machines[place as usize].digests[0] = 1;
        if number == 2 {
            kept.note_program(place, "own", "1");
        }
    }
    let known: Vec<MachineId> = (1..=4).map(id).collect();
    let alone = compared::found(&index, &known).unwrap();
    assert_eq!(
        alone.iter().map(|name| &**name).collect::<Vec<_>>(),
        ["own"]
    );
    // The fifth may have it, too.
    let all: Vec<MachineId> = (1..=5).map(id).collect();
    assert_eq!(compared::found(&index, &all), None);
}
