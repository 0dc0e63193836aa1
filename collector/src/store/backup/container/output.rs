//! Writing a backup.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Write},
    path::Path,
};

use super::{CHUNK_BYTES, MAGIC};
use crate::store::{
    backup::BackupError,
    error::{FileError, StoreError},
    file,
    source::Entries,
};

/// A backup that is being written.
pub(in crate::store::backup) struct Output {
    sink: Sink,
}

enum Sink {
    Plain(Box<Hashing>),
    Encrypted(Box<age::stream::StreamWriter<Hashing>>),
}

/// Hashes what passes on its way to the file.
struct Hashing {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
}

impl Output {
    pub(in crate::store::backup) fn create(
        path: &Path,
        recipient: Option<&str>,
    ) -> Result<Self, BackupError> {
        let recipient = recipient.map(parse_recipient).transpose()?;
        let file = file::private(path)
            .create(true)
            .truncate(true)
            .open(path)
            .map_err(FileError::of("create", path))?;
        let mut hashing = Hashing {
            file: BufWriter::with_capacity(CHUNK_BYTES, file),
            hasher: blake3::Hasher::new(),
        };
        let sink = hashing
            .write_all(MAGIC)
            .and_then(|()| hashing.write_all(&[u8::from(recipient.is_some())]))
            .and_then(|()| match recipient {
                None => Ok(Sink::Plain(Box::new(hashing))),
                Some(recipient) => encrypt(hashing, &recipient),
            });
        Ok(Self {
            sink: sink.map_err(FileError::of("write", path))?,
        })
    }

    /// Adds an entry; errs when it is not as long as expected.
    pub(in crate::store::backup) fn copy(
        &mut self,
        name: &str,
        from: &mut impl Read,
        expected: Option<u64>,
    ) -> io::Result<()> {
        let mut entry = self.entry(name)?;
        let copied = io::copy(from, &mut entry)?;
        if expected.is_some_and(|expected| expected != copied) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        entry.finish()
    }

    /// Adds all records.
    pub(in crate::store::backup) fn records(
        &mut self,
        records: Entries<'_>,
    ) -> Result<(), BackupError> {
        let io = |error| FileError::of("write", Path::new("the backup"))(error);
        let entry = self.entry("records").map_err(io)?;
        let mut encoder = zstd::Encoder::new(entry, 1).map_err(io)?;
        for record in records {
            let (key, value) = record?;
            for part in [key, value] {
                let length = u32::try_from(part.len()).map_err(|_| StoreError::TooLarge {
                    size: part.len() as u64,
                })?;
                encoder.write_all(&length.to_le_bytes()).map_err(io)?;
                encoder.write_all(&part).map_err(io)?;
            }
        }
        encoder.finish().and_then(Entry::finish).map_err(io)?;
        Ok(())
    }

    /// Ends the content and makes the file durable.
    pub(in crate::store::backup) fn finish(mut self) -> io::Result<()> {
        self.write_all(&0_u16.to_le_bytes())?;
        let mut hashing = match self.sink {
            Sink::Plain(hashing) => *hashing,
            Sink::Encrypted(stream) => stream.finish()?,
        };
        let hash = hashing.hasher.finalize();
        hashing.file.write_all(hash.as_bytes())?;
        hashing
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    }

    fn entry(&mut self, name: &str) -> io::Result<Entry<'_>> {
        let length = u16::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidFilename)?;
        self.write_all(&length.to_le_bytes())?;
        self.write_all(name.as_bytes())?;
        Ok(Entry {
            output: self,
            buffer: Vec::with_capacity(CHUNK_BYTES),
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Plain(hashing) => hashing.write(bytes),
            Sink::Encrypted(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An entry that is being written.
struct Entry<'a> {
    output: &'a mut Output,
    buffer: Vec<u8>,
}

impl Entry<'_> {
    fn finish(mut self) -> io::Result<()> {
        self.send()?;
        self.output.write_all(&0_u32.to_le_bytes())
    }

    fn send(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            let length = self.buffer.len() as u32;
            self.output.write_all(&length.to_le_bytes())?;
            self.output.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

impl Write for Entry<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == CHUNK_BYTES {
            self.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn parse_recipient(recipient: &str) -> Result<age::x25519::Recipient, BackupError> {
    recipient.parse().map_err(|_| BackupError::Recipient {
        recipient: recipient.to_owned(),
    })
}

fn encrypt(hashing: Hashing, recipient: &age::x25519::Recipient) -> io::Result<Sink> {
    let recipients = std::iter::once(recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
    Ok(Sink::Encrypted(Box::new(encryptor.wrap_output(hashing)?)))
}
