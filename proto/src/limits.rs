//! What a peer may send, in one place. The proto comments state the same numbers.

use std::{ops::RangeInclusive, time::Duration};

/// Longest message on the reporting service, in bytes.
pub const MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// Longest body of an enrolment request, in bytes.
pub const ENROLMENT_BYTES: usize = 16 * 1024;

/// Longest request of somebody who reads, in bytes.
pub const READING_BYTES: usize = 16 * 1024;

/// Longest chunk of an upload, in bytes.
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// Longest section once decompressed, in bytes.
pub const SECTION_BYTES: u64 = 32 * 1024 * 1024;

/// How many times its compressed size a section may be.
pub const DECOMPRESSION_RATIO: u64 = 200;

/// Most items in a section, all its lists together.
pub const SECTION_ITEMS: usize = 200_000;

/// Longest string in a section, in bytes.
pub const STRING_BYTES: usize = 4 * 1024;

/// Points in time that there are, in seconds since 1970: the years 1 to 9999.
pub const TIMES: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// How much of a digest a check-in carries, in bytes.
pub const SUMMARY_DIGEST_BYTES: usize = 16;

/// Longest age of a section version that is still believed.
pub const AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Longest time an enrolment may take.
pub const ENROLMENT_TIME: Duration = Duration::from_secs(10);

/// How long after its expiry a machine certificate may still be renewed.
pub const RENEWAL_GRACE: Duration = Duration::from_secs(400 * 24 * 60 * 60);
