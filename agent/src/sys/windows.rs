//! Windows, as plain rows: nothing above this module knows a handle, a pointer or a COM object.

pub(crate) mod boot;
pub(crate) mod event_log;
pub(crate) mod files;
pub(crate) mod handover;
pub(crate) mod names;
pub(crate) mod priority;
pub(crate) mod registry;
pub(crate) mod security;
