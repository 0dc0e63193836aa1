//! Reading a backup.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use super::{CHUNK_BYTES, HASH_BYTES, MAGIC};
use crate::store::{backup::RestoreError, error::FileError};

/// No key and no value is longer.
const RECORD_BYTES: u32 = 64 * 1024 * 1024;

/// Whether a file is a backup that was written to its end and not changed since.
pub(in crate::store::backup) fn is_whole(path: &Path) -> bool {
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
pub(in crate::store::backup) fn open(
    path: &Path,
    identity: Option<&str>,
) -> Result<Content, RestoreError> {
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
pub(in crate::store::backup) struct Content {
    reader: Box<dyn Read>,
}

impl Content {
    /// Begins the next entry; `None` at the end. The entry before must have been read to its end.
    pub(in crate::store::backup) fn next(&mut self) -> io::Result<Option<(String, Chunks<'_>)>> {
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
pub(in crate::store::backup) struct Chunks<'a> {
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
pub(in crate::store::backup) fn part(records: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
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
