//! The listener through real sockets and real TLS.

mod certificates;
mod limits;
mod names;
mod standing;
mod streams;
mod world;
