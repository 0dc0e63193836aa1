//! The browser's debugging protocol: JSON messages, each ended by a zero byte, through two pipes.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::unix::pipe,
    process::Command,
};

/// How long the browser may take for anything.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Pipe {
    commands: pipe::Sender,
    answers: BufReader<pipe::Receiver>,
    last: u64,
}

impl Pipe {
    /// Makes both pipes in a directory; answers with their paths too, for the browser.
    pub(super) async fn open(directory: &Path) -> (Self, PathBuf, PathBuf) {
        let (commands, answers) = (directory.join("commands"), directory.join("answers"));
        for pipe in [&commands, &answers] {
            let made = Command::new("mkfifo").arg(pipe).status().await;
            assert!(made.is_ok_and(|status| status.success()), "mkfifo");
        }
        let mut options = pipe::OpenOptions::new();
        options.read_write(true);
        let pipe = Self {
            commands: options.open_sender(&commands).expect("a pipe"),
            answers: BufReader::new(options.open_receiver(&answers).expect("a pipe")),
            last: 0,
        };
        (pipe, commands, answers)
    }

    /// Asks for something; answers with the result and with what happened meanwhile.
    pub(super) async fn ask(
        &mut self,
        method: &str,
        parameters: Value,
        session: Option<&str>,
    ) -> (Value, Vec<Value>) {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let sent = self.commands.write_all(&bytes).await;
        sent.expect("the browser listens");
        let mut events = Vec::new();
        loop {
            let answer = self.next().await;
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return (answer["result"].clone(), events);
            }
            events.push(answer);
        }
    }

    pub(super) async fn next(&mut self) -> Value {
        let mut bytes = Vec::new();
        let read = self.answers.read_until(0, &mut bytes);
        let read = tokio::time::timeout(LIMIT, read)
            .await
            .expect("the browser answers in time");
        read.expect("the browser answers");
        serde_json::from_slice(bytes.strip_suffix(&[0]).unwrap_or(&bytes)).expect("JSON")
    }
}
