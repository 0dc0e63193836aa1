//! The content of a backup: entries, each a name and then chunks.
//!
//! An entry is the length of its name (2 bytes, little-endian), the name, and chunks of at most 1 MiB, each
//! with its length before it (4 bytes, little-endian), ended by an empty one. A name of length 0 ends the
//! content. In order: `manifest`; `records`, a zstd stream of keys and values, each with its length before
//! it (4 bytes, little-endian); `packs/NNNNNN.pack`; `beside/...`.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use super::{BackupError, RestoreError};
use crate::store::{
    error::{FileError, StoreError},
    file,
    source::Entries,
};

const MAGIC: &[u8; 16] = b"freehold backup\n";
const HASH_BYTES: u64 = 32;
const CHUNK_BYTES: usize = 1024 * 1024;
/// No record is longer.
const RECORD_BYTES: u32 = 64 * 1024 * 1024;

/// A backup that is being written.
pub(super) struct Output {
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
    pub(super) fn create(path: &Path, recipient: Option<&str>) -> Result<Self, BackupError> {
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
    pub(super) fn copy(
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
    pub(super) fn records(&mut self, records: Entries<'_>) -> Result<(), BackupError> {
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
    pub(super) fn finish(mut self) -> io::Result<()> {
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

/// Whether a file is a backup that was written to its end and not changed since.
pub(super) fn is_whole(path: &Path) -> bool {
    verify(path).is_ok_and(|whole| whole)
}

fn verify(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let Some(content) = file.metadata()?.len().checked_sub(HASH_BYTES) else {
        return Ok(false);
    };
    let mut magic = [0; MAGIC.len()];
    if content < magic.len() as u64 {
        return Ok(false);
    }
    file.read_exact(&mut magic)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&magic);
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut rest = Read::by_ref(&mut file).take(content - magic.len() as u64);
    loop {
        let read = rest.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    let mut hash = [0; HASH_BYTES as usize];
    file.read_exact(&mut hash)?;
    Ok(magic == *MAGIC && hasher.finalize() == hash)
}

/// Verifies a backup as a whole, and opens its content.
pub(super) fn open(path: &Path, identity: Option<&str>) -> Result<Content, RestoreError> {
    let io = |error| RestoreError::from(FileError::of("read", path)(error));
    if !verify(path).map_err(io)? {
        return Err(RestoreError::NotWhole {
            path: path.to_owned(),
        });
    }
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len() - HASH_BYTES;
    let mut file = BufReader::with_capacity(CHUNK_BYTES, file.take(length));
    let mut header = [0; MAGIC.len() + 1];
    file.read_exact(&mut header).map_err(io)?;
    let reader: Box<dyn Read> = match (header[MAGIC.len()], identity) {
        (0, _) => Box::new(file),
        (1, Some(identity)) => Box::new(decrypt(file, identity, path)?),
        (1, None) => {
            return Err(RestoreError::Encrypted {
                path: path.to_owned(),
            });
        }
        _ => {
            return Err(RestoreError::NotWhole {
                path: path.to_owned(),
            });
        }
    };
    Ok(Content { reader })
}

fn decrypt(
    file: BufReader<io::Take<File>>,
    identity: &str,
    path: &Path,
) -> Result<impl Read + use<>, RestoreError> {
    let refused = || RestoreError::Identity {
        path: path.to_owned(),
    };
    let identity: age::x25519::Identity = identity.trim().parse().map_err(|_| refused())?;
    let decryptor = age::Decryptor::new_buffered(file).map_err(|_| refused())?;
    decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|_| refused())
}

/// The content of a backup that is being read.
pub(super) struct Content {
    reader: Box<dyn Read>,
}

impl Content {
    /// Begins the next entry; `None` at the end. The entry before must have been read to its end.
    pub(super) fn next(&mut self) -> io::Result<Option<(String, Chunks<'_>)>> {
        let mut length = [0; 2];
        self.reader.read_exact(&mut length)?;
        let mut name = vec![0; usize::from(u16::from_le_bytes(length))];
        if name.is_empty() {
            return Ok(None);
        }
        self.reader.read_exact(&mut name)?;
        let name = String::from_utf8(name).map_err(|_| io::ErrorKind::InvalidData)?;
        let chunks = Chunks {
            reader: &mut self.reader,
            left: 0,
            ended: false,
        };
        Ok(Some((name, chunks)))
    }
}

/// The bytes of an entry.
pub(super) struct Chunks<'a> {
    reader: &'a mut dyn Read,
    left: usize,
    ended: bool,
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            let mut length = [0; 4];
            self.reader.read_exact(&mut length)?;
            self.left = u32::from_le_bytes(length) as usize;
            self.ended = self.left == 0;
        }
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let wanted = buffer.len().min(self.left);
        let read = self.reader.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        Ok(read)
    }
}

/// Reads the next key or value of the records; `None` at their end.
pub(super) fn part(records: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if records.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    records.read_exact(&mut length[1..])?;
    let length = u32::from_le_bytes(length);
    if length > RECORD_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut part = Vec::new();
    let read = records.take(u64::from(length)).read_to_end(&mut part)?;
    if read != length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(part))
}
