//! The agent against a stand-in for a collector: joining and reporting over real TLS and gRPC.

mod fake;
mod joining;
mod reporting;
