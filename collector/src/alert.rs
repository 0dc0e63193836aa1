//! Tells people who are not looking: by e-mail and to a program, what was found and what has ended, and once a
//! day how the business stands.
//!
//! [`news`] compares what is open with what people were told; [`Alerts`] turns the difference into messages in the
//! same change of the store that notes that they were told, so that nothing is told twice on purpose or lost. A
//! message is tried until it is delivered or given up, and either is shown. One that was delivered while the
//! collector was killed is sent again, under the same number.

mod courier;
mod delivery;
mod draft;
mod ending;
mod mail;
mod message;
mod news;
mod settings;
mod summary;
mod text;
mod time_of_day;
mod webhook;

pub use courier::{Alerts, SaveError, Source, TryError};
pub use delivery::{Delivery, Outcome};
pub use draft::{Draft, SettingsError};
pub use settings::{Mail, Quiet, Settings, Webhook};
pub use time_of_day::TimeOfDay;
