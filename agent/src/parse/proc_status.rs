//! `/proc/PID/status`: with whose rights a process runs.

/// The real, effective, saved and file-system user of a process; `None` where the file does not tell.
pub fn users(bytes: &[u8]) -> Option<[u32; 4]> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    // The name of the process comes first, its line feeds escaped by the kernel.
    let line = lines.find_map(|line| line.strip_prefix(b"Uid:"))?;
    let text = std::str::from_utf8(line).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some([next()?, next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_four_users_are_told() {
        let text = b"Name:\tsu\\nUid: 0\nState:\tS\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n";
        assert_eq!(users(text), Some([1000, 0, 0, 0]));
        assert_eq!(users(b"Uid:\t1000\t0\t0\n"), None);
        assert_eq!(users(b"Name:\tx\n"), None);
    }

    #[test]
    fn the_test_itself_is_told_with_its_own_user() {
        let status = std::fs::read("/proc/self/status").unwrap_or_default();
        if !status.is_empty() {
            let own = rustix::process::geteuid().as_raw();
            assert_eq!(users(&status).map(|users| users[1]), Some(own));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, numbers: [u32; 4]) {
            users(&bytes);
            let [a, b, c, d] = numbers;
            prop_assert_eq!(users(format!("Uid:\t{a}\t{b}\t{c}\t{d}\n").as_bytes()), Some(numbers));
        }
    }
}
