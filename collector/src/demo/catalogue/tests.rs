use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn there_are_fourteen_computers_and_each_comes_in_once() {
    assert_eq!(COMPUTERS.len(), 14);
    let hosts: BTreeSet<&str> = COMPUTERS.iter().map(|computer| computer.host).collect();
    assert_eq!(hosts.len(), 14);
    let mut came: BTreeMap<&str, usize> = BTreeMap::new();
    for event in YEAR {
        assert!(hosts.contains(event.host), "{}", event.host);
        if matches!(event.what, What::Joins | What::JoinsSilently | What::Waits) {
            *came.entry(event.host).or_default() += 1;
        }
    }
    assert!(hosts.iter().all(|host| came.get(host) == Some(&1)));
}

#[test]
fn nothing_happens_to_a_computer_before_it_has_joined() {
    for computer in COMPUTERS {
        let own = || YEAR.iter().filter(|event| event.host == computer.host);
        let came =
            own().find(|it| matches!(it.what, What::Joins | What::JoinsSilently | What::Waits));
        let came = came.unwrap().ago;
        assert!(own().all(|event| event.ago <= came), "{}", computer.host);
    }
}

#[test]
fn every_day_lies_within_the_year_that_the_ingest_believes() {
    let days = days();
    assert_eq!(days.first(), Some(&FIRST));
    assert_eq!(days.last(), Some(&0));
    assert!(days.windows(2).all(|pair| pair[0] > pair[1]));
}

#[test]
fn visits_are_made_by_people_who_have_access_then() {
    for supplier in SUPPLIERS {
        for visit in supplier.visits {
            let person = supplier
                .technicians
                .iter()
                .find(|it| it.name == visit.technician);
            let person = person.unwrap();
            assert!(visit.ago <= person.since, "{visit:?}");
            assert!(
                person.until.is_none_or(|until| visit.ago > until),
                "{visit:?}"
            );
        }
    }
}
