//! A real mail server on loopback that keeps what it is sent.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use time::OffsetDateTime;
use tokio::process::Command;

use crate::{process::Process, wait::eventually};

/// Who may send through it.
pub const USER: &str = "practice";

/// With which password.
pub const PASSWORD: &str = "ferry lantern quartz";

/// A mail server. It encrypts, and wants those who send to sign in.
#[derive(Debug)]
pub struct Mailbox {
    process: Option<Process>,
    folder: PathBuf,
    mode: &'static str,
    port: u16,
}

impl Mailbox {
    /// One that encrypts by "starttls" or "tls"; its files go into a folder.
    pub async fn start(folder: &Path, mode: &'static str) -> Self {
        let folder = folder.join("mail");
        fs::create_dir_all(&folder).expect("a folder");
        certify(&folder);
        let mut mailbox = Self {
            process: None,
            folder,
            mode,
            port: 0,
        };
        mailbox.resume().await;
        mailbox
    }

    /// Starts it again, on the same port.
    pub async fn resume(&mut self) {
        // The distribution's own: the server is a package of it.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/mailbox/server.py"
        ));
        command.arg(&self.folder).arg(self.mode);
        command
            .arg(self.folder.join("server.pem"))
            .arg(self.folder.join("server.key"));
        command.args([USER, PASSWORD, &self.port.to_string()]);
        let mut process = Process::start(command);
        let port = process.expect_line("Port", Duration::from_secs(30)).await;
        self.port = port.parse().expect("a port");
        self.process = Some(process);
    }

    /// Ends it.
    pub async fn kill(&mut self) {
        self.process.take().expect("it runs").kill().await;
    }

    /// The certificate of the authority that vouches for it.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets it refuse every message with this answer; `None` lets it take them again.
    pub fn refuse_with(&self, answer: Option<&str>) {
        let file = self.folder.join("refuse");
        match answer {
            Some(answer) => fs::write(file, answer).expect("a file"),
            None => fs::remove_file(file).expect("the file"),
        }
    }

    /// The messages it was sent, as they came, the oldest first. Lines that were folded are joined again.
    pub fn messages(&self) -> Vec<String> {
        let files = fs::read_dir(&self.folder).expect("the folder");
        let mut files: Vec<PathBuf> = files
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|it| it == "eml"))
            .collect();
        files.sort();
        let text = |path: &PathBuf| fs::read_to_string(path).expect("a message");
        let unfolded = |text: String| text.replace("=\r\n", "").replace("\r\n ", " ");
        files.iter().map(|path| unfolded(text(path))).collect()
    }

    /// Waits for a message that says something; answers with it.
    pub async fn receives(&self, said: &str, limit: Duration) -> String {
        eventually(&format!("a mail says '{said}'"), limit, async || {
            self.messages()
                .into_iter()
                .find(|message| message.contains(said))
        })
        .await
    }
}

/// An authority, and a certificate of it for the name localhost.
fn certify(folder: &Path) {
    let now = OffsetDateTime::now_utc();
    let valid = |params: &mut CertificateParams| {
        params.not_before = now - time::Duration::days(1);
        params.not_after = now + time::Duration::days(30);
    };
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    valid(&mut params);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    valid(&mut leaf);
    let key = KeyPair::generate().expect("a key");
    let certificate = leaf.signed_by(&key, &authority).expect("a certificate");
    for (name, text) in [
        ("authority.pem", authority.pem()),
        ("server.pem", certificate.pem()),
        ("server.key", key.serialize_pem()),
    ] {
        fs::write(folder.join(name), text).expect("a file");
    }
}
