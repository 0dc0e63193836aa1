//! What `rpm -qa` prints for [`QUERY`].

/// Ends each field. rpm writes "\v" and "\f" in a query format as these control characters, which no
/// field of a real package holds.
const FIELD_END: u8 = 0x0b;

/// Ends each package.
const RECORD_END: u8 = 0x0c;

/// The query format.
pub const QUERY: &str = "%{NAME}\\v%|EPOCH?{%{EPOCH}}:{}|\\v%{VERSION}\\v%{RELEASE}\\v%|ARCH?{%{ARCH}}:{}|\\v\
    %|VENDOR?{%{VENDOR}}:{%|PACKAGER?{%{PACKAGER}}:{}|}|\\v%|INSTALLTIME?{%{INSTALLTIME}}:{}|\\v\
    %|LONGSIZE?{%{LONGSIZE}}:{}|\\v%|SOURCERPM?{%{SOURCERPM}}:{}|\\v\\f";

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package<'a> {
    /// Name.
    pub name: &'a [u8],
    /// Epoch; absent where the package has none.
    pub epoch: Option<u32>,
    /// Version.
    pub version: &'a [u8],
    /// Release.
    pub release: &'a [u8],
    /// Architecture; empty for public keys, which rpm keeps as packages.
    pub architecture: &'a [u8],
    /// Vendor, else packager.
    pub vendor: &'a [u8],
    /// When it was installed, seconds since 1970-01-01 UTC.
    pub installed: Option<i64>,
    /// Installed size in bytes.
    pub size: Option<u64>,
    /// File name of the source package.
    pub source: &'a [u8],
}

impl Package<'_> {
    /// Whether this is a public key, not software.
    pub fn is_key(&self) -> bool {
        self.name == b"gpg-pubkey"
    }

    /// Name of the source package where it is not that of the package.
    pub fn source_name(&self) -> &[u8] {
        let Some(stem) = self.source.strip_suffix(b".src.rpm") else {
            return &[];
        };
        // NAME-VERSION-RELEASE: neither version nor release holds a hyphen.
        let name = before_last(stem, b'-').and_then(|stem| before_last(stem, b'-'));
        name.filter(|&name| name != self.name).unwrap_or_default()
    }
}

fn before_last(text: &[u8], byte: u8) -> Option<&[u8]> {
    Some(&text[..text.iter().rposition(|&other| other == byte)?])
}

/// Reads what rpm printed. The second value counts records that could not be understood.
pub fn parse(output: &[u8]) -> (Vec<Package<'_>>, usize) {
    let (mut packages, mut broken) = (Vec::new(), 0);
    for record in output.split(|&byte| byte == RECORD_END) {
        if record.trim_ascii().is_empty() {
            continue;
        }
        match package(record) {
            Some(package) => packages.push(package),
            None => broken += 1,
        }
    }
    (packages, broken)
}

fn package(record: &[u8]) -> Option<Package<'_>> {
    let fields: Vec<_> = record.split(|&byte| byte == FIELD_END).collect();
    let &[
        name,
        epoch,
        version,
        release,
        architecture,
        vendor,
        installed,
        size,
        source,
        _,
    ] = fields.as_slice()
    else {
        return None;
    };
    // rpm says of a name it does not find that it is not installed, on a line before the next record.
    let name = name.rsplit(|&byte| byte == b'\n').next()?;
    if name.is_empty() || version.is_empty() {
        return None;
    }
    Some(Package {
        name,
        epoch: number(epoch),
        version,
        release,
        architecture,
        vendor,
        installed: number(installed),
        size: number(size),
        source,
    })
}

fn number<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_told_apart() {
        let output = b"bind-libs\x0b32\x0b9.16.23\x0b24.el9\x0bx86_64\x0bRed Hat, Inc.\x0b1726488153\x0b3455123\x0bbind-9.16.23-24.el9.src.rpm\x0b\x0c\
            gpg-pubkey\x0b\x0bfd431d51\x0b4ae0493b\x0b\x0b\x0b1700000000\x0b0\x0b\x0b\x0c";
        let (packages, broken) = parse(output);
        assert_eq!((packages.len(), broken), (2, 0));
        let bind = &packages[0];
        assert_eq!((bind.epoch, bind.size), (Some(32), Some(3_455_123)));
        assert_eq!(bind.source_name(), b"bind");
        assert_eq!(bind.installed, Some(1_726_488_153));
        assert!(packages[1].is_key() && packages[1].epoch.is_none());
    }

    #[test]
    fn what_rpm_says_of_other_names_is_no_part_of_a_name() {
        let output = b"package nothing is not installed\nbash\x0b\x0b5\x0b1\x0b\x0b\x0b\x0b\x0b\x0b\x0cpackage x is not installed\n";
        let (packages, broken) = parse(output);
        assert_eq!((packages[0].name, broken), (&b"bash"[..], 1));
    }

    #[test]
    fn records_of_another_shape_are_counted() {
        let (packages, broken) = parse(b"error: cannot open\x0ca\x0bb\x0c");
        assert_eq!((packages.len(), broken), (0, 2));
    }

    fn printed(package: &Package<'_>) -> Vec<u8> {
        let number =
            |number: Option<i128>| number.map_or(String::new(), |number| number.to_string());
        let mut out = Vec::new();
        for field in [
            package.name,
            number(package.epoch.map(Into::into)).as_bytes(),
            package.version,
            package.release,
            package.architecture,
            package.vendor,
            number(package.installed.map(Into::into)).as_bytes(),
            number(package.size.map(Into::into)).as_bytes(),
            package.source,
        ] {
            out.extend_from_slice(field);
            out.push(FIELD_END);
        }
        out.push(RECORD_END);
        out
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(records in prop::collection::vec(prop::collection::vec("[0-9]{1,5}|[ -~]{0,9}", 9), 0..9)) {
            let text: String = records.iter().map(|fields| fields.join("\x0b") + "\x0b\x0c").collect();
            let (found, _) = parse(text.as_bytes());
            let again: Vec<u8> = found.iter().flat_map(printed).collect();
            prop_assert_eq!(parse(&again), (found, 0));
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![Just(0x0b), Just(0x0c), any::<u8>()], 0..200)) {
            for package in parse(&bytes).0 {
                package.source_name();
            }
        }
    }
}
