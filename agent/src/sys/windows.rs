//! Windows, as plain rows: nothing above this module knows a handle, a pointer or a COM object.
#![allow(unsafe_code)]

pub(crate) mod file;
pub(crate) mod registry;
pub(crate) mod text;
pub(crate) mod wmi;
