//! What may turn a finding without a report: time, silence, readings, decisions.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use freehold_proto::v1;
use prost::Message as _;

use crate::{
    access::Machine,
    clock::UnixMillis,
    store::record::{ClaimsRecord, PresenceRecord},
};

/// How often every machine is looked at anew, whatever happens: rules depend on dates.
const AT_LEAST: i64 = 6 * 60 * 60 * 1000;

/// What the collector knows that may turn something on a machine, and what the owner said.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// What the operating system of the collector's own computer calls its installation.
    pub(super) home: String,
    /// Whose the machine's administrators are.
    pub(super) claims: Option<Arc<ClaimsRecord>>,
    /// Those of their suppliers that have no access any more; `None` while that is not known.
    pub(super) ended: Option<BTreeSet<String>>,
}

/// A number that differs as soon as a machine should be looked at again although it reported nothing new.
pub(super) fn pulse(
    machine: &Machine,
    presence: Option<&PresenceRecord>,
    said: &Said,
    now: UnixMillis,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    said.home.hash(&mut hasher);
    if let Some(claims) = &said.claims {
        for claim in &claims.claims {
            (&claim.principal, claim.whose, &claim.supplier).hash(&mut hasher);
        }
        said.ended.hash(&mut hasher);
    }
    // Not all machines at the same moment.
    let (_, shift) = machine.id.as_bytes().split_at(12);
    let shift = shift
        .iter()
        .fold(0_i64, |sum, byte| sum * 256 + i64::from(*byte));
    ((now.0 + shift % AT_LEAST) / AT_LEAST).hash(&mut hasher);
    (machine.state as i32).hash(&mut hasher);
    machine.same_hardware_as.hash(&mut hasher);
    for notice in &machine.notices {
        (notice.kind as i32).hash(&mut hasher);
    }
    if let Some(expires) = machine.certificate_expires_at {
        (expires.since(now).as_secs() / 3600)
            .min(24 * 8)
            .hash(&mut hasher);
    }
    if let Some(presence) = presence {
        moved(presence, now, &mut hasher);
    }
    hasher.finish()
}

fn moved(presence: &PresenceRecord, now: UnixMillis, hasher: &mut DefaultHasher) {
    let silence = now.since(UnixMillis(presence.last_seen_at));
    (silence.as_secs() / Duration::from_secs(6 * 60 * 60).as_secs()).hash(hasher);
    presence.agent_version.hash(hasher);
    (presence.clock_offset_ms.unsigned_abs() > 120_000).hash(hasher);
    // What cannot be understood moves nothing.
    let readings = v1::Readings::decode(presence.readings.as_slice()).unwrap_or_default();
    for volume in &readings.volumes {
        (&volume.mount, volume.free_bytes).hash(hasher);
    }
    for age in &readings.signature_ages {
        (&age.product, age.hours / 24).hash(hasher);
    }
    for session in &readings.sessions {
        session.account.hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{finding::tests::machine, store::record::ClaimRecord};

    #[test]
    fn a_machine_is_looked_at_again_when_something_moved_and_not_for_every_check_in() {
        let (machine, now) = (machine(), UnixMillis(1_790_000_000_000));
        let readings = |free| v1::Readings {
            volumes: vec![v1::readings::VolumeFree {
                mount: "/".into(),
                free_bytes: free,
            }],
            uptime_seconds: Some(free),
            ..v1::Readings::default()
        };
        let presence = |seen: UnixMillis, free: u64| PresenceRecord {
            last_seen_at: seen.0,
            readings: readings(free).encode_to_vec(),
            ..PresenceRecord::default()
        };
        let home = Said {
            home: "home".into(),
            ..Said::default()
        };
        let minute = Duration::from_secs(60);
        let of = |presence: &PresenceRecord, now| pulse(&machine, Some(presence), &home, now);
        let before = of(&presence(now, 5), now);
        let later = now.plus(minute);
        assert_eq!(before, of(&presence(later, 5), later));
        assert_ne!(before, of(&presence(now, 4), now), "a disk fills");
        let silent = now.plus(minute * 60 * 24);
        assert_ne!(before, of(&presence(now, 5), silent), "it went silent");
        assert_ne!(before, pulse(&machine, None, &home, now));
        let mut elsewhere = home.clone();
        "elsewhere".clone_into(&mut elsewhere.home);
        let moved = pulse(&machine, Some(&presence(now, 5)), &elsewhere, now);
        assert_ne!(before, moved, "the collector was restored elsewhere");
        let claimed = Said {
            claims: Some(Arc::new(ClaimsRecord {
                claims: vec![ClaimRecord::default()],
            })),
            ..home.clone()
        };
        let said = pulse(&machine, Some(&presence(now, 5)), &claimed, now);
        assert_ne!(before, said, "the owner said whose an administrator is");
        let ended = Said {
            ended: Some(BTreeSet::new()),
            ..claimed
        };
        let left = pulse(&machine, Some(&presence(now, 5)), &ended, now);
        assert_ne!(said, left, "it is known whose access has ended");
    }
}
