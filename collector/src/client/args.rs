//! What `freehold` is told.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::moment;
use crate::clock::UnixMillis;

/// Read the records of the businesses that let you, each on its own collector
#[derive(Debug, Parser)]
#[command(name = "freehold", version, arg_required_else_help = true)]
pub(super) struct Cli {
    /// Only this client, by its name in `freehold clients`; may be given several times
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) client: Vec<String>,
    /// Where this device keeps its keys [default: ~/.config/freehold, on Windows %LOCALAPPDATA%\Freehold]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add this device, with the code from the dashboard's page Command line
    Accept(Accept),
    /// List the clients this device may read, and how each stands
    Clients(Form),
    /// List computers
    Computers(Computers),
    /// Show one computer with its sections
    Computer(Computer),
    /// List installed software, with the computers it is on
    Software(Software),
    /// List who can administer which computer, and how
    Admins(Admins),
    /// List what is found and still open, the most serious first
    Findings(Findings),
    /// Propose a name, a label or a note for a computer; its owner decides
    Suggest(Suggest),
    /// List what changed, newest first
    Changes(Changes),
    /// List what is different between two moments
    Difference(Difference),
    /// Search computers, programs, people, serial numbers and addresses
    Search(Search),
    /// Ask a question in SQL, also about computers that are switched off
    Query(Query),
    /// Write everything that is shared, one computer a line, as JSON
    Export(Export),
    /// List who read and decided what, as the client's log has it; compare two logs
    Audit(Audit),
    /// Say as whom this device reads, and what is shared
    Whoami(Form),
    /// Accept that a client's log begins anew, after its owner told you that a backup was restored
    Confirm(OneClient),
    /// Remove this device's key for a client
    Forget(OneClient),
    /// Print what makes a shell complete this program's commands
    Completion(Completion),
}

/// Which moment is asked about.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct AsOf {
    /// As it was known to be then: a day, of which the end is meant, or a time in UTC like 2026-03-03T14:00
    #[arg(long, value_name = "TIME", value_parser = moment::read)]
    pub(super) as_of: Option<UnixMillis>,
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Form {
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    pub(super) json: bool,
    /// Print CSV; cells that a spreadsheet would take for a formula begin with an apostrophe
    #[arg(long)]
    pub(super) csv: bool,
}

#[derive(Debug, Args)]
pub(super) struct Accept {
    /// The code; read from standard input when it is left out, which keeps it out of the list of processes
    pub(super) code: Option<String>,
    /// What to call the client here [default: the name it tells]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Computers {
    /// Only those whose name holds this text
    #[arg(default_value = "", hide_default_value = true)]
    pub(super) search: String,
    #[command(flatten)]
    pub(super) moment: AsOf,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Computer {
    /// Name, identifier, or the beginning of it
    pub(super) name: String,
    /// Only this section, such as software; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) section: Vec<String>,
    #[command(flatten)]
    pub(super) moment: AsOf,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Software {
    /// Only what has this text in its name or publisher
    #[arg(default_value = "", hide_default_value = true)]
    pub(super) search: String,
    #[command(flatten)]
    pub(super) moment: AsOf,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Admins {
    /// Rights that do not amount to full control, too
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) moment: AsOf,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Changes {
    /// How many of each client
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) limit: u32,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// File to write; it must not exist [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
    #[command(flatten)]
    pub(super) moment: AsOf,
}

#[derive(Debug, Args)]
pub(super) struct Difference {
    /// The earlier moment: a day, of which the end is meant, or a time in UTC like 2026-03-03T14:00
    #[arg(value_name = "FROM", value_parser = moment::read)]
    pub(super) from: UnixMillis,
    /// The later moment [default: now]
    #[arg(value_name = "TO", value_parser = moment::read)]
    pub(super) to: Option<UnixMillis>,
    /// Only on this computer: name, identifier, or the beginning of it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) computer: String,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// What to look for
    #[arg(required = true, value_name = "WORDS")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Query {
    /// The statement; read from standard input when it is left out, or -
    pub(super) sql: Option<String>,
    /// Read the statement from this file
    #[arg(long, value_name = "FILE", conflicts_with = "sql")]
    pub(super) file: Option<PathBuf>,
    /// As it was at this time, such as 2026-03-03 or 2026-03-03T14:00 (UTC)
    #[arg(long, value_name = "TIME")]
    pub(super) as_of: Option<String>,
    /// List the tables and their columns instead
    #[arg(long, conflicts_with_all = ["sql", "file", "as_of"])]
    pub(super) tables: bool,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Findings {
    /// Those that the owner has set aside, too
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct Suggest {
    /// The computer: name, identifier, or the beginning of it
    pub(super) computer: String,
    #[command(flatten)]
    pub(super) what: Suggestion,
}

/// What is proposed: one thing at a time.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Suggestion {
    /// Another name
    #[arg(long, value_name = "TEXT")]
    pub(super) name: Option<String>,
    /// One more label
    #[arg(long, value_name = "TEXT")]
    pub(super) label: Option<String>,
    /// A note, in the place of the one there is
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Audit {
    #[command(subcommand)]
    pub(super) command: Option<AuditCommand>,
    #[command(flatten)]
    pub(super) list: ListLog,
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Write down what every entry of a client's log commits to, to compare it with what others were shown
    Export(ExportLog),
    /// Say whether one log continues the other, or in which entry they differ
    Compare(Compare),
}

#[derive(Debug, Args)]
pub(super) struct ExportLog {
    /// Its name in `freehold clients`
    pub(super) client: String,
    /// File to write; it must not exist [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// A log written by `freehold audit export`, or a checkpoint
    pub(super) one: PathBuf,
    /// Another
    pub(super) other: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Completion {
    /// Which shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct ListLog {
    /// How many of each client
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) limit: u32,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Args)]
pub(super) struct OneClient {
    /// Its name in `freehold clients`
    pub(super) client: String,
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
    fn one_form_is_chosen_at_most() {
        let parsed = Cli::try_parse_from(["freehold", "admins", "--json", "--csv"]);
        assert_eq!(parsed.unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_moment_that_is_not_understood_says_how_to_write_one() {
        let parsed = Cli::try_parse_from(["freehold", "admins", "--as-of", "yesterday"]);
        let error = parsed.unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("2026-03-03"), "{error}");
    }
}
