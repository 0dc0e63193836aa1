//! The content of a backup: entries, each a name and then chunks.
//!
//! An entry is the length of its name (2 bytes, little-endian), the name, and chunks of at most 1 MiB, each
//! with its length before it (4 bytes, little-endian), ended by an empty one. A name of length 0 ends the
//! content. In order: `manifest`; `records`, a zstd stream of keys and values, each with its length before
//! it (4 bytes, little-endian); `packs/NNNNNN.pack`; `beside/...`.

mod content;
mod output;

pub(super) use self::{
    content::{Chunks, Content, is_whole, open, part},
    output::Output,
};

const MAGIC: &[u8; 16] = b"freehold backup\n";
const HASH_BYTES: u64 = 32;
const CHUNK_BYTES: usize = 1024 * 1024;
