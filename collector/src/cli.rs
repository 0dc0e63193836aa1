//! The command line of `freehold-collector`: a contract that scripts rely on.
//!
//! Exit status: 0 done, 1 failed with one sentence on stderr, 2 wrong usage.

mod access;
mod authority;
mod browser;
pub(crate) mod console;
mod demo;
mod finding;
mod serve;
mod setup;
pub(crate) mod table;

use std::{io::IsTerminal as _, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Parser, Subcommand};
use freehold_agent::{
    cli::sentence,
    memory,
    service::{self, Program},
};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    authority::Reason,
    config::{self, Overrides},
    question,
};

/// Heaps that all threads of the collector share.
const HEAPS: u8 = 2;

/// Bytes from which memory gets pages of its own: the buffers that the HTTP/2 library makes for writing to every machine,
/// of which little is used. Those for reading, of 8 KiB, are used to their end.
const APART: u16 = 16 * 1024;

/// The collector, as service managers know it.
const COLLECTOR: Program = Program {
    command: "freehold-collector",
    service: "FreeholdCollector",
    title: "Freehold collector",
};

/// Keeps what a business's computers report, for the business that owns them.
#[derive(Debug, Parser)]
#[command(name = "freehold-collector", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it on this computer: start a collector, join this computer, print the dashboard's address
    Quickstart(Quickstart),
    /// The demo that `quickstart --demo` makes
    #[command(subcommand)]
    Demo(Demo),
    /// Make a new collector: its certificate authority, its store and the owner kit
    Init(Init),
    /// Run the collector
    Serve(Serve),
    /// Open the dashboard in this computer's browser; until it is set up, with a new set-up code
    Open(Open),
    /// Join tokens for new computers
    #[command(subcommand)]
    Token(Token),
    /// The computers this collector knows
    #[command(subcommand)]
    Machine(Machine),
    /// What suppliers may read
    #[command(subcommand)]
    Grant(access::Grant),
    /// The log of who read and changed what
    #[command(subcommand)]
    Audit(access::Audit),
    /// The owner's access
    #[command(subcommand)]
    Owner(Owner),
    /// The certificate authority
    #[command(subcommand)]
    Authority(Authority),
    /// Write a backup of everything while the collector runs
    Backup(Backup),
    /// Put a backup in the place of a damaged store, or into a new data directory
    Restore(Restore),
    /// How the collector does
    Status(Show),
    /// Answer one question over pipes: started by the collector itself
    #[command(name = question::SUBCOMMAND, hide = true)]
    QueryWorker,
}

#[derive(Debug, Args)]
struct Data {
    /// Data directory [default: /var/lib/freehold-collector, for other users ~/.local/share/freehold-collector; on
    /// Windows Freehold/Collector where programs keep their data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Quickstart {
    #[command(flatten)]
    data: Data,
    /// Where agents connect; port 0 picks a free one [default: 127.0.0.1:7443]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where the dashboard is served, on loopback; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    dashboard_listen: Option<SocketAddr>,
    /// Show a made-up practice of 14 computers with a year behind it, in a data directory of its own
    #[arg(long)]
    demo: bool,
    /// Do not open a browser
    #[arg(long)]
    no_browser: bool,
}

#[derive(Debug, Args)]
struct Init {
    #[command(flatten)]
    data: Data,
    /// Name of the business, as it appears on the dashboard
    #[arg(long)]
    name: String,
    /// Address under which other computers reach this one; may be given several times
    #[arg(long, value_name = "HOST[:PORT]")]
    address: Vec<String>,
    /// Write the set-up code and the owner kit's passphrase to this file, for its owner alone, instead of printing them
    #[arg(long, value_name = "FILE")]
    notes: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Open {
    #[command(flatten)]
    data: Data,
    /// Wait for the Enter key at the end, for a window that closes with the program
    #[arg(long, hide = true)]
    wait: bool,
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    /// Configuration file [default: collector.toml in the data directory, where there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where agents connect; port 0 picks a free one [default: [::]:7443]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where the dashboard is served; port 0 picks a free one [default: [::]:8443]
    #[arg(long, value_name = "ADDR")]
    dashboard_listen: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Token {
    /// Make a join token; prints the join string alone
    Create(CreateToken),
}

#[derive(Debug, Args)]
struct CreateToken {
    #[command(flatten)]
    data: Data,
    /// How many computers may use it; more than one puts them on the waiting list
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    uses: u32,
    /// How long it is valid, such as 90m, 24h or 7d
    #[arg(long, default_value = "24h", value_name = "TIME", value_parser = humantime::parse_duration)]
    expires: Duration,
    /// Label its computers get; may be given several times
    #[arg(long, value_name = "LABEL")]
    label: Vec<String>,
    /// Network it may be used from, such as 192.168.1.0/24; may be given several times
    #[arg(long, value_name = "NETWORK")]
    network: Vec<String>,
    /// Let its computers in without asking, although several may use it
    #[arg(long)]
    approve_in_advance: bool,
    /// Print JSON with the join string, its expiry and its uses
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Machine {
    /// List all computers
    List(Show),
    /// Show one computer with the sections it reported and what changed
    Show(ShowMachine),
    /// Let a waiting computer in
    Approve(OneMachine),
    /// Shut a computer out for good
    Revoke(OneMachine),
    /// Join the history of a reinstalled computer to its earlier self
    Link(LinkMachine),
    /// Give a computer labels, in place of those it has
    Label(LabelMachine),
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    data: Data,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ShowMachine {
    #[command(flatten)]
    data: Data,
    /// Identifier, the beginning of it, or the computer's name
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct OneMachine {
    #[command(flatten)]
    data: Data,
    /// Identifier, the beginning of it, or the computer's name
    id: String,
}

#[derive(Debug, Args)]
struct LinkMachine {
    #[command(flatten)]
    data: Data,
    /// The computer that reports now
    id: String,
    /// Its earlier self, which is retired
    earlier: String,
}

#[derive(Debug, Args)]
struct LabelMachine {
    #[command(flatten)]
    data: Data,
    /// Identifier, the beginning of it, or the computer's name
    id: String,
    /// Its labels; none takes them all away
    #[arg(value_name = "LABEL")]
    labels: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Demo {
    /// Remove the demo with everything it made; the demo must not be running
    Remove(RemoveDemo),
}

#[derive(Debug, Args)]
struct RemoveDemo {
    /// Data directory of the demo [default: the one that quickstart --demo uses]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Owner {
    /// Make a new one-time set-up code for the owner's password
    Reset(DataOnly),
}

#[derive(Debug, Args)]
struct DataOnly {
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Subcommand)]
enum Authority {
    /// Fingerprint and expiry of the certificates
    Status(Show),
    /// Bring a damaged authority back with the owner kit, while the collector does not run
    Recover(Recover),
    /// Give the authority new keys, while the collector does not run; computers follow by themselves
    Rotate(NewKeys),
    /// New keys because the owner kit is lost; with --leaked, because someone else may have the old ones
    Replace(Replace),
}

#[derive(Debug, Args)]
struct NewKeys {
    #[command(flatten)]
    data: Data,
    /// Folder for the new owner kit; it must not exist yet [default: owner-kit in the data directory, or the next
    /// free owner-kit-2, -3 ...]
    #[arg(long, value_name = "DIR")]
    owner_kit: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Replace {
    #[command(flatten)]
    keys: NewKeys,
    /// The root key or the issuing key may be in other hands: every computer must join again
    #[arg(long)]
    leaked: bool,
}

#[derive(Debug, Args)]
struct Recover {
    #[command(flatten)]
    data: Data,
    /// Folder of the owner kit; asks for its passphrase
    #[arg(long, value_name = "DIR")]
    owner_kit: PathBuf,
}

#[derive(Debug, Args)]
struct Backup {
    #[command(flatten)]
    data: Data,
    /// File to write; it must not exist yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

#[derive(Debug, Args)]
struct Restore {
    #[command(flatten)]
    data: Data,
    /// Backup to restore
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Folder of the owner kit, for an encrypted backup; asks for its passphrase
    #[arg(long, value_name = "DIR")]
    owner_kit: Option<PathBuf>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        command @ Command::Serve(_) => service::host(&COLLECTOR, || {
            let complain = |sentence: &str| service::complain(&COLLECTOR, sentence);
            u8::from(!succeeds(command, complain))
        }),
        command => {
            let complain = |sentence: &str| eprintln!("{}: {sentence}", COLLECTOR.command);
            ExitCode::from(u8::from(!succeeds(command, complain)))
        }
    }
}

/// Whether a command did what it should; a sentence about why not is told to `complain`.
fn succeeds(command: Command, complain: impl FnOnce(&str)) -> bool {
    run(command)
        .inspect_err(|error| complain(&sentence(error)))
        .is_ok()
}

fn run(command: Command) -> anyhow::Result<()> {
    if matches!(command, Command::QueryWorker) {
        // One thread, no runtime: little to be taken away.
        return Ok(question::worker::main()?);
    }
    // Thousands of connections are served by few threads: with a heap each, what one frees no other uses.
    memory::share_heaps(HEAPS);
    memory::map_apart(APART);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match command {
        Command::Quickstart(args) => {
            log_to_stderr("warn");
            let (overrides, browser) = (args.overrides(), !args.no_browser);
            if args.demo {
                runtime.block_on(demo::quickstart(&overrides, browser))
            } else {
                runtime.block_on(serve::quickstart(&overrides, browser))
            }
        }
        Command::Serve(args) => {
            log_to_stderr("info");
            runtime.block_on(serve::serve(&args.overrides()))
        }
        Command::Demo(Demo::Remove(args)) => runtime.block_on(demo::remove(&args)),
        Command::Init(args) => runtime.block_on(setup::init(&args)),
        Command::Open(args) => runtime.block_on(console::open(args)),
        Command::Restore(args) => setup::restore(&args),
        Command::Token(Token::Create(args)) => runtime.block_on(console::create_token(args)),
        Command::Machine(Machine::List(args)) => runtime.block_on(console::list_machines(args)),
        Command::Machine(Machine::Show(args)) => runtime.block_on(console::show_machine(args)),
        Command::Machine(Machine::Approve(args)) => runtime.block_on(console::approve(args)),
        Command::Machine(Machine::Revoke(args)) => runtime.block_on(console::revoke(args)),
        Command::Machine(Machine::Link(args)) => runtime.block_on(console::link(args)),
        Command::Machine(Machine::Label(args)) => runtime.block_on(console::label(args)),
        Command::Grant(command) => runtime.block_on(access::grant(command)),
        Command::Audit(command) => runtime.block_on(access::audit(command)),
        Command::Owner(Owner::Reset(args)) => runtime.block_on(console::reset_owner(args)),
        Command::Authority(Authority::Status(args)) => runtime.block_on(authority::status(args)),
        Command::Authority(Authority::Recover(args)) => runtime.block_on(setup::recover(&args)),
        Command::Authority(Authority::Rotate(args)) => {
            runtime.block_on(authority::renew(&args, Reason::Planned))
        }
        Command::Authority(Authority::Replace(args)) => {
            runtime.block_on(authority::renew(&args.keys, args.reason()))
        }
        Command::Backup(args) => runtime.block_on(console::backup(args)),
        Command::Status(args) => runtime.block_on(console::status(args)),
        Command::QueryWorker => Ok(()),
    }
}

impl Quickstart {
    fn overrides(&self) -> Overrides {
        Overrides {
            data: self.data.data.clone(),
            file: None,
            listen: self.listen,
            dashboard_listen: self.dashboard_listen,
        }
    }
}

impl Replace {
    fn reason(&self) -> Reason {
        if self.leaked {
            Reason::Leaked
        } else {
            Reason::Planned
        }
    }
}

impl Serve {
    fn overrides(&self) -> Overrides {
        Overrides {
            data: self.data.data.clone(),
            file: self.config.clone(),
            listen: self.listen,
            dashboard_listen: self.dashboard_listen,
        }
    }
}

fn log_to_stderr(default: &str) {
    let filter = config::log_filter()
        .and_then(|filter| tracing_subscriber::EnvFilter::try_new(filter).ok())
        .unwrap_or_else(|| tracing_subscriber::EnvFilter::new(default));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(service::log())
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_token_for_nobody_is_wrong_usage() {
        let parsed = Cli::try_parse_from(["freehold-collector", "token", "create", "--uses", "0"]);
        assert_eq!(parsed.unwrap_err().exit_code(), 2);
    }
}
