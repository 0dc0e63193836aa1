//! Records of those who read by permission.

use std::fmt;

use prost::{Enumeration, Message};

/// What a supplier may read. Its key is a UUID.
#[derive(Clone, PartialEq, Message)]
pub struct GrantRecord {
    /// Identifier, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Name of the supplier.
    #[prost(string, tag = "2")]
    pub supplier: String,
    /// What is shared: whatever at least one of these allows.
    #[prost(message, repeated, tag = "3")]
    pub rules: Vec<RuleRecord>,
    /// When it was made.
    #[prost(int64, tag = "4")]
    pub created_at: i64,
    /// When it ends. Always set.
    #[prost(int64, tag = "5")]
    pub expires_at: i64,
    /// Why it was made, in the owner's words; may be empty.
    #[prost(string, tag = "6")]
    pub note: String,
    /// Whole lists may be taken along.
    #[prost(bool, tag = "7")]
    pub may_export: bool,
    /// Whether it holds.
    #[prost(enumeration = "GrantStanding", tag = "8")]
    pub standing: i32,
    /// When the standing last changed.
    #[prost(int64, tag = "9")]
    pub standing_since: i64,
    /// When its end was last moved; 0 when it never was.
    #[prost(int64, tag = "10")]
    pub moved_at: i64,
    /// When it would have ended before it was last moved; 0 when it never was.
    #[prost(int64, tag = "11")]
    pub moved_from: i64,
    /// Name of who moved it last; empty for the collector's console, and when it never was.
    #[prost(string, tag = "12")]
    pub moved_by: String,
    /// The end that people were told of by a message; 0 when they never were.
    #[prost(int64, tag = "13")]
    pub end_told: i64,
    /// The fewest days before that end of which they were told; 0 when it had come.
    #[prost(uint32, tag = "14")]
    pub end_told_days: u32,
}

/// Allows some sections of some machines.
#[derive(Clone, PartialEq, Message)]
pub struct RuleRecord {
    /// Every machine, whatever its labels; the labels below then mean nothing.
    #[prost(bool, tag = "1")]
    pub every_machine: bool,
    /// A machine needs one of these labels.
    #[prost(string, repeated, tag = "2")]
    pub labels: Vec<String>,
    /// `v1::section::Kind` as numbers.
    #[prost(int32, repeated, tag = "3")]
    pub sections: Vec<i32>,
}

/// Whether a grant holds, its expiry aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum GrantStanding {
    /// Never stored.
    Unspecified = 0,
    /// It holds until it expires.
    Active = 1,
    /// It rests until the owner confirms it.
    Suspended = 2,
    /// It was ended for good.
    Revoked = 3,
}

/// The second factor of a person. Its key is the person.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub struct FactorRecord {
    /// The secret that the person's authenticator holds too, 20 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub secret: Vec<u8>,
    /// Number of the last 30 seconds whose code was used: a code works once.
    #[prost(uint64, tag = "2")]
    pub last_step: u64,
    /// Hashes of recovery codes that were not used yet, 32 bytes each.
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub recovery: Vec<Vec<u8>>,
    /// Wrong codes since the last right one, given with the right password.
    #[prost(uint32, tag = "4")]
    pub failures: u32,
}

impl fmt::Debug for FactorRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactorRecord")
            .field("last_step", &self.last_step)
            .field("recovery", &self.recovery.len())
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// An invitation of a technician. Its key is the hash of what the link holds.
#[derive(Clone, PartialEq, Message)]
pub struct InvitationRecord {
    /// The grant it leads to, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub grant: Vec<u8>,
    /// Name of whom it is for.
    #[prost(string, tag = "2")]
    pub name: String,
    /// E-mail address of whom it is for, in lower case.
    #[prost(string, tag = "3")]
    pub email: String,
    /// When it was made.
    #[prost(int64, tag = "4")]
    pub created_at: i64,
    /// When it expires.
    #[prost(int64, tag = "5")]
    pub expires_at: i64,
    /// When it was accepted; 0 while it was not.
    #[prost(int64, tag = "6")]
    pub used_at: i64,
    /// It makes an owner, and leads to no grant.
    #[prost(bool, tag = "7")]
    pub owner: bool,
    /// Who accepts it may invite colleagues under the same grant.
    #[prost(bool, tag = "8")]
    pub leads: bool,
    /// Who made it, 16 bytes; empty for the collector's console.
    #[prost(bytes = "vec", tag = "9")]
    pub by: Vec<u8>,
}

/// Something that somebody proposed about a machine, and that waits for the owner. Its key is a UUID.
#[derive(Clone, PartialEq, Message)]
pub struct SuggestionRecord {
    /// Identifier, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// The machine, 16 bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub machine: Vec<u8>,
    /// What is proposed.
    #[prost(enumeration = "SuggestionKind", tag = "3")]
    pub kind: i32,
    /// The name, the label or the note.
    #[prost(string, tag = "4")]
    pub text: String,
    /// Who proposes it, 16 bytes.
    #[prost(bytes = "vec", tag = "5")]
    pub person: Vec<u8>,
    /// That person's name.
    #[prost(string, tag = "6")]
    pub person_name: String,
    /// That person's company; empty for an owner.
    #[prost(string, tag = "7")]
    pub supplier: String,
    /// The grant it was proposed under, 16 bytes; empty for an owner.
    #[prost(bytes = "vec", tag = "8")]
    pub grant: Vec<u8>,
    /// When.
    #[prost(int64, tag = "9")]
    pub at: i64,
}

/// The questions that a person keeps, in the order of their names.
#[derive(Clone, PartialEq, Message)]
pub struct SavedQuestionsRecord {
    /// The questions.
    #[prost(message, repeated, tag = "1")]
    pub questions: Vec<SavedQuestion>,
}

/// A question that is kept.
#[derive(Clone, PartialEq, Message)]
pub struct SavedQuestion {
    /// What the person calls it.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The statement.
    #[prost(string, tag = "2")]
    pub sql: String,
}

/// What can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum SuggestionKind {
    /// Never stored.
    Unspecified = 0,
    /// Another name.
    Name = 1,
    /// One more label.
    Label = 2,
    /// A note, in the place of the one there is.
    Note = 3,
}

/// A device with which somebody reads from the command line. Its key is a UUID.
#[derive(Clone, PartialEq, Message)]
pub struct DeviceRecord {
    /// Identifier, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Whose it is, 16 bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub person: Vec<u8>,
    /// The grant it reads under, 16 bytes; empty for an owner's.
    #[prost(bytes = "vec", tag = "3")]
    pub grant: Vec<u8>,
    /// BLAKE3-256 over the `SubjectPublicKeyInfo` of its key, 32 bytes.
    #[prost(bytes = "vec", tag = "4")]
    pub public_key: Vec<u8>,
    /// Name, as the device itself told it.
    #[prost(string, tag = "5")]
    pub name: String,
    /// When it was added.
    #[prost(int64, tag = "6")]
    pub added_at: i64,
    /// When it was last used, give or take a few minutes.
    #[prost(int64, tag = "7")]
    pub seen_at: i64,
    /// Address it was last used from.
    #[prost(string, tag = "8")]
    pub remote: String,
}

/// The one-time code that adds a device. Its key is the hash of the code.
#[derive(Clone, PartialEq, Message)]
pub struct DeviceCodeRecord {
    /// Whose device it adds, 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub person: Vec<u8>,
    /// When it was made.
    #[prost(int64, tag = "2")]
    pub created_at: i64,
    /// When it expires.
    #[prost(int64, tag = "3")]
    pub expires_at: i64,
    /// The device it has added, 16 bytes; empty while it was not used.
    #[prost(bytes = "vec", tag = "4")]
    pub device: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_factor_is_not_shown_by_debug() {
        let factor = FactorRecord {
            secret: vec![201; 20],
            recovery: vec![vec![202; 32]],
            ..FactorRecord::default()
        };
        let shown = format!("{factor:?}");
        assert!(!shown.contains("201") && !shown.contains("202"), "{shown}");
    }
}
