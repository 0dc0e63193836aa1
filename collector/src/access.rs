//! Who may see what: the people who sign in, and the one gate every read of the inventory passes.
//!
//! Pages, the control socket and later remote calls hold an [`Inventory`] and never the store: each of its
//! functions takes a [`Viewer`], whose scope is applied there and nowhere else.

mod grants;
mod headline;
mod inventory;
mod people;
mod suggestions;
mod viewer;
mod words;

pub use grants::{
    DEFAULT_DAYS, Ending, Grant, GrantError, GrantId, GrantState, Grants, LONGEST_DAYS, Moved,
    NewGrant, ScopeError, Terms, described, parsed_scope, written,
};
pub use headline::{Administrators, Fact, Headline, Protection, SystemLine, Weakness, weakness};
pub use inventory::{
    Change, ChangeFilter, ChangePosition, Differences, Extract, Findings, FoundChanges, Hit, Hits,
    Installation, InvalidPosition, Inventory, Machine, MachineLine, Notice, ReadError, Readings,
    Section, Seen, SoftwareGaps, Title, Titles, Trait, holds,
};
pub use people::{
    Acceptance, Accepted, CODE_FAILURES, CODE_LASTS, ChangeError, DEVICE, DEVICE_AWAY,
    DEVICE_CODE_LASTS, Delegation, Device, DeviceCode, DeviceCodeError, DeviceError, DeviceRefusal,
    FactorError, FormToken, HashError, IDLE, INVITATION_LASTS, Invitation, InvitationError,
    InvitationToken, Invited, LONGEST, OpenSession, Origin, OwnerError, People, PeopleError,
    Person, PersonId, Reader, Role, SHORTEST_PASSWORD, Session, SessionToken, SetUpError,
    SetupCode, SignInError, SignedIn, Technician, TooMany, TotpSecret, WeakPassword,
};
pub use suggestions::{Proposal, Suggestion, SuggestionError, SuggestionId, Suggestions};
pub use viewer::{Reach, Rule, Scope, Viewer, Who};
