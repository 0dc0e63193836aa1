//! Whether the log of who read what is still what it was when this device last looked. A collector that rewrote it,
//! or shows different logs to different people, is noticed by whoever kept a checkpoint.

use freehold_proto::v1::{ProveRequest, ProveResponse};

use super::{
    line::{self, Line, within},
    profile::{Profile, Profiles},
    trouble::Trouble,
};
use crate::audit::{Checkpoint, Verifier, proves};

/// Compares the log with the checkpoint that is kept, and keeps the new one.
pub(super) async fn check(profile: &mut Profile, line: &mut Line) -> Result<(), Trouble> {
    let kept = kept(profile)?;
    let size = kept.as_ref().map_or(0, |kept| kept.size);
    let answer = within(line.prove(ProveRequest { size })).await??;
    let answer = answer.into_inner();
    let now = signed(&answer, &profile.known.verifier)?;
    match judged(kept.as_ref(), now.as_ref(), &answer.proof) {
        Judgement::Continues => keep(profile, answer),
        Judgement::BeginsAnew => Err(Trouble::NewEpoch(profile.name.clone())),
        Judgement::Rewritten => Err(Trouble::Rewritten(profile.evidence())),
    }
}

/// What has become of a log.
#[derive(Debug, PartialEq, Eq)]
enum Judgement {
    /// It is what it was, and what was added.
    Continues,
    /// It begins anew, and says so.
    BeginsAnew,
    /// It is not what it was.
    Rewritten,
}

/// What has become of a log since it was kept: nothing can have, before the first time.
fn judged(kept: Option<&Checkpoint>, now: Option<&Checkpoint>, proof: &[Vec<u8>]) -> Judgement {
    match (kept, now) {
        (None, _) => Judgement::Continues,
        (Some(kept), Some(now)) if now.epoch != kept.epoch => Judgement::BeginsAnew,
        (Some(kept), Some(now)) if continues(kept, now, proof) => Judgement::Continues,
        (Some(_), _) => Judgement::Rewritten,
    }
}

impl Profiles {
    /// `confirm`
    pub(super) async fn confirm(&self, name: &str) -> Result<(), Trouble> {
        let mut profile = self.one(name)?;
        let mut line = line::open_unchecked(&mut profile).await?;
        let answer = within(line.prove(ProveRequest { size: 0 })).await??;
        let answer = answer.into_inner();
        signed(&answer, &profile.known.verifier)?;
        keep(&mut profile, answer)?;
        println!(
            "From now on the log of {} is compared with what it is today.",
            profile.name
        );
        Ok(())
    }
}

fn keep(profile: &mut Profile, answer: ProveResponse) -> Result<(), Trouble> {
    if answer.checkpoint == profile.known.checkpoint {
        return Ok(());
    }
    profile.known.checkpoint = answer.checkpoint;
    profile.known.verifier = answer.verifier;
    profile.save()
}

/// The checkpoint that is kept; `None` before the first.
fn kept(profile: &Profile) -> Result<Option<Checkpoint>, Trouble> {
    let known = &profile.known;
    if known.checkpoint.is_empty() {
        return Ok(None);
    }
    let verifier = Verifier::parse(&known.verifier)
        .ok_or(Trouble::Proof("the key that is kept is damaged"))?;
    let kept = verifier.open(&known.checkpoint);
    kept.map(Some)
        .map_err(|_| Trouble::Proof("the checkpoint that is kept is damaged"))
}

/// What a collector says its log is now, signed with the key that it used from the first time on.
fn signed(answer: &ProveResponse, known: &str) -> Result<Option<Checkpoint>, Trouble> {
    if !known.is_empty() && answer.verifier != known {
        return Err(Trouble::Proof("it is signed with another key than before"));
    }
    if answer.checkpoint.is_empty() {
        return Ok(None);
    }
    let verifier =
        Verifier::parse(&answer.verifier).ok_or(Trouble::Proof("its key cannot be read"))?;
    let opened = verifier.open(&answer.checkpoint);
    opened
        .map(Some)
        .map_err(|_| Trouble::Proof("the signature does not fit"))
}

fn continues(kept: &Checkpoint, now: &Checkpoint, proof: &[Vec<u8>]) -> bool {
    let hashes: Option<Vec<[u8; 32]>> = proof
        .iter()
        .map(|hash| hash.as_slice().try_into().ok())
        .collect();
    if now.size == kept.size {
        return now.root == kept.root;
    }
    hashes.is_some_and(|hashes| now.size > kept.size && proves(kept, now, &hashes))
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use ring::signature::Ed25519KeyPair;
    use sha2::Sha256;

    use super::*;
    use crate::audit::LogKey;

    type Tree = MemoryBackedTree<Sha256, [u8; 32]>;

    fn key() -> LogKey {
        let random = ring::rand::SystemRandom::new();
        let der = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        LogKey::from_pkcs8("freehold/test", der.as_ref()).unwrap()
    }

    fn grown(tree: &mut Tree, entries: u8, salt: u8) -> Checkpoint {
        for entry in 0..entries {
            tree.push([entry ^ salt; 32]);
        }
        Checkpoint {
            epoch: 1,
            size: tree.len(),
            root: (*tree.root().as_bytes()).into(),
        }
    }

    #[test]
    fn a_log_that_grew_is_believed_and_one_that_was_rewritten_or_cut_is_not() {
        let mut tree = Tree::new();
        let kept = grown(&mut tree, 5, 0);
        let now = grown(&mut tree, 4, 0);
        let proof = tree.prove_consistency(4);
        let proof: Vec<Vec<u8>> = proof.as_bytes().chunks(32).map(<[u8]>::to_vec).collect();
        assert!(continues(&kept, &now, &proof));
        assert!(continues(&kept, &kept, &[]));
        assert!(!continues(&now, &kept, &proof), "cut");
        assert!(!continues(&kept, &now, &[]), "unproven");
        let mut other = Tree::new();
        let forged = grown(&mut other, 9, 1);
        assert!(!continues(&kept, &forged, &proof), "rewritten");
        let same_size = grown(&mut Tree::new(), 5, 1);
        assert!(!continues(&kept, &same_size, &[]));
        assert!(!continues(&kept, &now, &[vec![1]]));
    }

    #[test]
    fn a_log_that_begins_anew_or_is_gone_is_never_taken_for_one_that_goes_on() {
        let mut tree = Tree::new();
        let kept = grown(&mut tree, 5, 0);
        let now = grown(&mut tree, 4, 0);
        let proof = tree.prove_consistency(4);
        let proof: Vec<Vec<u8>> = proof.as_bytes().chunks(32).map(<[u8]>::to_vec).collect();
        assert_eq!(judged(None, Some(&kept), &[]), Judgement::Continues);
        assert_eq!(
            judged(Some(&kept), Some(&now), &proof),
            Judgement::Continues
        );
        let other = Checkpoint { epoch: 2, ..now };
        assert_eq!(
            judged(Some(&kept), Some(&other), &proof),
            Judgement::BeginsAnew
        );
        let same = Checkpoint {
            epoch: 2,
            ..kept.clone()
        };
        assert_eq!(judged(Some(&kept), Some(&same), &[]), Judgement::BeginsAnew);
        assert_eq!(judged(Some(&kept), None, &[]), Judgement::Rewritten);
        assert_eq!(judged(Some(&kept), Some(&kept), &[]), Judgement::Continues);
        assert_eq!(
            judged(Some(&other), Some(&same), &proof),
            Judgement::Rewritten
        );
    }

    #[test]
    fn a_checkpoint_of_another_key_or_with_another_text_is_not_believed() {
        let (own, other) = (key(), key());
        let checkpoint = grown(&mut Tree::new(), 3, 0);
        let answer = |key: &LogKey| ProveResponse {
            checkpoint: key.sign(&checkpoint),
            verifier: key.verifier(),
            proof: Vec::new(),
        };
        assert_eq!(signed(&answer(&own), "").unwrap(), Some(checkpoint.clone()));
        assert!(signed(&answer(&own), &own.verifier()).is_ok());
        assert!(
            signed(&answer(&other), &own.verifier()).is_err(),
            "a new key"
        );
        let mixed = ProveResponse {
            verifier: own.verifier(),
            ..answer(&other)
        };
        assert!(signed(&mixed, &own.verifier()).is_err());
        let altered = ProveResponse {
            checkpoint: own.sign(&checkpoint).replace("\n3\n", "\n2\n"),
            ..answer(&own)
        };
        assert!(signed(&altered, "").is_err());
    }
}
