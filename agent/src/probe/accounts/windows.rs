//! Windows: nothing of this section is read yet.

pub(crate) use super::unsupported::collect;
