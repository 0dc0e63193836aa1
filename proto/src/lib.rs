//! The messages and services that Freehold's agents, collector and clients exchange.
//!
//! Everything in [`v1`] is generated from `proto/freehold/v1/*.proto`, whose comments document it.

pub mod limits;

/// Version 1 of the protocol: every 1.x agent keeps reporting to every 1.x collector.
#[allow(clippy::all, clippy::pedantic, unreachable_pub, unused_qualifications)]
pub mod v1 {
    tonic::include_proto!("freehold.v1");
}

/// The schema as an encoded `google.protobuf.FileDescriptorSet`, imports included, comments left out.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/freehold.bin"));

/// `inventory.proto` as an encoded `google.protobuf.FileDescriptorSet` with its comments, for whoever explains its
/// fields to people.
pub const COMMENTED_INVENTORY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/inventory.bin"));
