//! Windows, as plain rows: nothing above this module knows a handle, a pointer or a COM object.
