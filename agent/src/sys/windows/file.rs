//! Files that people can replace, opened for reading.

use std::{
    fs::{File, OpenOptions},
    io,
    os::windows::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
};

use crate::{
    parse::hive::ReadAt,
    rows::{Answer, Unread},
};

/// Opens a link itself instead of what it leads to.
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const IS_REPARSE_POINT: u32 = 0x0000_0400;
/// Whoever has it open may go on to read, write and remove it.
const SHARED: u32 = 7;

/// An ordinary file at an ordinary path.
#[derive(Debug)]
pub(crate) struct Fixed(File);

impl Fixed {
    /// Opens a file, if it is no link, device or the like: those could lead to a server, or never answer.
    pub(crate) fn open(path: &str) -> Answer<Self> {
        let file = OpenOptions::new()
            .read(true)
            .share_mode(SHARED)
            .custom_flags(OPEN_REPARSE_POINT)
            .open(path)
            .map_err(|error| unread(&error))?;
        let metadata = file.metadata().map_err(|error| unread(&error))?;
        let is_link = metadata.file_attributes() & IS_REPARSE_POINT != 0;
        if is_link || !metadata.is_file() {
            let what = "it is no ordinary file".into();
            return Err(Unread::Senseless { what });
        }
        Ok(Self(file))
    }
}

impl ReadAt for Fixed {
    fn read_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            let read = self.0.seek_read(buffer, offset)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset += read as u64;
            buffer = &mut buffer[read..];
        }
        Ok(())
    }
}

fn unread(error: &io::Error) -> Unread {
    let code = error.raw_os_error().unwrap_or_default();
    Unread::from_code(code.cast_unsigned())
}
