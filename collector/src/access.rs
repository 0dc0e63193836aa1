//! Who may see what: the owners who sign in, and the one gate every read of the inventory passes.
//!
//! Pages, the control socket and later remote calls hold an [`Inventory`] and never the store: each of its
//! functions takes a [`Viewer`], whose scope is applied there and nowhere else.

mod headline;
mod inventory;
mod owners;
mod viewer;
mod words;

pub use headline::{Administrators, Fact, Headline, Protection, SystemLine, Weakness, weakness};
pub use inventory::{
    Change, Inventory, Machine, MachineLine, Notice, ReadError, Readings, Section, Seen,
};
pub use owners::{
    CODE_FAILURES, CODE_LASTS, ChangeError, DEVICE, FormToken, HashError, IDLE, LONGEST,
    OpenSession, Origin, Owners, OwnersError, Person, PersonId, SHORTEST_PASSWORD, Session,
    SessionToken, SetUpError, SetupCode, SignInError, SignedIn, TooMany, WeakPassword,
};
pub use viewer::{Rule, Scope, Viewer, Who};
