//! What `grant` and `audit` are told.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::{Data, DataOnly, Show};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Grant {
    /// Let a supplier read; invite its technicians with `grant invite`
    Create(CreateGrant),
    /// List all grants
    List(Show),
    /// Show one grant with its technicians
    Show(ShowGrant),
    /// Invite a technician; prints the link alone
    Invite(Invite),
    /// Change what a grant shares, its note, or whether whole lists may be taken along; takes effect at once
    Change(ChangeGrant),
    /// Have a grant end so many days from now, later or earlier than it would
    Extend(ExtendGrant),
    /// Have a grant rest until it is resumed
    Suspend(ShowGrant),
    /// Confirm a grant that rests
    Resume(ShowGrant),
    /// End a grant for good; takes effect at once
    Revoke(ShowGrant),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateGrant {
    #[command(flatten)]
    pub(super) data: Data,
    /// Name of the supplier
    pub(super) supplier: String,
    /// What it may read: sections, or `all`, less those with a minus sign; then @ and labels. Such as
    /// all,-network@surgery or system,hardware@office. May be given several times [default: all]
    #[arg(long, value_name = "RULE", allow_hyphen_values = true)]
    pub(super) share: Vec<String>,
    /// Days until it ends
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(super) days: u32,
    /// Why, for yourself
    #[arg(long, default_value = "")]
    pub(super) note: String,
    /// Whole lists may be taken along
    #[arg(long)]
    pub(super) may_export: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowGrant {
    #[command(flatten)]
    pub(super) data: Data,
    /// Identifier, the beginning of it, or the supplier's name
    pub(super) id: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExtendGrant {
    #[command(flatten)]
    pub(super) data: Data,
    /// Identifier, the beginning of it, or the supplier's name
    pub(super) id: String,
    /// Days from now until it ends
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(super) days: u32,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeGrant {
    #[command(flatten)]
    pub(super) data: Data,
    /// Identifier, the beginning of it, or the supplier's name
    pub(super) id: String,
    /// What it may read from now on, instead of what it may now; as for `grant create`. May be given several times
    #[arg(long, value_name = "RULE", allow_hyphen_values = true)]
    pub(super) share: Vec<String>,
    /// Why, for yourself; "" for no note
    #[arg(long)]
    pub(super) note: Option<String>,
    /// Whether whole lists may be taken along
    #[arg(long, value_name = "true|false")]
    pub(super) may_export: Option<bool>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Invite {
    #[command(flatten)]
    pub(super) data: Data,
    /// The grant: identifier, the beginning of it, or the supplier's name
    pub(super) grant: String,
    /// Name of the technician
    #[arg(long)]
    pub(super) name: String,
    /// E-mail address of the technician
    #[arg(long)]
    pub(super) email: String,
    /// They may invite colleagues under the same grant
    #[arg(long)]
    pub(super) leads: bool,
    /// Print JSON with the link and its expiry
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Audit {
    /// List entries, newest first
    List(ListLog),
    /// Read the whole log again and tell every flaw; fails when there is one
    Verify(VerifyLog),
    /// Print the signed checkpoint over the whole log, to keep elsewhere
    Checkpoint(DataOnly),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListLog {
    #[command(flatten)]
    pub(super) data: Data,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) limit: u32,
    /// Only entries before this number
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(super) before: u64,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyLog {
    #[command(flatten)]
    pub(super) data: Data,
    /// A checkpoint that somebody kept, to compare with
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}
