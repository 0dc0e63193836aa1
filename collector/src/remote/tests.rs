//! The calls over a real listener, with real certificates.

mod devices;
mod everybody;
mod reads;
mod world;
