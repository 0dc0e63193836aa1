//! The sudoers parser against sudo's own, through cvtsudoers. Without it (package sudo) nothing is tested.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod generated;
mod shape;

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use freehold_agent::parse::sudoers::parse;
use serde_json::{Value, json};

use generated::Dice;
use shape::{normalised, own};

const CVTSUDOERS: &str = "/usr/bin/cvtsudoers";

/// sudo 1.9.13 leaves the braces around some options out, which is no JSON; they are put in.
fn braced(text: &str) -> String {
    let bare = ["\"runcwd\"", "\"runchroot\"", "\"role\"", "\"type\""];
    let lines = text.lines().map(|line| {
        if !bare.iter().any(|key| line.trim_start().starts_with(key)) {
            return line.to_owned();
        }
        let option = line.trim_end_matches(',');
        let comma = &line[option.len()..];
        format!("{{{option}}}{comma}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What sudo makes of a text, or what it says about an error in it.
fn sudo(text: &str) -> Result<Value, String> {
    let mut child = Command::new(CVTSUDOERS)
        .args(["-f", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let value = output.stdout;
    if value.is_empty() {
        return Ok(json!({}));
    }
    let text = braced(&String::from_utf8_lossy(&value));
    let value: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    Ok(value)
}

/// Compares both; whether sudo accepts the text.
fn compare(text: &str) -> bool {
    let parsed = parse(text);
    match sudo(text) {
        Err(reason) => {
            assert!(
                !parsed.problems.is_empty(),
                "sudo refuses what was accepted: {reason}\n{text}\n{parsed:?}"
            );
            false
        }
        Ok(answer) => {
            assert_eq!(
                parsed.problems,
                [],
                "sudo accepts what was refused: {text}\n{answer}"
            );
            let (own, expected) = (own(&parsed), normalised(&answer));
            for part in ["aliases", "defaults"] {
                assert_eq!(own[part], expected[part], "{text}");
            }
            let rules = |of: &Value| of["rules"].as_array().cloned().unwrap_or_default();
            for (own, expected) in rules(&own).iter().zip(rules(&expected)) {
                assert_eq!(*own, expected, "{text}");
            }
            assert_eq!(rules(&own).len(), rules(&expected).len(), "{text}");
            true
        }
    }
}

#[test]
fn whole_files_mean_the_same_to_sudo() {
    if !Path::new(CVTSUDOERS).exists() {
        eprintln!("NOT TESTED: cvtsudoers is not installed");
        return;
    }
    for text in [
        "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
        "#1000 ALL=(#0) NOPASSWD: ALL # who\n%#27, %:far, %:#12, +net, !bob h=ALL\n",
        "User_Alias A = a, %b : B = !c, A\nRunas_Alias R = root, #5\nHost_Alias H = h1, 10.0.0.0/8, fe80::1, +n\n\
         Cmnd_Alias C = /bin/a x, !/bin/b, D, sudoedit /etc/x\nCmnd_Alias D = /bin/d\nA H = (R : g, #5) C, !D : ALL = ALL\n",
        "Defaults env_reset, !authenticate, secure_path=\"/a:/b\"\nDefaults:anna,%ops !authenticate\nDefaults>root targetpw\n\
         Defaults@web,10.0.0.1 log_year\nDefaults!/bin/a,C noexec\nCmnd_Alias C=/bin/c\nDefaults passprompt=\"a \\\"b\\\" c\", passwd_tries=5\n",
        "anna ALL = NOPASSWD: /bin/a, PASSWD: NOEXEC: /bin/b, SETENV: /bin/c, (bob) NOSETENV: EXEC: /bin/d, LOG_INPUT: NOLOG_OUTPUT: \
         MAIL: FOLLOW: INTERCEPT: /bin/e, NOFOLLOW:NOMAIL:NOINTERCEPT: ALL\n",
        "anna ALL = () ALL, (:) ALL, (:g) ALL, (u, !v : g, !h) ALL\n",
        "anna ALL = /bin/a \\*x\\,y\\:z\\=w \\# b, /bin/c \"\", /bin/d --x=y = z\n",
        "anna ALL = /bin/a \\\n  b \\\n c, \\\n /bin/d\nbob \\\n ALL = ALL\n",
        "anna ALL = ^/bin/(a|b)$ ^x[,:=]*$, /usr/bin/\n",
        "\"a b\", \"%c d\", \"+e\", f\\ g, \\x41LL, DOM\\\\h ALL = ALL\n",
        "anna ALL = TIMEOUT=60 /bin/a, /bin/b, TIMEOUT=5 NOPASSWD: ALL\n",
        "anna ALL = CWD=/srv CHROOT=* NOTBEFORE=2025010100 NOTAFTER=20260101000000.5+0130 /bin/a, CWD=~x /bin/b\n",
    ] {
        compare(text);
    }
}

#[test]
fn lines_are_refused_exactly_where_sudo_refuses_them() {
    if !Path::new(CVTSUDOERS).exists() {
        eprintln!("NOT TESTED: cvtsudoers is not installed");
        return;
    }
    for text in [
        "anna",
        "anna ALL",
        "anna ALL=",
        "anna ALL=ls",
        "anna ALL=(root ALL",
        "anna ALL=ALL x",
        "anna ALL=/bin/a,",
        "anna, ALL=ALL",
        "% ALL=ALL",
        "+ ALL=ALL",
        "\"\" ALL=ALL",
        "\"anna ALL=ALL",
        "/bin/a ALL=ALL",
        "User_Alias admins = a",
        "User_Alias ALL = a",
        "User_Alias A",
        "User_Alias TIMEOUT = a",
        "Defaults",
        "Defaults 5x",
        "anna ALL=/",
        "anna ALL=/bin/a \\d",
        "anna ALL=^x",
        "anna ALL=NOPASSWD: TIMEOUT=5 /bin/a",
        "anna ALL=sha256:zz /bin/a",
        "anna ALL = = ALL",
        "anna ALL == ALL",
        ") ALL=ALL",
        "anna ALL = ! ! ALL",
        "anna ALL = !!!ALL",
        "anna ALL=ALL:",
        "anna ALL=(a:b:c) ALL",
        "anna ALL=(a,) ALL",
        "anna ALL=(u:) ALL",
        "anna ALL=( : ) ALL",
        "#x",
        "##",
        "#-",
        "anna ALL=ALL #",
        "anna ALL=ALL #5",
        "anna@x ALL=ALL",
        "anna ALL=/bin/a#b",
        "anna ALL=/bin/a #b",
        "anna ALL=/bin/a b=c",
        "anna ALL=/bin/a =",
        "anna ALL=/bin/a =b",
        "a>b ALL=ALL",
        "anna 1.2.3=ALL",
        "anna 1.2.3.4/33=ALL",
        "anna fe80::/129=ALL",
        "anna ::=ALL",
        "anna a:b=ALL",
        "anna ALL=sudoeditx",
        "anna ALL=sudoedit",
        "anna ALL=/bin/a !x",
        "anna ALL=!/bin/a !x",
        "anna ALL=\"/bin/a\"",
        "anna ALL=A",
        "anna ALL=a_B",
        "\\ anna ALL=ALL",
        "anna\\\tALL=ALL",
        "Defaultsx ALL=ALL",
        "User_Aliasx ALL=ALL",
        "Defaults!/bin/a noexec",
        "Defaults !authenticate",
        "Defaults:anna",
        "Defaults:anna,bob,!carl !authenticate",
        "Defaults : anna !authenticate",
        "Defaults:  anna  !authenticate",
        "anna ALL = CWD=\"/x\" ALL",
        "anna ALL = CWD=x ALL",
        "anna ALL = CWD=/x!y>(z\" ALL",
        "anna ALL = CWD=/x:y ALL",
        "anna ALL = CWD=** ALL",
        "anna ALL = CWD=/x\\zy ALL",
        "anna ALL = CWD=~\\ x ALL",
        "anna ALL = CWD=/x#y ALL",
        "anna ALL = CWD= ALL",
        "anna ALL = CHROOT = / ALL",
        "anna ALL = TIMEOUT=0 ALL",
        "anna ALL = TIMEOUT=5x ALL",
        "anna ALL = TIMEOUT=5s4 ALL",
        "anna ALL = TIMEOUT=1h1d ALL",
        "anna ALL = TIMEOUT=2147483648 ALL",
        "anna ALL = TIMEOUT=\"5\" ALL",
        "anna ALL = NOTBEFORE=20250101 ALL",
        "anna ALL = NOTBEFORE=20251301000000Z ALL",
        "anna ALL = NOTBEFORE=2025010100Zx ALL",
        "anna ALL = NOTBEFORE=\"2025010100Z\" ALL",
        "anna ALL = ROLE=r:s ALL",
        "anna ALL = NOPASSWD: CWD=/x ALL",
        "10.0.0.1 ALL=ALL",
        "anna %g=ALL",
        "anna #5=ALL",
        "anna \"+h\"=ALL",
        "anna \"%h\"=ALL",
        "anna ALL=(10.0.0.1) ALL",
        "anna ALL=(:+n) ALL",
        "anna ALL=(:%g) ALL",
        "anna ALL=(:\"x y\", #5) ALL",
        "Defaults:10.0.0.1 noexec",
        "Defaults@%g noexec",
        "Runas_Alias A = 10.0.0.1",
        "Host_Alias A = %g",
        "anna ALL=/usr/bin/sudoedit /etc/x",
        "anna ALL=/x/sudoedit.sh",
    ] {
        compare(&format!("{text}\n"));
        compare(text);
    }
}

/// Pieces that arbitrary texts are made of.
const WORDS: &[&str] = &[
    "ALL",
    "anna",
    "A",
    "%g",
    "+n",
    "#5",
    "%#6",
    "%:x",
    "\"a b\"",
    " ",
    " ",
    " ",
    ",",
    ",",
    "=",
    "=",
    ":",
    "!",
    "(",
    ")",
    "/bin/a",
    "/bin/b x",
    "/usr/bin/",
    "NOPASSWD:",
    "EXEC:",
    "sudoedit",
    "10.0.0.1",
    "::1",
    "host*",
    "#c",
    "\\\n",
    "x\\,y",
    "\t",
    "SETENV:",
];

#[test]
fn arbitrary_sequences_mean_the_same_to_sudo() {
    if !Path::new(CVTSUDOERS).exists() {
        eprintln!("NOT TESTED: cvtsudoers is not installed");
        return;
    }
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut pick = |most: usize| dice.below(most);
    for round in 0..400 {
        let mut text = String::new();
        // Half of them begin like a rule, so that more of them are valid.
        if round % 2 == 0 {
            text += [
                "anna ALL=",
                "A,!anna ALL = (",
                "#5 h=(root) ",
                "%g ALL=NOPASSWD:",
            ][pick(4)];
        }
        for _ in 0..=pick(8) {
            text += WORDS[pick(WORDS.len())];
        }
        compare(&(text + "\n"));
    }
}
