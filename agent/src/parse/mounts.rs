//! /proc/self/mountinfo: what is mounted where.

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Device number, "major:minor".
    pub number: String,
    /// Folder of the file system that is mounted; "/" unless only a part of it is.
    pub part: Vec<u8>,
    /// Mount point.
    pub point: Vec<u8>,
    /// The file system is read-only. A mount of it that alone is so does not count: the agent's own
    /// service may be confined that way.
    pub read_only: bool,
    /// Programs run with the rights of whoever starts them, whatever their set-user-id bit says.
    pub no_set_user_id: bool,
    /// File-system type.
    pub kind: String,
    /// Device or remote share.
    pub device: Vec<u8>,
}

/// File systems of other machines.
const REMOTE: [&str; 13] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
];

/// Looking at a mount point of this kind makes something be mounted there.
pub const ON_DEMAND: &str = "autofs";

/// Whether a kind of file system lies on another machine.
pub fn is_remote(kind: &str) -> bool {
    REMOTE.contains(&kind)
}

/// Whether a kind of file system can keep whoever asks waiting without end: that of another machine, or one that a
/// program stands for.
pub fn may_not_answer(kind: &str) -> bool {
    is_remote(kind) || kind == ON_DEMAND || kind.starts_with("fuse")
}

/// The mounts in the order of the file. A mount at the same point as an earlier one hides that, which is
/// left out.
pub fn parse(bytes: &[u8]) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = bytes
        .split(|byte| *byte == b'\n')
        .filter_map(mount)
        .collect();
    let mut seen = std::collections::HashSet::new();
    let mut visible: Vec<bool> = mounts
        .iter()
        .rev()
        .map(|mount| seen.insert(mount.point.clone()))
        .collect();
    mounts.retain(|_| visible.pop().unwrap_or(true));
    mounts
}

fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ').skip(2);
    let number = text(fields.next()?);
    let part = unescape(fields.next()?);
    let point = unescape(fields.next()?);
    let of_mount = text(fields.next().unwrap_or_default());
    let no_set_user_id = of_mount.split(',').any(|option| option == "nosuid");
    let mut fields = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = text(fields.next()?);
    let device = unescape(fields.next()?);
    let options = text(fields.next().unwrap_or_default());
    let read_only = options.split(',').any(|option| option == "ro");
    Some(Mount {
        number,
        part,
        point,
        read_only,
        no_set_user_id,
        kind,
        device,
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Undoes the kernel's octal escapes of space, tab, line feed and backslash.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match tail {
            [
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                after @ ..,
            ] if *first == b'\\' => {
                plain.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => plain.push(*first),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_and_read_only_file_systems_are_read() {
        let line =
            b"27 1 254:0 / /mnt/my\\040disk\\134 ro,relatime shared:1 - ext4 /dev/vda ro,discard\n";
        let mounts = parse(line);
        assert_eq!(mounts.len(), 1);
        assert_eq!(mounts[0].point, b"/mnt/my disk\\");
        assert_eq!(mounts[0].number, "254:0");
        assert_eq!(mounts[0].kind, "ext4");
        assert_eq!(mounts[0].device, b"/dev/vda");
        assert!(mounts[0].read_only);
    }

    #[test]
    fn a_hidden_mount_is_left_out() {
        let text = b"1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw\n2 0 8:2 / /mnt rw - xfs /dev/sda2 rw\n3 0 8:3 / / rw - xfs /dev/sda3 rw\n";
        let devices: Vec<_> = parse(text).into_iter().map(|mount| mount.device).collect();
        assert_eq!(devices, [b"/dev/sda2".to_vec(), b"/dev/sda3".to_vec()]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            parse(&bytes);
        }

        #[test]
        fn an_escaped_name_comes_back(name in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut escaped = Vec::new();
            for byte in &name {
                if matches!(byte, b' ' | b'\t' | b'\n' | b'\\') {
                    escaped.extend(format!("\\{byte:03o}").bytes());
                } else {
                    escaped.push(*byte);
                }
            }
            prop_assert_eq!(unescape(&escaped), name);
        }

        #[test]
        fn printed_mounts_are_read_again(
            names in proptest::collection::hash_set("[a-z \\\\\t]{1,12}", 0..9), read_only: bool,
        ) {
            let written: Vec<Mount> = names.iter().map(|name| Mount {
                number: "8:1".into(),
                part: b"/".to_vec(),
                point: format!("/{name}").into_bytes(),
                read_only,
                no_set_user_id: false,
                kind: "ext4".into(),
                device: format!("/dev/{name}").into_bytes(),
            }).collect();
            let escape = |name: &String| {
                name.replace('\\', "\\134").replace(' ', "\\040").replace('\t', "\\011")
            };
            let options = if read_only { "ro" } else { "rw" };
            let text = names.iter().map(escape).fold(String::new(), |text, name| {
                text + &format!("21 1 8:1 / /{name} rw shared:1 - ext4 /dev/{name} {options}\n")
            });
            prop_assert_eq!(parse(text.as_bytes()), written);
        }
    }
}
