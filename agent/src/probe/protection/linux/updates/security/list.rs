//! apt's lists of packages, as it keeps them: plain, or compressed where its setting `Acquire::GzipIndexes` is on.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
};

use flate2::bufread::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;

const BUFFER_BYTES: usize = 64 * 1024;

/// How a list is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    /// The choice of versions of apt before 1.2, and of whoever tells newer ones so.
    Gzip,
    /// The cheapest to read of those that apt knows, and thus its choice.
    Lz4,
    /// One that this agent does not read: nobody's choice, and much memory or code for what is so rare.
    Other(&'static str),
}

/// Endings of the names of files that are not read.
const OTHERS: [&str; 4] = ["bz2", "lzma", "xz", "zst"];

impl Packing {
    /// How the list of a name is kept; `None` where the name is not that of a list of packages.
    pub(super) fn of(name: &str) -> Option<Self> {
        const LIST: &str = "_Packages";
        if name.ends_with(LIST) {
            return Some(Self::Plain);
        }
        let (list, ending) = name.rsplit_once('.')?;
        let other = || OTHERS.into_iter().find(|other| *other == ending);
        match ending {
            _ if !list.ends_with(LIST) => None,
            "gz" => Some(Self::Gzip),
            "lz4" => Some(Self::Lz4),
            _ => other().map(Self::Other),
        }
    }

    /// What is in a list; reading more than `left` bytes of it fails.
    pub(super) fn open(self, file: File, left: &mut u64) -> io::Result<impl BufRead + use<'_>> {
        // Those who unpack take a file that ends before it began for an empty one.
        if file.metadata()?.len() < self.least() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let content: Box<dyn Read> = match self {
            Self::Plain => Box::new(file),
            Self::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(file))),
            Self::Lz4 => Box::new(FrameDecoder::new(BufReader::new(file))),
            Self::Other(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        let bounded = Bounded { content, left };
        Ok(BufReader::with_capacity(BUFFER_BYTES, bounded))
    }

    /// Bytes of the shortest file there can be: even a list without a package has a beginning and an end.
    fn least(self) -> u64 {
        match self {
            Self::Plain | Self::Other(_) => 0,
            Self::Gzip => 20,
            Self::Lz4 => 11,
        }
    }
}

/// What may be read of something.
struct Bounded<'a> {
    content: Box<dyn Read>,
    left: &'a mut u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        let too_long = || io::Error::new(io::ErrorKind::FileTooLarge, "is too long to be read");
        *self.left = self.left.checked_sub(read as u64).ok_or_else(too_long)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_list_is_told_by_its_name_and_how_it_is_kept() {
        let list = "mirror_dists_stable-security_main_binary-amd64_Packages";
        assert_eq!(Packing::of(list), Some(Packing::Plain));
        assert_eq!(Packing::of(&format!("{list}.lz4")), Some(Packing::Lz4));
        assert_eq!(Packing::of(&format!("{list}.gz")), Some(Packing::Gzip));
        assert_eq!(
            Packing::of(&format!("{list}.xz")),
            Some(Packing::Other("xz"))
        );
        assert_eq!(Packing::of(&format!("{list}.diff")), None);
        assert_eq!(Packing::of("mirror_dists_stable-security_InRelease"), None);
    }

    fn read(bytes: &[u8], packing: Packing, mut left: u64) -> io::Result<Vec<u8>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        let mut content = Vec::new();
        packing.open(file, &mut left)?.read_to_end(&mut content)?;
        Ok(content)
    }

    /// A frame with one block that is not compressed, written from the description of the format: no checksums, blocks
    /// of up to 64 KiB.
    fn frame(content: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
        frame.extend((content.len() as u32 | 1 << 31).to_le_bytes());
        frame.extend(content);
        frame.extend([0; 4]);
        frame
    }

    const CONTENT: &[u8] = b"Package: a\n";

    /// As `gzip` makes it, without a name.
    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_compressed_is_read_and_what_is_cut_off_or_broken_is_an_error() {
        for (packing, whole, end) in [
            (Packing::Gzip, gzip(CONTENT), 0),
            // Of the end that is all zeros, what is missing is not.
            (Packing::Lz4, frame(CONTENT), 4),
        ] {
            assert_eq!(read(&whole, packing, 100).unwrap(), CONTENT, "{packing:?}");
            for cut in 0..whole.len() - end {
                let read = read(&whole[..cut], packing, 100);
                assert!(read.is_err(), "{packing:?}: {cut}");
            }
            let mut broken = whole;
            broken[0] ^= 1;
            assert!(read(&broken, packing, 100).is_err(), "{packing:?}");
            assert!(read(b"Package: a, not compressed\n", packing, 100).is_err());
        }
        assert!(read(CONTENT, Packing::Other("xz"), 100).is_err());
        // What is put together of several is one.
        let twice = gzip(CONTENT).repeat(2);
        let read = read(&twice, Packing::Gzip, 100).unwrap();
        assert_eq!(read, CONTENT.repeat(2));
    }

    #[test]
    fn what_grows_beyond_its_bound_is_an_error() {
        // 64 KiB of one letter in some 270 bytes: a letter, then a match that goes on and on.
        let mut block = vec![0x1f, b'x', 1, 0];
        block.extend([0xff; 256]);
        block.extend([0, 0x50]);
        block.extend(*b"yyyyy");
        let mut bomb = vec![0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
        bomb.extend((block.len() as u32).to_le_bytes());
        bomb.extend(&block);
        bomb.extend([0; 4]);
        assert!(read(&bomb, Packing::Lz4, 1 << 20).unwrap().len() > 60_000);
        let zeros = vec![0; 1 << 16];
        for (packing, bomb) in [(Packing::Gzip, gzip(&zeros)), (Packing::Lz4, bomb)] {
            let error = read(&bomb, packing, 10_000).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::FileTooLarge, "{packing:?}");
        }
        let error = read(&[b'x'; 100], Packing::Plain, 99).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read(&[b'x'; 99], Packing::Plain, 99).unwrap().len(), 99);
    }
}
