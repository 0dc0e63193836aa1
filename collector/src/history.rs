//! The past: what was true at a moment, and what became different between two.

mod difference;
mod moment;

pub use difference::{Group, Item, grouped};
pub use moment::{Moment, MomentError, named_time};
