//! Compiles the schema with protox, so that nobody needs protoc.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;
use prost_types::FileDescriptorSet;

const PROTOS: [&str; 4] = [
    "freehold/v1/inventory.proto",
    "freehold/v1/reporting.proto",
    "freehold/v1/control.proto",
    "freehold/v1/access.proto",
];

// Cargo tells build scripts their output folder this way.
#[allow(clippy::disallowed_methods)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=freehold");
    let descriptors = protox::Compiler::new(["."])?
        .include_source_info(true)
        .include_imports(true)
        .open_files(PROTOS)?
        .file_descriptor_set();

    let mut stripped = descriptors.clone();
    for file in &mut stripped.file {
        file.source_code_info = None;
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("freehold.bin"), stripped.encode_to_vec())?;
    fs::write(
        out.join("inventory.bin"),
        commented(&descriptors).encode_to_vec(),
    )?;

    tonic_prost_build::configure()
        .build_transport(false)
        .bytes(".freehold.v1.UploadRequest.chunk")
        .compile_fds(descriptors)?;
    Ok(())
}

/// The file of the inventory alone, with its comments and nothing else of where things stand.
fn commented(descriptors: &FileDescriptorSet) -> FileDescriptorSet {
    let files = descriptors.file.iter();
    let mut file: Vec<_> = files
        .filter(|file| file.name() == PROTOS[0])
        .cloned()
        .collect();
    for info in file
        .iter_mut()
        .filter_map(|file| file.source_code_info.as_mut())
    {
        info.location
            .retain(|location| location.leading_comments.is_some());
        for location in &mut info.location {
            location.span.clear();
            location.leading_detached_comments.clear();
        }
    }
    FileDescriptorSet { file }
}
