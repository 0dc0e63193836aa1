//! The `freehold` command line: the same reads as the dashboard's, for technicians and owners, across all clients
//! whose records this device may read. A contract that scripts rely on.
//!
//! A [`profile`] is what the device keeps of one client: its key, its certificate, and the log's last checkpoint. A
//! [`line`] is a connection to one, which renews the certificate and checks that the log was not rewritten. The
//! [`fleet`] asks all at once: one that does not answer holds nobody up and is named. What comes back becomes a
//! [`listing`], printed as a table, JSON or CSV.
//!
//! Exit status: 0 done, 1 failed or not everybody answered, with a sentence on stderr for each; 2 wrong usage.

mod accept;
mod args;
mod compare;
mod completion;
mod computer;
mod export;
mod fleet;
mod line;
mod listing;
mod lists;
mod moment;
mod profile;
mod query;
mod record;
mod suggest;
mod trouble;

pub(crate) use listing::safe_json;

use std::process::ExitCode;

use clap::Parser as _;

use self::{
    args::{AuditCommand, Cli, Command},
    profile::Profiles,
    trouble::Trouble,
};
use crate::cli::table::printable;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(Trouble::Runtime(error)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            for sentence in trouble.sentences() {
                eprintln!("freehold: {}", printable(&sentence));
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Trouble> {
    let profiles = Profiles::open(cli.config.as_deref())?;
    let clients = &cli.client;
    match cli.command {
        Command::Accept(args) => accept::accept(&profiles, &args).await,
        Command::Clients(args) => lists::clients(profiles.chosen(clients)?, &args).await,
        Command::Computers(args) => lists::computers(profiles.chosen(clients)?, args).await,
        Command::Computer(args) => computer::show(profiles.chosen(clients)?, args).await,
        Command::Software(args) => lists::software(profiles.chosen(clients)?, args).await,
        Command::Admins(args) => lists::admins(profiles.chosen(clients)?, args).await,
        Command::Findings(args) => lists::findings(profiles.chosen(clients)?, args).await,
        Command::Suggest(args) => suggest::suggest(profiles.chosen(clients)?, args).await,
        Command::Changes(args) => lists::changes(profiles.chosen(clients)?, args).await,
        Command::Difference(args) => lists::difference(profiles.chosen(clients)?, args).await,
        Command::Search(args) => lists::search(profiles.chosen(clients)?, args).await,
        Command::Query(args) if args.tables => query::tables(),
        Command::Query(args) => query::query(profiles.chosen(clients)?, args).await,
        Command::Export(args) => export::export(profiles.chosen(clients)?, args).await,
        Command::Audit(args) => match args.command {
            None => lists::audit(profiles.chosen(clients)?, args.list).await,
            Some(AuditCommand::Export(args)) => compare::export(&profiles, &args).await,
            Some(AuditCommand::Compare(args)) => compare::compare(&profiles, &args),
        },
        Command::Whoami(args) => lists::whoami(profiles.chosen(clients)?, &args).await,
        Command::Confirm(args) => profiles.confirm(&args.client).await,
        Command::Forget(args) => profiles.forget(&args.client),
        Command::Completion(args) => completion::print(args.shell),
    }
}
