use freehold_proto::v1::{Hardware, hardware::Raid, section::Status};

use super::*;
use crate::finding::{Told, tests::Case};

const SIZE: u64 = 100 * 1024 * 1024 * 1024;

fn case(free_percent: u64) -> Case {
    let mut case = Case::new();
    case.facts.hardware = Told::Section(Hardware {
        status: Status::Complete.into(),
        volumes: vec![Volume {
            mount: "/".into(),
            file_system: "ext4".into(),
            size_bytes: Some(SIZE),
            ..Volume::default()
        }],
        ..Hardware::default()
    });
    fill(&mut case, free_percent);
    case
}

fn fill(case: &mut Case, free_percent: u64) {
    case.readings.volumes = vec![VolumeFree {
        mount: "/".into(),
        free_bytes: SIZE / 100 * free_percent + 1024 * 1024,
    }];
}

fn hardware(case: &mut Case) -> &mut Hardware {
    match &mut case.facts.hardware {
        Told::Section(section) => section,
        _ => unreachable!(),
    }
}

#[test]
fn a_disk_about_its_threshold_does_not_flicker() {
    let mut case = case(8);
    case.step();
    assert!(!case.open().contains(&"disk-full"));
    for free in [6, 7, 8, 7, 11, 6, 9] {
        fill(&mut case, free);
        case.step();
        assert!(case.open().contains(&"disk-full"), "{free} %");
    }
    let record = case
        .past
        .findings
        .values()
        .find(|it| it.rule == "disk-full");
    assert!(record.unwrap().returns.is_empty());
    fill(&mut case, 13);
    case.step();
    assert!(!case.open().contains(&"disk-full"));
}

#[test]
fn a_disk_as_good_as_full_is_urgent_until_there_is_some_room() {
    let mut case = case(1);
    let severity = |case: &Case| case.says("disk-full").found[0].severity;
    assert_eq!(severity(&case), Some(FindingSeverity::ActNow));
    case.step();
    fill(&mut case, 3);
    assert_eq!(severity(&case), Some(FindingSeverity::ActNow));
    fill(&mut case, 5);
    assert_eq!(severity(&case), Some(FindingSeverity::Plan));
}

#[test]
fn without_a_reading_nothing_is_said_of_a_disk() {
    let mut case = case(1);
    case.readings.volumes.clear();
    assert!(case.is_unknown("disk-full"));
    assert!(Case::new().is_unknown("disk-full"));
}

#[test]
fn what_is_full_by_nature_is_no_finding() {
    for file_system in NO_DISKS {
        let mut case = case(0);
        hardware(&mut case).volumes[0].file_system = file_system.into();
        assert!(case.is_fine("disk-full"), "{file_system}");
    }
    let mut small = case(0);
    hardware(&mut small).volumes[0].size_bytes = Some(SMALL - 1);
    assert!(small.is_fine("disk-full"));
    let mut image = case(0);
    hardware(&mut image).volumes[0].read_only = State::On.into();
    assert!(image.is_fine("disk-full"));
}

#[test]
fn a_disk_that_warns_is_told_and_one_that_could_not_be_asked_is_not_fine() {
    let with = |health: Health| {
        let mut case = case(50);
        hardware(&mut case).disks = vec![Disk {
            name: "sda".into(),
            model: "Example SSD".into(),
            serial: "S1".into(),
            health: health.into(),
            ..Disk::default()
        }];
        case
    };
    assert!(with(Health::Good).is_fine("disk-failing"));
    assert!(with(Health::Unknown).is_unknown("disk-failing"));
    for (health, severity) in [
        (Health::Failing, FindingSeverity::ActNow),
        (Health::Warning, FindingSeverity::Plan),
    ] {
        let said = with(health).says("disk-failing");
        assert_eq!(said.found[0].severity, Some(severity));
        assert_eq!(said.found[0].subject, "Example SSD, serial number S1");
    }
    assert!(Case::new().is_unknown("disk-failing"));
}

#[test]
fn a_missing_disk_of_several_is_told() {
    let with = |missing: Option<u32>| {
        let mut case = case(50);
        hardware(&mut case).raids = vec![Raid {
            name: "md0".into(),
            missing,
            ..Raid::default()
        }];
        case
    };
    assert!(with(Some(1)).fires("raid-degraded"));
    assert!(with(Some(0)).is_fine("raid-degraded") && with(None).is_fine("raid-degraded"));
    assert!(Case::new().is_unknown("raid-degraded"));
}
