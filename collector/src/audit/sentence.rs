//! Entries as sentences.

use std::fmt::Write as _;

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::section::Kind;

use super::{entry::Entry, tree::Hash};
use crate::{
    clock::UnixMillis,
    store::record::{LogAct, LogBodyRecord, LogCapacity},
};

impl Entry {
    /// Who did it: "A. Technician (Acme IT)".
    pub fn who(&self) -> String {
        let body = &self.body;
        match body.capacity() {
            LogCapacity::Console => "Somebody at the collector's own computer".to_owned(),
            LogCapacity::Collector => "The collector".to_owned(),
            LogCapacity::Stranger => "Somebody not signed in".to_owned(),
            LogCapacity::Delegate => format!("{} ({})", body.person_name, body.supplier),
            LogCapacity::Owner | LogCapacity::Unspecified => body.person_name.clone(),
        }
    }

    /// What was done, to follow the name: "opened the administrators of FRONT-DESK".
    pub fn deed(&self) -> String {
        let body = &self.body;
        let deed = reading(body)
            .or_else(|| machine(body))
            .or_else(|| door(body))
            .or_else(|| grant(body))
            .unwrap_or_else(|| record(body));
        let mut deed = deed.replace("  ", " ").trim().to_owned();
        if body.as_of != 0 {
            let _ = write!(deed, ", as of {}", UnixMillis(body.as_of));
        }
        if body.device.is_empty() {
            deed
        } else {
            format!("{deed}, from the command line on {}", body.device)
        }
    }
}

fn reading(body: &LogBodyRecord) -> Option<String> {
    let subject = &body.subject;
    Some(match body.act() {
        LogAct::ReadSoftware if body.detail.is_empty() => {
            "read the software of all computers".to_owned()
        }
        LogAct::ReadSoftware => format!(
            "searched the software of all computers for \u{201c}{}\u{201d}",
            body.detail
        ),
        LogAct::ReadAdministrators => "read the administrators of all computers".to_owned(),
        LogAct::Exported => format!(
            "took everything along that is shared of {}",
            counted(body.count, "computer")
        ),
        LogAct::OpenedOverview => "opened the overview".to_owned(),
        LogAct::OpenedComputers if body.detail.is_empty() => {
            "opened the list of computers".to_owned()
        }
        LogAct::OpenedComputers => {
            format!("searched the computers for \u{201c}{}\u{201d}", body.detail)
        }
        LogAct::OpenedComputer => format!("opened {subject}"),
        LogAct::OpenedSection => format!("opened the section {} of {subject}", section(body)),
        LogAct::OpenedChanges => "opened the changes of all computers".to_owned(),
        LogAct::OpenedComputerChanges => format!("opened the changes of {subject}"),
        LogAct::Searched => format!("searched everything for \u{201c}{}\u{201d}", body.detail),
        LogAct::ExportedList => format!("took a list along: {}", body.detail),
        LogAct::Asked => asked(body),
        LogAct::OpenedDifference if subject.is_empty() => {
            format!("compared two moments of all computers ({})", body.detail)
        }
        LogAct::OpenedDifference => format!("compared two moments of {subject} ({})", body.detail),
        LogAct::OpenedAccess => "looked at what is shared with them".to_owned(),
        LogAct::OpenedLog => "opened the read log".to_owned(),
        LogAct::OpenedFindings if !subject.is_empty() => {
            format!("opened the findings about {subject}")
        }
        LogAct::OpenedFindings => "opened the findings".to_owned(),
        LogAct::OpenedFinding => format!("opened a finding about {subject}"),
        LogAct::WasRefused => {
            "asked for something that is not shared with them, and was refused".to_owned()
        }
        _ => return None,
    })
}

fn asked(body: &LogBodyRecord) -> String {
    let of = counted(body.count, "computer");
    if body.subject.is_empty() {
        format!("asked about {of}: \u{201c}{}\u{201d}", body.detail)
    } else {
        format!(
            "asked about the {} of {of}: \u{201c}{}\u{201d}",
            body.subject, body.detail
        )
    }
}

fn machine(body: &LogBodyRecord) -> Option<String> {
    let (subject, detail) = (&body.subject, &body.detail);
    Some(match body.act() {
        LogAct::MadeToken => format!("made a join string for {}", counted(body.count, "computer")),
        LogAct::Approved => format!("let {subject} in"),
        LogAct::Renamed if detail.is_empty() => format!("took the given name of {subject} away"),
        LogAct::Renamed => format!("named {subject} \u{201c}{detail}\u{201d}"),
        LogAct::Labelled if detail.is_empty() => format!("took all labels from {subject}"),
        LogAct::Labelled => format!("labelled {subject}: {detail}"),
        LogAct::Retired => format!("put {subject} out of service"),
        LogAct::Revoked => format!("shut {subject} out"),
        LogAct::SetAside => format!("set a finding about {subject} aside: {detail}"),
        LogAct::TookUp => format!("took a finding about {subject} up again: {detail}"),
        LogAct::Claimed => format!("said whose an administrator is: {detail}"),
        LogAct::NotedMachine if detail.is_empty() => format!("took the note of {subject} away"),
        LogAct::NotedMachine => format!("noted about {subject}: {detail}"),
        LogAct::Suggested => format!("proposed for {subject} {detail}"),
        LogAct::AcceptedSuggestion => format!("accepted what was proposed for {subject}: {detail}"),
        LogAct::RefusedSuggestion => format!("refused what was proposed for {subject}: {detail}"),
        LogAct::Linked => format!("joined the history of {detail} to {subject}"),
        _ => return None,
    })
}

fn door(body: &LogBodyRecord) -> Option<String> {
    Some(match body.act() {
        LogAct::MadeCode => "made a set-up code for the owner's password".to_owned(),
        LogAct::SetPassword => "set the owner's password with the set-up code".to_owned(),
        LogAct::ChangedPassword => "changed their password".to_owned(),
        LogAct::SignedIn => "signed in".to_owned(),
        LogAct::FailedSignIns => format!(
            "failed to sign in {}{}",
            times(body.count),
            from(&body.detail)
        ),
        LogAct::MadeDeviceCode => "made a code for the command line".to_owned(),
        LogAct::AddedDevice => format!("added the command line on {}", body.subject),
        LogAct::EndedDevice => format!("ended the command line on {}", body.subject),
        LogAct::AddedFactor => format!("added a second factor to {}", whose(body)),
        LogAct::RemovedFactor => format!("took the second factor from {}", whose(body)),
        LogAct::EndedSession => format!("signed out a browser of {}", body.subject),
        LogAct::InvitedOwner => {
            format!("invited {} to be an owner ({})", body.subject, body.detail)
        }
        LogAct::EndedSessions => "signed out other browsers".to_owned(),
        LogAct::UsedRecoveryCode => format!("signed in with a recovery code; {} left", body.count),
        LogAct::LockedPerson => format!(
            "locked the sign-in of {} after {} wrong codes",
            body.subject, body.count
        ),
        _ => return None,
    })
}

fn grant(body: &LogBodyRecord) -> Option<String> {
    let (subject, detail) = (&body.subject, &body.detail);
    Some(match body.act() {
        LogAct::CreatedGrant => format!("gave {subject} access: {detail}"),
        LogAct::ExtendedGrant => format!("moved the end of {subject}'s access: {detail}"),
        LogAct::AlteredGrant => format!("changed the access of {subject}: {detail}"),
        LogAct::ChangedLead => format!("said that {subject} {detail}"),
        LogAct::SuspendedGrant => format!("suspended the access of {subject}"),
        LogAct::ResumedGrant => format!("confirmed the access of {subject}"),
        LogAct::RevokedGrant => format!("ended the access of {subject} for good"),
        LogAct::Invited => format!("invited {subject} ({detail})"),
        LogAct::AcceptedInvitation => "accepted the invitation".to_owned(),
        LogAct::EndedPerson => format!("ended the access of {subject}"),
        _ => return None,
    })
}

fn record(body: &LogBodyRecord) -> String {
    match body.act() {
        LogAct::ChangedAlerts => format!("changed what is sent and to whom: {}", body.detail),
        LogAct::TriedAlerts => "had a message sent to try the alerts out".to_owned(),
        LogAct::ErasedEntry => format!("erased what entry {} of this log said", body.count),
        LogAct::BeganEpoch => format!(
            "began part {} of this log, because a backup was restored, {}",
            body.count, body.detail
        ),
        LogAct::ReplacedKeys => format!("gave the authority new keys: {}", body.detail),
        _ => "did something that this version of Freehold does not know".to_owned(),
    }
}

fn whose(body: &LogBodyRecord) -> &str {
    if body.subject.is_empty() {
        "their sign-in"
    } else {
        &body.subject
    }
}

fn section(body: &LogBodyRecord) -> &'static str {
    Kind::try_from(body.section.cast_signed()).map_or("unknown", section_name)
}

fn counted(number: u64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    }
}

fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}

fn from(addresses: &str) -> String {
    if addresses.is_empty() {
        String::new()
    } else {
        format!(", from {addresses}")
    }
}

/// A hash as text.
pub(super) fn hexadecimal(hash: &Hash) -> String {
    hash.iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
