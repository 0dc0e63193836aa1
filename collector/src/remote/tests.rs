//! The calls over a real listener, with real certificates.

mod devices;
mod everybody;
mod measured;
mod proposals;
mod reads;
mod world;
