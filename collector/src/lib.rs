//! Keeps what a business's computers report, for the business that owns them.
//!
//! Reports flow one way: [`listener`] turns a TLS connection into a typed [`peer`], [`enrolment`] makes
//! machines known, [`ingest`] validates what they report and computes [`change`]s, [`store`] makes it
//! durable, [`access`] is the one gate every read passes, [`dashboard`], [`remote`] and [`control`] show it,
//! [`alert`] sends it.

pub mod access;
pub mod addresses;
pub mod alert;
pub mod app;
pub mod audit;
pub mod authority;
pub mod brake;
pub mod change;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod control;
pub mod dashboard;
pub mod data;
mod demo;
pub mod enrolment;
pub mod events;
pub mod finding;
pub mod history;
pub mod id;
pub mod ingest;
pub mod listener;
pub mod machines;
pub mod packages;
pub mod peer;
pub mod port;
pub mod question;
pub mod remote;
mod spreadsheet;
pub mod store;
mod unpack;
