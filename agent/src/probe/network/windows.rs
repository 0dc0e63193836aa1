//! Windows: nothing of this section is read yet.

pub(super) use super::unsupported::collect;
