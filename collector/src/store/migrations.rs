//! How stores of earlier versions become ones of this version.
//!
//! Each version of the schema has a module that will never change once it was released, with its encodings
//! written out: it imports nothing that lives on. Every store begins as [`v1`] made it. A later version adds
//! a module that turns the records of the version before into its own, as one group of changes, and raises
//! [`super::schema::VERSION`]; a newer store is refused by an older program.

pub(super) mod v1;
