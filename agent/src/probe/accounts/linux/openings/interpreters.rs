//! Programs that run whatever they are told: with root's rights they are root.

/// By file name, without a version.
const INTERPRETERS: [&str; 28] = [
    "ash", "awk", "bash", "busybox", "csh", "dash", "env", "find", "fish", "gawk", "gdb", "ksh",
    "lua", "mawk", "mksh", "nano", "node", "perl", "php", "python", "rbash", "ruby", "sh", "tar",
    "tcsh", "vi", "vim", "zsh",
];

/// Whether a file name is that of an interpreter, as in "python3.11".
pub(super) fn is_interpreter(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    INTERPRETERS.contains(&stem)
}
