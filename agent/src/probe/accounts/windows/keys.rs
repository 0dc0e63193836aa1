//! Keys that the OpenSSH server of Windows accepts for every administrator.

use freehold_proto::v1::accounts::AuthorizedKey;

use crate::{
    parse::authorized_keys,
    probe::{
        section::{Diagnostics, line},
        windows::{Machine, Source, services::Services, unread},
    },
    rows::Unread,
};

use super::{groups::Groups, sid::ADMINISTRATORS};

const FILE: &str = r"%ProgramData%\ssh\administrators_authorized_keys";
const SERVICE: &str = "sshd";

/// The keys, in the order of the file. Those in an administrator's own folder open nothing.
pub(super) fn read(
    machine: &dyn Machine,
    groups: &Groups,
    diagnostics: &mut Diagnostics,
) -> Vec<AuthorizedKey> {
    let rows = match machine.list(&Source::File(FILE.into())) {
        Ok(rows) => rows,
        Err(Unread::Absent) => return Vec::new(),
        Err(why) => {
            let missing = "the keys that open administrators' accounts are";
            unread(FILE, &why, missing, diagnostics);
            return Vec::new();
        }
    };
    let bytes = rows.first().and_then(|row| row.bytes("Bytes"));
    let (keys, problems) = authorized_keys::parse(bytes.unwrap_or_default());
    for problem in problems {
        diagnostics.note(FILE, problem.position(), &problem.reason);
    }
    let services = Services::read(machine);
    let has_server = services.map_or(true, |all| all.find(SERVICE).is_some());
    let account = groups
        .find(ADMINISTRATORS)
        .map_or(ADMINISTRATORS, |group| group.name.as_str());
    keys.into_iter()
        .map(|key| AuthorizedKey {
            account: account.to_owned(),
            kind: diagnostics.fit(FILE, "", key.kind),
            fingerprint: key.fingerprint,
            comment: diagnostics.fit(FILE, line(key.line as usize), key.comment),
            options: key.options,
            source: FILE.to_owned(),
            line: key.line,
            conditions: if has_server {
                vec!["opens the account of every administrator".to_owned()]
            } else {
                vec!["no OpenSSH server is installed".to_owned()]
            },
        })
        .collect()
}
