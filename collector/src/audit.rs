//! The log of who read and changed what, which nobody can rewrite unnoticed.
//!
//! It is a Merkle log as in RFC 6962. An entry is a commitment: a hash over 128 random bits and a body that is
//! stored apart, so that a body can be erased while every proof stays valid. Each entry is made in the same
//! change of the store as what it tells about, so that neither is there without the other, and signs a new
//! checkpoint (C2SP signed note) with a key of the collector's own.
//!
//! | module | what |
//! |---|---|
//! | [`entry`] | what an entry says, and the sentence for it |
//! | [`tree`] | hashes, and the edge of the tree to which entries are added |
//! | [`checkpoint`] | the signed statement of what the log is |
//! | [`journal`] | the log for those who read it |
//! | [`log`] | adding, listing, erasing entries; a new epoch after a restore |
//! | [`proof`] | that a log continues an earlier one |
//! | [`verify`] | reading all of it again and telling every flaw |
//! | [`witness`] | the last checkpoint, kept outside the store: a store that was set back contradicts it |
//!
//! What it cannot show by itself: whoever holds the collector's disk and key can make another log from the
//! beginning. A checkpoint that somebody else has kept contradicts that one too.

mod checkpoint;
mod entry;
mod journal;
mod log;
mod proof;
mod sentence;
mod tree;
mod verify;
mod witness;

#[cfg(test)]
mod tests;

pub use checkpoint::{Checkpoint, CheckpointError, LogKey, Verifier};
pub use entry::{Actor, Entry, Event};
pub use journal::{Journal, VerifyError};
pub use log::{Epoch, Log, NotLogged};
pub(crate) use proof::proves;
pub use tree::Hash;
pub(crate) use tree::root_of;
pub use verify::{Flaw, Verdict};
pub use witness::{Witness, WitnessError};
