//! Records the schema as released, for the test that refuses breaking changes:
//! `cargo run -p freehold-proto --example release`, once for every release.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released.bin");
    fs::write(file, freehold_proto::DESCRIPTOR_SET)
}
