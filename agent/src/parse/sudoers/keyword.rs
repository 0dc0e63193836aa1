//! Words that sudoers knows.

macro_rules! keywords {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word in the file.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

keywords! {
    /// Tags, by the word that switches them on.
    TagKind {
        /// A password is asked for.
        Password = "PASSWD",
        /// The command may run other commands.
        Exec = "EXEC",
        /// Commands it runs are checked as well.
        Intercept = "INTERCEPT",
        /// The user may set the environment.
        SetEnv = "SETENV",
        /// What is typed is recorded.
        LogInput = "LOG_INPUT",
        /// What is shown is recorded.
        LogOutput = "LOG_OUTPUT",
        /// A mail is sent.
        Mail = "MAIL",
        /// sudoedit follows symbolic links.
        Follow = "FOLLOW",
    }
}

keywords! {
    /// Options of a command.
    OptionKind {
        /// `SELinux` role.
        Role = "ROLE",
        /// `SELinux` type.
        Type = "TYPE",
        /// `AppArmor` profile.
        AppArmorProfile = "APPARMOR_PROFILE",
        /// Solaris privileges.
        Privs = "PRIVS",
        /// Solaris limit privileges.
        LimitPrivs = "LIMITPRIVS",
        /// The command is ended after this time.
        Timeout = "TIMEOUT",
        /// Only from this time on.
        NotBefore = "NOTBEFORE",
        /// Only until this time.
        NotAfter = "NOTAFTER",
        /// Working directory.
        Cwd = "CWD",
        /// Root directory.
        Chroot = "CHROOT",
    }
}
