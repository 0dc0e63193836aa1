//! The agent against a stand-in for a collector: joining and reporting over real TLS and gRPC.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fake;
mod joining;
mod program;
mod reporting;
