//! What makes a folder private on Windows, from its owner and those it lets in.

/// The operating system itself.
const SYSTEM: &str = "S-1-5-18";
/// The group of administrators, whatever its name in the language of the system.
pub(super) const ADMINISTRATORS: &str = "S-1-5-32-544";
/// The service that owns the folders of Windows.
const INSTALLER: &str = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
/// Stands for whoever makes or owns something; who that is, is looked at by itself.
const OWNERS: [&str; 2] = ["S-1-3-0", "S-1-3-4"];

/// Whether an owner is one that a process running as `me` may rely on.
pub(super) fn is_trusted_owner(owner: &str, me: &str) -> bool {
    [SYSTEM, ADMINISTRATORS, INSTALLER, me].contains(&owner)
}

/// Whether nobody is let in but the system, administrators and `me`.
pub(super) fn is_closed(granted: &[String], me: &str) -> bool {
    granted.iter().all(|sid| {
        [SYSTEM, ADMINISTRATORS, me].contains(&sid.as_str()) || OWNERS.contains(&sid.as_str())
    })
}

/// The security descriptor of a private folder. A user who is no administrator is let into the own one.
pub(super) fn descriptor(me: &str, is_administrator: bool) -> String {
    const CLOSED: &str = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
    if is_administrator {
        // Else the folder of an administrator would belong to that person, whom the service does not trust.
        format!("O:BA{CLOSED}")
    } else {
        format!("{CLOSED}(A;OICI;FA;;;{me})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "S-1-5-21-1-2-3-1001";
    const BOB: &str = "S-1-5-21-1-2-3-1002";
    const EVERYONE: &str = "S-1-1-0";
    const USERS: &str = "S-1-5-32-545";

    fn sids(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_folder_that_somebody_else_made_is_not_relied_on() {
        assert!(is_trusted_owner(SYSTEM, ALICE));
        assert!(is_trusted_owner(ADMINISTRATORS, SYSTEM));
        assert!(is_trusted_owner(ALICE, ALICE));
        assert!(!is_trusted_owner(BOB, ALICE));
        assert!(!is_trusted_owner(BOB, SYSTEM));
        assert!(!is_trusted_owner("", SYSTEM));
    }

    #[test]
    fn a_folder_that_lets_anyone_else_in_is_not_closed() {
        assert!(is_closed(&sids(&[SYSTEM, ADMINISTRATORS]), SYSTEM));
        assert!(is_closed(
            &sids(&[SYSTEM, ADMINISTRATORS, ALICE, "S-1-3-0"]),
            ALICE
        ));
        for other in [BOB, EVERYONE, USERS, ""] {
            assert!(!is_closed(&sids(&[SYSTEM, other]), ALICE), "{other}");
        }
    }

    #[test]
    fn only_one_who_is_no_administrator_is_let_in_by_name() {
        assert_eq!(
            descriptor(SYSTEM, true),
            "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
        );
        let own = descriptor(ALICE, false);
        assert!(own.ends_with("(A;OICI;FA;;;S-1-5-21-1-2-3-1001)") && !own.contains("O:"));
    }
}
