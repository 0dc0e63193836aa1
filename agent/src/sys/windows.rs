//! Windows, as plain rows: nothing above this module knows a handle, a pointer or a COM object.
#![allow(unsafe_code)]

pub(crate) mod adapters;
pub(crate) mod boot;
mod buffer;
pub(crate) mod changes;
pub(crate) mod devices;
pub(crate) mod directory;
pub(crate) mod event_log;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod folders;
pub(crate) mod handover;
pub(crate) mod library;
pub(crate) mod machine;
pub(crate) mod names;
pub(crate) mod netapi;
pub(crate) mod patience;
pub(crate) mod power;
pub(crate) mod priority;
pub(crate) mod processes;
pub(crate) mod registry;
pub(crate) mod security;
pub(crate) mod service_states;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod sid;
pub(crate) mod sockets;
pub(crate) mod tasks;
pub(crate) mod text;
pub(crate) mod tpm;
pub(crate) mod updates;
pub(crate) mod volumes;
pub(crate) mod wireless;
pub(crate) mod wmi;
pub(crate) mod wsc;

use crate::rows::Unread;

/// Why a call of Windows failed.
fn failed(error: &windows::core::Error) -> Unread {
    Unread::from_code(error.code().0.cast_unsigned())
}

/// Why the last call on this thread failed.
fn last_error() -> Unread {
    failed(&windows::core::Error::from_thread())
}
