//! `export`: everything that is shared, a computer a line, as JSON.

use std::{
    fs,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use freehold_proto::v1::ExportRequest;
use serde_json::json;

use super::{
    args,
    computer::Reading,
    fleet::{Failed, complete},
    line::{self, within},
    listing::safe_json,
    moment,
    profile::{Chosen, Profile},
    trouble::Trouble,
};
use crate::cli::{console::time, table::printable};

/// How often progress is told, in computers.
const TOLD_EVERY: u32 = 100;

/// Writes everything, one client after the other. A file appears only when all of it is there.
pub(super) async fn export(chosen: Chosen, args: args::Export) -> Result<(), Trouble> {
    let mut output = Output::open(args.to)?;
    let mut failed = chosen.damaged;
    let request = ExportRequest {
        as_of: moment::asked(args.moment.as_of),
    };
    for mut profile in chosen.profiles {
        if let Err(trouble) = one(&mut profile, request, &mut output).await {
            failed.push(Failed {
                client: profile.name.clone(),
                reason: printable(&trouble.sentence()),
            });
        }
    }
    complete(&failed)?;
    output.finish()
}

async fn one(
    profile: &mut Profile,
    request: ExportRequest,
    output: &mut Output,
) -> Result<(), Trouble> {
    let mut line = line::open(profile).await?;
    let as_of = time(request.as_of);
    let stream = within(line.export(request)).await??.into_inner();
    let mut reading = Reading::new(&profile.name, stream);
    let mut computers = 0;
    let tells = io::stderr().is_terminal();
    while let Some(mut computer) = reading.next().await? {
        if let Some(as_of) = &as_of {
            computer["as_of"] = json!(as_of);
        }
        output.write(safe_json(&computer, false).as_bytes())?;
        computers += 1;
        if tells && computers % TOLD_EVERY == 0 {
            eprintln!("{}: {computers} computers so far", profile.name);
        }
    }
    let end = reading.complete()?;
    if end.computers != computers {
        return Err(Trouble::CutOff(
            "it holds fewer computers than it says".to_owned(),
        ));
    }
    eprintln!("{}: {computers} computers", profile.name);
    Ok(())
}

/// Where the lines go.
pub(super) enum Output {
    Terminal,
    File {
        file: fs::File,
        beside: PathBuf,
        path: PathBuf,
    },
}

impl Output {
    pub(super) fn open(path: Option<PathBuf>) -> Result<Self, Trouble> {
        let Some(path) = path else {
            return Ok(Self::Terminal);
        };
        if path.exists() {
            let source = io::ErrorKind::AlreadyExists.into();
            return Err(Trouble::Write { path, source });
        }
        let mut beside = path.clone().into_os_string();
        beside.push(".part");
        let beside = PathBuf::from(beside);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&beside) {
            Ok(file) => Ok(Self::File { file, beside, path }),
            Err(source) => Err(Trouble::Write {
                path: beside,
                source,
            }),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        match self {
            Self::Terminal => io::stdout().write_all(bytes).map_err(Trouble::Output),
            Self::File { file, beside, .. } => file.write_all(bytes).map_err(failed(beside)),
        }
    }

    pub(super) fn finish(self) -> Result<(), Trouble> {
        match self {
            Self::Terminal => io::stdout().flush().map_err(Trouble::Output),
            Self::File { file, beside, path } => {
                file.sync_all().map_err(failed(&beside))?;
                fs::rename(&beside, &path).map_err(failed(&path))
            }
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Trouble {
    let path = path.to_owned();
    move |source| Trouble::Write { path, source }
}
