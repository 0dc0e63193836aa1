//! What behaviour tests and load programs share: the real collector and the real agent as processes, and
//! simulated machines that speak the real protocol over real TLS with keys of their own.
//!
//! A test starts a [`TestCollector`], lets a [`Machine`] or an [`Agent`] join it and asks the collector's
//! command line what it knows. Everything is ended, and checked for leftovers, when it goes out of scope.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

pub mod agent;
pub mod browser;
pub mod chromium;
pub mod collector;
pub mod damage;
pub mod demo;
pub mod disk;
pub mod forger;
pub mod guest;
pub mod inventory;
pub mod island;
pub mod load;
pub mod locale;
pub mod machine;
pub mod mailbox;
pub mod owner;
pub mod power;
pub mod process;
pub mod reader;
pub mod receiver;
pub mod sandbox;
pub mod technician;
pub mod wait;
pub mod wine;
pub mod wire;
pub mod world;

pub use agent::Agent;
pub use browser::Browser;
pub use chromium::{Axe, Chromium, Device, Scheme};
pub use collector::TestCollector;
pub use demo::Demo;
pub use guest::Guest;
pub use inventory::Inventory;
pub use machine::Machine;
pub use mailbox::Mailbox;
pub use reader::Reader;
pub use receiver::Receiver;
pub use technician::Technician;
pub use wait::eventually;
pub use wine::Wine;
pub use world::World;
