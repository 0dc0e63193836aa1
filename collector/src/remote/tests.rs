//! The calls over a real listener, with real certificates.

mod cuts;
mod devices;
mod everybody;
mod log;
mod measured;
mod past;
mod proposals;
mod questions;
mod reads;
mod world;
