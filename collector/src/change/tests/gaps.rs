//! What a gap can hide, and what it cannot.

use freehold_proto::v1::Gap;

use super::*;

/// The note of an agent that still searches homes for programs.
fn searching() -> Diagnostic {
    gap(
        "home and shared folders",
        &["privileges.SETUID", "privileges.CAPABILITY"],
        true,
    )
}

fn gap(source: &str, hides: &[&str], pending: bool) -> Diagnostic {
    let hides = hides.iter().map(|name| (*name).to_owned()).collect();
    Diagnostic {
        gap: Some(Gap { hides, pending }),
        ..denied(source)
    }
}

fn program(path: &str) -> accounts::Privilege {
    accounts::Privilege {
        principal_kind: PrincipalKind::Everyone.into(),
        mechanism: Mechanism::Setuid.into(),
        path: vec![path.to_owned()],
        source: path.to_owned(),
        line: None,
        ..sudo("everyone", State::On)
    }
}

type Rights<'a> = &'a [&'a accounts::Privilege];

fn whole(rights: Rights<'_>) -> Vec<u8> {
    let rights = rights.iter().copied().cloned().collect();
    privileges(Status::Complete, rights).encode_to_vec()
}

fn with(diagnostic: Diagnostic, rights: Rights<'_>) -> Vec<u8> {
    let rights = rights.iter().copied().cloned().collect();
    let mut section = privileges(Status::Partial, rights);
    section.diagnostics.push(diagnostic);
    section.encode_to_vec()
}

fn searched_in_part(rights: Rights<'_>) -> Vec<u8> {
    with(searching(), rights)
}

/// What is told of privileges when the last of several versions comes, as the ingest has them compared.
fn told(versions: &[Vec<u8>]) -> Vec<String> {
    let (new, older) = versions.split_last().unwrap();
    let reading = |body: &[u8]| reading(Kind::Accounts, body).unwrap();
    let mut older = older.iter().rev().cloned();
    let previous = older.next();
    let is_covered = |body: &Vec<u8>| reading(body).covers(&reading(new));
    let mut earlier = Vec::new();
    if !previous.as_ref().is_some_and(is_covered) {
        for body in older {
            let is_last = is_covered(&body);
            earlier.push(body);
            if is_last {
                break;
            }
        }
    }
    let baseline = Baseline {
        previous: previous.as_deref(),
        earlier: &earlier,
    };
    let entries = since(Kind::Accounts, baseline, new, AT).unwrap();
    let of_items = entries.into_iter().filter(|entry| entry.noun != "reading");
    sentences(of_items.collect())
}

/// The last of several versions tells nothing of items.
fn is_quiet(versions: &[Vec<u8>]) {
    assert_eq!(told(versions), [""; 0]);
}

const BOB: &str = "(administrators' group: group wheel)";
const PROGRAM: &str = "program that runs as root whoever starts it: /home/a/sh";

#[test]
fn a_new_administrator_is_added_whether_homes_are_searched_or_not() {
    let (anna, bob) = (sudo("anna", State::On), member("bob"));
    let added = [format!("administrator added: bob {BOB}")];
    let removed = [format!("administrator removed: bob {BOB}")];
    let readings: [fn(Rights<'_>) -> Vec<u8>; 2] = [whole, searched_in_part];
    for before in readings {
        for after in readings {
            let (one, two) = (before(&[&anna]), after(&[&anna, &bob]));
            assert_eq!(told(&[one, two]), added);
            let (two, one) = (before(&[&anna, &bob]), after(&[&anna]));
            assert_eq!(told(&[two, one]), removed);
        }
    }
}

#[test]
fn what_was_told_while_homes_were_searched_is_not_told_again() {
    let (anna, bob, carl) = (sudo("anna", State::On), member("bob"), member("carl"));
    let found = program("/home/a/sh");
    let mut versions = vec![
        whole(&[&anna, &bob, &found]),
        searched_in_part(&[&anna, &bob]),
    ];
    is_quiet(&versions);
    versions.push(searched_in_part(&[&anna, &carl]));
    let expected = [
        format!("administrator added: carl {BOB}"),
        format!("administrator removed: bob {BOB}"),
    ];
    assert_eq!(told(&versions), expected);
    // The search ends, and has found it again.
    versions.push(whole(&[&anna, &carl, &found]));
    is_quiet(&versions);
}

#[test]
fn a_program_that_is_not_found_again_yet_is_neither_removed_nor_added() {
    let found = program("/home/a/sh");
    let before = [whole(&[&found]), searched_in_part(&[])];
    is_quiet(&before);
    let [whole_before, nothing_yet] = before.clone();
    for again in [whole, searched_in_part] {
        is_quiet(&[whole_before.clone(), nothing_yet.clone(), again(&[&found])]);
    }
    // Only the end of the search tells that it is gone.
    let gone = [whole_before, nothing_yet, whole(&[])];
    let removed = [format!("administrator removed: everyone ({PROGRAM})")];
    assert_eq!(told(&gone), removed);
}

#[test]
fn a_program_is_new_only_where_a_search_had_ended_before() {
    let found = program("/home/a/sh");
    let visible = [format!("administrator now visible: everyone ({PROGRAM})")];
    let added = [format!("administrator added: everyone ({PROGRAM})")];
    for now in [whole, searched_in_part] {
        assert_eq!(told(&[searched_in_part(&[]), now(&[&found])]), visible);
        let known = [whole(&[]), searched_in_part(&[]), now(&[&found])];
        assert_eq!(told(&known), added);
    }
}

#[test]
fn a_program_that_two_searches_found_and_a_third_did_not_is_told_once() {
    let found = program("/home/a/sh");
    // Found in a search that never ended, and not yet found again by the next one.
    let mut versions = vec![
        whole(&[]),
        searched_in_part(&[&found]),
        searched_in_part(&[]),
    ];
    is_quiet(&versions);
    versions.push(searched_in_part(&[&found]));
    is_quiet(&versions);
    versions.push(whole(&[]));
    let removed = [format!("administrator removed: everyone ({PROGRAM})")];
    assert_eq!(told(&versions), removed);
    versions.push(searched_in_part(&[]));
    is_quiet(&versions);
}

#[test]
fn what_is_never_searched_hides_the_same_all_the_time() {
    let found = program("/tmp/sh");
    let remote = |rights| with(gap("/home", &["privileges.SETUID"], false), rights);
    let path = "program that runs as root whoever starts it: /tmp/sh";
    let none = remote(&[]);
    let one = remote(&[&found]);
    let starts = |told: Vec<String>, with: &str| {
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with(&format!("{with} everyone ({path}")),
            "{told:?}"
        );
    };
    starts(told(&[none.clone(), one.clone()]), "administrator added:");
    starts(told(&[one, none]), "administrator removed:");
}

#[test]
fn an_agent_that_does_not_say_what_is_hidden_may_hide_anything() {
    let bob = member("bob");
    let dim = |rights| with(denied("home and shared folders"), rights);
    let visible = [format!("administrator now visible: bob {BOB}")];
    assert_eq!(told(&[dim(&[]), whole(&[&bob])]), visible);
    is_quiet(&[whole(&[&bob]), dim(&[])]);
    is_quiet(&[whole(&[&bob]), dim(&[]), whole(&[&bob])]);
    // Nor does one that says more than is understood here.
    let newer = |rights| with(gap("x", &["privileges.TELEPATHY"], false), rights);
    assert_eq!(told(&[newer(&[]), whole(&[&bob])]), visible);
    let other = |rights| with(gap("x", &["spirits"], false), rights);
    let added = [format!("administrator added: bob {BOB}")];
    assert_eq!(told(&[other(&[]), whole(&[&bob])]), added);
}

#[test]
fn a_remark_hides_nothing() {
    let bob = member("bob");
    let mut remarked = privileges(Status::Partial, vec![]);
    remarked.diagnostics = vec![gap("/etc/passwd", &[], false), searching()];
    let added = [format!("administrator added: bob {BOB}")];
    assert_eq!(told(&[remarked.encode_to_vec(), whole(&[&bob])]), added);
}

#[test]
fn who_may_still_have_another_way_remains_an_administrator() {
    let own = accounts::Privilege {
        principal: "anna".to_owned(),
        principal_kind: PrincipalKind::LocalUser.into(),
        ..program("/home/a/sh")
    };
    let anna = member("anna");
    let mut versions = vec![whole(&[&anna, &own]), searched_in_part(&[])];
    let another = [format!("administrator anna: another way removed {BOB}")];
    assert_eq!(told(&versions), another);
    versions.push(whole(&[]));
    let removed = [format!("administrator removed: anna ({PROGRAM})")];
    assert_eq!(told(&versions), removed);
}

#[test]
fn a_value_is_not_altered_where_a_gap_hides_it_and_is_elsewhere() {
    let account = |name: &str, password_set: State| accounts::Account {
        name: name.to_owned(),
        password_set: password_set.into(),
        ..accounts::Account::default()
    };
    let section = |status: Status, set| Accounts {
        status: status.into(),
        accounts: vec![account("anna", set)],
        ..Accounts::default()
    };
    let clear = section(Status::Complete, State::On);
    for (hides, expected) in [("accounts", 1), ("privileges", 2)] {
        let mut dim = section(Status::Partial, State::Unknown);
        dim.diagnostics = vec![gap("/etc/shadow", &[hides], false)];
        let told = summaries(Kind::Accounts, &clear, &dim);
        assert_eq!(told.len(), expected, "{told:?}");
    }
}
