//! What lists have in common.

pub(in crate::dashboard) const SHOWN: &str = "{shown} of {all}";
pub(in crate::dashboard) const NEXT: &str = "Next page";
pub(in crate::dashboard) const PREVIOUS: &str = "Page before";
pub(in crate::dashboard) const COLUMNS: &str = "Columns";
pub(in crate::dashboard) const CHOOSE: &str = "Show these columns";
