//! What is in files and directories, bounded.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    os::unix::ffi::OsStringExt as _,
};

use super::super::not_a_file;

/// A file that was opened, if it is one.
pub(super) fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(not_a_file())
    }
}

/// Everything in a file, unless that is more than `limit` bytes.
pub(super) fn whole(file: &File, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let reason = format!("longer than {limit} bytes");
        io::Error::new(io::ErrorKind::FileTooLarge, reason)
    };
    // Files of /proc and /sys do not know their length beforehand.
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length + 1).unwrap_or_default());
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Names in a directory, sorted, and whether there are more than `limit`.
pub(super) fn names(directory: File, limit: usize) -> io::Result<(Vec<OsString>, bool)> {
    let (mut names, mut more) = (Vec::new(), false);
    for entry in rustix::fs::Dir::new(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        if names.len() == limit {
            more = true;
            break;
        }
        names.push(OsString::from_vec(name.to_vec()));
    }
    names.sort();
    Ok((names, more))
}
