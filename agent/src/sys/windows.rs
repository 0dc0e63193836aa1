//! Windows, as plain rows: nothing above this module knows a handle, a pointer or a COM object.
#![allow(unsafe_code)]

pub(crate) mod boot;
pub(crate) mod changes;
pub(crate) mod event_log;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod handover;
pub(crate) mod names;
pub(crate) mod priority;
pub(crate) mod registry;
pub(crate) mod security;
pub(crate) mod text;
pub(crate) mod wmi;
