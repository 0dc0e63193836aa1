//! Whole files made at random from the grammar: nearly all of them are valid.
//!
//! Two differences from sudo 1.9.13 are known and left out. It refuses a line whose command is ended by a
//! carriage return, and the users, hosts or commands of `Defaults` when a joined line among them begins with a
//! blank. Both are read here: a rule told too many is better than one too few.

use super::{CVTSUDOERS, compare};

/// Random numbers, the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below a limit.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// One time in so many.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn list(&mut self, most: usize, item: fn(&mut Self) -> String) -> String {
        let number = 1 + self.below(most);
        let items: Vec<_> = (0..number).map(|_| item(self)).collect();
        let separator = self.of(&[",", ", ", " , ", ", \\\n  "]);
        items.join(separator)
    }

    fn negated(&mut self, text: &str) -> String {
        let sign = if self.once_in(6) {
            self.of(&["!", "!!", "! ", "!!!"])
        } else {
            ""
        };
        format!("{sign}{text}")
    }

    fn user(&mut self) -> String {
        let name = self.of(&[
            "anna",
            "bob",
            "ALL",
            "ADMINS",
            "OPS",
            "#1000",
            "#0",
            "%wheel",
            "%#10",
            "%:far",
            "%:#7",
            "+net",
            "\"a b\"",
            "\"%c d\"",
            "DOM\\\\eve",
            "f\\ g",
            "j.doe",
            "x-y_z",
            "%domain\\ admins",
            "user@example.com",
            "\"user@example.com\"",
            "a\\,b",
            "a\\=b",
            "\\x41nna",
            "été",
        ]);
        self.negated(name)
    }

    fn host(&mut self) -> String {
        let name = self.of(&[
            "ALL",
            "web1",
            "web*",
            "db?",
            "[a-c]x",
            "FARM",
            "10.0.0.1",
            "10.0.0.0/8",
            "10.0.0.0/255.0.0.0",
            "fe80::1",
            "2001:db8::/32",
            "::1",
            "+hosts",
            "web.example.com",
        ]);
        self.negated(name)
    }

    fn command(&mut self) -> String {
        let digest = match self.below(12) {
            0 => format!("sha224:{} ", "b".repeat(56)),
            1 => format!("sha256:{}, sha512 : {} ", "A".repeat(64), "0".repeat(128)),
            2 => format!("sha384:{} ", "c2".repeat(48)),
            3 => "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= ".to_owned(),
            _ => String::new(),
        };
        // A checksum cannot be that of an alias, which would spoil too many files.
        let alias = if digest.is_empty() { "SHELLS" } else { "ALL" };
        let command = self.of(&[
            alias,
            "ALL",
            "/bin/ls",
            "/usr/bin/",
            "/bin/[a-z]*",
            "/bin/cat /var/log/*",
            "/bin/x \"\"",
            "/bin/y a\\,b c\\:d e\\=f",
            "/bin/z --opt=1 = x",
            "sudoedit",
            "sudoedit /etc/motd",
            "list",
            "^/bin/(a|b)$",
            "^/bin/.*$ ^-[a-z]+$",
            "/bin/w ^x[0-9]{1\\,3}$",
            "/bin/v \\*x \\[a\\]",
            "/a\\ b c",
            "/bin/u \\\n  more",
            "/bin/t !x",
            "/bin/s \\#x",
        ]);
        format!("{digest}{}", self.negated(command))
    }

    fn spec(&mut self) -> String {
        let mut text = String::new();
        if self.once_in(2) {
            let users = self.list(2, Self::user);
            let groups = self.list(2, Self::group);
            text += &match self.below(5) {
                0 => "()".to_owned(),
                1 => format!("(:{groups})"),
                2 => format!("({users} : {groups})"),
                _ => format!("({users})"),
            };
            text.push(' ');
        }
        for _ in 0..self.below(3) {
            text += self.of(&[
                "NOPASSWD: ",
                "PASSWD:",
                "NOEXEC: ",
                "EXEC :",
                "SETENV: ",
                "NOSETENV: ",
                "LOG_INPUT:",
                "NOLOG_INPUT: ",
                "LOG_OUTPUT: ",
                "NOLOG_OUTPUT: ",
                "MAIL: ",
                "NOMAIL:",
                "FOLLOW: ",
                "NOFOLLOW: ",
                "INTERCEPT: ",
                "NOINTERCEPT:",
            ]);
        }
        text + &self.command()
    }

    /// Options stand before the first command only: cvtsudoers prints changed ones late.
    fn specs(&mut self) -> String {
        let mut options = String::new();
        for _ in 0..self.below(3) {
            options += self.of(&[
                "CWD=/srv ",
                "CWD=* ",
                "CWD=~ ",
                "CHROOT=/jail ",
                "CHROOT = /a\\ b ",
                "TIMEOUT=1h5m ",
                "TIMEOUT=9 ",
                "NOTBEFORE=20250101000000Z ",
                "NOTAFTER=203001010000+0200 ",
                "ROLE=r TYPE=t ",
                "TYPE=\"t\" ",
            ]);
        }
        let specs = self.list(4, Self::spec);
        // Targets stand before options.
        match specs
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(") "))
        {
            Some((targets, rest)) => format!("({targets}) {options}{rest}"),
            None => options + &specs,
        }
    }

    fn group(&mut self) -> String {
        let name = self.of(&["ALL", "ops", "docker", "#27", "OPS", "\"x y\""]);
        self.negated(name)
    }

    fn rule(&mut self) -> String {
        let grants = 1 + self.below(2);
        let grants: Vec<_> = (0..grants)
            .map(|_| format!("{} = {}", self.list(2, Self::host), self.specs()))
            .collect();
        format!("{} {}", self.list(3, Self::user), grants.join(" : "))
    }

    fn setting(&mut self) -> String {
        self.of(&[
            "!authenticate",
            "targetpw",
            "rootpw",
            "!runaspw",
            "exempt_group=ops",
            "env_reset",
            "insults",
            "passwd_tries=3",
            "secure_path=\"/usr/bin:/bin\"",
            "env_keep += \"A B\"",
            "env_keep-=C",
            "!lecture",
            "timestamp_timeout=5",
            "runas_default=bob",
            "log_output",
            "!!noexec",
            "editor=/usr/bin/vi",
            "use_pty",
            "mailto=\"root@example.com\"",
            "umask=0022",
        ])
        .to_owned()
    }

    fn defaults(&mut self) -> String {
        let scope = self.of(&[
            "",
            "",
            "",
            ":anna",
            ":%wheel, !bob",
            ":ADMINS,+net",
            ">root, #5",
            ">OPS",
            "@web1,FARM",
            "@!10.0.0.0/8",
            "!/bin/a",
            "!SHELLS",
            "!/bin/a, !/bin/b",
            "!sudoedit",
            "!ALL",
        ]);
        format!("Defaults{scope} {}", self.list(3, Self::setting))
    }

    /// A file; aliases it uses are defined, each once.
    fn file(&mut self) -> String {
        let mut text = format!(
            "User_Alias ADMINS = {} : OPS = {}\nHost_Alias FARM = {}\nCmnd_Alias SHELLS = {}\nRunas_Alias ADMINS = {} : OPS = root\n",
            self.list(3, Self::user)
                .replace("ADMINS", "x")
                .replace("OPS", "y"),
            self.list(3, Self::user)
                .replace("ADMINS", "x")
                .replace("OPS", "y"),
            self.list(3, Self::host).replace("FARM", "z"),
            self.list(3, Self::command).replace("SHELLS", "/bin/sh"),
            self.list(3, Self::user)
                .replace("ADMINS", "x")
                .replace("OPS", "y"),
        );
        for _ in 0..5 {
            text += &match self.below(8) {
                0 | 1 => self.defaults(),
                2 => "# a comment \\".to_owned(),
                _ => self.rule(),
            };
            text += self.of(&["\n", "\n", "  # end\n", "\n\n\t\n"]);
        }
        text
    }
}

#[test]
fn generated_files_mean_the_same_to_sudo() {
    if !std::path::Path::new(CVTSUDOERS).exists() {
        eprintln!("NOT TESTED: cvtsudoers is not installed");
        return;
    }
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut files, mut accepted) = (0, 0);
    for _ in 0..300 {
        let text = dice.file();
        files += 1;
        accepted += usize::from(compare(&text));
    }
    assert!(
        accepted * 3 > files,
        "only {accepted} of {files} files are valid"
    );
}
