//! Which machine a person means.

use std::sync::Arc;

use super::{FindError, id_of, name_of};
use crate::{id::MachineId, store::record::MachineRecord};

/// Shortest beginning of an identifier that is looked for.
const PREFIX_CHARACTERS: usize = 4;

/// A machine chooses its own host name, so a name never wins over the beginning of an identifier: where
/// both fit, the person is asked.
pub(crate) fn find(machines: &[Arc<MachineRecord>], text: &str) -> Result<MachineId, FindError> {
    let text = text.trim();
    let exact: Option<MachineId> = text.parse().ok();
    let lower = text.to_lowercase();
    let mut ids = Vec::new();
    for record in machines {
        let Ok(id) = id_of(record) else { continue };
        if exact == Some(id) {
            return Ok(id);
        }
        let begins = text.len() >= PREFIX_CHARACTERS && id.to_string().starts_with(&lower);
        if begins || name_of(record).to_lowercase() == lower {
            ids.push(id);
        }
    }
    match ids[..] {
        [id] => Ok(id),
        [] => Err(FindError::Nothing {
            text: text.to_owned(),
        }),
        _ => Err(FindError::Several {
            text: text.to_owned(),
            ids,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(first: u8, name: &str) -> Arc<MachineRecord> {
        let mut id = [7; 16];
        id[0] = first;
        Arc::new(MachineRecord {
            id: id.to_vec(),
            host_name: name.to_owned(),
            ..MachineRecord::default()
        })
    }

    #[test]
    fn a_machine_is_found_by_identifier_beginning_or_name() {
        let machines = [machine(0xab, "Front-Desk"), machine(0xcd, "server")];
        let id = id_of(&machines[0]).unwrap();
        for text in [
            &id.to_string(),
            "ab07",
            "AB0707",
            "front-desk",
            " Front-Desk ",
        ] {
            assert_eq!(find(&machines, text), Ok(id), "{text}");
        }
    }

    #[test]
    fn a_machine_cannot_pose_as_another_by_its_host_name() {
        let machines = [machine(0xab, "front-desk"), machine(0xcd, "ab070707")];
        assert!(matches!(
            find(&machines, "ab070707"),
            Err(FindError::Several { ids, .. }) if ids.len() == 2
        ));
    }

    #[test]
    fn nothing_and_everything_are_refused() {
        let machines = [machine(0xab, "front-desk"), machine(0xab, "front-desk")];
        for text in ["", "a", "reception"] {
            assert!(matches!(
                find(&machines, text),
                Err(FindError::Nothing { .. })
            ));
        }
        assert!(matches!(
            find(&machines, "front-desk"),
            Err(FindError::Several { .. })
        ));
    }
}
