//! Windows, as plain rows: nothing above this module knows a handle, a pointer or a COM object.
#![allow(unsafe_code)]

mod buffer;
pub(crate) mod file;
pub(crate) mod folders;
pub(crate) mod netapi;
pub(crate) mod patience;
pub(crate) mod processes;
pub(crate) mod registry;
pub(crate) mod services;
pub(crate) mod sid;
pub(crate) mod sockets;
pub(crate) mod tasks;
pub(crate) mod text;
pub(crate) mod updates;
pub(crate) mod wmi;
pub(crate) mod wsc;
