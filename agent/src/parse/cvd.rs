//! The 512-byte header of a ClamAV database (.cvd as downloaded, .cld as updated in place).
//!
//! Fields between colons: magic, build time, version, signatures, functionality level, checksum,
//! signature, builder, build time in seconds since 1970.

/// Length of the header.
pub const HEADER_BYTES: usize = 512;

/// What the header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version of the database.
    pub version: u32,
    /// Number of signatures.
    pub signatures: u32,
    /// When it was built, seconds since 1970-01-01 UTC.
    pub built: i64,
}

/// Why a header could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The file is shorter than a header or begins otherwise.
    #[error("is no ClamAV database: it does not begin with \"ClamAV-VDB:\"")]
    NotADatabase,
    /// A field is no number.
    #[error("has a damaged header: its {0} is no number")]
    Field(&'static str),
}

/// Reads a header from the beginning of a file.
pub fn parse(bytes: &[u8]) -> Result<Header, HeaderError> {
    let header = &bytes[..bytes.len().min(HEADER_BYTES)];
    let rest = header
        .strip_prefix(b"ClamAV-VDB:")
        .ok_or(HeaderError::NotADatabase)?;
    let fields: Vec<_> = rest.split(|&byte| byte == b':').collect();
    Ok(Header {
        version: number(&fields, 1).ok_or(HeaderError::Field("version"))?,
        signatures: number(&fields, 2).ok_or(HeaderError::Field("number of signatures"))?,
        built: number(&fields, 7)
            .or_else(|| fields.first().and_then(|text| date(text)))
            .ok_or(HeaderError::Field("build time"))?,
    })
}

fn number<T: std::str::FromStr>(fields: &[&[u8]], index: usize) -> Option<T> {
    let field = fields.get(index)?.trim_ascii();
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// The build time as text, such as "16 Sep 2024 08-02 -0400", which old databases have alone.
fn date(text: &[u8]) -> Option<i64> {
    let format = time::macros::format_description!(
        "[day padding:none] [month repr:short] [year] [hour]-[minute] [offset_hour sign:mandatory][offset_minute]"
    );
    let text = std::str::from_utf8(text).ok()?.trim();
    let date = time::OffsetDateTime::parse(text, &format).ok()?;
    Some(date.unix_timestamp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn padded(text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(HEADER_BYTES, b' ');
        bytes
    }

    #[test]
    fn version_count_and_time_are_read() {
        let bytes = padded(
            "ClamAV-VDB:16 Sep 2024 08-02 -0400:27400:2066993:90:0123456789abcdef0123456789abcdef:sig+/:raynman:1726488153",
        );
        let expected = Header {
            version: 27400,
            signatures: 2_066_993,
            built: 1_726_488_153,
        };
        assert_eq!(parse(&bytes), Ok(expected));
    }

    #[test]
    fn the_date_stands_in_for_missing_seconds() {
        let bytes = padded("ClamAV-VDB:16 Sep 2024 08-02 -0400:62:6:90:md5:sig:builder");
        assert_eq!(parse(&bytes).unwrap().built, 1_726_488_120);
    }

    #[test]
    fn damage_is_named() {
        assert_eq!(parse(b""), Err(HeaderError::NotADatabase));
        assert_eq!(parse(b"<html>"), Err(HeaderError::NotADatabase));
        let bytes = padded("ClamAV-VDB:16 Sep 2024 08-02 -0400:x:6:90:md5:sig:builder:1");
        assert_eq!(parse(&bytes), Err(HeaderError::Field("version")));
        assert_eq!(
            parse(b"ClamAV-VDB:once:1:2"),
            Err(HeaderError::Field("build time"))
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(tail: Vec<u8>) {
            let _ = parse(&tail);
            let _ = parse(&[b"ClamAV-VDB:".as_slice(), &tail].concat());
        }

        #[test]
        fn what_is_printed_is_read_again(version: u32, signatures: u32, built in 0i64..1 << 40) {
            let text = format!("ClamAV-VDB:x:{version}:{signatures}:90:md5:sig:builder:{built}");
            prop_assert_eq!(parse(&padded(&text)), Ok(Header { version, signatures, built }));
        }
    }
}
